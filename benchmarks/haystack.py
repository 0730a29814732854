"""Make what `find` looks through in the bench: a tree of files and a git history, from one seed."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

KEY_ID = "AKIAQNZGKIQYWXYZ2345"
TREE_BYTES = 1_000_000_000
COMMITS = 10_000
_SMALL = 2_000, 36_000
_LARGE = 8_000_000, 64_000_000
_LARGE_SHARE = 0.4
_FOLDER_FILES = 60
_TRACKED = 400
_LINES = 120
_SEED = 20_261_125


def make_tree(folder: Path, size: int = TREE_BYTES) -> None:
    """Write sources, logs and binary files; the key stands in one small and one large of them.

    Args:
        folder: where to; made here.
        size: how many bytes all files have together, about.
    """
    dice = random.Random(_SEED)  # noqa: S311 - a bench wants the same tree each time
    pool = _text(dice, 8_000_000)
    noise = dice.randbytes(4_000_000)
    left = int(size * (1 - _LARGE_SHARE))
    number = 0
    while left > 0:
        path = folder / f"part-{number // _FOLDER_FILES:04}" / f"source_{number:06}.py"
        if number % _FOLDER_FILES == 0:
            path.parent.mkdir(parents=True)
        wanted = dice.randint(*_SMALL)
        start = dice.randrange(len(pool) - wanted)
        path.write_bytes(pool[start : start + wanted])
        left -= wanted
        number += 1
    _add_key(folder / "part-0000" / "settings.py", pool[:9_000])
    _make_large(folder / "large", int(size * _LARGE_SHARE), dice, (pool, noise))


def _make_large(folder: Path, size: int, dice: random.Random, pools: tuple[bytes, bytes]) -> None:
    folder.mkdir()
    number = 0
    while size > 0:
        wanted = min(size, dice.randint(*_LARGE))
        pool = pools[number % 2]
        body = (pool * (wanted // len(pool) + 1))[:wanted]
        (folder / f"file-{number:03}").write_bytes(body)
        size -= wanted
        number += 1
    _add_key(folder / "application.log", pools[0])


def _add_key(path: Path, text: bytes) -> None:
    middle = text.index(b"\n", len(text) // 2) + 1
    line = f"aws_access_key_id = {KEY_ID}\n".encode()
    path.write_bytes(text[:middle] + line + text[middle:])


def _text(dice: random.Random, size: int) -> bytes:
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(dice.choices(letters, k=dice.randint(2, 11))) for _ in range(4_000)]
    words += [word.upper() for word in words[:400]] + [str(number) for number in range(400)]
    lines = []
    length = 0
    while length < size:
        line = " " * dice.choice((0, 4, 8)) + " ".join(dice.choices(words, k=dice.randint(3, 12)))
        lines.append(line)
        length += len(line) + 1
    return "\n".join(lines).encode()


def make_history(folder: Path, commits: int = COMMITS) -> None:
    """Make a repository in which one commit adds the key and the next one takes it out again.

    Args:
        folder: the repository; made here, without a working tree's files.
        commits: how many there are.
    """
    git = ["git", "-C", str(folder)]
    folder.mkdir(parents=True)
    subprocess.run([*git, "init", "--quiet"], check=True)  # noqa: S603 - git, no shell
    with subprocess.Popen(  # noqa: S603 - git, no shell
        [*git, "fast-import", "--quiet"], stdin=subprocess.PIPE
    ) as importer:
        if importer.stdin is None:
            raise AssertionError
        for record in _history(commits):
            importer.stdin.write(record)
        importer.stdin.close()
    # as any repository looks that was cloned or has lived for a while
    subprocess.run([*git, "repack", "-adq"], check=True)  # noqa: S603 - git, no shell


def _history(commits: int) -> Iterator[bytes]:
    dice = random.Random(_SEED)  # noqa: S311 - a bench wants the same history each time
    lines = _text(dice, 4_000_000).split(b"\n")
    files = [dice.choices(lines, k=_LINES) for _ in range(_TRACKED)]
    for number in range(commits):
        yield _head(number)
        touched = range(_TRACKED) if number == 0 else dice.sample(range(_TRACKED), 2)
        for index in touched:
            content = files[index]
            content[dice.randrange(len(content))] = dice.choice(lines)
            content.insert(dice.randrange(len(content)), dice.choice(lines))
            yield _file(f"src/part{index % 20}/file{index}.py", b"\n".join(content))
        if number == commits // 3:
            yield _file("deploy.env", f"AWS_ACCESS_KEY_ID={KEY_ID}\n".encode())
        if number == commits // 3 + 1:
            yield b"D deploy.env\n"


def _head(number: int) -> bytes:
    message = f"Change number {number}\n"
    return (
        f"commit refs/heads/main\n"
        f"committer Somebody <s@example.com> {1_700_000_000 + number} +0000\n"
        f"data {len(message)}\n{message}"
    ).encode()


def _file(path: str, content: bytes) -> bytes:
    return f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n"

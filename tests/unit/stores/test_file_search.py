"""Files are searched whatever their names, sizes and encodings are."""

from __future__ import annotations

import gzip
import io
import os
import socket
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import ClassVar, Self

import pytest

from fakes.local import KEY_ID, NEEDLE, PAIR, SECRET, Findings, scene
from unleak.model.reference import Needle
from unleak.model.secret import Secret
from unleak.stores.file import File, NotThere
from unleak.stores.file_batch import read_batch, serve, written_order, written_paths
from unleak.stores.file_crew import search_files
from unleak.stores.spellings import spellings
from unleak.stores.tree_walk import TreeWalk

SPELLED = spellings(NEEDLE)

BUFFER = 65_536


def test_a_key_is_found_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f"one\ntwo\nkey = '{KEY_ID}'\n")

    found = Findings(File(), tmp_path)

    (reference,) = found.references
    assert (reference.location, reference.field) == (str(tmp_path / "a.py"), "line 3")
    assert (reference.store, reference.updatable) == ("file", False)
    assert found.searched[0].seen == 1
    assert not found.gaps


def test_a_file_with_both_parts_of_the_key_can_be_updated(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(PAIR)

    (reference,) = Findings(File(), tmp_path).references

    assert reference.updatable


def test_each_profile_of_a_credentials_file_is_a_place_of_its_own(tmp_path: Path) -> None:
    section = f"aws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\n"
    (tmp_path / "credentials").write_text(f"[a]\n{section}[other]\nregion = x\n[b]\n{section}")

    references = Findings(File(), tmp_path).references

    assert [(each.store, each.location, each.field, each.updatable) for each in references] == [
        ("aws-credentials", f"{tmp_path}/credentials#a", "line 2", True),
        ("aws-credentials", f"{tmp_path}/credentials#b", "line 7", True),
    ]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-16", "utf-8-sig", "cp037"])
def test_the_encodings_that_programs_write_are_searched(tmp_path: Path, codec: str) -> None:
    (tmp_path / "x").write_bytes(f"first\nkey: {KEY_ID}\n".encode(codec))

    found = Findings(File(), tmp_path)

    # EBCDIC stands for what is not searched: it is no miss that anybody has to know of
    assert len(found.references) == (0 if codec == "cp037" else 1)


def test_binary_files_are_searched(tmp_path: Path) -> None:
    (tmp_path / "core").write_bytes(os.urandom(100_000) + KEY_ID.encode() + os.urandom(100_000))

    assert Findings(File(), tmp_path).locations == {str(tmp_path / "core")}


@pytest.mark.parametrize("shift", [-40, -21, -20, -19, -10, -1, 0, 1, 20, 40])
def test_a_key_across_the_edge_of_a_buffer_is_found(tmp_path: Path, shift: int) -> None:
    for edge in (BUFFER, 2 * BUFFER + 38, BUFFER + 38):
        (tmp_path / f"{edge}").write_bytes(b"\n" * (edge + shift) + KEY_ID.encode())
        wide = b"\0" * (edge + shift) + KEY_ID.encode("utf-16-le")
        (tmp_path / f"{edge}-wide").write_bytes(wide)

    found = Findings(File(), tmp_path)

    assert len(found.references) == 6
    lines = {each.location: each.field for each in found.references}
    assert lines[str(tmp_path / str(BUFFER))] == f"line {BUFFER + shift + 1}"


def test_the_lines_of_a_large_file_are_counted_to_its_end(tmp_path: Path) -> None:
    filler = "x" * 99 + "\n"
    (tmp_path / "log").write_text(f"{filler * 5_000}{KEY_ID}\n{filler * 5_000}{KEY_ID}\n")

    (reference,) = Findings(File(), tmp_path).references

    assert reference.field == "lines 5001, 10002"


def test_the_secret_by_itself_is_found_too_and_not_shown(tmp_path: Path) -> None:
    (tmp_path / "x").write_text(f"password: {SECRET}\n")
    needle = Needle(key_id=KEY_ID, secret=Secret(SECRET))

    found = Findings(File(), tmp_path, needle=needle)

    assert len(found.references) == 1
    assert SECRET not in repr(found.all)


def test_hidden_and_ignored_files_are_searched(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*\n")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / ".x").write_text(KEY_ID)

    assert len(Findings(File(), tmp_path).references) == 1


def test_links_make_no_loop_and_what_they_lead_out_to_is_said(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.write_text(KEY_ID)
    (inside / "loop").symlink_to(inside)
    (inside / "self").symlink_to("self")
    (inside / "broken").symlink_to("nowhere")
    (inside / "out").symlink_to(outside)

    found = Findings(File(), inside)

    assert not found.references
    (gap,) = found.gaps
    assert gap.why.startswith("1 symbolic link leads out of it, such as")
    assert str(inside / "out") in gap.why


def test_a_link_that_was_named_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_text(KEY_ID)
    (tmp_path / "link").symlink_to("real")

    assert len(Findings(File(), tmp_path / "link").references) == 1


def test_pipes_and_sockets_are_named_and_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))

        found = Findings(File(), tmp_path)

    assert found.gaps[0].why.startswith("2 devices, pipes, sockets")


def test_what_may_not_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "closed").write_text(KEY_ID)
    (tmp_path / "closed").chmod(0)
    (tmp_path / "folder").mkdir(mode=0)
    if os.access(tmp_path / "closed", os.R_OK):
        pytest.skip("root may read everything")

    found = Findings(File(), tmp_path)

    assert {(each.where, each.why) for each in found.gaps} == {
        (str(tmp_path / "closed"), "Permission denied"),
        (str(tmp_path / "folder"), "Permission denied"),
    }


def test_a_path_that_is_not_there_is_an_error_and_not_an_empty_answer(tmp_path: Path) -> None:
    with pytest.raises(NotThere, match="No such file"):
        Findings(File(), tmp_path / "nowhere")


@pytest.mark.parametrize(
    "name", [b"new\nline", b"esc\x1b[2Jape", b"\xff\xfe not utf-8", "right\u202eleft".encode()]
)
def test_a_hostile_name_is_found_and_shown_on_one_harmless_line(
    tmp_path: Path, name: bytes
) -> None:
    with open(os.fsencode(tmp_path) + b"/" + name, "w") as file:  # noqa: PTH123 - bytes in the name
        file.write(PAIR)

    (reference,) = Findings(File(), tmp_path).references

    assert reference.location.isprintable()
    reference.location.encode()
    assert not reference.updatable  # the name that is shown is not the file's
    assert "characters that are not shown" in reference.note


def test_ten_thousand_small_files_are_all_seen(tmp_path: Path) -> None:
    for number in range(10_000):
        folder = tmp_path / str(number // 200)
        if number % 200 == 0:
            folder.mkdir()
        (folder / f"{number}\n").write_text(KEY_ID if number % 2_500 == 7 else "nothing")

    found = Findings(File(), tmp_path)

    assert found.searched[0].seen == 10_000
    assert len(found.references) == 4


def test_compressed_files_are_looked_into(tmp_path: Path) -> None:
    (tmp_path / "log.gz").write_bytes(gzip.compress(b"x" * 300_000 + KEY_ID.encode()))
    with zipfile.ZipFile(tmp_path / "a.jar", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("etc/settings", KEY_ID)
        archive.writestr("etc/other", "nothing")

    references = Findings(File(), tmp_path).references

    assert {(each.kind, each.note) for each in references} == {
        ("archive", "in its unpacked content; unpack it to change it"),
        ("archive", "in etc/settings; unpack it to change it"),
    }


def test_what_is_packed_in_another_way_or_damaged_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.xz").write_bytes(b"\xfd7zXZ\x00rest")
    (tmp_path / "b.gz").write_bytes(gzip.compress(os.urandom(10_000))[:5_000])
    (tmp_path / "c.zip").write_bytes(b"PK\x03\x04rest")
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        archive.writestr("inner\x1b[2J.gz", gzip.compress(KEY_ID.encode()))

    found = Findings(File(), tmp_path)

    assert not found.references
    assert {(Path(each.where).name, each.why) for each in found.gaps} == {
        ("a.xz", "compressed with xz: unpack it to search it"),
        ("b.gz", "it is no whole gzip file: it was looked through up to the damage only"),
        ("c.zip", "it is no whole zip file: unpack it to search it"),
        ("d.zip", "inner.gz in it is compressed once more"),
    }


def test_the_object_store_of_git_is_left_to_the_store_git(tmp_path: Path) -> None:
    git = tmp_path / "repo" / ".git"
    for name in ("objects", "refs", "HEAD"):
        (git / name).mkdir(parents=True)
    (git / "objects" / "x").write_text(KEY_ID)
    (git / "config").write_text(f"url = https://{KEY_ID}@example.com\n")

    found = Findings(File(), tmp_path)

    assert found.locations == {str(git / "config")}
    assert found.searched[0].where.endswith(", its git object stores left to the store git")


def test_a_helper_answers_as_the_search_itself_does(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(f"\n{KEY_ID}\n")
    paths = (str(tmp_path / "a"), str(tmp_path / "gone\udcff"))
    order = written_order(spellings(Needle(key_id=KEY_ID)), str(tmp_path))
    answers = io.BytesIO()

    serve(io.BytesIO(order + written_paths(paths)), answers)

    batch = read_batch(answers.getvalue())
    assert [(hit.path, hit.lines) for hit in batch.hits] == [(paths[0], (2,))]
    assert [(gap.path, gap.why) for gap in batch.gaps] == [(paths[1], "No such file or directory")]
    assert batch.seen == 2


def many_files(folder: Path) -> None:
    for number in range(2_000):
        (folder / f"{number}.txt").write_text(KEY_ID if number in {0, 1_000, 1_999} else "x")


@pytest.mark.parametrize("program", ["/bin/false", "/bin/cat", "/nowhere/python", ""])
def test_what_helpers_cannot_do_is_done_without_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    many_files(tmp_path)
    monkeypatch.setattr(sys, "executable", program)

    found = Findings(File(), tmp_path)

    assert found.searched[0].seen == 2_000
    assert len(found.references) == 3


@pytest.mark.parametrize("processors", [1, 2])
def test_large_files_are_shared_out_and_each_is_searched_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processors: int
) -> None:
    monkeypatch.setattr("unleak.stores.file_batch._MOST", 2_000)
    monkeypatch.setattr("unleak.stores.file_crew._FILES", 16)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)))
    for number in range(100):
        (tmp_path / f"{number:03}").write_text(f"{'x' * 999}\n{KEY_ID}\n", encoding="ascii")

    batches = list(search_files(TreeWalk(str(tmp_path)).files(), str(tmp_path), SPELLED))

    hits = [hit.path for batch in batches for hit in batch.hits]
    assert sorted(hits) == sorted(str(path) for path in tmp_path.iterdir())
    assert sum(batch.seen for batch in batches) == 100


def test_modules_in_the_folder_that_is_searched_are_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many_files(tmp_path)
    for name in ("json", "unleak", "select", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text("import os\nos.mkdir('ran')\n")
    monkeypatch.chdir(tmp_path)

    Findings(File(), Path())

    assert not (tmp_path / "ran").exists()


class Recorded(subprocess.Popen[bytes]):
    """Remembers every process that was started."""

    started: ClassVar[list[subprocess.Popen[bytes]]] = []

    def __new__(cls, *_: object, **__: object) -> Self:
        made = super().__new__(cls)
        cls.started.append(made)
        return made


def test_a_search_that_is_given_up_leaves_no_helper_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2_000):
        (tmp_path / f"{number}.txt").write_text(KEY_ID)
    monkeypatch.setattr(subprocess, "Popen", Recorded)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    findings = File().search(NEEDLE, scene(tmp_path))
    for _ in range(1_000):
        next(findings)

    findings.close()  # type: ignore[attr-defined]  # a store's search is a generator here

    assert len(Recorded.started) == 2
    assert all(each.returncode is not None for each in Recorded.started)

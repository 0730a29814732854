"""Find the `$ unleak ... --help` blocks in the documents, and write them anew: `make docs`.

A block is fenced, its first line is the command, and the rest is what the program answers on a
terminal of 80 columns.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from click.testing import CliRunner

from unleak.cli.main import cli

PROJECT = Path(__file__).resolve().parents[2]
PAGES = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])
BLOCK = re.compile(
    r"^```text\n\$ unleak(?P<path>(?: [a-z-]+)*) --help\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


def answer(*path: str) -> str:
    """Return what `unleak PATH --help` prints on 80 columns."""
    done = CliRunner().invoke(cli, [*path, "--help"], prog_name="unleak", terminal_width=80)
    if done.exit_code != 0:
        message = f"unleak {' '.join(path)} --help ended with {done.exit_code}"
        raise RuntimeError(message)
    return "\n".join(line.rstrip() for line in done.output.splitlines()) + "\n"


def commands(
    group: click.Group = cli, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command of the tree with its path, groups included."""
    context = click.Context(group, info_name="unleak")
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None:
            message = f"the group lists {name} but has no such command"
            raise RuntimeError(message)
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


def renewed(text: str) -> str:
    """Return a page with all its help blocks as the program would answer today."""
    return BLOCK.sub(
        lambda block: (
            f"```text\n$ unleak{block['path']} --help\n{answer(*block['path'].split())}```"
        ),
        text,
    )


if __name__ == "__main__":
    for page in PAGES:
        before = page.read_text(encoding="utf-8")
        after = renewed(before)
        if after != before:
            page.write_text(after, encoding="utf-8")
            sys.stdout.write(f"{page.relative_to(PROJECT)} renewed\n")

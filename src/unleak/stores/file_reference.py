"""Tell of a file that holds a key: where in it, and whether a new key can be put there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from unleak.errors import UnleakError
from unleak.evidence.clean import printable
from unleak.model.reference import Reference
from unleak.stores.atomic_file import take
from unleak.stores.aws_ini import profiles
from unleak.stores.file_folder import check_place
from unleak.stores.file_search import MOST_LINES
from unleak.stores.shown_path import is_plain, shown_path
from unleak.stores.swap import pair_in_text
from unleak.stores.text_file import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.model.reference import Needle
from unleak.stores.file_search import Hit

_SHOWN: Final = 5
_NAME_ODD: Final = "the file's name holds characters that are not shown; "


_HISTORY = "shell-history"
"""What was typed: to be erased, never to be brought up to date with a fresh secret."""


def file_references(hit: Hit, needle: Needle, *, kind: str = "file") -> Iterator[Reference]:
    """Yield the places in a file: one for each profile of a credentials file, else the file itself.

    Args:
        hit: the file that holds the key.
        needle: the key; its own words decide whether it can be replaced.
        kind: what the file is, `shell-history` for example.
    """
    location = shown_path(hit.path)
    note = "" if is_plain(hit.path) else _NAME_ODD
    if hit.inside:
        members = ", ".join(printable(each) for each in hit.inside[:_SHOWN])
        note += f"in {members}; unpack it to change it"
        yield Reference(store="file", kind="archive", location=location, note=note)
        return
    text = _text(hit.path) if not note else ""
    in_profiles = [each for each in profiles(text) if each.key_id == needle.key_id]
    for each in in_profiles:
        yield Reference(
            store="aws-credentials",
            kind="profile",
            location=f"{location}#{each.name}" if each.name.isprintable() else location,
            field=f"line {_line_of(text, needle.key_id, each.start)}",
            updatable=pair_in_text(text[each.start : each.end], needle.key_id) is not None,
        )
    if not in_profiles:
        yield Reference(
            store="file",
            kind=kind,
            location=location,
            field=_lines(hit.lines),
            updatable=kind != _HISTORY and pair_in_text(text, needle.key_id) is not None,
            note=note.removesuffix("; "),
        )


def _text(path: str) -> str:
    """Return what a rewrite would begin with; empty where there could be none."""
    try:
        check_place(os.path.realpath(path))
        return text_of(take(path)) if os.access(path, os.W_OK) else ""
    except UnleakError:
        return ""


def _line_of(text: str, key_id: str, start: int) -> int:
    return text.count("\n", 0, text.index(key_id, start)) + 1


def _lines(lines: tuple[int, ...]) -> str | None:
    if not lines:
        return None
    shown = ", ".join(str(line) for line in lines[:_SHOWN])
    if len(lines) > _SHOWN:
        least = "at least " if len(lines) >= MOST_LINES else ""
        shown += f" and {least}{len(lines) - _SHOWN} more"
    return f"line {shown}" if len(lines) == 1 else f"lines {shown}"

"""What is appended together is one page: its rows as text, packed, and split where it is large.

A page is one item instead of one a row: a plan for a hundred principals fits into one transaction,
and costs what it weighs packed.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Final, TypeAlias

from unleak.errors import StateFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from unleak.aws.items import Item

NewRow: TypeAlias = "tuple[str, str, str, str | None, str]"
"""incident, at, kind, step, body"""
PageRow: TypeAlias = "tuple[str, str, str | None, str]"
"""at, kind, step, body"""

PART_BYTES: Final = 350_000
"""An item may have 400 KB with its names.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""
MOST_BYTES: Final = 3_500_000
"""A transaction may have 4 MB. Source: the same page."""
_MOST_UNPACKED: Final = 64 * 1024 * 1024
_DIGITS: Final = 8


def number_text(page: int, part: int = 0) -> str:
    """Return the sort key of one part of a page, in the order of writing.

    Args:
        page: counted from 0.
        part: counted from 0.
    """
    return f"{page:0{_DIGITS}}.{part:02}"


def page_number(sort_key: object) -> int:
    """Return the page that a sort key is of.

    Args:
        sort_key: as it was read.

    Raises:
        StateFolder: it is none.
    """
    digits = str(sort_key).partition(".")[0]
    if not digits.isdecimal():
        what = f"an item with the sort key {str(sort_key)[:40]!a}"
        raise damaged(what)
    return int(digits)


def packed(rows: Sequence[PageRow]) -> tuple[bytes, ...]:
    """Return a page's rows packed, in as many parts as it needs.

    Args:
        rows: what is appended together.

    Raises:
        StateFolder: it is more than one transaction can hold.
    """
    data = zlib.compress(json.dumps(rows, separators=(",", ":")).encode("ascii"), 6)
    if len(data) > MOST_BYTES:
        message = f"the journal cannot take {len(data)} bytes at once"
        raise StateFolder(message, hint="contain fewer principals at a time")
    return tuple(data[at : at + PART_BYTES] for at in range(0, len(data), PART_BYTES))


def pages(items: Iterable[Item]) -> Iterator[list[PageRow]]:
    """Yield the rows of each page.

    Args:
        items: all of one incident, in the order of their sort keys.

    Raises:
        Torn: a page or a part of one is missing.
        StateFolder: something in it was not written by us.
    """
    expected, data, left = 0, b"", 0
    for item in items:
        page, part = page_number(item.get("sk")), item.get("data")
        if page != expected or not isinstance(part, bytes):
            message = f"page {expected} of the journal is not there"
            raise Torn(message)
        if not left:
            count = item.get("parts")
            left = count if isinstance(count, int) and count > 0 else 1
        data, left = data + part, left - 1
        if not left:
            yield _unpacked(data)
            expected, data = expected + 1, b""
    if left:
        message = f"page {expected} of the journal is not whole"
        raise Torn(message)


class Torn(StateFolder):
    """A page is missing: it was being written while we read, or somebody took it away."""


def damaged(what: str) -> StateFolder:
    """Return the error for what was not written by us.

    Args:
        what: what was found.
    """
    message = f"the journal cannot be understood: {what}"
    hint = "if a newer unleak wrote it, install that; else keep the table: it is evidence"
    return StateFolder(message, hint=hint)


def _unpacked(data: bytes) -> list[PageRow]:
    try:
        text = zlib.decompressobj().decompress(data, _MOST_UNPACKED)
        rows: object = json.loads(text)
    except (zlib.error, ValueError) as error:
        what = "a page is no packed JSON"
        raise damaged(what) from error
    if not isinstance(rows, list):
        what = "a page is no list"
        raise damaged(what)
    return [_row(each) for each in rows]


def _row(row: object) -> PageRow:
    match row:
        case [str(at), str(kind), (str() | None) as step, str(body)]:
            return at, kind, step, body
        case _:
            what = "a row of another shape"
            raise damaged(what)

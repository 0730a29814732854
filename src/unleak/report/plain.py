"""Lay a page out as plain text: for pipes, logs and screen readers."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, assert_never

from unleak.report.page import (
    Block,
    Bullets,
    Entry,
    Facts,
    Grid,
    Heading,
    Headline,
    Numbered,
    Page,
    Paragraph,
    Verbatim,
)
from unleak.report.wording import clean, line_to_copy

if TYPE_CHECKING:
    from collections.abc import Iterable

_NARROWEST = 30
_COMMAND = re.compile(r"`unleak [^`]{1,60}`")
"""A command is copied, so it is not broken over two lines."""
_UNBREAKABLE = "\0"
"""Stands for a space that must not be broken; `clean` leaves none of these in any text."""


def lay_out(page: Page, *, width: int) -> str:
    """Return the page as lines of at most `width` columns, ending with a line break.

    A word that is longer than that (an ARN) stands on a line of its own, whole, so that it can be
    copied.
    """
    width = max(width, _NARROWEST)
    lines: list[str] = []
    for block in page:
        if lines and lines[-1] and isinstance(block, Heading):
            lines.append("")
        lines.extend(line.rstrip() for line in _lines(block, width))
    return "\n".join(lines) + "\n"


def _lines(  # noqa: C901, PLR0911 - one case a block
    block: Block, width: int
) -> Iterable[str]:
    match block:
        case Headline(text=text):
            return [*_wrapped(text, width, "", ""), ""]
        case Heading(text=text):
            title = _wrapped(text, width, "", "")
            return [*title, "-" * len(title[-1])]
        case Paragraph(text=text):
            return _wrapped(text, width, "", "")
        case Facts(rows=rows):
            return _facts(rows, width, indent="")
        case Bullets(items=items):
            return [line for item in items for line in _wrapped(item, width, "- ", "  ")]
        case Numbered(items=items):
            return _numbered(items, width)
        case Entry(mark=mark, title=title, facts=facts):
            head = f"{clean(mark)} " if mark else ""
            indent = " " * max(len(head), 2)
            return [*_wrapped(title, width, head, indent), *_facts(facts, width, indent=indent)]
        case Grid(titles=titles, rows=rows):
            return _grid(titles, rows, width)
        case Verbatim(lines=lines):
            return [f"    {line_to_copy(line)}" for line in lines]
        case _:
            assert_never(block)


def _wrapped(text: str, width: int, first: str, rest: str) -> list[str]:
    whole = _COMMAND.sub(lambda found: found.group().replace(" ", _UNBREAKABLE), clean(text))
    lines = textwrap.wrap(
        whole,
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_UNBREAKABLE, " ") for line in lines] or [first]


def _facts(rows: tuple[tuple[str, str], ...], width: int, *, indent: str) -> list[str]:
    widest = max((len(label) for label, _ in rows), default=0) + 2
    lines: list[str] = []
    for label, value in rows:
        first = f"{indent}{clean(label) + ':':<{widest}}"
        lines.extend(_wrapped(value, width, first, indent + " " * widest))
    return lines


def _numbered(items: tuple[str, ...], width: int) -> list[str]:
    widest = len(str(len(items))) + 2
    lines: list[str] = []
    for number, item in enumerate(items, start=1):
        lines.extend(_wrapped(item, width, f"{f'{number}.':<{widest}}", " " * widest))
    return lines


def _grid(titles: tuple[str, ...], rows: tuple[tuple[str, ...], ...], width: int) -> list[str]:
    table = [titles, *(tuple(clean(cell) for cell in row) for row in rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(titles))]
    lines: list[str] = []
    for row in table:
        first = "".join(f"{cell:<{widths[column] + 2}}" for column, cell in enumerate(row[:-1]))
        rest = " " * (len(first) if len(first) <= width - _NARROWEST // 2 else 4)
        lines.extend(_wrapped(row[-1], width, first, rest))
    return lines

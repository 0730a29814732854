"""Draw a page with rich: panel, colours and hanging indents; rich loads at the first page."""

from __future__ import annotations

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
    Tone,
    Verbatim,
)
from unleak.report.wording import clean, line_to_copy

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

_STYLES = {
    Tone.PLAIN: "",
    Tone.GOOD: "bold green",
    Tone.CAREFUL: "yellow",
    Tone.BAD: "bold red",
    Tone.QUIET: "dim",
}


def draw(page: Page, stream: TextIO, *, width: int | None, has_colour: bool) -> None:
    """Draw the page on a terminal.

    Args:
        page: the blocks; every text in them is taken as text, never as rich markup.
        stream: the terminal.
        width: columns, None to ask the terminal.
        has_colour: False where `NO_COLOR` is set.
    """
    from rich.console import Console  # noqa: PLC0415 - loaded only where something is drawn

    console = Console(
        file=stream,
        width=width,
        no_color=not has_colour,
        markup=False,
        highlight=False,
        emoji=False,
        soft_wrap=False,
    )
    for index, block in enumerate(page):
        if index and isinstance(block, Heading):
            console.print()
        console.print(_renderable(block))


def _renderable(  # noqa: C901, PLR0911 - one case a block
    block: Block,
) -> RenderableType:
    match block:
        case Headline(text=text, tone=tone):
            return _panel(text, tone)
        case Heading(text=text):
            return _text(text, "bold underline")
        case Paragraph(text=text, tone=tone):
            return _text(text, _STYLES[tone])
        case Facts(rows=rows):
            return _pairs(rows)
        case Bullets(items=items, tone=tone):
            return _hanging(("-", _text(item, _STYLES[tone])) for item in items)
        case Numbered(items=items):
            numbered = enumerate(items, start=1)
            return _hanging((f"{number}.", _text(item)) for number, item in numbered)
        case Entry():
            return _entry(block)
        case Grid(titles=titles, rows=rows):
            return _table(titles, rows)
        case Verbatim(lines=lines):
            return _text_lines(lines)
        case _:
            assert_never(block)


def _text(text: str, style: str = "") -> Text:
    from rich.text import Text  # noqa: PLC0415

    return Text(clean(text), style=style, overflow="fold")


def _text_lines(lines: tuple[str, ...]) -> Text:
    from rich.text import Text  # noqa: PLC0415

    shown = "\n".join(f"    {line_to_copy(line)}" for line in lines)
    return Text(shown, no_wrap=True, overflow="ignore")


def _panel(text: str, tone: Tone) -> RenderableType:
    from rich.panel import Panel  # noqa: PLC0415

    style = _STYLES[tone] or "bold"
    return Panel(_text(text, style), border_style=style, padding=(0, 2))


def _columns(first_style: str) -> Table:
    from rich.table import Table  # noqa: PLC0415

    table = Table.grid(padding=(0, 1), expand=False)
    table.add_column(no_wrap=True, style=first_style)
    table.add_column(overflow="fold")
    return table


def _hanging(rows: Iterable[tuple[str, RenderableType]]) -> Table:
    table = _columns("bold")
    for mark, what in rows:
        table.add_row(_text(mark), what)
    return table


def _pairs(rows: tuple[tuple[str, str], ...]) -> Table:
    table = _columns("dim")
    for label, value in rows:
        table.add_row(_text(label), _text(value))
    return table


def _entry(entry: Entry) -> RenderableType:
    from rich.console import Group  # noqa: PLC0415

    style = "bold" if entry.tone is Tone.PLAIN else _STYLES[entry.tone]
    title = _text(entry.title, style)
    body: RenderableType = Group(title, _pairs(entry.facts)) if entry.facts else title
    return _hanging(((entry.mark, body),))


def _table(titles: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Table:
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles[:-1]:
        table.add_column(title, no_wrap=True)
    table.add_column(titles[-1], overflow="fold")
    for row in rows:
        table.add_row(*(_text(cell) for cell in row))
    return table

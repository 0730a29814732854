"""Shows one changing line of progress on a terminal; in a log it would be hundreds of lines."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

_WIDTH = 78


def one_line() -> Callable[[str], None]:
    """Return what shows the line, and takes it away when the command ends."""
    if not sys.stderr.isatty():
        return lambda _: None
    from unleak.report.wording import clean  # noqa: PLC0415 - only on a terminal

    def show(text: str) -> None:
        sys.stderr.write(f"\r\x1b[2K{clean(text)[:_WIDTH]}")
        sys.stderr.flush()

    click.get_current_context().call_on_close(lambda: sys.stderr.write("\r\x1b[2K"))
    return show

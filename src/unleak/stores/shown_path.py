"""How a path is shown; file names are chosen by anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.evidence.clean import printable

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST = 4_096


def shown_path(path: str | Path) -> str:
    """Return a path on one line, without escapes; an odd name is not the file's own any more.

    Args:
        path: any path, undecodable bytes included.
    """
    return printable(str(path), _LONGEST)


def is_plain(path: str | Path) -> bool:
    """Whether the path is shown as it is, so that it can be typed back."""
    return shown_path(path) == str(path)

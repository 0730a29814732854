"""How a path and a failure to read it are shown; file names are chosen by anybody."""

from __future__ import annotations

import os
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


def why_not(error: OSError) -> str:
    """Return why a file could not be read, in the system's words.

    Args:
        error: what the call raised.
    """
    return os.strerror(error.errno) if error.errno else type(error).__name__

"""Write a result to a file that nobody else on the machine may read."""

from __future__ import annotations

import os
import stat

from unleak.errors import WrongUse

_PRIVATE = 0o600


def write_private(path: str, text: str) -> None:
    """Write a text to a file of mode 0600; one that is there is written over.

    Args:
        path: where to.
        text: what; line ends are written as they are.

    Raises:
        WrongUse: it cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            if hasattr(os, "fchmod") and stat.S_ISREG(os.fstat(descriptor).st_mode):
                os.fchmod(descriptor, _PRIVATE)
            file.write(text)
    except OSError as error:
        message = f"{path[:200]!a} cannot be written: {error.strerror}"
        raise WrongUse(message, hint="give another --output, or leave it out for stdout") from error

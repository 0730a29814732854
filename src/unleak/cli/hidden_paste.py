"""Read several pasted lines from a terminal without showing them.

The terminal's line mode cuts lines at 4096 characters (1024 on some systems), and a pasted JSON
line with a session token is longer: so characters are read one by one, with echo off.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

END = "\x04"  # Ctrl-D
END_WINDOWS = "\x1a"  # Ctrl-Z
INTERRUPT = "\x03"
ERASE = ("\x7f", "\b")
ENOUGH = 1_000_000
"""Characters after which a paste is taken as it is: nobody pastes more by hand."""


def read_paste(prompt: str) -> str:
    """Show `prompt` on stderr and return what is pasted up to an empty line or Ctrl-D.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    sys.stderr.write(prompt)
    sys.stderr.flush()
    with _silent_keys() as read_key:
        text = collect(read_key)
    sys.stderr.write("\n")
    return text


def collect(read_key: Callable[[], str]) -> str:
    """Return the characters up to an empty line, Ctrl-D or the end.

    Args:
        read_key: returns one character, or the empty string at the end.
    """
    kept: list[str] = []
    line_is_empty = True
    while len(kept) < ENOUGH:
        key = read_key()
        if key == INTERRUPT:
            raise KeyboardInterrupt
        if key in ("", END, END_WINDOWS):
            break
        if key in ERASE:
            del kept[-1:]
            continue
        if key in "\r\n":
            if line_is_empty and any(not each.isspace() for each in kept):
                break
            line_is_empty = True
            kept.append("\n")
            continue
        line_is_empty = line_is_empty and key.isspace()
        kept.append(key)
    return "".join(kept)


@contextmanager
def _silent_keys() -> Iterator[Callable[[], str]]:
    """Give a function that reads one key, with echo off, and put the terminal back afterwards."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - Windows only

        yield msvcrt.getwch
        return
    import termios  # noqa: PLC0415 - POSIX only
    import tty  # noqa: PLC0415 - POSIX only

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor, termios.TCSADRAIN)
        yield lambda: sys.stdin.read(1)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)

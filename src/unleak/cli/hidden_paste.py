"""Read several pasted lines from a terminal without showing them.

A paste may hold empty lines: one ends it only if nothing follows at once, because what is left over
would be typed into the shell, for all to see.

The terminal's line mode cuts lines at 4096 characters (1024 on some systems), and a pasted JSON
line with a session token is longer: so characters are read one by one, with echo off.
"""

from __future__ import annotations

import codecs
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

END = "\x04"  # Ctrl-D
END_WINDOWS = "\x1a"  # Ctrl-Z
INTERRUPT = "\x03"
ERASE = ("\x7f", "\b")
PASTE_PAUSE = 0.25
"""Seconds of silence that end a paste: a terminal delivers one within milliseconds."""
ENOUGH = 1_000_000
"""Characters after which a paste is taken as it is: nobody pastes more by hand."""


class Keyboard(Protocol):
    """Where characters come from, one by one and without an echo."""

    def read(self) -> str:
        """Return the next character, the empty string at the end."""
        ...

    def has_more(self) -> bool:
        """Whether another character follows at once: a paste goes on, a person stops."""
        ...


def read_paste(prompt: str) -> str:
    """Show `prompt` on stderr and return what is pasted up to an empty line or Ctrl-D.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    with _silent_keyboard() as keyboard:  # first: what is pasted at the prompt must not be echoed
        sys.stderr.write(prompt)
        sys.stderr.flush()
        text = collect(keyboard)
    sys.stderr.write("\n")
    return text


def collect(keyboard: Keyboard) -> str:
    """Return the characters up to a last empty line, Ctrl-D or the end.

    Args:
        keyboard: gives one character after the other.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    kept: list[str] = []
    line_is_empty = True
    while len(kept) < ENOUGH:
        key = keyboard.read()
        if key == INTERRUPT:
            raise KeyboardInterrupt
        if key in ("", END, END_WINDOWS):
            break
        if key in ERASE:
            del kept[-1:]
        elif key in "\r\n":
            has_text = any(not each.isspace() for each in kept)
            if line_is_empty and has_text and not keyboard.has_more():
                break
            line_is_empty = True
            kept.append("\n")
        else:
            line_is_empty = line_is_empty and key.isspace()
            kept.append(key)
    return "".join(kept)


class _PosixKeyboard:
    """Reads the terminal's bytes itself: Python's own buffer would hide what is still waiting."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._waiting = ""

    def read(self) -> str:
        while not self._waiting:
            raw = os.read(self._descriptor, 4096)
            if not raw:
                return ""
            self._waiting = self._decoder.decode(raw)
        key, self._waiting = self._waiting[0], self._waiting[1:]
        return key

    def has_more(self) -> bool:
        import select  # noqa: PLC0415 - POSIX only, for terminals

        readable, _, _ = select.select([self._descriptor], [], [], PASTE_PAUSE)
        return bool(self._waiting or readable)


class _WindowsKeyboard:
    """The console's keys, without an echo."""

    def __init__(self, getwch: Callable[[], str], kbhit: Callable[[], bool]) -> None:
        self._getwch, self._kbhit = getwch, kbhit

    def read(self) -> str:
        return self._getwch()

    def has_more(self) -> bool:
        time.sleep(PASTE_PAUSE)
        return self._kbhit()


@contextmanager
def _silent_keyboard() -> Iterator[Keyboard]:
    """Give a keyboard without echo, and put the terminal back afterwards, what is left dropped."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - Windows only

        yield _WindowsKeyboard(msvcrt.getwch, msvcrt.kbhit)
        return
    import termios  # noqa: PLC0415 - POSIX only
    import tty  # noqa: PLC0415 - POSIX only

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor, termios.TCSADRAIN)
        yield _PosixKeyboard(descriptor)
    finally:
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)

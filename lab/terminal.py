"""A person at a terminal: unleak under a pseudo-terminal, with a script of what to type when.

POSIX only, for Windows has no such thing in the standard library; the tests say so where they skip.
"""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.command_line import CommandLine

# makes the pseudo-terminal the controlling one, without which Ctrl-C is just a letter
_AT_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.executable, [sys.executable, '-m', 'unleak', *sys.argv[1:]])"
)
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>78]|\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Type `text` once `cue` (a regular expression, any case) was shown since the last turn."""

    cue: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What was on the screen, escapes taken out, and how it ended."""

    code: int
    screen: str
    turns_left: tuple[Turn, ...]


def play(
    shell: CommandLine, arguments: Sequence[str], turns: Sequence[Turn], *, seconds: float = 180
) -> Played:
    """Run unleak at a terminal 100 columns wide and type what the script says.

    Args:
        shell: whose environment and word about holding it runs with.
        arguments: the command line.
        turns: what to type, in order.
        seconds: how long it may take before it counts as stuck; nothing is measured by it.
    """
    ours, theirs = os.openpty()
    environment = {**shell.environment, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "50"}
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", _AT_TERMINAL, *shell.with_hold(arguments)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        screen, left = _converse(ours, list(turns), time.monotonic() + seconds)
        code = process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        message = f"still running; on the screen:\n{screen}"
        raise AssertionError(message) from None
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return Played(code=code, screen=screen, turns_left=tuple(left))


def _converse(ours: int, turns: list[Turn], deadline: float) -> tuple[str, list[Turn]]:
    shown, since = "", 0
    while time.monotonic() < deadline:
        ready, _, _ = select.select([ours], [], [], 0.2)
        if ready:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux says so when the other side has ended
                break
            if not piece:
                break
            shown += piece.decode(errors="replace")
        plain = _ESCAPES.sub("", shown)
        if turns and re.search(turns[0].cue, plain[since:], re.IGNORECASE):
            since = len(plain)
            os.write(ours, turns.pop(0).text.encode())
    return _ESCAPES.sub("", shown), turns

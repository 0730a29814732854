"""Ask one question at a terminal, so that Ctrl-C always ends it.

Python's `input` goes to sleep in the C library: a Ctrl-C that comes just before is noticed only at
the next key.  So this waits in short naps until a whole line is there, and reads it then.
"""

from __future__ import annotations

import sys

import click

NAP_SECONDS = 0.2


def confirm(question: str, *, default: bool) -> bool:
    """Ask on stderr until the answer is yes, no, or empty for the default.

    Args:
        question: without the choices, which are added.
        default: what an empty line means.

    Raises:
        click.Abort: the input has ended.
        KeyboardInterrupt: Ctrl-C.
    """
    answers = {"y": True, "yes": True, "n": False, "no": False, "": default}
    choices = "Y/n" if default else "y/N"
    while True:
        answer = ask(f"{question} [{choices}]").lower()
        if answer in answers:
            return answers[answer]
        click.echo("Please answer y or n.", err=True)


def ask(question: str) -> str:
    """Ask on stderr and return the line that was typed, without blanks around it.

    Raises:
        click.Abort: the input has ended.
        KeyboardInterrupt: Ctrl-C.
    """
    click.echo(f"{question}: ", nl=False, err=True)
    if sys.platform != "win32":
        import select  # noqa: PLC0415 - on Windows it knows sockets only, and Ctrl-C works there

        while not select.select([sys.stdin], [], [], NAP_SECONDS)[0]:
            pass
    line = sys.stdin.readline()
    if not line:
        raise click.Abort
    return line.strip()

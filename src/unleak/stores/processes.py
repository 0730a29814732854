"""The environments of the processes on this machine, as far as we may read them.

Source: https://man7.org/linux/man-pages/man5/proc_pid_environ.5.html
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from unleak.evidence.clean import printable
from unleak.model.reference import NotSearched, Reference, Searched

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from unleak.model.reference import Needle
    from unleak.stores.interface import Finding

_MOST: Final = 4 * 1024 * 1024
_NOTE: Final = "a process keeps what it was started with: restart it when the key has changed"


def own_environment(needle: Needle, environment: Mapping[str, str]) -> Iterator[Reference]:
    """Yield the variables of our own environment that hold the key.

    Args:
        needle: what to look for.
        environment: this process's.
    """
    for name, value in environment.items():
        if needle.is_in(value):
            yield Reference(
                store="home",
                kind="environment",
                location="the environment of this shell",
                field=printable(name),
                note="`unset` it here, and look where the shell has it from",
            )


def other_environments(needle: Needle, proc: Path) -> Iterator[Finding]:
    """Yield the variables of running processes that hold the key, and whose could not be read.

    Args:
        needle: what to look for.
        proc: where Linux shows its processes.
    """
    try:
        ids = sorted(int(name) for name in os.listdir(proc) if name.isdecimal())  # noqa: PTH208
    except OSError:
        why = "this system does not show the environments of other processes"
        yield NotSearched(where="processes", why=why)
        return
    refused = read = 0
    for pid in ids:
        if pid == os.getpid():
            continue
        try:
            with (proc / str(pid) / "environ").open("rb") as file:
                data = file.read(_MOST)
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
        except OSError:
            refused += 1
            continue
        read += 1
        yield from _in_process(needle, proc / str(pid), data)
    if refused:
        why = f"environments of other users' processes ({refused}): only root may read them"
        yield NotSearched(where="processes", why=why)
    yield Searched(where="processes", seen=read)


def _in_process(needle: Needle, folder: Path, data: bytes) -> Iterator[Reference]:
    for variable in os.fsdecode(data).split("\0"):
        name, _, value = variable.partition("=")
        if needle.is_in(value):
            yield Reference(
                store="home",
                kind="process",
                location=f"process {folder.name} ({_command(folder)})",
                field=printable(name),
                note=_NOTE,
            )


def _command(folder: Path) -> str:
    try:
        return printable((folder / "comm").read_bytes().decode("utf-8", "replace"))
    except OSError:
        return "ended"

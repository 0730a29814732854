"""Run one contestant once and measure it: start to the accepted deny, and the CPU it took."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.relay import Exchange, Relay, rounds_before
from lab.cloud import revoke_document
from lab.server import plain_environment
from lab.verdict import Ruling
from lab.wire import REGION

if TYPE_CHECKING:
    from benchmarks.contestants import Contestant, Sprint
    from lab.ministack import MiniStack


class BenchError(Exception):
    """A run did not do what it was measured for, so its time means nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """One run that wrote a deny; seconds."""

    to_deny: float
    to_end: float
    rounds_before_deny: int
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cpu:
    """One run without AWS; seconds."""

    user: float
    wall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Where the races are run: one cloud, one relay, one home folder."""

    cloud: MiniStack
    relay: Relay
    home: Path

    def environment(self) -> dict[str, str]:
        """Return a responder's environment whose AWS is the relay."""
        return {
            **bare_environment(self.home),
            **self.cloud.responder.environment,
            "AWS_ENDPOINT_URL": self.relay.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
        }


def bare_environment(home: Path) -> dict[str, str]:
    """Return an environment without anybody's AWS settings."""
    return {
        **plain_environment(),
        "HOME": str(home),
        "UNLEAK_HOME": str(home / "state"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def race(track: Track, contestant: Contestant, role: str) -> Race:
    """Let one contestant cut off the live session of a fresh role.

    Raises:
        BenchError: the session was not alive before, or not refused after, or the program failed.
    """
    track.cloud.make_role(role)
    thief = track.cloud.assume(role, "thief")
    _expect(track, thief_ruling=track.cloud.probe(thief, "s3").ruling, wanted=Ruling.ALLOWED)
    document = revoke_document(datetime.now(UTC) + timedelta(seconds=2))
    command = contestant.command(role, document)
    track.relay.exchanges.clear()
    started = time.monotonic()
    code = _run(command, track.environment())
    ended = time.monotonic()
    if code not in contestant.good_codes:
        message = f"{contestant.name} ended with {code}"
        raise BenchError(message)
    _expect(track, thief_ruling=track.cloud.probe(thief, "s3").ruling, wanted=Ruling.DENIED)
    deny = accepted_deny(track.relay.exchanges)
    return Race(
        to_deny=deny.ended - started,
        to_end=ended - started,
        rounds_before_deny=rounds_before(track.relay.exchanges, deny.started),
        code=code,
    )


def accepted_deny(exchanges: list[Exchange]) -> Exchange:
    """Return the first PutRolePolicy that the server accepted.

    Raises:
        BenchError: there was none.
    """
    for each in sorted(exchanges, key=lambda exchange: exchange.ended):
        if (each.action, each.status) == ("PutRolePolicy", 200):
            return each
    message = f"no accepted PutRolePolicy among {[each.action for each in exchanges]}"
    raise BenchError(message)


def sprint(each: Sprint, home: Path) -> Cpu:
    """Run a command that makes no AWS call and read its own CPU time.

    Raises:
        BenchError: it failed.
    """
    started = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - our own commands, no shell
        each.command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=bare_environment(home),
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        message = f"{each.name} ended with {process.returncode}"
        raise BenchError(message)
    return Cpu(user=usage.ru_utime, wall=time.monotonic() - started)


def _run(command: list[str], environment: Mapping[str, str]) -> int:
    with tempfile.TemporaryFile() as words:
        done = subprocess.run(  # noqa: S603 - our own commands, no shell
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
            env=environment,
        )
    return done.returncode


def _expect(track: Track, *, thief_ruling: Ruling, wanted: Ruling) -> None:
    if thief_ruling is not wanted:
        message = f"the session is {thief_ruling} on {track.cloud.name}, wanted {wanted}"
        raise BenchError(message)

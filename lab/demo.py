"""`make demo`: a leak, a thief, `unleak revoke` and the proof, on a cloud of our own.

No AWS account is needed or touched.  What is told is checked while it is told: the exit code is not
zero when a thief is served or an honest new session is refused.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lab.cloud import wait_until_after
from lab.command_line import CommandLine
from lab.ministack import MiniStack
from lab.verdict import Ruling

if TYPE_CHECKING:
    from lab.wire import Keys

ROLE = "shop-backend"
SERVICES = ("s3", "dynamodb", "secretsmanager", "sqs", "lambda", "ec2")


@dataclass(slots=True)
class Narrator:
    """Tells the story and keeps count of what did not come true."""

    colours: bool = field(
        default_factory=lambda: sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    )
    wrong: list[str] = field(default_factory=list)

    def chapter(self, number: int, title: str) -> None:
        """Open a chapter."""
        self._say("", self._paint(f"{number}. {title}", "1"))

    def say(self, *lines: str) -> None:
        """Tell something."""
        self._say(*(f"   {line}".rstrip() for line in lines))

    def show(self, who: str, cloud: MiniStack, keys: Keys, *, expected: Ruling) -> None:
        """Try a credential in several services, show each answer, and note any surprise."""
        self._say("", f"   {who} ({keys.access_key_id}) tries:")
        for service in SERVICES:
            verdict = cloud.probe(keys, service)
            served = verdict.ruling is Ruling.ALLOWED
            answer = "served" if served else f"refused ({verdict.code})"
            surprise = verdict.ruling is not expected
            mark = self._paint("unexpected", "1;31") if surprise else ""
            colour = "33" if served else "36"
            self._say(f"     {service:<16}{self._paint(answer, colour)}  {mark}".rstrip())
            if surprise:
                self.wrong.append(f"{who}: {service} was {verdict.ruling}, not {expected}")

    def expect(self, claim: str, *, holds: bool) -> None:
        """Note a claim that did not come true."""
        if not holds:
            self.wrong.append(claim)

    def end(self, seconds: float) -> int:
        """Sum up; returns the exit code."""
        if self.wrong:
            self._say("", self._paint("This is not what should have happened:", "1;31"))
            self._say(*(f"  - {claim}" for claim in self.wrong))
            return 1
        done = "The thief is out, the shop is open, and there is a record of it all."
        self._say("", f"{self._paint(done, '1;32')} ({seconds:.0f} s)")
        return 0

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colours else text

    def _say(self, *lines: str) -> None:
        for line in lines:
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def main() -> int:
    """Tell the story; returns 0 when all of it came true."""
    started = time.monotonic()
    narrator = Narrator()
    narrator.say(
        "A leak, start to end, on an AWS emulator that enforces IAM, on this machine alone.",
    )
    with tempfile.TemporaryDirectory(prefix="unleak-demo-") as folder, MiniStack() as cloud:
        shell = CommandLine(home=Path(folder), endpoint=cloud.endpoint, keys=cloud.responder)
        _tell(narrator, cloud, shell)
    return narrator.end(time.monotonic() - started)


def _tell(narrator: Narrator, cloud: MiniStack, shell: CommandLine) -> None:
    narrator.chapter(1, "A normal day")
    narrator.say(f"The role {ROLE} runs a shop. Two sessions of it exist: one is the shop's own,")
    narrator.say("the other was shown on a live stream and copied by a viewer.")
    cloud.make_role(ROLE)
    shop, thief = cloud.assume(ROLE, "shop"), cloud.assume(ROLE, "streamer-laptop")
    narrator.show("the shop", cloud, shop, expected=Ruling.ALLOWED)
    narrator.show("the thief", cloud, thief, expected=Ruling.ALLOWED)

    narrator.chapter(2, "This is what leaked")
    narrator.say(*(f"{line[:56]}..." for line in thief.export_lines.splitlines()))
    narrator.say("", "You pipe it into unleak (or run `unleak revoke` and paste it, hidden):")
    _revoke(narrator, shell, thief)

    narrator.chapter(3, "What the thief has now")
    narrator.show("the thief", cloud, thief, expected=Ruling.DENIED)

    narrator.chapter(4, "What it cost, and what goes on")
    narrator.say("The deny hits every session of the role that is older than the cut-off, the")
    narrator.say("shop's old one included (`--scope session` would have spared it):")
    narrator.show("the shop's old session", cloud, shop, expected=Ruling.DENIED)
    narrator.say("", "The shop fetches new credentials, as it does every hour, and goes on:")
    incidents = shell.run("incidents", "show", _incident(shell), "--json")
    wait_until_after(incidents.cutoff)
    narrator.show(
        "the shop's new session", cloud, cloud.assume(ROLE, "shop"), expected=Ruling.ALLOWED
    )

    narrator.chapter(5, "The record")
    _run(narrator, shell, ["incidents"])
    narrator.say("", "Taking the deny away today would revive the thief, so unleak refuses:")
    code = _run(narrator, shell, ["undo", _incident(shell), "--yes"])
    narrator.expect("undo before the safe date ends with exit 2", holds=code == 2)  # noqa: PLR2004 - the contract's "refused"


def _revoke(narrator: Narrator, shell: CommandLine, thief: Keys) -> None:
    """Run the real thing; where a terminal is there, the person answers its question."""
    asked = sys.stdin.isatty() and sys.stdout.isatty()
    if not asked:
        code = _run(
            narrator, shell, ["revoke", "-", "--yes", "--hold", "8"], stdin=thief.export_lines
        )
        narrator.expect("revoke ends with exit 0: contained and proven", holds=code == 0)
        return
    leaked = shell.home / "leaked.txt"
    leaked.write_text(thief.export_lines)
    narrator.say("(here it reads a file, so that your keyboard is free to answer)")
    code = _run(narrator, shell, ["revoke", "--file", str(leaked), "--hold", "8"], stdin=None)
    leaked.unlink()
    narrator.expect("revoke ends with exit 0: contained and proven", holds=code == 0)


def _run(
    narrator: Narrator, shell: CommandLine, arguments: Sequence[str], *, stdin: str | None = ""
) -> int:
    """Run unleak with its words going straight to this terminal; returns its exit code."""
    narrator.say("", f"$ unleak {' '.join(arguments)}", "")
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "unleak", *arguments],
        check=False,
        input=stdin,
        text=True,
        env=shell.environment,
    )
    narrator.say("", f"(exit {done.returncode})")
    return done.returncode


def _incident(shell: CommandLine) -> str:
    listed = shell.run("incidents", "--json").document.rows("incidents")
    return listed[0].text("incident")


if __name__ == "__main__":
    sys.exit(main())

"""Climb the ladder of proof: probes first, since they measure time, then what can be read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from unleak.model.credential import How
from unleak.model.frozen import dataclass
from unleak.model.plan import StepState
from unleak.model.proof import Level, Verification
from unleak.verify.control import ask_controls, new_sessions_work
from unleak.verify.decode import decode_denials
from unleak.verify.elsewhere import region_proofs, role_of, strongest_seconds, tracks_elsewhere
from unleak.verify.judge import Company, check_of
from unleak.verify.level import claims_of, reached
from unleak.verify.panel import Panel, tests_policies
from unleak.verify.read_back import read_back
from unleak.verify.simulate import simulate
from unleak.verify.subject import Subject, holder_of
from unleak.verify.suspects import canary_suspects, live_suspects, tracks_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from unleak.model.action import Holder
    from unleak.model.ports import Prober, Reader
    from unleak.model.proof import Check
    from unleak.verify.baseline import Baseline
    from unleak.verify.canary import Control
    from unleak.verify.panel import Suspect, Track


def verify(  # noqa: PLR0913 - doors, clocks and limits are arguments, so that tests own them
    subject: Subject,
    *,
    reader: Reader,
    prober: Prober,
    regions: tuple[str, ...],
    wanted: Level | None,
    timeout_seconds: float,
    accepted_at: float | None,
    baseline: Baseline | None,
    more_regions: Callable[[], Sequence[str]] = tuple,
    pause: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
    progress: Callable[[str], None] | None = None,
) -> Verification:
    """Measure how sure we are that the leak is dead, and say no more than was seen.

    All rungs that are possible are tried, up to `wanted` where that is lower than the top.

    Args:
        subject: the incident: what leaked, what is in place, what we may sign with.
        reader: the responder's eyes; what it can't read becomes a skipped check.
        prober: signs harmless calls with the leaked credentials and with sessions of ours.
        regions: where to probe, the home region first; empty stands for the reader's own region.
        wanted: the rung to stop at; None climbs as high as possible.
        timeout_seconds: how long to go on asking while the credential is still served.
        accepted_at: `monotonic()` when AWS accepted the deny; None where that is long past.
        baseline: what the leaked credentials could do just before, where it was measured.
        more_regions: further regions; asked for late, so that the first probe does not wait.
        pause: sleeps that many seconds.
        monotonic: a clock that never goes back, in seconds.
        progress: is told in words what is being done.
    """
    doors = _Doors(reader, prober, pause, monotonic, progress or (lambda _text: None))
    climb = _Climb(subject, top=wanted or Level.LIVE, doors=doors)
    home, *others = regions or (reader.region,)
    climb.probe(home, timeout_seconds, baseline, accepted_at)
    climb.probe_elsewhere(others, more_regions)
    climb.read_and_compare()
    return climb.verification(accepted_at)


@dataclass(frozen=True, slots=True)
class _Doors:
    """What a climb acts through."""

    reader: Reader
    prober: Prober
    pause: Callable[[float], None]
    monotonic: Callable[[], float]
    tell: Callable[[str], None]


class _Climb:
    """One way up: the rungs add their checks, `verification` draws the sum."""

    def __init__(self, subject: Subject, *, top: Level, doors: _Doors) -> None:
        self._subject = subject
        self._top = top
        self._doors = doors
        self._checks: list[Check] = []
        self._home = ""
        self._panel = self._panel_of(())
        self._deadline = doors.monotonic()
        self._controls: dict[Holder, Control] = {}

    def probe(
        self,
        home: str,
        timeout_seconds: float,
        baseline: Baseline | None,
        accepted_at: float | None,
    ) -> None:
        """Ask with the leaked credentials and the canaries until all refuse, or time is up."""
        doors = self._doors
        suspects = self._suspects()
        self._home = home
        self._deadline = doors.monotonic() + timeout_seconds
        if not suspects:
            return
        places = [(service, home) for service in doors.prober.services]
        self._panel = self._panel_of(
            tracks_for(suspects, places=places, baseline=baseline, accepted_at=accepted_at)
        )
        doors.tell("asking services with what was cut, until they refuse")
        self._panel.poll(deadline=self._deadline)

    def probe_elsewhere(self, others: Sequence[str], more: Callable[[], Sequence[str]]) -> None:
        """Ask in the other regions too: a deny that bites at home may be late elsewhere."""
        home = self._panel.tracks
        if not home:
            return
        regions = [each for each in dict.fromkeys((*others, *more())) if each != self._home]
        tracks = tracks_elsewhere(home, regions, roles=self._roles())
        if tracks:
            self._doors.tell(f"asking in {len(regions)} more regions")
            self._panel.add(tracks)
            self._panel.poll(deadline=self._deadline, only=tracks)

    def read_and_compare(self) -> None:
        """Take the rungs that need no waiting for the deny, and ask what only then can be asked."""
        self.read()
        self.compare()
        self.decode()

    def read(self) -> None:
        """Read back every change, and let AWS simulate the policies."""
        reader, pause = self._doors.reader, self._doors.pause
        self._doors.tell("reading back what was changed")
        self._checks += read_back(self._subject, reader, pause=pause)
        if self._top.rank >= Level.SIMULATED.rank:
            self._doors.tell("simulating sessions from before and after the cut-off")
            self._checks += simulate(self._subject, reader)

    def compare(self) -> None:
        """See that new sessions live, then hear the old ones once more: the control group."""
        if self._top.rank < Level.CANARY.rank:
            return
        self._doors.tell("minting a new session, to see that it is served")
        self._controls, checks = ask_controls(
            self._subject,
            places=self._comparable(),
            reader=self._doors.reader,
            prober=self._doors.prober,
            pause=self._doors.pause,
        )
        self._checks += checks
        if self._controls and self._panel.tracks:
            again = [each for each in self._panel.tracks if self._is_worth_asking_again(each)]
            self._panel.poll(deadline=self._deadline, only=again)

    def decode(self) -> None:
        """Ask which statement refused, where a refusal carries that."""
        decode_denials(self._panel.tracks, self._doors.reader, tell=self._doors.tell)

    def verification(self, accepted_at: float | None) -> Verification:
        """Weigh every answer against its company and sum it all up."""
        pairs = [(track, check_of(track, self._company(track))) for track in self._panel.tracks]
        checks = (*self._checks, *(check for _, check in pairs))
        level, effective = reached(checks, claims_of(self._subject))
        # where the first answer was a refusal, the deny may have been there long before it
        timed = [pair for pair in pairs if pair[0].region == self._home or pair[0].was_allowed]
        return Verification(
            level=level,
            effective=effective,
            seconds_to_effect=strongest_seconds(timed, accepted_at=accepted_at),
            new_sessions_work=new_sessions_work(self._controls),
            checks=checks,
            regions=region_proofs(pairs, roles=self._roles(), accepted_at=accepted_at),
        )

    def _roles(self) -> dict[int, str]:
        """Return whose deny each suspect should meet."""
        suspects = {id(track.suspect): track.suspect for track in self._panel.tracks}
        found: dict[int, str] = {}
        for key, suspect in suspects.items():
            known = self._subject.identified(suspect.target)
            holder = None if known is None else holder_of(known)
            found[key] = role_of(suspect, None if holder is None else holder.label)
        return found

    def _panel_of(self, tracks: tuple[Track, ...]) -> Panel:
        doors = self._doors
        return Panel(
            tracks,
            prober=doors.prober,
            pause=doors.pause,
            monotonic=doors.monotonic,
            tell=doors.tell,
        )

    def _suspects(self) -> tuple[Suspect, ...]:
        found: tuple[Suspect, ...] = ()
        if self._top.rank >= Level.LIVE.rank:
            suspects, skipped = live_suspects(self._subject)
            found, self._checks = found + suspects, [*self._checks, *skipped]
        if self._top.rank >= Level.CANARY.rank:
            suspects, skipped = canary_suspects(self._subject)
            found, self._checks = found + suspects, [*self._checks, *skipped]
        return found

    def _comparable(self) -> tuple[tuple[str, str], ...]:
        """Return the places where a new session's answer is worth having."""
        tracks = self._panel.tracks
        if tracks:
            return tuple(
                dict.fromkeys(
                    (track.service, track.region)
                    for track in tracks
                    if not track.is_dropped and track.tests_policies and self._needs_control(track)
                )
            )
        services = self._doors.prober.services
        return tuple((each, self._home) for each in services if tests_policies(each))

    def _is_worth_asking_again(self, track: Track) -> bool:
        return track.region == self._home or not track.is_settled

    def _needs_control(self, track: Track) -> bool:
        """Whether a comparison is wanted: elsewhere only where the refusal does not say enough."""
        return track.region == self._home or not track.is_decisive

    def _company(self, track: Track) -> Company:
        subject, peers = self._subject, self._panel.of(track.suspect)
        is_ours = track.suspect.level is Level.CANARY
        known = subject.identified(track.suspect.credential.access_key_id)
        was_asked = known is not None and How.ASKED_LEAKED in known.how
        control = self._control_of(track)
        return Company(
            peers=peers,
            control={} if control is None else control.verdicts,
            was_valid=is_ours or was_asked or any(peer.was_recognised for peer in peers),
            had_deny_before=any(step.state is StepState.ALREADY for step in subject.in_place),
        )

    def _control_of(self, track: Track) -> Control | None:
        """Return the control group of the role that the suspect belongs to."""
        known = self._subject.identified(track.suspect.target)
        holder = None if known is None else holder_of(known)
        for each, control in self._controls.items():
            if each == holder or track.suspect.target == each.label:
                return control
            if track.suspect.target.startswith(f"session/{each.name}/"):
                return control
        return None

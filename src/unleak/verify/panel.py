"""Ask a panel of services, again and again, until each has refused often enough in a row."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass
from unleak.verify.classify import Verdict, classify, foreign_source, says_implicit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from unleak.model.credential import FoundCredential
    from unleak.model.ports import Denial, ProbeAnswer, Prober
    from unleak.model.proof import Level

ENOUGH = 3
"""Refusals in a row that count; replicas of IAM's data plane catch up one by one."""
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 2.0
_BACK_OFF = 1.6
_WORKERS = 8
_AUTHENTICATION_ONLY = frozenset({"sts"})
_RECOGNISED = frozenset({Verdict.ALLOWED, Verdict.EXPLICIT_DENY, Verdict.REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A credential that should be refused by now."""

    credential: FoundCredential
    target: str
    level: Level
    expects_dead_key: bool = False
    """Whether its very key was taken out of service, so that being recognised is being alive."""
    expects_deny: bool = True
    """Whether a deny was written that should show in the words of a refusal."""


class Track:
    """What one service in one region has told one suspect so far.

    Args:
        suspect: who asks.
        service: the service asked.
        region: where.
        before: what it was told before the deny was sent; None where that is not known.
    """

    def __init__(
        self, suspect: Suspect, *, service: str, region: str, before: Verdict | None = None
    ) -> None:
        self.suspect = suspect
        self.service = service
        self.region = region
        self.before = before
        self.was_allowed = before is Verdict.ALLOWED
        self.was_recognised = before in _RECOGNISED
        self.last: ProbeAnswer | None = None
        self.denial: Denial | None = None
        """What the last refusal says when it is decoded; None: not decoded."""
        self.verdict: Verdict | None = None
        """The last verdict that tells something of the credential."""
        self.noise: Verdict | None = None
        """The last verdict that tells nothing: throttled, unreachable, unknown."""
        self.run = 0
        self.run_began: float | None = None
        self.mute = 0
        self.is_dropped = False

    @property
    def tests_policies(self) -> bool:
        """Whether a deny can show here."""
        return tests_policies(self.service)

    @property
    def is_alive(self) -> bool:
        """Whether the last telling answer was one that a dead credential does not get."""
        counts = self.tests_policies or self.suspect.expects_dead_key
        return counts and self.verdict is Verdict.ALLOWED

    @property
    def is_still_recognised(self) -> bool:
        """Whether the words show that a key is known here although it was taken out of service."""
        if not self.suspect.expects_dead_key or self.last is None:
            return False
        is_implicit = self.verdict is Verdict.REFUSED and says_implicit(self.last)
        return is_implicit or self.verdict is Verdict.EXPLICIT_DENY

    @property
    def is_settled(self) -> bool:
        """Whether asking again would tell nothing new."""
        if self.is_dropped:
            return True
        if self.verdict is Verdict.ALLOWED and not self.is_alive:
            return True
        if self.is_still_recognised:
            return False
        return self.run >= ENOUGH or (self.mute >= ENOUGH and not self.is_alive)

    @property
    def is_decisive(self) -> bool:
        """Whether its refusal says more than "nothing allows this"."""
        if self.verdict is Verdict.EXPLICIT_DENY:
            return self.last is not None and foreign_source(self.last) is None
        return self.was_allowed or self.verdict in {Verdict.DEAD_KEY, Verdict.EXPIRED}

    def take(self, answer: ProbeAnswer, *, at: float) -> None:
        """Note one answer; `at` is the monotonic time when it had come in."""
        verdict = classify(answer)
        self.was_recognised = self.was_recognised or verdict in _RECOGNISED
        if verdict.is_refusal:
            # a deny that takes over from "nothing allows it" begins a run of its own
            if self.run == 0 or verdict is not self.verdict:
                self.run, self.run_began = 0, at
            self.run += 1
        elif verdict is Verdict.ALLOWED:
            self.run, self.run_began, self.was_allowed = 0, None, True
        else:
            self.mute += 1
            self.noise = verdict
            self.last = answer if self.verdict is None else self.last
            return
        self.mute, self.verdict, self.last, self.denial = 0, verdict, answer, None


class Panel:
    """All tracks of all suspects, asked in rounds.

    Args:
        tracks: whom to ask with what.
        prober: signs the questions; never raises.
        pause: sleeps that many seconds.
        monotonic: a clock that never goes back, in seconds.
        tell: is told in words how far it has come.
    """

    def __init__(
        self,
        tracks: Iterable[Track],
        *,
        prober: Prober,
        pause: Callable[[float], None],
        monotonic: Callable[[], float],
        tell: Callable[[str], None],
    ) -> None:
        self.tracks = tuple(tracks)
        self._tell = tell
        self._prober = prober
        self._pause = pause
        self._monotonic = monotonic

    def of(self, suspect: Suspect) -> tuple[Track, ...]:
        """Return the tracks of one suspect."""
        return tuple(track for track in self.tracks if track.suspect is suspect)

    def add(self, tracks: Iterable[Track]) -> None:
        """Ask these as well from now on."""
        self.tracks += tuple(tracks)

    def poll(self, *, deadline: float, only: Sequence[Track] | None = None) -> None:
        """Ask in rounds until all is settled or the monotonic time `deadline` has come.

        At least one round is made, so that the last word is never an old one.

        Args:
            deadline: when to stop.
            only: the tracks to ask; None for all.
        """
        asked = self.tracks if only is None else tuple(only)
        wait = FIRST_PAUSE
        while True:
            self._round(asked)
            self._drop_what_is_missing()
            left = deadline - self._monotonic()
            if _all_settled(asked) or left <= 0:
                return
            self._say_how_far()
            self._pause(min(wait, left))
            wait = min(wait * _BACK_OFF, LONGEST_PAUSE)

    def _round(self, asked: Sequence[Track]) -> None:
        active = [track for track in asked if not track.is_dropped]
        if not active:
            return
        with ThreadPoolExecutor(max_workers=min(_WORKERS, len(active))) as pool:
            for track, (answer, at) in zip(active, pool.map(self._ask, active), strict=True):
                track.take(answer, at=at)

    def _ask(self, track: Track) -> tuple[ProbeAnswer, float]:
        answer = self._prober.probe(
            track.suspect.credential, service=track.service, region=track.region
        )
        return answer, self._monotonic()

    def _drop_what_is_missing(self) -> None:
        """Stop asking services that this cloud lacks; unreachable ones only where others answer."""
        somebody_answers = any(track.verdict is not None for track in self.tracks)
        for track in self.tracks:
            is_missing = track.noise is Verdict.UNSUPPORTED or (
                track.noise is Verdict.UNREACHABLE and somebody_answers
            )
            if track.verdict is None and is_missing:
                track.is_dropped = True

    def _say_how_far(self) -> None:
        asked = [track for track in self.tracks if not track.is_dropped]
        alive = [track for track in asked if track.is_alive]
        if alive:
            served = ", ".join(sorted({track.service for track in alive}))
            where = ", ".join(sorted({track.region for track in alive}))
            self._tell(f"still served by {served} in {where}; asking again")


def tests_policies(service: str) -> bool:
    """Whether a deny can show in this service's probe: `GetCallerIdentity` is served regardless.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    """
    return service not in _AUTHENTICATION_ONLY


def _all_settled(tracks: Sequence[Track]) -> bool:
    """Whether every suspect has settled in every region: each region enforces on its own."""
    groups: dict[tuple[int, str], list[Track]] = {}
    for track in tracks:
        groups.setdefault((id(track.suspect), track.region), []).append(track)
    return all(_has_settled(group) for group in groups.values())


def _has_settled(tracks: Sequence[Track]) -> bool:
    """Where words say "nothing allows this", a deny that is still on its way may show yet."""
    if not all(track.is_settled for track in tracks):
        return False
    may_change = any(
        track.verdict is Verdict.REFUSED and track.last is not None and says_implicit(track.last)
        for track in tracks
    )
    expects = any(track.suspect.expects_deny for track in tracks)
    return not (may_change and expects) or any(track.is_decisive for track in tracks if track.run)

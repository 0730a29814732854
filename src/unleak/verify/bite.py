"""Does the deny bite yet?  A few harmless questions a second, while the containment is held.

Not a proof: that is the panel's work, afterwards.  This tells the hold when to go on, so it asks
little and errs on the side of "not yet": every region has to refuse, several times in a row, and at
least one refusal a region has to be more than "nothing allows this".
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from unleak.verify.classify import Verdict
from unleak.verify.panel import ENOUGH, Track, tests_policies

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from unleak.model.ports import ProbeAnswer, Prober
    from unleak.verify.panel import Suspect

FEW = 1
"""Services asked in each region but home: all of a region's services read the same replica of IAM.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/disaster-recovery-resiliency.html
"""
_GLOBAL = frozenset({"iam", "sts"})
_WORKERS = 8
_MISSING = frozenset({Verdict.UNSUPPORTED, Verdict.UNREACHABLE})


class Bite:
    """What should be refused by now, asked round after round.

    Args:
        suspects: the leaked credentials that we may sign with, and canaries of ours.
        prober: signs the questions; never raises.
        regions: the home region first.
        monotonic: a clock that never goes back, in seconds.
    """

    def __init__(
        self,
        suspects: Sequence[Suspect],
        *,
        prober: Prober,
        regions: Sequence[str],
        monotonic: Callable[[], float],
    ) -> None:
        self._prober = prober
        self._regions = tuple(regions)
        self._monotonic = monotonic
        self._tracks: list[Track] = []
        self.refused_since: float | None = None
        """The monotonic time since when no policy lets anything through; `forget` leaves it."""
        for suspect in suspects:
            self.watch(suspect)

    def watch(self, suspect: Suspect) -> None:
        """Take one more into the round; it is asked everything at home first."""
        services = self._prober.services
        self._tracks += [
            Track(suspect, service=service, region=self._regions[0])
            for service in services
            if tests_policies(service) or suspect.expects_dead_key
        ]

    def ask(self) -> None:
        """Make one round of questions, all at once."""
        asked = [track for track in self._tracks if not track.is_dropped]
        if not asked:
            return
        with ThreadPoolExecutor(max_workers=min(_WORKERS, len(asked))) as pool:
            for track, answer in zip(asked, pool.map(self._probe, asked), strict=True):
                track.take(answer[0], at=answer[1])
        self._note_refusals()
        self._narrow()

    def forget(self) -> None:
        """Count anew: something was changed, so refusals from before tell nothing of after."""
        for track in self._tracks:
            track.run, track.run_began = 0, None

    @property
    def bites(self) -> bool | None:
        """Whether everything is refused everywhere; None where nothing can be told."""
        groups = self._groups()
        telling = [group for group in groups if any(_tells(track) for track in group)]
        if not telling:
            return None
        return all(_refuses(group) for group in telling)

    @property
    def served_in(self) -> tuple[str, ...]:
        """The regions where something is still served."""
        return tuple(sorted({each.region for each in self._tracks if each.is_alive}))

    def _probe(self, track: Track) -> tuple[ProbeAnswer, float]:
        answer = self._prober.probe(
            track.suspect.credential, service=track.service, region=track.region
        )
        return answer, self._monotonic()

    def _note_refusals(self) -> None:
        telling = [
            track
            for track in self._tracks
            if not track.is_dropped and track.tests_policies and _tells(track)
        ]
        if not telling or any(track.is_alive for track in telling):
            self.refused_since = None
        elif self.refused_since is None:
            self.refused_since = self._monotonic()

    def _narrow(self) -> None:
        """Keep the services that tell something, and ask the same in the other regions."""
        for suspect in {id(track.suspect): track.suspect for track in self._tracks}.values():
            mine = [track for track in self._tracks if track.suspect is suspect]
            if len({track.region for track in mine}) > 1 or len(self._regions) == 1:
                self._drop(mine)
                continue
            kept = [track for track in mine if _tells(track)]
            if not kept:
                continue
            self._drop(mine)
            services = [track.service for track in kept if track.service not in _GLOBAL][:FEW]
            self._tracks += [
                Track(suspect, service=service, region=region)
                for region in self._regions[1:]
                for service in services
            ]

    def _drop(self, tracks: Sequence[Track]) -> None:
        """Ask no more where a service is not to be had, or only repeats that nothing allows it."""
        telling = [track for track in tracks if _tells(track)]
        for track in tracks:
            never_told = track.verdict is None and track.noise in _MISSING
            track.is_dropped = never_told or (bool(telling) and not _tells(track))

    def _groups(self) -> list[list[Track]]:
        groups: dict[tuple[int, str], list[Track]] = {}
        for track in self._tracks:
            if not track.is_dropped:
                groups.setdefault((id(track.suspect), track.region), []).append(track)
        return list(groups.values())


def _tells(track: Track) -> bool:
    """Whether its answers depend on our deny: served before, or refused in decisive words."""
    return track.was_allowed or track.verdict in {
        Verdict.ALLOWED,
        Verdict.EXPLICIT_DENY,
        Verdict.DEAD_KEY,
        Verdict.EXPIRED,
    }


def _refuses(tracks: Sequence[Track]) -> bool:
    return all(
        track.verdict is not None and track.verdict.is_refusal and track.run >= ENOUGH
        for track in tracks
        if _tells(track)
    )

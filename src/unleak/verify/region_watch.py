"""One question a region, again and again, from before a deny until each region refuses for good.

For drills: the panel proves that something is dead, this tells how long each region took.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from unleak.model.drill import RegionBite
from unleak.verify.classify import Verdict, classify, foreign_source
from unleak.verify.panel import ENOUGH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from unleak.model.credential import FoundCredential
    from unleak.model.ports import Prober

PAUSE = 0.2
_WORKERS = 8
_MISSING = frozenset({Verdict.UNSUPPORTED, Verdict.UNREACHABLE})


class _Region:
    """What one region has told so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.served = 0
        self.was_served = False
        self.run = 0
        self.first_refusal: float | None = None
        self.lasting: float | None = None
        self.relapses = 0
        self.asked = 0
        self.barred = 0

    @property
    def is_clear(self) -> bool:
        """Whether it serves the canary, or nothing that IAM does can make it."""
        return max(self.served, self.barred) >= ENOUGH

    def take(self, verdict: Verdict | None, *, at: float) -> None:
        """Note one answer; noise (throttled, for example) neither counts nor breaks a run.

        Args:
            verdict: None: refused by a policy that cannot be the drill's, or out of reach.
            at: the monotonic time when it had come in.
        """
        self.asked += 1
        if verdict is None:
            self.barred += 1
            return
        self.barred = 0
        if verdict is Verdict.ALLOWED:
            self.served += 1
            self.was_served = True
            self.relapses += self.run > 0
            self.run, self.lasting = 0, None
        elif verdict.is_refusal:
            self.served = 0
            self.run += 1
            self.first_refusal = at if self.first_refusal is None else self.first_refusal
            if self.run == ENOUGH:
                self.lasting = at

    def begin(self) -> None:
        """Forget the refusals from before the role had arrived here."""
        self.run, self.first_refusal, self.lasting, self.relapses, self.asked = 0, None, None, 0, 0


class RegionWatch:
    """Asks every region with one session of ours.

    Args:
        session: a canary; what it is told is all that is looked at.
        prober: signs the questions; never raises.
        service: the service that the canary may call.
        regions: where to ask.
        pause: sleeps that many seconds.
        monotonic: a clock that never goes back, in seconds.
    """

    def __init__(
        self,
        session: FoundCredential,
        *,
        prober: Prober,
        service: str,
        regions: Sequence[str],
        pause: Callable[[float], None],
        monotonic: Callable[[], float],
    ) -> None:
        self._session = session
        self._prober = prober
        self._service = service
        self._regions = tuple(_Region(name) for name in regions)
        self._pause = pause
        self._monotonic = monotonic
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def warm_up(self, patience: float) -> tuple[str, ...]:
        """Ask until each region has served the canary often enough in a row.

        Args:
            patience: the most seconds that it may take.

        Returns:
            The regions that had not: nothing can be told of them.
        """
        deadline = self._monotonic() + patience
        while True:
            self._round()
            is_over = self._monotonic() >= deadline
            if is_over or all(each.is_clear for each in self._regions):
                return tuple(each.name for each in self._regions if each.served < ENOUGH)
            self._pause(PAUSE)

    def start(self) -> None:
        """Go on asking, in the background, until `finish` or `stop`."""
        for each in self._regions:
            each.begin()
        self._thread = threading.Thread(target=self._run, name="unleak-drill", daemon=True)
        self._thread.start()

    def finish(self, patience: float) -> None:
        """Go on in this thread until every region that served refuses, or the seconds are over.

        Args:
            patience: the most seconds that it may take.
        """
        self.stop()
        deadline = self._monotonic() + patience
        while not self._is_settled() and self._monotonic() < deadline:
            self._pause(PAUSE)
            self._round()

    def stop(self) -> None:
        """Ask no more, and wait for the answers that are still out."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def bites(self, accepted_at: float | None) -> tuple[RegionBite, ...]:
        """Return what each region has told, in seconds from the deny's acceptance.

        Args:
            accepted_at: the monotonic time of that; None: no deny was accepted.
        """

        def since(at: float | None) -> float | None:
            # a region may refuse before the answer to the deny has come back to us
            if at is None or accepted_at is None:
                return None
            return round(max(0.0, at - accepted_at), 3)

        return tuple(
            RegionBite(
                region=each.name,
                was_served=each.was_served,
                first_refusal=since(each.first_refusal),
                lasting=since(each.lasting),
                relapses=each.relapses,
                asked=each.asked,
            )
            for each in self._regions
        )

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._round()
            self._stopped.wait(PAUSE)

    def _is_settled(self) -> bool:
        return all(each.lasting is not None for each in self._regions if each.was_served)

    def _round(self) -> None:
        with ThreadPoolExecutor(max_workers=min(_WORKERS, len(self._regions))) as pool:
            for each, (verdict, at) in zip(
                self._regions, pool.map(self._ask, self._regions), strict=True
            ):
                each.take(verdict, at=at)

    def _ask(self, region: _Region) -> tuple[Verdict | None, float]:
        answer = self._prober.probe(self._session, service=self._service, region=region.name)
        verdict = classify(answer)
        is_foreign = verdict is Verdict.EXPLICIT_DENY and foreign_source(answer) is not None
        return None if is_foreign or verdict in _MISSING else verdict, self._monotonic()

"""What the leaked credential could do just before the cut: measured aside, never waited for."""

from __future__ import annotations

import threading
import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from unleak.verify.classify import Verdict, classify

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from unleak.model.credential import FoundCredential
    from unleak.model.ports import Prober

_WORKERS = 2


class Baseline:
    """Harmless questions signed with the leaked credential, running while the deny is prepared.

    Only answers that were in before the deny was sent count: call `seal` just before sending it.
    The threads are daemons: neither the deny nor the end of the program waits for them.

    Args:
        prober: signs the questions; has to be safe to use from several threads.
        leaked: the credentials; consent was given.
        regions: where to ask, the home region first.
        monotonic: a clock that never goes back, in seconds.
    """

    def __init__(
        self,
        prober: Prober,
        leaked: Sequence[FoundCredential],
        *,
        regions: Sequence[str],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._prober = prober
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._sealed_at: float | None = None
        self._seen: dict[tuple[str, str, str], tuple[Verdict, float]] = {}
        self._todo: SimpleQueue[tuple[FoundCredential, str, str]] = SimpleQueue()
        for region in regions:
            for service in prober.services:
                for found in leaked:
                    if found.can_sign:
                        self._todo.put((found, service, region))

    def start(self, workers: int = _WORKERS) -> None:
        """Begin asking in the background and return at once."""
        for _ in range(workers):
            threading.Thread(target=self.run, name="unleak-baseline", daemon=True).start()

    def run(self) -> None:
        """Ask until there is nothing left or the baseline is sealed; what the threads do."""
        while not self.is_sealed:
            try:
                found, service, region = self._todo.get_nowait()
            except Empty:
                return
            answer = self._prober.probe(found, service=service, region=region)
            self._note((found.access_key_id or "", service, region), classify(answer))

    @property
    def is_sealed(self) -> bool:
        """Whether further answers come too late."""
        with self._lock:
            return self._sealed_at is not None

    def seal(self) -> None:
        """Say that the deny is about to be sent: answers that come in later do not count."""
        with self._lock:
            if self._sealed_at is None:
                self._sealed_at = self._monotonic()

    def before(
        self, key_id: str, *, service: str, region: str, accepted_at: float | None
    ) -> Verdict | None:
        """Return what the credential was told before the deny, None where that is not known.

        Args:
            key_id: the credential.
            service: the service asked.
            region: where.
            accepted_at: the monotonic time of the deny's acceptance: the limit if never sealed.
        """
        with self._lock:
            noted = self._seen.get((key_id, service, region))
            limit = accepted_at if self._sealed_at is None else self._sealed_at
        if noted is None or limit is None or noted[1] > limit:
            return None
        return noted[0]

    def _note(self, place: tuple[str, str, str], verdict: Verdict) -> None:
        with self._lock:
            if self._sealed_at is None:
                self._seen[place] = (verdict, self._monotonic())

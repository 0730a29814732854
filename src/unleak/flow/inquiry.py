"""The thorough look at an account, beside everything else: key lists, passwords, CloudTrail.

A large account has thousands of users, IAM answers some twenty calls a second and CloudTrail two,
so nobody waits for it who has a thief to fight.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.errors import UnleakError
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from unleak.identify.leak import Leak
    from unleak.identify.makers import Makers
    from unleak.identify.sweep import Swept


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One look at the account, and what leaked."""

    swept: Swept
    leak: Leak


class Inquiry:
    """A thorough look under way.

    Args:
        look: reads the account.
        ask: asks CloudTrail who made what.
    """

    def __init__(self, look: Callable[[], Seen], ask: Callable[[Seen], Makers]) -> None:
        self._look = look
        self._ask = ask
        self._seen: Seen | None = None
        self._error: UnleakError | None = None
        self._thread = threading.Thread(target=self._run, name="unleak-inquiry", daemon=True)
        self._thread.start()

    def result(self, patience: float | None = None) -> Seen | None:
        """Return what was seen, with the makers; None while it is under way.

        Args:
            patience: seconds to wait; None waits for the end.

        Raises:
            UnleakError: our own credentials stopped working, or `--since` makes no sense.
        """
        self._thread.join(patience)
        if self._error is not None:
            raise self._error
        return None if self._thread.is_alive() else self._seen

    def _run(self) -> None:
        try:
            seen = self._look()
            makers = self._ask(seen)
        except UnleakError as error:
            self._error = error
        else:
            self._seen = replace(seen, leak=replace(seen.leak, makers=makers))

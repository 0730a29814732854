"""Which regions to probe: every enabled one, where the account may be asked which these are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.errors import UnleakError
from unleak.model.proof import EVERY_REGION, Check, CheckOutcome, Level

if TYPE_CHECKING:
    from collections.abc import Callable

    from unleak.model.credential import FoundCredential
    from unleak.model.ports import Reader
    from unleak.model.proof import Verification

OTHER_REGIONS = ("us-east-1", "eu-west-1")
"""Asked besides home where the enabled regions cannot be listed; in the `aws` partition alone."""
_MOST_UNLISTED = 3
_OTHER_PARTITIONS = ("cn-", "us-gov-", "us-iso", "eu-iso", "eusc-")


class RegionList:
    """The regions beyond home; asked for late, because the first question must not wait for it.

    Args:
        reader: lists the enabled regions.
        leaked: what may sign; a session's token hints at the region that issued it.
        hears: is told where the regions could not be listed.
    """

    def __init__(
        self,
        reader: Reader,
        leaked: tuple[FoundCredential, ...],
        *,
        hears: Callable[[str], None],
    ) -> None:
        self._reader = reader
        self._leaked = leaked
        self._hears = hears
        self._gap: str | None = None

    def names(self) -> tuple[str, ...]:
        """Return every enabled region, or a few likely ones where they cannot be listed."""
        try:
            found = self._reader.regions()
        except UnleakError as error:
            found, why = (), error.message
        else:
            why = "the list is empty"
        if found:
            return found
        names = self._likely()
        self._gap = (
            f"which regions are enabled could not be read ({why}), so only {', '.join(names)} "
            "were asked"
        )
        self._hears(self._gap)
        return names

    def noted(self, measured: Verification) -> Verification:
        """Return what was measured, with a skipped check where the regions were not listed.

        Args:
            measured: what was seen.
        """
        if self._gap is None:
            return measured
        check = Check(
            name=EVERY_REGION,
            level=Level.NONE,
            target="the account",
            outcome=CheckOutcome.SKIPPED,
            detail=self._gap,
        )
        return replace(measured, checks=(*measured.checks, check))

    def _likely(self) -> tuple[str, ...]:
        home = self._reader.region
        hinted = [each.region_hint for each in self._leaked if each.region_hint is not None]
        extra = [] if home.startswith(_OTHER_PARTITIONS) else OTHER_REGIONS
        return tuple(dict.fromkeys([home, *hinted, *extra]))[:_MOST_UNLISTED]

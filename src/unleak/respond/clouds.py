"""The accounts of AWS that a responder gets into: its own, and members by their role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.flow.clock import corrected_now
from unleak.identify.caller import caller_or_unknown

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.flow.doors import AwsDoors
    from unleak.model.principal import Principal


class AwsClouds:
    """Our own account through our own credentials, every other through its member role.

    Args:
        home: the responder's own doors; their settings name the member role.
    """

    def __init__(self, home: AwsDoors) -> None:
        self._home = home
        self._own: str | None = None

    def own_account(self) -> str | None:
        """Return our own account; asked once."""
        if self._own is None:
            caller, _ = caller_or_unknown(self._home.reader())
            self._own = caller.account
        return self._own

    def account_of_key(self, key_id: str) -> str:
        """Ask `sts:GetAccessKeyInfo`.

        Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html
        """
        return self._home.reader().account_of_key(key_id)

    def doors(self, account: str) -> AwsDoors:
        """Return the doors of an account."""
        return self._home if account == self.own_account() else self._home.of_account(account)

    def tags(self, account: str, principal: Principal) -> tuple[tuple[str, str], ...]:
        """Return the tags of a role or user."""
        return self.doors(account).tags(principal)

    def now(self) -> datetime:
        """Return AWS's time where an answer told it."""
        return corrected_now(self._home.reader().clock)

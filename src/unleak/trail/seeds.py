"""What a trace starts from: a key id, or the calls of a user, a role, one session, root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.errors import WrongUse
from unleak.model.frozen import dataclass
from unleak.model.principal import parse_arn
from unleak.trail.tokens import SESSION, account_in, labels_of

if TYPE_CHECKING:
    from unleak.model.principal import Principal
    from unleak.trail.minted import Minted
    from unleak.trail.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """One thing that leaked."""

    token: str
    """A key id, or the label of a principal: `user/NAME`."""
    is_key: bool
    account: str | None = None
    session_name: str | None = None

    @property
    def label(self) -> str:
        """How the person would write it."""
        if self.session_name is None:
            return self.token
        return f"session/{self.token.removeprefix('role/')}/{self.session_name}"

    def is_caller(self, record: Record) -> bool:
        """Whether a call was made by this principal."""
        return not self.is_key and self._is(record.arn or "")

    def owns(self, minted: Minted) -> bool:
        """Whether a credential that came into being is of this principal, by itself.

        A role's sessions are told by the calls that they make, which name the session too.
        """
        principal = minted.principal
        if self.is_key or principal is None or self.session_name is not None:
            return False
        if self.account is not None and principal.account not in {None, self.account}:
            return False
        return principal.label == self.token

    def _is(self, arn: str) -> bool:
        labels = labels_of(arn)
        if self.token not in labels:
            return False
        if self.session_name is not None and SESSION + self.session_name not in labels:
            return False
        return self.account is None or account_in(arn) == self.account


def key_seed(key_id: str) -> Seed:
    """Return the seed for a key id."""
    return Seed(token=key_id, is_key=True)


def principal_seed(principal: Principal, session_name: str | None = None) -> Seed:
    """Return the seed for everything that a principal, or one session of it, held.

    Args:
        principal: the user, role, federated user or root.
        session_name: one session of a role.
    """
    return Seed(
        token=principal.label,
        is_key=False,
        account=principal.account,
        session_name=session_name,
    )


def principal_in(arn: str | None) -> Principal | None:
    """Return the principal that an ARN names; None where it names none."""
    if arn is None:
        return None
    try:
        return parse_arn(arn).principal
    except WrongUse:
        return None

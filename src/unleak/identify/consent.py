"""May the leaked credential itself sign a harmless question?  Only with consent, and only here.

`GetCallerIdentity` signed with the leak is the fastest answer, but it shows in the victim's
CloudTrail and sets off a honeytoken, so it is never made by default.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from unleak.model.credential import FoundCredential


class Consent(StrEnum):
    """What the person allowed before anything was looked at."""

    FORBIDDEN = "forbidden"
    GRANTED = "granted"
    IF_OWN_ACCOUNT = "if-own-account"
    """Implied by `--yes`: only where the leaked credential is of the responder's own account."""
    ASK = "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The consent, and how to ask for it where it is `ASK` (None: nobody can be asked)."""

    consent: Consent
    ask: Callable[[FoundCredential], bool] | None = None


def may_sign(
    found: FoundCredential,
    *,
    asking: Asking,
    leaked_account: str | None,
    own_account: str | None,
) -> bool | None:
    """Say whether `found` may sign; None where the accounts do not decide it (yet).

    `ASK` calls back each time, so the caller remembers the answer.

    Args:
        found: the leaked credential; one that cannot sign is never asked for.
        asking: what the person allowed.
        leaked_account: its account, decoded or told by AWS; None where unknown.
        own_account: the responder's account; None where unknown.
    """
    if not found.can_sign:
        return False
    match asking.consent:
        case Consent.FORBIDDEN:
            return False
        case Consent.GRANTED:
            return True
        case Consent.ASK:
            return asking.ask is not None and asking.ask(found)
        case Consent.IF_OWN_ACCOUNT:
            is_known = leaked_account is not None and own_account is not None
            return True if is_known and leaked_account == own_account else None

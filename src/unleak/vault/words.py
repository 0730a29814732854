"""The words of plans that go through Vault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.evidence.clean import printable
from unleak.model.vault import VaultType
from unleak.vault.case import Leased, OwnKey, Static

if TYPE_CHECKING:
    from unleak.vault.case import VaultCase

USER_REASON: Final = "Vault made an IAM user for each lease and deletes it when that is revoked"
STS_REASON: Final = (
    "Vault forgets the lease; in AWS this does nothing, so it proves nothing: the deny is what cuts"
)
ROTATE_REASON: Final = (
    "Vault makes a new key with the one that leaked and then deletes that: it has to be active "
    "until then, so this comes instead of making it inactive"
)
ROTATE_IMPACT: Final = (
    "Vault goes on with the new key; leases stay. Whoever else signs with the old key stops. "
    "If Vault fails here, the old key is made inactive all the same, and Vault then issues nothing "
    "until config/root is set by hand"
)
STATIC_REASON: Final = "the key that Vault hands out for this static role leaked: it needs another"
STATIC_IMPACT: Final = (
    "consumers get the new key when they read static-creds again; the old one is dead by then. "
    "For a moment the role may not be there to read"
)
ROOM_REASON: Final = (
    "of two keys Vault deletes the oldest to make room, and that is not the leaked one"
)
ROOM_IMPACT: Final = "the leaked key is gone for good; keep its id for CloudTrail"
SECOND_KEY_REASON: Final = "the user has two keys, and Vault needs room for a third"
SECOND_KEY_IMPACT: Final = "an inactive key is gone for good; nothing signs with it now"
TRIAL_REASON: Final = "shows that new leases work: one is taken, asked with, and revoked again"
TRIAL_IMPACT: Final = "one lease for some seconds; its secret is not shown or kept"
STOPS_VAULT: Final = (
    "Vault cannot work any more until config/root gets another key: `vault write MOUNT/config/root`"
)
HAS_ANOTHER: Final = "Vault has a new key; whoever else signs with the old one stops"
IS_DEAD: Final = "the key is not active, and Vault makes a new one with the old one"
OTHER_STRATEGY: Final = "this strategy takes Vault's user its permissions"
NO_ROOM: Final = "the user has another active key, and two are the most; look whose it is"


def warnings(case: VaultCase) -> tuple[str, ...]:
    """Return what a person should know before he says yes."""
    told: list[str] = []
    for found in case.findings:
        if not isinstance(found, Leased):
            continue
        if found.type is None:
            told.append(f"what vault:{found.path} gives out is not known: look in AWS who it is")
        elif found.type.is_sts:
            told.append(
                f"vault:{found.path} gives out {found.type}: Vault answers success to a "
                "revocation and makes no call to AWS. Some were issued without a lease at all"
            )
        elif found.lease is None and not found.users:
            told.append(f"no IAM user of vault:{found.path} is known, so none can be read back")
    return tuple(told)


def manual(case: VaultCase) -> tuple[str, ...]:
    """Return what unleak cannot do."""
    return tuple(
        f"vault:{found.path}: session tokens may need an MFA code, so no new lease was tried"
        for found in case.findings
        if isinstance(found, Leased) and found.type is VaultType.SESSION_TOKEN
    )


def readers(case: VaultCase) -> tuple[str, ...]:
    """Say which consumers have to read again."""
    return tuple(dict.fromkeys(filter(None, map(_reader, case.findings))))


def impact_of(found: Leased) -> str:
    """Say whom a revocation costs what."""
    if found.type is not None and not found.type.is_sts:
        who = ", ".join(printable(each, limit=80) for each in found.consumers) or "its consumers"
        return f"the users are deleted for good; {who} must read {found.path} again"
    return "nothing stops by this; the deny is what consumers notice"


def cannot_rotate(found: OwnKey, why: str) -> str:
    """Say what is left to a person where Vault cannot rotate its own key."""
    return (
        f"vault:{found.mount} cannot rotate its own key: {why}. Give it another one: "
        f"`vault write {found.mount}/config/root access_key=... secret_key=-`"
    )


def _reader(found: object) -> str | None:
    match found:
        case Leased(path=path, consumers=consumers):
            who = ", ".join(printable(each, limit=80) for each in consumers)
            known = f" (tokens named {who})" if who else ""
            return f"whoever reads {path} from Vault{known} must read it again, and restart"
        case Static(role=role):
            where = f"{role.mount}/static-creds/{role.name}"
            return f"whoever reads {where} from Vault must read it again, and restart"
        case _:
            return None

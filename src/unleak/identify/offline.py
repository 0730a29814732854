"""What a credential tells without any call: its kind, perhaps its account; never whose it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from unleak.evidence.key_id import account_of, kind_of
from unleak.evidence.session_token import hints_of
from unleak.model.credential import Credential, CredentialKind, How
from unleak.model.principal import Principal, PrincipalType

if TYPE_CHECKING:
    from unleak.model.credential import FoundCredential


_NUMBER = re.compile(r"\+\d{1,3}\Z")


def known_offline(found: FoundCredential) -> Credential:
    """Return the credential as far as its own text tells; an id with a typo decodes too."""
    key_id = found.access_key_id
    account, notes = _account(found)
    return Credential(
        access_key_id=key_id,
        kind=_kind(found),
        account=account,
        expires_at=found.expires_at,
        principal=_principal(found, account),
        service=found.service,
        alias=found.alias,
        how=(How.OFFLINE,),
        notes=(*found.notes, *notes),
    )


def offline_account(found: FoundCredential) -> str | None:
    """Return the account that the id, else the token, decodes to; None where they disagree."""
    if found.access_key_id is None:
        return None
    decoded, hinted = account_of(found.access_key_id), _hinted(found)
    if decoded is not None and hinted is not None and decoded != hinted:
        return None
    return decoded or hinted


def region_hint(found: FoundCredential) -> str | None:
    """Return the region whose STS made the session, where the token says so."""
    if found.region_hint is not None or found.session_token is None:
        return found.region_hint
    return hints_of(found.session_token.reveal()).region


def _hinted(found: FoundCredential) -> str | None:
    if found.session_token is None:
        return None
    return hints_of(found.session_token.reveal()).account


def _account(found: FoundCredential) -> tuple[str | None, tuple[str, ...]]:
    decoded = None if found.access_key_id is None else account_of(found.access_key_id)
    hinted = _hinted(found) or found.account_hint
    if decoded is not None and hinted is not None and decoded != hinted:
        note = (
            f"the key id decodes to account {decoded}, what stands with it to {hinted}:"
            " one of them is mistyped, or they do not belong together"
        )
        return decoded, (note,)
    return decoded or hinted, ()


def _principal(found: FoundCredential, account: str | None) -> Principal | None:
    """Return the user that an API key names inside: `NAME-at-ACCOUNT`, a second one `NAME+1-at-`.

    Taken from keys that were seen; untested on AWS.
    """
    if found.alias is None:
        return None
    name = _NUMBER.sub("", found.alias.rpartition("-at-")[0])
    return Principal(type=PrincipalType.USER, name=name, account=account)


def _kind(found: FoundCredential) -> CredentialKind:
    key_id = found.access_key_id
    if found.service is not None:
        return CredentialKind.SERVICE_KEY
    kind = None if key_id is None else kind_of(key_id)
    if kind is not None:
        return kind
    if found.session_token is None and found.secret is not None and key_id is None:
        return CredentialKind.USER_KEY
    return CredentialKind.UNKNOWN_SESSION

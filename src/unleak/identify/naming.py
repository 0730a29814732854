"""Each answer refines a credential: pure functions, one for each source of an answer.

What AWS tells replaces what was decoded; every contradiction leaves a note.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.errors import AwsFailure, CredentialDead, WrongUse
from unleak.identify.questions import Failed, Told, explain
from unleak.model.credential import Credential, CredentialKind, CredentialStatus, How
from unleak.model.instant import render_instant
from unleak.model.principal import Principal, PrincipalType, parse_arn

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.errors import UnleakError
    from unleak.identify.questions import Answer
    from unleak.identify.sightings import Story
    from unleak.model.situation import Caller, KeyFact
    from unleak.model.ways_in import ServiceCredential

_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException"})
_UNKNOWN_TO_AWS = frozenset(
    {"AuthFailure", "InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException"}
)

_WRONG_SECRET = frozenset(
    {"IncompleteSignature", "InvalidSignatureException", "InvalidToken", "SignatureDoesNotMatch"}
)

_KEY_KINDS = {
    PrincipalType.USER: CredentialKind.USER_KEY,
    PrincipalType.ROOT: CredentialKind.ROOT_KEY,
}
_SESSION_KINDS = {
    PrincipalType.USER: CredentialKind.USER_SESSION,
    PrincipalType.ROOT: CredentialKind.ROOT_SESSION,
    PrincipalType.ROLE: CredentialKind.ROLE_SESSION,
    PrincipalType.FEDERATED_USER: CredentialKind.FEDERATED_SESSION,
}


def noted(credential: Credential, *notes: str) -> Credential:
    """Add notes, each once."""
    return replace(credential, notes=tuple(dict.fromkeys((*credential.notes, *notes))))


def known_by(credential: Credential, how: How) -> Credential:
    """Add a source, once."""
    return replace(credential, how=tuple(dict.fromkeys((*credential.how, how))))


def kind_for(credential: Credential, principal: PrincipalType) -> CredentialKind | None:
    """Return the kind that a credential of this sort has in the hands of such a principal."""
    if credential.kind is CredentialKind.SERVICE_KEY:
        return CredentialKind.SERVICE_KEY if principal is PrincipalType.USER else None
    is_session = credential.kind.is_session
    return (_SESSION_KINDS if is_session else _KEY_KINDS).get(principal)


def with_account(credential: Credential, told: Answer[str]) -> Credential:
    """Take the account from `sts:GetAccessKeyInfo`."""
    match told:
        case Failed(error=error):
            return noted(credential, explain(error, operation="sts:GetAccessKeyInfo"))
        case Told(value=account):
            before = credential.account
            after = known_by(replace(credential, account=account), How.STS)
            if before is None or before == account:
                return after
            note = f"the id decodes to account {before}, but AWS says {account}: AWS is believed"
            return noted(after, note)


def with_user(credential: Credential, user: str, *, partition: str | None) -> Credential:
    """Take the owner of a long-lived key from IAM; its ARN stays unknown (users have paths)."""
    principal = Principal(
        type=PrincipalType.USER, name=user, account=credential.account, partition=partition
    )
    return known_by(
        replace(credential, kind=CredentialKind.USER_KEY, principal=principal, partition=partition),
        How.IAM,
    )


def with_service(
    credential: Credential, found: ServiceCredential, *, account: str | None, partition: str | None
) -> Credential:
    """Take owner, id and status of a credential of one service from IAM's list."""
    told = replace(
        credential,
        access_key_id=found.credential_id,
        kind=CredentialKind.SERVICE_KEY,
        principal=Principal(
            type=PrincipalType.USER, name=found.user, account=account, partition=partition
        ),
        account=account or credential.account,
        partition=partition,
        status=CredentialStatus(found.state.lower()),
        issued_at=found.made_at,
        expires_at=found.expires_at,
        service=found.service,
        alias=found.alias,
    )
    return known_by(told, How.IAM)


def with_root(credential: Credential, *, partition: str | None) -> Credential:
    """Take it for the root user's key."""
    account = credential.account
    is_whole = account is not None and partition is not None
    principal = Principal(
        type=PrincipalType.ROOT,
        name="root",
        arn=f"arn:{partition}:iam::{account}:root" if is_whole else None,
        account=account,
        partition=partition,
    )
    return known_by(
        replace(credential, kind=CredentialKind.ROOT_KEY, principal=principal, partition=partition),
        How.IAM,
    )


def with_keys(credential: Credential, keys: tuple[KeyFact, ...]) -> Credential:
    """Take the status of a long-lived key from the list of its user's keys."""
    for key in keys:
        if key.key_id == credential.access_key_id:
            status = CredentialStatus(key.state.value.lower())
            return known_by(replace(credential, status=status, issued_at=key.created_at), How.IAM)
    gone = replace(credential, status=CredentialStatus.DELETED)
    return noted(gone, "the user holds no such key any more: it was deleted")


def with_identity(
    credential: Credential, caller: Caller, *, how: How = How.ASKED_LEAKED
) -> Credential:
    """Take everything from `GetCallerIdentity` signed with the credential itself.

    Args:
        credential: as known so far.
        caller: the identity that AWS told.
        how: `STS` where the leaked credential is the responder's own, which signs everything.
    """
    alive = replace(credential, status=CredentialStatus.ACTIVE)
    alive = known_by(alive, how)
    if caller.account is not None:
        if credential.account not in {None, caller.account}:
            note = f"it was taken for account {credential.account}, but works in {caller.account}"
            alive = noted(alive, note)
        alive = replace(alive, account=caller.account)
    named = _named(caller.arn)
    if named is None:
        return noted(alive, "it works, but AWS named its owner in a form that is not understood")
    principal, session_name = named
    kind = kind_for(alive, principal.type)
    if kind is None:
        return noted(alive, f"AWS says {principal.label}, which cannot hold such a credential")
    unique_id, _, _ = (caller.unique_id or "").partition(":")
    if unique_id.startswith(("AROA", "AIDA")):
        principal = replace(principal, unique_id=unique_id)
    return replace(
        alive,
        kind=kind,
        principal=principal,
        partition=principal.partition,
        session_name=session_name,
    )


def with_refusal(credential: Credential, error: UnleakError) -> Credential:
    """Take what a refused `GetCallerIdentity` of the leaked credential tells."""
    asked = known_by(credential, How.ASKED_LEAKED)
    error_code = error.error_code if isinstance(error, AwsFailure | CredentialDead) else ""
    if error_code in _EXPIRED:
        expired = replace(asked, status=CredentialStatus.EXPIRED)
        return noted(expired, f"AWS says that it has expired ({error_code})")
    if error_code in _UNKNOWN_TO_AWS and credential.kind.is_session:
        note = (
            f"AWS does not accept its id and token ({error_code}): the token is cut off or"
            " mistyped, or what it belonged to was deleted; that proves nothing about a whole token"
        )
        return noted(asked, note)
    if error_code in _UNKNOWN_TO_AWS:
        note = f"AWS does not accept it ({error_code}): it is inactive, deleted or mistyped"
        return noted(asked, note)
    if error_code in _WRONG_SECRET:
        note = "the secret does not belong to this id, or is cut off; the real one may be alive"
        return noted(asked, f"{note} ({error_code})")
    return noted(
        credential,
        explain(error, operation="sts:GetCallerIdentity signed with the leaked credential"),
    )


def with_story(credential: Credential, story: Story, *, now: datetime | None) -> Credential:
    """Take owner, session name and times from CloudTrail, where nothing better is known.

    Args:
        credential: as known so far.
        story: what CloudTrail tells.
        now: AWS's clock; None leaves the status open.
    """
    after = known_by(credential, How.CLOUDTRAIL)
    if after.status is None and story.expires_at and now and story.expires_at <= now:
        after = replace(after, status=CredentialStatus.EXPIRED)
        after = noted(after, f"by CloudTrail it expired at {render_instant(story.expires_at)}")
    if after.account not in {None, story.principal.account}:
        note = f"CloudTrail shows it in account {story.principal.account}, not {after.account}"
        after = noted(after, note)
    if after.principal is None:
        after = replace(
            after,
            kind=story.kind,
            principal=story.principal,
            session_name=story.session_name,
            account=story.principal.account or after.account,
            partition=story.principal.partition,
        )
    return replace(
        after,
        parent=after.parent or story.parent,
        issued_at=after.issued_at or story.issued_at,
        expires_at=story.expires_at or after.expires_at,
    )


def with_claim(credential: Credential, arn: str | None) -> Credential:
    """Fall back on the ARN that stands in the evidence, if nothing better named an owner."""
    if arn is None:
        return credential
    named = _named(arn)
    if named is None:
        return noted(credential, "the evidence names an owner in a form that is not understood")
    principal, session_name = named
    if credential.principal is not None:
        if _same(credential.principal, principal) or credential.parent == principal:
            return credential
        return noted(credential, f"the evidence names {principal.label} instead; not believed")
    kind = kind_for(credential, principal.type)
    if kind is None or credential.account not in {None, principal.account}:
        note = f"the evidence names {principal.label} of account {principal.account}, which"
        return noted(credential, f"{note} does not fit this credential; not believed")
    claimed = replace(
        credential,
        kind=kind,
        principal=principal,
        session_name=session_name,
        account=principal.account,
        partition=principal.partition,
    )
    note = f"that it belongs to {principal.label} stands in the evidence; AWS did not confirm it"
    return noted(known_by(claimed, How.NAMED), note)


def with_owner(credential: Credential, owner: Principal) -> Credential:
    """Apply the owner that the person named; what AWS said wins, and a contradiction is noted."""
    known = credential.principal
    if known is not None and known.type is PrincipalType.FEDERATED_USER:
        return _with_parent(credential, owner)
    if known is not None:
        if _same(known, owner):
            return credential
        note = f"you named {owner.label}, but AWS says it belongs to {known.label}: AWS is believed"
        return noted(credential, note)
    kind = kind_for(credential, owner.type)
    if kind is None:
        return noted(credential, f"{owner.label} cannot hold a {credential.kind}; not believed")
    if owner.account is not None and credential.account not in {None, owner.account}:
        note = f"you named {owner.label} of account {owner.account}, but the credential belongs to"
        return noted(credential, f"{note} {credential.account}; not believed")
    named = replace(
        credential,
        kind=kind,
        principal=owner,
        account=credential.account or owner.account,
        partition=credential.partition or owner.partition,
    )
    note = f"that it belongs to {owner.label} is what you said; AWS did not confirm it"
    return noted(known_by(named, How.NAMED), note)


def _with_parent(credential: Credential, owner: Principal) -> Credential:
    known = credential.principal
    if owner.type is not PrincipalType.USER:
        if known is not None and _same(known, owner):
            return credential
        note = f"you named {owner.label}, but it is a federated session: name its user"
        return noted(credential, note)
    if credential.parent is None:
        named = known_by(replace(credential, parent=owner), How.NAMED)
        return noted(
            named, f"that {owner.label} is behind it is what you said; AWS did not confirm"
        )
    if _same(credential.parent, owner):
        return credential
    note = (
        f"you named {owner.label}, but CloudTrail says {credential.parent.label}: AWS is believed"
    )
    return noted(credential, note)


def _same(one: Principal, other: Principal) -> bool:
    if (one.type, one.name) != (other.type, other.name):
        return False
    return None in {one.account, other.account} or one.account == other.account


def _named(arn: str | None) -> tuple[Principal, str | None] | None:
    if arn is None:
        return None
    try:
        parsed = parse_arn(arn)
    except WrongUse:
        return None
    return parsed.principal, parsed.session_name

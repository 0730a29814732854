"""Plan for a credential of one service: turn it off, and refuse what it was traded into.

No access key signs with it and no session has an issue time to cut at, so a cut-off of sessions
alone would leave it alive.  Bedrock and CloudWatch Logs take it as a bearer token, which has an IAM
action of its own that can be denied.
Source: https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-revoke.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.contain.deny_policy import render
from unleak.contain.lockout import is_own_principal
from unleak.contain.sessions import Draft, lifetime_of
from unleak.contain.user_ways import service_off
from unleak.model.action import Holder, KeyState, SetInlinePolicy
from unleak.model.credential import Credential, CredentialKind
from unleak.model.plan import Stage, Step, StepState
from unleak.model.policy_names import BEARER_POLICY, BEARER_SID
from unleak.model.reading import Known, Unknown
from unleak.model.ways_in import ServiceCredential

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from unleak.model.situation import Caller, PrincipalFacts

_BEARERS = {
    "bedrock.amazonaws.com": "bedrock:CallWithBearerToken",
    "logs.amazonaws.com": "logs:CallWithBearerToken",
}
"""The services that take such a credential as a bearer token; the second name is untested."""


def is_service_key(credential: Credential) -> bool:
    """Whether it is a credential of one service."""
    return credential.kind is CredentialKind.SERVICE_KEY


def turn_off(
    facts: PrincipalFacts,
    holder: Holder,
    *,
    credentials: Sequence[Credential],
    cutoff: datetime,
    caller: Caller,
) -> Draft:
    """Plan `Inactive` for each leaked credential of one service, and the deny of bearer tokens.

    Args:
        facts: of its user, with the credentials for single services.
        holder: the user.
        credentials: what leaked of this user, of whatever kind.
        cutoff: for the safe date of the deny.
        caller: the responder.
    """
    leaked = tuple(each for each in credentials if is_service_key(each))
    if not leaked:
        return Draft(())
    found = dict.fromkeys(one for each in leaked for one in _meant(each, facts, holder))
    steps = [_off(one, holder, facts, caller) for one in found]
    bearer = _bearer_step(leaked, tuple(found), facts, holder, cutoff, caller)
    missing = tuple(
        f"{each.label} is not among the service-specific credentials of {holder.label}: it was "
        "deleted, or is not his"
        for each in leaked
        if isinstance(facts.service_credentials, Known) and not _meant(each, facts, holder)
    )
    manual = _unread(leaked, facts, holder)
    return Draft((*steps, *bearer), warnings=missing, manual=manual)


def _meant(
    credential: Credential, facts: PrincipalFacts, holder: Holder
) -> tuple[ServiceCredential, ...]:
    """Return which of the user's it is: by its id, else by its alias, else all of its service."""
    listed = facts.service_credentials
    if isinstance(listed, Unknown):
        return _blind(credential, holder)
    if credential.access_key_id is not None:
        return tuple(one for one in listed.value if one.credential_id == credential.access_key_id)
    of_service = tuple(one for one in listed.value if one.service == credential.service)
    named = tuple(one for one in of_service if one.alias == credential.alias)
    return named or of_service


def _blind(credential: Credential, holder: Holder) -> tuple[ServiceCredential, ...]:
    """An id is enough to turn it off where the list may not be read."""
    if credential.access_key_id is None:
        return ()
    blind = ServiceCredential(
        credential_id=credential.access_key_id,
        user=holder.name,
        service=credential.service or "",
        state=KeyState.ACTIVE,
    )
    return (blind,)


def _off(one: ServiceCredential, holder: Holder, facts: PrincipalFacts, caller: Caller) -> Step:
    is_dead = one.state is not KeyState.ACTIVE
    action = service_off(one, user=holder.name)
    return Step(
        id="",
        action=service_off(one, user=holder.name, after=one.state) if is_dead else action,
        account=facts.principal.account or caller.account,
        reason="turned off it opens nothing; it cannot be had back by whoever has a copy",
        impact="what signs in with it stops at once and stays down until it gets another one",
        reversible=True,
        safe_date=None,
        stage=Stage.CONTAIN,
        state=StepState.ALREADY if is_dead else StepState.PLANNED,
        revives_leak=True,
    )


def _bearer_step(
    leaked: tuple[Credential, ...],
    found: tuple[ServiceCredential, ...],
    facts: PrincipalFacts,
    holder: Holder,
    cutoff: datetime,
    caller: Caller,
) -> tuple[Step, ...]:
    services = {each.service for each in leaked} | {one.service for one in found}
    actions = [name for service, name in _BEARERS.items() if service in services]
    if not actions:
        return ()
    document = bearer_document(actions)
    before = facts.bearer_policy.value if isinstance(facts.bearer_policy, Known) else None
    return (
        Step(
            id="",
            action=SetInlinePolicy(
                holder=holder, policy_name=BEARER_POLICY, before=before, after=document
            ),
            account=facts.principal.account or caller.account,
            reason="refuses every bearer token of this user until it is seen to be off",
            impact=(
                f"all API keys of {holder.label} for that service are refused, short-term ones "
                "too; calls that are signed work"
            ),
            reversible=True,
            safe_date=cutoff + lifetime_of(holder),
            stage=Stage.OWN_SESSION if is_own_principal(caller, holder) else Stage.CONTAIN,
            state=StepState.ALREADY if before == document else StepState.PLANNED,
        ),
    )


def bearer_document(actions: Sequence[str]) -> str:
    """Return the text of the deny of bearer tokens."""
    return render(
        [{"Sid": BEARER_SID, "Effect": "Deny", "Action": list(actions), "Resource": ["*"]}]
    )


def _unread(
    leaked: tuple[Credential, ...], facts: PrincipalFacts, holder: Holder
) -> tuple[str, ...]:
    if not isinstance(facts.service_credentials, Unknown):
        return ()
    return tuple(
        f"the service-specific credentials of {holder.label} could not be listed "
        f"({facts.service_credentials.detail}): set the one that leaked to Inactive by hand"
        for each in leaked
        if each.access_key_id is None
    )

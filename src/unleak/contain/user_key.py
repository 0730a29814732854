"""Plan for a user's long-lived key: deactivate it, and deny the sessions that it has opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.contain.lockout import is_own_principal
from unleak.contain.sessions import Draft
from unleak.model.action import DeleteKey, Holder, KeyState, SetKeyStatus
from unleak.model.credential import Credential, CredentialKind
from unleak.model.plan import Stage, Step, StepState
from unleak.model.reading import Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unleak.model.situation import Caller, KeyFact, PrincipalFacts


def key_ids_to_cut(credentials: Sequence[Credential], facts: PrincipalFacts) -> tuple[str, ...]:
    """Return the keys that count as leaked: those found, or all of them where a user was named."""
    ids = [
        credential.access_key_id
        for credential in credentials
        if credential.kind is CredentialKind.USER_KEY and credential.access_key_id is not None
    ]
    names_user = any(credential.kind is CredentialKind.PRINCIPAL for credential in credentials)
    if names_user and isinstance(facts.keys, Known):
        ids.extend(key.key_id for key in facts.keys.value)
    return tuple(dict.fromkeys(ids))


def deactivate_keys(
    facts: PrincipalFacts, holder: Holder, *, credentials: Sequence[Credential], caller: Caller
) -> Draft:
    """Plan `Inactive` for each leaked key of the user.

    Deactivation stops requests signed by the key itself; what it has opened lives on, which is why
    the deny goes with it.
    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html
    """
    key_ids = key_ids_to_cut(credentials, facts)
    known = {key.key_id: key for key in facts.keys.value} if isinstance(facts.keys, Known) else {}
    missing = tuple(
        f"access key {key_id} is not among the keys of {holder.label}: it was deleted or is not his"
        for key_id in key_ids
        if isinstance(facts.keys, Known) and key_id not in known
    )
    steps = tuple(
        _deactivate(key_id, known.get(key_id), holder, facts, caller)
        for key_id in key_ids
        if key_id in known or isinstance(facts.keys, Unknown)
    )
    others = [key_id for key_id in known if key_id not in key_ids]
    spared = tuple(
        f"{holder.label} has another key, {key_id}, that stays as it is: look whether it leaked too"
        for key_id in others
    )
    manual: tuple[str, ...] = ()
    if isinstance(facts.keys, Unknown) and not key_ids:
        manual = (f"the keys of {holder.label} could not be listed ({facts.keys.detail})",)
    return Draft(steps, warnings=missing + spared, manual=manual)


def delete_keys(deactivations: Sequence[Step]) -> tuple[Step, ...]:
    """Plan the deletion that follows a deactivation, for `--strategy delete`."""
    return tuple(
        Step(
            id="",
            action=DeleteKey(user=step.action.user, key_id=step.action.key_id),
            account=step.account,
            reason="the key is not wanted back",
            impact="the key is gone for good; keep its id for CloudTrail. There is no way back",
            reversible=False,
            safe_date=None,
            stage=Stage.AFTER_CONTAIN,
        )
        for step in deactivations
        if isinstance(step.action, SetKeyStatus)
    )


def _deactivate(
    key_id: str, key: KeyFact | None, holder: Holder, facts: PrincipalFacts, caller: Caller
) -> Step:
    before = KeyState.ACTIVE if key is None else key.state
    is_dead = before is not KeyState.ACTIVE
    cuts_own = caller.access_key_id == key_id or (
        caller.access_key_id is None and is_own_principal(caller, holder)
    )
    return Step(
        id="",
        action=SetKeyStatus(
            user=holder.name,
            key_id=key_id,
            before=before,
            after=before if is_dead else KeyState.INACTIVE,
        ),
        account=facts.principal.account or caller.account,
        reason="an inactive key signs nothing",
        impact=(
            f"every program that signs with {key_id} stops at once and stays down until it gets "
            "another key"
        ),
        reversible=True,
        safe_date=None,
        stage=Stage.OWN_SESSION if cuts_own else Stage.CONTAIN,
        state=StepState.ALREADY if is_dead else StepState.PLANNED,
        revives_leak=True,
    )

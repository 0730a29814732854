"""Plan for a leak of an account's root user, whom no policy in IAM can limit.

Two things reach root from outside, both from an organization, and both for member accounts alone:
a service control policy holds it, and central root access deletes its key.  What is left is work
for whoever can sign in as root.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html and
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from unleak.contain.deny_policy import Unmergeable
from unleak.contain.fence_obstacle import obstacle
from unleak.contain.fence_statement import Unfenceable
from unleak.contain.root_checklist import checklist
from unleak.contain.root_fence import root_arn, with_root
from unleak.contain.sessions import Draft
from unleak.errors import NotEditable
from unleak.model.action import DeleteRootKey, SetFence
from unleak.model.credential import Credential, CredentialKind
from unleak.model.organization import scp_quotas
from unleak.model.plan import Stage, Step, StepState
from unleak.model.policy_names import FENCE_PREFIX
from unleak.model.reading import Known

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from unleak.model.situation import Caller, RootFacts

NEEDED_FEATURES: Final = frozenset({"RootCredentialsManagement", "RootSessions"})
SESSION_LIFETIME: Final = timedelta(hours=1)
"""The longest that a session of root's lives.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
"""


def plan_root(
    credentials: Sequence[Credential], facts: RootFacts, *, caller: Caller, now: datetime
) -> Draft:
    """Plan what an organization can do against a leak of one account's root; maybe nothing.

    Args:
        credentials: what leaked of this root user.
        facts: the organization, the fence, central root access and root's keys.
        caller: who we are; never shut out.
        now: AWS's time.
    """
    partition = next((each.partition for each in credentials if each.partition), "aws")
    fence = _fence(credentials, facts, partition=partition, caller=caller, now=now)
    deletions = _deletions(credentials, facts)
    is_deleted = bool(deletions.steps)
    return Draft(
        (*fence.steps, *deletions.steps),
        (*fence.warnings, *deletions.warnings),
        (
            *fence.manual,
            *deletions.manual,
            *checklist(
                credentials, facts.account, is_deleted=is_deleted, is_held=bool(fence.steps)
            ),
        ),
    )


def refusal_of_root(credential: Credential, draft: Draft | None) -> NotEditable:
    """Return why nothing can be done from here, with the exact list for whoever can sign in.

    Args:
        credential: what leaked.
        draft: the plan that has no steps, with its reasons; None where nobody looked.
    """
    message = f"{credential.label} is the root user's, and no policy in IAM can limit root"
    account = credential.account or "the account"
    lines = checklist((credential,), account, is_deleted=False, is_held=False)
    reasons = () if draft is None else draft.warnings
    return NotEditable(message, hint="; ".join((*reasons, *lines)))


def _fence(
    credentials: Sequence[Credential],
    facts: RootFacts,
    *,
    partition: str,
    caller: Caller,
    now: datetime,
) -> Draft:
    account, arn = facts.account, root_arn(facts.account, partition)
    found = obstacle(facts.fence, account)
    if found is not None:
        return found
    if caller.arn == arn:
        return Draft((), warnings=("no fence: you are signed in as this very root user",))
    before = facts.fence.document.value if isinstance(facts.fence.document, Known) else None
    try:
        after = with_root(before, arn, limit=scp_quotas(partition).size)
    except Unmergeable:
        why = f"{FENCE_PREFIX}{account} holds no policy that can be read: delete it and try again"
        return Draft((), manual=(f"no fence: {why}",))
    except Unfenceable as error:
        return Draft((), warnings=(f"no fence: {error}",))
    has_key = any(each.kind is not CredentialKind.ROOT_SESSION for each in credentials)
    safe_date = None if has_key else now + SESSION_LIFETIME
    action = SetFence(account=account, before=before, after=after)
    return Draft((_fence_step(action, safe_date),))


def _fence_step(action: SetFence, safe_date: datetime | None) -> Step:
    account = action.account
    return Step(
        id="",
        action=action,
        account=account,
        reason=(
            f"an organization's policy refuses everything to the root user of {account}, key, "
            "password and sessions alike, and nobody in the account can take it off"
        ),
        impact=(
            f"nobody can do anything as root in {account}, also what only root can do, until "
            "`unleak undo` lifts it; sessions of central root access (sts:AssumeRoot) go on"
        ),
        reversible=True,
        safe_date=safe_date,
        stage=Stage.CONTAIN,
        state=StepState.ALREADY if action.after == action.before else StepState.PLANNED,
        revives_leak=safe_date is None,
    )


def _deletions(credentials: Sequence[Credential], facts: RootFacts) -> Draft:
    """Plan to delete the leaked keys, and them alone; what else root has is only told."""
    leaked = tuple(
        dict.fromkeys(
            each.access_key_id
            for each in credentials
            if each.kind is CredentialKind.ROOT_KEY and each.access_key_id is not None
        )
    )
    why_not = _no_central_access(facts)
    if why_not is not None:
        return Draft((), manual=(why_not,) if leaked else ())
    if not isinstance(facts.keys, Known):
        why = f"root's keys of {facts.account} could not be listed ({facts.keys.detail})"
        return Draft((), manual=(f"{why}: nothing is deleted unseen",))
    there = tuple(key.key_id for key in facts.keys.value)
    others = tuple(
        f"root of {facts.account} has another access key, {key_id}, that stays as it is: look "
        "whether it leaked too"
        for key_id in there
        if key_id not in leaked
    )
    return Draft(
        tuple(_deletion(key_id, facts.account, is_there=key_id in there) for key_id in leaked),
        others,
    )


def _no_central_access(facts: RootFacts) -> str | None:
    if not isinstance(facts.features, Known):
        detail = facts.features.detail
        return f"central root access is not to be had from here ({detail})"
    missing = NEEDED_FEATURES - facts.features.value
    if not missing:
        return None
    commands = " and ".join(_enabling(missing))
    return (
        f"central root access lacks {' and '.join(sorted(missing))} in this organization; with its "
        f"management account: {commands}, then run the same command again"
    )


def _enabling(missing: frozenset[str]) -> Iterator[str]:
    if "RootCredentialsManagement" in missing:
        yield "aws iam enable-organizations-root-credentials-management"
    if "RootSessions" in missing:
        yield "aws iam enable-organizations-root-sessions"


def _deletion(key_id: str, account: str, *, is_there: bool) -> Step:
    return Step(
        id="",
        action=DeleteRootKey(account=account, key_id=key_id),
        account=account,
        reason=(
            "central root access deletes the leaked key without anybody signing in as root; AWS "
            "documents deleting, and whether switching off works is untested"
        ),
        impact="programs that use this key stop for good; there is no way back",
        reversible=False,
        safe_date=None,
        stage=Stage.CONTAIN,
        state=StepState.PLANNED if is_there else StepState.ALREADY,
    )

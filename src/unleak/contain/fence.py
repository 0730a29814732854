"""Plan the fence: a service control policy, the one lock that nobody in the account can pick.

It shuts the leaked principal out whatever its rights in the account, and may freeze IAM for all
others for a while, since the thief may be somebody else by now.  There is one such policy for an
account; later incidents are merged into it.  It binds neither the management account nor
service-linked roles.
Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from unleak.contain.deny_policy import Unmergeable, parse_policy, rebuild_policy
from unleak.contain.fence_obstacle import obstacle
from unleak.contain.fence_statement import (
    FREEZE_ACTIONS,
    Fence,
    FenceFull,
    Freeze,
    Unfenceable,
    every_form,
    exemption_of,
    federated_pattern,
    fence_statement,
    freeze_statement,
    overlaps,
    patterns_of,
    read_fence,
    read_freeze,
    session_pattern,
    without_overlap,
)
from unleak.contain.guards import SERVICE_LINKED_PATH
from unleak.contain.root_fence import read_root, root_statement
from unleak.contain.sessions import ROLE_LIFETIME, USER_LIFETIME, Draft
from unleak.model.action import SetFence
from unleak.model.organization import scp_quotas
from unleak.model.plan import Stage, Step, StepState
from unleak.model.policy_names import FENCE_PREFIX
from unleak.model.principal import PrincipalType, parse_arn
from unleak.model.reading import Known

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta

    from unleak.contain.deny_policy import Json, Statement
    from unleak.model.organization import FenceFacts
    from unleak.model.principal import Arn, Principal
    from unleak.model.situation import Caller


def fence_document(
    existing: str | None, *, principals: Sequence[Principal], responder: Caller, freeze: bool
) -> str:
    """Return the text of the account's fence with these principals shut out as well.

    What earlier incidents wrote and what others put into it is kept.

    Args:
        existing: the text as it is, None where there is none.
        principals: whom to shut out; where one does not name its account, the responder's counts.
        responder: spared, and must not be among the fenced.
        freeze: whether IAM is frozen for everybody else; a freeze that is there stays in any case.

    Raises:
        Unfenceable: it would lock the responder out, it does not fit, or nobody can be named.
        Unmergeable: `existing` is no policy document.
    """
    home = _home_of(responder)
    places = [(each, *_place(each, home)) for each in principals]
    arns = tuple(
        pattern
        for principal, account, partition in places
        for pattern in patterns_of(principal, account=account, partition=partition)
    )
    sessions = tuple(
        session_pattern(principal, account=account, partition=partition)
        for principal, account, partition in places
    )
    limit = scp_quotas(home.partition).size
    document = ""
    for fenced in ((*arns, *filter(None, sessions)), arns):
        document = _merged(existing, fenced, responder=responder, freeze=freeze)
        if len(document) <= limit:
            return document
    message = (
        f"the fence would hold {len(document)} characters, and {limit} is the most: take out of "
        "it what is past (`unleak cleanup`)"
    )
    raise FenceFull(message)


def without_freeze(document: str) -> str:
    """Return the text with IAM thawed and everybody who is fenced still fenced.

    Raises:
        Unmergeable: it is no policy document.
    """
    policy, statements = parse_policy(document)
    return rebuild_policy(policy, [each for each in statements if read_freeze(each) is None])


def without_principals(document: str, principals: Sequence[Principal]) -> str | None:
    """Return the text with these principals let in again, None when it then says nothing.

    The pattern of all federated sessions stays while any user is fenced.

    Raises:
        Unmergeable: it is no policy document.
    """
    policy, statements = parse_policy(document)
    freed: set[str] = set()
    federated: set[str] = set()
    for each in principals:
        if each.account is None or each.partition is None:
            continue
        freed |= every_form(each, account=each.account, partition=each.partition)
        federated.add(federated_pattern(each.partition, each.account))
    kept: list[Statement] = []
    for statement in statements:
        fence = read_fence(statement)
        if fence is None:
            kept.append(statement)
            continue
        left = tuple(each for each in fence.fenced if each not in freed - federated)
        if not any(":user/" in each for each in left):
            left = tuple(each for each in left if each not in freed)
        if left:
            kept.append(fence_statement(Fence(fenced=left, exempt=fence.exempt)))
    return rebuild_policy(policy, kept) if kept else None


def plan_fence(
    facts: FenceFacts,
    *,
    account: str | None,
    principals: Sequence[Principal],
    responder: Caller,
    cutoff: datetime,
    freeze: bool,
) -> Draft:
    """Plan the fence around principals of one account, or say why there is none.

    Args:
        facts: what was read of the organization and of the account's fence.
        account: the account that the principals belong to.
        principals: whom to shut out.
        responder: spared; a fence that cannot spare him is not drawn.
        cutoff: when the leak was cut off; the fence may go when the oldest session is dead.
        freeze: whether IAM is frozen for everybody else in the account as well.
    """
    if account is None:
        return Draft((), warnings=("no fence: nobody knows which account it would be for",))
    found = obstacle(facts, account)
    if found is not None:
        return found
    before = facts.document.value if isinstance(facts.document, Known) else None
    bound = [each for each in principals if not _is_service_linked(each)]
    try:
        after = _drawn(before, bound, responder, freeze=freeze)
    except Unmergeable:
        why = f"{FENCE_PREFIX}{account} holds no policy that can be read: delete it and try again"
        return Draft((), manual=(f"no fence: {why}",))
    except Unfenceable as error:
        return Draft((), warnings=(f"no fence: {error}",))
    step = _step(bound, account, before, after, cutoff)
    if freeze and not _is_frozen(after):
        return Draft((step,), warnings=("the fence has no room left, so IAM is not frozen",))
    return Draft((step,))


def refenced(current: str | None, wanted: str) -> str:
    """Return the text as it is now with all that was wanted in it again.

    For a fence that somebody changed between planning and writing it, or has weakened since.

    Args:
        current: the text as it is, None where there is none.
        wanted: the text that was planned or written.

    Raises:
        Unmergeable: one of them is no policy document.
        FenceFull: both together do not fit.
    """
    policy, statements = _read(current)
    _, asked = parse_policy(wanted)
    for fence in filter(None, map(read_fence, asked)):
        statements = _with_fence(statements, fence)
    for freeze in filter(None, map(read_freeze, asked)):
        statements = _with_freeze(statements, freeze, fenced=())
    there = set(map(read_root, statements))
    missing = [arn for arn in map(read_root, asked) if arn is not None and arn not in there]
    statements = [*statements, *map(root_statement, missing)]
    document = rebuild_policy(policy, statements)
    limit = scp_quotas(_partition_in(wanted)).size
    if len(document) > limit:
        message = f"the fence would hold {len(document)} characters, and {limit} is the most"
        raise FenceFull(message)
    return document


def _step(
    principals: Sequence[Principal], account: str, before: str | None, after: str, cutoff: datetime
) -> Step:
    return Step(
        id="",
        action=SetFence(account=account, before=before, after=after),
        account=account,
        reason=_reason(principals),
        impact=_impact(principals, account, is_frozen=_is_frozen(after)),
        reversible=True,
        safe_date=cutoff + max(map(_lifetime, principals)),
        stage=Stage.CONTAIN,
        state=StepState.ALREADY if after == before else StepState.PLANNED,
    )


def _is_frozen(document: str) -> bool:
    return any(read_freeze(each) is not None for each in parse_policy(document)[1])


def _merged(existing: str | None, arns: tuple[str, ...], *, responder: Caller, freeze: bool) -> str:
    policy, statements = _read(existing)
    spared = exemption_of(responder)
    merged = _with_fence(statements, Fence(fenced=arns, exempt=spared))
    (fence,) = (each for each in map(read_fence, merged) if each is not None)
    if any(overlaps(spare, arn) for spare in spared for arn in fence.fenced):
        message = (
            "it would shut you out as well, since you work as the principal that is fenced: sign "
            "in as somebody else and run the same command again"
        )
        raise Unfenceable(message)
    if freeze or any(read_freeze(each) is not None for each in statements):
        over = Freeze(actions=FREEZE_ACTIONS, exempt=spared)
        merged = _with_freeze(merged, over, fenced=arns)
    return rebuild_policy(policy, merged)


def _with_fence(statements: list[Statement], new: Fence) -> list[Statement]:
    """Return the statements with one fence that shuts out the old ones and the new.

    Who is fenced now is spared no longer, whatever an earlier incident said.
    """
    old = [each for each in map(read_fence, statements) if each is not None]
    fence = Fence(
        fenced=_union(*(each.fenced for each in old), new.fenced),
        exempt=_union(*(without_overlap(each.exempt, new.fenced) for each in old), new.exempt),
    )
    return _replaced(statements, read_fence, fence_statement(fence))


def _with_freeze(
    statements: list[Statement], new: Freeze, *, fenced: tuple[str, ...]
) -> list[Statement]:
    old = [each for each in map(read_freeze, statements) if each is not None]
    freeze = Freeze(
        actions=_union(*(each.actions for each in old), new.actions),
        exempt=_union(*(without_overlap(each.exempt, fenced) for each in old), new.exempt),
    )
    return _replaced(statements, read_freeze, freeze_statement(freeze))


def _drawn(
    before: str | None, principals: Sequence[Principal], responder: Caller, *, freeze: bool
) -> str:
    """Return the text, and whether IAM is frozen in it: without, where it does not fit."""
    if not principals:
        message = "no service control policy binds a service-linked role"
        raise Unfenceable(message)
    if freeze:
        with suppress(FenceFull):
            return fence_document(before, principals=principals, responder=responder, freeze=True)
    return fence_document(before, principals=principals, responder=responder, freeze=False)


def _home_of(responder: Caller) -> Arn:
    """Return the responder's own ARN; raises where the fence could not spare him."""
    exemption_of(responder)
    return parse_arn(responder.arn or "")


def _place(principal: Principal, home: Arn) -> tuple[str, str]:
    """Return the account and the partition that a principal belongs to."""
    if principal.arn is not None:
        _, partition, _, _, account, _ = principal.arn.split(":", 5)
        return account, partition
    return principal.account or home.account, principal.partition or home.partition


def _partition_in(document: str) -> str | None:
    """Return the partition of whom a fence names, None where it names nobody."""
    fences = [each for each in map(read_fence, parse_policy(document)[1]) if each is not None]
    arns = [arn for fence in fences for arn in fence.fenced]
    return arns[0].split(":")[1] if arns else None


def _read(existing: str | None) -> tuple[dict[str, Json], list[Statement]]:
    return ({"Version": "2012-10-17"}, []) if existing is None else parse_policy(existing)


def _union(*lists: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for listed in lists for each in listed))


def _replaced(
    statements: list[Statement],
    read: Callable[[Statement], Fence | Freeze | None],
    new: Statement,
) -> list[Statement]:
    """Return the statements with `new` where the first one of ours was, or at the end."""
    is_old = [read(each) is not None for each in statements]
    first = is_old.index(True) if any(is_old) else len(statements)
    kept = [each for each, old in zip(statements, is_old, strict=True) if not old]
    return [*kept[:first], new, *kept[first:]]


def _is_service_linked(principal: Principal) -> bool:
    return f":role{SERVICE_LINKED_PATH}" in (principal.arn or "")


def _lifetime(principal: Principal) -> timedelta:
    return ROLE_LIFETIME if principal.type is PrincipalType.ROLE else USER_LIFETIME


def _reason(principals: Sequence[Principal]) -> str:
    names = ", ".join(each.label for each in principals)
    return (
        f"an organization's policy shuts {names} out whatever its rights, and nobody in the "
        "account can take it off"
    )


def _impact(principals: Sequence[Principal], account: str, *, is_frozen: bool) -> str:
    names = ", ".join(each.label for each in principals)
    lines = [
        (
            f"everybody who works as {names} is refused everything, new sessions too, until "
            "`unleak undo` or `unleak cleanup` lifts it"
        )
    ]
    if any(each.type is PrincipalType.USER for each in principals):
        lines.append(
            f"so is every federated session (GetFederationToken) of {account}, whoever made it"
        )
    if is_frozen:
        lines.append(
            f"nobody in {account} but you can change users, roles, keys and policies meanwhile: "
            "deployments that do so fail"
        )
    return "; ".join(lines)

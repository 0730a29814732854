"""Which temporary credential fits how a long-lived one is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from unleak.audit import ci_setup, person_setup, service_setup, workload_setup
from unleak.audit.pattern import Pattern, guesses
from unleak.model.holding import (
    HoldingKind,
    HoldingState,
    Replacement,
    ReplacementKind,
    Rule,
)
from unleak.model.reading import Known
from unleak.model.reference import KeyUsers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.audit.ground import Ground
    from unleak.audit.pattern import Guess
    from unleak.model.holding import Finding, Holding
    from unleak.model.register import Place

_UNUSED = frozenset({Rule.NEVER_USED, Rule.UNUSED, Rule.SWITCHED_OFF})


def replacements(
    finding: Finding, ground: Ground, places: Mapping[str, Place]
) -> tuple[Replacement, ...]:
    """Return what to use instead, the best fit first; never empty.

    Args:
        finding: one credential, judged.
        ground: the account that the lines are for.
        places: the account's own addresses among the sources of its calls.
    """
    holding = finding.holding
    if holding.is_root:
        return (person_setup.root(holding),)
    if holding.state is not HoldingState.ACTIVE:
        return (_delete(holding, f"it is {holding.state}"),)
    unused = next((each.words for each in finding.reasons if each.rule in _UNUSED), None)
    if unused is not None and not (finding.users and finding.users.uses):
        return (_delete(holding, unused), *_of_kind(holding, ground))
    if holding.kind is not HoldingKind.ACCESS_KEY:
        return _of_kind(holding, ground)
    users = finding.users or _from_last_use(holding)
    found = guesses(users, places)
    if not found:
        return (_ask(holding, was_asked=finding.users is not None),)
    return tuple(_fitting(each, holding, ground) for each in found)


def _from_last_use(holding: Holding) -> KeyUsers:
    if isinstance(holding.last_used, Known):
        used = holding.last_used.value
        return KeyUsers(last_used_at=used.at, last_service=used.service, last_region=used.region)
    return KeyUsers()


def _of_kind(holding: Holding, ground: Ground) -> tuple[Replacement, ...]:
    match holding.kind:
        case HoldingKind.ACCESS_KEY:
            return ()
        case HoldingKind.PASSWORD:
            why = "a password is for a person at the console"
            return (person_setup.identity_center(why, ground),)
        case HoldingKind.SERVICE_KEY:
            return (service_setup.service_key(holding, ground),)
        case HoldingKind.SSH_KEY:
            return (service_setup.codecommit(ground),)
        case HoldingKind.CERTIFICATE:
            return (_delete(holding, "signing certificates are for APIs that are long gone"),)
        case _:
            assert_never(holding.kind)


def _fitting(guess: Guess, holding: Holding, ground: Ground) -> Replacement:  # noqa: C901, PLR0911 - one case a pattern
    why = f"{guess.pattern} seems to use it: {guess.why}"
    match guess.pattern:
        case Pattern.EC2:
            return workload_setup.instance_profile(why, holding.owner, ground)
        case Pattern.ECS:
            return workload_setup.task_role(why, holding.owner, ground)
        case Pattern.LAMBDA:
            return workload_setup.execution_role(why, holding.owner, ground)
        case Pattern.KUBERNETES:
            return workload_setup.eks(why, holding.owner, ground)
        case Pattern.GITHUB:
            return ci_setup.github(why, holding.owner, ground)
        case Pattern.GITLAB:
            return ci_setup.gitlab(why, holding.owner, ground)
        case Pattern.TERRAFORM:
            return ci_setup.terraform(why, holding.owner, ground)
        case Pattern.PERSON:
            return person_setup.identity_center(why, ground)
        case Pattern.OUTSIDE:
            return workload_setup.roles_anywhere(why, holding.owner, ground)
        case Pattern.SES:
            return service_setup.ses(why)
        case _:
            assert_never(guess.pattern)


def _delete(holding: Holding, why: str) -> Replacement:
    return Replacement(
        kind=ReplacementKind.DELETE,
        title=f"nothing: switch it off, then delete {holding.label}",
        why=why,
    )


def _ask(holding: Holding, *, was_asked: bool) -> Replacement:
    key = holding.id or "KEY"
    why = "nobody asked CloudTrail who uses it: `unleak audit --who 1000` does"
    if was_asked:
        why = "CloudTrail shows no call in 90 days; reading objects of S3 and the like is not in it"
    return Replacement(
        kind=ReplacementKind.ASK,
        title=f"not known: `unleak find {key}` looks for where it lives",
        why=why,
    )

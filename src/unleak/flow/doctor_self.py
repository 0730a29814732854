"""Whose credentials a response would be signed with, and whether a cut-off could hit them too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from unleak.contain.lockout import signs_with_session
from unleak.errors import UnleakError, WrongUse
from unleak.identify.trust_policy import guests_of
from unleak.model.preflight import Fitness, PreflightCheck
from unleak.model.principal import PrincipalType, parse_arn

if TYPE_CHECKING:
    from unleak.model.ports import Reader, RoleRead
    from unleak.model.principal import Principal
    from unleak.model.situation import Caller

_NAME = "credentials"
_ROLE = "own-role"
_OWN_ROLE_FIX = (
    "sign in as a role that responders alone can assume; docs/permissions.md says what it needs"
)
_RESERVED = "AWSReservedSSO_"
"""Roles of Identity Center: AWS alone edits them, so no cut-off of ours can land on them.

Source: https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
"""


def own_principal(caller: Caller) -> Principal | None:
    """Return whom we sign as; None where the cloud does not tell."""
    if caller.arn is None:
        return None
    try:
        return parse_arn(caller.arn).principal
    except WrongUse:
        return None


def credentials_check(caller: Caller, note: str | None) -> PreflightCheck:
    """Say whose the credentials are; root's and long-lived keys are a warning.

    Args:
        caller: who we are.
        note: why it is not known, where it is not.
    """
    principal = own_principal(caller)
    if principal is None:
        detail = note or f"AWS calls you {caller.arn!a}, which is no identity that is known here"
        return PreflightCheck(name=_NAME, outcome=Fitness.WARNING, detail=detail, is_needed=True)
    who = f"{caller.arn}, account {caller.account}, partition {principal.partition}"
    outcome, more, fix = Fitness.OK, "", ""
    if principal.type is PrincipalType.ROOT:
        outcome, more = Fitness.WARNING, ": the root user, whom nothing restrains"
        fix = "respond as a role with the policy that `unleak permissions revoke` prints"
    elif not signs_with_session(caller):
        outcome, more = Fitness.WARNING, ": a long-lived key, which leaks as others do"
        fix = "sign in for a session of a role (`aws sso login`, `aws login`), and retire the key"
    return PreflightCheck(
        name=_NAME, outcome=outcome, detail=f"{who}{more}", fix=fix, is_needed=True
    )


def own_role_check(reader: Reader, caller: Caller) -> PreflightCheck:
    """Say whether others could be using the responder's own role.

    A cut-off denies every older session of a role, so a responder who shares one with a workload is
    locked out by containing that workload.
    """
    principal = own_principal(caller)
    if principal is None:
        return _role(Fitness.UNKNOWN, "it is not known as whom you sign")
    if principal.type is not PrincipalType.ROLE:
        return _role(Fitness.OK, f"you sign as {principal.label}, which is no role")
    if principal.name.startswith(_RESERVED):
        detail = f"{principal.label} is Identity Center's, and only AWS edits it"
        return _role(Fitness.OK, detail)
    try:
        found = reader.role(principal.name)
    except UnleakError as error:
        detail = f"whom {principal.label} trusts cannot be read: {error.message}"
        return _role(Fitness.UNKNOWN, detail, fix="allow yourself iam:GetRole")
    sharers = _sharers(found)
    if sharers:
        detail = (
            f"{principal.label} can be used by {', '.join(sharers)} too: if it leaks there, "
            "cutting it off locks you out"
        )
        return _role(Fitness.WARNING, detail, fix=_OWN_ROLE_FIX)
    return _role(Fitness.OK, f"{principal.label} trusts single principals only")


def _sharers(found: RoleRead) -> tuple[str, ...]:
    """Name who else can use a role: workloads, everybody of an account, identity providers."""
    policy = found.record.trust_policy
    named = list(_services(policy))
    for guest in guests_of(policy):
        if guest.is_anybody:
            named.append("anybody" + (" (under conditions)" if guest.is_conditional else ""))
        elif guest.whole_account is not None and not guest.is_conditional:
            named.append(f"whoever account {guest.whole_account} lets")
        elif ":oidc-provider/" in guest.name:
            named.append(guest.name)
    return tuple(dict.fromkeys(named))


def _services(trust_policy: str) -> tuple[str, ...]:
    """Return the AWS services that a trust policy lets in."""
    try:
        policy: object = json.loads(trust_policy)
    except (ValueError, RecursionError):
        return ()  # `guests_of` says of such a text that it lets in anybody
    listed = policy.get("Statement") if isinstance(policy, dict) else None
    statements = listed if isinstance(listed, list) else [listed]
    found: list[str] = []
    for each in statements:
        principal = each.get("Principal") if isinstance(each, dict) else None
        services = principal.get("Service") if isinstance(principal, dict) else None
        names = services if isinstance(services, list) else [services]
        if isinstance(each, dict) and each.get("Effect") == "Allow":
            found += [name for name in names if isinstance(name, str)]
    return tuple(found)


def _role(outcome: Fitness, detail: str, *, fix: str = "") -> PreflightCheck:
    return PreflightCheck(name=_ROLE, outcome=outcome, detail=detail, fix=fix)

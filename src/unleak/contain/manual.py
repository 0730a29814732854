"""The words around a plan: what to be warned of, what unleak cannot do, what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.action import SetInlinePolicy, SetKeyStatus
from unleak.model.credential import Credential, CredentialKind, CredentialStatus
from unleak.model.principal import PrincipalType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from unleak.model.plan import Step
    from unleak.model.situation import Situation


REST_OF_USER = (
    "console password, MFA devices, SSH keys and service-specific credentials of a user are not "
    "touched: look at them in the IAM console"
)
"""What stands until somebody has looked at them."""


CHAINED = (
    "sessions that the leaked credential opened in other roles or accounts live on: look in "
    "CloudTrail for AssumeRole by its key id, and run unleak on each of them"
)
"""What stands until somebody has traced it."""


def warnings(situation: Situation, *, lockout: bool) -> tuple[str, ...]:
    """Return what the person has to know before saying yes."""
    lines: list[str] = []
    if lockout:
        lines.append(
            "this also cuts off what you are signed in with: that step goes last. To get back in, "
            "sign in again (a role: a new session works; a key: use another), then run "
            "`unleak verify`"
        )
    elif situation.caller.arn is None:
        lines.append(
            "this cloud does not tell who you are, so it is not known whether your own session is "
            "among those cut off"
        )
    lines += [
        f"{credential.label} has already expired; whoever had it may have opened newer sessions"
        for credential in situation.credentials
        if credential.status is CredentialStatus.EXPIRED
    ]
    return (*lines, *situation.notes)


def cannot_be_done(credentials: Sequence[Credential]) -> tuple[str, ...]:
    """Return what no step of the plan reaches, each line with what a person can do about it."""
    kinds = {credential.kind for credential in credentials}
    lines = [CHAINED]
    if CredentialKind.USER_SESSION in kinds:
        lines.append(
            "a session of a user is opened with his long-lived key: if that leaked too, it opens "
            "new ones; revoke the key as well"
        )
    if kinds & {CredentialKind.ROLE_SESSION, CredentialKind.UNKNOWN_SESSION}:
        lines.append(
            "whoever can still open sessions of this role gets new ones: close the way it leaked "
            "(a stolen key, an open metadata endpoint, the trust policy)"
        )
    if any(_is_whole_user(credential) for credential in credentials):
        lines.append(REST_OF_USER)
    return tuple(lines)


def next_steps(
    credentials: Sequence[Credential], steps: Iterable[Step], *, lockout: bool
) -> tuple[str, ...]:
    """Return what to do once the plan is through, in order."""
    lines: list[str] = []
    if lockout:
        lines.append("sign in again, then measure with `unleak verify`")
    steps = tuple(steps)
    if any(isinstance(step.action, SetInlinePolicy) for step in steps):
        lines.append("restart the programs that use it, so that they fetch new credentials")
    if any(isinstance(step.action, SetKeyStatus) for step in steps):
        lines.append(
            "give the programs that used the key something new: temporary credentials where they "
            "can (a role), else a new key"
        )
    lines.append("close the way it leaked, and take the secret out of where it was seen")
    ids = [each.access_key_id for each in credentials if each.access_key_id is not None]
    whom = f" with {', '.join(ids)}" if ids else ""
    look = (
        f"look in CloudTrail at what was done{whom}: new users, keys, roles and sessions are the "
        "thief's"
    )
    stay = (
        "leave the deny in place; infrastructure code that owns all inline policies (Terraform, "
        "CloudFormation) may delete it at its next run"
    )
    return (*lines, look, stay)


def _is_whole_user(credential: Credential) -> bool:
    is_user = credential.principal is not None and credential.principal.type is PrincipalType.USER
    return is_user and not credential.kind.is_session

"""Reads who there is: users, roles, their keys, and who a signature belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.aws.answer import Answer, instant, number, part, parts, policy_text, some_text, text
from unleak.errors import AwsFailure
from unleak.model.action import KeyState, RoleRecord
from unleak.model.instant import render_instant
from unleak.model.ports import KeyUse, RoleRead
from unleak.model.principal import Principal, PrincipalType
from unleak.model.situation import Caller, KeyFact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unleak.aws.asking import Asking

_SHORTEST_MAX_SESSION = 3600
"""What a role has where nobody set `MaxSessionDuration`."""


def read_caller(answer: Answer, *, access_key_id: str | None) -> Caller:
    """Read the answer of `GetCallerIdentity`."""
    return Caller(
        account=some_text(answer, "Account"),
        arn=some_text(answer, "Arn"),
        unique_id=some_text(answer, "UserId"),
        access_key_id=access_key_id,
    )


def key_use(asking: Asking, key_id: str) -> KeyUse:
    """Ask whose a key is and when it was last used; AWS's note of that lags by hours."""
    answer = asking.iam("get_access_key_last_used", AccessKeyId=key_id)
    used = part(answer, "AccessKeyLastUsed")
    return KeyUse(
        user=some_text(answer, "UserName"),
        last_used_at=instant(used, "LastUsedDate"),
        service=some_text(used, "ServiceName"),
        region=some_text(used, "Region"),
    )


def keys(asking: Asking, user: str) -> tuple[KeyFact, ...]:
    """List the access keys of a user.

    Raises:
        AwsFailure: a key has a status that we do not know.
    """
    return key_facts(asking.iam_pages("list_access_keys", "AccessKeyMetadata", UserName=user))


def key_facts(found: Iterable[Answer]) -> tuple[KeyFact, ...]:
    """Read access keys as `ListAccessKeys` tells them.

    Raises:
        AwsFailure: a key has a status that we do not know.
    """
    return tuple(
        KeyFact(
            key_id=text(key, "AccessKeyId"),
            state=_key_state(text(key, "Status")),
            created_at=instant(key, "CreateDate"),
        )
        for key in found
    )


def user(asking: Asking, name: str) -> Principal:
    """Read one user."""
    found = part(asking.iam("get_user", UserName=name), "User")
    return _principal(PrincipalType.USER, found, name=name, id_key="UserId")


def role(asking: Asking, name: str) -> RoleRead:
    """Read one role, with all that is needed to make it again."""
    found = part(asking.iam("get_role", RoleName=name), "Role")
    record = RoleRecord(
        name=text(found, "RoleName") or name,
        path=text(found, "Path") or "/",
        trust_policy=policy_text(found, "AssumeRolePolicyDocument"),
        description=text(found, "Description"),
        max_session_seconds=number(found, "MaxSessionDuration", _SHORTEST_MAX_SESSION),
        boundary=boundary_of(found),
        tags=_tags(found),
    )
    return RoleRead(
        principal=_principal(PrincipalType.ROLE, found, name=name, id_key="RoleId"),
        record=record,
        created_at=instant(found, "CreateDate"),
        last_used=_last_use(part(found, "RoleLastUsed")),
    )


def roles_under(asking: Asking, path: str) -> tuple[str, ...]:
    """Return the names of the roles whose path begins so (`iam:ListRoles`).

    Args:
        asking: where to put the question.
        path: `/unleak-drill/` for example.
    """
    found = asking.iam_pages("list_roles", "Roles", PathPrefix=path)
    # a cloud that does not know the parameter lists them all
    return tuple(text(each, "RoleName") for each in found if text(each, "Path").startswith(path))


def tags_of(asking: Asking, principal: Principal) -> tuple[tuple[str, str], ...]:
    """Return the tags of a role or user.

    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html (both carry `Tags`)
    """
    if principal.type is PrincipalType.ROLE:
        return role(asking, principal.name).record.tags
    found = part(asking.iam("get_user", UserName=principal.name), "User")
    return _tags(found)


def _tags(found: Answer) -> tuple[tuple[str, str], ...]:
    return tuple((text(tag, "Key"), text(tag, "Value")) for tag in parts(found, "Tags"))


def boundary_of(found: Answer) -> str | None:
    """Return the ARN of the permissions boundary of a role or user that was read."""
    return some_text(part(found, "PermissionsBoundary"), "PermissionsBoundaryArn")


def _principal(kind: PrincipalType, found: Answer, *, name: str, id_key: str) -> Principal:
    arn = some_text(found, "Arn")
    fields = (arn or "").split(":", 5)
    is_whole = len(fields) == 6  # noqa: PLR2004 - arn:partition:service:region:account:resource
    return Principal(
        type=kind,
        name=some_text(found, f"{kind.value.title()}Name") or name,
        arn=arn,
        account=(fields[4] or None) if is_whole else None,
        partition=(fields[1] or None) if is_whole else None,
        unique_id=some_text(found, id_key),
    )


def _last_use(used: Answer) -> str | None:
    at = instant(used, "LastUsedDate")
    if at is None:
        return None
    region = some_text(used, "Region")
    return render_instant(at) + (f" in {region}" if region else "")


def _key_state(status: str) -> KeyState:
    try:
        return KeyState(status)
    except ValueError as error:
        message = f"ListAccessKeys: a key has the unknown status {status[:40]!a}"
        raise AwsFailure(
            message, error_code="UnknownKeyStatus", operation="ListAccessKeys"
        ) from error

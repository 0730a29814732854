"""IAM's users with their keys, passwords and groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lab.lagging.access import CallerType
from lab.lagging.estate import AccessKey, Group, User
from lab.lagging.iam_views import view, view_key
from lab.lagging.refusal import no_such, refuse

if TYPE_CHECKING:
    from lab.lagging.asked import Asked, Operation
    from lab.lagging.estate import Answer

KEYS_PER_USER: Final = 2
GROUPS_PER_USER: Final = 10


def _create_user(asked: Asked) -> Answer:
    name, path = asked.text("UserName"), asked.maybe("Path") or "/"
    if name in asked.account.users:
        raise refuse(409, "EntityAlreadyExists", f"User with name {name} already exists.")
    number = asked.account.number
    user = User(
        name=name,
        unique_id=asked.control.mint.unique_id("AIDA", number),
        arn=f"arn:aws:iam::{number}:user{path}{name}",
        created=asked.control.last_second(),
        path=path,
        boundary=asked.maybe("PermissionsBoundary"),
        tags=tags_of(asked),
    )
    asked.keep_holder(user)
    return {"User": view(user)}


def tags_of(asked: Asked) -> tuple[tuple[str, str], ...]:
    """Read `Tags`."""
    return tuple((str(row["Key"]), str(row["Value"])) for row in asked.rows("Tags"))


def _get_user(asked: Asked) -> Answer:
    return {"User": view(_user(asked))}


def _list_users(asked: Asked) -> Answer:
    return {"Users": [view(user) for user in asked.account.users.values()], "IsTruncated": False}


def _delete_user(asked: Asked) -> Answer:
    user = named_user(asked)
    if user.keys or user.inline or user.attached or user.groups or user.login_profile:
        message = "Cannot delete entity, must remove access keys, policies and groups first."
        raise refuse(409, "DeleteConflict", message)
    asked.keep(asked.account.drop(user))
    return {}


def _create_access_key(asked: Asked) -> Answer:
    user, number = _user(asked), asked.account.number
    if len(user.keys) >= KEYS_PER_USER:
        message = f"Cannot exceed quota for AccessKeysPerUser: {KEYS_PER_USER}"
        raise refuse(409, "LimitExceeded", message)
    key = AccessKey(
        key_id=asked.control.mint.key_id("AKIA", number),
        secret=asked.control.mint.secret(),
        created=asked.control.last_second(),
    )
    asked.keep_holder(replace(user, keys={**user.keys, key.key_id: key}))
    return {"AccessKey": {**view_key(user.name, key), "SecretAccessKey": key.secret}}


def _list_access_keys(asked: Asked) -> Answer:
    user = _user(asked)
    rows = [view_key(user.name, key) for key in user.keys.values()]
    return {"AccessKeyMetadata": rows, "IsTruncated": False}


def _update_access_key(asked: Asked) -> Answer:
    user, key = _key(asked)
    changed = replace(key, is_active=asked.text("Status") == "Active")
    asked.keep_holder(replace(user, keys={**user.keys, key.key_id: changed}))
    return {}


def _delete_access_key(asked: Asked) -> Answer:
    user, key = _key(asked)
    left = {name: one for name, one in user.keys.items() if name != key.key_id}
    asked.keep_holder(replace(user, keys=left))
    return {}


def _get_access_key_last_used(asked: Asked) -> Answer:
    key_id = asked.text("AccessKeyId")
    user = asked.account.key_owners.get(key_id)
    if user is None:
        message = f"User is not authorized to perform: iam:GetAccessKeyLastUsed on key {key_id}"
        raise refuse(403, "AccessDenied", message)
    use = asked.control.uses.get(key_id)
    if use is None:
        nothing = {"ServiceName": "N/A", "Region": "N/A"}
        return {"UserName": user.name, "AccessKeyLastUsed": nothing}
    used = {"LastUsedDate": use.at, "ServiceName": use.service, "Region": use.region}
    return {"UserName": user.name, "AccessKeyLastUsed": used}


def _create_login_profile(asked: Asked) -> Answer:
    user = named_user(asked)
    if user.login_profile is not None:
        message = f"Login Profile for user {user.name} already exists."
        raise refuse(409, "EntityAlreadyExists", message)
    asked.keep_holder(replace(user, login_profile=asked.control.last_second()))
    return _get_login_profile(asked)


def _get_login_profile(asked: Asked) -> Answer:
    user = _with_profile(asked)
    made = user.login_profile
    return {"LoginProfile": {"UserName": user.name, "CreateDate": made}}


def _update_login_profile(asked: Asked) -> Answer:
    _with_profile(asked)
    return {}


def _delete_login_profile(asked: Asked) -> Answer:
    asked.keep_holder(replace(_with_profile(asked), login_profile=None))
    return {}


def _create_group(asked: Asked) -> Answer:
    name, path = asked.text("GroupName"), asked.maybe("Path") or "/"
    if name in asked.account.groups:
        raise refuse(409, "EntityAlreadyExists", f"Group with name {name} already exists.")
    number = asked.account.number
    group = Group(
        name=name,
        unique_id=asked.control.mint.unique_id("AGPA", number),
        arn=f"arn:aws:iam::{number}:group{path}{name}",
        created=asked.control.last_second(),
        path=path,
    )
    asked.keep_holder(group)
    return {"Group": view(group)}


def _get_group(asked: Asked) -> Answer:
    group = asked.holder("Group")
    members = [view(one) for one in asked.account.users.values() if group.name in one.groups]
    return {"Group": view(group), "Users": members, "IsTruncated": False}


def _list_groups(asked: Asked) -> Answer:
    return {"Groups": [view(one) for one in asked.account.groups.values()], "IsTruncated": False}


def _delete_group(asked: Asked) -> Answer:
    group = asked.holder("Group")
    members = [one for one in asked.account.users.values() if group.name in one.groups]
    if members or group.inline or group.attached:
        message = "Cannot delete entity, must remove users and policies from group first."
        raise refuse(409, "DeleteConflict", message)
    asked.keep(asked.account.drop(group))
    return {}


def _add_user_to_group(asked: Asked) -> Answer:
    user, group = named_user(asked), asked.holder("Group").name
    if group not in user.groups and len(user.groups) >= GROUPS_PER_USER:
        message = f"Cannot exceed quota for GroupsPerUser: {GROUPS_PER_USER}"
        raise refuse(409, "LimitExceeded", message)
    others = tuple(name for name in user.groups if name != group)
    asked.keep_holder(replace(user, groups=(*others, group)))
    return {}


def _remove_user_from_group(asked: Asked) -> Answer:
    user, group = named_user(asked), asked.holder("Group").name
    if group not in user.groups:
        raise no_such(user.name, "user in the group")
    asked.keep_holder(replace(user, groups=tuple(one for one in user.groups if one != group)))
    return {}


def _list_groups_for_user(asked: Asked) -> Answer:
    groups = [view(asked.holder("Group", name)) for name in named_user(asked).groups]
    return {"Groups": groups, "IsTruncated": False}


def named_user(asked: Asked) -> User:
    """Return the user that is named.

    Raises:
        TypeError: a mistake in this cloud.
    """
    found = asked.holder("User")
    if not isinstance(found, User):
        raise TypeError(found)
    return found


def _user(asked: Asked) -> User:
    """Return the user that is named, else the caller's own."""
    if asked.maybe("UserName") is None:
        caller = asked.caller
        if caller.holder is None or caller.type is not CallerType.USER:
            message = "Must specify userName when calling with non-User credentials"
            raise refuse(400, "ValidationError", message)
        found = asked.holder("User", caller.holder.name)
        if isinstance(found, User):
            return found
    return named_user(asked)


def _key(asked: Asked) -> tuple[User, AccessKey]:
    user, key_id = _user(asked), asked.text("AccessKeyId")
    if key_id not in user.keys:
        raise refuse(404, "NoSuchEntity", f"The Access Key with id {key_id} cannot be found.")
    return user, user.keys[key_id]


def _with_profile(asked: Asked) -> User:
    user = named_user(asked)
    if user.login_profile is None:
        message = f"Login Profile for User {user.name} cannot be found."
        raise refuse(404, "NoSuchEntity", message)
    return user


OPERATIONS: Mapping[str, Operation] = {
    "CreateUser": _create_user,
    "GetUser": _get_user,
    "ListUsers": _list_users,
    "DeleteUser": _delete_user,
    "CreateAccessKey": _create_access_key,
    "ListAccessKeys": _list_access_keys,
    "UpdateAccessKey": _update_access_key,
    "DeleteAccessKey": _delete_access_key,
    "GetAccessKeyLastUsed": _get_access_key_last_used,
    "CreateLoginProfile": _create_login_profile,
    "GetLoginProfile": _get_login_profile,
    "UpdateLoginProfile": _update_login_profile,
    "DeleteLoginProfile": _delete_login_profile,
    "CreateGroup": _create_group,
    "GetGroup": _get_group,
    "ListGroups": _list_groups,
    "DeleteGroup": _delete_group,
    "AddUserToGroup": _add_user_to_group,
    "RemoveUserFromGroup": _remove_user_from_group,
    "ListGroupsForUser": _list_groups_for_user,
}

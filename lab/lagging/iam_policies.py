"""IAM's managed policies and their versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lab.lagging.aws_policies import AWS_POLICIES
from lab.lagging.estate import Group, ManagedPolicy, PolicyVersion, Role, User
from lab.lagging.iam_views import (
    bounded_by,
    find_policy,
    holders_of,
    view_policy,
    view_version,
)
from lab.lagging.policy import read
from lab.lagging.refusal import refuse

if TYPE_CHECKING:
    from lab.lagging.asked import Asked, Operation
    from lab.lagging.estate import Answer

SIZE: Final = 6144
VERSIONS_MOST: Final = 5


def _create_policy(asked: Asked) -> Answer:
    name, path, number = asked.text("PolicyName"), asked.maybe("Path") or "/", asked.account.number
    arn = f"arn:aws:iam::{number}:policy{path}{name}"
    if arn in asked.account.policies:
        message = f"A policy called {name} already exists. Duplicate names are not allowed."
        raise refuse(409, "EntityAlreadyExists", message)
    now = asked.control.last_second()
    policy = ManagedPolicy(
        name=name,
        unique_id=asked.control.mint.unique_id("ANPA", number),
        arn=arn,
        path=path,
        created=now,
        versions={"v1": PolicyVersion(document=_document(asked), created=now)},
        default="v1",
    )
    _keep(asked, policy)
    return {"Policy": view_policy(asked.account, policy)}


def _get_policy(asked: Asked) -> Answer:
    return {"Policy": view_policy(asked.account, _policy(asked))}


def _delete_policy(asked: Asked) -> Answer:
    policy = _own(asked)
    is_used = holders_of(asked.account, policy.arn) or bounded_by(asked.account, policy.arn)
    if is_used or len(policy.versions) > 1:
        message = "Cannot delete a policy attached to entities or with more versions."
        raise refuse(409, "DeleteConflict", message)
    left = {arn: one for arn, one in asked.account.policies.items() if arn != policy.arn}
    asked.keep(replace(asked.account, policies=left))
    return {}


def _list_policies(asked: Asked) -> Answer:
    scope = asked.maybe("Scope") or "All"
    found: list[ManagedPolicy] = []
    if scope != "AWS":
        found += asked.account.policies.values()
    if scope != "Local":
        found += AWS_POLICIES.values()
    rows = [view_policy(asked.account, policy) for policy in found]
    return {"Policies": rows, "IsTruncated": False}


def _create_version(asked: Asked) -> Answer:
    policy, document = _own(asked), _document(asked)
    if len(policy.versions) >= VERSIONS_MOST:
        message = "A managed policy can have up to 5 versions. Delete one first."
        raise refuse(409, "LimitExceeded", message)
    name = f"v{policy.made + 1}"
    version = PolicyVersion(document=document, created=asked.control.last_second())
    is_default = asked.parameters.get("SetAsDefault") is True
    changed = replace(
        policy,
        versions={**policy.versions, name: version},
        made=policy.made + 1,
        default=name if is_default else policy.default,
    )
    _keep(asked, changed)
    return {"PolicyVersion": view_version(changed, name)}


def _get_version(asked: Asked) -> Answer:
    policy = _policy(asked)
    return {"PolicyVersion": view_version(policy, _version(asked, policy))}


def _list_versions(asked: Asked) -> Answer:
    policy = _policy(asked)
    rows = [view_version(policy, version) for version in reversed(list(policy.versions))]
    without_text = [{key: row[key] for key in row if key != "Document"} for row in rows]
    return {"Versions": without_text, "IsTruncated": False}


def _set_default_version(asked: Asked) -> Answer:
    policy = _own(asked)
    _keep(asked, replace(policy, default=_version(asked, policy)))
    return {}


def _delete_version(asked: Asked) -> Answer:
    policy = _own(asked)
    version = _version(asked, policy)
    if version == policy.default:
        raise refuse(409, "DeleteConflict", "Cannot delete the default version of a policy.")
    left = {name: one for name, one in policy.versions.items() if name != version}
    _keep(asked, replace(policy, versions=left))
    return {}


def _list_entities(asked: Asked) -> Answer:
    arn = _policy(asked).arn
    found = holders_of(asked.account, arn)
    if asked.maybe("PolicyUsageFilter") == "PermissionsBoundary":
        found = bounded_by(asked.account, arn)
    rows = [
        (type(one), {f"{kind}Name": one.name, f"{kind}Id": one.unique_id})
        for one in found
        for kind in [type(one).__name__]
    ]
    return {
        "PolicyUsers": [row for kind, row in rows if kind is User],
        "PolicyRoles": [row for kind, row in rows if kind is Role],
        "PolicyGroups": [row for kind, row in rows if kind is Group],
        "IsTruncated": False,
    }


def _document(asked: Asked) -> str:
    document = asked.text("PolicyDocument")
    read(document)
    if len("".join(document.split())) > SIZE:
        raise refuse(409, "LimitExceeded", f"Cannot exceed quota for PolicySize: {SIZE}")
    return document


def _policy(asked: Asked) -> ManagedPolicy:
    arn = asked.text("PolicyArn")
    try:
        return find_policy(asked.account, arn)
    except KeyError:
        message = f"Policy {arn} does not exist or is not attachable."
        raise refuse(404, "NoSuchEntity", message) from None


def _own(asked: Asked) -> ManagedPolicy:
    policy = _policy(asked)
    if policy.arn in AWS_POLICIES:
        raise refuse(403, "AccessDenied", f"Policy is outside your own account: {policy.arn}")
    return policy


def _version(asked: Asked, policy: ManagedPolicy) -> str:
    version = asked.text("VersionId")
    if version not in policy.versions:
        message = f"Policy {policy.arn} version {version} does not exist or is not attachable."
        raise refuse(404, "NoSuchEntity", message)
    return version


def _keep(asked: Asked, policy: ManagedPolicy) -> None:
    policies = {**asked.account.policies, policy.arn: policy}
    asked.keep(replace(asked.account, policies=policies))


OPERATIONS: Mapping[str, Operation] = {
    "CreatePolicy": _create_policy,
    "GetPolicy": _get_policy,
    "DeletePolicy": _delete_policy,
    "ListPolicies": _list_policies,
    "CreatePolicyVersion": _create_version,
    "GetPolicyVersion": _get_version,
    "ListPolicyVersions": _list_versions,
    "SetDefaultPolicyVersion": _set_default_version,
    "DeletePolicyVersion": _delete_version,
    "ListEntitiesForPolicy": _list_entities,
}

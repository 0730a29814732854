"""Reads the policies of a role, user or group: inline texts exactly as stored, managed by name."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from unleak.aws.answer import part, policy_text, text, texts
from unleak.aws.failures import gap_of
from unleak.errors import NoSuchPrincipal, UnleakError
from unleak.model.reading import Known
from unleak.model.situation import GroupFacts, InlinePolicy, ManagedPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

    from unleak.aws.asking import Asking
    from unleak.model.action import Holder
    from unleak.model.reading import Listing

_HOLDER_MISSING: Final = re.compile(r"\s*(the )?(role|user|group)\b(?! policy)", re.IGNORECASE)
"""How IAM starts when the holder is missing: "The role with name x cannot be found."  For a missing
policy it says "The role policy with name x cannot be found."  Both seen on MiniStack, which copies
AWS's words; untested on AWS."""
_T = TypeVar("_T")
_NAME_FIELDS: Final = {"role": "RoleName", "user": "UserName", "group": "GroupName"}


def inline_policy(asking: Asking, holder: Holder, policy_name: str) -> str | None:
    """Return the exact text of an inline policy, None where the holder has no such policy.

    Raises:
        NoSuchPrincipal: the holder itself is missing, as far as the words of the answer tell.
    """
    return _inline_text(asking, holder.type.value, holder.name, policy_name)


def inline_policies(asking: Asking, holder: Holder) -> tuple[InlinePolicy, ...]:
    """Return all inline policies with their exact texts."""
    return _inline(asking, holder.type.value, holder.name)


def attached_policies(asking: Asking, holder: Holder) -> tuple[ManagedPolicy, ...]:
    """Return the attached managed policies, without their texts."""
    return _attached(asking, holder.type.value, holder.name)


def managed_policy(asking: Asking, policy_arn: str) -> str | None:
    """Return the exact text of a managed policy's default version, None where there is none."""
    try:
        policy = part(asking.iam("get_policy", PolicyArn=policy_arn), "Policy")
        version_id = text(policy, "DefaultVersionId")
        answer = asking.iam("get_policy_version", PolicyArn=policy_arn, VersionId=version_id)
    except NoSuchPrincipal:
        return None
    return policy_text(part(answer, "PolicyVersion"), "Document")


def groups(asking: Asking, user: str) -> tuple[GroupFacts, ...]:
    """Return the groups of a user; a group whose policies may not be read says why."""
    found = asking.iam_pages("list_groups_for_user", "Groups", UserName=user)
    names = [text(group, "GroupName") for group in found]
    return tuple(
        GroupFacts(
            name=name,
            inline=_listing(partial(_inline, asking, "group", name)),
            attached=_listing(partial(_attached, asking, "group", name)),
        )
        for name in names
    )


def _listing(read: Callable[[], tuple[_T, ...]]) -> Listing[tuple[_T, ...]]:
    try:
        return Known(read())
    except UnleakError as error:
        return gap_of(error)


def _inline(asking: Asking, kind: str, name: str) -> tuple[InlinePolicy, ...]:
    answers = asking.iam_answers(f"list_{kind}_policies", **{_NAME_FIELDS[kind]: name})
    names = [policy for answer in answers for policy in texts(answer, "PolicyNames")]
    documents = [(policy, _inline_text(asking, kind, name, policy)) for policy in names]
    return tuple(
        InlinePolicy(name=policy, document=document)
        for policy, document in documents
        if document is not None  # deleted between the two calls
    )


def _inline_text(asking: Asking, kind: str, name: str, policy_name: str) -> str | None:
    parameters = {_NAME_FIELDS[kind]: name, "PolicyName": policy_name}
    try:
        answer = asking.iam(f"get_{kind}_policy", **parameters)
    except NoSuchPrincipal as error:
        said = error.message.partition(": ")[2]
        if _HOLDER_MISSING.match(said):
            raise
        return None
    return policy_text(answer, "PolicyDocument")


def _attached(asking: Asking, kind: str, name: str) -> tuple[ManagedPolicy, ...]:
    found = asking.iam_pages(
        f"list_attached_{kind}_policies", "AttachedPolicies", **{_NAME_FIELDS[kind]: name}
    )
    return tuple(
        ManagedPolicy(arn=text(policy, "PolicyArn"), name=text(policy, "PolicyName"))
        for policy in found
    )

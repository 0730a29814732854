"""Reads what every user may do in one listing: own, group and managed policies with their texts.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.aws.answer import instant, part, parts, policy_text, some_text, text, texts
from unleak.model.principal import Principal, PrincipalType
from unleak.model.reading import Absent, Gap, Known, Unknown
from unleak.model.situation import GroupFacts, InlinePolicy, ManagedPolicy, PrincipalFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.aws.answer import Answer
    from unleak.aws.asking import Asking
    from unleak.model.reading import Listing, Reading

_KINDS: Final = ["User", "Group", "LocalManagedPolicy", "AWSManagedPolicy"]
_LARGEST_PAGE: Final = 1000


def user_powers(asking: Asking) -> Mapping[str, PrincipalFacts]:
    """Return the facts about each user, by name; roles are left out.

    Args:
        asking: the responder's session as a place to put questions.
    """
    answers = asking.iam_answers(
        "get_account_authorization_details", Filter=_KINDS, MaxItems=_LARGEST_PAGE
    )
    documents = {
        text(policy, "Arn"): _default_text(policy)
        for answer in answers
        for policy in parts(answer, "Policies")
    }
    groups = {
        text(group, "GroupName"): GroupFacts(
            name=text(group, "GroupName"),
            inline=Known(_inline(group, "GroupPolicyList")),
            attached=Known(_attached(group, documents)),
        )
        for answer in answers
        for group in parts(answer, "GroupDetailList")
    }
    return {
        text(user, "UserName"): _user(user, documents, groups)
        for answer in answers
        for user in parts(answer, "UserDetailList")
    }


def _user(
    user: Answer, documents: Mapping[str, str], groups: Mapping[str, GroupFacts]
) -> PrincipalFacts:
    name, arn = text(user, "UserName"), text(user, "Arn")
    _, partition, _, _, account, *_ = (*arn.split(":"), *[""] * 5)
    return PrincipalFacts(
        principal=Principal(
            type=PrincipalType.USER,
            name=name,
            arn=arn,
            account=account or None,
            partition=partition or None,
            unique_id=some_text(user, "UserId"),
        ),
        created_at=instant(user, "CreateDate"),
        inline=Known(_inline(user, "UserPolicyList")),
        attached=Known(_attached(user, documents)),
        groups=_groups(texts(user, "GroupList"), groups),
        boundary=_boundary(user, documents),
    )


def _groups(
    names: tuple[str, ...], groups: Mapping[str, GroupFacts]
) -> Listing[tuple[GroupFacts, ...]]:
    missing = [name for name in names if name not in groups]
    if missing:
        return Unknown(Gap.FAILED, f"{missing[0]} was not in the answer")
    return Known(tuple(groups[name] for name in names))


def _boundary(user: Answer, documents: Mapping[str, str]) -> Reading[ManagedPolicy]:
    arn = some_text(part(user, "PermissionsBoundary"), "PermissionsBoundaryArn")
    return Absent() if arn is None else Known(_managed(arn, documents))


def _inline(holder: Answer, key: str) -> tuple[InlinePolicy, ...]:
    return tuple(
        InlinePolicy(name=text(each, "PolicyName"), document=policy_text(each, "PolicyDocument"))
        for each in parts(holder, key)
    )


def _attached(holder: Answer, documents: Mapping[str, str]) -> tuple[ManagedPolicy, ...]:
    listed = parts(holder, "AttachedManagedPolicies")
    return tuple(_managed(text(each, "PolicyArn"), documents) for each in listed)


def _managed(arn: str, documents: Mapping[str, str]) -> ManagedPolicy:
    document = documents.get(arn)
    return ManagedPolicy(
        arn=arn,
        name=arn.rpartition("/")[2],
        document=Unknown(Gap.FAILED, "not in the answer") if not document else Known(document),
    )


def _default_text(policy: Answer) -> str:
    for version in parts(policy, "PolicyVersionList"):
        if version.get("IsDefaultVersion") is True:
            return policy_text(version, "Document")
    return ""

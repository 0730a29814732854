"""Reads who and what can act in the account: users, roles and policies at once, and providers.

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
and https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetLoginProfile.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.aws.answer import Answer, instant, part, parts, policy_text, some_text, text, texts
from unleak.aws.identities import boundary_of
from unleak.errors import NoSuchPrincipal
from unleak.model.account import AccountDetails, PolicyDetail, Provider, RoleDetail, UserDetail
from unleak.model.situation import InlinePolicy

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.aws.asking import Asking

_KINDS: Final = ["User", "Role", "LocalManagedPolicy"]
_LARGEST_PAGE: Final = 1000


def account_details(asking: Asking) -> AccountDetails:
    """Read all users, roles and customer-managed policies; groups are left out."""
    answers = asking.iam_answers(
        "get_account_authorization_details", Filter=_KINDS, MaxItems=_LARGEST_PAGE
    )
    return AccountDetails(
        users=tuple(_user(each) for one in answers for each in parts(one, "UserDetailList")),
        roles=tuple(_role(each) for one in answers for each in parts(one, "RoleDetailList")),
        policies=tuple(_policy(each) for one in answers for each in parts(one, "Policies")),
    )


def login_profile(asking: Asking, user: str) -> datetime | None:
    """Return when the password of a user was made, None where there is no password.

    A new password for an old profile does not change the date: only CloudTrail shows that.
    Whether AWS leaves it as it is at `UpdateLoginProfile` is untested.
    """
    try:
        answer = asking.iam("get_login_profile", UserName=user)
    except NoSuchPrincipal:
        return None
    return instant(part(answer, "LoginProfile"), "CreateDate")


def providers(asking: Asking) -> tuple[Provider, ...]:
    """List the OpenID Connect and SAML providers of the account with their dates."""
    listed = parts(asking.iam("list_open_id_connect_providers"), "OpenIDConnectProviderList")
    found = [_connect_provider(asking, text(each, "Arn")) for each in listed]
    saml = parts(asking.iam("list_saml_providers"), "SAMLProviderList")
    return (
        *(each for each in found if each is not None),
        *(Provider(arn=text(each, "Arn"), created_at=instant(each, "CreateDate")) for each in saml),
    )


def _connect_provider(asking: Asking, arn: str) -> Provider | None:
    try:
        answer = asking.iam("get_open_id_connect_provider", OpenIDConnectProviderArn=arn)
    except NoSuchPrincipal:
        return None  # deleted between the two calls
    return Provider(arn=arn, created_at=instant(answer, "CreateDate"))


def _user(found: Answer) -> UserDetail:
    return UserDetail(
        name=text(found, "UserName"),
        arn=text(found, "Arn"),
        unique_id=some_text(found, "UserId"),
        path=text(found, "Path") or "/",
        created_at=instant(found, "CreateDate"),
        inline=_inline(found, "UserPolicyList"),
        attached=_attached(found),
        groups=texts(found, "GroupList"),
        boundary=boundary_of(found),
    )


def _role(found: Answer) -> RoleDetail:
    return RoleDetail(
        name=text(found, "RoleName"),
        arn=text(found, "Arn"),
        unique_id=some_text(found, "RoleId"),
        path=text(found, "Path") or "/",
        created_at=instant(found, "CreateDate"),
        trust_policy=policy_text(found, "AssumeRolePolicyDocument"),
        last_used_at=instant(part(found, "RoleLastUsed"), "LastUsedDate"),
        inline=_inline(found, "RolePolicyList"),
        attached=_attached(found),
        boundary=boundary_of(found),
    )


def _policy(found: Answer) -> PolicyDetail:
    versions = parts(found, "PolicyVersionList")
    default_id = some_text(found, "DefaultVersionId")
    default = next(
        (
            each
            for each in versions
            if each.get("IsDefaultVersion") is True or text(each, "VersionId") == default_id
        ),
        {},
    )
    return PolicyDetail(
        arn=text(found, "Arn"),
        name=text(found, "PolicyName"),
        created_at=instant(found, "CreateDate"),
        updated_at=instant(found, "UpdateDate"),
        default_version_id=default_id or some_text(default, "VersionId"),
        default_version_created_at=instant(default, "CreateDate"),
        version_count=len(versions),
    )


def _inline(found: Answer, key: str) -> tuple[InlinePolicy, ...]:
    return tuple(
        InlinePolicy(name=text(each, "PolicyName"), document=policy_text(each, "PolicyDocument"))
        for each in parts(found, key)
    )


def _attached(found: Answer) -> tuple[str, ...]:
    listed = parts(found, "AttachedManagedPolicies")
    return tuple(text(each, "PolicyArn") for each in listed)

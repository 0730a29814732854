"""How the answers about a whole account are understood."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from aws.loopback import Loopback, done
from unleak.aws.reader import AwsReader
from unleak.errors import MissingPermission
from unleak.model.account import AccountDetails, PolicyDetail, Provider, RoleDetail, UserDetail
from unleak.model.situation import InlinePolicy

if TYPE_CHECKING:
    from unleak.aws.session import AwsSession

SEVEN = datetime(2026, 11, 24, 7, tzinfo=UTC)
EIGHT = SEVEN + timedelta(hours=1)
ACCOUNT = "arn:aws:iam::111122223333"
USER_ID, ROLE_ID = "AIDAAAAAAAAAAAAAAAAAA", "AROAAAAAAAAAAAAAAAAAA"
ASKED = {"Filter": ["User", "Role", "LocalManagedPolicy"], "MaxItems": 1000}
USER = {
    "UserName": "bob",
    "UserId": USER_ID,
    "Path": "/team/",
    "Arn": f"{ACCOUNT}:user/team/bob",
    "CreateDate": SEVEN,
    "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": "%7B%22a%22%3A%22b+c%2Bd%22%7D"}],
    "GroupList": ["admins"],
    "AttachedManagedPolicies": [{"PolicyName": "read", "PolicyArn": f"{ACCOUNT}:policy/read"}],
    "PermissionsBoundary": {"PermissionsBoundaryArn": f"{ACCOUNT}:policy/edge"},
}
ROLE = {
    "RoleName": "app",
    "RoleId": ROLE_ID,
    "Path": "/",
    "Arn": f"{ACCOUNT}:role/app",
    "CreateDate": SEVEN,
    "AssumeRolePolicyDocument": "%7B%22Version%22%3A%222012-10-17%22%7D",
    "RoleLastUsed": {"LastUsedDate": EIGHT, "Region": "eu-west-1"},
}
POLICY = {
    "PolicyName": "read",
    "Arn": f"{ACCOUNT}:policy/read",
    "DefaultVersionId": "v2",
    "CreateDate": SEVEN,
    "UpdateDate": EIGHT,
    "PolicyVersionList": [
        {"VersionId": "v2", "IsDefaultVersion": True, "CreateDate": EIGHT},
        {"VersionId": "v1", "IsDefaultVersion": False, "CreateDate": SEVEN},
    ],
}


@pytest.fixture
def reader(session: AwsSession) -> AwsReader:
    return AwsReader(session)


@pytest.fixture
def iam(session: AwsSession) -> Iterator[Stubber]:
    with Stubber(session.client("iam")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_users_roles_and_policies_are_read_to_the_last_page(
    iam: Stubber, reader: AwsReader
) -> None:
    method = "get_account_authorization_details"
    first = {"UserDetailList": [USER], "IsTruncated": True, "Marker": "m"}
    iam.add_response(method, first, ASKED)
    second = {"RoleDetailList": [ROLE], "Policies": [POLICY], "IsTruncated": False}
    iam.add_response(method, second, {**ASKED, "Marker": "m"})

    details = reader.account_details()

    assert details.users == (
        UserDetail(
            name="bob",
            arn=f"{ACCOUNT}:user/team/bob",
            unique_id=USER_ID,
            path="/team/",
            created_at=SEVEN,
            inline=(InlinePolicy(name="own", document='{"a":"b+c+d"}'),),
            attached=(f"{ACCOUNT}:policy/read",),
            groups=("admins",),
            boundary=f"{ACCOUNT}:policy/edge",
        ),
    )
    assert details.roles == (
        RoleDetail(
            name="app",
            arn=f"{ACCOUNT}:role/app",
            unique_id=ROLE_ID,
            created_at=SEVEN,
            trust_policy='{"Version":"2012-10-17"}',
            last_used_at=EIGHT,
        ),
    )
    assert details.policies == (
        PolicyDetail(
            arn=f"{ACCOUNT}:policy/read",
            name="read",
            created_at=SEVEN,
            updated_at=EIGHT,
            default_version_id="v2",
            default_version_created_at=EIGHT,
            version_count=2,
        ),
    )


def test_what_a_cloud_leaves_out_stays_unknown(cloud: Loopback, near: AwsSession) -> None:
    result = (
        "<UserDetailList><member><UserName>bob</UserName></member></UserDetailList>"
        "<Policies><member><PolicyName>p</PolicyName></member></Policies>"
    )
    cloud.replies = [done("GetAccountAuthorizationDetails", result)]

    details = AwsReader(near).account_details()

    assert details == AccountDetails(
        users=(UserDetail(name="bob", arn=""),), policies=(PolicyDetail(name="p", arn=""),)
    )


def test_a_password_has_a_date_and_no_password_has_none(iam: Stubber, reader: AwsReader) -> None:
    profile = {"LoginProfile": {"UserName": "bob", "CreateDate": SEVEN}}
    iam.add_response("get_login_profile", profile, {"UserName": "bob"})
    iam.add_client_error("get_login_profile", "NoSuchEntity", "Login profile ... cannot be found.")

    assert reader.login_profile("bob") == SEVEN
    assert reader.login_profile("eve") is None


def test_a_password_that_we_may_not_read_is_not_no_password(
    iam: Stubber, reader: AwsReader
) -> None:
    iam.add_client_error("get_login_profile", "AccessDenied", "no", http_status_code=403)

    with pytest.raises(MissingPermission):
        reader.login_profile("bob")


def test_providers_of_both_kinds_come_with_their_dates(iam: Stubber, reader: AwsReader) -> None:
    connect, gone = f"{ACCOUNT}:oidc-provider/a.example", f"{ACCOUNT}:oidc-provider/gone.example"
    listed = {"OpenIDConnectProviderList": [{"Arn": connect}, {"Arn": gone}]}
    iam.add_response("list_open_id_connect_providers", listed, {})
    method = "get_open_id_connect_provider"
    iam.add_response(method, {"CreateDate": SEVEN}, {"OpenIDConnectProviderArn": connect})
    iam.add_client_error(method, "NoSuchEntity", "gone")
    saml = {"Arn": f"{ACCOUNT}:saml-provider/idp", "CreateDate": EIGHT}
    iam.add_response("list_saml_providers", {"SAMLProviderList": [saml]}, {})

    assert reader.providers() == (
        Provider(arn=connect, created_at=SEVEN),
        Provider(arn=f"{ACCOUNT}:saml-provider/idp", created_at=EIGHT),
    )

"""Every change with its exact parameters, and what its receipt says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from unleak.aws.writer import AwsWriter
from unleak.errors import AwsFailure, MissingPermission, NotEditable, UnleakError
from unleak.model.action import Holder, HolderType, KeyState, RoleRecord
from unleak.model.outcome import Receipt

if TYPE_CHECKING:
    from unleak.aws.session import AwsSession

ROLE = Holder(type=HolderType.ROLE, name="app")
USER = Holder(type=HolderType.USER, name="bob")
KEY = "AKIALEAKEDLEAKEDLEAK"
ARN = "arn:aws:iam::111122223333:policy/unleak"
DOCUMENT = '{"Version":"2012-10-17","Statement":[]}'
RECORD = RoleRecord(
    name="app",
    path="/team/",
    trust_policy=DOCUMENT,
    description="runs the app",
    max_session_seconds=43200,
    boundary=ARN,
    tags=(("team", "web"), ("cost", "")),
)
METADATA = {
    "RequestId": "req-9",
    "HTTPStatusCode": 200,
    "HTTPHeaders": {"date": "Tue, 24 Nov 2026 07:00:00 GMT"},
}
RECEIPT = Receipt(request_id="req-9", at=datetime(2026, 11, 24, 7, tzinfo=UTC))


@pytest.fixture
def iam(session: AwsSession) -> Iterator[Stubber]:
    with Stubber(session.client("iam")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def writer(session: AwsSession) -> AwsWriter:
    return AwsWriter(session, deadline_seconds=0.5)


CHANGES: list[tuple[str, Callable[[AwsWriter], Receipt], dict[str, object]]] = [
    (
        "update_access_key",
        lambda w: w.set_key_status(user="bob", key_id=KEY, state=KeyState.INACTIVE),
        {"UserName": "bob", "AccessKeyId": KEY, "Status": "Inactive"},
    ),
    (
        "delete_access_key",
        lambda w: w.delete_key(user="bob", key_id=KEY),
        {"UserName": "bob", "AccessKeyId": KEY},
    ),
    (
        "update_service_specific_credential",
        lambda w: w.set_service_credential_status(
            user="bob", credential_id="ACCALEAKEDLEAKEDLEAK", state=KeyState.INACTIVE
        ),
        {
            "UserName": "bob",
            "ServiceSpecificCredentialId": "ACCALEAKEDLEAKEDLEAK",
            "Status": "Inactive",
        },
    ),
    (
        "update_ssh_public_key",
        lambda w: w.set_ssh_key_status(
            user="bob", key_id="APKALEAKEDLEAKEDLEAK", state=KeyState.INACTIVE
        ),
        {"UserName": "bob", "SSHPublicKeyId": "APKALEAKEDLEAKEDLEAK", "Status": "Inactive"},
    ),
    (
        "update_signing_certificate",
        lambda w: w.set_certificate_status(
            user="bob", certificate_id="C" * 24, state=KeyState.ACTIVE
        ),
        {"UserName": "bob", "CertificateId": "C" * 24, "Status": "Active"},
    ),
    ("delete_login_profile", lambda w: w.delete_login_profile("bob"), {"UserName": "bob"}),
    (
        "deactivate_mfa_device",
        lambda w: w.deactivate_mfa(user="bob", serial="arn:aws:iam::111122223333:mfa/bob"),
        {"UserName": "bob", "SerialNumber": "arn:aws:iam::111122223333:mfa/bob"},
    ),
    (
        "put_role_policy",
        lambda w: w.put_inline_policy(ROLE, policy_name="p", document=DOCUMENT),
        {"RoleName": "app", "PolicyName": "p", "PolicyDocument": DOCUMENT},
    ),
    (
        "put_user_policy",
        lambda w: w.put_inline_policy(USER, policy_name="p", document=DOCUMENT),
        {"UserName": "bob", "PolicyName": "p", "PolicyDocument": DOCUMENT},
    ),
    (
        "delete_role_policy",
        lambda w: w.delete_inline_policy(ROLE, policy_name="p"),
        {"RoleName": "app", "PolicyName": "p"},
    ),
    (
        "delete_user_policy",
        lambda w: w.delete_inline_policy(USER, policy_name="p"),
        {"UserName": "bob", "PolicyName": "p"},
    ),
    (
        "create_policy",
        lambda w: w.create_policy(policy_name="unleak", document=DOCUMENT),
        {"PolicyName": "unleak", "PolicyDocument": DOCUMENT},
    ),
    ("delete_policy", lambda w: w.delete_policy(ARN), {"PolicyArn": ARN}),
    (
        "attach_role_policy",
        lambda w: w.attach_policy(ROLE, policy_arn=ARN),
        {"RoleName": "app", "PolicyArn": ARN},
    ),
    (
        "attach_user_policy",
        lambda w: w.attach_policy(USER, policy_arn=ARN),
        {"UserName": "bob", "PolicyArn": ARN},
    ),
    (
        "detach_role_policy",
        lambda w: w.detach_policy(ROLE, policy_arn=ARN),
        {"RoleName": "app", "PolicyArn": ARN},
    ),
    (
        "detach_user_policy",
        lambda w: w.detach_policy(USER, policy_arn=ARN),
        {"UserName": "bob", "PolicyArn": ARN},
    ),
    (
        "put_role_permissions_boundary",
        lambda w: w.put_boundary(ROLE, policy_arn=ARN),
        {"RoleName": "app", "PermissionsBoundary": ARN},
    ),
    (
        "put_user_permissions_boundary",
        lambda w: w.put_boundary(USER, policy_arn=ARN),
        {"UserName": "bob", "PermissionsBoundary": ARN},
    ),
    ("delete_role_permissions_boundary", lambda w: w.delete_boundary(ROLE), {"RoleName": "app"}),
    ("delete_user_permissions_boundary", lambda w: w.delete_boundary(USER), {"UserName": "bob"}),
    (
        "add_user_to_group",
        lambda w: w.add_to_group(user="bob", group="denied"),
        {"UserName": "bob", "GroupName": "denied"},
    ),
    (
        "remove_user_from_group",
        lambda w: w.remove_from_group(user="bob", group="admins"),
        {"UserName": "bob", "GroupName": "admins"},
    ),
    (
        "create_role",
        lambda w: w.create_role(RECORD),
        {
            "RoleName": "app",
            "Path": "/team/",
            "AssumeRolePolicyDocument": DOCUMENT,
            "MaxSessionDuration": 43200,
            "Description": "runs the app",
            "PermissionsBoundary": ARN,
            "Tags": [{"Key": "team", "Value": "web"}, {"Key": "cost", "Value": ""}],
        },
    ),
    (
        "create_role",
        lambda w: w.create_role(replace(RECORD, description="", boundary=None, tags=())),
        {
            "RoleName": "app",
            "Path": "/team/",
            "AssumeRolePolicyDocument": DOCUMENT,
            "MaxSessionDuration": 43200,
        },
    ),
    ("delete_role", lambda w: w.delete_role("app"), {"RoleName": "app"}),
    (
        "add_role_to_instance_profile",
        lambda w: w.add_to_instance_profile(role="app", profile="web"),
        {"RoleName": "app", "InstanceProfileName": "web"},
    ),
    (
        "remove_role_from_instance_profile",
        lambda w: w.remove_from_instance_profile(role="app", profile="web"),
        {"RoleName": "app", "InstanceProfileName": "web"},
    ),
]


@pytest.mark.parametrize(("method", "change", "expected"), CHANGES)
def test_a_change_sends_exactly_this_and_brings_a_receipt(
    iam: Stubber,
    writer: AwsWriter,
    method: str,
    change: Callable[[AwsWriter], Receipt],
    expected: dict[str, object],
) -> None:
    answer: dict[str, object] = {"ResponseMetadata": METADATA}
    if method == "create_role":
        answer["Role"] = {
            "Path": "/team/",
            "RoleName": "app",
            "RoleId": "AROAAAAAAAAAAAAAAAAAA",
            "Arn": "arn:aws:iam::111122223333:role/team/app",
            "CreateDate": datetime(2026, 11, 24, tzinfo=UTC),
        }
    iam.add_response(method, answer, expected)

    assert change(writer) == RECEIPT


@pytest.mark.parametrize(("method", "change", "expected"), CHANGES)
@pytest.mark.parametrize(
    ("code", "situation"),
    [
        ("AccessDenied", MissingPermission),
        ("UnmodifiableEntity", NotEditable),
        ("MalformedPolicyDocument", AwsFailure),
    ],
)
def test_a_refused_change_is_an_error_and_is_made_once(
    iam: Stubber,
    writer: AwsWriter,
    method: str,
    change: Callable[[AwsWriter], Receipt],
    expected: dict[str, object],
    code: str,
    situation: type[UnleakError],
) -> None:
    iam.add_client_error(method, code, expected_params=expected)

    with pytest.raises(situation):
        change(writer)


@pytest.mark.parametrize("role_inside", ["app", "other"])
def test_a_full_instance_profile_is_done_only_if_the_role_is_the_one_in_it(
    iam: Stubber, writer: AwsWriter, role_inside: str
) -> None:
    role = {
        "Path": "/",
        "RoleName": role_inside,
        "RoleId": "AROAAAAAAAAAAAAAAAAAA",
        "Arn": f"arn:aws:iam::111122223333:role/{role_inside}",
        "CreateDate": datetime(2026, 11, 24, tzinfo=UTC),
    }
    profile = {
        "Path": "/",
        "InstanceProfileName": "web",
        "InstanceProfileId": "AIPAAAAAAAAAAAAAAAAAA",
        "Arn": "arn:aws:iam::111122223333:instance-profile/web",
        "CreateDate": datetime(2026, 11, 24, tzinfo=UTC),
        "Roles": [role],
    }
    iam.add_client_error("add_role_to_instance_profile", "LimitExceeded")
    iam.add_response(
        "get_instance_profile",
        {"InstanceProfile": profile, "ResponseMetadata": METADATA},
        {"InstanceProfileName": "web"},
    )

    if role_inside == "app":
        assert writer.add_to_instance_profile(role="app", profile="web") == RECEIPT
    else:
        with pytest.raises(AwsFailure) as caught:
            writer.add_to_instance_profile(role="app", profile="web")
        assert caught.value.error_code == "LimitExceeded"


def test_throttling_is_waited_out(iam: Stubber, writer: AwsWriter) -> None:
    iam.add_client_error("delete_role", "Throttling")
    iam.add_response("delete_role", {"ResponseMetadata": METADATA}, {"RoleName": "app"})

    assert writer.delete_role("app") == RECEIPT

"""The register asks IAM for every kind of long-lived credential, with exactly these parameters."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.stub import Stubber

from unleak.aws.register import AwsRegister
from unleak.identify.grip import grip_of
from unleak.model.holding import HoldingState
from unleak.model.plan import Grip
from unleak.model.reading import NOT_LOOKED_AT, Unknown
from unleak.model.register import Place, Registered, RegisteredUser

if TYPE_CHECKING:
    from unleak.aws.session import AwsSession

AT = datetime(2026, 1, 2, tzinfo=UTC)
EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def member(name: str) -> dict[str, object]:
    return {
        "Path": "/",
        "UserName": name,
        "UserId": f"AIDA{name.upper():A<17}",
        "Arn": f"arn:aws:iam::123456789012:user/{name}",
        "CreateDate": AT,
    }


def test_users_come_in_large_pages_and_all_of_them(session: AwsSession) -> None:
    with Stubber(session.client("iam", "eu-west-1")) as stubber:
        first = {"Users": [member("a")], "IsTruncated": True, "Marker": "m"}
        stubber.add_response("list_users", first, {"MaxItems": 1000})
        last = {"Users": [member("b")], "IsTruncated": False}
        stubber.add_response("list_users", last, {"MaxItems": 1000, "Marker": "m"})

        users = AwsRegister(session).users()

        stubber.assert_no_pending_responses()
    assert users[1] == RegisteredUser(
        name="b", arn="arn:aws:iam::123456789012:user/b", created_at=AT
    )
    assert len(users) == 2


def test_service_keys_are_listed_for_all_users_at_once(session: AwsSession) -> None:
    found = {
        "UserName": "bot",
        "Status": "Active",
        "ServiceCredentialAlias": "x",
        "CreateDate": AT,
        "ExpirationDate": AT,
        "ServiceSpecificCredentialId": "ACCAEXAMPLEEXAMPLE12",
        "ServiceName": "bedrock.amazonaws.com",
    }
    with Stubber(session.client("iam", "eu-west-1")) as stubber:
        answer = {"ServiceSpecificCredentials": [found], "IsTruncated": False}
        stubber.add_response("list_service_specific_credentials", answer, {"AllUsers": True})

        listed = AwsRegister(session).service_keys(None)

        stubber.assert_no_pending_responses()
    assert listed == (
        Registered(
            id="ACCAEXAMPLEEXAMPLE12",
            user="bot",
            state=HoldingState.ACTIVE,
            created_at=AT,
            service="bedrock.amazonaws.com",
            expires_at=AT,
        ),
    )


def test_an_expired_key_is_expired_and_an_unheard_of_state_is_not_active(
    session: AwsSession,
) -> None:
    with Stubber(session.client("iam", "eu-west-1")) as stubber:
        keys = [
            {"UserName": "ci", "AccessKeyId": "AKIAY34FZKBOKMUTVV7A", "Status": status}
            for status in ("Expired", "Frozen")
        ]
        answer = {"AccessKeyMetadata": keys, "IsTruncated": False}
        stubber.add_response("list_access_keys", answer, {"UserName": "ci"})

        found = AwsRegister(session).access_keys("ci")

    assert [each.state for each in found] == [HoldingState.EXPIRED, HoldingState.INACTIVE]


def test_ssh_keys_certificates_and_second_factors_are_asked_for_by_user(
    session: AwsSession,
) -> None:
    ssh = {
        "UserName": "ci",
        "SSHPublicKeyId": "APKAEXAMPLEEXAMPLE12",
        "Status": "Active",
        "UploadDate": AT,
    }
    certificate = {
        "UserName": "ci",
        "CertificateId": "CERTCERTCERTCERTCERTCERT",
        "CertificateBody": "x",
        "Status": "Inactive",
        "UploadDate": AT,
    }
    with Stubber(session.client("iam", "eu-west-1")) as stubber:
        named = {"UserName": "ci"}
        stubber.add_response("list_ssh_public_keys", {"SSHPublicKeys": [ssh]}, named)
        stubber.add_response("list_signing_certificates", {"Certificates": [certificate]}, named)
        stubber.add_response("list_mfa_devices", {"MFADevices": []}, named)
        register = AwsRegister(session)

        keys, certificates = register.ssh_keys("ci"), register.certificates("ci")

        assert not register.has_mfa("ci")
        stubber.assert_no_pending_responses()
    assert (keys[0].id, keys[0].created_at) == ("APKAEXAMPLEEXAMPLE12", AT)
    assert certificates[0].state is HoldingState.INACTIVE


def test_what_users_may_do_is_read_in_one_listing_with_groups_and_texts(
    session: AwsSession,
) -> None:
    arn = "arn:aws:iam::aws:policy/Everything"
    user = {**member("boss"), "GroupList": ["ops"], "UserPolicyList": []}
    group = {
        "GroupName": "ops",
        "GroupPolicyList": [],
        "AttachedManagedPolicies": [{"PolicyName": "Everything", "PolicyArn": arn}],
    }
    policy = {
        "PolicyName": "Everything",
        "Arn": arn,
        "PolicyVersionList": [
            {"Document": json.dumps(EVERYTHING), "VersionId": "v1", "IsDefaultVersion": True}
        ],
    }
    with Stubber(session.client("iam", "eu-west-1")) as stubber:
        stubber.add_response(
            "get_account_authorization_details",
            {"UserDetailList": [user], "IsTruncated": True, "Marker": "m"},
            {
                "Filter": ["User", "Group", "LocalManagedPolicy", "AWSManagedPolicy"],
                "MaxItems": 1000,
            },
        )
        stubber.add_response(
            "get_account_authorization_details",
            {"GroupDetailList": [group], "Policies": [policy], "IsTruncated": False},
            {
                "Filter": ["User", "Group", "LocalManagedPolicy", "AWSManagedPolicy"],
                "MaxItems": 1000,
                "Marker": "m",
            },
        )

        powers = AwsRegister(session).powers()

        stubber.assert_no_pending_responses()
    assert grip_of(powers["boss"], NOT_LOOKED_AT) is Grip.YES


def test_a_group_that_the_answer_leaves_out_is_unknown_and_not_harmless(
    session: AwsSession,
) -> None:
    user = {**member("boss"), "GroupList": ["ops"]}
    with Stubber(session.client("iam", "eu-west-1")) as stubber:
        answer = {"UserDetailList": [user], "IsTruncated": False}
        stubber.add_response("get_account_authorization_details", answer)

        powers = AwsRegister(session).powers()

    assert isinstance(powers["boss"].groups, Unknown)
    assert grip_of(powers["boss"], NOT_LOOKED_AT) is Grip.UNKNOWN


def test_addresses_are_looked_up_by_the_filters_that_fit_them(session: AwsSession) -> None:
    instance = {
        "NetworkInterfaceId": "eni-1",
        "InterfaceType": "interface",
        "Attachment": {"InstanceId": "i-0abc"},
        "PrivateIpAddresses": [
            {"PrivateIpAddress": "10.0.0.5", "Association": {"PublicIp": "198.51.100.7"}}
        ],
    }
    task = {
        "NetworkInterfaceId": "eni-2",
        "Description": "arn:aws:ecs:eu-west-1:123456789012:attachment/x",
        "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.0.9"}],
    }
    wanted = ["10.0.0.9", "198.51.100.7"]
    with Stubber(session.client("ec2", "eu-west-1")) as stubber:
        stubber.add_response(
            "describe_network_interfaces",
            {"NetworkInterfaces": [instance]},
            {"Filters": [{"Name": "association.public-ip", "Values": wanted}]},
        )
        stubber.add_response(
            "describe_network_interfaces",
            {"NetworkInterfaces": [task]},
            {"Filters": [{"Name": "addresses.private-ip-address", "Values": wanted}]},
        )

        places = AwsRegister(session).places(wanted, region="eu-west-1")

        stubber.assert_no_pending_responses()
    assert set(places) == {
        Place(address="198.51.100.7", kind="instance", name="i-0abc", region="eu-west-1"),
        Place(address="10.0.0.9", kind="ecs-task", name="eni-2", region="eu-west-1"),
    }

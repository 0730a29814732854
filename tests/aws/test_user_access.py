"""What a user signs in with beside access keys: exact questions, every page, no guess."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from unleak.aws.reader import AwsReader
from unleak.aws.writer import AwsWriter
from unleak.errors import AwsFailure, MissingPermission, NoSuchPrincipal
from unleak.model.action import KeyState
from unleak.model.ways_in import Certificate, MfaDevice, ServiceCredential, SshKey

if TYPE_CHECKING:
    from unleak.aws.session import AwsSession

SEVEN = datetime(2026, 11, 24, 7, tzinfo=UTC)
EIGHT = datetime(2027, 11, 24, 7, tzinfo=UTC)
CREDENTIAL = "ACCALEAKEDLEAKEDLEAK"
METADATA = {"RequestId": "req-9", "HTTPStatusCode": 200, "HTTPHeaders": {}}
BEDROCK = {
    "UserName": "bob",
    "Status": "Active",
    "ServiceCredentialAlias": "bob-at-111122223333",
    "CreateDate": SEVEN,
    "ExpirationDate": EIGHT,
    "ServiceSpecificCredentialId": CREDENTIAL,
    "ServiceName": "bedrock.amazonaws.com",
}
GIT = {
    "UserName": "eve",
    "Status": "Inactive",
    "ServiceUserName": "eve-at-111122223333",
    "CreateDate": SEVEN,
    "ServiceSpecificCredentialId": "ACCAOTHEROTHEROTHERO",
    "ServiceName": "codecommit.amazonaws.com",
}


@pytest.fixture
def reader(session: AwsSession) -> AwsReader:
    return AwsReader(session)


@pytest.fixture
def iam(session: AwsSession) -> Iterator[Stubber]:
    with Stubber(session.client("iam")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_the_service_credentials_of_all_users_are_one_list_read_to_the_end(
    iam: Stubber, reader: AwsReader
) -> None:
    method = "list_service_specific_credentials"
    first = {"ServiceSpecificCredentials": [BEDROCK], "IsTruncated": True, "Marker": "m"}
    second = {"ServiceSpecificCredentials": [GIT], "IsTruncated": False}
    iam.add_response(method, first, {"AllUsers": True})
    iam.add_response(method, second, {"AllUsers": True, "Marker": "m"})

    assert reader.service_credentials(None) == (
        ServiceCredential(
            credential_id=CREDENTIAL,
            user="bob",
            service="bedrock.amazonaws.com",
            state=KeyState.ACTIVE,
            alias="bob-at-111122223333",
            made_at=SEVEN,
            expires_at=EIGHT,
        ),
        ServiceCredential(
            credential_id="ACCAOTHEROTHEROTHERO",
            user="eve",
            service="codecommit.amazonaws.com",
            state=KeyState.INACTIVE,
            alias="eve-at-111122223333",
            made_at=SEVEN,
        ),
    )


def test_the_service_credentials_of_one_user_are_asked_for_by_name(
    iam: Stubber, reader: AwsReader
) -> None:
    answer: dict[str, object] = {"ServiceSpecificCredentials": []}
    iam.add_response("list_service_specific_credentials", answer, {"UserName": "bob"})

    assert reader.service_credentials("bob") == ()


def test_ssh_keys_certificates_and_devices_are_read_with_their_dates(
    iam: Stubber, reader: AwsReader
) -> None:
    key = {
        "UserName": "bob",
        "SSHPublicKeyId": "APKALEAKEDLEAKEDLEAK",
        "Status": "Active",
        "UploadDate": SEVEN,
    }
    certificate = {
        "UserName": "bob",
        "CertificateId": "C" * 24,
        "CertificateBody": "-----BEGIN CERTIFICATE-----",
        "Status": "Expired",
        "UploadDate": SEVEN,
    }
    device = {"UserName": "bob", "SerialNumber": "arn:aws:iam::1:mfa/bob", "EnableDate": SEVEN}
    whose = {"UserName": "bob"}
    iam.add_response("list_ssh_public_keys", {"SSHPublicKeys": [key]}, whose)
    iam.add_response("list_signing_certificates", {"Certificates": [certificate]}, whose)
    iam.add_response("list_mfa_devices", {"MFADevices": [device]}, whose)

    assert reader.ssh_keys("bob") == (
        SshKey(key_id="APKALEAKEDLEAKEDLEAK", state=KeyState.ACTIVE, made_at=SEVEN),
    )
    assert reader.certificates("bob") == (
        Certificate(certificate_id="C" * 24, state=KeyState.EXPIRED, made_at=SEVEN),
    )
    assert reader.mfa_devices("bob") == (MfaDevice(serial="arn:aws:iam::1:mfa/bob", made_at=SEVEN),)


def test_a_status_that_nobody_knows_is_not_guessed(iam: Stubber, reader: AwsReader) -> None:
    odd = {
        "SSHPublicKeys": [
            {"SSHPublicKeyId": "APKALEAKEDLEAKEDLEAK", "Status": "Frozen"}
            | {"UserName": "bob", "UploadDate": SEVEN}
        ]
    }
    iam.add_response("list_ssh_public_keys", odd, {"UserName": "bob"})

    with pytest.raises(AwsFailure, match="Frozen"):
        reader.ssh_keys("bob")


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [("NoSuchEntity", 404, NoSuchPrincipal), ("AccessDenied", 403, MissingPermission)],
)
def test_a_user_who_is_gone_is_not_one_that_we_may_not_see(
    iam: Stubber, reader: AwsReader, code: str, status: int, error: type[Exception]
) -> None:
    iam.add_client_error("list_mfa_devices", code, "no", http_status_code=status)

    with pytest.raises(error):
        reader.mfa_devices("bob")


def test_a_password_that_was_just_made_is_deleted_when_aws_is_ready(
    iam: Stubber, session: AwsSession
) -> None:
    method, wanted = "delete_login_profile", {"UserName": "bob"}
    iam.add_client_error(
        method, "EntityTemporarilyUnmodifiable", "wait", 409, expected_params=wanted
    )
    iam.add_response(method, {"ResponseMetadata": METADATA}, wanted)

    receipt = AwsWriter(session, deadline_seconds=5.0).delete_login_profile("bob")

    assert receipt.request_id == "req-9"


def test_a_password_that_was_gone_at_the_first_try_is_no_success_of_ours(
    iam: Stubber, session: AwsSession
) -> None:
    iam.add_client_error("delete_login_profile", "NoSuchEntity", "gone", 404)

    with pytest.raises(NoSuchPrincipal):
        AwsWriter(session, deadline_seconds=0.5).delete_login_profile("bob")

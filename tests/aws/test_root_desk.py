"""Central root access: who signs which call, with exactly which parameters, at which endpoint."""

from __future__ import annotations

import pytest
from botocore.stub import Stubber

from aws.loopback import Loopback, done, refused
from unleak.aws.reader import AwsReader
from unleak.aws.session import AwsSession, AwsSettings
from unleak.aws.writer import AwsWriter
from unleak.errors import MissingPermission, NoOrganization
from unleak.model.action import KeyState
from unleak.model.situation import KeyFact

ACCOUNT = "111122223333"
KEY, OTHER = "AKIALEAKEDROOTKEY001", "AKIAOTHERROOTKEY0001"
MINTED = done(
    "AssumeRoot",
    "<Credentials><AccessKeyId>ASIAROOTTASKROOTTASK</AccessKeyId>"
    "<SecretAccessKey>minted-secret</SecretAccessKey><SessionToken>minted-token</SessionToken>"
    "<Expiration>2026-11-24T07:15:00Z</Expiration></Credentials>",
)


def listed(*keys: str, more: str = "") -> str:
    members = "".join(
        f"<member><AccessKeyId>{key}</AccessKeyId><Status>Active</Status></member>" for key in keys
    )
    cut = f"<IsTruncated>true</IsTruncated><Marker>{more}</Marker>" if more else ""
    return f"<AccessKeyMetadata>{members}</AccessKeyMetadata>{cut}"


def asked(task: str, *, partition: str = "aws") -> dict[str, str]:
    return {
        "Action": "AssumeRoot",
        "Version": "2011-06-15",
        "TargetPrincipal": ACCOUNT,
        "TaskPolicyArn.arn": f"arn:{partition}:iam::aws:policy/root-task/{task}",
        "DurationSeconds": "900",
    }


def test_the_features_of_the_organization_are_read(session: AwsSession) -> None:
    with Stubber(session.client("iam", "eu-west-1")) as stubber:
        answer = {"EnabledFeatures": ["RootSessions"]}
        stubber.add_response("list_organizations_features", answer, {})

        features = AwsReader(session).root_features()

    assert features == frozenset({"RootSessions"})


@pytest.mark.parametrize(
    "code",
    [
        "AccountNotManagementOrDelegatedAdministratorException",
        "OrganizationNotFoundException",
        "OrganizationNotInAllFeaturesModeException",
        "ServiceAccessNotEnabledException",
    ],
)
def test_an_account_that_manages_none_is_told_what_to_do(session: AwsSession, code: str) -> None:
    with Stubber(session.client("iam", "eu-west-1")) as stubber:
        stubber.add_client_error("list_organizations_features", code, "no", 400)

        with pytest.raises(NoOrganization) as raised:
            AwsReader(session).root_features()

    assert "--org-profile" in raised.value.hint


def test_roots_keys_are_listed_in_a_session_that_may_only_look(
    cloud: Loopback, near: AwsSession
) -> None:
    cloud.replies = [
        MINTED,
        done("ListAccessKeys", listed(KEY, more="m")),
        done("ListAccessKeys", listed(OTHER)),
    ]

    keys = AwsReader(near).root_keys(ACCOUNT)

    assume, first, second = cloud.requests
    assert keys == tuple(KeyFact(key_id=each, state=KeyState.ACTIVE) for each in (KEY, OTHER))
    assert assume.form == asked("IAMAuditRootUserCredentials")
    assert "AKIADEFAULTDEFAULTDE" in assume.authorization
    assert first.form == {"Action": "ListAccessKeys", "Version": "2010-05-08"}
    assert second.form == {"Action": "ListAccessKeys", "Version": "2010-05-08", "Marker": "m"}
    assert "ASIAROOTTASKROOTTASK" in first.authorization
    assert first.headers["x-amz-security-token"] == "minted-token"


def test_the_leaked_key_is_deleted_in_a_session_that_may_delete(
    cloud: Loopback, near: AwsSession
) -> None:
    cloud.replies = [MINTED, done("DeleteAccessKey")]

    receipt = AwsWriter(near).delete_root_key(account=ACCOUNT, key_id=KEY)

    assume, delete = cloud.requests
    assert receipt.request_id == "req-2"
    assert assume.form == asked("IAMDeleteRootUserCredentials")
    assert delete.form == {
        "Action": "DeleteAccessKey",
        "Version": "2010-05-08",
        "AccessKeyId": KEY,
    }
    assert "ASIAROOTTASKROOTTASK" in delete.authorization


def test_a_key_that_is_gone_is_as_good_as_deleted(cloud: Loopback, near: AwsSession) -> None:
    cloud.replies = [MINTED, refused("NoSuchEntity", "gone", status=404)]

    receipt = AwsWriter(near).delete_root_key(account=ACCOUNT, key_id=KEY)

    assert receipt.request_id == ""


def test_a_refusal_names_the_way_to_the_right_credentials(
    cloud: Loopback, near: AwsSession
) -> None:
    cloud.replies = [refused("AccessDenied", status=403)]

    with pytest.raises(MissingPermission) as raised:
        AwsReader(near).root_keys(ACCOUNT)

    assert "delegated administrator" in raised.value.hint


def test_a_refused_task_does_not_show_the_minted_secrets(cloud: Loopback, near: AwsSession) -> None:
    cloud.replies = [MINTED, refused("AccessDenied", "minted-secret minted-token", status=403)]

    with pytest.raises(MissingPermission) as raised:
        AwsWriter(near).delete_root_key(account=ACCOUNT, key_id=KEY)

    assert "minted" not in raised.value.message


def test_the_partition_of_the_task_is_that_of_the_region(cloud: Loopback) -> None:
    session = AwsSession(AwsSettings(endpoint_url=cloud.url, region="cn-north-1"))
    cloud.replies = [MINTED, done("ListAccessKeys", listed())]

    AwsReader(session).root_keys(ACCOUNT)

    expected = asked("IAMAuditRootUserCredentials", partition="aws-cn")
    assert cloud.requests[0].form == expected


def test_sts_is_asked_at_a_regional_endpoint(session: AwsSession) -> None:
    client = session.client("sts", "eu-west-1")

    assert client.meta.endpoint_url == "https://sts.eu-west-1.amazonaws.com"


def test_it_is_asked_with_the_credentials_of_the_organizations_profile(cloud: Loopback) -> None:
    session = AwsSession(
        AwsSettings(endpoint_url=cloud.url, region="eu-west-1", org_profile="responder")
    )
    cloud.replies = [MINTED, done("ListAccessKeys", listed(KEY))]

    AwsReader(session).root_keys(ACCOUNT)

    assert "AKIARESPONDERRESPOND" in cloud.requests[0].authorization

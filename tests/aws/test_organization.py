"""Organizations: each call with its exact parameters, who signs it, and what its refusals mean."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.stub import Stubber

from aws.loopback import Loopback, Reply
from unleak.aws.reader import AwsReader
from unleak.aws.session import AwsSession, AwsSettings
from unleak.aws.writer import AwsWriter
from unleak.errors import (
    AwsFailure,
    MissingPermission,
    NoOrganization,
    ResponderCredentials,
    UnleakError,
)
from unleak.model.organization import Organization
from unleak.model.outcome import Receipt

ACCOUNT, MANAGEMENT = "111122223333", "999999999999"
SCP = "SERVICE_CONTROL_POLICY"
NAME = f"UnleakFence-{ACCOUNT}"
DOCUMENT = '{"Version":"2012-10-17","Statement":[]}'
OURS = {"Id": "p-ours", "Name": NAME, "Type": SCP}
FULL = {"Id": "p-FullAWSAccess", "Name": "FullAWSAccess", "Type": SCP, "AwsManaged": True}
TARGET = {"TargetId": ACCOUNT, "Filter": SCP}
METADATA = {
    "RequestId": "req-9",
    "HTTPStatusCode": 200,
    "HTTPHeaders": {"date": "Tue, 24 Nov 2026 07:00:00 GMT"},
}
SEVEN = datetime(2026, 11, 24, 7, tzinfo=UTC)
RECEIPT = Receipt(request_id="req-9", at=SEVEN)
DESCRIPTION = "Written by unleak: shuts out leaked principals. `unleak undo` lifts it."
MADE = {
    "Content": DOCUMENT,
    "Description": DESCRIPTION,
    "Name": NAME,
    "Type": SCP,
}


@pytest.fixture
def organizations(session: AwsSession) -> Iterator[Stubber]:
    """The one client: Organizations answers in the home region, whatever the session's own is."""
    with Stubber(session.client("organizations", "us-east-1")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def reader(session: AwsSession) -> AwsReader:
    return AwsReader(session)


@pytest.fixture
def writer(session: AwsSession) -> AwsWriter:
    return AwsWriter(session, deadline_seconds=0.5)


def attached(stubber: Stubber, *policies: Mapping[str, object]) -> None:
    answer = {"Policies": [FULL, *policies]}
    stubber.add_response("list_policies_for_target", answer, TARGET)


def describe(stubber: Stubber, *, features: str = "ALL") -> None:
    answer = {
        "Organization": {
            "Id": "o-abcdefghij",
            "MasterAccountId": MANAGEMENT,
            "FeatureSet": features,
        }
    }
    stubber.add_response("describe_organization", answer, {})


def root(*types: tuple[str, str]) -> dict[str, object]:
    listed = [{"Type": kind, "Status": status} for kind, status in types]
    return {"Roots": [{"Id": "r-ab12", "PolicyTypes": listed}]}


@pytest.fixture
def sts(session: AwsSession) -> Iterator[Stubber]:
    with Stubber(session.client("sts")) as stubber:
        yield stubber


def me(stubber: Stubber, account: str) -> None:
    stubber.add_response("get_caller_identity", {"Account": account}, {})


def test_the_organization_is_described_with_who_asks(
    organizations: Stubber, sts: Stubber, reader: AwsReader
) -> None:
    describe(organizations)
    me(sts, MANAGEMENT)
    organizations.add_response("list_roots", root((SCP, "ENABLED")), {})

    assert reader.organization() == Organization(
        id="o-abcdefghij",
        management_account=MANAGEMENT,
        caller_account=MANAGEMENT,
        is_management=True,
        root_id="r-ab12",
        are_scps_enabled=True,
        partition="aws",
    )


@pytest.mark.parametrize(
    ("types", "enabled"),
    [
        ([(SCP, "ENABLED")], True),
        ([(SCP, "PENDING_ENABLE")], True),
        ([(SCP, "PENDING_DISABLE")], False),
        ([("TAG_POLICY", "ENABLED")], False),
        ([], False),
    ],
)
def test_the_root_tells_whether_policies_are_switched_on(
    organizations: Stubber,
    sts: Stubber,
    reader: AwsReader,
    types: list[tuple[str, str]],
    enabled: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    describe(organizations)
    me(sts, ACCOUNT)
    organizations.add_response("list_roots", root(*types), {})

    found = reader.organization()

    assert (found.are_scps_enabled, found.is_management) == (enabled, False)


def test_an_organization_for_bills_alone_has_no_policies(
    organizations: Stubber, sts: Stubber, reader: AwsReader
) -> None:
    describe(organizations, features="CONSOLIDATED_BILLING")
    me(sts, MANAGEMENT)
    organizations.add_response("list_roots", root(), {})

    assert reader.organization().are_scps_enabled is False


def test_what_a_member_may_not_see_is_unknown_and_not_no(
    organizations: Stubber, sts: Stubber, reader: AwsReader
) -> None:
    describe(organizations)
    sts.add_client_error("get_caller_identity", "AccessDenied", "no", 403)
    organizations.add_client_error("list_roots", "AccessDeniedException", "no", 400)

    found = reader.organization()

    assert (found.are_scps_enabled, found.root_id, found.caller_account) == (None, None, None)
    assert not found.is_management


def test_the_fence_is_the_attached_policy_of_our_name(
    organizations: Stubber, reader: AwsReader
) -> None:
    attached(organizations, OURS)
    answer = {"Policy": {"PolicySummary": OURS, "Content": DOCUMENT}}
    organizations.add_response("describe_policy", answer, {"PolicyId": "p-ours"})

    assert reader.fence(ACCOUNT) == DOCUMENT


def test_no_attached_policy_of_our_name_is_no_fence(
    organizations: Stubber, reader: AwsReader
) -> None:
    attached(organizations)

    assert reader.fence(ACCOUNT) is None


def test_every_page_is_read_even_behind_an_empty_one(
    organizations: Stubber, reader: AwsReader
) -> None:
    method = "list_policies_for_target"
    organizations.add_response(method, {"Policies": [], "NextToken": "two"}, TARGET)
    organizations.add_response(method, {"Policies": [OURS]}, {**TARGET, "NextToken": "two"})
    answer = {"Policy": {"PolicySummary": OURS, "Content": DOCUMENT}}
    organizations.add_response("describe_policy", answer, {"PolicyId": "p-ours"})

    assert reader.fence(ACCOUNT) == DOCUMENT


def test_room_counts_the_others_alone(organizations: Stubber, reader: AwsReader) -> None:
    attached(organizations, OURS)

    assert reader.fence_room(ACCOUNT) == 9


def test_a_crowded_account_has_no_room(organizations: Stubber, reader: AwsReader) -> None:
    others = [{"Id": f"p-{each}", "Name": f"theirs-{each}", "Type": SCP} for each in range(12)]
    attached(organizations, *others)

    assert reader.fence_room(ACCOUNT) == 0


def test_a_new_fence_is_made_and_attached(organizations: Stubber, writer: AwsWriter) -> None:
    attached(organizations)
    organizations.add_response("create_policy", {"Policy": {"PolicySummary": OURS}}, MADE)
    organizations.add_response(
        "attach_policy",
        {"ResponseMetadata": METADATA},
        {"PolicyId": "p-ours", "TargetId": ACCOUNT},
    )

    assert writer.set_fence(account=ACCOUNT, document=DOCUMENT) == RECEIPT


def test_an_attached_fence_gets_the_new_text_and_nothing_else(
    organizations: Stubber, writer: AwsWriter
) -> None:
    attached(organizations, OURS)
    organizations.add_response(
        "update_policy",
        {"ResponseMetadata": METADATA},
        {"PolicyId": "p-ours", "Content": DOCUMENT},
    )

    assert writer.set_fence(account=ACCOUNT, document=DOCUMENT) == RECEIPT


def test_a_fence_that_is_there_unattached_is_found_by_name_on_a_later_page(
    organizations: Stubber, writer: AwsWriter
) -> None:
    attached(organizations)
    organizations.add_client_error(
        "create_policy", "DuplicatePolicyException", "there", 400, expected_params=MADE
    )
    page = {"Policies": [FULL], "NextToken": "two"}
    organizations.add_response("list_policies", page, {"Filter": SCP})
    page = {"Policies": [OURS]}
    organizations.add_response("list_policies", page, {"Filter": SCP, "NextToken": "two"})
    organizations.add_response("update_policy", {}, {"PolicyId": "p-ours", "Content": DOCUMENT})
    organizations.add_response(
        "attach_policy",
        {"ResponseMetadata": METADATA},
        {"PolicyId": "p-ours", "TargetId": ACCOUNT},
    )

    assert writer.set_fence(account=ACCOUNT, document=DOCUMENT) == RECEIPT


def test_a_name_that_is_taken_and_not_found_is_a_failure(
    organizations: Stubber, writer: AwsWriter
) -> None:
    attached(organizations)
    organizations.add_client_error("create_policy", "DuplicatePolicyException", "there", 400)
    organizations.add_response("list_policies", {"Policies": []}, {"Filter": SCP})

    with pytest.raises(AwsFailure) as caught:
        writer.set_fence(account=ACCOUNT, document=DOCUMENT)

    assert caught.value.error_code == "DuplicatePolicyException"


def test_attached_already_is_attached(organizations: Stubber, writer: AwsWriter) -> None:
    attached(organizations)
    organizations.add_response("create_policy", {"Policy": {"PolicySummary": OURS}}, MADE)
    organizations.add_client_error("attach_policy", "DuplicatePolicyAttachmentException", "", 400)

    assert writer.set_fence(account=ACCOUNT, document=DOCUMENT).request_id == ""


@pytest.mark.parametrize(
    ("code", "kind", "hint"),
    [
        ("ConstraintViolationException", AwsFailure, "quota"),
        ("PolicyTypeNotEnabledException", AwsFailure, "enable-policy-type"),
        ("TargetNotFoundException", AwsFailure, ""),
    ],
)
def test_a_policy_that_cannot_be_attached_is_taken_away_again(
    organizations: Stubber, writer: AwsWriter, code: str, kind: type[UnleakError], hint: str
) -> None:
    attached(organizations)
    organizations.add_response("create_policy", {"Policy": {"PolicySummary": OURS}}, MADE)
    organizations.add_client_error("attach_policy", code, "no", 400)
    organizations.add_response("delete_policy", {}, {"PolicyId": "p-ours"})

    with pytest.raises(UnleakError) as caught:
        writer.set_fence(account=ACCOUNT, document=DOCUMENT)

    assert isinstance(caught.value, kind | NoOrganization)
    assert hint in caught.value.hint


def test_the_first_refusal_is_told_even_if_the_tidying_fails(
    organizations: Stubber, writer: AwsWriter
) -> None:
    attached(organizations)
    organizations.add_response("create_policy", {"Policy": {"PolicySummary": OURS}}, MADE)
    organizations.add_client_error("attach_policy", "AccessDeniedException", "not you", 400)
    organizations.add_client_error("delete_policy", "AccessDeniedException", "nor that", 400)

    with pytest.raises(MissingPermission, match="not you"):
        writer.set_fence(account=ACCOUNT, document=DOCUMENT)


def test_a_conflict_passes_by_itself(organizations: Stubber, writer: AwsWriter) -> None:
    attached(organizations, OURS)
    organizations.add_client_error("update_policy", "ConcurrentModificationException", "", 400)
    organizations.add_response("update_policy", {"ResponseMetadata": METADATA})

    assert writer.set_fence(account=ACCOUNT, document=DOCUMENT) == RECEIPT


def test_a_fence_is_taken_off_and_deleted(organizations: Stubber, writer: AwsWriter) -> None:
    attached(organizations, OURS)
    organizations.add_response(
        "detach_policy",
        {"ResponseMetadata": METADATA},
        {"PolicyId": "p-ours", "TargetId": ACCOUNT},
    )
    organizations.add_response("delete_policy", {}, {"PolicyId": "p-ours"})

    assert writer.remove_fence(ACCOUNT) == RECEIPT


@pytest.mark.parametrize("code", ["PolicyInUseException", "PolicyNotFoundException"])
def test_a_fence_that_is_off_need_not_be_deleted(
    organizations: Stubber, writer: AwsWriter, code: str
) -> None:
    attached(organizations, OURS)
    organizations.add_client_error("detach_policy", "PolicyNotAttachedException", "off", 400)
    organizations.add_client_error("delete_policy", code, "no", 400)

    assert isinstance(writer.remove_fence(ACCOUNT), Receipt)


def test_a_fence_that_is_attached_to_nothing_is_deleted(
    organizations: Stubber, writer: AwsWriter
) -> None:
    attached(organizations)
    organizations.add_response("list_policies", {"Policies": [FULL, OURS]}, {"Filter": SCP})
    organizations.add_response(
        "delete_policy", {"ResponseMetadata": METADATA}, {"PolicyId": "p-ours"}
    )

    assert writer.remove_fence(ACCOUNT) == RECEIPT


def test_a_fence_that_is_not_there_is_gone(organizations: Stubber, writer: AwsWriter) -> None:
    attached(organizations)
    organizations.add_response("list_policies", {"Policies": [FULL]}, {"Filter": SCP})

    assert writer.remove_fence(ACCOUNT).request_id == ""


def test_the_last_policy_of_an_account_cannot_be_taken_off(
    organizations: Stubber, writer: AwsWriter
) -> None:
    attached(organizations, OURS)
    organizations.add_client_error("detach_policy", "ConstraintViolationException", "last", 400)

    with pytest.raises(AwsFailure, match="last"):
        writer.remove_fence(ACCOUNT)


ASKING: list[tuple[str, Callable[[AwsReader], object]]] = [
    ("describe_organization", lambda reader: reader.organization()),
    ("list_policies_for_target", lambda reader: reader.fence(ACCOUNT)),
    ("list_policies_for_target", lambda reader: reader.fence_room(ACCOUNT)),
]


@pytest.mark.parametrize(("method", "ask"), ASKING)
@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("AWSOrganizationsNotInUseException", NoOrganization, "in no organization"),
        ("AccessDeniedException", MissingPermission, "not allowed to call"),
        ("InvalidInputException", AwsFailure, "no"),
        ("UnsupportedAPIEndpointException", AwsFailure, "no"),
    ],
)
def test_a_refusal_is_the_situation_it_means(
    organizations: Stubber,
    reader: AwsReader,
    method: str,
    ask: Callable[[AwsReader], object],
    code: str,
    kind: type[UnleakError],
    words: str,
) -> None:
    organizations.add_client_error(method, code, "no", 400)

    with pytest.raises(kind, match=words):
        ask(reader)


def test_an_account_of_another_organization_is_told_apart(
    organizations: Stubber, reader: AwsReader
) -> None:
    organizations.add_client_error("list_policies_for_target", "TargetNotFoundException", "no", 400)

    with pytest.raises(NoOrganization, match=f"{ACCOUNT} is no member"):
        reader.fence(ACCOUNT)


def test_who_may_not_is_told_of_the_option(organizations: Stubber, reader: AwsReader) -> None:
    organizations.add_client_error("list_policies_for_target", "AccessDeniedException", "no", 400)

    with pytest.raises(MissingPermission) as caught:
        reader.fence(ACCOUNT)

    assert "--org-profile" in caught.value.hint


def answering(*bodies: object) -> list[Reply]:
    return [Reply(body=json.dumps(body)) for body in bodies]


def keys_of(cloud: Loopback) -> list[str]:
    """Return the key id and the region that each request was signed with."""
    scopes = [each.authorization.partition("Credential=")[2] for each in cloud.requests]
    return ["/".join((scope.split("/")[0], scope.split("/")[2])) for scope in scopes]


def test_the_organizations_profile_signs_there_and_nowhere_else(cloud: Loopback) -> None:
    cloud.replies = answering({"Policies": []})
    settings = AwsSettings(endpoint_url=cloud.url, org_profile="responder", region="eu-west-1")
    session = AwsSession(settings)

    AwsReader(session).fence(ACCOUNT)

    assert keys_of(cloud) == ["AKIARESPONDERRESPOND/us-east-1"]
    assert AwsReader(session).signing_key_id() == "AKIADEFAULTDEFAULTDE"


def test_without_a_profile_of_its_own_the_responder_signs(cloud: Loopback) -> None:
    cloud.replies = answering({"Policies": []})

    AwsReader(AwsSession(AwsSettings(endpoint_url=cloud.url))).fence(ACCOUNT)

    assert keys_of(cloud) == ["AKIADEFAULTDEFAULTDE/us-east-1"]


@pytest.fixture
def leaked_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIALEAKEDLEAKEDLEAK")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "leaked-secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "leaked-token")


@pytest.mark.usefixtures("leaked_environment")
@pytest.mark.parametrize("org_profile", ["responder", None])
@pytest.mark.parametrize("change", [False, True])
def test_leaked_credentials_in_the_environment_never_sign_there(
    cloud: Loopback,
    org_profile: str | None,
    change: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    cloud.replies = answering({"Policies": [OURS]}, {})
    settings = AwsSettings(endpoint_url=cloud.url, org_profile=org_profile, ignore_environment=True)
    session = AwsSession(settings)

    if change:
        AwsWriter(session).set_fence(account=ACCOUNT, document=DOCUMENT)
    else:
        AwsReader(session).fence(ACCOUNT)

    assert not [each for each in cloud.requests if "LEAKED" in each.authorization]
    assert not [each for each in cloud.requests if "x-amz-security-token" in each.headers]
    assert len(cloud.requests) == 2


@pytest.mark.usefixtures("leaked_environment")
def test_a_profile_that_borrows_from_the_leaked_environment_gets_nothing(
    own_aws_files: Path, cloud: Loopback
) -> None:
    (own_aws_files / "config").write_text(
        "[profile org]\nrole_arn = arn:aws:iam::999999999999:role/org\n"
        "credential_source = Environment\n"
    )
    settings = AwsSettings(endpoint_url=cloud.url, org_profile="org", ignore_environment=True)

    with pytest.raises(ResponderCredentials):
        AwsReader(AwsSession(settings)).fence(ACCOUNT)

    assert cloud.requests == []


def test_a_profile_that_is_not_there_is_said_so(cloud: Loopback) -> None:
    settings = AwsSettings(endpoint_url=cloud.url, org_profile="nobody")

    with pytest.raises(ResponderCredentials):
        AwsReader(AwsSession(settings)).fence(ACCOUNT)


def test_both_sessions_have_one_clock(cloud: Loopback) -> None:
    cloud.replies = answering({"Policies": []})
    session = AwsSession(AwsSettings(endpoint_url=cloud.url, org_profile="responder"))
    reader = AwsReader(session)

    reader.fence(ACCOUNT)

    assert reader.clock.now() is not None


@pytest.mark.parametrize(
    ("region", "room"), [("us-gov-west-1", 10), ("cn-north-1", 10), ("us-iso-east-1", 5)]
)
def test_the_partition_decides_how_many_fit(cloud: Loopback, region: str, room: int) -> None:
    cloud.replies = answering({"Policies": []})
    session = AwsSession(AwsSettings(endpoint_url=cloud.url, region=region))

    assert AwsReader(session).fence_room(ACCOUNT) == room

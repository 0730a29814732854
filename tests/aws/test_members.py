"""Other accounts: entered with exact parameters, by a session that may do little, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from unleak.aws.members import session_policy
from unleak.aws.reader import AwsReader
from unleak.aws.session import AwsSettings
from unleak.aws.writer import AwsWriter
from unleak.errors import MissingPermission, NoOrganization
from unleak.flow.doors import AwsDoors

if TYPE_CHECKING:
    from unleak.aws.session import AwsSession

OWN, OTHER = "111122223333", "222233334444"
ASKED = {
    "RoleArn": f"arn:aws:iam::{OTHER}:role/OrganizationAccountAccessRole",
    "RoleSessionName": "unleak",
    "DurationSeconds": 3600,
    "Policy": session_policy(),
}
MINTED = {
    "Credentials": {
        "AccessKeyId": "ASIAMEMBERMEMBERMEMB",
        "SecretAccessKey": "member-secret",
        "SessionToken": "member-token",
        "Expiration": datetime(2026, 11, 24, 8, tzinfo=UTC),
    }
}


@pytest.fixture
def sts(session: AwsSession) -> Iterator[Stubber]:
    session.account = OWN
    with Stubber(session.client("sts")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def organizations(session: AwsSession) -> Iterator[Stubber]:
    with Stubber(session.client("organizations", "us-east-1")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_another_account_is_entered_once_and_signed_for_with_the_role_there(
    session: AwsSession, sts: Stubber
) -> None:
    sts.add_response("assume_role", MINTED, ASKED)
    reader, writer = AwsReader(session), AwsWriter(session)

    there = reader.of_account(OTHER)
    writer.into_account(OTHER)

    assert there.signing_key_id() == "ASIAMEMBERMEMBERMEMB"
    assert there.clock is reader.clock
    assert there.of_account(OTHER).signing_key_id() == "ASIAMEMBERMEMBERMEMB"
    assert there.of_account(OWN).signing_key_id() == reader.signing_key_id()


@pytest.mark.parametrize("account", [None, OWN])
def test_our_own_account_needs_no_entering(session: AwsSession, account: str | None) -> None:
    session.account = OWN
    reader, writer = AwsReader(session), AwsWriter(session)

    assert reader.of_account(account) is reader
    assert writer.into_account(account) is writer


def test_where_nobody_tells_our_account_no_other_one_is_entered(session: AwsSession) -> None:
    reader = AwsReader(session)

    assert reader.of_account(OTHER) is reader


def test_a_role_that_lets_us_not_in_says_so_with_what_to_do(
    session: AwsSession, sts: Stubber
) -> None:
    sts.add_client_error("assume_role", "AccessDenied", "no", 403, expected_params=ASKED)

    with pytest.raises(MissingPermission, match=f"account {OTHER} cannot be entered") as caught:
        AwsReader(session).of_account(OTHER)

    assert "--member-role" in caught.value.hint


def test_a_session_there_can_make_no_identity_and_read_no_data() -> None:
    allowed = json.loads(session_policy())["Statement"][0]["Action"]

    assert not [each for each in allowed if each.startswith("iam:Create") and "Policy" not in each]
    services = {each.split(":")[0] for each in allowed}
    assert services == {"account", "cloudtrail", "ec2", "iam", "sts"}
    assert [each for each in allowed if each.startswith("sts:")] == ["sts:GetAccessKeyInfo"]
    assert len(session_policy()) < 2048


@pytest.mark.parametrize(("status", "is_ours"), [("ACTIVE", True), ("SUSPENDED", False)])
def test_the_organization_tells_whether_an_account_is_its_own(
    session: AwsSession, organizations: Stubber, *, status: str, is_ours: bool
) -> None:
    answer = {"Account": {"Id": OTHER, "Status": status}}
    organizations.add_response("describe_account", answer, {"AccountId": OTHER})

    assert AwsReader(session).is_member(OTHER) is is_ours


def test_an_account_that_the_organization_does_not_know_is_no_member(
    session: AwsSession, organizations: Stubber
) -> None:
    organizations.add_client_error("describe_account", "AccountNotFoundException", "", 400)

    assert not AwsReader(session).is_member(OTHER)


def test_without_an_organization_nobody_vouches_for_an_account(
    session: AwsSession, organizations: Stubber
) -> None:
    organizations.add_client_error("describe_account", "AWSOrganizationsNotInUseException", "", 400)

    with pytest.raises(NoOrganization):
        AwsReader(session).is_member(OTHER)


def test_the_role_that_an_incident_remembers_is_the_way_in_until_another_is_named() -> None:
    remembering, naming = AwsDoors(AwsSettings()), AwsDoors(AwsSettings(member_role="named"))

    held = [doors.enter_by("rescue") for doors in (remembering, naming)]
    nothing = AwsDoors(AwsSettings()).enter_by(None)

    assert held == ["rescue", "named"]
    assert nothing is None


def test_each_incidents_role_opens_a_session_of_its_own(session: AwsSession, sts: Stubber) -> None:
    for role in ("OrganizationAccountAccessRole", "rescue"):
        asked = {**ASKED, "RoleArn": f"arn:aws:iam::{OTHER}:role/{role}"}
        sts.add_response("assume_role", MINTED, asked)
    reader = AwsReader(session)

    first = reader.of_account(OTHER)
    session.member_role = "rescue"
    second = reader.of_account(OTHER)

    assert first is not second

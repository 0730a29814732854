"""CloudTrail events, written from AWS's description of them, and what a thief may put into one."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unleak.evidence.trail_time import read_trail_time
from unleak.identify.sightings import tell
from unleak.identify.trail_event import Implausible, Sighting, read_sighting
from unleak.model.credential import CredentialKind
from unleak.model.ports import TrailEvent
from unleak.model.principal import PrincipalType

KEY = "ASIAQNZGKIQY56JQ7WML"
ACCOUNT = "029608264753"
ROLE_ID = "AROAQNZGKIQY5EXAMPLES"
USER = {
    "type": "IAMUser",
    "principalId": "AIDAQNZGKIQY5EXAMPLES",
    "arn": f"arn:aws:iam::{ACCOUNT}:user/team/alice",
    "accountId": ACCOUNT,
    "accessKeyId": "AKIAQNZGKIQY5EXAMPLE",
    "userName": "alice",
}


def event(document: object, *, name: str = "ListBuckets", number: int = 1) -> TrailEvent:
    return TrailEvent(
        event_id=f"event-{number}",
        event_name=name,
        region="eu-west-1",
        at=datetime(2026, 11, 24, 6, 0, 0, tzinfo=UTC),
        document=json.dumps(document),
    )


def own_call(identity: dict[str, object] | None = None) -> dict[str, object]:
    return {
        "eventTime": "2026-11-24T06:30:00Z",
        "userIdentity": identity
        or {
            "type": "AssumedRole",
            "principalId": f"{ROLE_ID}:build-7",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/build-7",
            "accountId": ACCOUNT,
            "accessKeyId": KEY,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": ROLE_ID,
                    "arn": f"arn:aws:iam::{ACCOUNT}:role/ci/deploy",
                    "accountId": ACCOUNT,
                    "userName": "deploy",
                },
                "attributes": {"creationDate": "2026-11-24T06:00:00Z", "mfaAuthenticated": "false"},
            },
        },
    }


def minting(**response: object) -> dict[str, object]:
    credentials = {
        "accessKeyId": KEY,
        "expiration": "Nov 24, 2026, 7:00:00\u202fAM",
        "sessionToken": "IQoJb3JpZ2luX2Vj",
    }
    return {
        "eventTime": "2026-11-24T06:00:01Z",
        "userIdentity": USER,
        "requestParameters": {
            "roleArn": f"arn:aws:iam::{ACCOUNT}:role/ci/deploy",
            "roleSessionName": "build-7",
        },
        "responseElements": {"credentials": credentials, **response},
    }


ROLE_RESPONSE = {
    "assumedRoleUser": {
        "assumedRoleId": f"{ROLE_ID}:build-7",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/build-7",
    }
}


def sighting(found: object) -> Sighting:
    assert isinstance(found, Sighting)
    return found


def test_a_call_of_the_session_names_role_session_and_issue_time() -> None:
    seen = sighting(read_sighting(event(own_call()), KEY))

    assert seen.kind is CredentialKind.ROLE_SESSION
    assert seen.principal.arn == f"arn:aws:iam::{ACCOUNT}:role/ci/deploy"
    assert seen.principal.unique_id == ROLE_ID
    assert seen.session_name == "build-7"
    assert seen.issued_at == datetime(2026, 11, 24, 6, 0, 0, tzinfo=UTC)


def test_the_call_that_made_it_names_role_session_and_expiry() -> None:
    seen = sighting(read_sighting(event(minting(**ROLE_RESPONSE), name="AssumeRole"), KEY))

    assert seen.kind is CredentialKind.ROLE_SESSION
    assert seen.principal.arn == f"arn:aws:iam::{ACCOUNT}:role/ci/deploy"
    assert seen.principal.unique_id == ROLE_ID
    assert seen.expires_at == datetime(2026, 11, 24, 7, 0, 0, tzinfo=UTC)
    assert seen.parent is None


def test_a_federation_token_has_the_user_behind_it_as_its_parent() -> None:
    federated = {"federatedUser": {"arn": f"arn:aws:sts::{ACCOUNT}:federated-user/guest"}}

    seen = sighting(read_sighting(event(minting(**federated), name="GetFederationToken"), KEY))

    assert seen.kind is CredentialKind.FEDERATED_SESSION
    assert seen.principal.type is PrincipalType.FEDERATED_USER
    assert seen.parent is not None
    assert seen.parent.label == "user/alice"


def test_a_session_token_belongs_to_the_user_who_asked_for_it() -> None:
    seen = sighting(read_sighting(event(minting(), name="GetSessionToken"), KEY))

    assert seen.kind is CredentialKind.USER_SESSION
    assert seen.principal.label == "user/alice"


def test_a_call_of_a_federated_session_names_the_user_that_issued_it() -> None:
    identity: dict[str, object] = {
        "type": "FederatedUser",
        "principalId": f"{ACCOUNT}:guest",
        "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/guest",
        "accessKeyId": KEY,
        "sessionContext": {"sessionIssuer": {**USER}},
    }

    seen = sighting(read_sighting(event(own_call(identity)), KEY))

    assert seen.kind is CredentialKind.FEDERATED_SESSION
    assert seen.parent is not None
    assert seen.parent.unique_id == USER["principalId"]


def test_a_recorder_that_gives_the_key_id_as_the_users_name_is_not_believed() -> None:
    identity: dict[str, object] = {
        "type": "IAMUser",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/{KEY}",
        "accessKeyId": KEY,
        "userName": KEY,
    }

    assert isinstance(read_sighting(event(own_call(identity)), KEY), Implausible)


def test_an_event_of_another_key_is_not_about_this_one() -> None:
    assert read_sighting(event(own_call()), "ASIAY34FZKBOKMUTVV7A") is None


def test_a_caller_of_a_kind_that_tells_no_owner_is_named_in_the_reason() -> None:
    identity: dict[str, object] = {
        "type": "AWSAccount",
        "principalId": f"{ROLE_ID}:x",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/alice",
        "accessKeyId": KEY,
    }

    found = read_sighting(event(own_call(identity)), KEY)

    assert isinstance(found, Implausible)
    assert "AWSAccount" in found.reason


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/\x1b[31mred",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/<b>/x",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/a\u202eb",
        "not an arn",
        f"arn:aws:iam::{ACCOUNT}:user/alice",
    ],
)
def test_an_identity_that_is_no_identity_is_not_believed(arn: str) -> None:
    identity: dict[str, object] = {"type": "AssumedRole", "arn": arn, "accessKeyId": KEY}

    assert isinstance(read_sighting(event(own_call(identity)), KEY), Implausible)


@pytest.mark.parametrize("document", ["", "{", "[]", "7", '"text"', "null", "[" * 100_000])
def test_a_document_that_is_no_event_tells_nothing(document: str) -> None:
    odd = TrailEvent(event_id="e", event_name="n", region="r", at=None, document=document)

    assert not isinstance(read_sighting(odd, KEY), Sighting)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(KEY),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "arn", "accessKeyId", "credentials", "sessionContext", "assumedRoleUser"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.fixed_dictionaries(
        {"userIdentity": json_values, "responseElements": json_values, "eventTime": json_values}
    )
)
def test_no_json_whatever_its_shape_breaks_the_reading(document: dict[str, object]) -> None:
    found = read_sighting(event(document, name="GetSessionToken"), KEY)

    assert found is None or isinstance(found, Sighting | Implausible)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("Nov 30, 2024, 8:43:17 PM", datetime(2024, 11, 30, 20, 43, 17, tzinfo=UTC)),
        ("Nov 30, 2024, 8:43:17\u202fPM", datetime(2024, 11, 30, 20, 43, 17, tzinfo=UTC)),
        ("Jan 22, 2021 12:46:28 AM", datetime(2021, 1, 22, 0, 46, 28, tzinfo=UTC)),
        ("Jan 22, 2021 12:46:28 PM", datetime(2021, 1, 22, 12, 46, 28, tzinfo=UTC)),
        ("2026-11-24T07:00:00Z", datetime(2026, 11, 24, 7, 0, 0, tzinfo=UTC)),
        ("Foo 22, 2021 12:46:28 PM", None),
        ("Jan 32, 2021 12:46:28 PM", None),
        ("Jan 22, 2021 13:46:28 PM", None),
        ("", None),
        ("9" * 5000, None),
    ],
)
def test_the_english_forms_of_an_expiry_are_read(text: str, instant: datetime | None) -> None:
    assert read_trail_time(text) == instant


def test_two_sightings_of_one_session_make_one_story_without_a_conflict() -> None:
    own = sighting(read_sighting(event(own_call()), KEY))
    made = sighting(read_sighting(event(minting(**ROLE_RESPONSE), name="AssumeRole"), KEY))

    story = tell([own, made])

    assert story is not None
    assert story.issued_at == datetime(2026, 11, 24, 6, 0, 0, tzinfo=UTC)
    assert story.expires_at == datetime(2026, 11, 24, 7, 0, 0, tzinfo=UTC)
    assert story.notes == ()


def test_another_owner_of_the_same_id_is_a_conflict_and_noted() -> None:
    own = sighting(read_sighting(event(own_call()), KEY))
    user: dict[str, object] = {**USER, "accessKeyId": KEY}
    other = sighting(read_sighting(event(own_call(user), number=2), KEY))

    story = tell([other, own])

    assert story is not None
    assert story.principal.label == "role/deploy"
    assert any("user/alice" in note for note in story.notes)


def test_no_sighting_is_no_story() -> None:
    assert tell([]) is None

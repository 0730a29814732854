"""Whether what the trail shows as made is still there is asked of IAM, and not guessed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import FakeCloud, refusal
from fakes.people import FakeDoors
from fakes.trails import ACCOUNT, call, create_key, delivered, key_of, written
from unleak.errors import UnleakError
from unleak.flow.persistence import MOST_LOOKS, looked_at
from unleak.model.action import KeyState
from unleak.model.trace import Persisting, Presence, Trace
from unleak.report.json_trace import trace_document
from unleak.report.plain import lay_out
from unleak.report.trace_words import trace_page
from unleak.trail.local import LocalTrail
from unleak.trail.seeds import key_seed
from unleak.trail.tracing import trace

if TYPE_CHECKING:
    from pathlib import Path

SEED = key_of(0)
MADE = key_of(1, "AKIA")
IAM = "iam.amazonaws.com"


@pytest.fixture
def cloud() -> FakeCloud:
    cloud = FakeCloud()
    cloud.identity = replace(cloud.identity, account=ACCOUNT)
    return cloud


def traced(folder: Path, *events: dict[str, object]) -> Trace:
    written(folder, "t.json.gz", delivered(events))
    return trace((key_seed(SEED),), [LocalTrail((folder,))])


def iam(number: int, name: str, **asked: object) -> dict[str, object]:
    return call(number, name, SEED, eventSource=IAM, requestParameters=asked)


def seen(found: Trace, cloud: FakeCloud) -> tuple[Persisting, ...]:
    return looked_at(found, FakeDoors(cloud)).persistence


def test_a_key_is_there_inactive_or_gone_as_iam_says(tmp_path: Path, cloud: FakeCloud) -> None:
    other = key_of(2, "AKIA")
    found = traced(tmp_path, create_key(1, SEED, MADE), create_key(2, SEED, other))
    cloud.add_user("spare", keys=[MADE])
    cloud.principals["user/spare"].keys[MADE] = KeyState.INACTIVE

    first, second = seen(found, cloud)

    assert (first.now, first.now_detail) == (Presence.THERE, "Inactive")
    assert second.now is Presence.GONE


def test_what_belongs_to_a_user_who_is_gone_is_gone(tmp_path: Path, cloud: FakeCloud) -> None:
    found = traced(
        tmp_path,
        iam(1, "CreateUser", userName="bob"),
        iam(2, "CreateLoginProfile", userName="bob"),
        iam(3, "CreateRole", roleName="helper"),
    )

    assert {each.now for each in seen(found, cloud)} == {Presence.GONE}


def test_a_user_and_a_role_that_are_there_are_told(tmp_path: Path, cloud: FakeCloud) -> None:
    cloud.add_user("bob")
    cloud.add_role("helper")
    found = traced(
        tmp_path,
        iam(1, "CreateUser", userName="bob"),
        iam(2, "CreateRole", roleName="helper"),
        iam(3, "UpdateAssumeRolePolicy", roleName="helper"),
    )

    looked = seen(found, cloud)

    assert [each.now for each in looked] == [Presence.THERE, Presence.THERE, Presence.UNKNOWN]
    assert "whom it trusts" in looked[2].now_detail


def test_policies_and_groups_are_compared_by_what_the_event_named(
    tmp_path: Path, cloud: FakeCloud
) -> None:
    cloud.add_user("bob")
    admin = "arn:aws:iam::aws:policy/AdministratorAccess"
    found = traced(
        tmp_path,
        iam(1, "AttachUserPolicy", userName="bob", policyArn=admin),
        iam(2, "PutUserPolicy", userName="bob", policyName="p"),
        iam(3, "AddUserToGroup", userName="bob", groupName="admins"),
    )

    assert {each.now for each in seen(found, cloud)} == {Presence.GONE}


def test_another_account_and_another_service_are_not_looked_at(
    tmp_path: Path, cloud: FakeCloud
) -> None:
    found = traced(
        tmp_path,
        call(1, "CreateFunction20150331", SEED, requestParameters={"functionName": "f"}),
        create_key(2, SEED, MADE),
    )
    cloud.identity = replace(cloud.identity, account="9" * 12)

    looked = seen(found, cloud)

    assert {each.now for each in looked} == {Presence.NOT_LOOKED_AT}
    assert "not IAM's" in looked[0].now_detail
    assert ACCOUNT in looked[1].now_detail


def test_a_refusal_and_a_name_that_is_none_are_not_taken_for_gone(
    tmp_path: Path, cloud: FakeCloud
) -> None:
    cloud.failing["keys"] = refusal(code="AccessDenied", operation="ListAccessKeys", status=403)
    found = traced(
        tmp_path,
        create_key(1, SEED, MADE),
        iam(2, "CreateUser", userName="bob\x1b[31m; rm -rf /"),
    )

    looked = seen(found, cloud)

    assert {each.now for each in looked} == {Presence.UNKNOWN}
    shown = lay_out(trace_page(looked_at(found, FakeDoors(cloud))), width=100)
    assert "May still be there" in shown
    assert "\x1b" not in shown


def test_whoever_cannot_sign_in_still_gets_the_trace(tmp_path: Path, cloud: FakeCloud) -> None:
    found = traced(tmp_path, create_key(1, SEED, MADE))
    cloud.failing["caller"] = UnleakError("no credentials")

    (thing,) = seen(found, cloud)

    assert thing.now is Presence.NOT_LOOKED_AT
    assert "no credentials" in thing.now_detail


def test_nobody_is_asked_where_nothing_was_made(tmp_path: Path, cloud: FakeCloud) -> None:
    doors = FakeDoors(cloud)

    looked_at(traced(tmp_path, call(1, "ListBuckets", SEED)), doors)

    assert doors.opened == []


def test_a_thief_who_made_very_much_keeps_nobody_waiting(tmp_path: Path, cloud: FakeCloud) -> None:
    events = [iam(n, "CreateUser", userName=f"u{n}") for n in range(MOST_LOOKS + 1)]

    looked = seen(traced(tmp_path, *events), cloud)

    assert looked[-1].now is Presence.NOT_LOOKED_AT
    assert str(MOST_LOOKS) in looked[-1].now_detail


def test_the_document_says_what_was_seen(tmp_path: Path, cloud: FakeCloud) -> None:
    cloud.add_user("spare", keys=[MADE])
    found = looked_at(traced(tmp_path, create_key(1, SEED, MADE)), FakeDoors(cloud))

    document = trace_document(found)

    persistence = document["persistence"]
    assert isinstance(persistence, list)
    thing = persistence[0]
    assert isinstance(thing, dict)
    assert (thing["now"], thing["now_detail"]) == ("there", "Active")

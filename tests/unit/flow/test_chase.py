"""A cascade follows what leaked through CloudTrail, and nothing of the trail is believed unread."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import START, Call, FakeCloud
from fakes.people import FakeDoors, FakePerson
from fakes.timing import FakeTime
from unleak.contain.options import Options
from unleak.flow.plan import plan
from unleak.flow.request import Measuring, Request
from unleak.flow.resume import resume
from unleak.flow.revoke import revoke
from unleak.flow.undo import undo
from unleak.flow.verify import verify_incident
from unleak.identify.consent import Consent
from unleak.model.action import Holder, HolderType, KeyState, target_of
from unleak.model.credential import FoundCredential
from unleak.model.door import Door, DoorState
from unleak.model.instant import render_instant
from unleak.model.organization import Organization
from unleak.model.outcome import Status
from unleak.model.plan import StepState
from unleak.model.proof import Level

if TYPE_CHECKING:
    from unleak.flow.response import Response

OWN = "123456789012"
OTHER = "210987654321"
READ_ONLY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'
)
LEAK = "AKIAQNZGKIQYLEAKED01"
A1, B1, A2 = "ASIAQNZGKIQYROLEA001", "ASIAQNZGKIQYROLEB001", "ASIAQNZGKIQYROLEA002"
SPARE = "AKIAQNZGKIQYSPARE001"
FED = "ASIAQNZGKIQYFEDER001"
CUTOFF = "AWSRevokeOlderSessions"
DENY = "UnleakDenyAll"
BEFORE = START - timedelta(minutes=30)

Event = dict[str, object]


class Trail:
    """A trail in a file, written event by event."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.events: list[Event] = []
        self.write()

    def write(self) -> None:
        self.path.write_text(json.dumps({"Records": self.events}))

    def add(
        self,
        name: str,
        by: str,
        who: str,
        asked: object,
        answer: object,
        *,
        source: str = "iam",
        at: datetime | None = None,
    ) -> None:
        number = len(self.events)
        kind = {"user": "IAMUser", "assumed-role": "AssumedRole", "federated-user": "FederatedUser"}
        service = "sts" if who.startswith(("assumed", "federated")) else "iam"
        self.events.append(
            {
                "eventVersion": "1.08",
                "eventID": f"00000000-0000-4000-8000-{number:012d}",
                "eventName": name,
                "eventSource": f"{source}.amazonaws.com",
                "eventTime": render_instant(at or BEFORE + timedelta(seconds=number)),
                "awsRegion": "us-east-1",
                "recipientAccountId": OWN,
                "userAgent": "aws-cli/2",
                "sourceIPAddress": "203.0.113.9",
                "userIdentity": {
                    "type": kind[who.split("/", maxsplit=1)[0]],
                    "arn": f"arn:aws:{service}::{OWN}:{who}",
                    "accountId": OWN,
                    "accessKeyId": by,
                },
                "requestParameters": asked,
                "responseElements": answer,
            }
        )
        self.write()

    def assume(
        self,
        by: str,
        who: str,
        role: str,
        child: str,
        *,
        account: str = OWN,
        at: datetime | None = None,
    ) -> None:
        self.add(
            "AssumeRole",
            by,
            who,
            {"roleArn": f"arn:aws:iam::{account}:role/{role}", "roleSessionName": "thief"},
            {
                "credentials": {"accessKeyId": child, "expiration": "Nov 24, 2026, 8:00:00 AM"},
                "assumedRoleUser": {"arn": f"arn:aws:sts::{account}:assumed-role/{role}/thief"},
            },
            source="sts",
            at=at,
        )

    def make_user(self, by: str, who: str, name: str) -> None:
        user = {"userName": name, "arn": f"arn:aws:iam::{OWN}:user/{name}"}
        self.add("CreateUser", by, who, {"userName": name}, {"user": user})

    def make_key(self, by: str, who: str, user: str, child: str) -> None:
        key = {"accessKeyId": child, "userName": user}
        self.add("CreateAccessKey", by, who, {"userName": user}, {"accessKey": key})

    def federate(self, by: str, who: str, child: str) -> None:
        self.add(
            "GetFederationToken",
            by,
            who,
            {"name": "fed"},
            {
                "credentials": {"accessKeyId": child, "expiration": "Nov 24, 2026, 8:00:00 PM"},
                "federatedUser": {"arn": f"arn:aws:sts::{OWN}:federated-user/fed"},
            },
            source="sts",
        )


@pytest.fixture
def cloud() -> FakeCloud:
    """An account with the leaked user, two roles and a responder."""
    made = FakeCloud(account=OWN)
    user = made.add_user("ci", keys=[LEAK])
    made.at(user).inline["work"] = READ_ONLY
    made.add_role("alpha")
    made.add_role("beta")
    return made


@pytest.fixture
def trail(tmp_path: Path) -> Trail:
    return Trail(tmp_path / "trail.json")


def at(cloud: FakeCloud, label: str) -> dict[str, str]:
    kind, _, name = label.partition("/")
    return cloud.at(Holder(type=HolderType(kind), name=name)).inline


def wish(trail: Trail, *, yes: bool = True, hold: float = 0, **more: object) -> Request:
    options = Options(
        cascade=True,
        trails=(str(trail.path),),
        hold_seconds=hold,
        accounts=more.get("accounts", ()),  # type: ignore[arg-type]  # a tuple of ids
        dismissed=more.get("dismissed", frozenset()),  # type: ignore[arg-type]  # a set of names
        since=more.get("since"),  # type: ignore[arg-type]  # an instant
    )
    return Request(
        found=(FoundCredential(access_key_id=LEAK),),
        options=options,
        consent=Consent.FORBIDDEN,
        assume_yes=yes,
        measuring=Measuring(wanted=Level.READ_BACK, timeout_seconds=0),
    )


def cut(
    cloud: FakeCloud,
    request: Request,
    home: Path,
    *,
    thief: Callable[[], None] | None = None,
) -> Response:
    time = FakeTime(cloud, thief)
    folder = home / "home"
    return revoke(request, FakeDoors(cloud), FakePerson(), home=folder, timing=time.timing)


def again(cloud: FakeCloud, home: Path) -> Response:
    return resume(
        "latest",
        FakeDoors(cloud),
        FakePerson(),
        assume_yes=True,
        measuring=Measuring(wanted=Level.READ_BACK, timeout_seconds=0),
        home=home / "home",
        timing=FakeTime(cloud).timing,
    )


def chain(trail: Trail) -> None:
    """Leak -> role alpha -> role beta -> a new user with a key -> a federated session."""
    trail.assume(LEAK, "user/ci", "alpha", A1)
    trail.assume(A1, "assumed-role/alpha/thief", "beta", B1)
    trail.make_key(B1, "assumed-role/beta/thief", "spare", SPARE)
    trail.federate(SPARE, "user/spare", FED)


def doors_of(response: Response) -> dict[str, Door]:
    return {each.target: each for each in response.incident.plan.doors if each.is_traced}


def test_every_hop_of_a_chain_gets_a_cut_of_its_own(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    spare = cloud.add_user("spare", keys=[SPARE])
    chain(trail)

    response = cut(cloud, wish(trail), tmp_path)

    assert response.status is Status.CONTAINED
    assert all(CUTOFF in at(cloud, each) for each in ("user/ci", "role/alpha", "role/beta"))
    assert CUTOFF in at(cloud, "user/spare")
    assert cloud.at(spare).keys == {SPARE: KeyState.INACTIVE}
    assert {name: door.depth for name, door in doors_of(response).items()} == {
        "role/alpha": 1,
        "role/beta": 2,
        SPARE: 3,
        "user/spare": 4,
    }


def test_the_first_deny_leaves_before_the_trail_is_read_and_parents_before_children(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    cloud.add_user("spare", keys=[SPARE])
    chain(trail)

    cut(cloud, wish(trail), tmp_path)

    calls = [call.target for call in cloud.calls]
    assert set(calls[:2]) == {LEAK, f"user/ci/{CUTOFF}"}
    first = [calls.index(f"role/{each}/{CUTOFF}") for each in ("alpha", "beta")]
    assert first == sorted(first)
    assert first[-1] < calls.index(SPARE)


def test_the_whole_closure_is_in_the_plan_before_the_one_question(
    cloud: FakeCloud, trail: Trail
) -> None:
    cloud.add_user("spare", keys=[SPARE])
    chain(trail)

    made = plan(wish(trail, yes=False), FakeDoors(cloud), FakePerson())

    assert {target_of(step.action) for step in made.steps} >= {
        "role/alpha",
        "role/beta",
        "user/spare",
        SPARE,
    }
    assert cloud.calls == []


def test_what_is_made_new_is_denied_everything_and_what_was_there_is_not(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    trail.assume(LEAK, "user/ci", "alpha", A1)
    trail.make_user(A1, "assumed-role/alpha/thief", "evil")
    evil = cloud.add_user("evil")
    cloud.at(evil).created_at = BEFORE + timedelta(seconds=1)

    cut(cloud, wish(trail), tmp_path)

    assert DENY in at(cloud, "user/evil")
    assert DENY not in at(cloud, "role/alpha")


def test_a_user_that_was_there_before_the_event_that_names_it_is_not_denied_everything(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    trail.make_user(LEAK, "user/ci", "payroll")
    cloud.add_user("payroll", keys=["AKIAQNZGKIQYPAYROLL1"])

    response = cut(cloud, wish(trail), tmp_path)

    payroll = cloud.at(Holder(type=HolderType.USER, name="payroll"))
    assert DENY not in payroll.inline
    assert payroll.keys == {"AKIAQNZGKIQYPAYROLL1": KeyState.ACTIVE}
    assert response.status is Status.PARTIAL
    assert "cut-off and nothing more" in doors_of(response)["user/payroll"].reason


def test_an_honest_key_that_a_trail_calls_new_stays_active(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    honest = "AKIAQNZGKIQYPAYROLL1"
    trail.make_key(LEAK, "user/ci", "payroll", honest)
    cloud.add_user("payroll", keys=[honest])
    payroll = cloud.at(Holder(type=HolderType.USER, name="payroll"))
    payroll.keys_made_at[honest] = BEFORE - timedelta(days=200)

    response = cut(cloud, wish(trail), tmp_path)

    assert payroll.keys == {honest: KeyState.ACTIVE}
    assert response.status is Status.PARTIAL
    assert "it may be another one" in doors_of(response)[honest].reason


def test_a_circle_of_roles_ends_and_each_is_cut_once(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    trail.assume(LEAK, "user/ci", "alpha", A1)
    trail.assume(A1, "assumed-role/alpha/thief", "beta", B1)
    trail.assume(B1, "assumed-role/beta/thief", "alpha", A2)
    trail.assume(A2, "assumed-role/alpha/thief", "beta", B1)

    response = cut(cloud, wish(trail), tmp_path)

    steps = [target_of(s.action) for s in response.incident.plan.steps if s.id.startswith("t")]
    assert sorted(steps) == ["role/alpha", "role/beta"]
    assert response.status is Status.CONTAINED


def test_what_a_thief_mints_while_the_trail_is_read_is_found_by_the_next_look(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    trail.assume(LEAK, "user/ci", "alpha", A1)
    cloud.on_call = lambda call: (
        trail.assume(A1, "assumed-role/alpha/thief", "beta", B1)
        if call.target.startswith("role/alpha") and len(trail.events) == 1
        else None
    )

    response = cut(cloud, wish(trail), tmp_path)

    assert CUTOFF in at(cloud, "role/beta")
    assert response.status is Status.CONTAINED


def test_what_shows_late_is_found_by_a_resume_and_contained(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    trail.assume(LEAK, "user/ci", "alpha", A1)
    first = cut(cloud, wish(trail), tmp_path)
    trail.assume(A1, "assumed-role/alpha/thief", "beta", B1)

    second = again(cloud, tmp_path)

    assert "role/beta" not in doors_of(first)
    assert doors_of(second)["role/beta"].state is DoorState.CONTAINED
    assert CUTOFF in at(cloud, "role/beta")


def test_verify_shows_what_came_late_as_an_open_door_and_changes_nothing(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    trail.assume(LEAK, "user/ci", "alpha", A1)
    cut(cloud, wish(trail), tmp_path)
    trail.assume(A1, "assumed-role/alpha/thief", "beta", B1)
    changes = len(cloud.calls)

    response = verify_incident(
        "latest",
        FakeDoors(cloud),
        FakePerson(),
        measuring=Measuring(wanted=Level.READ_BACK, timeout_seconds=0),
        home=tmp_path / "home",
    )

    assert response.status is Status.PARTIAL
    assert doors_of(response)["role/beta"].is_open
    assert len(cloud.calls) == changes


def test_after_the_delivery_delay_a_resume_with_nothing_new_is_the_end(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    trail.assume(LEAK, "user/ci", "alpha", A1)
    cut(cloud, wish(trail), tmp_path)
    cloud.fake_clock.move(timedelta(minutes=20))
    again(cloud, tmp_path)
    asked = len(cloud.asked)

    response = again(cloud, tmp_path)

    assert response.next_steps[0].startswith("nothing is left to do")
    assert not any("account_details" in each for each in cloud.asked[asked:])


def test_a_role_that_is_gone_lets_nobody_in(cloud: FakeCloud, trail: Trail, tmp_path: Path) -> None:
    trail.assume(LEAK, "user/ci", "vanished", A1)

    response = cut(cloud, wish(trail), tmp_path)

    assert doors_of(response)["role/vanished"].state is DoorState.GONE
    assert response.status is Status.CONTAINED


@pytest.mark.parametrize("name", ["x'; rm -rf ~", "\x1b]0;owned\x07", "a" * 300, "../../etc", ""])
def test_a_hostile_name_reaches_no_call(
    cloud: FakeCloud, trail: Trail, tmp_path: Path, name: str
) -> None:
    trail.make_key(LEAK, "user/ci", name, SPARE)
    trail.make_user(LEAK, "user/ci", name)

    response = cut(cloud, wish(trail), tmp_path)

    assert {call.target for call in cloud.calls} == {LEAK, f"user/ci/{CUTOFF}"}
    assert response.status in {Status.PARTIAL, Status.CONTAINED}


def test_the_responders_own_role_is_never_cut_by_surprise(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    cloud.identity = type(cloud.identity)(
        account=OWN,
        arn=f"arn:aws:sts::{OWN}:assumed-role/alpha/me",
        unique_id="AROAX:me",
        access_key_id="ASIAQNZGKIQYRESPOND1",
    )
    trail.assume(LEAK, "user/ci", "alpha", A1)

    response = cut(cloud, wish(trail), tmp_path)

    assert at(cloud, "role/alpha") == {}
    assert response.status is Status.PARTIAL
    assert any("you are signed in as role/alpha" in each for each in response.incident.plan.manual)


def test_a_service_linked_role_is_left_to_a_person(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    cloud.add_role("AWSServiceRoleForSupport", path="/aws-service-role/support.amazonaws.com/")
    trail.assume(LEAK, "user/ci", "AWSServiceRoleForSupport", A1)

    response = cut(cloud, wish(trail), tmp_path)

    assert at(cloud, "role/AWSServiceRoleForSupport") == {}
    assert response.status is Status.PARTIAL


def test_a_hop_that_a_person_has_dismissed_is_left_alone(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    trail.assume(LEAK, "user/ci", "alpha", A1)

    response = cut(cloud, wish(trail, dismissed=frozenset({"role/alpha"})), tmp_path)

    assert at(cloud, "role/alpha") == {}
    assert response.status is Status.CONTAINED


def test_what_was_made_before_it_leaked_gets_a_cut_off_and_a_person_decides(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    cloud.fake_clock.move(timedelta(days=5))
    trail.make_user(LEAK, "user/ci", "old")
    old = cloud.add_user("old")
    cloud.at(old).created_at = BEFORE

    response = cut(cloud, wish(trail), tmp_path)

    assert set(at(cloud, "user/old")) == {CUTOFF}
    assert response.status is Status.PARTIAL


def test_a_session_that_ended_long_ago_costs_its_role_nothing(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    cloud.fake_clock.move(timedelta(days=5))
    trail.assume(LEAK, "user/ci", "alpha", A1)

    response = cut(cloud, wish(trail), tmp_path)

    assert at(cloud, "role/alpha") == {}
    assert response.status is Status.CONTAINED


def organized(cloud: FakeCloud) -> FakeCloud:
    """Put the account into an organization with a second one, and return that."""
    cloud.over = Organization(
        id="o-1", management_account=OWN, caller_account=OWN, is_management=True
    )
    other = FakeCloud(account=OTHER, clock=cloud.fake_clock)
    other.add_role("deploy")
    cloud.members[OTHER] = other
    return other


def test_a_hop_in_another_account_of_ours_is_cut_there_and_taken_back_there(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    other = organized(cloud)
    cloud.add_role("deploy")
    trail.assume(LEAK, "user/ci", "deploy", A1, account=OTHER)

    response = cut(cloud, wish(trail), tmp_path)

    assert CUTOFF in at(other, "role/deploy")
    assert at(cloud, "role/deploy") == {}
    assert response.status is Status.CONTAINED
    accounts = [s.account for s in response.incident.plan.steps if s.id.startswith("t")]
    assert accounts == [OTHER]
    assert any("entered account" in each.summary for each in response.incident.entries)

    cloud.fake_clock.move(timedelta(days=3))
    undo("latest", FakeDoors(cloud), FakePerson(), assume_yes=True, home=tmp_path / "home")

    assert at(other, "role/deploy") == {}


def test_an_account_that_only_the_trail_names_is_never_entered(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    organized(cloud)
    trail.assume(LEAK, "user/ci", "deploy", A1, account="666666666666")

    response = cut(cloud, wish(trail), tmp_path)

    assert not any(each.startswith("enter ") for each in cloud.asked)
    assert response.status is Status.PARTIAL
    assert any("666666666666" in each for each in response.incident.plan.manual)


def test_a_member_that_lets_nobody_in_is_listed_and_the_answer_is_partial(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    organized(cloud)
    cloud.strangers.add("555555555555")
    trail.assume(LEAK, "user/ci", "deploy", A1, account="555555555555")

    response = cut(cloud, wish(trail), tmp_path)

    assert response.status is Status.PARTIAL
    assert any("cannot be entered" in each for each in response.incident.plan.manual)


def test_an_account_that_the_person_names_is_entered_without_an_organization(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    other = organized(cloud)
    cloud.over = None
    trail.assume(LEAK, "user/ci", "deploy", A1, account=OTHER)

    cut(cloud, wish(trail, accounts=(OTHER,)), tmp_path)

    assert CUTOFF in at(other, "role/deploy")


def test_a_trail_that_cannot_be_read_leaves_it_unproven(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    trail.path.write_bytes(b"\x1f\x8b\x08truncated")

    response = cut(cloud, wish(trail), tmp_path)

    assert response.status is Status.UNPROVEN
    assert response.incident.plan.untraced


def test_a_hold_follows_the_trail_as_well(cloud: FakeCloud, trail: Trail, tmp_path: Path) -> None:
    trail.assume(LEAK, "user/ci", "alpha", A1)

    response = cut(cloud, wish(trail, hold=60), tmp_path)

    assert CUTOFF in at(cloud, "role/alpha")
    assert response.status is Status.CONTAINED


def test_the_event_history_is_followed_where_no_trail_is_named(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    from unleak.model.ports import TrailEvent  # noqa: PLC0415 - only here

    trail.assume(LEAK, "user/ci", "alpha", A1)
    cloud.events = [
        TrailEvent(
            event_id=str(each["eventID"]),
            event_name=str(each["eventName"]),
            region="us-east-1",
            at=BEFORE,
            document=json.dumps(each),
        )
        for each in trail.events
    ]
    trail.path = Path("lookup")

    response = cut(cloud, wish(trail), tmp_path)

    assert CUTOFF in at(cloud, "role/alpha")
    assert any("15 minutes late" in each for each in response.incident.plan.warnings)


def test_undo_takes_the_cuts_of_the_hops_back_once_that_is_safe(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    trail.assume(LEAK, "user/ci", "alpha", A1)
    at(cloud, "role/alpha")["theirs"] = READ_ONLY
    cut(cloud, wish(trail), tmp_path)
    cloud.fake_clock.move(timedelta(days=3))

    response = undo(
        "latest", FakeDoors(cloud), FakePerson(), assume_yes=True, home=tmp_path / "home"
    )

    assert at(cloud, "role/alpha") == {"theirs": READ_ONLY}
    states = {s.state for s in response.incident.plan.steps if s.id.startswith("t")}
    assert states == {StepState.UNDONE}


class Killed(BaseException):
    """Nothing catches it: the process is gone."""


@pytest.mark.parametrize("number", range(1, 8))
@pytest.mark.parametrize("is_made", [True, False])
def test_killed_at_any_change_a_resume_finishes_the_chase(
    cloud: FakeCloud, trail: Trail, tmp_path: Path, *, number: int, is_made: bool
) -> None:
    cloud.add_user("spare", keys=[SPARE])
    chain(trail)

    def kill(_call: object) -> None:
        if len(cloud.calls) == number + is_made:
            raise Killed

    cloud.on_call = kill
    with suppress(Killed):
        cut(cloud, wish(trail), tmp_path)
    cloud.on_call = None

    response = again(cloud, tmp_path)

    assert response.status is Status.CONTAINED
    held = ("user/ci", "role/alpha", "role/beta", "user/spare")
    assert [each for each in held if CUTOFF not in at(cloud, each)] == []
    spare = cloud.at(Holder(type=HolderType.USER, name="spare"))
    assert spare.keys == {SPARE: KeyState.INACTIVE}
    assert not response.incident.is_interrupted


def test_killed_at_a_suspect_before_the_trail_was_through_a_resume_reads_it(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    trail.assume(LEAK, "user/ci", "alpha", A1)
    at(cloud, "user/ci")["work"] = READ_ONLY.replace("s3:Get*", "*")
    spare = cloud.add_user("spare", keys=[SPARE])
    cloud.at(spare).keys_made_at[SPARE] = START - timedelta(minutes=1)

    def kill(call: Call) -> None:
        if call.target == SPARE:
            raise Killed

    cloud.on_call = kill
    with pytest.raises(Killed):
        cut(cloud, wish(trail), tmp_path)
    cloud.on_call = None

    response = again(cloud, tmp_path)

    assert CUTOFF in at(cloud, "role/alpha")
    assert doors_of(response)["role/alpha"].state is DoorState.CONTAINED
    about = [target_of(step.action) for step in response.incident.plan.steps]
    assert about.count(SPARE) == 1


@pytest.mark.parametrize("number", [4, 5])
def test_killed_while_cut_offs_move_forward_an_undo_still_knows_the_beginning(
    cloud: FakeCloud, trail: Trail, tmp_path: Path, number: int
) -> None:
    trail.assume(LEAK, "user/ci", "alpha", A1)
    at(cloud, "role/alpha")["theirs"] = READ_ONLY
    beginning = [dict(at(cloud, each)) for each in ("user/ci", "role/alpha")]

    def kill(_call: object) -> None:
        if len(cloud.calls) == number:
            raise Killed

    cloud.on_call = kill
    with pytest.raises(Killed):
        cut(cloud, wish(trail), tmp_path)
    cloud.on_call = None
    cloud.fake_clock.move(timedelta(minutes=1))
    again(cloud, tmp_path)
    cloud.fake_clock.move(timedelta(days=3))

    undo("latest", FakeDoors(cloud), FakePerson(), assume_yes=True, home=tmp_path / "home")

    assert [at(cloud, each) for each in ("user/ci", "role/alpha")] == beginning


def test_what_a_late_verify_finds_open_is_contained_by_a_resume(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    cut(cloud, wish(trail), tmp_path)
    trail.assume(LEAK, "user/ci", "alpha", A1)
    cloud.fake_clock.move(timedelta(minutes=20))
    verify_incident(
        "latest",
        FakeDoors(cloud),
        FakePerson(),
        measuring=Measuring(wanted=Level.READ_BACK, timeout_seconds=0),
        home=tmp_path / "home",
    )

    response = again(cloud, tmp_path)

    assert CUTOFF in at(cloud, "role/alpha")
    assert doors_of(response)["role/alpha"].state is DoorState.CONTAINED


def test_verify_reads_the_trail_that_a_killed_cascade_has_not(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    trail.assume(LEAK, "user/ci", "alpha", A1)

    def kill(_call: object) -> None:
        raise Killed

    cloud.on_call = kill
    with pytest.raises(Killed):
        cut(cloud, wish(trail), tmp_path)
    cloud.on_call = None

    response = verify_incident(
        "latest",
        FakeDoors(cloud),
        FakePerson(),
        measuring=Measuring(wanted=Level.READ_BACK, timeout_seconds=0),
        home=tmp_path / "home",
    )

    assert doors_of(response)["role/alpha"].is_open


def test_an_inferred_session_costs_its_role_a_cut_off_and_no_more(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    cloud.add_role("worker")
    asked = {"functionName": "worker-fn"}
    trail.add("CreateFunction20150331", LEAK, "user/ci", asked, {}, source="lambda")
    who = "assumed-role/worker/worker-fn"
    trail.add("ListBuckets", A1, who, None, None, source="s3")

    response = cut(cloud, wish(trail), tmp_path)

    assert set(at(cloud, "role/worker")) == {CUTOFF}
    assert doors_of(response)["role/worker"].is_inferred


def test_a_second_chase_moves_the_cut_off_of_the_first_forward_and_undo_knows_the_start(
    cloud: FakeCloud, trail: Trail, tmp_path: Path
) -> None:
    trail.assume(LEAK, "user/ci", "alpha", A1)
    cut(cloud, wish(trail), tmp_path)
    before = at(cloud, "role/alpha")[CUTOFF]
    cloud.fake_clock.move(timedelta(minutes=10))
    later = START + timedelta(minutes=5)
    trail.assume(LEAK, "user/ci", "alpha", A2, at=later)

    again(cloud, tmp_path)
    after = at(cloud, "role/alpha")[CUTOFF]
    cloud.fake_clock.move(timedelta(days=3))
    undo("latest", FakeDoors(cloud), FakePerson(), assume_yes=True, home=tmp_path / "home")

    assert after > before
    assert at(cloud, "role/alpha") == {}

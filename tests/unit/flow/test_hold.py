"""Holding a containment on an account in memory: what is taken away comes back, and is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import START, FakeCloud
from fakes.people import FakeDoors, FakePerson
from fakes.timing import FakeTime
from unleak.contain.options import Options
from unleak.errors import AwsFailure
from unleak.evidence.target import NamedTarget, parse_target
from unleak.flow.history import incident
from unleak.flow.plan import plan
from unleak.flow.request import Measuring, Request
from unleak.flow.resume import resume
from unleak.flow.revoke import revoke
from unleak.identify.consent import Consent
from unleak.model.action import Holder, HolderType, KeyState, SetInlinePolicy
from unleak.model.credential import FoundCredential
from unleak.model.outcome import Status
from unleak.model.plan import Grip, StepState
from unleak.model.proof import Level

if TYPE_CHECKING:
    from unleak.flow.response import Response
    from unleak.model.watch import Watch

ADMIN = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
READ_ONLY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'
)
ROLE = Holder(type=HolderType.ROLE, name="deploy")
KEY = "AKIALEAKEDUSERKEY001"
DENY_ALL = "arn:aws:iam::aws:policy/AWSDenyAll"
FREEZE = "UnleakFreeze"
CUTOFF = "AWSRevokeOlderSessions"


@pytest.fixture
def cloud() -> FakeCloud:
    """An account with an administrator role."""
    made = FakeCloud()
    made.add_role("deploy")
    made.at(ROLE).inline["work"] = ADMIN
    return made


def wish(
    target: str = "role/deploy", *, options: Options | None = None, yes: bool = True
) -> Request:
    """Return the wish to cut off a name, content with a read-back."""
    named = parse_target(target)
    assert isinstance(named, NamedTarget)
    return Request(
        named=named,
        options=options or Options(),
        consent=Consent.FORBIDDEN,
        assume_yes=yes,
        measuring=Measuring(wanted=Level.READ_BACK, timeout_seconds=0),
    )


def cut(
    cloud: FakeCloud,
    home: Path,
    request: Request | None = None,
    *,
    thief: Callable[[], None] | None = None,
) -> Response:
    """Revoke with time that passes only by waiting."""
    time = FakeTime(cloud, thief)
    return revoke(request or wish(), FakeDoors(cloud), FakePerson(), home=home, timing=time.timing)


def watch_of(response: Response) -> Watch:
    """Return what was seen while it was held."""
    verification = response.incident.verification
    assert verification is not None
    assert verification.watch is not None
    return verification.watch


def test_a_principal_that_cannot_edit_its_containment_is_not_held(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    cloud.at(ROLE).inline["work"] = READ_ONLY

    response = cut(cloud, tmp_path)

    assert response.status is Status.CONTAINED
    assert response.incident.plan.grip is Grip.NO
    assert [call.method for call in cloud.calls] == ["put_inline_policy"]


def test_all_kills_go_out_at_once_and_are_lifted_when_it_is_quiet(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    response = cut(cloud, tmp_path)

    role = cloud.at(ROLE)
    assert {call.target for call in cloud.calls} >= {
        f"role/deploy/{CUTOFF}",
        f"role/deploy/{FREEZE}",
        f"role/deploy/{DENY_ALL}",
    }
    assert [call.method for call in cloud.calls].count("put_boundary") == 1
    assert (set(role.inline), role.attached, role.boundary) == ({"work", CUTOFF}, [], None)
    assert response.status is Status.CONTAINED
    assert watch_of(response).is_settled


def test_the_cutoff_moves_past_what_was_opened_in_the_window(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    seen: list[str] = []
    cloud.on_call = lambda call: (
        seen.append(cloud.at(ROLE).inline.get(CUTOFF, ""))
        if call.method == "delete_inline_policy"
        else None
    )

    response = cut(cloud, tmp_path)

    written = [
        step.action.after
        for step in response.incident.plan.steps
        if isinstance(step.action, SetInlinePolicy) and step.action.policy_name == CUTOFF
    ]
    assert written == [cloud.at(ROLE).inline[CUTOFF]] == seen[:1]
    assert response.incident.plan.cutoff is not None
    assert response.incident.plan.cutoff > response.incident.created_at


def test_no_hold_means_no_braces_that_nobody_would_lift(cloud: FakeCloud, tmp_path: Path) -> None:
    response = cut(cloud, tmp_path, wish(options=Options(hold_seconds=0)))

    assert [call.method for call in cloud.calls] == ["put_inline_policy"]
    assert response.incident.plan.grip is Grip.YES


def test_what_a_thief_takes_away_is_put_back_and_the_answer_is_contested(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    def strip() -> None:
        role = cloud.at(ROLE)
        role.inline.pop(CUTOFF, None)
        role.inline.pop(FREEZE, None)

    response = cut(cloud, tmp_path, thief=strip)

    watch = watch_of(response)
    assert response.status is Status.CONTESTED
    assert watch.is_frozen
    assert {touch.step_id for touch in watch.touches} >= {"a1", "b1"}
    assert DENY_ALL in cloud.at(ROLE).attached


def test_one_touch_that_was_mended_is_contested_all_the_same(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    rounds = iter(range(1000))

    def strip_once() -> None:
        if next(rounds) == 10:
            del cloud.at(ROLE).inline[CUTOFF]

    response = cut(cloud, tmp_path, thief=strip_once)

    assert response.status is Status.CONTESTED
    assert watch_of(response).is_settled
    assert CUTOFF in cloud.at(ROLE).inline


def test_a_boundary_that_was_there_before_comes_back(cloud: FakeCloud, tmp_path: Path) -> None:
    theirs = "arn:aws:iam::123456789012:policy/limits"
    cloud.policies[theirs] = ADMIN
    cloud.at(ROLE).boundary = theirs

    cut(cloud, tmp_path)

    assert cloud.at(ROLE).boundary == theirs


def test_a_brace_that_does_not_fit_is_no_failure(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.failing["put_boundary"] = AwsFailure(
        "no such policy", error_code="NoSuchEntity", operation="PutRolePermissionsBoundary"
    )

    response = cut(cloud, tmp_path)

    assert response.status is Status.CONTAINED
    assert [step.state for step in response.incident.plan.steps if step.id == "b3"] == [
        StepState.SKIPPED
    ]


def test_the_plan_says_beforehand_that_the_thief_could_undo_it(cloud: FakeCloud) -> None:
    made = plan(wish(yes=False), FakeDoors(cloud), FakePerson())

    assert made.grip is Grip.YES
    assert made.hold_seconds == 60
    assert any("held for 60 seconds" in line for line in made.warnings)
    assert [step.id for step in made.steps] == ["a1", "b1", "b2", "b3"]


def test_a_key_that_appears_on_the_leaked_user_is_contained_too(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    user = cloud.add_user("ci", keys=[KEY])
    cloud.at(user).inline["work"] = ADMIN
    ticks = iter(range(1000))

    def make_a_key() -> None:
        if next(ticks) == 4:
            cloud.at(user).keys["AKIATHIEFSNEWKEY0001"] = KeyState.ACTIVE

    request = Request(
        found=(FoundCredential(access_key_id=KEY),),
        consent=Consent.FORBIDDEN,
        assume_yes=True,
        measuring=Measuring(wanted=Level.READ_BACK, timeout_seconds=0),
    )
    response = cut(cloud, tmp_path, request, thief=make_a_key)

    assert cloud.at(user).keys["AKIATHIEFSNEWKEY0001"] is KeyState.INACTIVE
    assert watch_of(response).caught == ("AKIATHIEFSNEWKEY0001",)


def test_a_contested_incident_can_be_held_again(cloud: FakeCloud, tmp_path: Path) -> None:
    thieves = [True]

    def strip() -> None:
        if thieves:
            cloud.at(ROLE).inline.pop(FREEZE, None)

    cut(cloud, tmp_path, thief=strip)
    thieves.clear()
    again = resume(
        "latest",
        FakeDoors(cloud),
        FakePerson(),
        assume_yes=True,
        home=tmp_path,
        measuring=Measuring(wanted=Level.READ_BACK, timeout_seconds=0),
        timing=FakeTime(cloud).timing,
    )

    role = cloud.at(ROLE)
    assert again.status is Status.CONTAINED
    assert (set(role.inline), role.attached, role.boundary) == ({"work", CUTOFF}, [], None)


def test_a_hold_that_was_killed_is_taken_up_by_resume(cloud: FakeCloud, tmp_path: Path) -> None:
    class PowerCut(BaseException):
        """Nothing of the process gets a chance to tidy up."""

    def die() -> None:
        raise PowerCut

    with pytest.raises(PowerCut):
        cut(cloud, tmp_path, thief=die)
    assert incident("latest", home=tmp_path).status is None
    again = resume(
        "latest",
        FakeDoors(cloud),
        FakePerson(),
        assume_yes=True,
        home=tmp_path,
        measuring=Measuring(wanted=Level.READ_BACK, timeout_seconds=0),
        timing=FakeTime(cloud).timing,
    )

    role = cloud.at(ROLE)
    assert again.status is Status.CONTAINED
    assert (set(role.inline), role.attached, role.boundary) == ({"work", CUTOFF}, [], None)


@pytest.mark.parametrize("says", [True, False])
def test_the_person_is_asked_whether_suspects_are_contained_too(
    cloud: FakeCloud, tmp_path: Path, *, says: bool
) -> None:
    evil = cloud.add_role("evil")
    cloud.at(evil).created_at = START
    person = FakePerson(cascade=says)

    response = revoke(
        wish(yes=False, options=Options(hold_seconds=0)),
        FakeDoors(cloud),
        person,
        home=tmp_path,
        timing=FakeTime(cloud).timing,
    )

    assert [[door.target for door in asked] for asked in person.suspects] == [["role/evil"]]
    assert ("UnleakDenyAll" in cloud.at(evil).inline) is says
    assert (response.status is Status.CONTAINED) is says


def test_the_cutoff_of_a_resumed_plan_is_later_than_the_answer_to_its_question(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    cloud.failing["put_inline_policy"] = AwsFailure("no", error_code="X", operation="PutRolePolicy")
    cut(cloud, tmp_path, wish(options=Options(hold_seconds=0)))
    cloud.failing.clear()
    answered: list[datetime] = []

    def think() -> None:
        cloud.fake_clock.move(timedelta(minutes=5))
        assert cloud.fake_clock.at is not None
        answered.append(cloud.fake_clock.at)

    time = FakeTime(cloud)
    response = resume(
        "latest", FakeDoors(cloud), FakePerson(meanwhile=think), home=tmp_path, timing=time.timing
    )

    assert response.incident.plan.cutoff is not None
    assert response.incident.plan.cutoff > answered[0]

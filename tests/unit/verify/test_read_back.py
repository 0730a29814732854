"""Reading each change again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import LONG_AGO
from fakes.fences import ACCOUNT, ORGANIZATION, caller, role
from fakes.ways_in import ALL, all_off, switches
from unit.verify.world import CUTOFF, POLICY, ROLE, World, deny_step, deny_text, step_of
from unleak.apply.perform import perform
from unleak.contain.fence import fence_document, without_freeze
from unleak.errors import MissingPermission, NoSuchPrincipal, Unreachable
from unleak.model.action import (
    Action,
    AttachPolicy,
    CreatePolicy,
    CreateRole,
    DeleteKey,
    DeletePolicy,
    DeleteRole,
    DetachPolicy,
    Holder,
    HolderType,
    JoinGroup,
    JoinInstanceProfile,
    KeyState,
    LeaveGroup,
    LeaveInstanceProfile,
    RoleRecord,
    SetBoundary,
    SetFence,
    SetInlinePolicy,
    SetKeyStatus,
)
from unleak.model.plan import Step, StepState
from unleak.model.proof import Check, CheckOutcome
from unleak.verify.read_back import read_back
from unleak.verify.subject import Subject

if TYPE_CHECKING:
    from fakes.cloud import FakeCloud

KEY = "AKIALEAKEDLEAKEDLEAK"
BOB = Holder(type=HolderType.USER, name="bob")
RECORD = RoleRecord(
    name="app",
    path="/",
    trust_policy="{}",
    description="",
    max_session_seconds=3600,
    boundary=None,
    tags=(),
)
FENCE = fence_document(None, principals=[role("app")], responder=caller(), freeze=True)


@pytest.fixture
def world() -> World:
    world = World()
    world.add_user("bob", keys=[KEY], groups=["admins"])
    world.over = ORGANIZATION
    return world


def look(world: FakeCloud, *steps: Step) -> tuple[Check, ...]:
    subject = Subject(credentials=(), steps=steps, cutoff=CUTOFF)
    return read_back(subject, world, pause=lambda _: None)


def outcome(world: FakeCloud, action: Action) -> CheckOutcome:
    (check,) = look(world, step_of(action))
    return check.outcome


def test_a_policy_as_written_is_proven(world: World) -> None:
    world.deny()

    assert look(world, deny_step())[0].outcome is CheckOutcome.PROVEN


def test_a_later_cut_off_by_somebody_else_is_no_weakening(world: World) -> None:
    world.deny(deny_text(CUTOFF + timedelta(minutes=5)))

    assert look(world, deny_step())[0].outcome is CheckOutcome.PROVEN


@pytest.mark.parametrize(
    "now",
    [
        deny_text(CUTOFF - timedelta(minutes=5)),
        deny_text(user_id="AROA:thief"),
        '{"Version":"2012-10-17","Statement":[]}',
        "not a policy",
    ],
)
def test_a_policy_that_denies_less_than_we_wrote_was_changed_since(world: World, now: str) -> None:
    world.deny(now)

    assert look(world, deny_step())[0].outcome is CheckOutcome.REFUTED


def test_a_policy_that_is_gone_was_changed_since(world: World) -> None:
    assert look(world, deny_step())[0].outcome is CheckOutcome.REFUTED


def test_a_stale_reading_is_read_again_before_anybody_is_blamed(world: World) -> None:
    subject = Subject(credentials=(), steps=(deny_step(),), cutoff=CUTOFF)

    (check,) = read_back(subject, world, pause=lambda _: world.deny())

    assert check.outcome is CheckOutcome.PROVEN


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (KeyState.INACTIVE, CheckOutcome.PROVEN),
        (KeyState.EXPIRED, CheckOutcome.PROVEN),
        (KeyState.ACTIVE, CheckOutcome.REFUTED),
        (None, CheckOutcome.PROVEN),
    ],
)
def test_a_key_counts_as_off_in_any_state_but_active(
    world: World, state: KeyState | None, expected: CheckOutcome
) -> None:
    world.at(BOB).keys = {} if state is None else {KEY: state}
    off = SetKeyStatus(user="bob", key_id=KEY, before=KeyState.ACTIVE, after=KeyState.INACTIVE)

    assert outcome(world, off) is expected


def test_every_kind_of_change_that_is_not_in_place_is_seen(world: World) -> None:
    world.at(ROLE).attached.append("arn:p")
    world.at(ROLE).boundary = "arn:other"
    world.profiles["box"] = ["app"]
    world.at(ROLE).inline["Grant"] = "{}"
    world.policies["arn:p"] = "{}"
    undone: list[Action] = [
        DeleteKey(user="bob", key_id=KEY),
        SetInlinePolicy(holder=ROLE, policy_name="Grant", before="{}", after=None),
        CreatePolicy(policy_arn="arn:q", policy_name="q", document=deny_text()),
        DeletePolicy(policy_arn="arn:p", policy_name="p", document="{}"),
        AttachPolicy(holder=ROLE, policy_arn="arn:q"),
        DetachPolicy(holder=ROLE, policy_arn="arn:p"),
        SetBoundary(holder=ROLE, before=None, after="arn:ours"),
        LeaveGroup(user="bob", group="admins"),
        JoinGroup(user="bob", group="quarantine"),
        DeleteRole(record=RECORD),
        LeaveInstanceProfile(role="app", profile="box"),
        JoinInstanceProfile(role="app", profile="rack"),
        SetFence(account=ACCOUNT, before=None, after=FENCE),
    ]

    outcomes = {type(action).__name__: outcome(world, action) for action in undone}

    assert set(outcomes.values()) == {CheckOutcome.REFUTED}, outcomes


def test_every_kind_of_change_that_is_in_place_is_seen(world: World) -> None:
    world.at(ROLE).attached.append("arn:p")
    world.at(ROLE).boundary = "arn:ours"
    world.profiles["box"] = ["app"]
    world.policies["arn:p"] = deny_text()
    in_place: list[Action] = [
        DeleteKey(user="bob", key_id="AKIAOTHEROTHEROTHERO"),
        SetInlinePolicy(holder=ROLE, policy_name="Grant", before="{}", after=None),
        CreatePolicy(policy_arn="arn:p", policy_name="p", document=deny_text()),
        DeletePolicy(policy_arn="arn:q", policy_name="q", document="{}"),
        AttachPolicy(holder=ROLE, policy_arn="arn:p"),
        DetachPolicy(holder=ROLE, policy_arn="arn:q"),
        SetBoundary(holder=ROLE, before=None, after="arn:ours"),
        LeaveGroup(user="bob", group="quarantine"),
        JoinGroup(user="bob", group="admins"),
        CreateRole(record=RECORD),
        LeaveInstanceProfile(role="app", profile="rack"),
        JoinInstanceProfile(role="app", profile="box"),
        SetFence(account=ACCOUNT, before=FENCE, after=None),
    ]

    outcomes = {type(action).__name__: outcome(world, action) for action in in_place}

    assert set(outcomes.values()) == {CheckOutcome.PROVEN}, outcomes


def test_a_deleted_role_is_proven_gone_and_its_policies_are_not_asked_for(world: World) -> None:
    del world.principals[ROLE.label]

    checks = look(world, deny_step(), step_of(DeleteRole(record=RECORD), number=2))

    assert [(each.target, each.outcome) for each in checks] == [
        ("role/app", CheckOutcome.PROVEN),
    ]


def test_a_user_who_is_gone_took_the_key_along(world: World) -> None:
    del world.principals[BOB.label]
    off = SetKeyStatus(user="bob", key_id=KEY, before=KeyState.ACTIVE, after=KeyState.INACTIVE)
    on = SetKeyStatus(user="bob", key_id=KEY, before=KeyState.INACTIVE, after=KeyState.ACTIVE)

    assert outcome(world, off) is CheckOutcome.PROVEN
    assert outcome(world, on) is CheckOutcome.REFUTED


def test_what_else_a_user_signs_in_with_is_read_back(world: World) -> None:
    world.at(BOB).password_made_at = LONG_AGO
    world.rest_of("bob").add(*ALL)

    before = [outcome(world, each) for each in all_off("bob")]
    for each in all_off("bob"):
        perform(each, world)
    after = [outcome(world, each) for each in all_off("bob")]

    assert set(before) == {CheckOutcome.REFUTED}
    assert set(after) == {CheckOutcome.PROVEN}


def test_a_credential_that_was_deleted_is_off_and_one_that_should_live_is_missed(
    world: World,
) -> None:
    off = [outcome(world, each) for each in switches("bob")]
    on = [outcome(world, each) for each in switches("bob", after=KeyState.ACTIVE)]

    assert set(off) == {CheckOutcome.PROVEN}
    assert set(on) == {CheckOutcome.REFUTED}


def test_only_the_last_word_on_a_thing_is_read(world: World) -> None:
    gone = SetInlinePolicy(holder=ROLE, policy_name=POLICY, before=deny_text(), after=None)

    checks = look(world, deny_step(), step_of(gone, number=2))

    assert [each.outcome for each in checks] == [CheckOutcome.PROVEN]


def test_steps_that_are_not_in_place_are_not_read(world: World) -> None:
    text = deny_step().action

    assert look(world, step_of(text, state=StepState.FAILED)) == ()
    assert look(world, step_of(text, state=StepState.UNDONE)) == ()


def test_an_unreachable_cloud_is_asked_once_and_nothing_is_claimed(world: World) -> None:
    world.failing["inline_policy"] = Unreachable("no answer")
    other = SetInlinePolicy(holder=ROLE, policy_name="Other", before=None, after=deny_text())

    checks = look(world, deny_step(), step_of(other, number=2))

    assert [each.outcome for each in checks] == [CheckOutcome.SKIPPED] * 2


def test_one_question_that_we_may_not_ask_does_not_stop_the_others(world: World) -> None:
    world.failing["keys"] = MissingPermission("iam:ListAccessKeys is not allowed")
    world.deny()
    gone = DeleteKey(user="bob", key_id=KEY)

    checks = look(world, step_of(gone), deny_step())

    assert [each.outcome for each in checks] == [CheckOutcome.SKIPPED, CheckOutcome.PROVEN]


def test_a_role_that_vanished_behind_our_back_is_unclear(world: World) -> None:
    world.failing["inline_policy"] = NoSuchPrincipal("gone")

    assert look(world, deny_step())[0].outcome is CheckOutcome.INCONCLUSIVE


SET_FENCE = SetFence(account=ACCOUNT, before=None, after=FENCE)


def test_a_fence_as_written_is_proven(world: World) -> None:
    world.fences[ACCOUNT] = FENCE

    assert outcome(world, SET_FENCE) is CheckOutcome.PROVEN


def test_a_fence_that_a_later_incident_widened_is_proven(world: World) -> None:
    world.fences[ACCOUNT] = fence_document(
        FENCE, principals=[role("other")], responder=caller(), freeze=False
    )

    assert outcome(world, SET_FENCE) is CheckOutcome.PROVEN


def test_a_fence_around_somebody_else_alone_was_changed_since(world: World) -> None:
    world.fences[ACCOUNT] = fence_document(
        None, principals=[role("other")], responder=caller(), freeze=True
    )

    assert outcome(world, SET_FENCE) is CheckOutcome.REFUTED


def test_a_fence_that_came_back_after_it_was_lifted_was_changed_since(world: World) -> None:
    world.fences[ACCOUNT] = FENCE

    lifted = SetFence(account=ACCOUNT, before=FENCE, after=None)

    assert outcome(world, lifted) is CheckOutcome.REFUTED


def test_a_fence_that_may_not_be_read_is_not_proven(world: World) -> None:
    world.failing["fence"] = MissingPermission("no")

    assert outcome(world, SET_FENCE) is CheckOutcome.SKIPPED


def test_of_two_fences_of_one_incident_the_last_word_counts(world: World) -> None:
    thawed = without_freeze(FENCE)
    world.fences[ACCOUNT] = thawed

    checks = look(
        world,
        step_of(SET_FENCE),
        step_of(SetFence(account=ACCOUNT, before=FENCE, after=thawed), number=2),
    )

    assert [check.outcome for check in checks] == [CheckOutcome.PROVEN]

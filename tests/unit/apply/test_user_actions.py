"""Crash and resume for what a user signs in with beside access keys: reality decides."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import LONG_AGO, FakeCloud
from fakes.plans import CALLER, CUTOFF, plan, step
from fakes.ways_in import ALL, BEDROCK, CERTIFICATE, SSH, all_off, switches
from unleak.apply.codec import dump, load
from unleak.apply.journal import Journal
from unleak.apply.perform import perform
from unleak.apply.reality import Standing, look
from unleak.apply.reconcile import resume_steps
from unleak.apply.undo import plan_undo
from unleak.model.action import KeyState, inverse
from unleak.model.plan import Step, StepState
from unleak.report.action_words import before_and_after, imperative

if TYPE_CHECKING:
    from unleak.model.user_action import StatusAction, UserAction

ACTIONS = all_off("bob")
SWITCHES = switches("bob")


def name_of(action: object) -> str:
    return type(action).__name__


@pytest.fixture
def cloud() -> FakeCloud:
    """An account with a user who has one of everything."""
    made = FakeCloud()
    made.at(made.add_user("bob")).password_made_at = LONG_AGO
    made.rest_of("bob").add(*ALL)
    return made


@pytest.mark.parametrize("action", ACTIONS, ids=name_of)
def test_reality_tells_before_from_after(cloud: FakeCloud, action: UserAction) -> None:
    before = look(action, cloud)
    perform(action, cloud)
    after = look(action, cloud)

    assert (before.standing, after.standing) == (Standing.BEFORE, Standing.AFTER)


@pytest.mark.parametrize("action", ACTIONS, ids=name_of)
def test_a_change_whose_answer_was_lost_is_found_and_not_made_twice(
    cloud: FakeCloud, tmp_path: Path, action: UserAction
) -> None:
    perform(action, cloud)
    steps = [step("s1", action)]
    with Journal.open(tmp_path, now=lambda: CUTOFF) as journal:
        name = journal.create(plan(*steps), CALLER, "us-east-1", intents=steps)

        view = resume_steps(journal.incident(name), cloud)

    assert [each.state for each in view.done] == [StepState.DONE]
    assert view.pending == ()


@pytest.mark.parametrize("action", SWITCHES, ids=name_of)
def test_what_was_deleted_or_has_expired_is_dead(cloud: FakeCloud, action: StatusAction) -> None:
    rest = cloud.rest_of("bob")
    for kept in (rest.services, rest.ssh_keys, rest.certificates):
        kept.clear()
    gone = look(action, cloud)
    rest.add(*(replace(each, state=KeyState.EXPIRED) for each in (BEDROCK, SSH, CERTIFICATE)))
    expired = look(action, cloud)

    assert (gone.standing, expired.standing) == (Standing.DEAD, Standing.DEAD)


@pytest.mark.parametrize("action", SWITCHES, ids=name_of)
def test_a_status_that_somebody_else_has_set_is_seen(action: StatusAction) -> None:
    cloud = FakeCloud()
    cloud.add_user("bob")
    cloud.rest_of("bob").add(*ALL)
    strange = replace(action, before=KeyState.EXPIRED)

    assert look(strange, cloud).standing is Standing.CHANGED


@pytest.mark.parametrize("action", ACTIONS, ids=name_of)
def test_the_journal_keeps_each_of_them_exactly(action: UserAction) -> None:
    made = step("s1", action)

    assert load(Step, dump(made)) == made


def test_only_what_aws_can_turn_on_again_has_a_way_back() -> None:
    ways = {name_of(each): inverse(each) is not None for each in ACTIONS}

    assert ways == {
        "SetServiceCredentialStatus": True,
        "SetSshKeyStatus": True,
        "SetCertificateStatus": True,
        "DeleteLoginProfile": False,
        "DeactivateMfa": False,
    }


@pytest.mark.parametrize("action", SWITCHES, ids=name_of)
def test_undo_never_brings_back_what_had_expired(tmp_path: Path, action: StatusAction) -> None:
    done = replace(step("s1", replace(action, before=KeyState.EXPIRED)), state=StepState.DONE)
    with Journal.open(tmp_path, now=lambda: CUTOFF) as journal:
        name = journal.create(plan(done), CALLER, "us-east-1")
        found = plan_undo(journal.incident(name), now=CUTOFF, force=True, is_early_allowed=True)

    assert found.steps == ()
    assert "expired" in found.refused[0][1]


@pytest.mark.parametrize("action", ACTIONS, ids=name_of)
def test_each_is_an_order_and_a_before_and_after_in_words(action: UserAction) -> None:
    before, after = before_and_after(action)

    assert "user/bob" in imperative(action)
    assert before != after


def test_turning_on_again_is_another_order() -> None:
    words = [imperative(each) for each in switches("bob", after=KeyState.ACTIVE)]

    assert all(each.startswith("Turn ") and each.endswith("on again") for each in words)

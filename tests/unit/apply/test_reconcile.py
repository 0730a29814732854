"""A resume does what is left, once: it looks before it acts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import FakeCloud, refusal
from fakes.plans import CALLER, CUTOFF, DENY, KEY_ID, ROLE, USER, deny, plan, step
from unleak.apply.engine import apply
from unleak.apply.journal import Journal
from unleak.apply.reality import Standing, look, same_document
from unleak.apply.reconcile import record, resume_steps
from unleak.errors import Unreachable
from unleak.model import action as actions
from unleak.model.action import Action, KeyState, SetKeyStatus, inverse
from unleak.model.outcome import Outcome
from unleak.model.plan import Stage, StepState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY_OFF = step(
    "key",
    SetKeyStatus(user="bob", key_id=KEY_ID, before=KeyState.ACTIVE, after=KeyState.INACTIVE),
)
DENY_ROLE = step("role", deny(ROLE))
OTHER = '{"Version":"2012-10-17","Statement":[]}'


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path, now=lambda: CUTOFF) as opened:
        yield opened


@pytest.fixture
def cloud() -> FakeCloud:
    cloud = FakeCloud()
    cloud.add_role("deploy")
    cloud.add_user("bob", keys=[KEY_ID], groups=["dev"])
    return cloud


def killed_after_intent(journal: Journal, *steps: actions.Action) -> str:
    planned = [step(f"s{number}", action) for number, action in enumerate(steps)]
    return journal.create(plan(*planned), CALLER, "us-east-1", intents=planned)


def test_a_step_that_was_never_tried_is_pending(journal: Journal, cloud: FakeCloud) -> None:
    name = journal.create(plan(DENY_ROLE), CALLER, "us-east-1")

    view = resume_steps(journal.incident(name), cloud)

    assert (view.done, view.pending, view.changed) == ((), (DENY_ROLE,), ())


def test_a_call_that_had_landed_is_found_done(journal: Journal, cloud: FakeCloud) -> None:
    name = killed_after_intent(journal, deny(ROLE))
    cloud.at(ROLE).inline["AWSRevokeOlderSessions"] = DENY

    view = resume_steps(journal.incident(name), cloud)

    assert [each.state for each in view.done] == [StepState.DONE]
    assert "found done" in view.done[0].detail
    assert view.pending == ()


def test_spaces_in_a_policy_do_not_make_it_another_one(journal: Journal, cloud: FakeCloud) -> None:
    name = killed_after_intent(journal, deny(ROLE))
    cloud.at(ROLE).inline["AWSRevokeOlderSessions"] = DENY.replace(",", ",\n  ").replace(
        ":", " : ", 1
    )

    view = resume_steps(journal.incident(name), cloud)

    assert [each.state for each in view.done] == [StepState.DONE]


def test_what_somebody_else_did_meanwhile_is_not_claimed(
    journal: Journal, cloud: FakeCloud
) -> None:
    name = journal.create(plan(DENY_ROLE), CALLER, "us-east-1")
    cloud.at(ROLE).inline["AWSRevokeOlderSessions"] = DENY

    view = resume_steps(journal.incident(name), cloud)

    assert [each.state for each in view.done] == [StepState.ALREADY]


def test_a_policy_that_somebody_else_has_changed_is_to_be_planned_anew(
    journal: Journal, cloud: FakeCloud
) -> None:
    name = killed_after_intent(journal, deny(ROLE))
    cloud.at(ROLE).inline["AWSRevokeOlderSessions"] = OTHER

    view = resume_steps(journal.incident(name), cloud)

    assert [each.id for each in view.changed] == ["s0"]
    assert (view.done, view.pending) == ((), ())


def test_another_thing_that_somebody_else_has_changed_fails_in_words(
    journal: Journal, cloud: FakeCloud
) -> None:
    name = killed_after_intent(
        journal, actions.SetBoundary(holder=ROLE, before=None, after="arn:aws:iam::1:policy/a")
    )
    cloud.at(ROLE).boundary = "arn:aws:iam::1:policy/b"

    view = resume_steps(journal.incident(name), cloud)

    assert [each.state for each in view.done] == [StepState.FAILED]
    assert "somebody else" in view.done[0].detail


@pytest.mark.parametrize("state", [None, KeyState.EXPIRED])
def test_a_key_that_is_dead_anyway_needs_nothing(
    journal: Journal, cloud: FakeCloud, state: KeyState | None
) -> None:
    name = killed_after_intent(journal, KEY_OFF.action)
    cloud.at(USER).keys = {} if state is None else {KEY_ID: state}

    view = resume_steps(journal.incident(name), cloud)

    assert [each.state for each in view.done] == [StepState.ALREADY]


@pytest.mark.parametrize("is_gone", [True, False])
def test_what_cannot_be_read_is_failed_and_not_taken_for_clean(
    journal: Journal, cloud: FakeCloud, *, is_gone: bool
) -> None:
    name = killed_after_intent(journal, deny(ROLE))
    if is_gone:
        del cloud.principals[ROLE.label]
    else:
        cloud.failing["inline_policy"] = Unreachable("nobody answers")

    view = resume_steps(journal.incident(name), cloud)

    assert [each.state for each in view.done] == [StepState.FAILED]
    assert view.done[0].detail.startswith("could not look")


def test_a_step_that_failed_is_tried_again(journal: Journal, cloud: FakeCloud) -> None:
    name = killed_after_intent(journal, deny(ROLE))
    journal.outcome(name, Outcome(step_id="s0", state=StepState.FAILED, error_code="Throttling"))

    view = resume_steps(journal.incident(name), cloud)

    assert [(each.id, each.state) for each in view.pending] == [("s0", StepState.PLANNED)]


def test_a_step_that_a_stand_in_replaced_is_not(journal: Journal, cloud: FakeCloud) -> None:
    name = killed_after_intent(journal, deny(ROLE))
    failed = Outcome(step_id="s0", state=StepState.FAILED, error_code="LimitExceeded")
    journal.outcome(name, failed)
    stand_in = replace(
        step("s0u", actions.DetachPolicy(holder=ROLE, policy_arn="arn")), is_fallback_of="s0"
    )
    old = journal.incident(name).plan.steps
    journal.replanned(name, plan(*old, stand_in))
    cloud.at(ROLE).attached = ["arn"]

    view = resume_steps(journal.incident(name), cloud)

    assert [each.id for each in view.pending] == ["s0u"]


def test_a_step_skipped_after_a_failure_is_taken_up_and_a_planned_skip_is_not(
    journal: Journal, cloud: FakeCloud
) -> None:
    built_on = step("gone", actions.DeleteKey(user="bob", key_id=KEY_ID), stage=Stage.AFTER_CONTAIN)
    left_out = replace(DENY_ROLE, state=StepState.SKIPPED)
    cloud.failing["set_key_status"] = refusal(code="ServiceFailure", operation="UpdateAccessKey")
    planned = [KEY_OFF, built_on, left_out]
    name = journal.create(plan(*planned), CALLER, "us-east-1")
    apply(planned, incident=name, journal=journal, writer=cloud)

    view = resume_steps(journal.incident(name), cloud)

    assert [each.id for each in view.pending] == ["key", "gone"]


def test_a_finished_incident_has_nothing_left(journal: Journal, cloud: FakeCloud) -> None:
    name = journal.create(plan(KEY_OFF, DENY_ROLE), CALLER, "us-east-1")
    apply([KEY_OFF, DENY_ROLE], incident=name, journal=journal, writer=cloud)

    view = resume_steps(journal.incident(name), cloud)

    assert (view.done, view.pending, view.changed) == ((), (), ())


def test_what_was_found_is_written_down(journal: Journal, cloud: FakeCloud) -> None:
    name = killed_after_intent(journal, deny(ROLE))
    cloud.at(ROLE).inline["AWSRevokeOlderSessions"] = DENY

    record(resume_steps(journal.incident(name), cloud), incident=name, journal=journal)

    assert not journal.incident(name).is_interrupted
    assert journal.incident(name).plan.steps[0].state is StepState.DONE


ARN = "arn:aws:iam::123456789012:policy/Own"


def there_and_back(cloud: FakeCloud) -> tuple[Action, ...]:
    """Return actions that are all in their before-state in `cloud`."""
    cloud.at(ROLE).attached = [ARN]
    cloud.at(ROLE).inline["Old"] = OTHER
    cloud.policies[ARN] = OTHER
    cloud.profiles["web"] = ["deploy"]
    return (
        KEY_OFF.action,
        deny(ROLE),
        actions.SetInlinePolicy(holder=ROLE, policy_name="Old", before=OTHER, after=DENY),
        actions.SetInlinePolicy(holder=ROLE, policy_name="Old", before=OTHER, after=None),
        actions.CreatePolicy(policy_arn=ARN + "2", policy_name="Own2", document=OTHER),
        actions.DetachPolicy(holder=ROLE, policy_arn=ARN),
        actions.AttachPolicy(holder=USER, policy_arn=ARN),
        actions.SetBoundary(holder=ROLE, before=None, after=ARN),
        actions.LeaveGroup(user="bob", group="dev"),
        actions.LeaveInstanceProfile(role="deploy", profile="web"),
    )


def test_reality_tells_before_from_after_for_every_action(
    journal: Journal, cloud: FakeCloud
) -> None:
    for action in there_and_back(cloud):
        before = look(action, cloud).standing
        name = journal.create(plan(step("s", action)), CALLER, "us-east-1")
        outcome = apply([step("s", action)], incident=name, journal=journal, writer=cloud)[0]
        after = look(action, cloud).standing
        back = inverse(action)
        assert back is not None
        turned = look(back, cloud).standing
        name = journal.create(plan(step("b", back)), CALLER, "us-east-1")
        apply([step("b", back)], incident=name, journal=journal, writer=cloud)

        assert outcome.state is StepState.DONE, action
        assert (before, after, turned) == (Standing.BEFORE, Standing.AFTER, Standing.BEFORE), action
        assert look(action, cloud).standing is Standing.BEFORE, action


def test_reality_knows_a_role_that_is_gone_from_one_that_is_another(cloud: FakeCloud) -> None:
    record_of = cloud.role("deploy").record
    delete = actions.DeleteRole(record=record_of)
    there = look(delete, cloud).standing
    cloud.at(ROLE).boundary = ARN
    changed = look(delete, cloud).standing
    del cloud.principals[ROLE.label]

    assert (there, changed) == (Standing.BEFORE, Standing.CHANGED)
    assert look(delete, cloud).standing is Standing.AFTER
    assert look(actions.CreateRole(record=record_of), cloud).standing is Standing.BEFORE


def test_reality_knows_a_deleted_key(cloud: FakeCloud) -> None:
    delete = actions.DeleteKey(user="bob", key_id=KEY_ID)
    before = look(delete, cloud).standing
    cloud.at(USER).keys = {}

    assert (before, look(delete, cloud).standing) == (Standing.BEFORE, Standing.AFTER)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (None, None, True),
        (None, "{}", False),
        ('{"a":1,"b":2}', '{ "b": 2, "a": 1 }', True),
        ('{"a":[1,2]}', '{"a":[2,1]}', False),
        ("not json", "not json", True),
        ("not json", "not  json", False),
        ("[" * 100_000, "[" * 100_001, False),
    ],
    ids=range(7),
)
def test_documents_are_compared_by_meaning(
    one: str | None, other: str | None, *, is_same: bool
) -> None:
    assert same_document(one, other) is is_same

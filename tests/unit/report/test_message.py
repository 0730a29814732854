"""A message says what was cut, how sure that is, what is open, and what a person must do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fakes import examples, plans
from unleak.errors import MissingPermission
from unleak.model.message import Message, Severity
from unleak.model.outcome import Outcome, Status
from unleak.model.plan import StepState
from unleak.report.message import (
    asking_message,
    contained_message,
    failed_message,
    planned_lines,
    telling_message,
)

ALERT = "AWS Health: AWS_RISK_CREDENTIALS_EXPOSED"
LINK = "https://abc.lambda-url.eu-west-1.on.aws/?approve=v1.x.y"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzk3RmAoQ9B"


def text_of(message: Message) -> str:
    return "\n".join((message.title, *message.lines, *message.next_steps))


def asked(plan_step: str = "s1") -> Message:
    return asking_message(
        plans.plan(plans.step(plan_step, plans.deny())),
        alert=ALERT,
        why="rule 2 (production) says ask",
        link=LINK,
        until=plans.CUTOFF + timedelta(hours=1),
    )


def test_a_contained_leak_is_told_with_its_proof_and_its_way_back() -> None:
    message = contained_message(examples.contained_incident(), Status.CONTAINED, alert=ALERT)

    assert message.severity is Severity.INFO
    assert message.incident == examples.INCIDENT
    assert message.title.startswith("CONTAINED. Tried for real and refused")
    assert "Raised by AWS Health: AWS_RISK_CREDENTIALS_EXPOSED." in message.lines
    assert any(line.startswith("Deny the old sessions of role/deploy") for line in message.lines)
    assert any(line.startswith("Level of proof: live.") for line in message.lines)
    assert any(f"unleak undo {examples.INCIDENT}" in step for step in message.next_steps)


@pytest.mark.parametrize("status", [each for each in Status if each is not Status.CONTAINED])
def test_whatever_is_not_contained_is_louder_and_says_so_in_its_title(status: Status) -> None:
    message = contained_message(examples.contained_incident(), status, alert=ALERT)

    assert message.severity is not Severity.INFO
    assert not message.title.startswith("CONTAINED.")
    assert any("unleak" in step for step in message.next_steps)


def test_what_is_not_contained_stands_before_everything_else() -> None:
    incident = examples.contained_incident()
    plan = replace(incident.plan, not_contained=("ASIAOTHER: its owner is not known",))

    message = contained_message(
        replace(incident, plan=plan, verification=None), Status.PARTIAL, alert=ALERT
    )

    assert message.lines[0] == "NOT contained: ASIAOTHER: its owner is not known."
    assert "Nothing was measured." in message.lines


def test_a_failed_step_is_told_with_the_words_of_aws() -> None:
    incident = examples.contained_incident()
    step = replace(incident.plan.steps[0], state=StepState.FAILED)
    outcome = Outcome(step_id=step.id, state=StepState.FAILED, detail="LimitExceeded: 10 policies")
    failed = replace(incident, plan=replace(incident.plan, steps=(step,)), outcomes=(outcome,))

    message = contained_message(failed, Status.FAILED, alert=ALERT)

    assert any("FAILED (LimitExceeded: 10 policies)" in line for line in message.lines)
    assert message.severity is Severity.CRITICAL


def test_the_commands_say_where_the_incident_is_kept() -> None:
    message = contained_message(
        examples.contained_incident(), Status.PARTIAL, alert=ALERT, home="dynamodb:unleak"
    )

    assert "`export UNLEAK_HOME=dynamodb:unleak`" in message.next_steps[0]


def test_a_question_shows_what_would_be_done_and_until_when() -> None:
    message = asked()

    assert message.severity is Severity.CRITICAL
    assert message.link == LINK
    assert message.lines[0] == "Nothing was changed yet."
    assert "Rule 2 (production) says ask." in message.lines
    assert any(line.startswith("Would do: Deny the old sessions") for line in message.lines)
    assert "2026-11-24T08:00:00Z" in message.next_steps[0]
    assert "unleak revoke ASIALEAKEDLEAKEDLEAK" in message.next_steps[1]


def test_what_a_step_costs_stands_in_a_sentence_of_its_own() -> None:
    lines = planned_lines(examples.role_session_plan())

    assert any("). Who else it hits: " in each for each in lines)


def test_a_name_that_a_shell_could_misread_is_in_no_command() -> None:
    credential = replace(plans.CREDENTIAL, access_key_id="$(id)")
    plan = replace(plans.plan(), credentials=(credential,))

    message = telling_message("a key", alert=ALERT, why="it says tell", plan=plan)

    assert message.next_steps == ("Look at it, and cut it off: `unleak revoke`.",)


def test_a_plan_of_hundreds_of_steps_is_counted_and_not_listed() -> None:
    steps = tuple(plans.step(f"s{number}", plans.deny()) for number in range(300))

    message = telling_message("a key", alert=ALERT, why="it says tell", plan=plans.plan(*steps))

    assert len(message.lines) < 40
    assert "And 275 more changes." in message.lines


def test_who_is_only_told_learns_that_nothing_was_changed() -> None:
    message = telling_message("AKIAEXAMPLE", alert=ALERT, why="rule 1 says tell")

    assert message.title == "Leaked, and left alone: AKIAEXAMPLE"
    assert message.lines[0] == "Nothing was changed."
    assert message.severity is Severity.WARNING


def test_a_response_that_broke_off_says_how_to_go_on() -> None:
    error = MissingPermission("not allowed to call PutRolePolicy", hint="give it")

    message = failed_message("AKIAEXAMPLE", error, alert=ALERT, incident="2026-k3fz")

    assert message.title == "FAILED. Take this for alive: AKIAEXAMPLE"
    assert message.next_steps == (
        "Contain it by hand now: `unleak resume 2026-k3fz`.",
        "Give it.",
    )
    assert message.severity is Severity.CRITICAL


def test_a_secret_in_an_alert_or_an_error_is_not_passed_on() -> None:
    leaked = f"aws_secret_access_key={SECRET}"
    messages = (
        contained_message(examples.contained_incident(), Status.CONTAINED, alert=leaked),
        telling_message("AKIA", alert=leaked, why="tell"),
        failed_message("AKIA", MissingPermission(leaked, hint=leaked), alert=leaked),
    )

    assert not any(SECRET in text_of(message) for message in messages)

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fakes import examples
from fakes.thief_trace import BEGAN, thief_trace
from unleak.model.plan import StepState
from unleak.model.proof import Check, CheckOutcome, Level
from unleak.report.response_times import Span, duration_words, response_times

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.incident import Incident
    from unleak.model.trace import Trace


def span(name: str, incident: Incident, trace: Trace | None = None) -> Span:
    (found,) = [each for each in response_times(incident, trace) if each.name == name]
    return found


def recovered(at: datetime | None, *, works: bool | None = True) -> Incident:
    check = Check(
        name="new-session-served",
        level=Level.CANARY,
        target="role/deploy",
        outcome=CheckOutcome.PROVEN,
        detail="served",
        at=at,
    )
    verification = replace(examples.live_verification(), checks=(check,), new_sessions_work=works)
    return replace(examples.contained_incident(), verification=verification)


def test_detection_is_counted_from_the_first_call_in_the_trace() -> None:
    found = span("detect", examples.contained_incident(), thief_trace())

    assert found.began == BEGAN
    assert found.seconds == 6 * 3600 + 2


@pytest.mark.parametrize(
    ("trace", "words"),
    [
        (None, "No trace was given"),
        (replace(thief_trace(), timeline=replace(thief_trace().timeline, first=None)), "no call"),
        (
            replace(
                thief_trace(),
                timeline=replace(
                    thief_trace().timeline, first=examples.CUTOFF + timedelta(hours=1)
                ),
            ),
            "came after the response began",
        ),
    ],
    ids=["no-trace", "no-call", "later"],
)
def test_detection_that_nobody_can_tell_is_not_known(trace: Trace | None, words: str) -> None:
    found = span("detect", examples.contained_incident(), trace)

    assert found.seconds is None
    assert words in found.why


def test_containment_ends_when_aws_enforced_what_it_had_accepted() -> None:
    found = span("contain", examples.contained_incident())

    assert found.seconds == pytest.approx(1 + 1.24)


def test_containment_without_a_seen_effect_ends_with_the_acceptance_and_says_so() -> None:
    verification = replace(examples.live_verification(), seconds_to_effect=None)
    incident = replace(examples.contained_incident(), verification=verification)

    found = span("contain", incident)

    assert found.seconds == 1
    assert "is not known" in found.why


def undone() -> Incident:
    incident = examples.contained_incident()
    steps = tuple(replace(step, state=StepState.UNDONE) for step in incident.plan.steps)
    return replace(incident, plan=incident.plan.with_steps(steps))


@pytest.mark.parametrize(
    "incident",
    [
        examples.unproven_incident(),
        examples.still_alive_incident(),
        examples.partial_incident(),
        examples.failed_incident(),
        replace(examples.failed_incident(), status=None),
        undone(),
    ],
    ids=["unproven", "alive", "partial", "failed", "unfinished", "undone"],
)
def test_what_is_not_contained_has_no_time_to_contain(incident: Incident) -> None:
    assert span("contain", incident).seconds is None


def test_recovery_ends_when_a_new_session_was_first_seen_to_work() -> None:
    found = span("recover", recovered(examples.CUTOFF + timedelta(seconds=9)))

    assert found.seconds == 7


@pytest.mark.parametrize(
    ("incident", "words"),
    [
        (recovered(None), "was not written down"),
        (recovered(examples.CUTOFF, works=False), "refused"),
        (recovered(examples.CUTOFF, works=None), "was not tried"),
        (examples.failed_incident(), "was not tried"),
    ],
    ids=["no-time", "refused", "not-tried", "not-measured"],
)
def test_a_recovery_that_nobody_saw_is_not_known(incident: Incident, words: str) -> None:
    found = span("recover", incident)

    assert found.seconds is None
    assert words in found.why


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "not known"),
        (0.0, "0 s"),
        (4.25, "4.2 s"),
        (59.0, "59 s"),
        (723.0, "12 min 3 s"),
        (11100.0, "3 h 5 min"),
        (187200.0, "2 d 4 h"),
    ],
)
def test_durations_read_like_a_person_says_them(seconds: float | None, words: str) -> None:
    assert duration_words(seconds) == words

"""The way back in words: what `undo` and `cleanup` would put back, and what they have put back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.plan import StepState
from unleak.report.action_words import imperative
from unleak.report.advice import advice
from unleak.report.page import Bullets, Entry, Heading, Headline, Page, Paragraph, Tone, listed
from unleak.report.step_words import state_words, told_by_aws, tone_of
from unleak.report.verdict import with_final_states
from unleak.report.wording import count_words, sentence

if TYPE_CHECKING:
    from unleak.model.incident import Incident
    from unleak.model.outcome import Outcome, Status
    from unleak.model.plan import Plan, Step

_PUT_BACK = frozenset({StepState.UNDONE, StepState.ALREADY})


def is_way_back(plan: Plan) -> bool:
    """Whether the steps of a plan are the inverses that `undo` and `cleanup` work with."""
    return bool(plan.steps) and all(is_inverse(step) for step in plan.steps)


def is_inverse(step: Step) -> bool:
    """Whether a step undoes another one: it says which, in the words of `apply/undo.py`.

    A cleanup puts the incident's id before the step's own.
    """
    return step.reason == f"undoes {step.id.rpartition('/')[2]}"


def way_back_page(plan: Plan, *, is_question: bool = False) -> Page:
    """Return what would be put back; nothing has been done yet.

    Args:
        plan: its steps are inverses.
        is_question: whether the one question follows this page.
    """
    changes = count_words(len(plan.pending), "change")
    first = (
        "Answer the question below. Until you say yes, nothing is changed."
        if is_question
        else "Run it again without --dry-run to put this back."
    )
    return (
        Headline(f"PLAN to put back {changes}. Nothing has been put back yet."),
        Heading("What will be put back"),
        *(
            Entry(f"{number}.", imperative(step.action), (("undoes", step.id),))
            for number, step in enumerate(plan.steps, start=1)
        ),
        *listed("Watch out", tuple(sentence(each) for each in plan.warnings), Tone.CAREFUL),
        Heading("What to do next"),
        Paragraph(first),
    )


def put_back_page(incident: Incident, status: Status, next_steps: tuple[str, ...] = ()) -> Page:
    """Return what was put back and what was not; the steps are inverses, or there are none."""
    plan = incident.plan
    steps = with_final_states(plan.steps, incident.outcomes)
    if steps and not incident.outcomes:
        return way_back_page(plan)
    outcomes = {outcome.step_id: outcome for outcome in incident.outcomes}
    entries: Page = tuple(_entry(step, outcomes.get(step.id)) for step in steps)
    body: Page = (Heading("What was put back"), *entries) if entries else ()
    return (
        _headline(steps),
        *body,
        *listed("Watch out", tuple(sentence(each) for each in plan.warnings), Tone.CAREFUL),
        Heading("What to know and to do next"),
        Bullets(advice(incident, status, next_steps)),
    )


def _headline(steps: tuple[Step, ...]) -> Headline:
    done = sum(step.state in _PUT_BACK for step in steps)
    if not steps:
        return Headline("Nothing to put back: nothing was changed.")
    if done == len(steps):
        return Headline(f"PUT BACK. {count_words(done, 'change')} undone.", Tone.GOOD)
    word = "PARTLY PUT BACK" if done else "NOT PUT BACK"
    return Headline(f"{word}. {done} of {count_words(len(steps), 'change')} undone.", Tone.BAD)


def step_page(step: Step, state: StepState) -> Page:
    """Return one line about a step that was just tried, there or on the way back."""
    is_done = state is StepState.UNDONE and is_inverse(step)
    words = "done" if is_done else state_words(state)
    return (Paragraph(f"[{words}] {imperative(step.action)}"),)


def _entry(step: Step, outcome: Outcome | None) -> Entry:
    state = "done" if step.state is StepState.UNDONE else state_words(step.state)
    tone = Tone.PLAIN if step.state is StepState.UNDONE else tone_of(step)
    facts = (("undoes", step.id), *told_by_aws(step, outcome))
    return Entry(f"[{state}]", imperative(step.action), facts, tone)

"""One step of a plan as an entry on a page: what, why, what it costs, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from unleak.evidence.clean import redact
from unleak.model.instant import render_instant
from unleak.model.plan import Stage, Step, StepState
from unleak.report.action_words import imperative
from unleak.report.page import Entry, Tone
from unleak.report.wording import sentence

if TYPE_CHECKING:
    from unleak.model.outcome import Outcome


def planned_entry(number: int, step: Step) -> Entry:
    """Return a step before it is done, with all that a person needs to judge it."""
    rows = [("why", sentence(step.reason)), ("who else", sentence(step.impact))]
    if step.stage is Stage.OWN_SESSION:
        rows.append(("careful", "This step cuts off you as well, so it goes last."))
    rows.append(("way back", way_back(step)))
    title = imperative(step.action)
    if step.state is StepState.ALREADY:
        title = f"{title}: nothing to do, it is so already"
    return Entry(f"{number}.", title, tuple(rows))


def finished_entry(step: Step, outcome: Outcome | None) -> Entry:
    """Return a step after it was tried: its state first, AWS's words where it failed."""
    title, state = imperative(step.action), state_words(step.state)
    return Entry(f"[{state}]", title, told_by_aws(step, outcome), tone_of(step))


def told_by_aws(step: Step, outcome: Outcome | None) -> tuple[tuple[str, str], ...]:
    """Return what there is to say about an outcome: the detail, and AWS's error where it failed."""
    if outcome is None:
        return ()
    rows: list[tuple[str, str]] = []
    if outcome.detail:
        label = "AWS said" if outcome.error_code else "note"
        rows.append((label, sentence(redact(outcome.detail))))
    if step.state is StepState.FAILED and outcome.error_code:
        rows.append(("error", outcome.error_code))
    return tuple(rows)


def state_words(state: StepState) -> str:
    """Return the state in words that need no explanation."""
    match state:
        case StepState.PLANNED:
            return "NOT DONE"
        case StepState.DONE:
            return "done"
        case StepState.ALREADY:
            return "was so already"
        case StepState.SKIPPED:
            return "skipped"
        case StepState.FAILED:
            return "FAILED"
        case StepState.UNDONE:
            return "undone"
        case _:
            assert_never(state)


def tone_of(step: Step) -> Tone:
    """Return the tone of a step's state."""
    match step.state:
        case StepState.FAILED | StepState.PLANNED:
            return Tone.BAD
        case StepState.SKIPPED | StepState.UNDONE:
            return Tone.CAREFUL
        case StepState.DONE | StepState.ALREADY:
            return Tone.PLAIN
        case _:
            assert_never(step.state)


def way_back(step: Step) -> str:
    """Return how the step is undone and from when on that is safe."""
    if not step.reversible:
        return "None. This cannot be undone."
    if step.waits_for_proof:
        return "`unleak undo`, at any time: it gives nobody any power back."
    if step.revives_leak:
        return (
            "`unleak undo --force` only: undoing this gives the leaked credential its power back. "
            "No date makes that safe."
        )
    if step.safe_date is None:
        return "`unleak undo`. No date makes that safe by itself."
    return (
        f"`unleak undo`, safe from {render_instant(step.safe_date)} on: by then all that this step "
        "denies has expired."
    )

"""What to do next for each status, and how and when to go back; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from unleak.model.delivery import DELIVERY, is_late_enough
from unleak.model.instant import render_instant
from unleak.model.outcome import Status
from unleak.model.plan import StepState
from unleak.report.wording import sentence

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.incident import Incident
    from unleak.model.plan import Step


_FIGHT_BACK = (
    "Somebody who may change IAM works against you. Take that right away first: cut off those "
    "credentials too, and use an organization policy (SCP) if you have one."
)

_AFTER_UNDO = ("Look whether what was put back works as it did before.",)
_AT_LEAST = ("Close the way it leaked, and look in CloudTrail at what was done with it.",)


def advice(incident: Incident, status: Status, given: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the numbered list of what to do next; it is never empty.

    Args:
        incident: the response as it stands.
        status: the word for it.
        given: what the flow has to say; where empty, what the plan says.  After an undo or a
            cleanup only this counts.
    """
    if undone_steps(incident) or not incident.credentials:
        return tuple(sentence(line) for line in given) or _AFTER_UNDO
    own = (*_for_status(incident, status), *_later(incident))
    rest = tuple(sentence(line) for line in (given or incident.plan.next))
    lines = (*(line for line in own if not _is_said(line, rest)), *rest)
    return tuple(dict.fromkeys(lines)) or _AT_LEAST


def undone_steps(incident: Incident) -> tuple[Step, ...]:
    """Return the steps that were put back: then the response is over, whatever its status.

    What unleak lifts by itself when its time is over is none of them.
    """
    return tuple(
        step
        for step in incident.plan.steps
        if step.state is StepState.UNDONE and not step.is_temporary
    )


def way_back_lines(incident: Incident) -> tuple[str, ...]:
    """Return how to undo what was done and since when that is safe."""
    done = tuple(step for step in incident.plan.steps if step.state is StepState.DONE)
    if not done and undone_steps(incident):
        return ("All of it was put back: there is nothing left to undo.",)
    if not done:
        return ("Nothing was changed by unleak, so there is nothing to undo.",)
    lines = [*_undo_lines(incident, done)]
    if any(not step.reversible for step in done):
        lines.append("What was deleted for good cannot be put back.")
    return tuple(lines)


def safe_from(steps: tuple[Step, ...]) -> datetime | None:
    """Return the instant from which undoing all the dated steps revives nothing."""
    dates = [step.safe_date for step in steps if step.safe_date is not None]
    return max(dates, default=None)


def _undo_lines(incident: Incident, done: tuple[Step, ...]) -> list[str]:
    lines = []
    date = safe_from(done)
    if date is not None:
        lines.append(
            f"`unleak undo {incident.id}` puts back what was changed. Safe from "
            f"{render_instant(date)} on; earlier it would let the leaked sessions work again, so "
            "unleak refuses."
        )
    if any(step.revives_leak and step.reversible for step in done):
        lines.append(
            "A leaked key stays off: turning it on again gives the leak its power back, on any "
            "date, so `unleak undo` asks for --force."
        )
    if not lines and any(step.reversible for step in done):
        lines.append(f"`unleak undo {incident.id}` puts back what was changed.")
    return lines


def _for_status(incident: Incident, status: Status) -> tuple[str, ...]:
    match status:
        case Status.CONTAINED:
            return ()
        case Status.UNPROVEN:
            again = (
                f"Measure again in a minute: `unleak verify {incident.id}`. With --file PATH, "
                "where PATH holds what leaked, the leak itself is tried: that proves most."
            )
            return (
                again,
                "Until that says contained, treat the credential as alive.",
            )
        case Status.CONTESTED:
            return (
                _FIGHT_BACK,
                f"Put back what was removed: `unleak resume {incident.id}`.",
            )
        case Status.PARTIAL if incident.plan.open_doors:
            return (
                f"Contain the suspects too: `unleak resume {incident.id} --cascade`.",
                "Say which of them are yours: --dismiss NAME, as often as there are names.",
                "Until then, take the thief for somebody who is still in.",
            )
        case Status.PARTIAL:
            return (
                f"Finish what is missing: `unleak resume {incident.id}`.",
                "Until then, treat the credential as alive.",
            )
        case Status.FAILED:
            return (
                "Treat the credential as alive. Read above why each step failed, and mend that.",
                f"Then try again: `unleak resume {incident.id}`.",
            )
        case _:
            assert_never(status)


def _later(incident: Incident) -> tuple[str, ...]:
    """What CloudTrail has not delivered yet is looked for later."""
    plan = incident.plan
    if plan.traced_at is None or is_late_enough(plan, incident.created_at):
        return ()
    since = max(incident.created_at, plan.chased_at or incident.created_at)
    when = render_instant(since + DELIVERY)
    line = f"CloudTrail is late: after {when}, `unleak resume {incident.id}` looks once more."
    return (line,)


def _is_said(line: str, rest: tuple[str, ...]) -> bool:
    """Whether another line names the same command already."""
    for command in ("unleak verify", "unleak resume"):
        if command in line:
            return any(command in other for other in rest)
    return False

"""The messages of the responder: what was cut off, how sure that is, and what a person must do.

Pure, like every report.  Whoever sends them makes them harmless for the place where they go.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from unleak.evidence.clean import redact
from unleak.model.instant import render_instant
from unleak.model.message import Message, Severity
from unleak.model.outcome import Status
from unleak.model.plan import StepState
from unleak.model.proof import Level
from unleak.report.action_words import imperative
from unleak.report.advice import advice, undone_steps, way_back_lines
from unleak.report.proof_words import level_words, new_session_lines, proof_lines
from unleak.report.result_words import status_headline
from unleak.report.step_words import state_words
from unleak.report.verdict import is_seen_alive, with_final_states
from unleak.report.wording import clean, count_words, sentence, whom_words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from unleak.errors import UnleakError
    from unleak.model.incident import Incident
    from unleak.model.plan import Plan, Step

_SEVERITIES: Final = {
    Status.CONTAINED: Severity.INFO,
    Status.UNPROVEN: Severity.WARNING,
    Status.CONTESTED: Severity.CRITICAL,
    Status.PARTIAL: Severity.CRITICAL,
    Status.FAILED: Severity.CRITICAL,
}
_MOST_STEPS: Final = 25
_COPIED: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9/+=,.@_-]{0,200}", re.ASCII)
"""What may stand in a command that people copy: nothing that a shell takes for its own."""


def contained_message(
    incident: Incident,
    status: Status,
    *,
    alert: str,
    given: tuple[str, ...] = (),
    home: str = "",
) -> Message:
    """Return what to say after a response, whatever it came to.

    Args:
        incident: the response as the journal tells it.
        status: the word for it.
        alert: who raised it and what it said, in one line; hostile.
        given: what the flow says that comes next.
        home: what `UNLEAK_HOME` has to be for the commands to find the incident.
    """
    manual = () if undone_steps(incident) else incident.plan.manual
    told = (*advice(incident, status, given), *_sentences(manual), *way_back_lines(incident))
    return Message(
        title=status_headline(incident, status),
        lines=tuple(_after(incident, alert)),
        next_steps=tuple(dict.fromkeys((*_at_home(home), *told))),
        severity=_SEVERITIES[status],
        incident=incident.id,
    )


def asking_message(plan: Plan, *, alert: str, why: str, link: str, until: datetime) -> Message:
    """Return the question whether a plan should be carried out.

    Args:
        plan: what would be done.
        alert: who raised it and what it said, in one line; hostile.
        why: the rule that says to ask.
        link: of the page with the button.
        until: when the link stops being good.
    """
    lines = (
        "Nothing was changed yet.",
        _raised(alert),
        sentence(why),
        *planned_lines(plan),
    )
    steps = (
        f"Open the link and read the plan; its button works once, until {render_instant(until)}.",
        f"Or do it yourself: `{_command(plan)}`.",
        *_sentences(plan.manual),
    )
    return Message(
        title=f"Approval needed: {whom_words(plan.credentials)}",
        lines=lines,
        next_steps=tuple(dict.fromkeys(steps)),
        severity=Severity.CRITICAL,
        link=link,
    )


def telling_message(subject: str, *, alert: str, why: str, plan: Plan | None = None) -> Message:
    """Return the word that something leaked, about which the responder does nothing.

    Args:
        subject: what leaked, in a few words.
        alert: who raised it and what it said, in one line; hostile.
        why: the rule that says only to tell.
        plan: what could be done, where that was found out.
    """
    command = "unleak revoke" if plan is None else _command(plan)
    would = () if plan is None else planned_lines(plan)
    return Message(
        title=f"Leaked, and left alone: {clean(subject)}",
        lines=("Nothing was changed.", _raised(alert), sentence(why), *would),
        next_steps=(f"Look at it, and cut it off: `{command}`.",),
        severity=Severity.WARNING,
    )


def failed_message(
    subject: str,
    error: UnleakError,
    *,
    alert: str,
    incident: str | None = None,
    home: str = "",
) -> Message:
    """Return the word that a response broke off.

    Args:
        subject: what leaked, in a few words.
        error: what went wrong.
        alert: who raised it and what it said, in one line; hostile.
        incident: its id, where it was begun.
        home: what `UNLEAK_HOME` has to be for the command to find the incident.
    """
    again = "unleak revoke" if incident is None else f"unleak resume {incident}"
    there = () if incident is None else _at_home(home)
    hint = (sentence(redact(error.hint)),) if error.hint else ()
    return Message(
        title=f"FAILED. Take this for alive: {clean(subject)}",
        lines=(sentence(redact(error.message)), _raised(alert)),
        next_steps=(*there, f"Contain it by hand now: `{again}`.", *hint),
        severity=Severity.CRITICAL,
        incident=incident,
    )


def planned_lines(plan: Plan) -> tuple[str, ...]:
    """Return what a plan would do, what it costs whom and what it leaves open; for the page too.

    Args:
        plan: what would be done.
    """
    steps = tuple(step for step in plan.steps if step.state is StepState.PLANNED)
    lines = [*_not_contained(plan)]
    lines += [f"Would do: {_planned(step)}" for step in steps[:_MOST_STEPS]]
    lines += _rest(len(steps))
    if not steps:
        lines.append("There is nothing left to change: it would only be measured.")
    lines += _sentences(plan.warnings)
    lines += (f"What it could do: {sentence(each)}" for each in plan.abilities)
    return tuple(lines)


def _after(incident: Incident, alert: str) -> Iterable[str]:
    """Give what must not be missed first, then what was done, then how sure it is."""
    verification = incident.verification
    yield from _not_contained(incident.plan)
    if verification is not None and is_seen_alive(verification):
        yield "Something still works that should not. Treat the leak as alive."
    yield _raised(alert)
    steps = with_final_states(incident.plan.steps, incident.outcomes)
    details = {outcome.step_id: outcome.detail for outcome in incident.outcomes}
    for step in steps[:_MOST_STEPS]:
        yield _tried(step, details.get(step.id, ""))
    yield from _rest(len(steps))
    yield level_words(Level.NONE if verification is None else verification.level)
    yield from proof_lines(verification, is_brief=True)
    yield new_session_lines(verification)[0]
    yield from _sentences(incident.plan.warnings)


def _raised(alert: str) -> str:
    return sentence(f"Raised by {redact(clean(alert))}")


def _not_contained(plan: Plan) -> tuple[str, ...]:
    return tuple(sentence(f"NOT contained: {each}") for each in plan.not_contained)


def _planned(step: Step) -> str:
    action = sentence(imperative(step.action))
    return f"{action} {sentence(f'Who else it hits: {step.impact}')}" if step.impact else action


def _tried(step: Step, detail: str) -> str:
    state = state_words(step.state)
    why = f" ({redact(detail)})" if detail and step.state is StepState.FAILED else ""
    return sentence(f"{imperative(step.action)}: {state}{why}")


def _rest(number: int) -> tuple[str, ...]:
    more = number - _MOST_STEPS
    return (f"And {count_words(more, 'more change')}.",) if more > 0 else ()


def _sentences(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(sentence(redact(line)) for line in lines)


def _at_home(home: str) -> tuple[str, ...]:
    line = f"First, `export UNLEAK_HOME={home}`: the responder keeps the incident there."
    return (line,) if home else ()


def _command(plan: Plan) -> str:
    """Return the command that does what the plan does, without any word that could be hostile."""
    for credential in plan.credentials:
        name = credential.access_key_id or credential.label
        if _COPIED.fullmatch(name):
            return f"unleak revoke {name}"
    return "unleak revoke"

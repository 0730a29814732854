"""What the template of the HTML report is filled with: words and rows, no markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from unleak.evidence.clean import redact
from unleak.model.frozen import dataclass
from unleak.model.outcome import Status
from unleak.model.plan import StepState
from unleak.model.proof import Level
from unleak.report.action_words import before_and_after, imperative
from unleak.report.advice import advice, safe_from, way_back_lines
from unleak.report.chain_form import ChainState
from unleak.report.door_words import door_advice, door_state_words, door_title, summary_line
from unleak.report.open_questions import open_questions
from unleak.report.policy_diff import policy_diff
from unleak.report.proof_words import level_words, new_session_lines, proof_lines
from unleak.report.response_times import duration_words, response_times
from unleak.report.result_words import status_headline
from unleak.report.rungs import rungs_of
from unleak.report.step_words import state_words, way_back
from unleak.report.verdict import with_final_states
from unleak.report.wording import instant, kind_words, owner_words, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unleak.model.incident import Incident
    from unleak.model.plan import Step
    from unleak.model.trace import Trace
    from unleak.report.chain_form import Chain

_COMMAND = re.compile(r"(?:unleak|aws) [\w .,:/=@+-]{1,300}", re.ASCII)
_TONES = {
    Status.CONTAINED: "good",
    Status.UNPROVEN: "careful",
    Status.CONTESTED: "bad",
    Status.PARTIAL: "bad",
    Status.FAILED: "bad",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a sentence: words, code, or a command that can be copied."""

    text: str
    is_code: bool
    is_command: bool


def parts(text: str) -> tuple[Part, ...]:
    """Split one of our sentences at its backticks; only a plain command is there to be copied."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return (Part(text=text, is_code=False, is_command=False),)
    return tuple(
        Part(
            text=piece,
            is_code=number % 2 == 1,
            is_command=number % 2 == 1 and _COMMAND.fullmatch(piece) is not None,
        )
        for number, piece in enumerate(pieces)
        if piece
    )


def view_of(incident: Incident, chain: Chain, trace: Trace | None) -> Mapping[str, object]:
    """Return all that the template shows, under the names that it knows."""
    return {
        "incident": incident.id,
        "tone": "bad" if incident.status is None else _TONES[incident.status],
        "status": str(incident.status or "unfinished"),
        **_head(incident),
        "times": [
            (span.title, duration_words(span.seconds), span.why)
            for span in response_times(incident, trace)
        ],
        **_proof(incident),
        "leaks": [_leak(incident, number) for number in range(len(incident.credentials))],
        "abilities": [sentence(each) for each in incident.plan.abilities],
        "chain": chain,
        "states": list(ChainState),
        "state_counts": {state: _count(chain, state) for state in ChainState},
        "has_trace": trace is not None,
        "trace_note": _trace_note(trace),
        "changes": _changes(incident),
        **_disruption(incident),
        **_risk(incident, trace),
        "next": _next(incident),
        "way_back": way_back_lines(incident),
    }


def _count(chain: Chain, state: ChainState) -> int:
    return sum(node.state is state for node in chain.nodes)


def _head(incident: Incident) -> Mapping[str, object]:
    if incident.status is None:
        headline = "UNFINISHED. This response was never brought to its end."
    else:
        headline = status_headline(incident, incident.status)
    caller = incident.caller
    return {
        "headline": headline,
        "facts": [
            ("began", instant(incident.created_at)),
            ("cut-off", instant(incident.plan.cutoff)),
            ("strategy", f"{incident.plan.strategy}, scope {incident.plan.scope}"),
            ("account", caller.account or "not known"),
            ("responder", caller.arn or "not known"),
            ("region", incident.region),
        ],
    }


def _proof(incident: Incident) -> Mapping[str, object]:
    verification = incident.verification
    level = Level.NONE if verification is None else verification.level
    checks = () if verification is None else verification.checks
    return {
        "level": str(level),
        "level_words": level_words(level),
        "proof": proof_lines(verification),
        "rungs": [
            (rung.name, str(rung.outcome), rung.outcome.words, redact(rung.why))
            for rung in rungs_of(verification)
        ],
        "checks": [
            (
                check.name,
                str(check.level),
                check.target,
                check.region or "",
                str(check.outcome),
                instant(check.at) if check.at else "",
                redact(check.detail),
            )
            for check in checks
        ],
    }


def _leak(incident: Incident, number: int) -> Mapping[str, object]:
    credential = incident.credentials[number]
    return {
        "label": credential.label,
        "kind": kind_words(credential.kind),
        "owner": owner_words(credential.principal),
        "session": credential.session_name or "",
        "expires": instant(credential.expires_at) if credential.kind.is_session else "",
        "notes": [sentence(redact(note)) for note in credential.notes],
    }


def _trace_note(trace: Trace | None) -> str:
    if trace is None:
        return ""
    line = trace.timeline
    note = f"The trace tells of {line.events} calls, {line.denied} of them denied"
    if line.items_left_out:
        note += f"; {line.items_left_out} are counted and not listed"
    if trace.coverage.skipped:
        note += f"; {len(trace.coverage.skipped)} places could not be read, and may hold more"
    return f"{note}."


def _changes(incident: Incident) -> Sequence[Mapping[str, object]]:
    outcomes = {outcome.step_id: outcome for outcome in incident.outcomes}
    found = []
    for step in with_final_states(incident.plan.steps, incident.outcomes):
        before, after = before_and_after(step.action)
        outcome = outcomes.get(step.id)
        found.append(
            {
                "id": step.id,
                "title": imperative(step.action),
                "state": state_words(step.state),
                "tone": _step_tone(step),
                "before": before,
                "after": after,
                "diff": [(line.mark.name.lower(), line.text) for line in policy_diff(step.action)],
                "reason": sentence(redact(step.reason)),
                "impact": sentence(redact(step.impact)),
                "way_back": way_back(step).replace("`unleak undo", f"`unleak undo {incident.id}"),
                "detail": "" if outcome is None else redact(outcome.detail),
                "at": "" if outcome is None or not outcome.receipt else instant(outcome.receipt.at),
            }
        )
    return found


def _step_tone(step: Step) -> str:
    match step.state:
        case StepState.DONE | StepState.ALREADY:
            return "good"
        case StepState.SKIPPED | StepState.UNDONE:
            return "careful"
        case StepState.FAILED | StepState.PLANNED:
            return "bad"


def _disruption(incident: Incident) -> Mapping[str, object]:
    steps = with_final_states(incident.plan.steps, incident.outcomes)
    return {
        "honest": new_session_lines(incident.verification),
        "impacts": [
            (
                imperative(step.action),
                sentence(redact(step.impact)),
                instant(step.safe_date) if step.safe_date else "no date makes it safe",
            )
            for step in steps
            if step.state in (StepState.DONE, StepState.PLANNED, StepState.ALREADY)
        ],
        "safe_from": instant(safe_from(steps)) if safe_from(steps) else "",
    }


def _risk(incident: Incident, trace: Trace | None) -> Mapping[str, object]:
    plan = incident.plan
    looked = bool(plan.doors) or plan.swept_since is not None
    return {
        "not_contained": [sentence(redact(each)) for each in plan.not_contained],
        "doors_line": summary_line(plan) if looked else "",
        "doors": [
            (
                door_title(door),
                door_state_words(door.state),
                door.is_open,
                instant(door.made_at) if door.made_at else "not known",
                sentence(redact(door.reason)),
                sentence(redact(door.by_hand) or door_advice(door)) if door.is_open else "",
            )
            for door in plan.doors
        ],
        "unswept": [sentence(redact(each)) for each in plan.unswept],
        "warnings": [sentence(redact(each)) for each in plan.warnings],
        "manual": [sentence(redact(each)) for each in plan.manual],
        "questions": open_questions(incident, trace),
    }


def _next(incident: Incident) -> tuple[str, ...]:
    if incident.status is None:
        return (f"Bring it to its end: `unleak resume {incident.id}`.",)
    return advice(incident, incident.status)

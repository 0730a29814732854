"""The result of a response: the word for it first, then the proof, then what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from unleak.model.outcome import Status
from unleak.model.plan import StepState
from unleak.model.proof import Level
from unleak.report.advice import advice, undone_steps, way_back_lines
from unleak.report.door_words import door_page
from unleak.report.page import (
    Bullets,
    Facts,
    Grid,
    Heading,
    Headline,
    Numbered,
    Page,
    Paragraph,
    Tone,
    listed,
)
from unleak.report.proof_words import level_words, new_session_lines, proof_lines
from unleak.report.step_words import finished_entry
from unleak.report.verdict import IN_PLACE, is_contested, is_seen_alive, with_final_states
from unleak.report.watch_words import watch_page
from unleak.report.wording import count_words, instant, sentence, whom_words

if TYPE_CHECKING:
    from unleak.model.incident import Incident, IncidentSummary
    from unleak.model.proof import Verification

_TONES = {
    Status.CONTAINED: Tone.GOOD,
    Status.UNPROVEN: Tone.CAREFUL,
    Status.CONTESTED: Tone.BAD,
    Status.PARTIAL: Tone.BAD,
    Status.FAILED: Tone.BAD,
}


def result_page(incident: Incident, status: Status, next_steps: tuple[str, ...] = ()) -> Page:
    """Return the result as a page; its first line is the status in plain words."""
    verification = incident.verification
    return (
        Headline(status_headline(incident, status), _TONES[status]),
        *_alarms(incident),
        Heading("What was measured" if undone_steps(incident) else "How we know"),
        Bullets(proof_lines(incident.verification, is_brief=True)),
        Paragraph(_level(incident)),
        *door_page(incident.plan),
        *watch_page(incident.plan, None if verification is None else verification.watch),
        *_honest_users(incident),
        *_done(incident),
        *listed("Watch out", _sentences(incident.plan.warnings), Tone.CAREFUL),
        *listed("What unleak cannot do: look at it yourself", _sentences(incident.plan.manual)),
        *listed("What the thief could do with it", _sentences(incident.plan.abilities)),
        Heading("What to do next"),
        Numbered(advice(incident, status, next_steps)),
        Heading("The way back"),
        Bullets(way_back_lines(incident)),
        Heading("This incident"),
        Facts((("status", _short(incident, status)), *_identity(incident))),
    )


def status_headline(incident: Incident, status: Status) -> str:
    """Return the one sentence that somebody reads who reads only one."""
    whom = whom_words(incident.credentials)
    if undone_steps(incident):
        return f"PUT BACK. {_count_undone(incident)} Not cut off by those any more: {whom}."
    match status:
        case Status.CONTAINED:
            return f"{_contained(incident.verification)}: {whom}."
        case Status.UNPROVEN:
            return f"{_unproven(incident.verification)}: {whom}."
        case Status.CONTESTED:
            return f"CONTESTED. Somebody removed or changed what cuts this off: {whom}."
        case Status.PARTIAL:
            return _partly(incident, whom)
        case Status.FAILED:
            return f"FAILED. Nothing is contained. Take this for alive: {whom}."
        case _:
            assert_never(status)


def incidents_page(summaries: tuple[IncidentSummary, ...]) -> Page:
    """Return the list of incidents, newest first."""
    if not summaries:
        return (
            Headline("No incidents on this machine."),
            Paragraph("What to do next: `unleak revoke`, if something has leaked."),
        )
    rows = tuple(
        (
            summary.id,
            str(summary.status or "unfinished"),
            instant(summary.created_at),
            ", ".join((*summary.key_ids, *summary.principals)) or "not known",
        )
        for summary in sorted(summaries, key=lambda each: each.created_at, reverse=True)
    )
    return (
        Headline(f"{count_words(len(rows), 'incident')}, newest first."),
        Grid(("incident", "status", "created", "what leaked"), rows),
        Heading("What to do next"),
        Paragraph("See one of them:  unleak incidents show INCIDENT"),
        Paragraph("Finish one that is partial or unfinished:  unleak resume INCIDENT"),
    )


def _partly(incident: Incident, whom: str) -> str:
    doors = incident.plan.open_doors
    if doors:
        return (
            f"NOT CONTAINED. Beside {whom}, {count_words(len(doors), 'way')} in that the thief may "
            "have made stand open."
        )
    return f"PARTLY DONE. {_count_in_place(incident)}. This may still work: {whom}."


def _contained(verification: Verification | None) -> str:
    level = Level.NONE if verification is None else verification.level
    match level:
        case Level.LIVE:
            return "CONTAINED. Tried for real and refused"
        case Level.CANARY:
            return "CONTAINED. An old session of ours was tried and is refused. Not tried itself"
        case Level.SIMULATED:
            return "CONTAINED, says AWS's policy simulator. Not tried for real"
        case Level.READ_BACK | Level.NONE:
            return "CONTAINED AS FAR AS ASKED. The changes are in place, no more was proven"
        case _:
            assert_never(level)


def _unproven(verification: Verification | None) -> str:
    if verification is None or verification.level is Level.NONE:
        return "NOT PROVEN. AWS accepted the changes, nothing shows yet that they took effect"
    if is_seen_alive(verification):
        return "NOT CONTAINED YET. The changes are in place, but this was seen to work still"
    if verification.effective:
        return f"NOT PROVEN AS FAR AS ASKED. The proof ends at {verification.level}"
    return "NOT PROVEN. The changes are in place, nothing shows yet that they took effect"


def _count_in_place(incident: Incident) -> str:
    steps = with_final_states(incident.plan.steps, incident.outcomes)
    there = sum(step.state in IN_PLACE for step in steps)
    return f"{there} of {count_words(len(steps), 'change')} in place"


def _count_undone(incident: Incident) -> str:
    undone = count_words(len(undone_steps(incident)), "change")
    left = sum(step.state is StepState.DONE for step in incident.plan.steps)
    return f"{undone} undone, {left} still in place."


def _alarms(incident: Incident) -> Page:
    """What must not be missed, whatever the status is."""
    verification = incident.verification
    lines: list[str] = [sentence(f"not contained: {each}") for each in incident.plan.not_contained]
    if verification is not None and is_seen_alive(verification):
        lines.append("Something still works that should not. Treat the leak as alive.")
    if verification is not None and is_contested(verification):
        lines.append("A control was removed or changed after unleak put it there.")
    if incident.is_interrupted:
        lines.append(
            f"This response was interrupted before its end: `unleak resume {incident.id}` goes on."
        )
    if incident.plan.self_lockout:
        lines.append("Your own session was among those cut off: sign in again to go on.")
    return (Bullets(tuple(lines), Tone.BAD),) if lines else ()


def _level(incident: Incident) -> str:
    return level_words(Level.NONE if incident.verification is None else incident.verification.level)


def _honest_users(incident: Incident) -> Page:
    if undone_steps(incident):
        return ()
    return (Heading("Honest users"), Bullets(new_session_lines(incident.verification)))


def _done(incident: Incident) -> Page:
    outcomes = {outcome.step_id: outcome for outcome in incident.outcomes}
    steps = with_final_states(incident.plan.steps, incident.outcomes)
    heading = Heading("What was done")
    if not steps:
        return (heading, Paragraph("Nothing was changed."))
    planned = sum(step.state is StepState.PLANNED for step in steps)
    note = (Paragraph(f"{count_words(planned, 'change')} not tried yet.", Tone.BAD),)
    entries = (finished_entry(step, outcomes.get(step.id)) for step in steps)
    return (heading, *(note if planned else ()), *entries)


def _identity(incident: Incident) -> tuple[tuple[str, str], ...]:
    rows = [
        ("incident", incident.id),
        ("report", f"unleak report {incident.id} --format md"),
        ("measure again", f"unleak verify {incident.id}"),
    ]
    if incident.plan.cutoff is not None:
        rows.append(("cut-off", f"{instant(incident.plan.cutoff)} (UTC)"))
    if incident.asked_leaked:
        keys = ", ".join(incident.asked_leaked)
        rows.append(("signed with", f"{keys}: harmless calls of unleak's that show in CloudTrail"))
    return tuple(rows)


def _short(incident: Incident, status: Status) -> str:
    """Return the status once more: on a long page the first line has scrolled away."""
    return status_headline(incident, status).partition(".")[0].lower()


def _sentences(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sentence(text) for text in texts)

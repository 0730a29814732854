"""The first report of an incident as Markdown, for the ticket: what happened, what is proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.evidence.clean import redact
from unleak.model.plan import StepState
from unleak.report.action_words import before_and_after, imperative
from unleak.report.advice import advice, way_back_lines
from unleak.report.credential_words import status_words
from unleak.report.door_words import (
    HEADING,
    door_advice,
    door_state_words,
    door_title,
    summary_line,
)
from unleak.report.markdown_sections import (
    chain_section,
    policy_section,
    times_section,
    trace_section,
)
from unleak.report.markdown_text import bullets, code, escape, numbered, table
from unleak.report.open_questions import open_questions
from unleak.report.proof_words import level_words, new_session_lines, proof_lines
from unleak.report.result_words import status_headline
from unleak.report.rungs import rungs_of
from unleak.report.step_words import state_words, way_back
from unleak.report.verdict import with_final_states
from unleak.report.wording import how_words, instant, kind_words, sentence

if TYPE_CHECKING:
    from unleak.model.credential import Credential
    from unleak.model.incident import Incident
    from unleak.model.plan import Plan, Step
    from unleak.model.principal import Principal
    from unleak.model.trace import Trace


def incident_markdown(incident: Incident, trace: Trace | None = None) -> str:
    """Return the report: summary, evidence, actions, proof, timeline, way back, open questions.

    Key ids are in it, they are no secrets; nothing else of a credential is.

    Args:
        incident: the response as the journal tells it.
        trace: what CloudTrail shows, where the person has given it.
    """
    lines = [
        f"# Incident {code(incident.id)}",
        "",
        *_summary(incident),
        *_evidence(incident),
        *_abilities(incident),
        *chain_section(incident, trace),
        *_actions(incident),
        *policy_section(incident),
        *_verification(incident),
        *_doors(incident.plan),
        *times_section(incident, trace),
        *trace_section(trace),
        *_timeline(incident),
        *_section("Watch out", incident.plan.warnings),
        *_section("To be done by hand", incident.plan.manual),
        *_next(incident),
        "## The way back",
        "",
        *bullets(_words(line) for line in way_back_lines(incident)),
        *_step_dates(incident),
        "## Open questions",
        "",
        *bullets(_words(line) for line in open_questions(incident, trace)),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _words(text: str) -> str:
    """Return one of our sentences; commands between backticks stay code where that is safe."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return "".join(code(part) if index % 2 else _spaced(part) for index, part in enumerate(parts))


def _spaced(text: str) -> str:
    """Escape a part of a sentence and keep the spaces at its ends."""
    head = " " if text.startswith(" ") else ""
    tail = " " if text.endswith(" ") and text.strip() else ""
    return f"{head}{escape(text)}{tail}"


def _summary(incident: Incident) -> list[str]:
    if incident.status is None:
        headline = "UNFINISHED. This response was never brought to its end."
    else:
        headline = status_headline(incident, incident.status)
    caller = incident.caller
    rows = [
        ("status", code(str(incident.status or "unfinished"))),
        ("began", code(instant(incident.created_at))),
        ("cut-off", code(instant(incident.plan.cutoff))),
        ("strategy", f"{code(incident.plan.strategy)}, scope {code(incident.plan.scope)}"),
        ("account", code(caller.account or "not known")),
        ("responder", code(caller.arn or "not known")),
        ("region", code(incident.region)),
    ]
    return [f"**{escape(headline)}**", "", *table(("what", "value"), rows)]


def _evidence(incident: Incident) -> list[str]:
    lines = ["## What leaked", ""]
    for credential in incident.credentials:
        lines += [f"### {code(credential.label)}", ""]
        lines += table(("what", "value"), _credential_rows(credential))
        lines += bullets(escape(sentence(note)) for note in credential.notes)[
            : len(credential.notes)
        ]
        lines += [""] if credential.notes else []
    return lines


def _credential_rows(credential: Credential) -> list[tuple[str, str]]:
    rows = [
        ("kind", escape(kind_words(credential.kind))),
        ("whose", _principal(credential.principal)),
        ("account", code(credential.account or "not known")),
        *_session_rows(credential),
        ("status", escape(status_words(credential.status))),
        ("how we know", escape(how_words(credential.how))),
    ]
    if credential.parent is not None:
        rows.insert(2, ("opened by", _principal(credential.parent)))
    return rows


def _session_rows(credential: Credential) -> list[tuple[str, str]]:
    if not credential.kind.is_session:
        return []
    return [
        ("session", code(credential.session_name or "not known")),
        ("issued", code(instant(credential.issued_at))),
        ("expires", code(instant(credential.expires_at))),
    ]


def _principal(principal: Principal | None) -> str:
    if principal is None:
        return "not known"
    arn = "" if principal.arn is None else f", {code(principal.arn)}"
    return f"{code(principal.label)}{arn}"


def _abilities(incident: Incident) -> list[str]:
    lines = incident.plan.abilities or ("Not looked at: take it for all that its owner may do.",)
    return ["## What it could do", "", *bullets(escape(sentence(line)) for line in lines)]


def _actions(incident: Incident) -> list[str]:
    outcomes = {outcome.step_id: outcome for outcome in incident.outcomes}
    rows = []
    for step in with_final_states(incident.plan.steps, incident.outcomes):
        before, after = before_and_after(step.action)
        outcome = outcomes.get(step.id)
        detail = "" if outcome is None else redact(outcome.detail)
        state = state_words(step.state)
        rows.append(
            (
                code(step.id),
                escape(imperative(step.action)),
                escape(before),
                escape(after),
                escape(f"{state}: {detail}" if detail else state),
                escape(step.impact),
            )
        )
    titles = ("id", "change", "before", "after", "came to", "who else it hits")
    body = table(titles, rows) if rows else ["Nothing was changed.", ""]
    return ["## What was changed", "", *body]


def _verification(incident: Incident) -> list[str]:
    verification = incident.verification
    lines = ["## How we know", "", *bullets(escape(each) for each in proof_lines(verification))]
    if verification is None:
        return lines
    lines += [escape(level_words(verification.level)), ""]
    lines += bullets(escape(each) for each in new_session_lines(verification))
    rungs = [
        (code(rung.name), escape(rung.outcome.words), _words(redact(rung.why)))
        for rung in rungs_of(verification)
    ]
    lines += table(("rung", "shown", "why"), rungs)
    rows = [
        (
            escape(check.name),
            code(check.level),
            code(check.target),
            code(check.region or ""),
            code(check.outcome),
            code(instant(check.at)) if check.at else "",
            escape(redact(check.detail)),
        )
        for check in verification.checks
    ]
    titles = ("check", "level", "target", "region", "outcome", "at", "detail")
    return [*lines, *(table(titles, rows) if rows else [])]


def _doors(plan: Plan) -> list[str]:
    if not plan.doors and plan.swept_since is None:
        return []
    rows = [
        (
            escape(door_title(door)),
            escape(door_state_words(door.state)),
            code(instant(door.made_at)) if door.made_at else "",
            escape(sentence(redact(door.reason))),
            _words(sentence(door_advice(door))) if door.is_open else "",
        )
        for door in plan.doors
    ]
    titles = ("what", "state", "made", "why", "to close it")
    lines = [f"## {HEADING}", "", _words(summary_line(plan)), ""]
    return [*lines, *(table(titles, rows) if rows else [])]


def _timeline(incident: Incident) -> list[str]:
    rows = [
        (
            str(entry.number),
            code(instant(entry.at)),
            escape(entry.kind),
            code(entry.step_id or ""),
            escape(redact(entry.summary)),
        )
        for entry in incident.entries
    ]
    body = table(("no.", "at", "what", "step", "words"), rows) if rows else ["No entries.", ""]
    return ["## Timeline of the response", "", *body]


def _section(title: str, lines: tuple[str, ...]) -> list[str]:
    return [f"## {title}", "", *bullets(_words(sentence(each)) for each in lines)] if lines else []


def _next(incident: Incident) -> list[str]:
    if incident.status is None:
        lines: tuple[str, ...] = (f"Bring it to its end: `unleak resume {incident.id}`.",)
    else:
        lines = advice(incident, incident.status)
    body = numbered(_words(line) for line in lines) if lines else ["Nothing is left to do.", ""]
    return ["## What to do next", "", *body]


def _step_dates(incident: Incident) -> list[str]:
    steps: tuple[Step, ...] = incident.plan.steps
    rows = [
        (code(step.id), escape(imperative(step.action)), _words(way_back(step)))
        for step in steps
        if step.state in (StepState.DONE, StepState.FAILED)
    ]
    return table(("id", "change", "way back"), rows) if rows else []

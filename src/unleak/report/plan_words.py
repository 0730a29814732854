"""The plan, for someone with shaking hands: what leaked, what will be done, what it costs whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.instant import render_instant
from unleak.model.plan import Grip, Scope, StepState, Strategy
from unleak.report.credential_words import credential_entry
from unleak.report.door_words import door_page
from unleak.report.page import Bullets, Heading, Headline, Numbered, Page, Paragraph, Tone, listed
from unleak.report.step_words import planned_entry
from unleak.report.watch_words import grip_words
from unleak.report.wording import count_words, sentence, whom_words

if TYPE_CHECKING:
    from unleak.model.plan import Plan

_STRATEGY = {
    Strategy.REVOKE_SESSIONS: "least disruptive: deny what is out there now, let new sessions work",
    Strategy.DENY_ALL: "deny everything: new sessions are refused as well",
    Strategy.STRIP_PERMISSIONS: "take all permissions away",
    Strategy.DELETE: "delete for good",
}


def plan_page(plan: Plan, *, is_question: bool = False) -> Page:
    """Return the plan as a page; nothing has been done yet, and its first line says so.

    Args:
        plan: what would be done.
        is_question: whether the one question follows this page.
    """
    return (
        Headline(_headline(plan), Tone.CAREFUL if plan.self_lockout else Tone.PLAIN),
        *_lockout(plan),
        Heading("What leaked"),
        *(credential_entry(credential) for credential in plan.credentials),
        *_abilities(plan),
        *_grip(plan),
        *_steps(plan),
        *door_page(plan),
        *listed("Watch out", _sentences(plan.warnings), Tone.CAREFUL),
        *listed("What unleak cannot do: look at it yourself", _sentences(plan.manual)),
        *_next(plan, is_question=is_question),
    )


def question(plan: Plan) -> str:
    """Return the one question, on one line."""
    pending = count_words(len(plan.pending), "change")
    own = " You will be cut off too." if plan.self_lockout else ""
    return f"Make {pending} now to cut off {whom_words(plan.credentials)}?{own}"


def _headline(plan: Plan) -> str:
    whom = whom_words(plan.credentials)
    if not plan.pending:
        return f"PLAN. There is nothing left to change for {whom}."
    return f"PLAN to cut off {whom}. Nothing has been changed yet."


def _lockout(plan: Plan) -> Page:
    if not plan.self_lockout:
        return ()
    return (
        Headline("THIS CUTS YOU OFF TOO: you are signed in with what is being cut off.", Tone.BAD),
        Paragraph(
            "Your own session is refused after the last step. To get back in, sign in again: a new "
            "session works. Before you say yes, make sure that you can.",
            Tone.BAD,
        ),
    )


def _abilities(plan: Plan) -> Page:
    heading = Heading("What it can do")
    if plan.abilities:
        return (heading, Bullets(_sentences(plan.abilities)))
    return (heading, Paragraph("Not looked at, so take it for everything its owner may do."))


def _grip(plan: Plan) -> Page:
    if plan.grip is Grip.NOT_LOOKED_AT:
        return ()
    lines = [grip_words(plan.grip)]
    if plan.hold_seconds:
        lines.append(f"So it will be held for {plan.hold_seconds:.0f} s after the cut.")
    return (Heading("Can the thief undo this"), Bullets(tuple(lines)))


def _steps(plan: Plan) -> Page:
    heading = Heading("What will be done")
    if not plan.steps:
        return (heading, Paragraph("Nothing: no change of ours would help. See below.", Tone.BAD))
    already = sum(step.state is StepState.ALREADY for step in plan.steps)
    summary = f"{count_words(len(plan.pending), 'change')}"
    if already:
        summary += f"; {already} in place already"
    scope = "one session name only" if plan.scope is Scope.SESSION else "all of its old sessions"
    lines = [f"{summary}. How: {_STRATEGY[plan.strategy]}."]
    if plan.strategy is Strategy.REVOKE_SESSIONS:
        lines.append(f"Aimed at: {scope}.")
    if plan.cutoff is not None:
        lines.append(
            f"Cut-off: {render_instant(plan.cutoff)} (UTC). A session issued before it is old, one "
            "issued after it is new."
        )
    entries = (planned_entry(number, step) for number, step in enumerate(plan.steps, start=1))
    return (heading, *(Paragraph(line) for line in lines), *entries)


def _next(plan: Plan, *, is_question: bool) -> Page:
    steps = _sentences(plan.next)
    if is_question:
        first = "Answer the question below. Until you say yes, nothing is changed."
    elif plan.pending:
        first = "Run `unleak revoke` with the same words: it shows this plan again and asks once."
    else:
        first = "Run `unleak revoke` with the same words: it changes nothing and measures."
    return (Heading("What to do next"), Numbered((first, *steps)))


def _sentences(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sentence(text) for text in texts)

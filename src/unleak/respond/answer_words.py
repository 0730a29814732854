"""The answers to an event, as a page for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.report.page import Bullets, Entry, Headline, Page, Tone, listed
from unleak.respond.policy import Verdict

if TYPE_CHECKING:
    from unleak.respond.answer import Answer, Responded

_WOULD = {
    Verdict.CONTAIN: "would be contained at once",
    Verdict.ASK: "a person would be asked",
    Verdict.TELL: "people would be told",
    Verdict.IGNORE: "would be left alone",
}
_DID = {
    Verdict.CONTAIN: "was responded to",
    Verdict.ASK: "a person was asked",
    Verdict.TELL: "people were told",
    Verdict.IGNORE: "was left alone",
}


def answers_page(responded: Responded) -> Page:
    """Return what came of an event.

    Args:
        responded: all answers.
    """
    count = len(responded.answers)
    headline = "nothing in this event has to be answered"
    if count:
        headline = f"{count} alarm in this event" if count == 1 else f"{count} alarms in this event"
    tone = Tone.CAREFUL if responded.failed else Tone.PLAIN
    return (
        Headline(headline, tone),
        *(_entry(each) for each in responded.answers),
        *listed("Broke off; the next delivery goes on", responded.failed, Tone.BAD),
        *listed("No alarm", responded.ignored, Tone.QUIET),
        *_steps(responded),
    )


def _entry(answer: Answer) -> Entry:
    words = _WOULD if answer.is_dry else _DID
    title = "nothing was done by this delivery"
    if answer.verdict is not None:
        title = words[answer.verdict]
    facts = [("why", answer.why)]
    if answer.rule:
        facts.append(("rule", answer.rule))
    if answer.status is not None:
        facts.append(("status", str(answer.status)))
    if answer.incident is not None:
        facts.append(("incident", f"{answer.incident} (unleak report {answer.incident})"))
    facts += [
        ("told", f"{each.destination}: {each.delivery}" + (f", {each.why}" if each.why else ""))
        for each in answer.told
    ]
    return Entry("*", f"{answer.subject}: {title}", tuple(facts))


def _steps(responded: Responded) -> Page:
    steps = tuple(step for each in responded.answers for step in each.steps)
    return (Bullets(steps),) if steps else ()

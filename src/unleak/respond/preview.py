"""What an event would come to: read, identified, decided, and nothing claimed, changed or told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.errors import UnleakError
from unleak.evidence.clean import printable
from unleak.respond.answer import Answer, Responded
from unleak.respond.fetched import fetched
from unleak.respond.policy import Verdict
from unleak.respond.recognise import NotOurs, account_for
from unleak.respond.respond import WORDS, distinct
from unleak.respond.work import decided

if TYPE_CHECKING:
    from unleak.model.alert import Reading
    from unleak.respond.recognise import Leaked
    from unleak.respond.station import Station


def preview(reading: Reading, station: Station) -> Responded:
    """Return what `respond` would decide for each alert of an event.

    Args:
        reading: the event, read.
        station: its claims and tellers are not touched.
    """
    responded = Responded(ignored=reading.ignored)
    for alert in distinct(reading.alerts):
        try:
            answers = tuple(_seen(each, station) for each in fetched(alert, station))
        except UnleakError as error:
            failure = printable(f"{alert.subject}: {error.message}", limit=WORDS)
            responded = replace(responded, failed=(*responded.failed, failure))
        else:
            responded = replace(responded, answers=(*responded.answers, *answers))
    return responded


def _seen(leaked: Leaked, station: Station) -> Answer:
    subject = leaked.alert.subject
    try:
        account = account_for(leaked, station.clouds, station.policy.accounts)
    except NotOurs as error:
        return Answer(subject=subject, verdict=Verdict.IGNORE, why=str(error), is_dry=True)
    recognised, decision = decided(leaked, account, station)
    return Answer(
        subject=subject,
        verdict=decision.verdict,
        why=decision.why,
        rule=decision.rule,
        is_dry=True,
        steps=tuple(f"{step.reason}: {step.impact}" for step in recognised.plan.steps),
    )

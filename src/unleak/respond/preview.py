"""What an event would come to: read, identified, decided, and nothing claimed, changed or told."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from unleak.respond.answer import Answer
from unleak.respond.fetched import fetched
from unleak.respond.one_by_one import one_by_one
from unleak.respond.policy import Verdict
from unleak.respond.recognise import NotOurs, account_for, names_nothing
from unleak.respond.respond import distinct
from unleak.respond.work import decided

if TYPE_CHECKING:
    from unleak.model.alert import Alert, Reading
    from unleak.respond.answer import Responded
    from unleak.respond.recognise import Leaked
    from unleak.respond.station import Station


def preview(reading: Reading, station: Station) -> Responded:
    """Return what `respond` would decide for each alert of an event.

    Args:
        reading: the event, read.
        station: its claims and tellers are not touched.
    """
    tasks = [(each.subject, partial(_answers, each, station)) for each in distinct(reading.alerts)]
    return replace(one_by_one(tasks, station), ignored=reading.ignored)


def _answers(alert: Alert, station: Station) -> tuple[Answer, ...]:
    return tuple(_seen(each, station) for each in fetched(alert, station))


def _seen(leaked: Leaked, station: Station) -> Answer:
    subject = leaked.alert.subject
    if leaked.alert.access_key_id is None and leaked.alert.principal is None:
        why = names_nothing().message
        return Answer(subject=subject, verdict=Verdict.TELL, why=why, is_dry=True)
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

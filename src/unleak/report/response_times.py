"""How long it took to detect, to contain and to recover, as far as the journal knows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass
from unleak.model.outcome import Status
from unleak.model.plan import StepState
from unleak.model.proof import CheckOutcome
from unleak.report.advice import undone_steps
from unleak.report.verdict import contains, is_about_new_sessions, with_final_states
from unleak.report.wording import instant

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.incident import Incident
    from unleak.model.trace import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One stretch of time; an end that nobody knows is None, and `why` says so."""

    name: str
    """detect, contain or recover."""
    title: str
    began: datetime | None
    ended: datetime | None
    why: str
    """What was measured, or why it is not known."""

    @property
    def seconds(self) -> float | None:
        """How long it was; None: not known."""
        if self.began is None or self.ended is None or self.ended < self.began:
            return None
        return (self.ended - self.began).total_seconds()


def response_times(incident: Incident, trace: Trace | None = None) -> tuple[Span, ...]:
    """Return the times to detect, to contain, and to recover.

    Args:
        incident: the response as the journal tells it.
        trace: what CloudTrail shows, where the person has given it.
    """
    return (_detect(incident, trace), _contain(incident), _recover(incident))


def duration_words(seconds: float | None) -> str:
    """Return `not known`, `4.2 s`, `12 min 3 s`, `3 h 5 min` or `2 d 4 h`."""
    if seconds is None:
        return "not known"
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.0f} s" if seconds == int(seconds) else f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:  # noqa: PLR2004 - an hour
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:  # noqa: PLR2004 - a day
        return f"{hours} h {minutes} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def _detect(incident: Incident, trace: Trace | None) -> Span:
    first = None if trace is None else trace.timeline.first
    if trace is None:
        why = "No trace was given, so it is not known when the leak was first used."
    elif first is None:
        why = "The trace shows no call of the leak, so it is not known when it was first used."
    elif first > incident.created_at:
        why = f"The first call in the trace, {instant(first)}, came after the response began."
    else:
        why = (
            f"From the first call in the trace, {instant(first)}, until the response began. When "
            "somebody first noticed is not in the journal."
        )
    return Span(name="detect", title="to detect", began=first, ended=incident.created_at, why=why)


def _contain(incident: Incident) -> Span:
    accepted, ended = _last_accepted(incident), None
    effect = None if incident.verification is None else incident.verification.seconds_to_effect
    if undone_steps(incident):
        why = "It was put back."
    elif incident.status is not Status.CONTAINED:
        why = "It is not proven to be contained."
        if accepted is not None:
            why += f" The last change that contains was accepted at {instant(accepted)}."
    elif accepted is None:
        why = "No change that contains has an answer of AWS's with a time."
    elif effect is None:
        ended = accepted
        why = (
            "From the start of the response until AWS accepted the last change that contains. How "
            "long AWS took to enforce it is not known."
        )
    else:
        ended = accepted + timedelta(seconds=effect)
        why = (
            "From the start of the response until AWS enforced the last change that contains, "
            f"{duration_words(round(effect, 1))} after it had accepted it."
        )
    return Span(name="contain", title="to contain", began=incident.created_at, ended=ended, why=why)


def _last_accepted(incident: Incident) -> datetime | None:
    steps = with_final_states(incident.plan.steps, incident.outcomes)
    done = {each.id for each in steps if contains(each) and each.state is StepState.DONE}
    moments = (
        outcome.receipt.at
        for outcome in incident.outcomes
        if outcome.step_id in done and outcome.receipt is not None and outcome.receipt.at
    )
    return max(moments, default=None)


def _recover(incident: Incident) -> Span:
    checks = () if incident.verification is None else incident.verification.checks
    moments = [
        check.at
        for check in checks
        if is_about_new_sessions(check)
        and check.outcome is CheckOutcome.PROVEN
        and check.at is not None
    ]
    works = None if incident.verification is None else incident.verification.new_sessions_work
    if works is False:
        ended, why = None, "New sessions were refused, so honest users are still down."
    elif works is None:
        ended, why = None, "Whether new sessions work was not tried."
    elif not moments:
        ended, why = None, "New sessions work; when they first did was not written down."
    else:
        ended = min(moments)
        why = (
            "From the start of the response until a new session was seen to work. Whether every "
            "program has fetched one is not known."
        )
    return Span(name="recover", title="to recover", began=incident.created_at, ended=ended, why=why)

"""What the one worker does that holds a claim: go on, or decide and then contain, ask or tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from unleak.errors import (
    AwsFailure,
    ForeignAccount,
    IncidentBusy,
    NoSuchPrincipal,
    NotEditable,
    OwnerUnknown,
    UnleakError,
    UnreadableEvent,
    UnreadableEvidence,
    WrongUse,
)
from unleak.flow.history import incident as incident_of
from unleak.flow.person import Nobody
from unleak.flow.request import Measuring
from unleak.flow.resume import resume
from unleak.flow.revoke import revoke
from unleak.model.claim import UNFINISHED
from unleak.model.message import Delivery
from unleak.report.message import (
    asking_message,
    contained_message,
    failed_message,
    planned_lines,
    telling_message,
)
from unleak.respond.alert_text import alert_of
from unleak.respond.answer import Answer
from unleak.respond.approval import issue, new_nonce, nonce_hash
from unleak.respond.approval_page import link
from unleak.respond.news import is_undone
from unleak.respond.pace import hurried, options_for, proof_seconds
from unleak.respond.policy import Decision, RuleOptions, Verdict, careful, decide
from unleak.respond.recognise import recognise
from unleak.respond.station import GRACE
from unleak.respond.traits import traits_of

if TYPE_CHECKING:
    from unleak.flow.response import Response
    from unleak.model.alert import Alert
    from unleak.model.claim import Claim
    from unleak.model.message import Message, Told
    from unleak.model.plan import Plan
    from unleak.respond.recognise import Leaked, Recognised
    from unleak.respond.station import Station

ATTEMPTS = 3
"""How often Lambda delivers an event at most, and how often people hear of the same failure.

Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""
_FOR_GOOD = (ForeignAccount, NotEditable, UnreadableEvent, UnreadableEvidence, WrongUse)
"""What the next delivery would be refused for as well, so a person has to look."""
_MAYBE_FOR_GOOD = (NoSuchPrincipal, OwnerUnknown)
"""What may come from a question that was throttled, or from IAM's own delay."""
_NO_SUCH_KEY_ID = "ValidationError"
"""What `sts:GetAccessKeyInfo` answers where nobody has a key of that id; untested."""


def work(leaked: Leaked, account: str, claim: Claim, station: Station) -> Answer:
    """Respond to one alert, as the policy says.

    Args:
        leaked: the alert.
        account: one of ours.
        claim: ours; if it has an incident, somebody died over it, and it is gone on with.
        station: what to work with.

    Raises:
        UnleakError: it broke off and has to be tried again.
    """
    if claim.incident is not None:
        return _go_on(claim.incident, leaked, account, claim, station)
    found = _found_out(leaked, account, claim, station)
    if isinstance(found, Answer):
        return found
    recognised, decision = found
    match decision.verdict:
        case Verdict.CONTAIN:
            return _contain(recognised, decision, claim, station)
        case Verdict.ASK:
            return _ask(recognised, decision, claim, station)
        case Verdict.TELL:
            return _tell(recognised, decision, claim, station)
        case Verdict.IGNORE:
            station.claims.told(claim)
            return _answered(claim, decision)
        case _:
            assert_never(decision.verdict)


def _found_out(
    leaked: Leaked, account: str, claim: Claim, station: Station
) -> tuple[Recognised, Decision] | Answer:
    """Decide, or answer that a person has to.

    Raises:
        UnleakError: it may go better next time.
    """
    try:
        return decided(leaked, account, station)
    except UnleakError as error:
        return broken_off(leaked.alert, error, claim, station)


def broken_off(alert: Alert, error: UnleakError, claim: Claim, station: Station) -> Answer:
    """Leave it to people where trying again is useless, else tell them and let it be tried again.

    Args:
        alert: what it was about.
        error: why it broke off, before anything was changed.
        claim: ours.
        station: what to work with.

    Raises:
        UnleakError: the same, for the next delivery or sweep to try again.
    """
    if _is_final(error, claim):
        return _give_up(alert, error, claim, station)
    _tell_of_break(alert, error, claim, station)
    raise error


def decided(leaked: Leaked, account: str, station: Station) -> tuple[Recognised, Decision]:
    """Find out what an alert is about and what the policy says to it; nothing is changed.

    A rule may name another way to contain than the first plan took; then it is planned anew, so
    that what people are asked is what will be done.

    Args:
        leaked: the alert.
        account: one of ours.
        station: what to work with.

    Raises:
        UnleakError: it cannot be contained from here, or AWS did not answer.
    """
    first = options_for(RuleOptions(), leaked, station)
    recognised = recognise(leaked, account, station.clouds, first)
    decision = decide(station.policy, recognised.subject, traits_of(recognised.plan))
    wanted = options_for(decision.options, leaked, station)
    if wanted != first:
        recognised = recognise(leaked, account, station.clouds, wanted)
    traits = traits_of(recognised.plan)
    return recognised, careful(decision, traits, knows_itself=recognised.knows_itself)


def approved(leaked: Leaked, account: str, claim: Claim, station: Station) -> Answer:
    """Contain what a person has approved, in the way that the policy's rule names.

    Args:
        leaked: the alert that its claim keeps.
        account: one of ours.
        claim: ours.
        station: what to work with.

    Raises:
        UnleakError: nothing could be begun, or it broke off; or it would be another plan by now
            than the person has seen, because somebody has changed the policy or the role.
    """
    recognised, decision = decided(leaked, account, station)
    unseen = _steps_of(recognised.plan) - set(claim.plan_words.split("\n"))
    if unseen:
        message = f"this is not what was shown for approval any more: {min(unseen)}"
        raise UnleakError(message, hint="nothing was changed; you are asked anew in a few minutes")
    decision = replace(decision, verdict=Verdict.CONTAIN, why="a person has approved it")
    return _contain(recognised, decision, claim, station)


def _steps_of(plan: Plan) -> set[str]:
    """Return what a plan would change, in the words in which people are asked."""
    bare = replace(plan, warnings=(), abilities=(), not_contained=())
    return set(planned_lines(bare)) if plan.pending else set()


def _contain(recognised: Recognised, decision: Decision, claim: Claim, station: Station) -> Answer:
    """Contain, tell people, and close the claim.

    The incident is written on the claim in the transaction that begins it.
    """
    request = replace(recognised.request, measuring=_measuring(recognised, station))
    try:
        response = revoke(
            request,
            recognised.doors,
            Nobody(),
            home=station.state.bound_to(claim),
            timing=station.timing,
        )
    except UnleakError as error:
        _tell_of_break(recognised.subject.alert, error, claim, station)
        raise
    return _closed(response, decision, claim, station)


def _go_on(incident: str, leaked: Leaked, account: str, claim: Claim, station: Station) -> Answer:
    """Finish what another worker has begun and died over, unless a person has undone it."""
    try:
        before = incident_of(incident, home=station.state)
        if is_undone(before):
            station.claims.told(claim)
            why = "a person has undone it, so nothing was done again"
            return Answer(subject=claim.subject, verdict=None, why=why, incident=incident)
        response = resume(
            incident,
            station.clouds.doors(account),
            Nobody(),
            assume_yes=True,
            measuring=Measuring(timeout_seconds=proof_seconds(station)),
            home=station.state,
            options=hurried(before, station),
            timing=station.timing,
        )
    except UnleakError as error:
        _tell_of_break(leaked.alert, error, claim, station)
        raise
    why = "another worker had begun it and came to no end"
    decision = Decision(verdict=Verdict.CONTAIN, rule="", why=why)
    return _closed(response, decision, claim, station)


def _closed(response: Response, decision: Decision, claim: Claim, station: Station) -> Answer:
    """Tell first: whoever follows a worker that dies in between finds all done, and tells again."""
    incident, status = response.incident, response.status
    message = contained_message(
        incident,
        status,
        alert=alert_of(claim.alert).words,
        given=response.next_steps,
        home=station.home,
    )
    is_old_news = status in UNFINISHED and claim.tries > ATTEMPTS
    told = () if is_old_news else station.teller.tell(message)
    station.claims.finish(claim, incident=incident.id, status=status)
    answer = _answered(claim, decision)
    return replace(answer, incident=incident.id, status=status, told=told)


def _ask(recognised: Recognised, decision: Decision, claim: Claim, station: Station) -> Answer:
    """Send a link that approves once, and wait; where links are not set up, name the command."""
    settings, alert = station.policy.approval, recognised.subject.alert
    if station.url is None or settings.secret is None:
        why = f"{decision.why}; approvals by a link are not set up"
        return _tell(recognised, replace(decision, why=why), claim, station)
    until = station.clouds.now() + timedelta(minutes=settings.minutes)
    nonce = new_nonce()
    try:
        key = station.secrets.fetch(settings.secret)
        token = issue(subject=claim.subject, until=until, nonce=nonce, key=key)
    except UnleakError as error:
        why = f"{decision.why}; no link could be made for an approval: {error.message}"
        return _tell(recognised, replace(decision, why=why), claim, station)
    message = asking_message(
        recognised.plan,
        alert=alert.words,
        why=decision.why,
        link=link(station.url, token),
        until=until,
    )
    told = said(message, claim, station)
    station.claims.wait(
        claim,
        token_hash=nonce_hash(nonce),
        until=until + GRACE,
        plan_words="\n".join((message.title, *planned_lines(recognised.plan))),
    )
    return replace(_answered(claim, decision), told=told)


def _tell(recognised: Recognised, decision: Decision, claim: Claim, station: Station) -> Answer:
    alert = recognised.subject.alert
    message = telling_message(
        alert.subject, alert=alert.words, why=decision.why, plan=recognised.plan
    )
    told = said(message, claim, station)
    station.claims.told(claim)
    return replace(_answered(claim, decision), told=told)


def _is_final(error: UnleakError, claim: Claim) -> bool:
    """Whether trying again is useless: the same would be refused again, or it has been."""
    is_refused = isinstance(error, AwsFailure) and error.error_code == _NO_SUCH_KEY_ID
    if is_refused or isinstance(error, _MAYBE_FOR_GOOD):
        return claim.tries >= ATTEMPTS
    return isinstance(error, _FOR_GOOD)


def _give_up(alert: Alert, error: UnleakError, claim: Claim, station: Station) -> Answer:
    """A person has to: unleak refuses from here, and would refuse the next delivery too."""
    told = said(_failure(alert, error, claim, station), claim, station)
    station.claims.told(claim)
    return Answer(subject=claim.subject, verdict=Verdict.TELL, why=error.message, told=told)


def _tell_of_break(alert: Alert, error: UnleakError, claim: Claim, station: Station) -> None:
    """Tell of a response that will be tried again: three times, and not that somebody is at it.

    The lock of a worker that died lapses within half a minute; until then it looks alive.
    """
    if claim.tries <= ATTEMPTS and not isinstance(error, IncidentBusy):
        station.teller.tell(_failure(alert, error, claim, station))


def _failure(alert: Alert, error: UnleakError, claim: Claim, station: Station) -> Message:
    return failed_message(
        alert.subject, error, alert=alert.words, incident=claim.incident, home=station.home
    )


def said(message: Message, claim: Claim, station: Station) -> tuple[Told, ...]:
    """Tell people, where that is all that is done.

    Args:
        message: what to say.
        claim: ours.
        station: what to work with.

    Raises:
        UnleakError: it reached nobody, so it has to be tried again; three times at most.
    """
    told = station.teller.tell(message)
    is_heard = not told or any(each.delivery is Delivery.SENT for each in told)
    if not is_heard and claim.tries < ATTEMPTS:
        why = "; ".join(f"{each.destination}: {each.why or each.delivery}" for each in told)
        msg = f"nobody could be told ({why})"
        raise UnleakError(msg, hint="see `notify` in the policy")
    return told


def _answered(claim: Claim, decision: Decision) -> Answer:
    return Answer(
        subject=claim.subject, verdict=decision.verdict, why=decision.why, rule=decision.rule
    )


def _measuring(recognised: Recognised, station: Station) -> Measuring:
    return replace(recognised.request.measuring, timeout_seconds=proof_seconds(station))

"""AWS Health: AWS itself found a key in public, or somebody else using it.

The event names the key and no user, arrives in us-east-1, and `service` is `RISK` in AWS's own
sample but something else in rules that people deploy, so only the code of the event counts.
Sources: https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
https://github.com/aws/aws-health-tools (automated-actions/AWS_RISK_CREDENTIALS_EXPOSED)
What the entities of the codes about consoles and quarantines look like is untested.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.evidence.alerts import checked
from unleak.evidence.alerts.fields import Fields, fields_of
from unleak.evidence.clean import redact
from unleak.model.alert import Alert, Reading, Sender

if TYPE_CHECKING:
    from unleak.evidence.alerts.envelope import Envelope

_SEVERITIES: Final = {
    "AWS_RISK_CREDENTIALS_EXPOSED": "critical",
    "AWS_RISK_CREDENTIALS_EXPOSURE_SUSPECTED": "high",
    "AWS_RISK_CREDENTIALS_COMPROMISED": "critical",
    "AWS_RISK_CREDENTIALS_COMPROMISE_SUSPECTED": "high",
    "AWS_RISK_ACCOUNT_CONSOLE_COMPROMISE": "critical",
    "AWS_RISK_IAM_QUARANTINE": "critical",
}
"""Health grades nothing; these are ours: what AWS saw counts more than what it suspects."""
_NAME_USERS: Final = frozenset({"AWS_RISK_ACCOUNT_CONSOLE_COMPROMISE", "AWS_RISK_IAM_QUARANTINE"})
_WORDS: Final = {
    "AWS_RISK_CREDENTIALS_EXPOSED": "AWS found it in public",
    "AWS_RISK_CREDENTIALS_EXPOSURE_SUSPECTED": "AWS suspects that it is public",
    "AWS_RISK_CREDENTIALS_COMPROMISED": "AWS saw somebody else use it",
    "AWS_RISK_CREDENTIALS_COMPROMISE_SUSPECTED": "AWS suspects that somebody else uses it",
    "AWS_RISK_ACCOUNT_CONSOLE_COMPROMISE": "AWS saw somebody else in the console",
    "AWS_RISK_IAM_QUARANTINE": "AWS has put it into quarantine",
}


def is_health(detail: Fields) -> bool:
    """Whether it is the detail of a Health event, without its envelope."""
    return "eventTypeCode" in detail and "eventArn" in detail


def read_health(detail: Fields, envelope: Envelope) -> Reading:
    """Return one alert for each entity that is affected, or one for the account."""
    code = checked.word(detail.text("eventTypeCode"))
    if code not in _SEVERITIES:
        return Reading(ignored=(f"AWS Health: {code or 'no code'} is not about a credential",))
    if detail.text("statusCode") == "closed":
        return Reading(ignored=(f"AWS Health: {code} is closed",))
    owner = checked.account(detail.text("affectedAccount")) or envelope.account
    entities = detail.parts("affectedEntities")
    open_ones = [each for each in entities if each.text("status") != "RESOLVED"]
    if entities and not open_ones:
        return Reading(ignored=(f"AWS Health: {code}: every entity is resolved",))
    alerts = tuple(
        _alert(code, each, detail, envelope, owner) for each in open_ones or [fields_of({})]
    )
    left = detail.left_out("affectedEntities")
    ignored = (f"AWS Health: {left} more entities were not read",) if left else ()
    return Reading(alerts=alerts, ignored=ignored)


def _alert(
    code: str, entity: Fields, detail: Fields, envelope: Envelope, owner: str | None
) -> Alert:
    value = entity.text("entityValue")
    key = checked.key_id(value)
    who = checked.NOBODY if key is not None else _who(code, value, owner)
    return Alert(
        sender=Sender.AWS_HEALTH,
        type=code,
        id=checked.stable_id(detail.text("eventArn"), value),
        account=owner,
        region=envelope.region,
        access_key_id=key,
        principal=who.principal,
        session_name=who.session_name,
        at=envelope.at,
        severity=_SEVERITIES[code],
        summary=_WORDS[code],
    )


def _who(code: str, value: str, owner: str | None) -> checked.Who:
    named = checked.arn(value)
    if named.principal is not None:
        return named
    is_name = code in _NAME_USERS and checked.account(value) is None and redact(value) == value
    return checked.user(value, owner) if is_name else checked.NOBODY

"""Trusted Advisor's check "Exposed Access Keys": the key, its user and where it was seen.

Sources: https://docs.aws.amazon.com/awssupport/latest/user/security-checks.html (12Fnkpl8Y5)
https://docs.aws.amazon.com/awssupport/latest/user/cloudwatch-events-ta.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.evidence.alerts import checked
from unleak.model.alert import Alert, Reading, Sender

if TYPE_CHECKING:
    from unleak.evidence.alerts.envelope import Envelope
    from unleak.evidence.alerts.fields import Fields

_CHECK: Final = "Exposed Access Keys"
_FINE: Final = frozenset({"OK", "NOT_AVAILABLE"})
_ITEM: Final = "check-item-detail"


def is_trusted_advisor(detail: Fields) -> bool:
    """Whether it is the detail of a Trusted Advisor event, without its envelope."""
    return "check-name" in detail and _ITEM in detail


def read_trusted_advisor(detail: Fields, envelope: Envelope) -> Reading:
    """Return the alert of one exposed key."""
    check = detail.text("check-name")
    if check != _CHECK:
        about = checked.word(check) or "no check"
        return Reading(ignored=(f"Trusted Advisor: {about} is not about a credential",))
    status = checked.word(detail.text("status"))
    item = detail.part(_ITEM)
    if status in _FINE or item.text("Status") == "Green":
        return Reading(ignored=(f"Trusted Advisor: {_CHECK}: {status or 'Green'}",))
    key_text, name = item.text("Access Key ID"), item.text("User Name (IAM or Root)")
    who = checked.user(name, envelope.account)
    fraud = checked.word(item.text("Fraud Type"))
    alert = Alert(
        sender=Sender.TRUSTED_ADVISOR,
        type=_CHECK,
        id=checked.stable_id(detail.text("uuid") or detail.text("resource_id"), key_text),
        account=envelope.account,
        region=envelope.region,
        access_key_id=checked.key_id(key_text),
        principal=who.principal,
        at=checked.instant(item.text("Time Updated")) or envelope.at,
        severity="high" if status == "WARN" else "critical",
        summary=f"AWS found it in public ({fraud})" if fraud else "AWS found it in public",
    )
    return Reading(alerts=(alert,))

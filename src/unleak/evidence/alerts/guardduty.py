"""GuardDuty: somebody uses a credential in a way that its owner does not.

A finding that goes on comes again, by default every six hours, with the same `id`.
Sources: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Finding.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from unleak.evidence.alerts import checked
from unleak.evidence.alerts.sequence import culprits
from unleak.model.alert import Alert, Reading, Sender

if TYPE_CHECKING:
    from unleak.evidence.alerts.envelope import Envelope
    from unleak.evidence.alerts.fields import Fields

_SETTINGS: Final = "Policy:"
_SEQUENCE: Final = "AttackSequence:"
_BOUNDS: Final = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"))
_LONGEST_INFO: Final = 2_000


def is_guardduty(detail: Fields) -> bool:
    """Whether it is a finding without its envelope."""
    return all(name in detail for name in ("schemaVersion", "type", "resource", "service"))


def read_guardduty(detail: Fields, envelope: Envelope) -> Reading:
    """Return the alerts of one finding: one, or one for each credential of an attack sequence."""
    kind = checked.word(detail.text("type"))
    why = _no_alert(detail, kind)
    if why:
        return Reading(ignored=(f"GuardDuty: {kind or 'a finding'}: {why}",))
    if kind.startswith(_SEQUENCE):
        return _read_sequence(detail, envelope, kind)
    key = detail.part("resource", "accessKeyDetails")
    owner = checked.account(detail.text("accountId")) or envelope.account
    who = checked.who(key.text("userType"), key.text("userName"), key.text("principalId"), owner)
    key_id = checked.key_id(key.text("accessKeyId"))
    if key_id is None and who.principal is None:
        return Reading(ignored=(f"GuardDuty: {kind}: it names no credential",))
    return Reading(alerts=(_alert(detail, envelope, kind, key_id, who, owner),))


def _no_alert(detail: Fields, kind: str) -> str:
    """Return why a finding is no alert; empty where it may be one."""
    if detail.get("service", "archived") is True:
        return "archived"
    if _is_sample(detail):
        return "a sample, its names are made up"
    if kind.startswith(_SETTINGS):
        return "it is about a setting, not about a credential in wrong hands"
    return "" if kind else "it has no type"


def _is_sample(detail: Fields) -> bool:
    """Whether somebody has clicked "Generate sample findings"; told as a value or as JSON text."""
    info = detail.get("service", "additionalInfo")
    if isinstance(info, dict):
        if info.get("sample") is True:
            return True
        info = info.get("value", info.get("Value"))
    if not isinstance(info, str) or len(info) > _LONGEST_INFO:
        return False
    try:
        told: object = json.loads(info)
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and told.get("sample") is True


def _alert(
    detail: Fields,
    envelope: Envelope,
    kind: str,
    key_id: str | None,
    who: checked.Who,
    owner: str | None,
) -> Alert:
    return Alert(
        sender=Sender.GUARDDUTY,
        type=kind,
        id=checked.stable_id(detail.text("id") or detail.text("arn") or envelope.id),
        account=owner,
        region=checked.region(detail.text("region")) or envelope.region,
        access_key_id=key_id,
        principal=who.principal,
        principal_id=who.principal_id,
        session_name=who.session_name,
        at=checked.instant(detail.get("service", "eventLastSeen")) or envelope.at,
        severity=grade(detail.get("severity")),
        summary=checked.line(detail.text("title") or detail.text("description")),
    )


def _read_sequence(detail: Fields, envelope: Envelope, kind: str) -> Reading:
    owner = checked.account(detail.text("accountId")) or envelope.account
    sequence = detail.part("service", "detection", "sequence")
    found = culprits(sequence, owner)
    if not found:
        return Reading(ignored=(f"GuardDuty: {kind}: it names no credential",))
    alerts = tuple(
        Alert(
            sender=Sender.ATTACK_SEQUENCE,
            type=kind,
            id=checked.stable_id(detail.text("id") or sequence.text("uid") or envelope.id),
            account=each.account,
            region=checked.region(detail.text("region")) or envelope.region,
            access_key_id=each.access_key_id,
            principal=each.who.principal,
            principal_id=each.who.principal_id,
            session_name=each.who.session_name,
            at=checked.instant(detail.get("service", "eventLastSeen")) or envelope.at,
            severity=grade(detail.get("severity")),
            summary=checked.line(detail.text("title") or sequence.text("description")),
        )
        for each in found
    )
    left = sequence.left_out("actors") + sequence.left_out("resources")
    ignored = (f"GuardDuty: {left} more entries were not read",) if left else ()
    return Reading(alerts=alerts, ignored=ignored)


def grade(severity: object) -> str:
    """Return the word for GuardDuty's number; empty where there is none.

    Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html
    """
    if isinstance(severity, bool) or not isinstance(severity, (int, float)) or not severity > 0:
        return ""
    return next((name for least, name in _BOUNDS if severity >= least), "low")

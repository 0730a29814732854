"""The new Security Hub: findings in OCSF, as far as their shape is documented.

AWS shows the event around a finding and names the schema, but no sample of a stolen key, so which
of the schema's places hold the key id is untested: every one of them is looked at.
Sources: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-v2-cwe-event-formats.html
https://schema.ocsf.io/1.6.0/classes/detection_finding
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.evidence.alerts import checked
from unleak.evidence.alerts.sequence import Culprit
from unleak.model.alert import Alert, Reading, Sender

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.evidence.alerts.envelope import Envelope
    from unleak.evidence.alerts.fields import Fields

_DETECTION: Final = 2004
"""Detection Finding; the other classes are about settings, weak software and exposure."""
_DONE: Final = frozenset({"Resolved", "Suppressed", "Archived", "Deleted"})
_GRADES: Final = {
    "Informational": "low",
    "Low": "low",
    "Medium": "medium",
    "High": "high",
    "Critical": "critical",
    "Fatal": "critical",
}


def is_ocsf(finding: Fields) -> bool:
    """Whether it is one finding in OCSF."""
    return "class_uid" in finding and "finding_info" in finding


def read_ocsf(finding: Fields, envelope: Envelope) -> Reading:
    """Return the alerts of one finding in OCSF."""
    kind = _kind(finding)
    why = _no_alert(finding, kind)
    if why:
        return Reading(ignored=(f"Security Hub: {kind or 'a finding'}: {why}",))
    owner = checked.account(finding.text("cloud", "account", "uid")) or envelope.account
    found = {
        each.access_key_id or each.who: each
        for each in _culprits(finding, owner)
        if each.access_key_id is not None or each.who.principal is not None
    }
    with_key = [each for each in found.values() if each.access_key_id is not None]
    alerts = tuple(_alert(finding, envelope, kind, each) for each in with_key or found.values())
    if not alerts:
        return Reading(ignored=(f"Security Hub: {kind or 'a finding'}: it names no credential",))
    return Reading(alerts=alerts)


def _kind(finding: Fields) -> str:
    types = finding.get("finding_info", "types")
    first = types[0] if isinstance(types, list) and types else ""
    return checked.word(first if isinstance(first, str) else "") or checked.word(
        finding.text("metadata", "event_code")
    )


def _no_alert(finding: Fields, kind: str) -> str:
    """Return why a finding is no alert; empty where it may be one."""
    if finding.get("class_uid") != _DETECTION or "compliance" in finding:
        return "it is about a setting, not about a credential in wrong hands"
    if finding.text("status") in _DONE or finding.text("activity_name") == "Close":
        return "resolved, suppressed or archived"
    if "/Policy:" in f"/{kind}":
        return "it is about a setting, not about a credential in wrong hands"
    return ""


def _culprits(finding: Fields, owner: str | None) -> Iterator[Culprit]:
    for place in (finding, *finding.parts("evidences")):
        yield _actor(place.part("actor"), owner)
    for resource in finding.parts("resources"):
        if resource.text("type") in {"AWS::IAM::AccessKey", "AwsIamAccessKey"}:
            account = checked.account(resource.text("owner", "account", "uid")) or owner
            text = resource.text("uid").rpartition(":")[2].rpartition("/")[2]
            key = checked.key_id(text) or checked.key_id(resource.text("name"))
            yield Culprit(access_key_id=key, account=account, who=checked.NOBODY)


def _actor(actor: Fields, owner: str | None) -> Culprit:
    user, session = actor.part("user"), actor.part("session")
    account = checked.account(user.text("account", "uid")) or owner
    who = checked.session_of(session.text("issuer"), user.text("uid")) or checked.who(
        user.text("type"), user.text("name"), user.text("uid"), account
    )
    key = checked.key_id(user.text("credential_uid")) or checked.key_id(
        session.text("credential_uid")
    )
    return Culprit(access_key_id=key, account=account, who=who)


def _alert(finding: Fields, envelope: Envelope, kind: str, culprit: Culprit) -> Alert:
    info = finding.part("finding_info")
    seen = info.get("last_seen_time_dt") or finding.get("time_dt") or finding.get("time")
    return Alert(
        sender=Sender.SECURITY_HUB,
        type=kind,
        id=checked.stable_id(info.text("uid") or envelope.id),
        account=culprit.account,
        region=checked.region(finding.text("cloud", "region")) or envelope.region,
        access_key_id=culprit.access_key_id,
        principal=culprit.who.principal,
        principal_id=culprit.who.principal_id,
        session_name=culprit.who.session_name,
        at=checked.instant(seen) or envelope.at,
        severity=_GRADES.get(finding.text("severity"), ""),
        summary=checked.line(info.text("title") or info.text("desc") or finding.text("message")),
    )

"""Security Hub CSPM: findings of other services in ASFF, many of them about mere settings.

Sources: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html
https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.evidence.alerts import checked
from unleak.evidence.alerts.sequence import Culprit, culprits
from unleak.model.alert import Alert, Reading, Sender

if TYPE_CHECKING:
    from unleak.evidence.alerts.envelope import Envelope
    from unleak.evidence.alerts.fields import Fields

_SETTINGS: Final = ("Software and Configuration Checks", "Industry and Regulatory Standards")
_DONE: Final = frozenset({"RESOLVED", "SUPPRESSED"})
_FALSE: Final = frozenset({"FALSE_POSITIVE", "BENIGN_POSITIVE"})
_GRADES: Final = {
    "INFORMATIONAL": "low",
    "LOW": "low",
    "MEDIUM": "medium",
    "HIGH": "high",
    "CRITICAL": "critical",
}
_HOLDERS: Final = frozenset({"AwsIamUser", "AwsIamRole"})


def is_security_hub(finding: Fields) -> bool:
    """Whether it is one finding in ASFF."""
    return all(name in finding for name in ("ProductArn", "AwsAccountId", "Resources"))


def read_security_hub(finding: Fields, envelope: Envelope) -> Reading:
    """Return the alerts of one finding in ASFF."""
    types = finding.get("Types")
    first = types[0] if isinstance(types, list) and types else ""
    kind = checked.word(first) if isinstance(first, str) else ""
    why = _no_alert(finding, kind)
    if why:
        return Reading(ignored=(f"Security Hub: {kind or 'a finding'}: {why}",))
    owner = checked.account(finding.text("AwsAccountId"))
    found = culprits(finding.part("Detection", "Sequence"), owner) or _in_resources(finding, owner)
    if not found:
        return Reading(ignored=(f"Security Hub: {kind or 'a finding'}: it names no credential",))
    left = finding.left_out("Resources")
    ignored = (f"Security Hub: {left} more resources were not read",) if left else ()
    return Reading(
        alerts=tuple(_alert(finding, envelope, kind, each) for each in found), ignored=ignored
    )


def _no_alert(finding: Fields, kind: str) -> str:
    """Return why a finding is no alert; empty where it may be one."""
    if finding.text("RecordState") == "ARCHIVED":
        return "archived"
    if finding.text("Workflow", "Status") in _DONE:
        return "resolved or suppressed"
    if finding.text("VerificationState") in _FALSE:
        return "a false alarm, as somebody has judged"
    if finding.get("Sample") is True:
        return "a sample, its names are made up"
    if "Compliance" in finding or kind.startswith(_SETTINGS) or "/Policy:" in f"/{kind}":
        return "it is about a setting, not about a credential in wrong hands"
    return ""


def _in_resources(finding: Fields, owner: str | None) -> tuple[Culprit, ...]:
    """Return the keys among the resources; users and roles only where there is no key."""
    resources = finding.parts("Resources")
    keys = [_key(each, owner) for each in resources if each.text("Type") == "AwsIamAccessKey"]
    named = [each for each in keys if each.access_key_id or each.who.principal]
    if named:
        return tuple(named)
    holders = [checked.arn(each.text("Id")) for each in resources if each.text("Type") in _HOLDERS]
    return tuple(
        Culprit(access_key_id=None, account=each.principal.account, who=each)
        for each in holders
        if each.principal is not None
    )


def _key(resource: Fields, owner: str | None) -> Culprit:
    """Read one key; GuardDuty's have its id behind the last colon of the resource's `Id` as well.

    Source: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsIamAccessKeyDetails.html
    """
    details = resource.part("Details", "AwsIamAccessKey")
    account = checked.account(details.text("AccountId")) or owner
    name = details.text("PrincipalName") or details.text("UserName")
    unique = details.text("PrincipalId")
    who = checked.session_of(
        details.text("SessionContext", "SessionIssuer", "Arn"), unique
    ) or checked.who(details.text("PrincipalType") or "IAMUser", name, unique, account)
    text = details.text("AccessKeyId") or resource.text("Id").rpartition(":")[2]
    return Culprit(access_key_id=checked.key_id(text), account=account, who=who)


def _alert(finding: Fields, envelope: Envelope, kind: str, culprit: Culprit) -> Alert:
    times = ("LastObservedAt", "UpdatedAt")
    seen = next((at for each in times if (at := checked.instant(finding.get(each)))), envelope.at)
    product = checked.word(finding.text("ProductName"))
    title = finding.text("Title") or finding.text("Description")
    return Alert(
        sender=Sender.SECURITY_HUB,
        type=kind,
        id=checked.stable_id(finding.text("Id") or envelope.id),
        account=culprit.account,
        region=checked.region(finding.text("Region")) or envelope.region,
        access_key_id=culprit.access_key_id,
        principal=culprit.who.principal,
        principal_id=culprit.who.principal_id,
        session_name=culprit.who.session_name,
        at=seen,
        severity=_GRADES.get(finding.text("Severity", "Label"), ""),
        summary=checked.line(f"{product}: {title}" if product else title),
    )

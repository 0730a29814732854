"""AWS puts a user into quarantine: CloudTrail shows the policy being attached.

The event can carry the victim's own identity and key id, sent by AWS.  Anybody else who may attach
policies can attach this one too, and then the key in the event is his, not the victim's.
Sources: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html
How AWS signs the call itself is untested.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from unleak.evidence.alerts import checked
from unleak.model.alert import Alert, Reading, Sender

if TYPE_CHECKING:
    from unleak.evidence.alerts.envelope import Envelope
    from unleak.evidence.alerts.fields import Fields

_NAME: Final = (
    r"(AWSCompromisedKeyQuarantine(?:V[0-9]{1,3})?|AWSExposedCredentialPolicy_DO_NOT_REMOVE)"
)
_ATTACHED: Final = re.compile(rf"arn:aws[a-z-]{{0,20}}:iam::aws:policy/{_NAME}")
_WRITTEN: Final = re.compile(_NAME)
_AWS_ITSELF: Final = frozenset({"aws internal", "aws-internal"})


def is_trail_record(detail: Fields) -> bool:
    """Whether it is one record of CloudTrail, without its envelope."""
    return "eventSource" in detail and "eventName" in detail and "userIdentity" in detail


def read_quarantine(record: Fields, envelope: Envelope) -> Reading:
    """Return the alert where a record of CloudTrail shows a user put into quarantine."""
    name = checked.word(record.text("eventName"))
    policy = _policy(record)
    if record.text("eventSource") != "iam.amazonaws.com" or policy is None:
        return Reading(ignored=(f"CloudTrail: {name or 'a record'} puts nobody into quarantine",))
    if "errorCode" in record:
        return Reading(ignored=(f"CloudTrail: {name} of {policy} failed",))
    owner = checked.account(record.text("recipientAccountId")) or envelope.account
    who = checked.user(record.text("requestParameters", "userName"), owner)
    if who.principal is None:
        return Reading(ignored=(f"CloudTrail: {name} of {policy} names no user",))
    alert = Alert(
        sender=Sender.QUARANTINE,
        type=policy,
        id=checked.stable_id(record.text("eventID") or envelope.id),
        account=owner,
        region=checked.region(record.text("awsRegion")) or envelope.region,
        access_key_id=_own_key(record),
        principal=who.principal,
        at=checked.instant(record.get("eventTime")) or envelope.at,
        severity="critical",
        summary="AWS's quarantine policy was attached to the user",
    )
    return Reading(alerts=(alert,))


def _policy(record: Fields) -> str | None:
    match record.text("eventName"):
        case "AttachUserPolicy":
            found = _ATTACHED.fullmatch(record.text("requestParameters", "policyArn"))
        case "PutUserPolicy":
            found = _WRITTEN.fullmatch(record.text("requestParameters", "policyName"))
        case _:
            return None
    return None if found is None else found.group(1)


def _own_key(record: Fields) -> str | None:
    """Return the key id of the caller where AWS has called in the victim's own name."""
    caller = record.part("userIdentity")
    signs = {record.text("userAgent").lower(), record.text("sourceIPAddress").lower()}
    is_victim = caller.text("userName") == record.text("requestParameters", "userName")
    if not is_victim or not signs & _AWS_ITSELF:
        return None
    return checked.key_id(caller.text("accessKeyId"))

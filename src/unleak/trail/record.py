"""One CloudTrail record, taken apart by type: what a trace needs of it, and nothing that is secret.

The text is hostile: a thief chooses session names, user agents and parameters.  `responseElements`
of a minting call holds a whole session token, so no record is kept; only the fields below are.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from unleak.evidence.trail_time import read_trail_time
from unleak.model.frozen import dataclass
from unleak.trail.fields import members, text_at
from unleak.trail.made import Changed, read_changed
from unleak.trail.minted import Minted, read_minted

if TYPE_CHECKING:
    from unleak.trail.fields import Json

_DENIALS = ("AccessDenied", "UnauthorizedOperation", "AccessDeniedException", "Forbidden")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is kept of one event."""

    event_id: str
    name: str
    source: str
    region: str
    at: datetime | None
    error_code: str | None
    source_ip: str
    user_agent: str
    key_id: str | None
    identity_type: str
    arn: str | None
    account: str | None
    shared_id: str | None
    invoked_by: str | None
    minted: tuple[Minted, ...]
    changed: Changed | None
    compute: tuple[str, ...]
    """Instances, functions and the like that the call started or entered."""
    role_arn: str | None
    """The role that was asked for, in an `AssumeRole` or a `PassRole`d start."""
    signed_in: bool
    """Whether this is a console sign-in that succeeded."""
    target: str
    """What the call was about, as far as one word tells."""

    @property
    def is_denied(self) -> bool:
        """Whether it was refused for want of permission."""
        return self.error_code is not None and any(each in self.error_code for each in _DENIALS)

    @property
    def is_success(self) -> bool:
        """Whether it did what it was asked for."""
        return self.error_code is None


def read_record(document: Json) -> Record | None:
    """Read one event; None where it is none.

    Args:
        document: a parsed event, of AWS's shape or with `@timestamp` for `eventTime`.
    """
    name = text_at(document, "eventName")
    if not isinstance(document, dict) or name is None:
        return None
    source = text_at(document, "eventSource") or ""
    if source in {"iam.amazonaws.com", "sts.amazonaws.com", ""}:
        # an emulator that records each call under one name, with the form it came in
        name = text_at(document, "requestParameters", "Action") or name
    sign_in = text_at(document, "responseElements", "ConsoleLogin")
    error = text_at(document, "errorCode") or ("Failure" if sign_in == "Failure" else None)
    time = text_at(document, "eventTime") or text_at(document, "@timestamp")
    done = error is None
    return Record(
        event_id=text_at(document, "eventID") or "",
        name=name,
        source=source,
        region=text_at(document, "awsRegion") or "",
        at=None if time is None else read_trail_time(time),
        error_code=error,
        source_ip=text_at(document, "sourceIPAddress") or "",
        user_agent=text_at(document, "userAgent") or "",
        key_id=text_at(document, "userIdentity", "accessKeyId"),
        identity_type=text_at(document, "userIdentity", "type") or "",
        arn=text_at(document, "userIdentity", "arn"),
        account=text_at(document, "userIdentity", "accountId"),
        shared_id=text_at(document, "sharedEventID"),
        invoked_by=text_at(document, "userIdentity", "invokedBy"),
        minted=read_minted(document, name, source) if done else (),
        changed=read_changed(document, name, source) if done else None,
        compute=_compute(document) if done else (),
        role_arn=text_at(document, "requestParameters", "roleArn"),
        signed_in=sign_in == "Success",
        target=_target(document),
    )


COMPUTE_FIELDS = ("functionName", "instanceId", "target", "notebookInstanceName", "projectName")


def _compute(document: Json) -> tuple[str, ...]:
    """Return the instances that were started or entered, and the functions that were made."""
    found: list[str] = []
    name = text_at(document, "eventName") or ""
    if name.startswith(_STARTS):
        for side in ("responseElements", "requestParameters"):
            items = members(document, side, "instancesSet", "items")
            found += [text_at(each, "instanceId") or "" for each in items]
        found += [str(each) for each in members(document, "requestParameters", "instanceIds")]
        found += [text_at(document, "requestParameters", field) or "" for field in COMPUTE_FIELDS]
        found.append(
            text_at(
                document,
                "requestParameters",
                "AssociateIamInstanceProfileRequest",
                "InstanceId",
            )
            or ""
        )
    return tuple(dict.fromkeys(each.rsplit(":", 1)[-1] for each in found if each))


_STARTS = (
    "RunInstances",
    "StartInstances",
    "SendCommand",
    "StartSession",
    "SendSSHPublicKey",
    "SendSerialConsoleSSHPublicKey",
    "AssociateIamInstanceProfile",
    "ModifyInstanceAttribute",
    "CreateFunction",
    "UpdateFunctionCode",
    "UpdateFunctionConfiguration",
    "CreateNotebookInstance",
    "CreateProject",
    "UpdateProject",
    "StartBuild",
)
"""Calls that let a thief run code where a service hands out credentials."""

TARGETS = (
    "roleArn",
    "userName",
    "roleName",
    "groupName",
    "policyArn",
    "secretId",
    "bucketName",
    "functionName",
    "instanceId",
    "name",
    "keyId",
    "snapshotId",
    "modelId",
    "trailName",
    "dBInstanceIdentifier",
)


def _target(document: Json) -> str:
    for field in TARGETS:
        found = text_at(document, "requestParameters", field)
        if found is not None:
            key = text_at(document, "requestParameters", "key") if field == "bucketName" else None
            return f"{found}/{key}" if key else found
    return ""

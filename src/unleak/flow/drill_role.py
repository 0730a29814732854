"""The throw-away role of a drill: whom it trusts, what it may do, and how it goes away again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from unleak.errors import (
    AwsFailure,
    MissingPermission,
    NoSuchPrincipal,
    Refused,
    UnleakError,
    WrongUse,
)
from unleak.model.action import Holder, HolderType, RoleRecord
from unleak.model.drill import NAME_PREFIX, PATH, TAG
from unleak.model.principal import PrincipalType, parse_arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.flow.timing import Timing
    from unleak.model.credential import FoundCredential
    from unleak.model.drill import DrillPlan
    from unleak.model.ports import Reader, RoleRead, Writer
    from unleak.model.situation import Caller

SERVICE = "sqs"
"""The service whose harmless call the role may make; each region answers for itself.

Source: https://docs.aws.amazon.com/general/latest/gr/sqs-service.html
"""
ACTION = "sqs:ListQueues"
POLICY = "UnleakDrill"
_ATTEMPTS = 6
_MISSES = 3
"""How often IAM has to say that it knows no such role, where we have not deleted it ourselves."""
_ARRIVAL_SECONDS = 60.0
_WAIT = 1.0


def trusted_principal(caller: Caller, reader: Reader) -> str:
    """Return the ARN of our own principal, which alone may assume the role.

    A session is trusted by its role: the next sign-in has to be able to clean up.

    Raises:
        Refused: the cloud does not tell who we are, or we are somebody who cannot assume roles.
    """
    if caller.arn is None or caller.account is None:
        message = "a drill makes a role that trusts you alone, and it is not known who you are"
        raise Refused(message, hint="`unleak doctor` tells what is missing")
    try:
        principal = parse_arn(caller.arn).principal
    except WrongUse as error:
        raise Refused(error.message, hint="sign in as a user or a role") from error
    match principal.type:
        case PrincipalType.USER if principal.arn is not None:
            return principal.arn
        case PrincipalType.ROLE:
            return principal.arn or _arn_of(reader.role(principal.name))
        case _:
            # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
            message = f"{principal.label} cannot assume roles, so it cannot play the thief"
            raise Refused(message, hint="sign in as a user or a role, the one that would respond")


def record_of(plan: DrillPlan) -> RoleRecord:
    """Return the role that is made."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": plan.trusted},
        "Action": "sts:AssumeRole",
    }
    return RoleRecord(
        name=plan.role,
        path=PATH,
        trust_policy=_policy(statement),
        description="A rehearsal of unleak; `unleak drill --clean` removes it",
        max_session_seconds=3600,
        boundary=None,
        tags=((TAG, plan.id),),
    )


def make(plan: DrillPlan, writer: Writer) -> None:
    """Make the role and allow it the one harmless call."""
    writer.create_role(record_of(plan))
    allow = {"Effect": "Allow", "Action": plan.action, "Resource": "*"}
    writer.put_inline_policy(_holder(plan.role), policy_name=POLICY, document=_policy(allow))


def session_of(plan: DrillPlan, reader: Reader, timing: Timing, *, name: str) -> FoundCredential:
    """Mint a session of the role, waiting until STS knows it.

    What IAM changes is seen a little later.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html

    Raises:
        MissingPermission: STS still refuses when a minute is over.
    """
    deadline = timing.monotonic() + _ARRIVAL_SECONDS
    while True:
        try:
            return reader.assume_role(plan.role_arn, session_name=name)
        except (MissingPermission, NoSuchPrincipal):
            if timing.monotonic() >= deadline:
                raise
            timing.pause(_WAIT)


def remove(name: str, reader: Reader, writer: Writer, timing: Timing) -> str | None:
    """Take everything off a role of a drill and delete it; returns why it is still there, if it is.

    IAM's answers may be older than its last change, so what it does not know yet is looked for
    again, and a role counts as gone only when it cannot be read.

    Args:
        name: of the role; one that no drill made is left alone.
        reader: looks.
        writer: removes.
        timing: waits between attempts.
    """
    why, is_deleted, misses = "it was not tried", False, 0
    for attempt in range(_ATTEMPTS):
        if attempt:
            timing.pause(_WAIT)
        try:
            found = reader.role(name)
            if not is_of_drill(found):
                return "it has not the path and the tag of a drill, so it is left alone"
            _strip_and_delete(_holder(name), reader, writer)
            is_deleted = True
            reader.role(name)
            why = "IAM still shows it"
        except NoSuchPrincipal:
            misses += 1
            if is_deleted or misses >= _MISSES:
                return None
        except AwsFailure as error:
            why = error.message
        except UnleakError as error:
            return error.message
    return why


def is_of_drill(found: RoleRead) -> bool:
    """Whether a role was made by a drill: name, path and tag say so."""
    record = found.record
    is_named = record.name.startswith(NAME_PREFIX) and record.path == PATH
    return is_named and drill_id(found) is not None


def drill_id(found: RoleRead) -> str | None:
    """Return the id of the drill that made a role."""
    return dict(found.record.tags).get(TAG)


def _strip_and_delete(holder: Holder, reader: Reader, writer: Writer) -> None:
    for inline in reader.inline_policies(holder):
        writer.delete_inline_policy(holder, policy_name=inline.name)
    for attached in reader.attached_policies(holder):
        writer.detach_policy(holder, policy_arn=attached.arn)
    writer.delete_role(holder.name)


def _arn_of(found: RoleRead) -> str:
    if found.principal.arn is None:
        message = f"the ARN of {found.principal.label} is not told"
        raise Refused(message, hint="sign in as another role or user")
    return found.principal.arn


def _holder(role: str) -> Holder:
    return Holder(type=HolderType.ROLE, name=role)


def _policy(statement: Mapping[str, object]) -> str:
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return json.dumps(document, separators=(",", ":"))

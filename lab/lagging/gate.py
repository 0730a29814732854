"""The gate that every call goes through: who is it, may it, and what is written down about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from lab.lagging.access import CallerType, Signature, authenticate
from lab.lagging.asked import Asked
from lab.lagging.authorization import decide
from lab.lagging.control import ALPHA
from lab.lagging.refusal import dead, denied, refuse
from lab.lagging.services import operation_of
from lab.lagging.targets import FREE, action_of, more_context, resource_of

if TYPE_CHECKING:
    from lab.lagging.access import Caller
    from lab.lagging.authorization import Decision
    from lab.lagging.control import ControlPlane
    from lab.lagging.estate import Answer, World

GLOBAL: Final = frozenset({"iam", "organizations", "account"})
"""Services that decide in the partition's first region, wherever they are asked."""
_OPEN_TO_USER_SESSIONS: Final = frozenset({"AssumeRole", "GetCallerIdentity"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call that was served or refused."""

    instant: datetime
    access_key_id: str
    principal: str
    """The caller's ARN, empty where nobody could be recognised."""
    action: str
    region: str
    allowed: bool
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A call as it arrives."""

    service: str
    operation: str
    region: str
    parameters: Answer
    signature: Signature
    source: str = "198.51.100.7"
    user_agent: str = "lab"

    @property
    def action(self) -> str:
        """The action in the words of policies."""
        return action_of(self.service, self.operation)

    @property
    def deciding_region(self) -> str:
        """Whose plane decides."""
        return ALPHA if self.service in GLOBAL else self.region


def let_in(control: ControlPlane, wanted: Wanted) -> Caller:
    """Return who calls.

    Raises:
        Refusal: nobody that the deciding region knows.
    """
    now = control.clock.now()
    session = control.sessions.get(wanted.signature.key_id)
    return authenticate(
        plane_of(control, wanted), wanted.signature, session, service=wanted.service, now=now
    )


def plane_of(control: ControlPlane, wanted: Wanted) -> World:
    """Return the world that the deciding region goes by."""
    return control.planes.at(wanted.deciding_region, control.clock.now())


def permit(control: ControlPlane, wanted: Wanted, caller: Caller) -> None:
    """Let a caller do what it wants, or refuse in AWS's words.

    Raises:
        Refusal: it may not.
    """
    _closed_to_user_sessions(wanted, caller)
    if wanted.action in FREE or wanted.action == "sts:AssumeRole":
        return  # AssumeRole weighs the trust policy too, and does it by itself
    decision = judge(control, wanted, caller)
    if not decision.is_allowed:
        resource = _resource(control, wanted, caller)
        on = "" if resource == "*" and wanted.service == "ec2" else f" on resource: {resource}"
        reason = decision.reason.format(action=wanted.action)
        sentence = f"User: {caller.arn} is not authorized to perform: {wanted.action}{on} {reason}"
        raise denied(wanted.service, sentence, _opaque(control, wanted, caller, decision))


def judge(
    control: ControlPlane, wanted: Wanted, caller: Caller, *, resource: str | None = None
) -> Decision:
    """Decide by the policies that the deciding region knows.

    Args:
        control: the cloud.
        wanted: the call.
        caller: who makes it.
        resource: None for what the call's parameters name.
    """
    context = {
        **caller.context(control.clock.now(), wanted.source),
        **more_context(wanted.service, wanted.parameters),
        "aws:requestedregion": (wanted.deciding_region,),
    }
    return decide(
        plane_of(control, wanted),
        caller,
        action=wanted.action,
        resource=resource or _resource(control, wanted, caller),
        context=context,
    )


def carry_out(control: ControlPlane, wanted: Wanted, caller: Caller) -> Answer:
    """Do what was asked."""
    operation = operation_of(wanted.service, wanted.operation)
    control.note_use(caller.key_id, service=wanted.service, region=wanted.region)
    asked = Asked(
        control=control,
        caller=caller,
        plane=plane_of(control, wanted),
        service=wanted.service,
        operation=wanted.operation,
        region=wanted.region,
        parameters=wanted.parameters,
        now=control.clock.now(),
        source=wanted.source,
    )
    return operation(asked)


def _closed_to_user_sessions(wanted: Wanted, caller: Caller) -> None:
    """Keep sessions of a user's own away from IAM and most of STS, as AWS does without MFA.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
    """
    is_minted_by_key = caller.session is not None and caller.type is not CallerType.ROLE
    if not is_minted_by_key:
        return
    if wanted.service == "iam":
        raise dead(wanted.service)
    if wanted.service == "sts":
        is_open = wanted.operation in _OPEN_TO_USER_SESSIONS
        if caller.type is CallerType.FEDERATED:
            is_open = wanted.operation == "GetCallerIdentity"
        if not is_open:
            message = f"Cannot call {wanted.operation} with session credentials"
            raise refuse(403, "AccessDenied", message)


def _resource(control: ControlPlane, wanted: Wanted, caller: Caller) -> str:
    account = control.world.accounts[caller.account]
    return resource_of(wanted.service, wanted.parameters, caller, account)


def _opaque(control: ControlPlane, wanted: Wanted, caller: Caller, decision: Decision) -> str:
    """Return the coded message of EC2, and keep what it means for `DecodeAuthorizationMessage`."""
    if wanted.service != "ec2":
        return ""
    items = [
        {
            "statementId": hit.statement.sid,
            "effect": "DENY" if hit.statement.is_deny else "ALLOW",
            "sourcePolicyId": hit.source.name,
            "sourcePolicyType": hit.source.layer.value,
        }
        for hit in decision.matched
    ]
    coded = control.mint.secret(160)
    control.opaque[coded] = {
        "allowed": False,
        "explicitDeny": decision.is_explicit,
        "matchedStatements": {"items": items},
        "failures": {"items": []},
        "context": {
            "principal": {"id": caller.user_id, "arn": caller.arn},
            "action": wanted.action,
            "resource": "*",
            "conditions": {"items": []},
        },
    }
    return coded

"""STS: who am I, and new sessions.  It decides on the plane of the region that is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from lab.lagging.access import CallerType
from lab.lagging.authorization import Layer, decide
from lab.lagging.estate import Role, User
from lab.lagging.ids import account_of
from lab.lagging.policy import speaking_of
from lab.lagging.refusal import denied, refuse

if TYPE_CHECKING:
    from lab.lagging.access import Session
    from lab.lagging.asked import Asked, Operation
    from lab.lagging.conditions import Context
    from lab.lagging.estate import Answer

_CHAINED_MOST: Final = 3600
_USER_SESSION: Final = 43200


def _get_caller_identity(asked: Asked) -> Answer:
    caller = asked.caller
    return {"UserId": caller.user_id, "Account": caller.account, "Arn": caller.arn}


def _assume_role(asked: Asked) -> Answer:
    arn, name = asked.text("RoleArn"), asked.text("RoleSessionName")
    role = _trusting_role(asked, arn)
    longest = role.max_session_seconds
    if asked.caller.session is not None:
        longest = min(longest, _CHAINED_MOST)
    seconds = asked.number("DurationSeconds", _CHAINED_MOST)
    if seconds > longest:
        message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise refuse(400, "ValidationError", message)
    number = arn.split(":")[4]
    session = asked.control.open_session(
        role,
        account=number,
        type=CallerType.ROLE,
        name=name,
        seconds=seconds,
        policy=asked.maybe("Policy"),
    )
    asked.control.note_use(role.unique_id, service="sts", region=asked.region)
    user = {
        "AssumedRoleId": f"{role.unique_id}:{name}",
        "Arn": f"arn:aws:sts::{number}:assumed-role/{role.name}/{name}",
    }
    return {"Credentials": _shown(session), "AssumedRoleUser": user}


def _get_session_token(asked: Asked) -> Answer:
    user = _minting_user(asked)
    session = asked.control.open_session(
        user,
        account=asked.caller.account,
        type=CallerType.USER,
        name=user.name,
        seconds=asked.number("DurationSeconds", _USER_SESSION),
    )
    return {"Credentials": _shown(session)}


def _get_federation_token(asked: Asked) -> Answer:
    user, name, number = _minting_user(asked), asked.text("Name"), asked.caller.account
    session = asked.control.open_session(
        user,
        account=number,
        type=CallerType.FEDERATED,
        name=name,
        seconds=asked.number("DurationSeconds", _USER_SESSION),
        policy=asked.maybe("Policy"),
    )
    federated = {
        "FederatedUserId": f"{number}:{name}",
        "Arn": f"arn:aws:sts::{number}:federated-user/{name}",
    }
    return {"Credentials": _shown(session), "FederatedUser": federated}


def _get_access_key_info(asked: Asked) -> Answer:
    return {"Account": account_of(asked.text("AccessKeyId"))}


def _decode_message(asked: Asked) -> Answer:
    found = asked.control.opaque.get(asked.text("EncodedMessage"))
    if found is None:
        message = "The message is not an authorization message of this cloud."
        raise refuse(400, "InvalidAuthorizationMessageException", message)
    return {"DecodedMessage": json.dumps(found)}


def _trusting_role(asked: Asked, arn: str) -> Role:
    """Return a role that lets the caller in, as far as the asked region knows.

    Raises:
        Refusal: the role is not known there, or either side does not allow it.
    """
    account = asked.plane.accounts.get((arn.split(":") + [""] * 5)[4])
    roles = account.roles.values() if account else ()
    role = next((one for one in roles if one.arn == arn), None)
    context = asked.caller.context(asked.now, asked.source)
    more = {"sts:rolesessionname": (asked.text("RoleSessionName"),)}
    if asked.maybe("ExternalId"):
        more["sts:externalid"] = (asked.text("ExternalId"),)
    reason = "because no resource-based policy allows the sts:AssumeRole action"
    if role is not None and account is not None:
        decision = decide(
            asked.plane,
            asked.caller,
            action="sts:AssumeRole",
            resource=arn,
            context={**context, **more},
        )
        trust = _trust(asked, role, {**context, **more})
        is_named = trust is _NAMED and account.number == asked.caller.account
        if decision.is_explicit:
            reason = decision.reason
        elif trust is _REFUSED:
            reason = f"with an explicit deny in a {Layer.TRUST}"
        elif trust is not _SILENT and (decision.is_allowed or is_named):
            return role
    sentence = (
        f"User: {asked.caller.arn} is not authorized to perform: sts:AssumeRole "
        f"on resource: {arn} {reason.format(action='sts:AssumeRole')}"
    )
    raise denied(asked.service, sentence, "")


_SILENT, _ACCOUNT, _NAMED, _REFUSED = "silent", "account", "named", "refused"


def _trust(asked: Asked, role: Role, context: Context) -> str:
    """Return what a trust policy says of the caller: nothing, the account, it itself, or no."""
    caller = asked.caller
    own = {caller.arn, caller.principal_arn, "*"}
    accounts = {caller.account, f"arn:aws:iam::{caller.account}:root"}
    said = {_SILENT}
    for statement in speaking_of(role.trust, "sts:AssumeRole", role.arn, context):
        principals = set(statement.principals or ())
        if statement.is_deny and principals & (own | accounts):
            said.add(_REFUSED)
        elif principals & own:
            said.add(_NAMED)
        elif principals & accounts:
            said.add(_ACCOUNT)
    return next(one for one in (_REFUSED, _NAMED, _ACCOUNT, _SILENT) if one in said)


def _minting_user(asked: Asked) -> User:
    holder = asked.caller.holder
    if asked.caller.session is not None or not isinstance(holder, User):
        message = f"Cannot call {asked.operation} with session credentials"
        raise refuse(403, "AccessDenied", message)
    return holder


def _shown(session: Session) -> Answer:
    return {
        "AccessKeyId": session.key_id,
        "SecretAccessKey": session.secret,
        "SessionToken": session.token,
        "Expiration": session.expires,
    }


OPERATIONS: Mapping[str, Operation] = {
    "GetCallerIdentity": _get_caller_identity,
    "AssumeRole": _assume_role,
    "GetSessionToken": _get_session_token,
    "GetFederationToken": _get_federation_token,
    "GetAccessKeyInfo": _get_access_key_info,
    "DecodeAuthorizationMessage": _decode_message,
}

"""IAM's policies at users, roles and groups: inline, attached and boundaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from lab.lagging.iam_views import attached, find_policy
from lab.lagging.policy import read
from lab.lagging.refusal import no_such, refuse

if TYPE_CHECKING:
    from lab.lagging.asked import Asked, Operation
    from lab.lagging.estate import Answer

INLINE_SIZE: Final = {"User": 2048, "Role": 10240, "Group": 5120}
ATTACHED_MOST: Final = 10


def _put_policy(kind: str, asked: Asked) -> Answer:
    holder, document = asked.holder(kind), asked.text("PolicyDocument")
    read(document)
    inline = {**holder.inline, asked.text("PolicyName"): document}
    if sum(len("".join(text.split())) for text in inline.values()) > INLINE_SIZE[kind]:
        message = (
            f"Maximum policy size of {INLINE_SIZE[kind]} bytes exceeded "
            f"for {kind.lower()} {holder.name}"
        )
        raise refuse(409, "LimitExceeded", message)
    asked.keep_holder(replace(holder, inline=inline))
    return {}


def _get_policy(kind: str, asked: Asked) -> Answer:
    holder, name = asked.holder(kind), asked.text("PolicyName")
    if name not in holder.inline:
        raise no_such(name, f"{kind.lower()} policy")
    return {f"{kind}Name": holder.name, "PolicyName": name, "PolicyDocument": holder.inline[name]}


def _list_policies(kind: str, asked: Asked) -> Answer:
    return {"PolicyNames": list(asked.holder(kind).inline), "IsTruncated": False}


def _delete_policy(kind: str, asked: Asked) -> Answer:
    holder, name = asked.holder(kind), asked.text("PolicyName")
    if name not in holder.inline:
        raise no_such(name, f"{kind.lower()} policy")
    left = {one: text for one, text in holder.inline.items() if one != name}
    asked.keep_holder(replace(holder, inline=left))
    return {}


def _attach(kind: str, asked: Asked) -> Answer:
    holder, arn = asked.holder(kind), policy_arn(asked, "PolicyArn")
    if arn in holder.attached:
        return {}
    if len(holder.attached) >= ATTACHED_MOST:
        message = f"Cannot exceed quota for PoliciesPer{kind}: {ATTACHED_MOST}"
        raise refuse(409, "LimitExceeded", message)
    asked.keep_holder(replace(holder, attached=(*holder.attached, arn)))
    return {}


def _detach(kind: str, asked: Asked) -> Answer:
    holder, arn = asked.holder(kind), asked.text("PolicyArn")
    if arn not in holder.attached:
        raise refuse(404, "NoSuchEntity", f"Policy {arn} was not found.")
    asked.keep_holder(replace(holder, attached=tuple(one for one in holder.attached if one != arn)))
    return {}


def _list_attached(kind: str, asked: Asked) -> Answer:
    rows = attached(asked.account, asked.holder(kind))
    return {"AttachedPolicies": rows, "IsTruncated": False}


def _put_boundary(kind: str, asked: Asked) -> Answer:
    arn = policy_arn(asked, "PermissionsBoundary")
    asked.keep_holder(replace(asked.holder(kind), boundary=arn))
    return {}


def _delete_boundary(kind: str, asked: Asked) -> Answer:
    holder = asked.holder(kind)
    if holder.boundary is None:
        raise no_such(holder.name, f"permissions boundary of the {kind.lower()}")
    asked.keep_holder(replace(holder, boundary=None))
    return {}


def policy_arn(asked: Asked, parameter: str) -> str:
    """Return the ARN of a managed policy that exists.

    Raises:
        Refusal: it does not (`NoSuchEntity`).
    """
    arn = asked.text(parameter)
    try:
        return find_policy(asked.account, arn).arn
    except KeyError:
        message = f"Policy {arn} does not exist or is not attachable."
        raise refuse(404, "NoSuchEntity", message) from None


def _of(kind: str) -> Mapping[str, Operation]:
    found: dict[str, Operation] = {
        f"Put{kind}Policy": partial(_put_policy, kind),
        f"Get{kind}Policy": partial(_get_policy, kind),
        f"List{kind}Policies": partial(_list_policies, kind),
        f"Delete{kind}Policy": partial(_delete_policy, kind),
        f"Attach{kind}Policy": partial(_attach, kind),
        f"Detach{kind}Policy": partial(_detach, kind),
        f"ListAttached{kind}Policies": partial(_list_attached, kind),
    }
    if kind != "Group":
        found[f"Put{kind}PermissionsBoundary"] = partial(_put_boundary, kind)
        found[f"Delete{kind}PermissionsBoundary"] = partial(_delete_boundary, kind)
    return found


OPERATIONS: Mapping[str, Operation] = {**_of("User"), **_of("Role"), **_of("Group")}

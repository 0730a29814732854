"""The hand of the responder without unleak: the changes that tests make over and over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloud import compact, revoke_document
from lab.wire import Answer

if TYPE_CHECKING:
    from lab.lagging.cloud import LaggingCloud
    from lab.wire import Keys

DENY_ALL = compact(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
)


def deny_if(operator: str, key: str, *values: str) -> str:
    """Return a policy that denies everything on one condition."""
    statement = {
        "Sid": "Cut",
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {operator: {key: list(values)}},
    }
    return compact({"Version": "2012-10-17", "Statement": [statement]})


def cut_off(cloud: LaggingCloud, holder: str) -> None:
    """Deny all sessions of `role/NAME` or `user/NAME` from before now, as the console does."""
    put(cloud, holder, revoke_document(cloud.clock.now()))


def put(cloud: LaggingCloud, holder: str, document: str, name: str = "cut") -> None:
    """Write an inline policy by the responder's hand."""
    kind, holder_name = holder.split("/", 1)
    cloud.call(
        cloud.responder_keys,
        "iam",
        f"Put{kind.capitalize()}Policy",
        PolicyName=name,
        PolicyDocument=document,
        **{f"{kind.capitalize()}Name": holder_name},
    )


def make_policy(cloud: LaggingCloud, name: str, document: str) -> str:
    """Create a managed policy and return its ARN."""
    answer = cloud.call(
        cloud.responder_keys, "iam", "CreatePolicy", PolicyName=name, PolicyDocument=document
    )
    return Answer(answer).text("Policy", "Arn")


def deactivate(cloud: LaggingCloud, user: str, key: Keys) -> None:
    """Switch a key off."""
    cloud.call(
        cloud.responder_keys,
        "iam",
        "UpdateAccessKey",
        UserName=user,
        AccessKeyId=key.access_key_id,
        Status="Inactive",
    )

"""What the responder's role and the role in a member account may do.

The names in angle brackets stand for what only a deployment knows; each template puts its own
expression there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeAlias

from unleak.aws.members import session_policy
from unleak.report.permissions import policy_for

Statement: TypeAlias = "dict[str, object]"

_NOT_FROM_HERE = frozenset({"UnleakFence", "UnleakFenceLook", "UnleakMembers", "UnleakRootAccess"})
"""For the credentials of `--org-profile`, which a function has not."""
TABLE, KEY, QUEUE = "<table>", "<key>", "<queue>"
PARTITION, REGION, ACCOUNT = "<partition>", "<region>", "<account>"
ORGANIZATION, MEMBER_ROLE = "<organization>", "<member-role>"
TOPICS, SENDER = "<topics>", "<sender>"
PLACEHOLDERS = (
    *(TABLE, KEY, QUEUE, PARTITION, REGION, ACCOUNT),
    *(ORGANIZATION, MEMBER_ROLE, TOPICS, SENDER),
)


def responder_statements() -> list[Statement]:
    """Return what the function's role may do, containment first.

    Raises:
        ValueError: a call to a service in `_NAMED` is not allowed on any resource.
    """
    own = _own_things()
    allowed = {action for each in own for action in _actions(each)}
    wanted: list[Statement] = []
    for each in policy_for("respond")["Statement"]:
        if not isinstance(each, dict) or each["Sid"] in _NOT_FROM_HERE:
            continue
        narrowed = {action for action in _actions(each) if action.split(":")[0] in _NAMED}
        if narrowed - allowed:
            message = f"{each['Sid']} has calls that no resource is named for: {narrowed - allowed}"
            raise ValueError(message)
        kept = [action for action in _actions(each) if action not in narrowed]
        if kept:
            wanted.append({**each, "Action": kept})
    return wanted + own


_NAMED = frozenset({"dynamodb", "kms", "lambda", "secretsmanager", "ses", "sns", "sqs", "ssm"})
"""Services of whose resources the responder may use its own alone."""


def _actions(statement: Mapping[str, object]) -> list[str]:
    actions = statement["Action"]
    return [str(each) for each in actions] if isinstance(actions, list) else [str(actions)]


def member_statements() -> list[Statement]:
    """Return what the role in a member account may do: no more than a session there is given."""
    (statement,) = json.loads(session_policy())["Statement"]
    return [{"Sid": "UnleakInMember", **statement}]


def _own_things() -> list[Statement]:
    """Return the statements for the journal, members, people and the dead-letter queue.

    Sources:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    members = _allow(
        "UnleakMembers", "sts:AssumeRole", to=f"arn:{PARTITION}:iam::*:role/{MEMBER_ROLE}"
    )
    accounts = f"arn:{PARTITION}:organizations::*:account/{ORGANIZATION}/*"
    topics = f"arn:{PARTITION}:sns:*:{ACCOUNT}:{TOPICS}"
    sender = f"arn:{PARTITION}:ses:{REGION}:{ACCOUNT}:identity/{SENDER}"
    itself = f"arn:{PARTITION}:lambda:{REGION}:{ACCOUNT}:function:unleak-responder"
    return [
        _allow("UnleakJournal", *(f"dynamodb:{each}" for each in _TABLE_CALLS), to=TABLE),
        _only(_allow("UnleakTableKey", *(f"kms:{each}" for each in _TABLE_KEY_CALLS), to=KEY), _BY),
        *_secrets(),
        _only(members, {"aws:ResourceOrgID": ORGANIZATION}),
        _allow("UnleakIsMember", "organizations:DescribeAccount", to=accounts),
        _allow("UnleakTellBySns", "sns:Publish", to=topics),
        _allow("UnleakTellBySes", "ses:SendEmail", to=sender),
        _allow("UnleakLost", "sqs:SendMessage", to=QUEUE),
        _allow("UnleakItself", "lambda:InvokeFunction", to=itself),
        _allow("UnleakOwnKey", "kms:Decrypt", "kms:GenerateDataKey", to=KEY),
    ]


def _secrets() -> list[Statement]:
    """Return the statements for secrets of our own name, and for the keys that they lie under.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
    """
    here = f"{REGION}:{ACCOUNT}"
    parameters = f"arn:{PARTITION}:ssm:{here}:parameter/unleak/*"
    secrets = f"arn:{PARTITION}:secretsmanager:{here}:secret:unleak/*"
    services = [f"{each}.{REGION}.amazonaws.com" for each in ("ssm", "secretsmanager")]
    opened = _allow("UnleakOpenSecrets", "kms:Decrypt", to=f"arn:{PARTITION}:kms:{here}:key/*")
    return [
        _allow("UnleakParameters", "ssm:GetParameter", to=parameters),
        _allow("UnleakSecrets", "secretsmanager:GetSecretValue", to=secrets),
        _only(opened, {"kms:ViaService": services}),
    ]


_BY = {"kms:ViaService": f"dynamodb.{REGION}.amazonaws.com"}
_TABLE_CALLS = (
    "ConditionCheckItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "UpdateItem",
)
_TABLE_KEY_CALLS = (
    "CreateGrant",
    "Decrypt",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey*",
    "ReEncrypt*",
)
"""What DynamoDB does with the key in the name of whoever uses the table.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
"""


def _allow(name: str, *actions: str, to: str) -> Statement:
    return {"Sid": name, "Effect": "Allow", "Action": list(actions), "Resource": to}


def _only(statement: Statement, equal: Mapping[str, object]) -> Statement:
    return {**statement, "Condition": {"StringEquals": dict(equal)}}

"""What the responder's role and the role in a member account may do.

The names in angle brackets stand for what only a deployment knows; each template puts its own
expression there.
"""

from __future__ import annotations

import json
from typing import TypeAlias

from unleak.aws.members import session_policy
from unleak.report.permissions import COMMANDS, policy_for

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
    """Return what the function's role may do, containment first."""
    containment = policy_for("respond" if "respond" in COMMANDS else "revoke")["Statement"]
    wanted: list[Statement] = [
        {**each}
        for each in containment
        if isinstance(each, dict) and each["Sid"] not in _NOT_FROM_HERE
    ]
    return wanted + _own_things()


def member_statements() -> list[Statement]:
    """Return what the role in a member account may do: no more than a session there is given."""
    (statement,) = json.loads(session_policy())["Statement"]
    return [{"Sid": "UnleakInMember", **statement}]


def _own_things() -> list[Statement]:
    """Return the statements for the journal, secrets, members, people and the dead-letter queue.

    Sources: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html (kms:ViaService)
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    here = f"{REGION}:{ACCOUNT}"
    return [
        _allow(
            "UnleakJournal",
            *(f"dynamodb:{each}" for each in _TABLE_CALLS),
            to=TABLE,
        ),
        _allow(
            "UnleakParameters",
            "ssm:GetParameter",
            to=f"arn:{PARTITION}:ssm:{here}:parameter/unleak/*",
        ),
        _allow(
            "UnleakSecrets",
            "secretsmanager:GetSecretValue",
            to=f"arn:{PARTITION}:secretsmanager:{here}:secret:unleak/*",
        ),
        {
            **_allow("UnleakOpenSecrets", "kms:Decrypt", to=f"arn:{PARTITION}:kms:{here}:key/*"),
            "Condition": {
                "StringEquals": {
                    "kms:ViaService": [
                        f"ssm.{REGION}.amazonaws.com",
                        f"secretsmanager.{REGION}.amazonaws.com",
                    ]
                }
            },
        },
        {
            **_allow(
                "UnleakMembers",
                "sts:AssumeRole",
                to=f"arn:{PARTITION}:iam::*:role/{MEMBER_ROLE}",
            ),
            "Condition": {"StringEquals": {"aws:ResourceOrgID": ORGANIZATION}},
        },
        _allow("UnleakTellBySns", "sns:Publish", to=f"arn:{PARTITION}:sns:*:{ACCOUNT}:{TOPICS}"),
        _allow(
            "UnleakTellBySes", "ses:SendEmail", to=f"arn:{PARTITION}:ses:{here}:identity/{SENDER}"
        ),
        _allow("UnleakLost", "sqs:SendMessage", to=QUEUE),
        _allow("UnleakOwnKey", "kms:Decrypt", "kms:GenerateDataKey", to=KEY),
        {
            **_allow("UnleakTableKey", *(f"kms:{each}" for each in _TABLE_KEY_CALLS), to=KEY),
            "Condition": {"StringEquals": {"kms:ViaService": f"dynamodb.{REGION}.amazonaws.com"}},
        },
    ]


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

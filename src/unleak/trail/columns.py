"""The rows that a trace needs of a store that speaks SQL: one definition for every dialect.

Each column is one place in an event that `read_record` looks at, and nothing else: an answer's
session token never leaves the store, nor lands in a query's result on S3.  A row that came back is
put together to an event again, and read by `read_record` like one from a file.  One thing differs:
where an event has a number instead of a text, a file has no text, and a row has its digits; where
it has a list or an object instead, CloudTrail Lake has that as text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from unleak.model.frozen import dataclass
from unleak.trail.made import KINDS
from unleak.trail.record import COMPUTE_FIELDS, TARGETS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unleak.trail.fields import Json

REQUEST: Final = "requestParameters"
ANSWER: Final = "responseElements"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One place in an event."""

    path: tuple[str, ...]
    """The fields on the way to it."""
    each: tuple[str, ...] | None = None
    """Where a list is at `path`: the fields on the way in each member; empty: the member itself."""

    @property
    def name(self) -> str:
        """What it is called in a row: `userName` and `UserName` stay apart without capitals."""
        first, *rest = self.path
        steps = (_SHORT.get(first, first), *rest, *(self.each or ()))
        return "_".join(_CAPITAL.sub(r"_\1", step).lower() for step in steps)


_SHORT: Final = {REQUEST: "asked", ANSWER: "given", "userIdentity": "by"}
"""CloudTrail Lake takes no statement of more than ten thousand characters."""
_CAPITAL: Final = re.compile(r"([A-Z])")
_TOP: Final = (
    "eventID",
    "eventTime",
    "eventName",
    "eventSource",
    "awsRegion",
    "errorCode",
    "sourceIPAddress",
    "userAgent",
    "sharedEventID",
    "recipientAccountId",
)
_IDENTITY: Final = ("type", "arn", "accountId", "accessKeyId", "userName", "invokedBy")
_ASKED: Final = tuple(
    dict.fromkeys(
        (
            "Action",
            *(field for kind in KINDS.values() for field in kind.named_by),
            *TARGETS,
            *COMPUTE_FIELDS,
            "key",
            "accessKeyId",
            "policyName",
        )
    )
)
_DEEP: Final = (
    (REQUEST, "AssociateIamInstanceProfileRequest", "InstanceId"),
    (ANSWER, "ConsoleLogin"),
    (ANSWER, "credentials", "accessKeyId"),
    (ANSWER, "credentials", "expiration"),
    (ANSWER, "assumedRoleUser", "arn"),
    (ANSWER, "federatedUser", "arn"),
    (ANSWER, "accessKey", "accessKeyId"),
    (ANSWER, "openIDConnectProviderArn"),
    (ANSWER, "sAMLProviderArn"),
    (ANSWER, "accessKey", "userName"),
    (ANSWER, "serviceSpecificCredential", "serviceSpecificCredentialId"),
    (ANSWER, "serviceSpecificCredential", "userName"),
    (ANSWER, "user", "arn"),
    (ANSWER, "role", "arn"),
)
_LISTS: Final = (
    Column(path=(REQUEST, "instanceIds"), each=()),
    Column(path=(REQUEST, "instancesSet", "items"), each=("instanceId",)),
    Column(path=(ANSWER, "instancesSet", "items"), each=("instanceId",)),
    Column(path=(ANSWER, "credentialSet"), each=("credentials", "accessKeyId")),
    Column(path=(ANSWER, "credentialSet"), each=("credentials", "expiration")),
    Column(path=(ANSWER, "credentialSet"), each=("assumedRoleUser", "arn")),
)
COLUMNS: Final = (
    *(Column(path=(field,)) for field in _TOP),
    *(Column(path=("userIdentity", field)) for field in _IDENTITY),
    *(Column(path=(REQUEST, field)) for field in _ASKED),
    *(Column(path=path) for path in _DEEP),
    *_LISTS,
)
"""Everything that is kept of an event; a test holds `read_record` to it."""
_NAMED: Final = tuple((column.name, column) for column in COLUMNS)
CALLER: Final = Column(path=("userIdentity", "accessKeyId"))
CALLER_ARN: Final = Column(path=("userIdentity", "arn"))
ROLE_ARN: Final = Column(path=(REQUEST, "roleArn"))
CHILDREN: Final = (
    Column(path=(ANSWER, "credentials", "accessKeyId")),
    Column(path=(ANSWER, "accessKey", "accessKeyId")),
    Column(path=(ANSWER, "serviceSpecificCredential", "serviceSpecificCredentialId")),
)
"""The credential that an answer hands out, where it is one."""
MANY_CHILDREN: Final = Column(path=(ANSWER, "credentialSet"), each=("credentials", "accessKeyId"))


def document_of(row: Mapping[str, str | Sequence[str | None] | None]) -> Json:
    """Return the event that a row stands for, as far as the columns tell.

    Args:
        row: values by the columns' names; a list column holds its members' values in order.
    """
    event: dict[str, Json] = {}
    for name, column in _NAMED:
        value = row.get(name)
        if column.each is None:
            if isinstance(value, str):
                _put(event, column.path, value)
        elif value is not None and not isinstance(value, str):
            _put_each(event, column.path, column.each, value)
    return event


def _put(node: dict[str, Json], path: tuple[str, ...], value: Json) -> None:
    for step in path[:-1]:
        below = node.setdefault(step, {})
        if not isinstance(below, dict):
            return
        node = below
    node[path[-1]] = value


def _put_each(
    event: dict[str, Json],
    path: tuple[str, ...],
    each: tuple[str, ...],
    values: Sequence[str | None],
) -> None:
    if not each:
        _put(event, path, [value for value in values if value is not None])
        return
    node: Json = event
    for step in path:
        node = node.get(step) if isinstance(node, dict) else None
    members = node if isinstance(node, list) else [{} for _ in values]
    for member, value in zip(members, values, strict=False):
        if value is not None and isinstance(member, dict):
            _put(member, each, value)
    _put(event, path, members)

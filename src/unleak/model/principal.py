"""Whose a credential is: a user, a role, root, a federated user."""

from __future__ import annotations

import re
from enum import StrEnum

from unleak.errors import WrongUse
from unleak.model.frozen import dataclass


class PrincipalType(StrEnum):
    """The kinds of principal that AWS knows, in the contract's spelling."""

    USER = "user"
    ROLE = "role"
    ROOT = "root"
    FEDERATED_USER = "federated-user"
    IDENTITY_CENTER_USER = "identity-center-user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A principal as far as it is known; `arn` and `account` are None for a bare `role/NAME`."""

    type: PrincipalType
    name: str
    arn: str | None = None
    account: str | None = None
    partition: str | None = None
    unique_id: str | None = None
    """`AROA...` or `AIDA...`; a role made anew under an old name has another one."""

    @property
    def label(self) -> str:
        """`role/NAME` or `user/NAME`: how people and the command line call it."""
        return "root" if self.type is PrincipalType.ROOT else f"{self.type}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arn:
    """The parts of an IAM or STS ARN that name an identity."""

    text: str
    partition: str
    account: str
    principal: Principal
    session_name: str | None = None


_ARN = re.compile(r"arn:(aws[a-z0-9-]*):(iam|sts)::(\d{12}):(.+)", re.ASCII)
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html (names)
NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)


def parse_arn(text: str) -> Arn:
    """Read the ARN of a user, role, assumed role, federated user or root.

    The ARN of an assumed role leaves the role's path out, so `principal.arn` stays None for it:
    only `GetRole` knows the true one.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html

    Raises:
        WrongUse: not an ARN of one of these.
    """
    matched = _ARN.fullmatch(text.strip())
    if matched is None:
        raise _not_understood(text)
    partition, service, account, resource = matched.groups()
    kind, _, rest = resource.partition("/")
    name = rest.rsplit("/", 1)[-1]
    session_name = None
    arn: str | None = matched.group(0)
    match (service, kind):
        case ("iam", "root") if not rest:
            type_, name = PrincipalType.ROOT, "root"
        case ("iam", "user" | "role"):
            type_ = PrincipalType(kind)
        case ("sts", "assumed-role") if "/" in rest:
            type_, arn = PrincipalType.ROLE, None
            name, session_name = rest.split("/", 1)
        case ("sts", "federated-user"):
            type_, name = PrincipalType.FEDERATED_USER, rest
        case _:
            raise _not_understood(text)
    if not all(NAME.fullmatch(part) for part in (name, session_name) if part is not None):
        raise _not_understood(text)
    principal = Principal(type=type_, name=name, arn=arn, account=account, partition=partition)
    return Arn(
        text=matched.group(0),
        partition=partition,
        account=account,
        principal=principal,
        session_name=session_name,
    )


def _not_understood(text: str) -> WrongUse:
    message = f"not the ARN of a user, role, session or root: {text.strip()[:120]!a}"
    return WrongUse(message, hint="give arn:aws:iam::ACCOUNT:role/NAME, or role/NAME, or user/NAME")

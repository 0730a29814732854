"""Hostile text to values: each is checked against the alphabet of what it claims to be."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import Final

from unleak.errors import WrongUse
from unleak.evidence.clean import printable, redact
from unleak.evidence.key_id import is_key_id, is_placeholder
from unleak.model.frozen import dataclass
from unleak.model.instant import parse_instant
from unleak.model.principal import NAME, Principal, PrincipalType, parse_arn

_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_REGION: Final = re.compile(r"[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}")
_UNIQUE_ID: Final = re.compile(r"(?:AIDA|AROA)[A-Z0-9]{12,28}")
_SESSION: Final = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_STABLE: Final = re.compile(r"[\w:/.@+=,#-]{1,400}", re.ASCII)
_NO_WORD: Final = re.compile(r"[^\w:/.!&()+,@ -]", re.ASCII)
_LONGEST_WORD: Final = 128
_LONGEST_LINE: Final = 300
_LONGEST_TIME: Final = 40
_ROOT_NAMES: Final = frozenset({"root", "<root>", "root_account", "<root_account>"})
_LONGEST_ARN: Final = 400
_MILLISECONDS: Final = 10**11
"""Seconds since 1970 reach this in the year 5138; what is larger counts milliseconds."""


def key_id(text: str) -> str | None:
    """Return an access key id; None for anything else, an example of documentation included."""
    return text if is_key_id(text) and not is_placeholder(text) else None


def account(text: str) -> str | None:
    """Return twelve digits, or None."""
    return text if _ACCOUNT.fullmatch(text) else None


def region(text: str) -> str | None:
    """Return the name of a region, or None: `global` is none."""
    return text if _REGION.fullmatch(text) else None


def word(text: str) -> str:
    """Return a sender's own word, a finding's type for example, without what could be markup."""
    return _NO_WORD.sub("", redact(text[:_LONGEST_WORD])).strip()


def line(text: str) -> str:
    """Return one line for a person: no escapes, no hidden marks, no secrets."""
    return printable(redact(text[:_LONGEST_LINE]), limit=_LONGEST_LINE)


def stable_id(*parts: str) -> str:
    """Return an id that is the same for the same parts; a digest where it could not be shown."""
    joined = "#".join(part for part in parts if part)
    if _STABLE.fullmatch(joined) and redact(joined) == joined:
        return joined
    return "sha256:" + hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def instant(value: object) -> datetime | None:
    """Return the instant that RFC 3339 text or seconds since 1970 tell; None for anything else."""
    try:
        match value:
            case str() if len(value) <= _LONGEST_TIME:
                return parse_instant(value)
            case bool():
                return None
            case int() | float():
                seconds = value / 1000 if value >= _MILLISECONDS else value
                return datetime.fromtimestamp(seconds, tz=UTC)
            case _:
                return None
    except (WrongUse, OverflowError, ValueError, OSError):
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Whose the credential is, as far as a sender says it in names that IAM could have made."""

    principal: Principal | None = None
    principal_id: str | None = None
    session_name: str | None = None


NOBODY: Final = Who()


def user(name: str, owner: str | None) -> Who:
    """Return an IAM user, root where the name says so; nobody where it is no name."""
    return _named(PrincipalType.USER, name, owner)


def who(kind: str, name: str, unique: str, owner: str | None) -> Who:
    """Return whom CloudTrail's words for an identity mean, as GuardDuty uses them too.

    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html

    Args:
        kind: `IAMUser`, `AssumedRole`, `Root` ...
        name: the user's or role's name.
        unique: `AIDA...`, or `AROA...:SESSION-NAME`.
        owner: the account, checked.
    """
    match kind:
        case "IAMUser":
            found = _named(PrincipalType.USER, name, owner)
        case "AssumedRole" | "Role":
            found = _named(PrincipalType.ROLE, name, owner)
        case "Root":
            found = _named(PrincipalType.ROOT, "root", owner)
        case "FederatedUser":
            found = _named(PrincipalType.FEDERATED_USER, name, owner)
        case _:
            found = NOBODY
    return _with_ids(found.principal, unique)


def session_of(issuer: str, unique: str) -> Who | None:
    """Return whose session it is where its issuer is told: the ARN of a role, as IAM has it.

    Args:
        issuer: `sessionIssuer.arn` in CloudTrail's words.
        unique: `AROA...:SESSION-NAME`.
    """
    principal = arn(issuer).principal
    is_role = principal is not None and principal.type is PrincipalType.ROLE
    return _with_ids(principal, unique) if is_role else None


def arn(text: str) -> Who:
    """Return whom an ARN of IAM or STS names; nobody where it is none."""
    try:
        parsed = parse_arn(text[:_LONGEST_ARN])
    except WrongUse:
        return NOBODY
    return Who(principal=parsed.principal, session_name=parsed.session_name)


def _with_ids(principal: Principal | None, unique: str) -> Who:
    """Add what stands in a unique id: a session's name is behind its role's id."""
    id_, _, session = unique[:_LONGEST_ARN].partition(":")
    is_role = principal is not None and principal.type is PrincipalType.ROLE
    return Who(
        principal=principal,
        principal_id=id_ if _UNIQUE_ID.fullmatch(id_) else None,
        session_name=session if is_role and _SESSION.fullmatch(session) else None,
    )


def _named(type_: PrincipalType, name: str, owner: str | None) -> Who:
    if type_ is PrincipalType.USER and name.lower() in _ROOT_NAMES:
        type_, name = PrincipalType.ROOT, "root"
    if NAME.fullmatch(name) is None:
        return NOBODY
    return Who(principal=Principal(type=type_, name=name, account=owner))

"""Read a target: a key id, an ARN, `user/NAME`, `role/NAME`, `session/ROLE/SESSION-NAME`."""

from __future__ import annotations

import re

from unleak.errors import WrongUse
from unleak.evidence.key_id import account_of, is_key_id, is_placeholder
from unleak.model.credential import FoundCredential
from unleak.model.frozen import dataclass
from unleak.model.principal import NAME, Principal, PrincipalType, parse_arn

_FORMS = (
    "give a key id, an ARN, user/NAME, role/NAME, session/ROLE/SESSION-NAME, a place in Vault"
    " (vault:MOUNT/creds/ROLE), - for text on stdin,"
    " or --file PATH"
)
_SHOWN = 80
_MAY_BE_SECRET = re.compile(r"[A-Za-z0-9+/=]{32,}")
"""Too long for a name that anybody types by hand: emulators draw secrets as plain hexadecimal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTarget:
    """A principal that somebody named, or one session of a role."""

    principal: Principal
    session_name: str | None


def parse_target(text: str) -> FoundCredential | NamedTarget:
    """Return what a word on the command line points at.

    Args:
        text: one of the forms of the contract; white space around it is ignored.

    Raises:
        WrongUse: it is none of them; the hint lists them.  A secret in it is not repeated.
    """
    word = text.strip().strip("\"'")
    if is_key_id(word):
        return _key(word)
    if word.startswith("arn:"):
        return _from_arn(word)
    kind, _, name = word.partition("/")
    match kind:
        case "user" | "role":
            return NamedTarget(principal=_principal(kind, name), session_name=None)
        case "session":
            role, _, session = name.rpartition("/")
            return NamedTarget(
                principal=_principal("role", role), session_name=_checked(session, name="session")
            )
        case _:
            raise _not_understood(word)


def _key(key_id: str) -> FoundCredential:
    if is_placeholder(key_id):
        message = f"{key_id} is a placeholder from documentation, not a key"
        raise WrongUse(message, hint="give the real key id, or the text that it was found in")
    return FoundCredential(access_key_id=key_id, account_hint=account_of(key_id))


def _from_arn(word: str) -> NamedTarget:
    from unleak.evidence.clean import redact  # noqa: PLC0415 - role/NAME does without it

    if redact(word) != word:
        raise _not_understood(word)
    arn = parse_arn(word)
    return NamedTarget(principal=arn.principal, session_name=arn.session_name)


def _principal(kind: str, name: str) -> Principal:
    """Return the principal; a path before the name (`role/team/NAME`) is no part of it."""
    return Principal(type=PrincipalType(kind), name=_checked(name.rsplit("/", 1)[-1], name=kind))


def _checked(value: str, *, name: str) -> str:
    if NAME.fullmatch(value) is None:
        message = f"not the name of a {name}: {_shown(value)}"
        raise WrongUse(message, hint="names have letters, digits and + = , . @ _ - only")
    return value


def _not_understood(word: str) -> WrongUse:
    from unleak.evidence.doubts import (  # noqa: PLC0415 - only for what is no target
        near_misses,
        unique_id_note,
        unique_ids,
    )

    if not word:
        return WrongUse("the target is empty", hint=_FORMS)
    for miss in near_misses(word):
        return WrongUse(f"not a key id: {miss.note}", hint=_FORMS)
    for unique_id in unique_ids(word):
        return WrongUse(unique_id_note(unique_id), hint=_FORMS)
    return WrongUse(f"not a target: {_shown(word)}", hint=_FORMS)


def _shown(word: str) -> str:
    from unleak.evidence.clean import printable, redact  # noqa: PLC0415 - only where refused

    if _MAY_BE_SECRET.fullmatch(word):
        return f"a word of {len(word)} characters"
    return f"'{printable(redact(word), limit=_SHOWN)}'"

"""Whom does a role's trust policy let in?  Read as far as the sweep needs it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from unleak.identify.wildcard import matches
from unleak.model.frozen import dataclass

_ACCOUNT = re.compile(r"(?:arn:aws[a-z0-9-]*:iam::)?(\d{12})(?::root)?", re.ASCII)
_ARN_ACCOUNT = re.compile(r"arn:aws[a-z0-9-]*:(?:iam|sts)::(\d{12}):.+", re.ASCII)
_SESSION = re.compile(r"arn:aws[a-z0-9-]*:sts::\d{12}:assumed-role/([^/]+)/.+", re.ASCII)
_CALLS = ("sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """One principal that a trust policy lets in."""

    name: str
    """As it is written: an ARN, an account id, a unique id or `*`."""
    is_conditional: bool

    @property
    def is_anybody(self) -> bool:
        """Whether it is everybody in the world."""
        return self.name == "*"

    @property
    def whole_account(self) -> str | None:
        """The account whose every principal it lets in, if it is one."""
        matched = _ACCOUNT.fullmatch(self.name)
        return None if matched is None else matched.group(1)

    @property
    def account(self) -> str | None:
        """The account that it belongs to, as far as the text tells."""
        matched = _ARN_ACCOUNT.fullmatch(self.name)
        return self.whole_account if matched is None else matched.group(1)

    @property
    def role_of_session(self) -> str | None:
        """`role/NAME` where a session of a role is named, and not the role."""
        matched = _SESSION.fullmatch(self.name)
        return None if matched is None else f"role/{matched.group(1)}"


def guests_of(trust_policy: str) -> tuple[Guest, ...]:
    """Return whom a trust policy lets in; services are left out, nobody can leak one.

    A text that cannot be understood lets in anybody, under conditions: unknown is not no.

    Args:
        trust_policy: the JSON text of the role's trust policy.
    """
    try:
        policy: object = json.loads(trust_policy)
    except (ValueError, RecursionError):
        return (Guest(name="*", is_conditional=True),)
    listed = policy.get("Statement") if isinstance(policy, dict) else None
    entries = listed if isinstance(listed, list) else [listed]
    found = (guest for entry in entries if isinstance(entry, dict) for guest in _guests(entry))
    return tuple(dict.fromkeys(found))


def _guests(entry: Mapping[object, object]) -> Iterator[Guest]:
    if entry.get("Effect") != "Allow" or not _opens_sessions(entry):
        return
    is_conditional = bool(entry.get("Condition"))
    principal = entry.get("Principal")
    if "NotPrincipal" in entry:
        yield Guest(name="*", is_conditional=is_conditional)
    elif isinstance(principal, str):
        yield Guest(name=principal, is_conditional=is_conditional)
    elif isinstance(principal, Mapping):
        for kind in ("AWS", "Federated", "CanonicalUser"):
            for name in _texts(principal.get(kind)):
                yield Guest(name=name, is_conditional=is_conditional)


def _opens_sessions(entry: Mapping[object, object]) -> bool:
    if "NotAction" in entry:
        return True
    patterns = tuple(text.lower() for text in _texts(entry.get("Action")))
    return any(matches(pattern, call) for pattern in patterns for call in _CALLS)


def _texts(node: object) -> tuple[str, ...]:
    entries = node if isinstance(node, list) else [node]
    return tuple(entry for entry in entries if isinstance(entry, str))

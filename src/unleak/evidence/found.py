"""What a piece of evidence holds, and what to say where it holds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.errors import UnreadableEvidence
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from unleak.evidence.target import NamedTarget
    from unleak.model.credential import FoundCredential

_SHOWN = 3
_PORTAL = (
    "the sign-in of a person to IAM Identity Center, and no AWS key: nothing that IAM can cut off"
)
_PASTE_AGAIN = (
    "paste the lines with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN,"
    " or give the key id, an ARN, role/NAME or user/NAME"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The credentials in a text, and what a person should know about the rest of it."""

    found: tuple[FoundCredential, ...]
    placeholders: tuple[str, ...]
    """Examples of the documentation and blotted-out ids: nothing to revoke."""
    named: NamedTarget | None
    """The only identity ARN in a text that holds no credential."""
    notes: tuple[str, ...]
    """Sentences for a person; they hold no secret."""
    near_misses: tuple[str, ...] = ()
    """What was surely meant as a key id and is none."""
    unique_ids: tuple[str, ...] = ()
    """`AROA...`, `AIDA...` and the like: ids that open nothing."""
    is_portal: bool = False
    """The cache of a person's sign-in to IAM Identity Center: a token, and no AWS key."""
    is_empty: bool = False
    """Nothing but white space was given."""


def require(evidence: Evidence) -> Evidence:
    """Return the evidence if it names a credential or a principal.

    Raises:
        UnreadableEvidence: it names none; the message says what was there instead.
    """
    if evidence.found or evidence.named is not None:
        return evidence
    message, hint = _nothing_usable(evidence)
    raise UnreadableEvidence(message, hint=hint)


def _nothing_usable(evidence: Evidence) -> tuple[str, str]:
    if evidence.is_empty:
        return "the evidence is empty: there is nothing to read", _PASTE_AGAIN
    if evidence.is_portal:
        return _PORTAL, " ".join(evidence.notes)
    if evidence.near_misses:
        return (
            f"no complete key id, but something close to one: {_listed(evidence.near_misses)}",
            " ".join(evidence.notes) or _PASTE_AGAIN,
        )
    if evidence.placeholders:
        return (
            f"only placeholders in the evidence: {_listed(evidence.placeholders)}",
            "these come from documentation or were blotted out; paste the real text",
        )
    if evidence.unique_ids:
        return (
            f"only unique ids in the evidence, no key: {_listed(evidence.unique_ids)}",
            "an access key id begins with AKIA or ASIA; or give role/NAME or user/NAME",
        )
    return (
        "no AWS key id in the evidence: nothing begins with AKIA or ASIA and has 20 characters",
        " ".join((*evidence.notes, _PASTE_AGAIN)),
    )


def _listed(ids: tuple[str, ...]) -> str:
    more = len(ids) - _SHOWN
    return ", ".join(ids[:_SHOWN]) + (f" and {more} more" if more > 0 else "")

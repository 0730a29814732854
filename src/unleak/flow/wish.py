"""From text or a name to a `Request`, for those who use unleak as a library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.contain.options import Options
from unleak.errors import WrongUse
from unleak.evidence.found import require
from unleak.evidence.paste import extract
from unleak.evidence.target import NamedTarget, parse_target
from unleak.evidence.vault_target import is_vault, parse_vault
from unleak.flow.request import Measuring, Request
from unleak.identify.consent import Consent

if TYPE_CHECKING:
    from unleak.model.credential import FoundCredential
    from unleak.model.principal import Principal
    from unleak.model.vault import VaultTarget


def wish(
    target: str | None = None,
    *,
    text: str | None = None,
    owner: str | None = None,
    options: Options | None = None,
    consent: Consent = Consent.IF_OWN_ACCOUNT,
    measuring: Measuring | None = None,
) -> Request:
    """Return the request that `identify`, `plan` and `revoke` take.

    Whoever calls `revoke` with it has accepted the plan: a program has nobody to ask.

    Args:
        target: a key id, an ARN, `user/NAME`, `role/NAME`, `session/ROLE/NAME`, `vault:...`.
        text: anything that holds what leaked; its secrets stay in memory.
        owner: whose it is, where nothing else tells.
        options: how; the least disruptive way where None.
        consent: what the leaked credential may be asked; harmless read-only calls only.
        measuring: how to measure.

    Raises:
        UnreadableEvidence: there is nothing usable in the text.
        WrongUse: the target or the owner is none of the known forms.
    """
    found, named, notes = _pointed_at(target)
    if text is not None or target is None:
        told = require(extract(text or ""))
        found, named, notes = (*found, *told.found), named or told.named, told.notes
    return Request(
        vault=_place(target),
        found=found,
        named=named,
        owner=None if owner is None else owner_of(owner),
        options=options or Options(),
        consent=consent,
        assume_yes=True,
        measuring=measuring or Measuring(),
        notes=notes,
    )


def _pointed_at(
    target: str | None,
) -> tuple[tuple[FoundCredential, ...], NamedTarget | None, tuple[str, ...]]:
    """Return credentials, name and notes of a target; all empty without one, or in Vault."""
    if target is None or is_vault(target):
        return (), None, ()
    parsed = parse_target(target)
    return ((), parsed, ()) if isinstance(parsed, NamedTarget) else ((parsed,), None, ())


def _place(target: str | None) -> VaultTarget | None:
    return parse_vault(target) if target is not None and is_vault(target) else None


def owner_of(text: str) -> Principal:
    """Return the principal that `role/NAME`, `user/NAME` or an ARN names.

    Raises:
        WrongUse: it names none.
    """
    target = parse_target(text)
    if isinstance(target, NamedTarget):
        return target.principal
    message = "a key id is no owner"
    raise WrongUse(message, hint="give role/NAME, user/NAME or an ARN")

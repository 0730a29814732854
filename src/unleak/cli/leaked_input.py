"""The leaked secret once more, for commands on an incident that did not store it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.cli.evidence_input import read_evidence

if TYPE_CHECKING:
    from unleak.model.credential import FoundCredential


def read_leaked(path: str | None, *, from_env: bool) -> tuple[FoundCredential, ...]:
    """Return the leaked credentials that can sign, from a file or this shell; empty without either.

    Args:
        path: a file that holds what leaked; giving it is consent to sign with it.
        from_env: whether the leaked credential is this shell's own.

    Raises:
        UnreadableEvidence: there is nothing usable in it.
    """
    if path is None and not from_env:
        return ()
    evidence, _ = read_evidence(None, path=path, from_env=from_env)
    return tuple(each for each in evidence.found if each.can_sign)

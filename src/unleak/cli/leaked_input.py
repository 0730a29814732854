"""The leaked secret once more, for commands on an incident that did not store it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.cli.evidence_input import read_evidence

if TYPE_CHECKING:
    from unleak.cli.options import Proof, Source
    from unleak.flow.request import Measuring


def read_measuring(source: Source, proof: Proof) -> Measuring:
    """Return how to measure, with the leaked credentials that can sign, where they were given.

    Args:
        source: a file or this shell; giving it is consent to sign with what it holds.
        proof: how much proof is asked for.

    Raises:
        UnreadableEvidence: there is nothing usable in it.
    """
    measuring = proof.measuring()
    if source.path is None and not source.from_env:
        return measuring
    evidence, _ = read_evidence(None, path=source.path, from_env=source.from_env)
    return replace(measuring, leaked=tuple(each for each in evidence.found if each.can_sign))

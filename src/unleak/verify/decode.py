"""Which statement denied?  EC2 encodes that into a refusal, and who may can have it decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.errors import UnleakError
from unleak.verify.classify import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from unleak.model.ports import Reader
    from unleak.verify.panel import Track

_DENIED = frozenset({Verdict.EXPLICIT_DENY, Verdict.REFUSED})


def decode_denials(tracks: Sequence[Track], reader: Reader, *, tell: Callable[[str], None]) -> None:
    """Decode the last refusal of each track that carries an encoded message, once each.

    Without the right to decode nothing changes: the refusals count for what they say in words.

    Args:
        tracks: what was asked; `denial` is set where something was learnt.
        reader: the responder's eyes (`sts:DecodeAuthorizationMessage`).
        tell: is told in words what is being done.
    """
    todo = [track for track in tracks if track.verdict in _DENIED and _encoded(track)]
    if todo:
        tell("decoding which statement refused")
    for track in todo:
        try:
            track.denial = reader.decode_denial(_encoded(track))
        except UnleakError:
            # expected: few responders may decode, and what one answer is not told no other is
            return


def _encoded(track: Track) -> str:
    answer = track.last
    return "" if answer is None or answer.encoded is None else answer.encoded.reveal()

"""Decodes what EC2 encodes into a refusal: whether a deny did it, and which statement."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from unleak.aws.answer import Answer, part, parts, text
from unleak.model.ports import Denial

if TYPE_CHECKING:
    from unleak.aws.asking import Asking


def decode_denial(asking: Asking, message: str) -> Denial | None:
    """Ask `sts:DecodeAuthorizationMessage`; None where the answer is not understood.

    Of the answer nothing but the verdict and the statement ids is kept: the rest is privileged.
    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
    Its form: https://docs.aws.amazon.com/cli/latest/reference/sts/decode-authorization-message.html

    Args:
        asking: where to put the question.
        message: the encoded part of the refusal.
    """
    answer = asking.of("sts", "decode_authorization_message", {"EncodedMessage": message})
    try:
        decoded: object = json.loads(text(answer, "DecodedMessage"))
    except (ValueError, RecursionError):
        return None
    return _denial(decoded) if isinstance(decoded, dict) else None


def _denial(decoded: Answer) -> Denial | None:
    if decoded.get("allowed") is not False or not isinstance(decoded.get("explicitDeny"), bool):
        return None
    statements = parts(part(decoded, "matchedStatements"), "items")
    denying = [each for each in statements if text(each, "effect").upper() == "DENY"]
    return Denial(
        is_explicit=decoded["explicitDeny"] is True,
        sids=tuple(text(each, "statementId") for each in denying),
    )

"""Reads from the answer to a change what is kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.aws.answer import part, text
from unleak.aws.clock import parse_date_header
from unleak.aws.refusal import date_header
from unleak.model.outcome import Receipt

if TYPE_CHECKING:
    from unleak.aws.answer import Answer


def receipt_of(answer: Answer) -> Receipt:
    """Return the id that AWS gave the request, and AWS's time when it answered."""
    request_id = text(part(answer, "ResponseMetadata"), "RequestId")
    return Receipt(request_id=request_id, at=parse_date_header(date_header(answer)))

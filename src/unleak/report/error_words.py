"""An error as a page: what happened, whether anything was changed, what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.errors import AwsFailure, Interrupted, Refused
from unleak.evidence.clean import redact
from unleak.report.page import Facts, Headline, Page, Paragraph, Tone
from unleak.report.wording import sentence

if TYPE_CHECKING:
    from unleak.errors import UnleakError


def error_page(error: UnleakError) -> Page:
    """Return the error as a page that always ends with what to do."""
    return (
        Headline(f"unleak: {sentence(redact(error.message))}", Tone.BAD),
        *_changed(error),
        *_request(error),
        Paragraph(f"What to do next: {sentence(redact(error.hint) or _hint_for(error))}"),
    )


def _changed(error: UnleakError) -> Page:
    match error:
        case Refused():
            return (Paragraph("Nothing was changed."),)
        case Interrupted():
            return (Paragraph("What was done so far is written down; nothing is lost."),)
        case _:
            return ()


def _request(error: UnleakError) -> Page:
    if not isinstance(error, AwsFailure):
        return ()
    rows = [("call", error.operation), ("AWS error", error.error_code)]
    if error.request_id:
        rows.append(("request id", error.request_id))
    return (Facts(tuple(rows)),)


def _hint_for(error: UnleakError) -> str:
    """Return what to do where the error itself does not say."""
    if isinstance(error, Refused):
        return "see `unleak --help`, mend it and run the same command again"
    return "see what was begun with `unleak incidents`, then go on with `unleak resume INCIDENT`"

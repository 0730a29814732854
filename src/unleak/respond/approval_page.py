"""The page behind an approval link: it shows what would be done, and only its button approves.

Mail scanners and chats open every link, so that opening one must change nothing.  The page has no
script and loads nothing, and its address, which holds the token, is told to nobody.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from unleak.evidence.clean import printable, redact
from unleak.model.frozen import dataclass
from unleak.model.instant import render_instant
from unleak.respond.approval import LONGEST, BadApproval

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

PARAMETER: Final = "approve"
"""The name of the token in the link's query and in the form."""

_MOST_LINES: Final = 200
_LONGEST_LINE: Final = 1_000
_LONGEST_BODY: Final = 3 * LONGEST
_FORM: Final = "application/x-www-form-urlencoded"
_HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": (
        "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequest:
    """What a browser sent: a look, or the press of the button."""

    token: str
    is_pressed: bool
    """POST from the page's form; everything else only looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An answer for a browser."""

    status: int
    body: str

    def as_answer(self) -> dict[str, object]:
        """Return the answer as a Function URL or an HTTP API wants it.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
        """
        return {
            "statusCode": self.status,
            "headers": dict(_HEADERS),
            "body": self.body,
            "isBase64Encoded": False,
        }


def link(base: str, token: str) -> str:
    """Return the address of the page.

    Args:
        base: the Function URL or the API's address.
        token: what `approval.issue` made.
    """
    return f"{base.rstrip('/')}/?{PARAMETER}={token}"


def read_request(event: Mapping[str, object]) -> ApprovalRequest:
    """Return what a browser wants, from the event of a Function URL or an HTTP API.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html

    Args:
        event: payload format 2.0; every field of it is hostile.

    Raises:
        BadApproval: it is no such request, or holds no token.
    """
    method = _part(_part(event, "requestContext"), "http").get("method")
    match method:
        case "GET" | "HEAD":
            token = _part(event, "queryStringParameters").get(PARAMETER)
        case "POST":
            token = _posted(event)
        case _:
            message = "an approval is looked at with GET and given with POST"
            raise BadApproval(message)
    if not isinstance(token, str) or not 0 < len(token) <= LONGEST:
        message = "the request names no approval"
        raise BadApproval(message, hint="open the link as it stands in the message, whole")
    return ApprovalRequest(token=token, is_pressed=method == "POST")


def ask_page(title: str, lines: Sequence[str], *, token: str, until: datetime) -> Page:
    """Return the page with the plan and the button.

    Args:
        title: what leaked, in one line.
        lines: what would be done, each a sentence.
        token: what the button sends; it was read and found genuine.
        until: when the approval stops being good.
    """
    form = (
        '<form method="post" action="?">'
        f'<input type="hidden" name="{PARAMETER}" value="{escape(token)}">'
        "<button>Do it now</button></form>"
    )
    note = (
        f"Nothing is done until you press. This page is good once, until {render_instant(until)}."
    )
    return Page(status=200, body=_html(title, (*lines, note), form))


def done_page(title: str, lines: Sequence[str]) -> Page:
    """Return the page that says what came of an approval.

    Args:
        title: one line.
        lines: what was started or done, each a sentence.
    """
    return Page(status=200, body=_html(title, lines))


def refused_page(why: str, hint: str = "", *, status: int = 403) -> Page:
    """Return the page that says why nothing was done.

    Args:
        why: the message of the error.
        hint: what to do next.
        status: of HTTP: 403 for what is forged or too old, 409 for what was used already.
    """
    lines = tuple(each for each in (hint, "Nothing was changed by opening this.") if each)
    return Page(status=status, body=_html(why, lines))


def _posted(event: Mapping[str, object]) -> str | None:
    """Return the token of a form, None where there is no form or not one token in it."""
    body, kind = event.get("body"), _header(event, "content-type")
    if not isinstance(body, str) or len(body) > _LONGEST_BODY:
        return None
    if kind.partition(";")[0].strip().lower() != _FORM:
        return None
    if event.get("isBase64Encoded") is True:
        try:
            body = base64.b64decode(body, validate=True).decode()
        except (binascii.Error, ValueError):
            return None
    try:
        found = parse_qs(body, max_num_fields=10).get(PARAMETER, [])
    except ValueError:
        return None
    return found[0] if len(found) == 1 else None


def _header(event: Mapping[str, object], name: str) -> str:
    for each, value in _part(event, "headers").items():
        if each.lower() == name and isinstance(value, str):
            return value
    return ""


def _part(event: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = event.get(key)
    return value if isinstance(value, Mapping) else {}


def _html(title: str, lines: Sequence[str], form: str = "") -> str:
    shown = "".join(f"<li>{_text(each)}</li>" for each in lines[:_MOST_LINES])
    if len(lines) > _MOST_LINES:
        shown += f"<li>and {len(lines) - _MOST_LINES} more</li>"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta name="robots" content="noindex"><title>unleak</title></head>'
        f"<body><h1>{_text(title)}</h1><ul>{shown}</ul>{form}</body></html>"
    )


def _text(words: str) -> str:
    return escape(printable(redact(words[: 4 * _LONGEST_LINE]), limit=_LONGEST_LINE))

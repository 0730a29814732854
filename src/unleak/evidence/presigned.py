"""What a presigned URL tells: who signed it and until when it works.

The URL is no credential of its own: it is checked with its signer's rights at each use, so cutting
off the signer kills it (untested on AWS; MiniStack does so).
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote

from unleak.evidence.words import matches
from unleak.model.instant import render_instant

if TYPE_CHECKING:
    from collections.abc import Iterator

_FAR = 4000
"""Characters of a URL on either side of its signer; a session token in it has a thousand."""
_MOST = 2000
_SIGNER = re.compile(
    r"(?:X-Amz-Credential|AWSAccessKeyId)(?:=|%3D)((?:AKIA|ASIA)[A-Z0-9]{16})", re.IGNORECASE
)
_WORDS = ("X-Amz-Credential", "AWSAccessKeyId")
_BREAKS = " \t\n\"'<>`"
_URL_END = re.compile(r"[\s\"'<>`]")
_DATE = re.compile(r"X-Amz-Date=(\d{8}T\d{6})Z", re.IGNORECASE)
_SECONDS = re.compile(r"X-Amz-Expires=(\d{1,6})(?!\d)", re.IGNORECASE)
_UNTIL = re.compile(r"[?&]Expires=(\d{10})(?!\d)", re.IGNORECASE)


def signer_notes(text: str) -> dict[str, tuple[str, ...]]:
    """Return a sentence for each key id that signed a URL in a plain text."""
    ends: dict[str, datetime | None] = {}
    bearers: set[str] = set()
    for matched in _signers(text):
        url = _around(text, matched)
        key_id = matched.group(1)
        known, end = ends.get(key_id), _end_of(url)
        ends[key_id] = max(filter(None, (known, end)), default=None)
        if "CallWithBearerToken" in url:
            bearers.add(key_id)
    return {key_id: (_note(key_id, end, bearers),) for key_id, end in ends.items()}


def _signers(text: str) -> Iterator[re.Match[str]]:
    for word in _WORDS:
        yield from islice(matches(text, text, word, _SIGNER), _MOST)


def _note(key_id: str, end: datetime | None, bearers: set[str]) -> str:
    what = "a short-term API key of Bedrock" if key_id in bearers else "a presigned URL"
    until = "" if end is None else f", by itself until {render_instant(end)}"
    return f"{key_id} has signed {what}: that works with its rights{until}, and dies with it"


def _around(text: str, matched: re.Match[str]) -> str:
    before = text[max(0, matched.start() - _FAR) : matched.start()]
    start = max(before.rfind(each) for each in _BREAKS) + 1
    after = text[matched.end() : matched.end() + _FAR]
    stop = _URL_END.search(after)
    url = before[start:] + matched.group() + (after if stop is None else after[: stop.start()])
    return unquote(url) if "%3D" in url else url


def _end_of(url: str) -> datetime | None:
    date, seconds, until = _DATE.search(url), _SECONDS.search(url), _UNTIL.search(url)
    try:
        if date is not None and seconds is not None:
            signed = datetime.strptime(date.group(1), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
            return signed + timedelta(seconds=int(seconds.group(1)))
        if until is not None:
            return datetime.fromtimestamp(int(until.group(1)), UTC)
    except (ValueError, OverflowError):
        return None
    return None

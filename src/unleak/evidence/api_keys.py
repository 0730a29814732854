"""Find API keys of single services, which hold a name or a whole signed request in base64.

A long-term Bedrock key is `ABSK` and the base64 of `USER-at-ACCOUNT:secret`; a short-term one is
`bedrock-api-key-` and the base64 of a presigned URL.  Neither form is documented by AWS: both were
taken from keys that were seen, and are untested on AWS.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from unleak.evidence.words import matches
from unleak.evidence.wrapped import read_on
from unleak.model.credential import FoundCredential
from unleak.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

BEDROCK = "bedrock.amazonaws.com"
_LONG_START, _SHORT_START = "ABSK", "bedrock-api-key-"
_LONG = re.compile(r"ABSK[A-Za-z0-9+/]{60,2000}+={0,2}+")
_SHORT = re.compile(r"bedrock-api-key-[A-Za-z0-9+/_-]{40,20000}+={0,2}+")
_NAMED = re.compile(r"BedrockAPIKey-[A-Za-z0-9]{1,12}(?:\+\d{1,3})?-at-(\d{12})(?!\w)", re.ASCII)
_INSIDE = re.compile(r"[\x00-\x20]{0,4}([\w+=,.@-]{1,80}-at-(\d{12})):", re.ASCII)
_WORD = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_MOST = 1000
_NOTE = (
    "a long-term API key of Bedrock that calls itself {alias}: it works on when all access keys "
    "are off (how it is made up is untested on AWS)"
)
_CUT = "what begins as a Bedrock API key (ABSK) cannot be read: copy it again, to its end"


@dataclass(slots=True)
class ApiKeys:
    """What was found, and the text with the keys out of the way."""

    text: str
    """Short-term keys are replaced by the signed request that they hold, long-term ones by none."""
    found: list[FoundCredential] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def api_keys(text: str) -> ApiKeys:
    """Return the API keys in a plain text, each once.

    Args:
        text: what `surface.plain` returned.
    """
    told = ApiKeys(text)
    if _SHORT_START in text:
        told.text = _replaced(text, _short_places(text))
    if _LONG_START in told.text:
        told.text = _replaced(told.text, _long_places(told))
    for matched in matches(told.text, told.text, "BedrockAPIKey-", _NAMED):
        _keep(told, matched.group(), matched.group(1), secret=None)
    return told


def _short_places(text: str) -> Iterator[tuple[int, int, str]]:
    for matched in matches(text, text, _SHORT_START, _SHORT):
        value, end = read_on(text, matched.start(), matched.end())
        inside = _decoded(value.removeprefix(_SHORT_START))
        if inside is not None and "X-Amz-Credential=" in inside:
            yield matched.start(), end, f"https://{inside}"


def _long_places(told: ApiKeys) -> Iterator[tuple[int, int, str]]:
    for matched in matches(told.text, told.text, _LONG_START, _LONG):
        start = matched.start()
        if start and told.text[start - 1] in _WORD:
            continue
        value, end = read_on(told.text, start, matched.end())
        inside = _INSIDE.match(_decoded(value.removeprefix(_LONG_START)) or "")
        if inside is None:
            told.notes = [_CUT]
            continue
        _keep(told, inside.group(1), inside.group(2), secret=value)
        yield start, end, ""


def _keep(told: ApiKeys, alias: str, account: str, *, secret: str | None) -> None:
    if len(told.found) >= _MOST or any(each.alias == alias for each in told.found):
        return
    told.found.append(
        FoundCredential(
            access_key_id=None,
            secret=None if secret is None else Secret(secret),
            account_hint=account,
            service=BEDROCK,
            alias=alias,
            notes=(_NOTE.format(alias=alias),),
        )
    )


def _decoded(value: str) -> str | None:
    """Return what base64 stands for, None where it is none; a cut end is dropped."""
    plain = value.rstrip("=").translate(str.maketrans("-_", "+/"))
    whole = plain[: len(plain) - (len(plain) % 4 == 1)]
    try:
        raw = base64.b64decode(whole + "=" * (-len(whole) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw.decode("latin-1")


def _replaced(text: str, places: Iterator[tuple[int, int, str]]) -> str:
    pieces: list[str] = []
    position = 0
    for start, end, meant in places:
        pieces += (text[position:start], meant)
        position = end
    return "".join((*pieces, text[position:]))

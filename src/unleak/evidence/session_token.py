"""What a session token shows in the clear: the account and the STS region that issued it."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

_READ_AT_MOST = 4096
"""Characters looked at; both hints stand within the first few hundred."""
_ORIGIN = b"origin_ec"
_REGION = re.compile(rb"\x1a(.)([a-z]{2,5}(?:-[a-z]{2,12}){1,3}-\d{1,2})", re.DOTALL)
_ACCOUNT = re.compile(rb"\x1a\x0c(\d{12})")
_URL_SAFE = str.maketrans("-_", "+/")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenHints:
    """Account and region as the token spells them; None where it does not."""

    account: str | None = None
    region: str | None = None


def hints_of(token: str) -> TokenHints:
    """Read account and region out of a session token, without trusting either.

    AWS calls tokens opaque, so these are hints for where to look first.  Tokens of the older forms
    (`FwoG...`, `FQoD...`), of emulators and cut ones give fewer hints or none; nothing raises.
    Source: https://medium.com/@TalBeerySec/revealing-the-inner-structure-of-aws-session-tokens-a6c76469cba7

    Args:
        token: the session token, base64; white space is ignored.
    """
    head = "".join(token[:_READ_AT_MOST].split()).translate(_URL_SAFE).rstrip("=")
    head = head[: len(head) // 4 * 4]
    try:
        raw = base64.b64decode(head, validate=True)
    except (binascii.Error, ValueError):
        return TokenHints()
    if _ORIGIN not in raw[:16]:
        return TokenHints()
    account = _ACCOUNT.search(raw)
    return TokenHints(
        account=account.group(1).decode("ascii") if account else None, region=_region_in(raw)
    )


def _region_in(raw: bytes) -> str | None:
    for matched in _REGION.finditer(raw):
        length, name = matched.group(1)[0], matched.group(2)
        if length == len(name):
            return name.decode("ascii")
    return None

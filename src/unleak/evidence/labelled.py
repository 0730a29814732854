"""Find secrets, session tokens and expiries that stand behind a label such as `SecretAccessKey`.

A label is one of three words with whatever is glued to it, then signs (`=`, `: "`, `</`, a table's
bar, a prompt), then the value by its shape.  No pattern repeats a repetition: time stays linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote

from unleak.evidence.key_id import is_key_id
from unleak.evidence.labels import is_bare_label, qualifier_of, style_of, word_at_end
from unleak.evidence.sightings import SECRET_LENGTH, Keeps, Part, Sighting
from unleak.evidence.words import matches
from unleak.evidence.wrapped import read_on

WEAK_TOKEN = 90
"""Characters from which a value is taken for a session token where the label says only `token`."""
_LOOK_BACK = 64
_GAP = (
    r" ?\[[\w*]{0,30}+\]: ?"  # the prompt of `aws configure`
    r"""|[\s"'`:=>,|\])(\[@]{1,60}+(?:[vV]alue[\s"'`:=>,|]{1,30}+)?"""
)
_SECRET = re.compile(
    rf"(?i:secret)([\w.-]{{0,30}}+(?: [aA]ccess)?(?: [kK]ey)?)({_GAP})"
    r"([A-Za-z0-9/+=_%-]{8,200}+)"
)
_TOKEN = re.compile(rf"(?i:token)([\w.-]{{0,30}}+)({_GAP})([A-Za-z0-9/+=_%-]{{16,}}+)")
_OTHER_ID = re.compile(
    r"(?i:access[_. -]?key(?:[_. -]?id)?)([\w.-]{0,30}+)"
    r"""([ \t"'`:=>,|\])(\[@]{1,60}+)([^\s"'`,;<>|&{}()\[\]]{3,128}+)"""
)
_EXPIRY = re.compile(
    rf"(?i:expir)([\w.-]{{0,30}}+)({_GAP})"
    r"(1\d{9}(?:\d{3})?(?!\d)"
    r"|20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:?\d\d)?)"
)
_PLAIN_SECRET = re.compile(r"[A-Za-z0-9/+]{40}")
_WORDY = re.compile(r"[A-Za-z]*[_-][A-Za-z_-]*")
_STRONG = ("access", "aws", "amz", "session", "security")
_ELSEWHERE = re.compile(r"client|webhook|jwt|github|google|azure|stripe", re.IGNORECASE)
"""Labels of other houses' secrets, some of which have forty characters as well."""
_CODE = frozenset("(.[")
_CUT = "..."
"""What follows a value that is a call, an attribute or an index, and so no value."""


def secrets(text: str, lower: str) -> Iterator[Sighting]:
    """Yield the labelled secret access keys of a plain text.

    Args:
        text: the text.
        lower: the same in lower case, character for character.
    """
    for matched in matches(text, lower, "secret", _SECRET):
        value, end = read_on(text, matched.start(3), matched.end(3), whole=SECRET_LENGTH)
        value = unquote(value) if "%" in value else value
        label, gap = _label(text, matched), matched.group(2)
        following = "" if text.startswith(_CUT, end) else text[end : end + 1]
        if _is_secret(value, following=following, label=label, gap=gap):
            yield _sighting(Part.SECRET, value, matched, end, label)


def _is_secret(value: str, *, following: str, label: str, gap: str) -> bool:
    if following in _CODE or is_key_id(value) or _ELSEWHERE.search(label):
        return False
    if _PLAIN_SECRET.fullmatch(value):
        return True
    if not _is_strong(label.lower()) or "\n" in gap or not gap.strip():
        return False
    is_name = _WORDY.fullmatch(value) is not None or is_bare_label(value)
    return not is_name and "=" not in value.rstrip("=")


def tokens(text: str, lower: str) -> Iterator[Sighting]:
    """Yield the labelled session tokens of a plain text, read on over wrapped lines."""
    for matched in matches(text, lower, "token", _TOKEN):
        start, end = matched.span(3)
        is_short = end - start < WEAK_TOKEN and text[end : end + 1] != "\n"
        before = max(0, matched.start() - _LOOK_BACK)
        if is_short and not _is_strong(lower[before : matched.end(1)]):
            continue
        label = _label(text, matched)
        value, end = read_on(text, start, end)
        value = unquote(value) if "%" in value else value
        if _is_token(value, label=label, gap=matched.group(2)):
            yield _sighting(Part.TOKEN, value, matched, end, label)


def _is_token(value: str, *, label: str, gap: str) -> bool:
    if is_bare_label(value) or "=" in value.rstrip("="):
        return False
    is_told = _is_strong(label.lower()) and "\n" not in gap and _WORDY.fullmatch(value) is None
    return is_told or len(value) >= WEAK_TOKEN


def _is_strong(label: str) -> bool:
    """Whether a label, in lower case, can only mean AWS's credentials."""
    return any(word in label for word in _STRONG)


def other_ids(text: str, lower: str, keeps: Keeps) -> Iterator[Sighting]:
    """Yield what stands where a key id should: of another maker, masked, mistyped or a variable.

    Nothing can be done with it, but the secret beside it is its own and not that of the next id.
    """
    for matched in matches(text, lower, "access", _OTHER_ID):
        value = matched.group(3)
        if is_key_id(value) or not keeps(value, matched.start(3)):
            continue
        before = lower[max(0, matched.start() - _LOOK_BACK) : matched.start()]
        if not before.rstrip("_-. ").endswith("secret") and not is_bare_label(value):
            yield replace(
                _sighting(Part.ID, value, matched, matched.end(), _label(text, matched)),
                is_usable=False,
            )


def expiries(text: str, lower: str, keeps: Keeps) -> Iterator[Sighting]:
    """Yield the labelled instants at which something expires.

    Seconds or milliseconds since 1970 count only as `expiration`: `Expires` is a URL's own end.
    """
    for matched in matches(text, lower, "expir", _EXPIRY):
        if not keeps(matched.group(3), matched.start(3)):
            continue
        label = _label(text, matched)
        if matched.group(3).isdigit() and not label.lower().endswith("expiration"):
            continue
        yield _sighting(Part.EXPIRY, matched.group(3), matched, matched.end(), label)


def _label(text: str, matched: re.Match[str]) -> str:
    start = matched.start()
    before = word_at_end(text[max(0, start - _LOOK_BACK) : start])
    return before + text[start : matched.end(1)]


def _sighting(part: Part, value: str, matched: re.Match[str], end: int, label: str) -> Sighting:
    return Sighting(
        part=part,
        value=value,
        start=matched.start(3),
        end=end,
        is_labelled=True,
        is_weak=not _is_strong(label.lower()),
        qualifier=qualifier_of(label),
        style=style_of(label, matched.group(2)),
    )

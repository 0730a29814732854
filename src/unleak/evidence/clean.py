"""Make text from outside fit to be shown: no escapes, no hidden marks, no secrets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from unleak.evidence.key_id import is_key_id
from unleak.evidence.scan import scan
from unleak.evidence.sightings import Part, looks_random
from unleak.evidence.surface import is_shown, strip_terminal
from unleak.evidence.words import lowered, matches
from unleak.model.secret import REDACTED

if TYPE_CHECKING:
    from collections.abc import Iterator

_READ_PER_SHOWN = 20
"""Hidden marks may outnumber what is shown; beyond this many for each, the rest is cut."""
_RUN = re.compile(r"(?<![A-Za-z0-9/+])(?:[A-Za-z0-9+]|\\?/|%2[BbFf]){40,}+={0,2}+")
_KEY_ID_LENGTH = 20
_SIGN = r"""\\{0,4}["'`]?\]?[ \t]{0,8}(?:=>|:=|[:=>])[ \t]{0,8}\\{0,4}"""
_PASSWORD = re.compile(
    rf"((?i:pass(?:word|wd|phrase|code)|pwd)[\w.-]{{0,30}}+{_SIGN})"
    r"""("[^"\n]{1,300}"?|'[^'\n]{1,300}'?|[^\s"'&,;<>]{1,300}+)"""
)
_LABELLED = re.compile(
    rf"((?i:secret|token|signature)[\w.-]{{0,30}}+{_SIGN}[\"'`]?)"
    r"([A-Za-z0-9/+=_%.~\\-]{8,}+)"
)
_PRIVATE_KEY = re.compile(r"(?i:-----BEGIN )[A-Z ]{0,30}PRIVATE KEY-----([^-]{1,20000}+)")
_WORD = re.compile(r"[a-z]+|[A-Z][a-z]+|[\w.-]*[A-Z]{2}[A-Z_]+")


def printable(text: str, limit: int = 200) -> str:
    """Return hostile text on one line, without escapes, control characters or hidden marks.

    Args:
        text: anything.
        limit: the most characters to return; what is cut ends in an ellipsis.
    """
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text.strip()  # nearly every text; a trace shows hundreds of thousands
    read = text[: limit * _READ_PER_SHOWN + 1_000]
    stripped = strip_terminal(read)
    shown = "".join(_drawn(each) for each in stripped).strip()
    if len(shown) <= limit and len(read) == len(text):
        return shown
    return shown[: max(0, limit - 1)] + "\u2026"[:limit]


def _drawn(character: str) -> str:
    """Return the character itself, a space for any kind of space, nothing for what is hidden."""
    if character.isspace():
        return " "
    return character if is_shown(character) else ""


def redact(text: str) -> str:
    r"""Return the text with everything that looks like a secret, token or password replaced.

    Key ids stay readable.  Terminal escapes and hidden marks go, because a secret could hide behind
    them; line ends become `\n`.  Errs towards hiding: a long random name may fall to it.
    """
    stripped = strip_terminal(text)
    spans = sorted(_spans(stripped))
    kept: list[str] = []
    position = 0
    for start, end in spans:
        if start > position:
            kept.append(stripped[position:start])
        if end > position:
            if start >= position:
                kept.append(REDACTED)
            position = end
    kept.append(stripped[position:])
    return "".join(kept)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    for sighting in scan(text).sightings:
        if sighting.part in {Part.SECRET, Part.TOKEN}:
            yield sighting.start, sighting.end
    yield from _random_runs(text)
    yield from _labelled_spans(text, lowered(text))


def _labelled_spans(text: str, lower: str) -> Iterator[tuple[int, int]]:
    for word in ("pass", "pwd"):
        for matched in matches(text, lower, word, _PASSWORD):
            yield matched.span(2)
    for matched in matches(text, lower, "-----begin ", _PRIVATE_KEY):
        yield matched.span(1)
    for word in ("secret", "token", "signature"):
        for matched in matches(text, lower, word, _LABELLED):
            if _WORD.fullmatch(matched.group(2)) is None and not is_key_id(matched.group(2)):
                yield matched.span(2)


def _random_runs(text: str) -> Iterator[tuple[int, int]]:
    for matched in _RUN.finditer(text):
        start = matched.start()
        if is_key_id(text[start : start + _KEY_ID_LENGTH]):
            start += _KEY_ID_LENGTH
        if looks_random(text[start : matched.end()]):
            yield start, matched.end()

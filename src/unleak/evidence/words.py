"""Look for a pattern only where a fixed word stands: many times the pace of a pattern alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

_GROWS = "\u0130"
"""The one character that is two in lower case; it would move all places after it."""


def lowered(text: str) -> str:
    """Return the text in lower case, each character at its old place."""
    return text.lower() if text.isascii() else text.replace(_GROWS, "I").lower()


def matches(text: str, lower: str, word: str, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Yield the matches that begin where `word` stands, in order and apart from one another.

    Args:
        text: the text.
        lower: the same from `lowered`, or the text itself where the case matters.
        word: what every match begins with, in lower case.
        pattern: what must stand there.
    """
    position = lower.find(word)
    while position >= 0:
        matched = pattern.match(text, position)
        if matched is not None:
            yield matched
        position = lower.find(word, position + 1 if matched is None else matched.end())

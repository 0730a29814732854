"""A page of words as data: blocks that `plain` and `rich_page` lay out, each in its own way."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from unleak.model.frozen import dataclass


class Tone(StrEnum):
    """How a text is meant; colour may show it, but the words must say it without."""

    PLAIN = "plain"
    GOOD = "good"
    CAREFUL = "careful"
    BAD = "bad"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Headline:
    """The first line: the one thing to know."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of what follows."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One or two sentences."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Facts:
    """Label and value, one row each."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list whose order does not matter."""

    items: tuple[str, ...]
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Numbered:
    """A list to be worked off from the top."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A titled thing with facts about it: a credential, a step."""

    mark: str
    title: str
    facts: tuple[tuple[str, str], ...] = ()
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows under column titles; the last column may wrap."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Lines to copy: never wrapped, spaces at their start kept."""

    lines: tuple[str, ...]


Block: TypeAlias = (
    Headline | Heading | Paragraph | Facts | Bullets | Numbered | Entry | Grid | Verbatim
)
Page: TypeAlias = tuple[Block, ...]


def listed(heading: str, items: tuple[str, ...], tone: Tone = Tone.PLAIN) -> Page:
    """Return a heading with its list, or nothing where the list is empty."""
    return (Heading(heading), Bullets(items, tone)) if items else ()

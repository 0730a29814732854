"""Lays a message out as text in which nothing is markup anywhere that it may go.

Chats, pagers and mail programs each make something else of the same characters: `<!channel>` wakes
everybody in Slack, `*x*` is bold, a bare address becomes a link.  What has a meaning to any of
them is replaced by its full-width twin, which looks the same and does nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from unleak.evidence.clean import printable, redact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unleak.model.message import Message

_LONGEST_LINE: Final = 600
_MOST_LINES: Final = 60
_READ_PER_SHOWN: Final = 4
_TWINS: Final = str.maketrans(
    {
        "<": "\uff1c",
        ">": "\uff1e",
        "&": "\uff06",
        "*": "\uff0a",
        "[": "\uff3b",
        "]": "\uff3d",
        "|": "\uff5c",
        "~": "\uff5e",
        "#": "\uff03",
        "\\": "\uff3c",
        "$": "\uff04",
        "`": "'",
    }
)
_MENTION: Final = re.compile(
    r"(?<![A-Za-z0-9.])@|@(?=(?:everyone|here|channel|all)\b)", re.IGNORECASE
)
_EDGE: Final = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", re.ASCII)
"""An underscore inside a name is no emphasis, in CommonMark and in Slack alike."""
_ADDRESS: Final = re.compile(r"(?i)(://)|\b(www)\.|\b(mailto|tel):")
_LINK: Final = re.compile(
    r"https://[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?/[A-Za-z0-9._~/?=%-]{0,3000}", re.ASCII
)
_FOR_STEPS: Final = 0.6
"""The part of a short message that belongs to what a person has to do."""


def harmless(text: str, limit: int = _LONGEST_LINE) -> str:
    """Return text on one line that no chat, pager or mail program takes for more than text.

    Args:
        text: anything.
        limit: the most characters to return.
    """
    read = text[: _READ_PER_SHOWN * limit]
    words = printable(redact(read), limit=limit).translate(_TWINS)
    words = _MENTION.sub("\uff20", words)
    words = _EDGE.sub("\uff3f", words)
    return _ADDRESS.sub(_unlinked, words)


def safe_link(link: str | None) -> str | None:
    """Return the link if it is a plain https address, else None."""
    return link if link is not None and _LINK.fullmatch(link) else None


def title(message: Message, limit: int = 250) -> str:
    """Return the title, with the word that tells how urgent it is."""
    return harmless(f"{message.severity}: {message.title}", limit)


def subject(message: Message) -> str:
    """Return the title as SNS takes it: printable ASCII, less than 100 characters.

    Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
    """
    return title(message, 99).encode("ascii", "replace").decode()[:99]


def body(message: Message, limit: int, *, is_markdown: bool = False) -> str:
    """Return the text: what happened, where to approve it, what a person has to do.

    Where it does not fit, the link stays whole, and steps and details go from their ends.

    Args:
        message: what to say.
        limit: the most characters to return.
        is_markdown: whether it is going to be read as Markdown, where a link and the end of a line
            have to be written as such.
    """
    gap = "\n\n" if is_markdown else "\n"
    incident = harmless(message.incident or "", 100)
    more = f"(more: unleak report {incident})" if incident else "(and more)"
    fixed = list(_fixed(message, is_markdown=is_markdown))
    steps = [f"Step {number}: {harmless(each)}" for number, each in _numbered(message.next_steps)]
    if steps:
        steps.insert(0, "What to do next:")
    said = [f"\u2022 {harmless(each)}" for each in message.lines[:_MOST_LINES]]
    room = limit - _length(fixed, gap)
    steps = _fitting(steps, int(room * _FOR_STEPS), gap, more)
    said = _fitting(said, room - _length(steps, gap), gap, more)
    return gap.join((*said, *fixed, *steps))[: max(limit, 0)]


def _fixed(message: Message, *, is_markdown: bool) -> Iterable[str]:
    link = safe_link(message.link)
    if link is not None:
        yield f"[Look at it, and approve]({link})" if is_markdown else f"Approve: {link}"
    if message.incident:
        yield f"Incident: {harmless(message.incident, 100)}"


def _numbered(steps: tuple[str, ...]) -> Iterable[tuple[int, str]]:
    return enumerate(steps[:_MOST_LINES], start=1)


def _length(lines: Iterable[str], gap: str) -> int:
    return sum(len(each) + len(gap) for each in lines)


def _fitting(lines: list[str], room: int, gap: str, more: str) -> list[str]:
    """Return the lines, or as many as there is room for and a word that there are more."""
    if _length(lines, gap) <= room:
        return lines
    kept: list[str] = []
    room -= len(more) + len(gap)
    for each in lines:
        room -= len(each) + len(gap)
        if room < 0:
            break
        kept.append(each)
    return [*kept, more]


def _unlinked(matched: re.Match[str]) -> str:
    if matched[1]:
        return ":\uff0f\uff0f"
    if matched[2]:
        return f"{matched[2]}\uff0e"
    return f"{matched[3]}\uff1a"

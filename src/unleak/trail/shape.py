"""Find the events in a text of any shape that CloudTrail's events come in.

One object with `Records` (what a trail delivers), an array, one event a line (NDJSON, Athena's and
logstash's exports), the answer of `LookupEvents` with its texts in texts, EventBridge's envelope.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from unleak.trail.inflate import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.trail.fields import Json

_DEEPEST: Final = 4
_BAD: Final = (ValueError, RecursionError)
_BOM: Final = b"\xef\xbb\xbf"


def documents(raw: bytes) -> tuple[list[Json], str]:
    """Return the events of a file, and what in it could not be read.

    Args:
        raw: the content of one file.

    Raises:
        Damaged: it is no JSON, or none of these shapes.
    """
    text = raw.removeprefix(_BOM).decode("utf-8", "replace").strip()
    if not text:
        return [], ""
    try:
        whole: Json = json.loads(text)
    except _BAD:
        return _lines(text)
    found = list(events_in(whole))
    if not found and not _is_empty_trail(whole):
        message = "it is JSON, but holds no CloudTrail events"
        raise Damaged(message, hint="name the folder with the events")
    return found, ""


def _lines(text: str) -> tuple[list[Json], str]:
    found: list[Json] = []
    bad: list[int] = []
    number = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found.extend(events_in(json.loads(line)))
        except _BAD:
            bad.append(number)
    if not found:
        message = "it is no whole JSON"
        raise Damaged(message, hint="fetch the file again")
    if not bad:
        return found, ""
    return found, f"{len(bad)} of its {number} lines are no JSON, line {bad[0]} first"


def events_in(node: Json, depth: int = 0) -> Iterator[Json]:
    """Yield the events in a parsed document.

    Args:
        node: the document, or a part of it.
        depth: how deep the part is; there is an end to it.
    """
    if depth > _DEEPEST:
        return
    if isinstance(node, list):
        for each in node:
            yield from events_in(each, depth + 1)
    elif isinstance(node, dict):
        yield from _in_object(node, depth)


def _in_object(node: dict[str, Json], depth: int) -> Iterator[Json]:
    text = node.get("CloudTrailEvent")
    if isinstance(node.get("eventName"), str):
        yield node
    elif isinstance(text, str):
        yield from _inner(text, depth)
    else:
        for envelope in ("Records", "Events", "detail"):
            yield from events_in(node.get(envelope), depth + 1)


def _inner(text: str, depth: int) -> Iterator[Json]:
    try:
        yield from events_in(json.loads(text), depth + 1)
    except _BAD:
        return


def _is_empty_trail(whole: Json) -> bool:
    if isinstance(whole, list):
        return not whole
    return isinstance(whole, dict) and ("Records" in whole or "Events" in whole)

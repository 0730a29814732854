"""Find what needs no label: key ids, identity ARNs, and runs of base64 that stand near a key id."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from unleak.evidence.labels import label_before, labels_a_key_id, qualifier_of, style_of
from unleak.evidence.sightings import SECRET_LENGTH, Keeps, Part, Sighting, looks_random
from unleak.evidence.words import matches
from unleak.evidence.wrapped import OWN_START, read_on

_ID = re.compile(
    r"(A(?:(?<![A-Za-z0-9]A)|(?<=%[0-9A-Fa-f]{2}A))"
    r"(?:(?:KIA|SIA|BIA)[A-Z0-9]{16}|CCA[A-Z0-9]{16,17}))(?![A-Za-z0-9])"
    r"(?:(?:/|%2F|%252F)\d{8}(?:/|%2F|%252F)([a-z]{2,5}(?:-[a-z]{2,12}){1,3}-\d{1,2})(?![\w-]))?"
)
_ARN = re.compile(
    r"arn:aws[a-z0-9-]{0,20}:(?:iam|sts)::\d{12}:"
    r"(?:root\b|(?:user|role|assumed-role|federated-user)/[/\w+=,.@-]{1,600})",
    re.ASCII,
)
_OWN_TOKEN = re.compile(r"[A-Za-z0-9/+=%_-]{50,}+")
_RUN = re.compile(r"(?<![A-Za-z0-9/+=_-])[A-Za-z0-9/+]{40,}+={0,2}+")
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_NEIGHBOURHOOD = 8_000
"""Characters around a key id in which an unlabelled secret or token is looked for."""
_SHORTEST_TOKEN = 100


def key_ids(text: str, keeps: Keeps) -> Iterator[Sighting]:
    """Yield the key ids of a plain text, with their labels and the regions that signatures name."""
    for matched in _ID.finditer(text):
        start = matched.start()
        if not keeps(matched.group(1), start):
            continue
        label, gap = label_before(text, start)
        is_labelled = labels_a_key_id(label)
        yield Sighting(
            part=Part.ID,
            value=matched.group(1),
            start=start,
            end=matched.end(1),
            is_labelled=is_labelled,
            qualifier=qualifier_of(label) if is_labelled else (),
            style=style_of(label, gap) if is_labelled else "",
            region=matched.group(2),
        )


def id_places(text: str) -> Iterator[int]:
    """Yield where every key id begins."""
    for matched in _ID.finditer(text):
        yield matched.start()


def own_tokens(text: str) -> Iterator[Sighting]:
    """Yield the session tokens that begin as AWS's own do, labelled or not."""
    for word in OWN_START:
        for matched in matches(text, text, word, _OWN_TOKEN):
            start = matched.start()
            if start == 0 or text[start - 1] not in _BASE64:
                value, end = read_on(text, start, matched.end())
                value = unquote(value) if "%" in value else value
                yield Sighting(part=Part.TOKEN, value=value, start=start, end=end)


def runs(text: str, places: Iterable[int]) -> Iterator[Sighting]:
    """Yield unlabelled secrets and tokens near a key id.

    Args:
        text: the plain text.
        places: where key ids begin, ascending.
    """
    done = 0
    for place in places:
        start, stop = max(done, place - _NEIGHBOURHOOD), place + _NEIGHBOURHOOD
        for matched in _RUN.finditer(text, start, stop):
            sighting = _run(text, matched)
            is_whole = matched.end() < stop or stop >= len(text)
            if sighting is not None and is_whole:
                yield sighting
        done = max(start, stop)


def _run(text: str, matched: re.Match[str]) -> Sighting | None:
    value, start, end = matched.group(), matched.start(), matched.end()
    if not looks_random(value):
        return None
    if len(value) == SECRET_LENGTH and "=" not in value:
        return Sighting(part=Part.SECRET, value=value, start=start, end=end)
    if len(value) < _SHORTEST_TOKEN:
        return None
    value, end = read_on(text, start, end)
    return Sighting(part=Part.TOKEN, value=value, start=start, end=end)


def arns(text: str, keeps: Keeps) -> Iterator[Sighting]:
    """Yield the ARNs of users, roles, sessions and root."""
    for matched in _ARN.finditer(text):
        value = matched.group().rstrip(".,-=/")
        start = matched.start()
        if keeps(value, start):
            yield Sighting(part=Part.ARN, value=value, start=start, end=start + len(value))

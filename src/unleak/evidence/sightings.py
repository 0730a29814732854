"""Find the parts of credentials in a plain text: ids, secrets, tokens, expiries and ARNs, with places.

Each pattern begins with one or two fixed characters and never repeats a repetition, so that the time
is linear in the text; what may follow a label is asked for by shape, so ordinary words never match.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote

from unleak.evidence.key_id import is_key_id
from unleak.evidence.labels import (
    is_bare_label,
    label_before,
    labels_a_key_id,
    qualifier_of,
    style_of,
    word_at_end,
)
from unleak.evidence.wrapped import read_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LIMIT = 20_000
"""Parts of one kind that are kept: memory is bounded; a paste with more is an export, not a leak."""
SECRET_LENGTH = 40
_LOOK_BACK = 64


class Part(StrEnum):
    """The parts that a text may show."""

    ID = "id"
    SECRET = "secret"
    TOKEN = "token"
    EXPIRY = "expiry"
    ARN = "arn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One part at one place; the value never shows in its `repr`."""

    part: Part
    value: str = field(repr=False)
    start: int
    end: int
    is_labelled: bool = False
    is_weak: bool = False
    """The label does not say that it is AWS's: `secret`, `token`."""
    qualifier: tuple[str, ...] = ()
    style: str = ""
    region: str | None = None


_GAP = (
    r" ?\[[\w*]{0,30}+\]: ?"  # the prompt of `aws configure`
    r"""|[\s"'`:=>,|\])(\[@]{1,60}+(?:[vV]alue[\s"'`:=>,|]{1,30}+)?"""
)
_LABEL_END = r"[\w.-]{0,30}+(?: [aA]ccess)?(?: [kK]ey)?"
_ID = re.compile(
    r"A(?:(?<![A-Za-z0-9]A)|(?<=%[0-9A-Fa-f]{2}A))(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}(?![A-Za-z0-9])"
    r"(?:(?:/|%2F|%252F)\d{8}(?:/|%2F|%252F)([a-z]{2,5}(?:-[a-z]{2,12}){1,3}-\d{1,2})(?![\w-]))?"
)
_SECRET = re.compile(rf"[sS](?i:ecret)({_LABEL_END})({_GAP})([A-Za-z0-9/+=_%-]{{8,200}}+)")
_TOKEN = re.compile(rf"[tT](?i:oken)([\w.-]{{0,30}}+)({_GAP})([A-Za-z0-9/+=_%-]{{16,}}+)")
_EXPIRY = re.compile(
    rf"[eE](?i:xpir)([\w.-]{{0,30}}+)({_GAP})"
    r"(20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:?\d\d)?)"
)
_ARN = re.compile(
    r"arn:aws[a-z0-9-]{0,20}:(?:iam|sts)::\d{12}:"
    r"(?:root\b|(?:user|role|assumed-role|federated-user)/[/\w+=,.@-]{1,600})",
    re.ASCII,
)
# The known beginnings of AWS's own tokens: "!\n\torigin_ec", "...er/aws", "...aws".
_OWN_TOKEN = re.compile(r"(?:IQoJb3JpZ2lu|F[wQ]o[DG](?:ZXIv)?YXdz)[A-Za-z0-9/+=%_-]{40,}+")
_BARE = re.compile(r"(?<![A-Za-z0-9/+=_-])[A-Za-z0-9/+]{40,}+={0,2}+")
_PLAIN_SECRET = re.compile(r"[A-Za-z0-9/+]{40}")
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_WORDY = re.compile(r"[A-Za-z_-]+")
_STRONG = re.compile(r"access|aws|amz|session|security", re.IGNORECASE)
_ELSEWHERE = re.compile(r"client|webhook|jwt|github|google|azure|stripe", re.IGNORECASE)
"""Labels of other houses' secrets, some of which are forty characters long as well."""
_CODE = frozenset("(.[")
_NEIGHBOURHOOD = 8_000
"""Characters around a key id in which an unlabelled secret or token is looked for."""
_BARE_TOKEN = 100
_WEAK_TOKEN = 90
_DISTINCT = 18


def looks_random(value: str) -> bool:
    """Say whether a run of base64 looks drawn by chance: upper, lower, digits, many different ones."""
    return (
        len(set(value)) >= min(_DISTINCT, len(value) // 2)
        and any(each.isdigit() for each in value)
        and any(each.islower() for each in value)
        and any(each.isupper() for each in value)
    )


def scan(text: str) -> tuple[Sighting, ...]:
    """Return every part in a plain text, in the order of the text; at most `LIMIT` of a kind."""
    labelled = _apart([*islice(_secrets(text), LIMIT), *islice(_tokens(text), LIMIT)], [])
    named = _apart(islice(_own_tokens(text), LIMIT), labelled)
    ids = _apart(islice(_ids(text), LIMIT), [*labelled, *named])
    bare = _apart(islice(_bare(text, ids), LIMIT), [*labelled, *named])
    rest = [*islice(_expiries(text), LIMIT), *islice(_arns(text), LIMIT)]
    return tuple(sorted([*labelled, *named, *ids, *bare, *rest], key=_start))


def _start(sighting: Sighting) -> int:
    return sighting.start


def _apart(found: Iterable[Sighting], taken: list[Sighting]) -> list[Sighting]:
    """Return those that overlap neither one another nor what is taken; the earlier one wins."""
    ends = [(each.start, each.end) for each in sorted(taken, key=_start)]
    starts = [start for start, _ in ends]
    apart: list[Sighting] = []
    for each in sorted(found, key=_start):
        index = bisect_right(starts, each.start) - 1
        hits_before = index >= 0 and ends[index][1] > each.start
        hits_after = index + 1 < len(ends) and ends[index + 1][0] < each.end
        hits_last = bool(apart) and apart[-1].end > each.start
        if not (hits_before or hits_after or hits_last):
            apart.append(each)
    return apart


def _ids(text: str) -> Iterator[Sighting]:
    for matched in _ID.finditer(text):
        start = matched.start()
        label, gap = label_before(text, start)
        is_labelled = labels_a_key_id(label)
        yield Sighting(
            part=Part.ID,
            value=matched.group()[:20],
            start=start,
            end=start + 20,
            is_labelled=is_labelled,
            qualifier=qualifier_of(label) if is_labelled else (),
            style=style_of(label, gap) if is_labelled else "",
            region=matched.group(1),
        )


def _secrets(text: str) -> Iterator[Sighting]:
    for matched in _SECRET.finditer(text):
        value, end = read_on(text, matched.start(3), matched.end(3), whole=SECRET_LENGTH)
        value = unquote(value) if "%" in value else value
        label, gap = _label(text, matched), matched.group(2)
        if _is_secret(value, following=text[end : end + 1], label=label, gap=gap):
            yield _sighting(Part.SECRET, value, matched, end, label)


def _is_secret(value: str, *, following: str, label: str, gap: str) -> bool:
    if is_key_id(value) or following in _CODE or _ELSEWHERE.search(label):
        return False
    if _PLAIN_SECRET.fullmatch(value):
        return True
    if not _STRONG.search(label) or "\n" in gap or not gap.strip():
        return False
    is_name = _WORDY.fullmatch(value) is not None and ("_" in value or "-" in value)
    return not is_name and not is_bare_label(value) and "=" not in value.rstrip("=")


def _tokens(text: str) -> Iterator[Sighting]:
    for matched in _TOKEN.finditer(text):
        value, end = read_on(text, matched.start(3), matched.end(3))
        value = unquote(value) if "%" in value else value
        label, gap = _label(text, matched), matched.group(2)
        if _is_token(value, label=label, gap=gap):
            yield _sighting(Part.TOKEN, value, matched, end, label)


def _own_tokens(text: str) -> Iterator[Sighting]:
    for matched in _OWN_TOKEN.finditer(text):
        start = matched.start()
        if start == 0 or text[start - 1] not in _BASE64:
            value, end = read_on(text, start, matched.end())
            value = unquote(value) if "%" in value else value
            yield Sighting(part=Part.TOKEN, value=value, start=start, end=end)


def _is_token(value: str, *, label: str, gap: str) -> bool:
    if is_bare_label(value) or "=" in value.rstrip("="):
        return False
    if _STRONG.search(label):
        return "\n" not in gap or len(value) >= _WEAK_TOKEN
    return len(value) >= _WEAK_TOKEN


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
        is_weak=not _STRONG.search(label),
        qualifier=qualifier_of(label),
        style=style_of(label, matched.group(2)),
    )


def _bare(text: str, ids: list[Sighting]) -> Iterator[Sighting]:
    """Yield unlabelled secrets and tokens near an id."""
    done = 0
    for each in ids:
        start, stop = max(done, each.start - _NEIGHBOURHOOD), each.end + _NEIGHBOURHOOD
        for matched in _BARE.finditer(text, start, stop):
            part = _bare_part(matched.group())
            if part is not None:
                value, end = matched.group(), matched.end()
                if part is Part.TOKEN:
                    value, end = read_on(text, matched.start(), end)
                yield Sighting(part=part, value=value, start=matched.start(), end=end)
            start = matched.end()
        done = max(start, stop)


def _bare_part(value: str) -> Part | None:
    if not looks_random(value):
        return None
    if len(value) == SECRET_LENGTH and "=" not in value:
        return Part.SECRET
    return Part.TOKEN if len(value) >= _BARE_TOKEN else None


def _expiries(text: str) -> Iterator[Sighting]:
    for matched in _EXPIRY.finditer(text):
        yield _sighting(
            Part.EXPIRY, matched.group(3), matched, matched.end(), _label(text, matched)
        )


def _arns(text: str) -> Iterator[Sighting]:
    for matched in _ARN.finditer(text):
        value = matched.group().rstrip(".,-=/")
        yield Sighting(
            part=Part.ARN, value=value, start=matched.start(), end=matched.start() + len(value)
        )

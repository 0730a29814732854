"""Explain what is nearly a credential: a mistyped id, a masked key, an id of another thing."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from unleak.evidence.key_id import UNIQUE_IDS, is_key_id
from unleak.evidence.sightings import looks_random

_MOST = 50
"""Doubts of one kind that are told; more would bury the rest."""
_SHOWN = 24
_KEY_LENGTH = 20
_NEAR = re.compile(
    r"[aA](?<![A-Za-z0-9/+][aA])(?:[kKsS][iIlL1|][aA4])([A-Za-z0-9]{12,20}+)(?![\w/+=.-])"
)
_UNIQUE = re.compile(
    rf"A(?<![A-Za-z0-9]A)(?:{'|'.join(prefix[1:] for prefix in UNIQUE_IDS)})"
    r"[A-Z0-9]{16,30}+(?!\w)"
)
_MASKED = re.compile(r"\*(?<!\*\*)\*{11,}+([A-Za-z0-9+/]{4})(?![\w*])")
_BASE64_ID = re.compile(r"Q(?:UtJQ|VNJQ)(?<![A-Za-z0-9+/]Q.{4})[A-Za-z0-9+/]{20,22}={0,2}")


_RUN = re.compile(r"(?<![\w/+=-])[A-Za-z0-9/+]{40}(?![\w/+=-])")
_LOOKED_AT = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """A word that was surely meant as a key id, and what is wrong with it."""

    text: str
    note: str


def near_misses(text: str) -> tuple[NearMiss, ...]:
    """Return the near misses in a plain text, each once."""
    found: dict[str, NearMiss] = {}
    for word in islice(_candidates(text), _MOST * 20):
        if word not in found and len(found) < _MOST:
            wrong = _what_is_wrong(word)
            if wrong is not None:
                found[word] = NearMiss(text=word, note=wrong)
    return tuple(found.values())


def _candidates(text: str) -> Iterator[str]:
    for matched in _NEAR.finditer(text):
        yield matched.group()[:_SHOWN]


def _what_is_wrong(word: str) -> str | None:
    """Return a sentence about what is wrong with a word; None where it seems an ordinary one."""
    if is_key_id(word) or not any(each.isdigit() for each in word[4:]):
        return None
    upper = word.upper()
    if len(word) != _KEY_LENGTH:
        if word[4:] != upper[4:] or word[:2] != upper[:2]:
            return None
        return (
            f"{word} has {len(word)} characters, a key id has {_KEY_LENGTH}:"
            " copy it again, whole and without its neighbours"
        )
    if is_key_id(upper):
        return f"{word} is a key id only in capitals: if {upper} is meant, give it like that"
    meant = upper[:2] + "IA" + upper[4:]
    if is_key_id(meant):
        return (
            f"{word} is no key id; the first four letters are read wrongly"
            f" (a capital I, an A): if {meant} is meant, give it like that"
        )
    return None


def unique_ids(text: str) -> tuple[str, ...]:
    """Return the ids of roles, users and other things in a plain text, each once."""
    found = (matched.group()[:_SHOWN] for matched in _UNIQUE.finditer(text))
    return tuple(dict.fromkeys(islice(found, _MOST)))


def unique_id_note(unique_id: str) -> str:
    """Return what a unique id is, in a sentence."""
    thing = UNIQUE_IDS.get(unique_id[:4], "something else")
    return f"{unique_id} is the unique id of {thing}, not a key: it opens nothing"


def masked_note(text: str) -> str | None:
    """Return a sentence where keys are stars and four characters, as in `aws configure list`.

    Source: https://docs.aws.amazon.com/cli/latest/reference/configure/list.html
    """
    if _MASKED.search(text) is None:
        return None
    return (
        "keys are masked in this text: `aws configure list` shows only the last four characters;"
        " `aws iam list-access-keys` shows whole ids, look for the one with the same end"
    )


def lone_secret_note(text: str) -> str | None:
    """Return a sentence where an unlabelled run looks like a secret without its id."""
    for matched in islice(_RUN.finditer(text, 0, _LOOKED_AT), _MOST):
        if looks_random(matched.group()):
            return (
                "something looks like a secret access key, but there is no key id: paste the AKIA"
                " or ASIA id that stood beside it"
            )
    return None


def encoded_note(text: str) -> str | None:
    """Return a sentence where a key id stands in base64, as in a Kubernetes Secret."""
    for matched in islice(_BASE64_ID.finditer(text), _MOST):
        try:
            word = base64.b64decode(matched.group() + "==").decode("ascii")
        except (binascii.Error, UnicodeDecodeError):
            continue
        if is_key_id(word[:_KEY_LENGTH]):
            return (
                f"{word[:_KEY_LENGTH]} stands in the text in base64, as in a Kubernetes Secret:"
                " decode it and paste again to have its secret looked at too"
            )
    return None

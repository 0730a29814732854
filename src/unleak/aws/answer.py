"""Reads botocore's loosely typed dictionaries: what is missing or odd becomes a plain empty value.

Clouds that are not AWS leave fields out, so every field is read as if it might be absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeAlias
from urllib.parse import unquote

Answer: TypeAlias = Mapping[str, object]
"""One parsed answer, or a part of one."""


def text(answer: Answer, key: str) -> str:
    """Return a field's text, empty where there is none."""
    value = answer.get(key)
    return value if isinstance(value, str) else ""


def some_text(answer: Answer, key: str) -> str | None:
    """Return a field's text, None where it is missing, empty or AWS's `N/A`."""
    value = text(answer, key)
    return value if value not in {"", "N/A"} else None


def number(answer: Answer, key: str, default: int) -> int:
    """Return a whole number, `default` where there is none."""
    value = answer.get(key)
    return value if isinstance(value, int) else default


def instant(answer: Answer, key: str) -> datetime | None:
    """Return an instant in UTC, None where there is none."""
    value = answer.get(key)
    return value.astimezone(UTC) if isinstance(value, datetime) else None


def part(answer: Answer, key: str) -> Answer:
    """Return a nested structure, empty where there is none."""
    value = answer.get(key)
    return value if isinstance(value, Mapping) else {}


def parts(answer: Answer, key: str) -> tuple[Answer, ...]:
    """Return a list of structures, empty where there is none."""
    value = answer.get(key)
    if not isinstance(value, (list, tuple)):
        return ()
    return tuple(item for item in value if isinstance(item, Mapping))


def texts(answer: Answer, key: str) -> tuple[str, ...]:
    """Return a list of texts, empty where there is none."""
    value = answer.get(key)
    if not isinstance(value, (list, tuple)):
        return ()
    return tuple(item for item in value if isinstance(item, str))


def policy_text(answer: Answer, key: str) -> str:
    """Return a policy document exactly as it is stored.

    IAM sends documents URL-encoded (RFC 3986, so `+` is a plus sign); a document that is JSON
    already comes from a cloud that does not, and decoding it would turn `%2B` in it into `+`.
    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html
    """
    document = text(answer, key)
    return document if document.lstrip().startswith("{") else unquote(document)

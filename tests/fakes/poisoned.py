"""Put one text into every field that can hold a text, whatever the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TypeVar

T = TypeVar("T")


def poisoned(record: T, text: str) -> T:
    """Return the record with the text in place of every text in it; enumerations stay.

    Numbers, instants and booleans stay as they are, so that all branches that the record takes are
    taken still.
    """
    made = _poisoned(record, text)
    assert isinstance(made, type(record))
    return made


def _poisoned(value: object, text: str) -> object:
    if type(value) is str:
        return text
    if isinstance(value, tuple):
        return tuple(_poisoned(each, text) for each in value)
    if isinstance(value, Mapping):
        return {_poisoned(key, text): _poisoned(each, text) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        changed = {each.name: _poisoned(getattr(value, each.name), text) for each in fields(value)}
        return type(value)(**changed)
    return value

"""The rows are one definition: `read_record` looks at nothing that is not a column."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pytest

from fakes.trails import TOKEN, Event, assume, call, create_key, key_of
from unleak.trail.columns import COLUMNS, Column, document_of
from unleak.trail.fields import Json, members, text_at
from unleak.trail.made import KINDS
from unleak.trail.record import read_record


class Watched(dict[str, Json]):
    """An event that remembers which of its fields were looked at."""

    def __init__(self, path: tuple[str, ...], seen: set[tuple[str, ...]]) -> None:
        super().__init__({"eventName": "x"} if not path else {})
        self._path = path
        self._seen = seen

    def get(self, name: str, default: Json = None) -> Json:
        path = (*self._path, name)
        self._seen.add(path)
        if path == ("eventName",):
            return self._name
        is_list = path[1:] in {("instancesSet", "items"), ("instanceIds",), ("credentialSet",)}
        if is_list:
            return [Watched((*path, "*"), self._seen)]
        return Watched(path, self._seen) if name[0].islower() or len(path) > 1 else default

    _name: str = "x"


def looked_at(name: str) -> set[tuple[str, ...]]:
    """Return the fields that the reader of records looks at for a call of that name."""
    seen: set[tuple[str, ...]] = set()
    event = Watched((), seen)
    event._name = name  # noqa: SLF001 - the tests' own
    read_record(event)
    return seen


def paths() -> set[tuple[str, ...]]:
    """Return every place that is a column, and those on the way there."""
    found: set[tuple[str, ...]] = set()
    for column in COLUMNS:
        whole = (*column.path, *(() if column.each is None else ("*", *column.each)))
        found |= {whole[:end] for end in range(1, len(whole) + 1)}
    return found


NOT_KEPT = {("@timestamp",)}
"""Logstash's name for the time: no store that speaks SQL has it."""


@pytest.mark.parametrize(
    "name", sorted({*KINDS, "AssumeRole", "RunInstances", "GetSessionToken", "ConsoleLogin"})
)
def test_the_reader_of_records_looks_at_columns_only(name: str) -> None:
    assert looked_at(name) - paths() - NOT_KEPT == set()


def test_the_names_are_unlike_without_capitals_too() -> None:
    names = [column.name for column in COLUMNS]

    assert len(set(names)) == len(names)
    assert all(name == name.lower() for name in names)


def test_no_column_is_a_secret() -> None:
    last = {(column.each or column.path)[-1] if column.each != () else "" for column in COLUMNS}

    assert last.isdisjoint({"sessionToken", "secretAccessKey", "servicePassword", "credentials"})


def row_of(event: Event) -> Mapping[str, str | Sequence[str | None] | None]:
    """Return the row that a store would keep of an event."""
    return {column.name: value_at(event, column) for column in COLUMNS}


def value_at(event: Event, column: Column) -> str | Sequence[str | None] | None:
    if column.each is None:
        return text_at(event, *column.path)
    found = members(event, *column.path)
    texts = [
        text_at(each, *column.each) if column.each else (each if isinstance(each, str) else None)
        for each in found
    ]
    return texts or None


ANYWHERE: Json = {
    "credentialSet": [
        {
            "credentials": {
                "accessKeyId": key_of(8),
                "sessionToken": TOKEN,
                "expiration": "2026-11-24T08:00:00Z",
            },
            "assumedRoleUser": {"arn": "arn:aws:sts::111122223333:assumed-role/x/y"},
        },
        {"credentials": {"accessKeyId": key_of(9)}},
    ]
}
RUN: Json = {"instancesSet": {"items": [{"instanceId": "i-1"}, {"instanceId": "i-2"}]}}
EVENTS = (
    assume(1, key_of(0), key_of(1)),
    create_key(2, key_of(0), key_of(2, "AKIA")),
    call(3, "RunInstances", key_of(0), responseElements=RUN),
    call(4, "SendCommand", key_of(0), requestParameters={"instanceIds": ["i-1", "i-2"]}),
    call(5, "CreateSession", None, eventSource="rolesanywhere.amazonaws.com")
    | {"responseElements": ANYWHERE},
    call(6, "ConsoleLogin", None, responseElements={"ConsoleLogin": "Failure"}),
    call(7, "GetObject", key_of(0), requestParameters={"bucketName": "b", "key": "k"}),
    call(8, "DescribeInstances", key_of(0), error="AccessDenied", sharedEventID="s"),
)


@pytest.mark.parametrize("event", EVENTS, ids=lambda each: str(each["eventName"]))
def test_a_row_is_read_as_the_event_that_it_stands_for(event: Event) -> None:
    row = row_of(event)

    assert read_record(document_of(row)) == read_record(event)
    assert TOKEN not in json.dumps(row)

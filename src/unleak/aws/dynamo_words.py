"""Items, conditions and changes in DynamoDB's words; pure.

Every attribute goes by a placeholder, because half of the plain words are reserved.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, assert_never

from unleak.aws.answer import Answer, part
from unleak.aws.items import Change, Check, Item, Key, Put, Value, Write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.aws.items import Expected

Words: TypeAlias = dict[str, object]


def value_words(value: Value) -> Words:
    """Return one value with its type.

    Args:
        value: a text, a whole number or bytes.
    """
    match value:
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case _:
            assert_never(value)


def item_of(answer: Answer) -> dict[str, Value]:
    """Return the values of an answered item; those of other types are left out.

    Args:
        answer: attribute names to typed values.
    """
    found: dict[str, Value] = {}
    for name in answer:
        match part(answer, name):
            case {"S": str() as value} | {"B": bytes() as value}:
                found[name] = value
            case {"N": str() as value} if value.removeprefix("-").isdecimal():
                found[name] = int(value)
            case _:
                pass  # not written by us
    return found


def key_words(key: Key) -> Words:
    """Return a key.

    Args:
        key: both parts.
    """
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def query_words(pk: str, only: Item) -> Words:
    """Return a consistent question for all items under one partition key.

    Args:
        pk: the partition key.
        only: attributes that have to be so.
    """
    names = _Names()
    words: Words = {"ConsistentRead": True, "KeyConditionExpression": names.equal({"pk": pk})}
    if only:
        words["FilterExpression"] = names.equal(only)
    return words | names.words


def put_words(put: Put) -> Words:
    """Return a write of a whole item.

    Args:
        put: the item, without its key.
    """
    names = _Names()
    item = {name: value_words(value) for name, value in put.item.items()}
    condition = names.equal(put.expected)
    return {
        "Item": {**key_words(put.key), **item},
        "ConditionExpression": condition,
        **names.words,
    }


def change_words(change: Change) -> Words:
    """Return a change of some attributes.

    Args:
        change: what becomes of which.
    """
    names = _Names()
    kept = {name: value for name, value in change.values.items() if value is not None}
    gone = [names.name(name) for name, value in change.values.items() if value is None]
    sets = [f"{names.name(name)} = {names.value(value)}" for name, value in kept.items()]
    adds = [f"{names.name(name)} {names.value(1)}" for name in change.counts]
    clauses = {"SET": sets, "REMOVE": gone, "ADD": adds}
    update = " ".join(f"{verb} {', '.join(each)}" for verb, each in clauses.items() if each)
    condition = names.equal(change.expected)
    return {
        "Key": key_words(change.key),
        "UpdateExpression": update,
        "ConditionExpression": condition,
        **names.words,
    }


def check_words(check: Check) -> Words:
    """Return a condition on an item, for a check or a deletion.

    Args:
        check: the item and what it has to be like.
    """
    names = _Names()
    condition = names.equal(check.expected)
    return {"Key": key_words(check.key), "ConditionExpression": condition, **names.words}


def operation_words(write: Write, table: str) -> Words:
    """Return one part of a transaction.

    Args:
        write: what to do.
        table: the table's name.
    """
    match write:
        case Put():
            return {"Put": {"TableName": table, **put_words(write)}}
        case Change():
            return {"Update": {"TableName": table, **change_words(write)}}
        case Check():
            return {"ConditionCheck": {"TableName": table, **check_words(write)}}
        case _:
            assert_never(write)


class _Names:
    """The placeholders of one call."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, Words] = {}

    @property
    def words(self) -> Words:
        """The placeholders' meanings; DynamoDB refuses an empty list of them."""
        words: Words = {"ExpressionAttributeNames": self._names}
        return words | ({"ExpressionAttributeValues": self._values} if self._values else {})

    def name(self, name: str) -> str:
        """Return the placeholder of an attribute."""
        placeholder = f"#{name}"
        self._names[placeholder] = name
        return placeholder

    def value(self, value: Value) -> str:
        """Return a placeholder of a value."""
        placeholder = f":v{len(self._values)}"
        self._values[placeholder] = value_words(value)
        return placeholder

    def equal(self, expected: Expected | Mapping[str, Value]) -> str:
        """Return the condition that attributes are so."""
        return " AND ".join(
            f"attribute_not_exists({self.name(name)})"
            if value is None
            else f"{self.name(name)} = {self.value(value)}"
            for name, value in expected.items()
        )

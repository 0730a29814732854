"""The exact parameters of an action for machines: policy texts, statuses, before and after."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, TypeAlias

from unleak.model.action import Holder, RoleRecord
from unleak.model.vault import StaticRole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.model.action import Action

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"


def parameters_of(action: Action) -> Iterator[tuple[str, Value]]:
    """Yield each parameter of the action under its name in the model.

    Actions hold names, ids, statuses and policy texts, never a secret.
    """
    for field in fields(action):
        yield field.name, _value(getattr(action, field.name))


def _value(value: object) -> Value:
    """Return a field's value as JSON; every type a field may have is listed."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return str(value)
        case tuple():
            return [_value(each) for each in value]
        case StaticRole():
            return {
                "mount": value.mount,
                "name": value.name,
                "user": value.user,
                "key_id": value.key_id,
                "settings": dict(value.settings),
            }
        case Holder():
            return value.label
        case RoleRecord():
            return {
                "name": value.name,
                "path": value.path,
                "trust_policy": value.trust_policy,
                "description": value.description,
                "max_session_seconds": value.max_session_seconds,
                "boundary": value.boundary,
                "tags": [[key, tag] for key, tag in value.tags],
            }
        case _:
            message = f"an action holds a {type(value).__name__}, which has no JSON form yet"
            raise TypeError(message)

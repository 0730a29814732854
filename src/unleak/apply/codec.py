"""The form of the model on disk: frozen dataclasses to JSON and back, and never a secret.

Encoding walks values and needs no type hints, because it runs before the first call leaves;
decoding is driven by the hints of each class and takes nothing that does not fit.  Only classes
named in `_MODEL` can be written: what is not on the list, `FoundCredential` and `Secret` above all,
is a `TypeError`.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, Field, fields
from datetime import UTC, datetime
from enum import Enum, IntEnum, StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

from unleak.model import (
    action,
    alert,
    claim,
    credential,
    door,
    drill,
    outcome,
    plan,
    principal,
    proof,
    reading,
    rotation,
    situation,
    vault,
    watch,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
T = TypeVar("T")

_TAG = "class"
"""A Python keyword, so no field can have the name."""
_CHOICES: frozenset[type] = frozenset(
    {*get_args(action.Action), reading.Known, reading.Absent, reading.Unknown}
)
"""The members of unions: their JSON says which one it is."""
_MODEL: frozenset[type] = _CHOICES | {
    action.Holder,
    action.RoleRecord,
    alert.Alert,
    alert.GithubAlert,
    claim.Claim,
    credential.Credential,
    door.Door,
    drill.Drill,
    drill.RegionBite,
    outcome.Outcome,
    outcome.Receipt,
    plan.Plan,
    plan.Step,
    principal.Principal,
    proof.Check,
    proof.RegionProof,
    proof.Verification,
    rotation.RotationPlan,
    rotation.RotationStep,
    rotation.Spot,
    rotation.Written,
    situation.Caller,
    situation.ManagedPolicy,
    vault.StaticRole,
    watch.Touch,
    watch.Watch,
}
_ENUMS: frozenset[type] = frozenset(
    {
        action.HolderType,
        action.KeyState,
        alert.Sender,
        claim.ClaimState,
        credential.CredentialKind,
        credential.CredentialStatus,
        credential.How,
        door.DoorKind,
        door.DoorState,
        outcome.Status,
        plan.Grip,
        plan.Scope,
        plan.Stage,
        plan.StepState,
        plan.Strategy,
        principal.PrincipalType,
        proof.CheckOutcome,
        proof.Level,
        reading.Gap,
        rotation.Mode,
        rotation.RotationKind,
        rotation.RotationStatus,
    }
)


class Unfit(ValueError):
    """A text that is not the value that was asked for: damaged, or written by a newer unleak."""


def encode(value: object) -> Json:
    """Return the JSON form of a value of the model.

    Raises:
        TypeError: it is, or holds, something that must not be written, a secret above all.
    """
    kind: type = type(value)
    if value is None or kind in (str, bool, int, float):
        return value  # type: ignore[return-value]  # the line above is the check
    if kind in _ENUMS and isinstance(value, Enum):
        plain: Json = value.value
        return plain
    if kind is tuple and isinstance(value, tuple):
        return [encode(each) for each in value]
    if isinstance(value, datetime):
        return instant_text(value)
    if kind not in _MODEL:
        message = f"{kind.__qualname__} is not written to disk"
        raise TypeError(message)
    record: dict[str, Json] = {_TAG: kind.__name__} if kind in _CHOICES else {}
    for field in _fields_of(kind):
        record[field.name] = encode(getattr(value, field.name))
    return record


def dump(value: object) -> str:
    """Return the compact JSON text of a value of the model.

    Raises:
        TypeError: see `encode`.
        ValueError: a number that JSON has no form for.
    """
    return json.dumps(encode(value), separators=(",", ":"), allow_nan=False)


def decode(kind: type[T], data: Json) -> T:
    """Return the value that `encode` turned into `data`.

    Raises:
        Unfit: the data does not fit; the message says where.
    """
    value = _decode(kind, data, kind.__name__)
    if not isinstance(value, kind):
        message = f"{kind.__name__} expected"
        raise Unfit(message)
    return value


def load(kind: type[T], text: str) -> T:
    """Return the value that `dump` turned into `text`.

    Raises:
        Unfit: the text is no JSON, or does not fit.
    """
    return decode(kind, parse(text))


def parse(text: str) -> Json:
    """Return what a JSON text holds.

    Raises:
        Unfit: the text is no JSON.
    """
    try:
        data: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = "not JSON"
        raise Unfit(message) from error
    return data


def instant_text(instant: datetime) -> str:
    """Return an instant as RFC 3339 with a `Z`, to the microsecond where there are any.

    Raises:
        TypeError: it has no time zone.
    """
    if instant.tzinfo is None:
        message = "an instant without a time zone is not written to disk"
        raise TypeError(message)
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


@cache
def _fields_of(kind: type) -> tuple[Field[object], ...]:
    return fields(kind)


@cache
def _hints_of(kind: type) -> Mapping[str, object]:
    """Resolve the annotations of a class; the model imports most names for type checkers only."""
    names = {each.__name__: each for each in (*_MODEL, *_ENUMS, datetime)}
    aliases = {"Action": action.Action, "Reading": reading.Reading, "Listing": reading.Listing}
    return get_type_hints(kind, localns={**names, **aliases})


def _decode(hint: object, data: Json, where: str) -> object:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _decode_choice(hint, data, where)
    if origin is tuple:
        return _decode_tuple(get_args(hint), data, where)
    if origin is reading.Known:
        return _decode_known(get_args(hint)[0], data, where)
    if isinstance(hint, type):
        return _decode_plain(hint, data, where)
    raise _unfit(where)


def _decode_plain(hint: type, data: Json, where: str) -> object:
    if hint in _MODEL:
        return _decode_record(hint, data, where)
    if hint in _ENUMS:
        return _decode_enum(hint, data, where)
    if hint is datetime:
        return _decode_instant(data, where)
    if hint is float and type(data) is int:
        return float(data)
    if hint in (str, bool, int, float, NoneType) and type(data) is hint:
        return data
    raise _unfit(where)


def _decode_enum(hint: type, data: Json, where: str) -> object:
    try:
        if issubclass(hint, IntEnum) and type(data) is int:
            return hint(data)
        if issubclass(hint, StrEnum) and isinstance(data, str):
            return hint(data)
    except ValueError as error:
        raise _unfit(where) from error
    raise _unfit(where)


def _decode_instant(data: Json, where: str) -> datetime:
    if not isinstance(data, str) or not data.endswith("Z"):
        raise _unfit(where)
    try:
        return datetime.fromisoformat(data)
    except ValueError as error:
        raise _unfit(where) from error


def _decode_tuple(kinds: tuple[object, ...], data: Json, where: str) -> tuple[object, ...]:
    if not isinstance(data, list):
        raise _unfit(where)
    hints = (kinds[0],) * len(data) if kinds[-1] is Ellipsis else kinds
    if len(hints) != len(data):
        raise _unfit(where)
    return tuple(
        _decode(hint, each, f"{where}[{number}]")
        for number, (hint, each) in enumerate(zip(hints, data, strict=True))
    )


def _decode_choice(hint: object, data: Json, where: str) -> object:
    """Take the one member that fits: None, the class that the tag names, or the only other one."""
    members = get_args(hint)
    if data is None and NoneType in members:
        return None
    rest = [each for each in members if each is not NoneType]
    if isinstance(data, dict) and _TAG in data:
        rest = [each for each in rest if (get_origin(each) or each).__name__ == data[_TAG]]
    if len(rest) != 1:
        raise _unfit(where)
    return _decode(rest[0], data, where)


def _decode_known(hint: object, data: Json, where: str) -> reading.Known[object]:
    if not isinstance(data, dict) or data.keys() != {_TAG, "value"} or data[_TAG] != "Known":
        raise _unfit(where)
    return reading.Known(_decode(hint, data["value"], f"{where}.value"))


def _decode_record(kind: type, data: Json, where: str) -> object:
    if not isinstance(data, dict):
        raise _unfit(where)
    hints = _hints_of(kind)
    known = {field.name: field for field in _fields_of(kind)}
    tags = {_TAG} if kind in _CHOICES else set()
    if (tags and data.get(_TAG) != kind.__name__) or data.keys() - known.keys() - tags:
        raise _unfit(where)
    missing = known.keys() - data.keys()
    if any(known[name].default is MISSING for name in missing):
        raise _unfit(where)
    values = {
        name: _decode(hints[name], data[name], f"{where}.{name}") for name in known.keys() - missing
    }
    made: object = kind(**values)
    return made


def _unfit(where: str) -> Unfit:
    return Unfit(f"{where} does not fit")

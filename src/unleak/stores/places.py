"""Says where in a structure a key stands: `containerDefinitions[app].environment[ACCESS_KEY]`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from unleak.model.reference import Needle

_NAMES: Final = (
    "name",
    "Name",
    "OptionName",
    "ParameterKey",
    "OutputKey",
    "key",
    "Key",
)
"""What AWS's services call the name of an entry in a list; the first that is there counts."""

_VALUES: Final = frozenset({"value", "Value", "ParameterValue", "OutputValue"})
"""What they call the one value of such an entry: its name says enough."""


def places(tree: object, needle: Needle, path: str = "") -> Iterator[str]:
    """Yield the path of every text in a parsed answer that holds the key.

    Names in it are AWS's and the customer's, never a value.

    Args:
        tree: an answer or a part of one.
        needle: what is looked for.
        path: of `tree` itself.
    """
    if isinstance(tree, str):
        if needle.is_in(tree):
            yield path
    elif isinstance(tree, Mapping):
        yield from _in_map(tree, needle, path)
    elif isinstance(tree, list | tuple):
        for number, each in enumerate(tree):
            yield from places(each, needle, f"{path}[{_name_of(each) or number}]")


def named_values(entries: tuple[Mapping[str, object], ...]) -> dict[str, str]:
    """Return a list of `{"name": ..., "value": ...}` as the environment that it describes."""
    pairs = [(each.get("name"), each.get("value")) for each in entries]
    return {
        name: value for name, value in pairs if isinstance(name, str) and isinstance(value, str)
    }


def text_map(tree: object) -> dict[str, str]:
    """Return the texts of a structure by their names; empty where there is none."""
    if not isinstance(tree, Mapping):
        return {}
    return {
        name: value
        for name, value in tree.items()
        if isinstance(name, str) and isinstance(value, str)
    }


def _in_map(tree: Mapping[object, object], needle: Needle, path: str) -> Iterator[str]:
    is_entry = _name_of(tree) is not None
    for name, value in tree.items():
        if isinstance(name, str) and needle.is_in(name):
            yield f"{path} (a name in it)".strip()
            continue
        below = path if is_entry and name in _VALUES else f"{path}.{name}".lstrip(".")
        yield from places(value, needle, below)


def _name_of(entry: object) -> str | None:
    if not isinstance(entry, Mapping):
        return None
    for name in _NAMES:
        found = entry.get(name)
        if isinstance(found, str):
            return found
    return None

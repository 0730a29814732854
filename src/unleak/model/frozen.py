"""`dataclass(frozen=True, slots=True)` as ever, defined in a third of the time.

The standard decorator compiles six methods for each class.  Seventy classes are defined before
the deny leaves, and that took a fifth of the time until then.  Comparing, hashing, printing and
refusing changes are the same for all of them, so here one function serves them all, and only
`__init__` is compiled.  Type checkers see the standard decorator; `fields`, `replace` and `match`
work as ever.  See docs/decisions/0003-frozen-dataclasses.md.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - re-exported
else:

    def dataclass(*, frozen: bool, slots: bool, kw_only: bool = False):  # noqa: ANN201 - see above
        """Make a frozen, slotted dataclass; the two arguments are there for the type checkers."""
        if not (frozen and slots):
            message = "this decorator makes frozen, slotted dataclasses only"
            raise TypeError(message)

        def decorate(cls):  # noqa: ANN001, ANN202 - see above
            for name, method in _SHARED.items():
                if name not in vars(cls):
                    setattr(cls, name, method)
            plain = dataclasses.dataclass(slots=True, kw_only=kw_only, eq=False, repr=False)
            return plain(cls)

        return decorate


def _compared(noun: object) -> tuple[object, ...]:
    return tuple(
        [getattr(noun, each.name) for each in dataclasses.fields(noun) if each.compare]  # type: ignore[arg-type]  # only dataclasses get here
    )


def _equal(self: object, other: object) -> bool:
    if type(self) is not type(other):
        return NotImplemented  # type: ignore[no-any-return]  # Python's own way to say "not mine"
    same: bool = _compared(self) == _compared(other)
    return same


def _hash(self: object) -> int:
    return hash(_compared(self))


def _repr(self: object) -> str:
    shown = ", ".join(
        f"{each.name}={getattr(self, each.name)!r}"
        for each in dataclasses.fields(self)  # type: ignore[arg-type]  # only dataclasses get here
        if each.repr
    )
    return f"{type(self).__qualname__}({shown})"


def _set_once(self: object, name: str, value: object) -> None:
    """Let `__init__` fill an empty slot, and nobody change a filled one."""
    if hasattr(self, name):
        message = f"cannot assign to field {name!r}"
        raise dataclasses.FrozenInstanceError(message)
    object.__setattr__(self, name, value)


def _keep(_self: object, name: str) -> None:
    message = f"cannot delete field {name!r}"
    raise dataclasses.FrozenInstanceError(message)


_SHARED = {
    "__eq__": _equal,
    "__hash__": _hash,
    "__repr__": _repr,
    "__setattr__": _set_once,
    "__delattr__": _keep,
}

"""Several command line options that make one thing: they reach the command as one argument."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Command: TypeAlias = Callable[..., int]
Option: TypeAlias = Callable[[Command], Command]


def bundled(name: str, kind: type[DataclassInstance], *options: Option) -> Option:
    """Return a decorator that adds options and hands them to the command as one object.

    Args:
        name: the command's argument.
        kind: a dataclass whose fields are named as the options' parameters.
        options: click's option decorators, in the order in which `--help` shows them.
    """
    names = [field.name for field in fields(kind)]

    def decorate(command: Command) -> Command:
        @wraps(command)
        def with_bundle(**given: object) -> int:
            parts = {each: given.pop(each) for each in names}
            return command(**{name: kind(**parts)}, **given)

        decorated: Command = with_bundle
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate

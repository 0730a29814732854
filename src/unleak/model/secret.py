"""A value that must never be shown: it has no text form, no pickle and no JSON."""

from __future__ import annotations

import hmac
from typing import NoReturn

REDACTED = "[secret]"


class Secret:
    """Hold a secret access key, session token or password without ever printing it.

    `repr`, `str` and `format` give fixed text.  Only `reveal` gives the value, so a reader can
    search for every place that uses it.

    Args:
        value: the secret text.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the secret itself, for signing a request; never for output."""
        return self._value

    def __repr__(self) -> str:
        return REDACTED

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return REDACTED

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(
            self._value.encode(), other._value.encode()
        )

    def __hash__(self) -> int:
        return hash(("Secret", self._value))

    def __reduce__(self) -> NoReturn:
        msg = "a Secret cannot be pickled or copied out of the process"
        raise TypeError(msg)

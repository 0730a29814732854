"""What goes wrong with a service that is no part of AWS, in one vocabulary for all of them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from unleak.errors import UnleakError
from unleak.evidence.clean import printable, redact
from unleak.model.secret import REDACTED, Secret
from unleak.stores.interface import NotInstalled

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

NO_SUCH_THING: Final = 404
CONFLICT: Final = 409
TOO_MANY: Final = 429
_FORBIDDEN: Final = (401, 403)
_FIRST_SERVER_ERROR: Final = 500


class StoreRefused(UnleakError):
    """A store answered, and did not do what was asked.

    Args:
        message: what was asked and what came back, cleaned.
        status: the HTTP status.
        hint: what to do next.
    """

    code = "store-refused"

    def __init__(self, message: str, *, status: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status

    @property
    def is_forbidden(self) -> bool:
        """Whether the token may not do it, or is not accepted."""
        return self.status in _FORBIDDEN


class StoreSilent(UnleakError):
    """A store cannot be reached or gave no answer; a change may or may not have been made."""

    code = "store-silent"


def refusal(what: str, status: int, words: str, secrets: Iterable[Secret] = ()) -> StoreRefused:
    """Word a refusal so that it can be shown.

    Args:
        what: what was asked of whom: "GitHub: GET /repos/o/r".
        status: the HTTP status.
        words: what the server said; hostile.
        secrets: what must not come back in its words: the token, a value that was sent.
    """
    said = cleaned(words, secrets)
    message = f"{what}: HTTP {status}" + (f" ({said})" if said else "")
    return StoreRefused(message, status=status, hint=_hint(status))


def cleaned(words: str, secrets: Iterable[Secret] = ()) -> str:
    """Return a server's words on one line, without what must not be shown.

    Args:
        words: anything.
        secrets: what must not be in it.
    """
    for secret in secrets:
        if secret:
            words = words.replace(secret.reveal(), REDACTED)
    return printable(redact(words))


def client_library(module: str, extra: str) -> ModuleType:
    """Import a client when it is needed; nobody pays for one that is not.

    Args:
        module: `kubernetes.client` for example.
        extra: the extra of ours that brings it.

    Raises:
        NotInstalled: it, or something that it needs, is not there.
    """
    try:
        return import_module(module)
    except ImportError as error:
        message = f"the Python package {module.partition('.')[0]} is not installed"
        raise NotInstalled(message, hint=f"`pip install 'unleak[{extra}]'`") from error


def _hint(status: int) -> str:
    if status >= _FIRST_SERVER_ERROR:
        return "the service has trouble: try again later"
    return _HINTS.get(status, "")


_HINTS: Final = {
    401: "the token is not accepted: check that it is this service's, and not expired",
    403: "the token may not do that: check its scopes and your role there",
    404: "check the name; many services answer 404 where a token may not look",
    409: "somebody else has changed it meanwhile: read it again",
    429: "too many calls: wait a few minutes and try again",
}

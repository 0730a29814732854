"""One new lease, taken to see that Vault still works after what was cut, and given back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import quote

from unleak.aws.answer import part, some_text, text
from unleak.errors import UnleakError
from unleak.evidence.clean import printable
from unleak.model.credential import FoundCredential
from unleak.model.outcome import Receipt
from unleak.model.secret import Secret
from unleak.verify.classify import Verdict

if TYPE_CHECKING:
    from unleak.aws.answer import Answer
    from unleak.model.vault_action import TryNewLease
    from unleak.stores.vault_client import Vault

Served: TypeAlias = Callable[[FoundCredential], Verdict]
"""Asks AWS once, with one harmless call that a deny would show in."""

_LEASES: Final = 4
"""A session of the second of the cut-off is denied by it, so a later one is taken then."""
_ASKS: Final = 8
"""IAM knows a new user's key after some seconds."""
_PAUSE: Final = 2.0
_SHORT: Final = "900s"
"""The shortest life that STS gives; a user's lease has the engine's own."""
_SETTLED: Final = frozenset({Verdict.ALLOWED, Verdict.REFUSED})
"""Known, and not explicitly denied: that nothing allows a call says nothing against the key."""


class Trial:
    """One trial of one role.

    Args:
        vault: signed in.
        served: asks AWS with what was issued.
        pause: waits for a number of seconds.
        give_back: revokes a lease.
    """

    def __init__(
        self,
        vault: Vault,
        *,
        served: Served,
        pause: Callable[[float], None],
        give_back: Callable[[str], Receipt],
    ) -> None:
        self._vault = vault
        self._served = served
        self._pause = pause
        self._give_back = give_back

    def run(self, wish: TryNewLease) -> Receipt:
        """Take leases until one is served; each is revoked before this returns or raises.

        Raises:
            UnleakError: Vault issues nothing, or AWS does not serve what it issues.
        """
        verdict = Verdict.UNKNOWN
        receipt = Receipt(request_id="", at=None)
        for _ in range(_LEASES):
            told = self._take(wish)
            lease = text(told, "lease_id")
            try:
                verdict = self._ask(_credential(part(told, "data")))
            finally:
                if lease:
                    receipt = self._give_back(lease)
            if verdict is not Verdict.EXPLICIT_DENY:
                break
            self._pause(_PAUSE)
        if verdict not in _SETTLED:
            message = f"Vault issued a credential of {_shown(wish.path)}, but AWS says: {verdict}"
            hint = "look whether Vault's own key works, and whether the role is denied for good"
            raise UnleakError(message, hint=hint)
        return receipt

    def _take(self, wish: TryNewLease) -> Answer:
        query = {"ttl": _SHORT}
        if wish.role_arn is not None:
            query["role_arn"] = wish.role_arn
        told = self._vault.ask("get", quote(wish.path), query=query)
        if told is None:
            message = f"Vault has nothing at {_shown(wish.path)}"
            raise UnleakError(message, hint="look at `vault list MOUNT/roles`")
        return told

    def _ask(self, found: FoundCredential) -> Verdict:
        verdict = Verdict.UNKNOWN
        for attempt in range(_ASKS):
            if attempt:
                self._pause(_PAUSE)
            verdict = self._served(found)
            if verdict in _SETTLED or verdict is Verdict.EXPLICIT_DENY:
                break
        return verdict


def _credential(data: Answer) -> FoundCredential:
    token = some_text(data, "session_token") or some_text(data, "security_token")
    return FoundCredential(
        access_key_id=text(data, "access_key"),
        secret=Secret(text(data, "secret_key")),
        session_token=None if token is None else Secret(token),
    )


def _shown(path: str) -> str:
    return printable(path, limit=200)

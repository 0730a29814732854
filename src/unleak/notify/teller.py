"""Sends a message to all destinations of a policy at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unleak.model.message import Message, Poster, SecretSource, Told


class Tellers:
    """Sends to every destination; a `Teller`.

    Args:
        destinations: `sns:ARN`, `ses:FROM:TO`, `ssm:NAME` or `secretsmanager:NAME`.
        poster: sends through AWS.
        secrets: where the URLs of chats and webhooks are kept.
        limit_seconds: how long to wait for the slowest of them.
    """

    def __init__(
        self,
        destinations: Sequence[str],
        *,
        poster: Poster,
        secrets: SecretSource,
        limit_seconds: float = 20.0,
    ) -> None:
        self._destinations = tuple(dict.fromkeys(destinations))
        self._poster = poster
        self._secrets = secrets
        self._limit_seconds = limit_seconds

    def tell(self, message: Message) -> tuple[Told, ...]:
        """Send to every destination, all at the same time, each within a limit.

        Args:
            message: what to say.
        """
        raise NotImplementedError(message)

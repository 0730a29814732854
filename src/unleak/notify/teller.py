"""Sends a message to all destinations of a policy at once."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Final, assert_never

from unleak.errors import UnleakError
from unleak.model.message import Delivery, Told
from unleak.model.secret import Secret
from unleak.notify import by_url
from unleak.notify.at_once import at_once
from unleak.notify.destination import Destination, Kept, Mail, Topic, label, read_destination
from unleak.notify.outcome import SENT, Result, of_error
from unleak.notify.wording import body, subject, title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unleak.model.message import Message, Poster, SecretSource

_MOST: Final = 60_000
"""Characters, of which UTF-8 makes no more than 240 KB; SNS takes 256 KB.
Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""
_MOST_URLS: Final = 20
_LATE: Final = Result(delivery=Delivery.SILENT, why="no answer within the time for it")
_MARGIN: Final = 1.1
"""Who waits for all URLs of a secret waits a little longer than each of them may take."""


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
        """Send to every destination, all at the same time, and wait no longer than the limit.

        What goes wrong at one of them is in its `Told`; nothing is raised.

        Args:
            message: what to say.
        """
        end = time.monotonic() + self._limit_seconds
        late: tuple[Result, ...] = (_LATE,)
        given = at_once(
            [partial(self._send, words, message, end) for words in self._destinations],
            late=late,
            broken=lambda error: (_broken(error),),
            seconds=self._limit_seconds * _MARGIN,
        )
        return tuple(
            _told(_name(words, number, result), result)
            for number, (words, results) in enumerate(
                zip(self._destinations, given, strict=True), start=1
            )
            for result in results
        )

    def _send(self, words: str, message: Message, end: float) -> tuple[Result, ...]:
        try:
            return self._sent(read_destination(words), message, end)
        except UnleakError as error:
            return (of_error(error, Delivery.UNUSABLE),)

    def _sent(self, destination: Destination, message: Message, end: float) -> tuple[Result, ...]:
        match destination:
            case Topic(arn=arn):
                send = partial(self._poster.publish, arn, subject(message), body(message, _MOST))
            case Mail(sender=sender, recipients=recipients):
                send = partial(
                    self._poster.send_mail,
                    sender,
                    recipients,
                    title(message),
                    body(message, _MOST),
                )
            case Kept(reference=reference):
                return _by_urls(self._secrets.fetch(reference), message, end)
            case _:
                assert_never(destination)
        try:
            send()
        except UnleakError as error:
            return (of_error(error, Delivery.REFUSED),)
        return (SENT,)


def _by_urls(secret: Secret, message: Message, end: float) -> tuple[Result, ...]:
    lines = (line.strip() for line in secret.reveal().splitlines())
    urls = tuple(Secret(line) for line in lines if line and not line.startswith("#"))
    if not 0 < len(urls) <= _MOST_URLS:
        why = f"it holds no URL, or more than {_MOST_URLS}; write one a line"
        return (Result(delivery=Delivery.UNUSABLE, why=why),)
    results = at_once(
        [partial(_by_url, url, message) for url in urls],
        late=_LATE,
        broken=_broken,
        seconds=end - time.monotonic(),
    )
    return tuple(result.of_url(number) for number, result in enumerate(results, start=1))


def _by_url(url: Secret, message: Message) -> Result:
    try:
        return by_url.send(url, message)
    except UnleakError as error:
        return of_error(error, Delivery.UNUSABLE)


def _broken(error: Exception) -> Result:
    """Return what somebody else's exception means; its words may hold a URL, so only its kind."""
    why = f"the attempt broke off with {type(error).__name__}"
    return Result(delivery=Delivery.REFUSED, why=why)


def _told(destination: str, result: Result) -> Told:
    return Told(destination=destination, delivery=result.delivery, why=result.why)


def _name(words: str, number: int, result: Result) -> str:
    """Return what a destination is called; one that makes no sense may be a secret by mistake."""
    try:
        name = label(read_destination(words))
    except UnleakError:
        return f"destination {number}"
    if result.url_number is None:
        return name
    service = f" ({result.name})" if result.name else ""
    return f"{name}, URL {result.url_number}{service}"

"""Calls to any AWS service for the stores: questions for all, changes for `rotate` alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.aws.asking import Asking
from unleak.aws.exchange import Manner, Patience, ask
from unleak.errors import UnleakError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from unleak.aws.answer import Answer
    from unleak.aws.session import AwsSession
    from unleak.model.secret import Secret

_QUESTIONS = ("batch_get_", "describe_", "get_", "list_", "lookup_", "search_")
_WRITING = Patience(answered_seconds=30.0, silent_seconds=10.0)


class ReadingDesk:
    """Questions to any service, as `stores.interface.CloudReader` lists them; thread-safe.

    Args:
        session: the responder's session.
    """

    def __init__(self, session: AwsSession) -> None:
        self._asking = Asking(session)

    @property
    def region(self) -> str:
        """The region that calls go to where none is named."""
        return self._asking.session.region

    def ask(
        self,
        service: str,
        method: str,
        parameters: Mapping[str, object] | None = None,
        *,
        region: str | None = None,
    ) -> Answer:
        """Make one reading call.

        Raises:
            UnleakError: it is no question, AWS refused, or did not answer.
        """
        if not method.startswith(_QUESTIONS):
            message = f"{service}:{method} is no question, and a search only asks"
            raise UnleakError(message)
        return self._asking.of(service, method, parameters, region=region)

    def pages(
        self,
        service: str,
        method: str,
        parameters: Mapping[str, object] | None = None,
        *,
        region: str | None = None,
    ) -> Iterator[Answer]:
        """Make a listing call until nothing is left, with botocore's own model of its pages.

        Raises:
            UnleakError: AWS refused, or did not answer.
        """
        tokens = self._asking.session.page_tokens(service, method, region)
        sent = dict(parameters or {})
        while True:
            answer = self.ask(service, method, sent, region=region)
            yield answer
            following = {name: answer.get(source) for name, source in tokens.items()}
            if not tokens or not all(following.values()):
                return
            sent.update(following)


class WritingDesk(ReadingDesk):
    """Questions and changes, as `stores.interface.CloudWriter` lists them.

    Args:
        session: the responder's session.
    """

    def change(
        self,
        service: str,
        method: str,
        parameters: Mapping[str, object],
        *,
        region: str | None = None,
        secrets: tuple[Secret, ...] = (),
    ) -> Answer:
        """Make one changing call; tried again only where it cannot have been carried out twice.

        Raises:
            UnleakError: AWS refused, or did not answer.
        """
        session = self._asking.session
        manner = Manner(patience=_WRITING, is_write=True, secrets=secrets)
        client = session.client(service, region)
        return ask(client, method, parameters, clock=session.clock, manner=manner)


class SealedDesk(ReadingDesk):
    """Looks like a writing desk, and writes nothing: for whoever has to look before the question.

    Args:
        session: the responder's session.
    """

    def change(
        self,
        service: str,
        method: str,
        parameters: Mapping[str, object],
        *,
        region: str | None = None,
        secrets: tuple[Secret, ...] = (),
    ) -> Answer:
        """Refuse.

        Raises:
            UnleakError: always.
        """
        del parameters, region, secrets
        message = f"{service}:{method} would change something, and nothing was accepted yet"
        raise UnleakError(message)

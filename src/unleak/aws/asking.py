"""Asks the responder's questions: one call, or all pages of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.aws.answer import Answer, parts, text
from unleak.aws.exchange import Manner, ask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.aws.session import AwsSession


class Asking:
    """The responder's session as a place to put questions.

    Args:
        session: the responder's session.
    """

    def __init__(self, session: AwsSession) -> None:
        self.session = session

    def of(
        self,
        service: str,
        method: str,
        parameters: Mapping[str, object] | None = None,
        *,
        region: str | None = None,
        manner: Manner | None = None,
    ) -> Answer:
        """Make one reading call.

        Args:
            service: botocore's name of the service.
            method: the client's method.
            parameters: exactly what is sent.
            region: None for the session's own.
            manner: None for the usual patience of a question.
        """
        client = self.session.client(service, region)
        clock = self.session.clock
        return ask(client, method, parameters or {}, clock=clock, manner=manner or Manner())

    def iam(self, method: str, /, **parameters: object) -> Answer:
        """Make one reading call of IAM."""
        return self.of("iam", method, parameters)

    def iam_answers(self, method: str, /, **parameters: object) -> tuple[Answer, ...]:
        """Make a listing call of IAM until nothing is left, and return every answer.

        `IsTruncated` decides, not how full a page is: IAM may send short pages before the last.
        Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html
        """
        answers = [self.iam(method, **parameters)]
        while answers[-1].get("IsTruncated") is True and text(answers[-1], "Marker"):
            marker = text(answers[-1], "Marker")
            answers.append(self.iam(method, **parameters, Marker=marker))
        return tuple(answers)

    def iam_pages(self, method: str, key: str, /, **parameters: object) -> tuple[Answer, ...]:
        """Make a listing call of IAM until nothing is left, and return the items under `key`."""
        answers = self.iam_answers(method, **parameters)
        return tuple(item for answer in answers for item in parts(answer, key))

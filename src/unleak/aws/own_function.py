"""Hands an event to the function that we are, to be worked on when whoever asked has his answer.

An HTTP API waits thirty seconds and GitHub ten, and containing takes longer.
Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html and
https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from unleak.aws.exchange import Manner, Patience, ask
from unleak.errors import UnreadableEvent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.aws.session import AwsSession

_HANDING_OVER: Final = Manner(patience=Patience(answered_seconds=5.0, silent_seconds=3.0))
_LARGEST: Final = 256 * 1024
"""Bytes of an asynchronous event.  https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


class OwnFunction:
    """The function that runs this code.

    Args:
        session: the session of its role.
        name: its name or ARN, from `AWS_LAMBDA_FUNCTION_NAME`.
    """

    def __init__(self, session: AwsSession, name: str) -> None:
        self._session = session
        self._name = name

    def hand_over(self, event: Mapping[str, object]) -> None:
        """Have an event worked on later, by another run of the function.

        Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html

        Args:
            event: JSON can hold it.

        Raises:
            UnreadableEvent: it is too large for that.
            UnleakError: AWS refused, or did not answer.
        """
        payload = json.dumps(event, separators=(",", ":")).encode()
        if len(payload) > _LARGEST:
            message = "the request is too large to be worked on later"
            raise UnreadableEvent(message, hint=f"{_LARGEST // 1024} KiB are the most")
        sent = {"FunctionName": self._name, "InvocationType": "Event", "Payload": payload}
        client = self._session.client("lambda")
        ask(client, "invoke", sent, clock=self._session.clock, manner=_HANDING_OVER)

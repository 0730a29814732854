"""Makes an access key: the one change that must not be sent twice."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from unleak.aws.answer import part, text
from unleak.aws.exchange import Manner, Patience, ask
from unleak.errors import AwsFailure, Throttled
from unleak.model.secret import Secret

if TYPE_CHECKING:
    from unleak.aws.session import AwsSession

_ONCE = Patience(answered_seconds=0.0, silent_seconds=0.0)
_THROTTLED_TRIES = 6


class AwsKeyMaker:
    """Creates access keys, as `rotate.doors.KeyMaker` says.

    Args:
        session: the responder's session.
    """

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    def create_key(self, user: str) -> tuple[str, Secret]:
        """Call `iam:CreateAccessKey` and return the id and the secret, which AWS tells only once.

        It is never sent again after a lost answer: that would make a second key.  Being throttled
        is an answer, and says that nothing was made.
        Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html

        Args:
            user: the user's name.

        Raises:
            UnleakError: AWS refused; or did not answer, and then there may be a key.
        """
        manner = Manner(patience=_ONCE, is_write=True)
        client = self._session.client("iam")
        for attempt in range(1, _THROTTLED_TRIES + 1):
            try:
                answer = ask(
                    client,
                    "create_access_key",
                    {"UserName": user},
                    clock=self._session.clock,
                    manner=manner,
                )
            except Throttled:
                if attempt == _THROTTLED_TRIES:
                    raise
                time.sleep(2**attempt / 10)
            else:
                return _made(part(answer, "AccessKey"))
        raise AssertionError  # the loop returns or raises


def _made(key: object) -> tuple[str, Secret]:
    answer = part({"key": key}, "key")
    key_id, secret = text(answer, "AccessKeyId"), text(answer, "SecretAccessKey")
    if not key_id or not secret:
        message = "CreateAccessKey: the answer holds no key"
        raise AwsFailure(message, error_code="NoKey", operation="CreateAccessKey")
    return key_id, Secret(secret)

"""Reads the responder's own secrets: of webhooks, of chats, and the one that signs approvals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.aws.asking import Asking

if TYPE_CHECKING:
    from unleak.aws.session import AwsSession
    from unleak.model.secret import Secret


class AwsSecrets:
    """Secrets in Parameter Store and Secrets Manager; a `SecretSource`.

    Args:
        session: the responder's session.
    """

    def __init__(self, session: AwsSession) -> None:
        self._asking = Asking(session)

    def fetch(self, reference: str) -> Secret:
        """Return the value that stands behind a reference.

        Args:
            reference: `ssm:NAME`, `secretsmanager:NAME` or `secretsmanager:ARN`.

        Raises:
            UnleakError: it makes no sense, is not there, or may not be read.
        """
        raise NotImplementedError(reference)

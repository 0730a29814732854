"""Sends words through AWS: to a topic of SNS, or by mail with SES."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.aws.exchange import Manner, Patience, ask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.aws.session import AwsSession

_POSTING: Final = Manner(patience=Patience(answered_seconds=8.0, silent_seconds=5.0))
"""A message that comes twice, after a lost answer, is better than one that never comes."""
_REGION: Final = 3
"""Its place in an ARN, counted from 0."""


class AwsPoster:
    """Topics and mail of the responder's account; a `Poster`.

    Args:
        session: the responder's session.
    """

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    def publish(self, topic_arn: str, subject: str, text: str) -> None:
        """Publish to a topic, in the region that its ARN names.

        Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html

        Args:
            topic_arn: whole.
            subject: less than 100 ASCII characters, for subscribers by mail.
            text: at most 256 KB.

        Raises:
            UnleakError: AWS refused, or did not answer.
        """
        sent = {"TopicArn": topic_arn, "Subject": subject, "Message": text}
        self._post("sns", "publish", sent, topic_arn.split(":")[_REGION])

    def send_mail(self, sender: str, recipients: tuple[str, ...], subject: str, text: str) -> None:
        """Send one mail, from the session's region.

        Source: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html

        Args:
            sender: an address that SES has verified, or one of a domain that it has.
            recipients: addresses.
            subject: one line.
            text: plain text.

        Raises:
            UnleakError: AWS refused, or did not answer.
        """
        content = {
            "Subject": {"Data": subject, "Charset": "UTF-8"},
            "Body": {"Text": {"Data": text, "Charset": "UTF-8"}},
        }
        sent = {
            "FromEmailAddress": sender,
            "Destination": {"ToAddresses": list(recipients)},
            "Content": {"Simple": content},
        }
        self._post("sesv2", "send_email", sent, None)

    def _post(
        self, service: str, method: str, sent: Mapping[str, object], region: str | None
    ) -> None:
        client = self._session.client(service, region)
        ask(client, method, sent, clock=self._session.clock, manner=_POSTING)

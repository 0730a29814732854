"""Signs one harmless, read-only call with a credential that is not the responder's, and tells."""

from __future__ import annotations

import threading
from dataclasses import field, replace
from typing import TYPE_CHECKING, Final

from unleak.aws.clock import parse_date_header
from unleak.aws.codes import UNSUPPORTED
from unleak.aws.refusal import date_header, refusal_of, secrets_of
from unleak.aws.transport import botocore_errors, is_silence, transport_words
from unleak.errors import WrongUse
from unleak.model.frozen import dataclass
from unleak.model.ports import ProbeAnswer

if TYPE_CHECKING:
    from botocore.client import BaseClient

    from unleak.aws.answer import Answer
    from unleak.aws.session import AwsSession
    from unleak.model.credential import FoundCredential
    from unleak.model.secret import Secret

UNREACHABLE: Final = "Unreachable"
"""Our own error code for a network that did not answer: it proves nothing."""
_DRY_RUN_ALLOWED: Final = "DryRunOperation"
"""How EC2 says "you would have been allowed".
Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    method: str
    operation: str
    parameters: dict[str, object] = field(default_factory=dict)


_CALLS: Final = {
    "s3": _Call(method="list_buckets", operation="ListBuckets"),
    "sqs": _Call(method="list_queues", operation="ListQueues"),
    "dynamodb": _Call(method="list_tables", operation="ListTables"),
    "lambda": _Call(method="list_functions", operation="ListFunctions"),
    "secretsmanager": _Call(method="list_secrets", operation="ListSecrets"),
    "ssm": _Call(method="describe_parameters", operation="DescribeParameters"),
    "kms": _Call(method="list_keys", operation="ListKeys"),
    "sns": _Call(method="list_topics", operation="ListTopics"),
    "iam": _Call(method="get_account_summary", operation="GetAccountSummary"),
    "ec2": _Call(
        method="describe_regions", operation="DescribeRegions", parameters={"DryRun": True}
    ),
    "sts": _Call(method="get_caller_identity", operation="GetCallerIdentity"),
}


class AwsProber:
    """Harmless calls with a leaked or a canary credential, as `model.ports.Prober` lists them.

    Each is tried once: whoever probes repeatedly wants to see each answer.  Clients are kept by key
    id, service and region, because making one costs more than the call.

    Args:
        session: the responder's session, for its settings alone: its credentials never sign here.
    """

    def __init__(self, session: AwsSession) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, Secret | None, str, str], BaseClient] = {}

    @property
    def services(self) -> tuple[str, ...]:
        """The services that a probe exists for; `sts` tells whether a key is dead, nothing more."""
        return tuple(_CALLS)

    def probe(self, credential: FoundCredential, *, service: str, region: str) -> ProbeAnswer:
        """Make the one harmless call of `service` and say what came back.

        Never raises for what AWS or the network does; `ok` means that the call was let through.

        Args:
            credential: what signs; its secret must be there.
            service: one of `services`.
            region: where to ask.

        Raises:
            WrongUse: the credential cannot sign, or there is no probe for this service.
        """
        call = _CALLS.get(service)
        if call is None:
            message = f"there is no probe for {service}"
            raise WrongUse(message, hint="one of: " + ", ".join(_CALLS))
        client = self._client(credential, service, region)
        secrets = secrets_of(credential)
        blank = ProbeAnswer(service=service, operation=call.operation, region=region, ok=False)
        try:
            answer: Answer = getattr(client, call.method)(**call.parameters)
        except botocore_errors() as error:
            return _failed(blank, error, secrets)
        return replace(blank, ok=True, status=200, at=parse_date_header(date_header(answer)))

    def _client(self, credential: FoundCredential, service: str, region: str) -> BaseClient:
        key = (credential.access_key_id or "", credential.session_token, service, region)
        with self._lock:
            client = self._clients.get(key)
            if client is None:
                client = self._session.borrowed_client(credential, service, region)
                self._clients[key] = client
        return client


def _failed(blank: ProbeAnswer, error: Exception, secrets: tuple[Secret, ...]) -> ProbeAnswer:
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 - loaded by now

    refusal = refusal_of(error, secrets=secrets)
    if refusal is not None:
        return replace(
            blank,
            ok=refusal.code == _DRY_RUN_ALLOWED,
            error_code=refusal.code,
            message=refusal.message,
            status=refusal.status,
            at=parse_date_header(refusal.date_header),
            encoded=refusal.encoded,
        )
    code = type(error).__name__
    if isinstance(error, ResponseParserError):
        code = UNSUPPORTED
    elif is_silence(error):
        code = UNREACHABLE
    return replace(blank, error_code=code, message=transport_words(error, secrets))

"""The prober of fights: the calls of `AwsProber` and its answers, without botocore in between.

A hold probes thousands of times; signing, writing and parsing each call is most of what a fight
costs.  The refusals are read by unleak's own reader, and `tests/lab` holds both probers against
each other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lab.lagging.refusal import Refusal
from lab.wire import Keys
from unleak.aws.refusal import read_refusal
from unleak.model.ports import ProbeAnswer

if TYPE_CHECKING:
    from lab.lagging.cloud import LaggingCloud
    from unleak.aws.prober import AwsProber
    from unleak.model.credential import FoundCredential

_OPERATIONS = {
    "s3": "ListBuckets",
    "sqs": "ListQueues",
    "dynamodb": "ListTables",
    "lambda": "ListFunctions",
    "secretsmanager": "ListSecrets",
    "ssm": "DescribeParameters",
    "kms": "ListKeys",
    "sns": "ListTopics",
    "iam": "GetAccountSummary",
    "ec2": "DescribeRegions",
    "sts": "GetCallerIdentity",
}


class QuickProber:
    """Probes a lagging cloud in this process.

    Args:
        cloud: what answers.
        like: whose services these are.
    """

    def __init__(self, cloud: LaggingCloud, like: AwsProber) -> None:
        self._cloud = cloud
        self.services = like.services

    def probe(self, credential: FoundCredential, *, service: str, region: str) -> ProbeAnswer:
        """Make the one harmless call of a service; it takes the time of a call."""
        cloud, operation = self._cloud, _OPERATIONS[service]
        cloud.clock.advance(cloud.latency)
        with cloud.clock.lock:
            at = cloud.clock.now().replace(microsecond=0)
            blank = ProbeAnswer(
                service=service, operation=operation, region=region, ok=True, status=200, at=at
            )
            parameters = {"DryRun": True} if service == "ec2" else {}
            try:
                cloud.call(_keys(credential), service, operation, region, **parameters)
            except Refusal as refusal:
                return _refused(blank, refusal)
            return blank


def _refused(blank: ProbeAnswer, refusal: Refusal) -> ProbeAnswer:
    read = read_refusal(
        {
            "Error": {"Code": refusal.code, "Message": refusal.message},
            "ResponseMetadata": {"HTTPStatusCode": refusal.status},
        }
    )
    return replace(
        blank,
        ok=read.code == "DryRunOperation",
        error_code=read.code,
        message=read.message,
        status=read.status,
        encoded=read.encoded,
    )


def _keys(credential: FoundCredential) -> Keys:
    secret, token = credential.secret, credential.session_token
    return Keys(
        access_key_id=credential.access_key_id or "",
        secret="" if secret is None else secret.reveal(),
        token=None if token is None else token.reveal(),
    )

"""The services that hold data: just enough of each to see whether a credential is served."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from lab.lagging.clock import START
from lab.lagging.refusal import refuse

if TYPE_CHECKING:
    from lab.lagging.asked import Asked, Operation
    from lab.lagging.estate import Answer


def _list_buckets(asked: Asked) -> Answer:
    rows = [{"Name": name, "CreationDate": START} for name in asked.control.buckets]
    return {"Buckets": rows, "Owner": {"ID": asked.caller.account}}


def _create_bucket(asked: Asked) -> Answer:
    asked.control.buckets.setdefault(asked.text("Bucket"), {})
    return {"Location": f"/{asked.text('Bucket')}"}


def _put_object(asked: Asked) -> Answer:
    body = asked.parameters.get("Body", b"")
    _bucket(asked)[asked.text("Key")] = body if isinstance(body, bytes) else b""
    return {"ETag": '"lab"'}


def _get_object(asked: Asked) -> Answer:
    body = _bucket(asked).get(asked.text("Key"))
    if body is None:
        raise refuse(404, "NoSuchKey", "The specified key does not exist.")
    return {"Body": body, "ContentLength": len(body)}


def _list_objects(asked: Asked) -> Answer:
    rows = [{"Key": key, "Size": len(body)} for key, body in _bucket(asked).items()]
    return {"Name": asked.text("Bucket"), "Contents": rows, "KeyCount": len(rows)}


def _bucket(asked: Asked) -> dict[str, bytes]:
    found = asked.control.buckets.get(asked.text("Bucket"))
    if found is None:
        raise refuse(404, "NoSuchBucket", "The specified bucket does not exist")
    return found


def _describe_regions(asked: Asked) -> Answer:
    _dry_run(asked)
    return {"Regions": [{"RegionName": name} for name in asked.control.regions]}


def _run_instances(asked: Asked) -> Answer:
    _dry_run(asked)
    message = "this cloud runs no instances; ask with DryRun"
    raise refuse(400, "UnsupportedOperation", message)


def _describe_instances(asked: Asked) -> Answer:
    _dry_run(asked)
    return {"Reservations": []}


def _dry_run(asked: Asked) -> None:
    if asked.parameters.get("DryRun") is True:
        message = "Request would have succeeded, but DryRun flag is set."
        raise refuse(412, "DryRunOperation", message)


def _list_regions(asked: Asked) -> Answer:
    rows = [
        {"RegionName": name, "RegionOptStatus": "ENABLED_BY_DEFAULT"}
        for name in asked.control.regions
    ]
    return {"Regions": rows}


def _nothing(key: str, asked: Asked) -> Answer:
    del asked
    return {key: []}


OPERATIONS: Mapping[str, Mapping[str, Operation]] = {
    "s3": {
        "ListBuckets": _list_buckets,
        "CreateBucket": _create_bucket,
        "PutObject": _put_object,
        "GetObject": _get_object,
        "ListObjectsV2": _list_objects,
    },
    "ec2": {
        "DescribeRegions": _describe_regions,
        "DescribeInstances": _describe_instances,
        "RunInstances": _run_instances,
    },
    "account": {"ListRegions": _list_regions},
    "sqs": {"ListQueues": partial(_nothing, "QueueUrls")},
    "dynamodb": {"ListTables": partial(_nothing, "TableNames")},
    "lambda": {"ListFunctions": partial(_nothing, "Functions")},
    "secretsmanager": {"ListSecrets": partial(_nothing, "SecretList")},
    "ssm": {"DescribeParameters": partial(_nothing, "Parameters")},
    "kms": {"ListKeys": partial(_nothing, "Keys")},
    "sns": {"ListTopics": partial(_nothing, "Topics")},
}

HARMLESS: Mapping[str, str] = {
    "s3": "ListBuckets",
    "sqs": "ListQueues",
    "dynamodb": "ListTables",
    "ec2": "DescribeRegions",
    "lambda": "ListFunctions",
    "secretsmanager": "ListSecrets",
    "ssm": "DescribeParameters",
    "kms": "ListKeys",
    "sns": "ListTopics",
    "iam": "ListRoles",
}
"""One call for each service that changes nothing and that policies decide."""

"""Make a trail for the bench: events as CloudTrail writes them, with one leak's chain in them."""

from __future__ import annotations

import gzip
import json
import random
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

SEED = "AKIAQNZGKIQYWXYZ2345"
ACCOUNT = "029608264753"
CHAIN = 4
_EVENTS = 2_000
_KEYS = 60
_EVERY = 10
_NAMES = ("DescribeInstances", "GetObject", "ListBuckets", "Decrypt", "PutItem", "AssumeRole")


def make_trail(folder: Path, files: int) -> int:
    """Write the files, and return how many bytes they unpack to.

    Each link of the chain is in another file; the seed makes a call in every tenth one.

    Args:
        folder: where to.
        files: how many, of some 2.8 MB each.
    """
    with ProcessPoolExecutor() as pool:
        return sum(pool.map(_make_file, repeat(folder), range(files), repeat(files), chunksize=8))


def calls_of_seed(files: int) -> int:
    """Return how many calls the seed makes in so many files, the link with them."""
    return -(-files // _EVERY) + 1


def _make_file(folder: Path, number: int, files: int) -> int:
    dice = random.Random(number)  # noqa: S311 - a bench wants the same trail each time
    keys = [_key(dice) for _ in range(_KEYS)]
    events = [_event(dice, dice.choice(keys), number) for _ in range(_EVENTS)]
    if number % _EVERY == 0:
        events.append(_event(dice, SEED, number, name="ListBuckets"))
    link = number * (CHAIN + 1) // files
    if link < CHAIN and number == -(-link * files // (CHAIN + 1)):
        events.append(_event(dice, _link(link), number, child=_link(link + 1)))
    raw = json.dumps({"Records": events}, separators=(",", ":")).encode()
    stamp = f"20261124T{number // 60 % 24:02}{number % 60:02}Z"
    name = f"{ACCOUNT}_CloudTrail_us-east-1_{stamp}_{number:016}.json.gz"
    (folder / name).write_bytes(gzip.compress(raw, 6))
    return len(raw)


def _link(number: int) -> str:
    """Return a key id of the chain, the seed first."""
    return SEED if number == 0 else _key(random.Random(f"link {number}"))  # noqa: S311 - as above


def _key(dice: random.Random) -> str:
    return "ASIA" + "".join(dice.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16))


def _event(
    dice: random.Random, key: str, number: int, *, name: str = "", child: str = ""
) -> dict[str, object]:
    name = "AssumeRole" if child else name or dice.choice(_NAMES)
    child = child or (_key(dice) if name == "AssumeRole" else "")
    role = f"service-{dice.randrange(40)}"
    return {
        "eventVersion": "1.09",
        "userIdentity": _identity(role, key),
        "eventTime": f"2026-11-24T{number // 60 % 24:02}:{number % 60:02}:{dice.randrange(60):02}Z",
        "eventSource": "sts.amazonaws.com" if child else "ec2.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": f"10.{dice.randrange(256)}.{dice.randrange(256)}.7",
        "userAgent": "aws-sdk-go-v2/1.30.0 os/linux lang/go#1.22 md/GOOS#linux api/ec2#1.160.0",
        "requestParameters": {"filterSet": {"items": [{"name": "tag", "value": role}] * 4}},
        "responseElements": _answer(dice, role, child) if child else None,
        "requestID": dice.randbytes(16).hex(),
        "eventID": f"{dice.getrandbits(32):08x}-0000-4000-8000-{dice.getrandbits(48):012x}",
        "readOnly": True,
        "resources": [{"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::b"}],
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
        "tlsDetails": {"tlsVersion": "TLSv1.3", "clientProvidedHostHeader": "ec2.amazonaws.com"},
    }


def _identity(role: str, key: str) -> dict[str, object]:
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE{role}:work",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/work",
        "accountId": ACCOUNT,
        "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "arn": f"arn:aws:iam::{ACCOUNT}:role/{role}",
                "userName": role,
            },
            "attributes": {"creationDate": "2026-11-24T07:00:00Z", "mfaAuthenticated": "false"},
        },
    }


def _answer(dice: random.Random, role: str, child: str) -> dict[str, object]:
    return {
        "credentials": {
            "accessKeyId": child,
            "sessionToken": dice.randbytes(300).hex(),
            "expiration": "Nov 24, 2026, 9:00:00 AM",
        },
        "assumedRoleUser": {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/work"},
    }

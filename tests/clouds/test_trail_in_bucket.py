"""`unleak trace --trail s3://...` on a cloud comes to what the same files come to on a disk."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fakes.bucket import ACCOUNTS, ORGANIZATION, organization_trail
from fakes.trails import key_of, written
from lab.cloud import compact

if TYPE_CHECKING:
    from pathlib import Path

    from lab.ministack import MiniStack
    from lab.scene import Scene

BUCKET = "trail"
SEED = key_of(0)


@pytest.fixture
def trail(ministack: MiniStack) -> dict[str, bytes]:
    """An organization's trail in a bucket, and what is in it."""
    objects = organization_trail(6)
    ministack.admin.call("s3", "create_bucket", Bucket=BUCKET)
    for key, content in objects.items():
        ministack.admin.call("s3", "put_object", Bucket=BUCKET, Key=key, Body=content)
    return objects


def test_a_bucket_and_its_files_give_the_same_answer(
    trail: dict[str, bytes], ministack_scene: Scene, tmp_path: Path
) -> None:
    for key, content in trail.items():
        if "/CloudTrail/" in key:
            written((tmp_path / "trail" / key).parent, key.rpartition("/")[2], content)

    far = ministack_scene.shell.run("trace", SEED, "--trail", f"s3://{BUCKET}/AWSLogs", "--json")
    near = ministack_scene.shell.run("trace", SEED, "--trail", str(tmp_path / "trail"), "--json")

    assert far.code == 0, far
    found, wanted = (json.loads(each.stdout) for each in (far, near))
    notes = found["coverage"].pop("notes")
    wanted["coverage"].pop("notes")
    assert compact(found) == compact(wanted)
    assert len(found["credentials"]) == 6
    assert "logs of other services were left out" in notes


def test_only_the_days_asked_for_are_read(trail: dict[str, bytes], ministack_scene: Scene) -> None:
    done = ministack_scene.shell.run(
        *("trace", SEED, "--trail", f"s3://{BUCKET}", "--json"),
        *("--since", "2026-11-26T02:00:00Z", "--until", "2026-11-26T03:00:00Z"),
    )

    coverage = done.document.part("coverage")
    days = ("2026/11/26", "2026/11/27")
    assert coverage.text("files") == str(sum(any(day in key for day in days) for key in trail))


def test_an_account_that_may_not_be_read_is_told_and_the_rest_is_read(
    trail: dict[str, bytes], ministack: MiniStack, ministack_scene: Scene
) -> None:
    closed = f"AWSLogs/{ORGANIZATION}/{ACCOUNTS[1]}"
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {
                "Effect": "Deny",
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{BUCKET}/{closed}/*",
            },
        ],
    }
    keys = ministack.make_user("half", policy=compact(policy))
    shell = replace(ministack_scene.shell, keys=keys)

    done = shell.run("trace", SEED, "--trail", f"s3://{BUCKET}/AWSLogs/{ORGANIZATION}", "--json")

    skipped = done.document.part("coverage").rows("skipped")
    denied = [key for key in trail if key.startswith(f"{closed}/CloudTrail/")]
    assert sorted(each.text("path") for each in skipped) == sorted(
        f"s3://{BUCKET}/{key}" for key in denied
    )
    assert all("not allowed to call GetObject" in each.text("why") for each in skipped)

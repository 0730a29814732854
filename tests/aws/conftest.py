"""Every test here starts with an empty AWS environment and two responder profiles on disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from aws.loopback import Loopback
from unleak.aws.session import AwsSession, AwsSettings

CREDENTIALS = """\
[default]
aws_access_key_id = AKIADEFAULTDEFAULTDE
aws_secret_access_key = default-secret

[responder]
aws_access_key_id = AKIARESPONDERRESPOND
aws_secret_access_key = responder-secret
"""


@pytest.fixture(autouse=True)
def own_aws_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    (tmp_path / "credentials").write_text(CREDENTIALS)
    (tmp_path / "config").write_text("")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return tmp_path


@pytest.fixture
def session() -> AwsSession:
    return AwsSession(AwsSettings(region="eu-west-1"))


@pytest.fixture
def cloud() -> Iterator[Loopback]:
    with Loopback() as loopback:
        yield loopback


@pytest.fixture
def near(cloud: Loopback) -> AwsSession:
    """A session whose endpoint is the loopback."""
    return AwsSession(AwsSettings(endpoint_url=cloud.url, connect_seconds=1, read_seconds=1))

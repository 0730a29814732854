"""The responder's way in: whose credentials sign, where the calls go, and what is said when not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from aws.loopback import Loopback, done, refused
from unleak.aws.reader import AwsReader
from unleak.aws.session import AwsSession, AwsSettings
from unleak.aws.writer import AwsWriter
from unleak.errors import ResponderCredentials, WrongUse
from unleak.model.action import KeyState
from unleak.model.credential import FoundCredential
from unleak.model.secret import Secret


@pytest.fixture
def leaked_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIALEAKEDLEAKEDLEAK")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "leaked-secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "leaked-token")


@pytest.mark.usefixtures("leaked_environment")
def test_the_environment_signs_when_it_is_the_responders() -> None:
    assert AwsReader(AwsSession(AwsSettings())).signing_key_id() == "ASIALEAKEDLEAKEDLEAK"


@pytest.mark.usefixtures("leaked_environment")
def test_leaked_credentials_in_the_environment_never_sign_for_the_responder(
    cloud: Loopback,
) -> None:
    cloud.replies = [done("UpdateAccessKey")]
    settings = AwsSettings(ignore_environment=True, endpoint_url=cloud.url)

    AwsWriter(AwsSession(settings)).set_key_status(
        user="bob", key_id="AKIALEAKEDLEAKEDLEAK", state=KeyState.INACTIVE
    )

    assert "AKIADEFAULTDEFAULTDE" in cloud.requests[0].authorization
    assert "x-amz-security-token" not in cloud.requests[0].headers


@pytest.mark.usefixtures("leaked_environment")
def test_a_profile_from_the_environment_is_honoured_while_its_keys_are_ignored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "responder")

    reader = AwsReader(AwsSession(AwsSettings(ignore_environment=True)))

    assert reader.signing_key_id() == "AKIARESPONDERRESPOND"


@pytest.mark.usefixtures("leaked_environment")
@pytest.mark.parametrize("named_by", ["option", "environment"])
def test_a_role_profile_fed_by_the_environment_does_not_borrow_the_leaked_keys(
    own_aws_files: Path, monkeypatch: pytest.MonkeyPatch, named_by: str, cloud: Loopback
) -> None:
    config = "role_arn = arn:aws:iam::111122223333:role/ir\ncredential_source = Environment\n"
    (own_aws_files / "config").write_text(f"[profile ir]\n{config}")
    (own_aws_files / "credentials").write_text("")
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.url)
    profile = "ir" if named_by == "option" else None
    if profile is None:
        monkeypatch.setenv("AWS_PROFILE", "ir")

    with pytest.raises(ResponderCredentials):
        AwsSession(AwsSettings(profile=profile, ignore_environment=True)).credentials()

    assert cloud.requests == []


@pytest.mark.usefixtures("leaked_environment")
def test_no_own_credentials_besides_the_leaked_ones_is_said_and_nothing_is_sent(
    own_aws_files: Path,
) -> None:
    (own_aws_files / "credentials").write_text("")

    session = AwsSession(AwsSettings(ignore_environment=True))

    with pytest.raises(ResponderCredentials, match="no AWS credentials of your own") as caught:
        session.client("iam")
    assert "--profile" in caught.value.hint


def test_the_chosen_profile_signs_what_is_read_and_what_is_written(cloud: Loopback) -> None:
    cloud.replies = [done("ListUsers", "<Users/>"), done("UpdateAccessKey")]
    session = AwsSession(AwsSettings(profile="responder", endpoint_url=cloud.url))

    AwsReader(session).users()
    AwsWriter(session).set_key_status(
        user="bob", key_id="AKIALEAKEDLEAKEDLEAK", state=KeyState.INACTIVE
    )

    assert cloud.actions == ["ListUsers", "UpdateAccessKey"]
    assert all("AKIARESPONDERRESPOND" in request.authorization for request in cloud.requests)


@pytest.mark.parametrize("ignore_environment", [False, True])
def test_a_profile_that_does_not_exist_is_named(*, ignore_environment: bool) -> None:
    settings = AwsSettings(profile="nobody", ignore_environment=ignore_environment)

    with pytest.raises(ResponderCredentials, match="nobody"):
        AwsSession(settings).client("iam")


def test_half_a_credential_says_which_half_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAHALFHALFHALFHALF")

    with pytest.raises(ResponderCredentials, match="AWS_SECRET_ACCESS_KEY"):
        AwsSession(AwsSettings()).credentials()


def test_a_broken_line_in_the_credentials_file_is_not_repeated(own_aws_files: Path) -> None:
    (own_aws_files / "credentials").write_text("[default]\nshort-secret-without-a-key\n")

    with pytest.raises(ResponderCredentials) as caught:
        AwsSession(AwsSettings()).credentials()

    assert "short-secret" not in caught.value.message
    assert caught.value.__cause__ is None


def test_a_profile_whose_role_may_not_be_assumed_says_what_aws_said(
    own_aws_files: Path, cloud: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = "role_arn = arn:aws:iam::111122223333:role/ir\nsource_profile = responder\n"
    (own_aws_files / "config").write_text(f"[profile ir]\n{role}")
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.url)
    cloud.replies = [refused("AccessDenied", "not authorized to perform sts:AssumeRole")]

    session = AwsSession(AwsSettings(profile="ir"))

    with pytest.raises(ResponderCredentials, match="not authorized to perform sts:AssumeRole"):
        session.client("iam")
    assert AwsReader(session).signing_key_id() is None


def test_a_role_profile_signs_with_the_session_that_it_assumes(
    own_aws_files: Path, cloud: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = "role_arn = arn:aws:iam::111122223333:role/ir\nsource_profile = responder\n"
    (own_aws_files / "config").write_text(f"[profile ir]\n{role}")
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.url)
    minted = (
        "<AccessKeyId>ASIAMINTEDMINTEDMINT</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
        "<SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>"
    )
    cloud.replies = [
        done("AssumeRole", f"<Credentials>{minted}</Credentials>"),
        done("ListUsers", "<Users/>"),
    ]

    AwsReader(AwsSession(AwsSettings(profile="ir"))).users()

    assert "AKIARESPONDERRESPOND" in cloud.requests[0].authorization
    assert "ASIAMINTEDMINTEDMINT" in cloud.requests[1].authorization


def test_a_credential_process_that_fails_is_told(own_aws_files: Path) -> None:
    (own_aws_files / "credentials").write_text("")
    (own_aws_files / "config").write_text("[default]\ncredential_process = no-such-program\n")

    with pytest.raises(ResponderCredentials):
        AwsSession(AwsSettings()).credentials()


def test_a_parameter_that_aws_would_not_take_is_wrong_use_and_is_not_sent(
    cloud: Loopback, near: AwsSession
) -> None:
    cloud.replies = [done("GetRole")]

    with pytest.raises(WrongUse, match="RoleName"):
        AwsReader(near).role("")

    assert cloud.requests == []


def test_a_region_that_is_no_region_is_wrong_use() -> None:
    with pytest.raises(WrongUse):
        AwsSession(AwsSettings(region="not a region!")).client("sts")


@pytest.mark.parametrize(
    ("option", "environment", "profile", "expected"),
    [
        ("eu-north-1", {"AWS_REGION": "eu-west-1"}, "eu-south-1", "eu-north-1"),
        (None, {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "x"}, "eu-south-1", "eu-west-1"),
        (None, {"AWS_DEFAULT_REGION": "eu-west-3"}, "eu-south-1", "eu-west-3"),
        (None, {}, "eu-south-1", "eu-south-1"),
        (None, {}, None, "us-east-1"),
    ],
)
def test_the_region_comes_from_the_nearest_place(
    own_aws_files: Path,
    monkeypatch: pytest.MonkeyPatch,
    option: str | None,
    environment: dict[str, str],
    profile: str | None,
    expected: str,
) -> None:
    if profile is not None:
        (own_aws_files / "config").write_text(f"[default]\nregion = {profile}\n")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    session = AwsSession(AwsSettings(region=option))

    assert session.region == expected
    assert session.client("sts").meta.region_name == expected


@pytest.mark.parametrize(
    ("region", "iam", "sts"),
    [
        ("eu-west-1", "https://iam.amazonaws.com", "https://sts.eu-west-1.amazonaws.com"),
        (
            "cn-north-1",
            "https://iam.cn-north-1.amazonaws.com.cn",
            "https://sts.cn-north-1.amazonaws.com.cn",
        ),
        (
            "us-gov-west-1",
            "https://iam.us-gov.amazonaws.com",
            "https://sts.us-gov-west-1.amazonaws.com",
        ),
    ],
)
def test_endpoints_follow_the_partition_and_sts_the_region(region: str, iam: str, sts: str) -> None:
    session = AwsSession(AwsSettings(region=region))

    assert session.client("iam").meta.endpoint_url == iam
    assert session.client("sts").meta.endpoint_url == sts


def test_an_endpoint_of_one_service_is_taken_from_the_environment_unless_an_option_overrides(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_IAM", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:2")
    plain, option = AwsSettings(), AwsSettings(endpoint_url="http://127.0.0.1:3")

    urls = [AwsSession(plain).client(name).meta.endpoint_url for name in ("iam", "sts")]

    assert urls == ["http://127.0.0.1:1", "http://127.0.0.1:2"]
    assert AwsSession(option).client("iam").meta.endpoint_url == "http://127.0.0.1:3"


@pytest.mark.parametrize("url", ["not a url", "http://", "127.0.0.1:4599"])
def test_an_endpoint_that_is_no_url_is_wrong_use(url: str) -> None:
    with pytest.raises(WrongUse, match="client for iam"):
        AwsSession(AwsSettings(endpoint_url=url)).client("iam")


def test_a_client_is_made_once_for_each_service_and_region(session: AwsSession) -> None:
    assert session.client("iam") is session.client("iam", "eu-west-1")
    assert session.client("iam") is not session.client("iam", "us-east-1")


@pytest.mark.usefixtures("leaked_environment")
def test_a_borrowed_client_signs_with_the_evidence_and_nothing_else(cloud: Loopback) -> None:
    cloud.replies = [done("GetCallerIdentity", "<Account>111122223333</Account>")]
    found = FoundCredential(access_key_id="AKIAFOUNDFOUNDFOUNDF", secret=Secret("found-secret"))
    session = AwsSession(AwsSettings(endpoint_url=cloud.url))

    AwsReader(session).ask_leaked(found, region=None)

    assert "AKIAFOUNDFOUNDFOUNDF" in cloud.requests[0].authorization
    assert "x-amz-security-token" not in cloud.requests[0].headers


@pytest.mark.parametrize(
    "found",
    [
        FoundCredential(access_key_id="AKIAFOUNDFOUNDFOUNDF"),
        FoundCredential(access_key_id=None, secret=Secret("x")),
        FoundCredential(access_key_id="ASIAFOUNDFOUNDFOUNDF", secret=Secret("x")),
    ],
)
def test_half_a_leaked_credential_is_never_completed_from_elsewhere(
    session: AwsSession, found: FoundCredential
) -> None:
    with pytest.raises(WrongUse):
        session.borrowed_client(found, "sts")


def test_the_responder_names_itself_to_aws(cloud: Loopback, near: AwsSession) -> None:
    cloud.replies = [done("ListUsers", "<Users/>")]

    AwsReader(near).users()

    assert "unleak/" in cloud.requests[0].headers["user-agent"]


def test_importing_the_room_does_not_load_botocore() -> None:
    modules = "reader, unleak.aws.writer, unleak.aws.prober, unleak.aws.session"
    program = f"import sys, unleak.aws.{modules}; print('botocore' in sys.modules)"

    output = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], capture_output=True, check=True
    )

    assert output.stdout.strip() == b"False"

"""A bucket is listed and fetched as the responder, and every refusal is understood."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from aws.s3_loopback import S3Loopback, Trouble
from unleak.aws.object_fetch import Pace
from unleak.aws.session import AwsSession, AwsSettings
from unleak.aws.trail_bucket import AwsTrailBucket
from unleak.errors import (
    MissingPermission,
    ResponderCredentials,
    UnleakError,
    Unreachable,
    WrongUse,
)
from unleak.trail.inflate import MOST

PACE = Pace(retries=2, first_wait_seconds=0.01, longest_wait_seconds=0.02, give_up_seconds=5)
STRANGE = ("logs//x.json.gz", "a/../b.json", "new\nline.json", "/first.json", "last.json/")
RESPONDER = "Credential=AKIARESPONDERRESPOND/"


@pytest.fixture(scope="module")
def server() -> Iterator[S3Loopback]:
    with S3Loopback() as found:
        yield found


@pytest.fixture(scope="module")
def shared(server: S3Loopback) -> AwsTrailBucket:
    """One door for all tests that ask for nothing special: a client of S3 takes time to make."""
    return door(server)


@pytest.fixture
def s3(server: S3Loopback) -> S3Loopback:
    """The bucket, empty and without trouble."""
    server.objects, server.troubles = {}, {}
    server.requests.clear()
    server.tries.clear()
    return server


@pytest.fixture(params=["obstore", "botocore"])
def bucket(
    shared: AwsTrailBucket, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AwsTrailBucket:
    """The door to the bucket, with obstore installed and without."""
    if request.param == "botocore":
        monkeypatch.setitem(sys.modules, "obstore", None)
    return shared


def door(s3: S3Loopback, *, region: str = "eu-west-1") -> AwsTrailBucket:
    settings = AwsSettings(
        profile="responder",
        region=region,
        endpoint_url=s3.url,
        connect_seconds=1,
        read_seconds=1,
        ignore_environment=True,
    )
    return AwsTrailBucket(AwsSession(settings), s3.bucket, pace=PACE)


def keys(bucket: AwsTrailBucket, prefix: str = "", *, after: str = "") -> list[str]:
    return [each.key for page in bucket.pages(prefix, after=after) for each in page.objects]


def test_all_pages_are_listed_and_every_key_is_spelled_as_it_is(
    s3: S3Loopback, bucket: AwsTrailBucket
) -> None:
    s3.objects = dict.fromkeys((*STRANGE, "a b+%20.json", "é.json"), b"")

    assert keys(bucket) == sorted(s3.objects)
    assert keys(bucket, "a", after="a b") == ["a b+%20.json", "a/../b.json"]


def test_every_key_can_be_fetched_whatever_it_is(s3: S3Loopback, bucket: AwsTrailBucket) -> None:
    s3.objects = {key: key.encode() for key in (*STRANGE, "a b+%20.json", "é.json", "?a#b")}

    assert {key: bucket.fetch(key, most=100) for key in s3.objects} == s3.objects


def test_the_leaked_variables_of_the_shell_sign_nothing(
    s3: S3Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIALEAKEDLEAKEDLEAK",
        "AWS_SECRET_ACCESS_KEY": "leaked",
        "AWS_SESSION_TOKEN": "leaked",
        "AWS_SKIP_SIGNATURE": "true",
        "AWS_ENDPOINT": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    s3.objects = {"a.json": b"a"}
    bucket = door(s3)

    assert keys(bucket) == ["a.json"]
    assert bucket.fetch("a.json", most=1) == b"a"
    assert all(RESPONDER in signed for _, _, signed in s3.requests)


@pytest.mark.parametrize("region", ["us-east-1", "ap-south-1"])
def test_a_bucket_is_looked_for_in_its_own_region(s3: S3Loopback, region: str) -> None:
    s3.objects = {"a.json": b"a"}
    bucket = door(s3, region=region)

    assert keys(bucket) == ["a.json"]
    assert bucket.fetch("a.json", most=1) == b"a"
    assert s3.tries == {"": 1, "a.json": 1}


@pytest.mark.parametrize(
    ("trouble", "kind", "words"),
    [
        (Trouble(words="not authorized to perform: kms:Decrypt"), MissingPermission, "kms:Decrypt"),
        (Trouble(code="InvalidObjectState"), UnleakError, "it is archived"),
        (Trouble(status=404, code="NoSuchKey"), UnleakError, "not there any more"),
        (Trouble(status=400, code="ExpiredToken"), ResponderCredentials, "ExpiredToken"),
        (Trouble(status=403, code="InvalidAccessKeyId"), ResponderCredentials, "your own|own cred"),
        (Trouble(status=400, code="KMS.DisabledException", words="off"), UnleakError, "off"),
    ],
    ids=lambda each: each.code if isinstance(each, Trouble) else "",
)
def test_a_refused_object_says_what_the_refusal_means(
    s3: S3Loopback,
    bucket: AwsTrailBucket,
    trouble: Trouble,
    kind: type[UnleakError],
    words: str,
) -> None:
    s3.objects, s3.troubles = {"a.json": b"a"}, {"a.json": trouble}

    with pytest.raises(kind, match=words):
        bucket.fetch("a.json", most=1)


def test_the_signed_request_that_s3_repeats_is_not_shown(
    s3: S3Loopback, bucket: AwsTrailBucket
) -> None:
    words = "wrong. The Canonical String for this request should have been tokentokentoken"
    s3.troubles = {"a.json": Trouble(code="SignatureDoesNotMatch", words=words)}

    with pytest.raises(ResponderCredentials) as raised:
        bucket.fetch("a.json", most=1)

    assert "tokentoken" not in str(raised.value)
    assert "Credential=" not in str(raised.value)


def test_a_busy_moment_is_waited_out(s3: S3Loopback, bucket: AwsTrailBucket) -> None:
    s3.objects = {"a.json": b"a"}
    s3.troubles = {"a.json": Trouble(status=503, code="SlowDown", times=2)}

    assert bucket.fetch("a.json", most=1) == b"a"


def test_a_bucket_that_stays_busy_counts_as_no_answer(
    s3: S3Loopback, shared: AwsTrailBucket
) -> None:
    s3.troubles = {"a.json": Trouble(status=503, code="SlowDown")}

    with pytest.raises(Unreachable, match="busy"):
        shared.fetch("a.json", most=1)

    assert s3.tries["a.json"] == 3


def test_a_body_that_breaks_off_is_no_object(s3: S3Loopback, bucket: AwsTrailBucket) -> None:
    s3.objects, s3.troubles = {"a.json": b"abcdef"}, {"a.json": Trouble(is_cut=True)}

    with pytest.raises(Unreachable):
        bucket.fetch("a.json", most=10)


def test_an_object_beyond_the_bound_is_refused(s3: S3Loopback, bucket: AwsTrailBucket) -> None:
    s3.objects = {"a.json": b"abc"}

    with pytest.raises(UnleakError, match="larger than"):
        bucket.fetch("a.json", most=2)
    assert bucket.fetch("a.json", most=MOST) == b"abc"


def test_a_denied_listing_is_a_missing_permission(s3: S3Loopback, bucket: AwsTrailBucket) -> None:
    s3.troubles = {"": Trouble(words="not authorized to perform: s3:ListBucket")}

    with pytest.raises(MissingPermission, match="s3:ListBucket"):
        keys(bucket)


def test_a_bucket_that_is_not_there_is_a_mistake(s3: S3Loopback, bucket: AwsTrailBucket) -> None:
    s3.troubles = {"": Trouble(status=404, code="NoSuchBucket")}

    with pytest.raises(WrongUse, match="no bucket trail"):
        keys(bucket)


def test_a_connection_that_is_dropped_counts_as_no_answer(
    s3: S3Loopback, shared: AwsTrailBucket
) -> None:
    s3.troubles = {"a.json": Trouble(status=0)}

    with pytest.raises(Unreachable):
        shared.fetch("a.json", most=1)

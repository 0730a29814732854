"""One call over a real socket: patience, lost answers, odd answers, no secret in what is said."""

from __future__ import annotations

import re
import socket
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from aws.loopback import Loopback, Reply, done, refused
from unleak.aws.codes import UNSUPPORTED
from unleak.aws.reader import AwsReader
from unleak.aws.session import AwsSession, AwsSettings
from unleak.aws.writer import AwsWriter
from unleak.errors import (
    AwsFailure,
    ClockSkew,
    CredentialDead,
    MissingPermission,
    NoSuchPrincipal,
    ResponderCredentials,
    Throttled,
    Unreachable,
    WrongUse,
)
from unleak.model.action import Holder, HolderType, KeyState, RoleRecord
from unleak.model.credential import FoundCredential
from unleak.model.secret import Secret

ROLE = Holder(type=HolderType.ROLE, name="app")
KEY = "AKIALEAKEDLEAKEDLEAK"


def quick_writer(near: AwsSession, deadline_seconds: float = 3.0) -> AwsWriter:
    return AwsWriter(near, deadline_seconds=deadline_seconds)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def test_a_throttled_write_goes_out_again_within_200_milliseconds(
    cloud: Loopback, near: AwsSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.replies = [refused("Throttling"), done("PutRolePolicy")]
    writer = quick_writer(near)
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)

    receipt = writer.put_inline_policy(ROLE, policy_name="p", document="{}")

    ours = [pause for pause in pauses if pause > 0]  # the loopback server pauses for nothing
    assert len(ours) == 1
    assert ours[0] < 0.2
    assert cloud.actions == ["PutRolePolicy", "PutRolePolicy"]
    assert receipt.request_id == "req-2"
    assert receipt.at == datetime(2026, 11, 24, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "first",
    [
        refused("ServiceFailure", status=500),
        Reply(status=503, body="<html>busy</html>"),
        Reply(status=502),
        refused("ConcurrentModification", status=409),
        refused("EntityTemporarilyUnmodifiable", status=409),
        refused("Unheard", status=429),
    ],
)
def test_what_passes_by_itself_is_tried_again(
    cloud: Loopback, near: AwsSession, first: Reply
) -> None:
    cloud.replies = [first, done("PutRolePolicy")]

    quick_writer(near).put_inline_policy(ROLE, policy_name="p", document="{}")

    assert len(cloud.requests) == 2


@pytest.mark.parametrize("code", ["LimitExceeded", "AccessDenied", "MalformedPolicyDocument"])
def test_what_does_not_pass_is_not_tried_again(
    cloud: Loopback, near: AwsSession, code: str
) -> None:
    cloud.replies = [refused(code)]

    with pytest.raises((AwsFailure, MissingPermission)):
        quick_writer(near).put_inline_policy(ROLE, policy_name="p", document="{}")

    assert len(cloud.requests) == 1


def test_throttling_beyond_the_deadline_is_said(cloud: Loopback, near: AwsSession) -> None:
    cloud.replies = [refused("Throttling", "Rate exceeded")]

    with pytest.raises(Throttled, match="Rate exceeded"):
        quick_writer(near).put_inline_policy(ROLE, policy_name="p", document="{}")

    assert len(cloud.requests) >= 3


def test_a_write_whose_answer_was_lost_is_made_again(cloud: Loopback, near: AwsSession) -> None:
    cloud.replies = [Reply(is_lost=True), done("UpdateAccessKey")]

    quick_writer(near).set_key_status(user="bob", key_id=KEY, state=KeyState.INACTIVE)

    assert cloud.actions == ["UpdateAccessKey", "UpdateAccessKey"]


def test_gone_after_a_lost_answer_means_that_we_deleted_it(
    cloud: Loopback, near: AwsSession
) -> None:
    cloud.replies = [Reply(is_lost=True), refused("NoSuchEntity", status=404)]

    receipt = quick_writer(near).delete_key(user="bob", key_id=KEY)

    assert receipt.request_id == "req-1"
    assert receipt.at == datetime(2026, 11, 24, 7, tzinfo=UTC)


def test_there_after_a_lost_answer_means_that_we_created_it(
    cloud: Loopback, near: AwsSession
) -> None:
    cloud.replies = [Reply(is_lost=True), refused("EntityAlreadyExists", status=409)]

    receipt = quick_writer(near).create_role(RECORD)

    assert receipt.request_id == "req-1"


def test_gone_at_once_or_after_throttling_was_somebody_else(
    cloud: Loopback, near: AwsSession
) -> None:
    gone = refused("NoSuchEntity", status=404)
    for replies in ([gone], [refused("Throttling"), gone]):
        cloud.replies = list(replies)

        with pytest.raises(NoSuchPrincipal):
            quick_writer(near).delete_key(user="bob", key_id=KEY)


def test_a_role_that_was_there_before_is_not_taken_for_ours(
    cloud: Loopback, near: AwsSession
) -> None:
    cloud.replies = [refused("Throttling"), refused("EntityAlreadyExists", status=409)]

    with pytest.raises(AwsFailure) as caught:
        quick_writer(near).create_role(RECORD)

    assert caught.value.error_code == "EntityAlreadyExists"


def test_a_write_without_any_answer_says_that_it_may_have_been_made(
    cloud: Loopback, near: AwsSession
) -> None:
    cloud.replies = [Reply(is_lost=True)]

    with pytest.raises(Unreachable) as caught:
        quick_writer(near, 0.4).put_inline_policy(ROLE, policy_name="p", document="{}")

    assert "may have been made" in caught.value.hint
    assert cloud.url in caught.value.message


def test_a_read_that_hangs_leaves_no_doubt_about_a_change(cloud: Loopback) -> None:
    slow = AwsSession(AwsSettings(endpoint_url=cloud.url, read_seconds=0.3))
    cloud.replies = [Reply(wait_seconds=0.6, is_lost=True)]

    with pytest.raises(Unreachable) as caught:
        AwsReader(slow).role("app")

    assert "may have been made" not in caught.value.hint


def test_a_refused_connection_is_told_without_doubt_about_a_write() -> None:
    session = AwsSession(AwsSettings(endpoint_url=f"http://127.0.0.1:{free_port()}"))

    with pytest.raises(Unreachable) as caught:
        AwsReader(session).caller()
    with pytest.raises(Unreachable) as caught_writing:
        AwsWriter(session, deadline_seconds=0.2).delete_role("app")

    assert "--endpoint-url" in caught.value.hint
    assert "may have been made" not in caught_writing.value.hint


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=405),
        Reply(status=404),
        Reply(status=405, body="<html>no</html>"),
        Reply(status=404, body="not xml at all"),
        Reply(status=501),
        Reply(status=200, body="a captive portal says hello"),
        Reply(status=405, body="<Error><Code>MethodNotAllowed</Code></Error>"),
    ],
)
def test_a_cloud_that_lacks_the_call_is_unsupported(
    cloud: Loopback, near: AwsSession, reply: Reply
) -> None:
    cloud.replies = [reply]

    with pytest.raises(AwsFailure) as caught:
        AwsReader(near).caller()

    assert caught.value.error_code == UNSUPPORTED
    assert len(cloud.requests) == 1


def test_an_error_without_its_wrapping_is_understood(cloud: Loopback, near: AwsSession) -> None:
    cloud.replies = [Reply(status=404, body="<Error><Code>NoSuchEntity</Code></Error>")]

    with pytest.raises(NoSuchPrincipal):
        AwsReader(near).role("app")


def test_an_error_behind_a_success_document_is_understood(
    cloud: Loopback, near: AwsSession
) -> None:
    success = "<DeleteRolePoliciesResponse></DeleteRolePoliciesResponse>"
    error = "<Error><Code>NoSuchEntity</Code><Message></Message><RequestId>tx1</RequestId></Error>"
    cloud.replies = [Reply(status=404, body=f'{success}<?xml version="1.0"?>{error}')]

    with pytest.raises(NoSuchPrincipal):
        quick_writer(near).delete_inline_policy(ROLE, policy_name="p")


def test_a_json_service_that_is_answered_in_xml_still_gives_its_code(
    cloud: Loopback, near: AwsSession
) -> None:
    body = '<?xml version="1.0"?><Error><Code>MethodNotAllowed</Code><Message>m</Message></Error>'
    cloud.replies = [Reply(status=403, body=body)]

    with pytest.raises(AwsFailure) as caught:
        AwsReader(near).trail_events(attribute="AccessKeyId", value=KEY, region="eu-west-1")

    assert caught.value.error_code == UNSUPPORTED
    assert "<" not in caught.value.message


def test_the_clock_is_set_by_good_and_by_bad_answers(cloud: Loopback, near: AwsSession) -> None:
    cloud.replies = [refused("AccessDenied", status=403)]
    reader = AwsReader(near)

    with pytest.raises(MissingPermission):
        reader.caller()

    now = reader.clock.now()
    assert now is not None
    assert timedelta(seconds=1) <= now - datetime(2026, 11, 24, 7, tzinfo=UTC)


def test_a_clock_two_hours_off_is_told_with_the_number_of_seconds(
    cloud: Loopback, near: AwsSession
) -> None:
    before = datetime.now(UTC)
    two_hours_ago = (before - timedelta(hours=2)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    late = refused("SignatureDoesNotMatch", "Signature not yet current: 2 is later than 1")
    cloud.replies = [Reply(status=403, body=late.body, date=two_hours_ago)]

    with pytest.raises(ClockSkew) as caught:
        AwsReader(near).caller()

    meanwhile = (datetime.now(UTC) - before).total_seconds()
    told = re.search(r"is (\d+) seconds ahead of", caught.value.message)
    assert told is not None
    # a date has no fractions, and what is told was rounded
    assert 7199 <= int(told[1]) <= 7202 + meanwhile


def test_a_token_that_cannot_be_sent_is_not_repeated_anywhere(near: AwsSession) -> None:
    found = FoundCredential(
        access_key_id="ASIAFOUNDFOUNDFOUNDF",
        secret=Secret("found-secret"),
        session_token=Secret("token-one\ntoken-two"),
    )

    with pytest.raises(WrongUse, match="cannot be sent") as caught:
        AwsReader(near).ask_leaked(found, region=None)

    shown = "".join(traceback.format_exception(caught.value))
    assert "token-one" not in shown
    assert "token-two" not in shown
    assert caught.value.__context__ is None


def test_the_signed_request_in_aws_s_answer_reaches_neither_message_nor_traceback(
    cloud: Loopback, near: AwsSession
) -> None:
    words = "The Canonical String for this request should have been x-amz-security-token:tok-en"
    cloud.replies = [refused("SignatureDoesNotMatch", words, status=403)]

    with pytest.raises(ResponderCredentials) as caught:
        AwsReader(near).users()

    assert "tok-en" not in "".join(traceback.format_exception(caught.value))


def test_a_password_in_an_endpoint_is_not_repeated() -> None:
    session = AwsSession(AwsSettings(endpoint_url=f"http://me:hunter2@127.0.0.1:{free_port()}"))

    with pytest.raises(Unreachable) as caught:
        AwsWriter(session, deadline_seconds=0.1).delete_role("app")

    assert "hunter2" not in caught.value.message + caught.value.hint


def test_many_threads_share_one_client_and_one_clock(cloud: Loopback, near: AwsSession) -> None:
    cloud.replies = [done("GetCallerIdentity", "<Account>111122223333</Account>")]
    reader = AwsReader(near)

    with ThreadPoolExecutor(8) as pool:
        callers = list(pool.map(lambda _: reader.caller(), range(24)))

    assert {caller.account for caller in callers} == {"111122223333"}
    assert len(cloud.requests) == 24
    assert near.client("sts") is near.client("sts")


def test_the_original_exception_is_kept_where_it_is_harmless(
    cloud: Loopback, near: AwsSession
) -> None:
    cloud.replies = [refused("AccessDenied", status=403)]

    with pytest.raises(MissingPermission) as caught:
        AwsReader(near).users()

    assert "AccessDenied" in str(caught.value.__cause__)


@pytest.mark.parametrize("code", ["InvalidClientTokenId", "ExpiredToken"])
def test_a_dead_leaked_credential_is_told_as_dead(
    cloud: Loopback, near: AwsSession, code: str
) -> None:
    cloud.replies = [refused(code, status=403)]
    found = FoundCredential(access_key_id=KEY, secret=Secret("found-secret"))

    with pytest.raises(CredentialDead) as caught:
        AwsReader(near).ask_leaked(found, region="eu-west-1")

    assert caught.value.error_code == code


def test_a_region_that_is_switched_off_does_not_make_a_credential_look_dead(
    cloud: Loopback, near: AwsSession
) -> None:
    found = FoundCredential(access_key_id=KEY, secret=Secret("found-secret"))
    alive = done("GetCallerIdentity", "<Account>111122223333</Account>")
    cloud.replies = [refused("InvalidClientTokenId", status=403), alive]

    caller = AwsReader(near).ask_leaked(found, region="me-south-1")

    assert caller.account == "111122223333"
    assert "/me-south-1/sts/" in cloud.requests[0].authorization
    assert "/us-east-1/sts/" in cloud.requests[1].authorization


@pytest.mark.parametrize(
    ("code", "region", "asked"),
    [
        ("InvalidClientTokenId", "eu-west-1", 2),
        ("InvalidClientTokenId", "us-east-1", 1),
        ("InvalidClientTokenId", "mars-north-1", 1),
        ("ExpiredToken", "eu-west-1", 1),
    ],
)
def test_the_leaked_credential_is_asked_no_more_often_than_needed(
    cloud: Loopback, near: AwsSession, code: str, region: str, asked: int
) -> None:
    cloud.replies = [refused(code, status=403)]
    found = FoundCredential(access_key_id=KEY, secret=Secret("found-secret"))

    with pytest.raises(CredentialDead):
        AwsReader(near).ask_leaked(found, region=region)

    assert len(cloud.requests) == asked


def test_the_region_of_a_session_token_is_where_the_leaked_credential_is_asked(
    cloud: Loopback, near: AwsSession
) -> None:
    cloud.replies = [done("GetCallerIdentity", "<Arn>arn:aws:sts::1:federated-user/x</Arn>")]
    found = FoundCredential(
        access_key_id="ASIAFOUNDFOUNDFOUNDF",
        secret=Secret("s"),
        session_token=Secret("t"),
        region_hint="ap-south-1",
    )

    caller = AwsReader(near).ask_leaked(found, region=None)

    assert caller.arn == "arn:aws:sts::1:federated-user/x"
    assert caller.access_key_id == "ASIAFOUNDFOUNDFOUNDF"
    assert "/ap-south-1/sts/" in cloud.requests[0].authorization
    assert cloud.requests[0].headers["x-amz-security-token"] == "t"


RECORD = RoleRecord(
    name="app",
    path="/",
    trust_policy="{}",
    description="",
    max_session_seconds=3600,
    boundary=None,
    tags=(),
)

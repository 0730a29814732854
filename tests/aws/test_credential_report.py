"""The credential report: asked for, waited for, and read with its three kinds of "nothing"."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from unleak.aws.asking import Asking
from unleak.aws.credential_report import credential_report, read_rows
from unleak.errors import AwsFailure, UnleakError
from unleak.model.holding import Used
from unleak.model.reading import Absent, Known, Unknown

if TYPE_CHECKING:
    from unleak.aws.session import AwsSession

HEAD = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
    "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"
    "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated\n"
)
CI = (
    "ci,arn:aws:iam::123456789012:user/ci,2020-01-02T03:04:05+00:00,true,no_information,"
    "2020-01-02T03:04:05+00:00,N/A,false,true,2021-01-02T03:04:05+00:00,"
    "2026-11-20T00:00:00+00:00,eu-west-1,s3,true,2026-11-01T00:00:00+00:00,N/A,N/A,N/A,"
    "false,N/A,false,N/A\n"
)
OLD = (
    "old,arn:aws:iam::123456789012:user/old,2011-01-02T03:04:05+00:00,true,no_information,"
    "N/A,N/A,true,true,2012-01-02T03:04:05+00:00,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,"
    "true,2012-02-02T03:04:05+00:00,false,N/A\n"
)
ROOT = (
    "<root_account>,arn:aws:iam::123456789012:root,2010-01-01T00:00:00+00:00,not_supported,"
    "2026-11-01T00:00:00+00:00,not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,"
    "false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n"
)
MADE_AT = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
READY = {
    "Content": (HEAD + CI).encode(),
    "ReportFormat": "text/csv",
    "GeneratedTime": MADE_AT,
}


def test_a_report_is_waited_for_until_it_is_complete(session: AwsSession) -> None:
    waits: list[float] = []
    with Stubber(session.client("iam", "eu-west-1")) as stubber:
        stubber.add_response("generate_credential_report", {"State": "STARTED"}, {})
        stubber.add_response("generate_credential_report", {"State": "INPROGRESS"}, {})
        stubber.add_response("generate_credential_report", {"State": "COMPLETE"}, {})
        stubber.add_response("get_credential_report", READY, {})

        report = credential_report(Asking(session), rest=waits.append)

        stubber.assert_no_pending_responses()
    assert (report.made_at, report.note, len(report.rows)) == (MADE_AT, "", 1)
    assert waits == [1.0, 1.0]


def test_an_older_report_is_taken_where_no_new_one_may_be_made(session: AwsSession) -> None:
    with Stubber(session.client("iam", "eu-west-1")) as stubber:
        stubber.add_client_error("generate_credential_report", "AccessDenied", "no", 403)
        stubber.add_response("get_credential_report", READY, {})

        report = credential_report(Asking(session))

    assert len(report.rows) == 1
    assert "no new one could be made" in report.note


@pytest.mark.parametrize("code", ["ReportNotPresent", "ReportExpired", "ReportInProgress"])
def test_no_report_is_a_failure_and_not_an_empty_account(session: AwsSession, code: str) -> None:
    with Stubber(session.client("iam", "eu-west-1")) as stubber:
        stubber.add_response("generate_credential_report", {"State": "COMPLETE"}, {})
        stubber.add_client_error("get_credential_report", code, "none", 410)

        with pytest.raises(UnleakError):
            credential_report(Asking(session))


def test_a_key_that_was_used_tells_when_and_where() -> None:
    (row,) = read_rows(HEAD + CI)

    used = Used(at=datetime(2026, 11, 20, tzinfo=UTC), service="s3", region="eu-west-1")
    assert row.keys[0].last_used == Known(used)
    assert row.keys[0].rotated_at == datetime(2021, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_young_key_without_a_use_was_never_used() -> None:
    (row,) = read_rows(HEAD + CI)

    assert row.keys[1].last_used == Absent()
    assert row.password_last_used == Absent()


def test_a_key_older_than_the_count_may_have_been_used_before_it() -> None:
    (row,) = read_rows(HEAD + OLD)

    assert isinstance(row.keys[0].last_used, Unknown)
    assert isinstance(row.password_last_used, Unknown)


def test_nobody_counts_the_uses_of_certificates() -> None:
    (row,) = read_rows(HEAD + OLD)

    assert row.certificates[0].is_active
    assert isinstance(row.certificates[0].last_used, Unknown)


def test_the_line_of_root_does_not_tell_whether_there_is_a_password() -> None:
    (row,) = read_rows(HEAD + ROOT)

    assert row.is_root
    assert row.has_password is None
    assert row.has_mfa is True


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "<html>"])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(AwsFailure):
        read_rows(text)


def test_a_short_or_broken_line_becomes_unknown_and_not_a_crash() -> None:
    (row,) = read_rows(HEAD + "x,arn:aws:iam::123456789012:user/x,yesterday,maybe\n")

    assert row.created_at is None
    assert row.has_password is None
    assert not row.keys[0].is_active

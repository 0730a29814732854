"""Every refusal becomes a situation: of the responder, or about the leaked credential."""

from __future__ import annotations

import traceback
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unleak.aws.codes import UNSUPPORTED
from unleak.aws.failures import from_leaked_refusal, from_refusal, gap_of
from unleak.aws.refusal import clean, holds_secret, read_refusal
from unleak.errors import (
    AwsFailure,
    ClockSkew,
    CredentialDead,
    MissingPermission,
    NoSuchPrincipal,
    NotEditable,
    ResponderCredentials,
    Throttled,
    UnleakError,
    Unreachable,
)
from unleak.model.reading import Gap
from unleak.model.secret import Secret

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzKEY"


def response(code: str, message: str = "no", status: int = 400) -> dict[str, object]:
    return {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {
            "RequestId": "req-1",
            "HTTPStatusCode": status,
            "HTTPHeaders": {"date": "Tue, 24 Nov 2026 07:00:00 GMT"},
        },
    }


def understood(code: str, message: str = "no", status: int = 400) -> UnleakError:
    refusal = read_refusal(response(code, message, status))
    return from_refusal(refusal, operation="PutRolePolicy", skew_seconds=7200.0)


@pytest.mark.parametrize(
    ("code", "situation"),
    [
        ("AccessDenied", MissingPermission),
        ("AccessDeniedException", MissingPermission),
        ("UnauthorizedOperation", MissingPermission),
        ("AuthorizationError", MissingPermission),
        ("NoSuchEntity", NoSuchPrincipal),
        ("ExpiredToken", ResponderCredentials),
        ("ExpiredTokenException", ResponderCredentials),
        ("InvalidClientTokenId", ResponderCredentials),
        ("UnrecognizedClientException", ResponderCredentials),
        ("SignatureDoesNotMatch", ResponderCredentials),
        ("AuthFailure", ResponderCredentials),
        ("RequestTimeTooSkewed", ClockSkew),
        ("RequestExpired", ClockSkew),
        ("Throttling", Throttled),
        ("ThrottlingException", Throttled),
        ("RequestLimitExceeded", Throttled),
        ("UnmodifiableEntity", NotEditable),
        ("LimitExceeded", AwsFailure),
        ("MalformedPolicyDocument", AwsFailure),
        ("DeleteConflict", AwsFailure),
    ],
)
def test_an_error_code_becomes_its_situation(code: str, situation: type[UnleakError]) -> None:
    assert type(understood(code)) is situation


def test_an_unnamed_refusal_keeps_code_operation_status_and_request_id() -> None:
    problem = understood("LimitExceeded", "Maximum policy size exceeded", 409)

    assert isinstance(problem, AwsFailure)
    assert problem.error_code == "LimitExceeded"
    assert problem.operation == "PutRolePolicy"
    assert problem.status == 409
    assert problem.request_id == "req-1"
    assert "Maximum policy size exceeded" in problem.message


def test_a_missing_permission_names_the_operation_and_where_the_policy_is() -> None:
    problem = understood("AccessDenied", "User: arn:aws:iam::1:user/x is not authorized")

    assert "PutRolePolicy" in problem.message
    assert "unleak permissions" in problem.hint


@pytest.mark.parametrize(
    "message",
    [
        "Signature expired: 20261124T050000Z is now earlier than 20261124T064500Z",
        "Signature not yet current: 20261124T090000Z is still later than 20261124T071500Z",
    ],
)
def test_a_signature_that_is_too_old_or_too_new_is_the_clocks_fault(message: str) -> None:
    for code in ("SignatureDoesNotMatch", "InvalidSignatureException"):
        problem = understood(code, message, 403)

        assert type(problem) is ClockSkew
        assert "7200 seconds ahead of" in problem.message
        assert "timedatectl" in problem.hint
        assert "w32tm" in problem.hint


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("MethodNotAllowed", 405),
        ("", 405),
        ("404", 404),
        ("", 404),
        ("InvalidAction", 400),
        ("UnknownOperationException", 400),
        ("NotImplemented", 501),
        ("501", 501),
    ],
)
def test_a_call_that_the_cloud_does_not_have_is_unsupported(code: str, status: int) -> None:
    problem = understood(code, "", status)

    assert isinstance(problem, AwsFailure)
    assert problem.error_code == UNSUPPORTED
    assert problem.status == status


def test_a_code_without_the_error_element_is_still_read() -> None:
    bare = {"Code": "NoSuchEntity", "ResponseMetadata": {"HTTPStatusCode": 404}}

    refusal = read_refusal(bare)

    assert refusal.code == "NoSuchEntity"
    assert type(from_refusal(refusal, operation="GetRole", skew_seconds=None)) is NoSuchPrincipal


def test_an_empty_response_is_read_without_a_stumble() -> None:
    refusal = read_refusal({})

    assert refusal.code == "0"
    assert refusal.message == ""


@pytest.mark.parametrize("code", ["InvalidClientTokenId", "ExpiredToken", "AuthFailure"])
def test_a_leaked_credential_that_is_not_accepted_is_dead(code: str) -> None:
    problem = from_leaked_refusal(read_refusal(response(code)), operation="GetCallerIdentity")

    assert isinstance(problem, CredentialDead)
    assert problem.error_code == code


@pytest.mark.parametrize("code", ["SignatureDoesNotMatch", "AccessDenied", "InternalFailure"])
def test_other_refusals_do_not_prove_a_leaked_credential_dead(code: str) -> None:
    problem = from_leaked_refusal(read_refusal(response(code)), operation="GetCallerIdentity")

    assert type(problem) is AwsFailure
    assert problem.error_code == code


def test_a_wrong_clock_does_not_make_a_leaked_credential_look_dead() -> None:
    late = read_refusal(response("SignatureDoesNotMatch", "Signature expired: 1 is earlier than 2"))

    problem = from_leaked_refusal(late, operation="GetCallerIdentity")

    assert type(problem) is ClockSkew


def test_the_signed_request_that_aws_repeats_is_cut_off() -> None:
    message = (
        "The request signature we calculated does not match. The Canonical String for this "
        "request should have been 'POST / x-amz-security-token:token-of-the-thief'"
    )

    refusal = read_refusal(response("SignatureDoesNotMatch", message))

    assert "token-of-the-thief" not in refusal.message
    assert holds_secret(message)


def test_a_secret_that_we_know_is_replaced_whatever_it_looks_like() -> None:
    refusal = read_refusal(response("X", "you sent hunter2, really"), secrets=[Secret("hunter2")])

    assert refusal.message == "you sent [secret], really"


def test_an_arn_in_a_message_is_not_taken_for_a_secret() -> None:
    words = (
        "User: arn:aws:sts::111122223333:assumed-role/DeploymentRoleForProduction/i-0abc is not "
        "authorized to perform: s3:ListAllMyBuckets with an explicit deny in an SCP"
    )

    assert clean(words) == words


@given(st.text(), st.text())
def test_a_secret_never_survives_between_any_words(before: str, after: str) -> None:
    assert SECRET not in clean(f"{before} {SECRET} {after}", limit=10_000)


@given(st.text(max_size=2000))
def test_cleaned_words_are_short_and_hold_nothing_invisible(words: str) -> None:
    cleaned = clean(words)

    assert len(cleaned) <= 500
    assert all(c == " " or unicodedata.category(c)[0] not in "CZ" for c in cleaned)


@pytest.mark.parametrize(
    ("problem", "gap"),
    [
        (MissingPermission("x"), Gap.DENIED),
        (Throttled("x", error_code="Throttling", operation="ListUsers"), Gap.THROTTLED),
        (AwsFailure("x", error_code=UNSUPPORTED, operation="ListUsers"), Gap.UNSUPPORTED),
        (Unreachable("x"), Gap.UNREACHABLE),
        (AwsFailure("x", error_code="Other", operation="ListUsers"), Gap.FAILED),
        (NoSuchPrincipal("x"), Gap.FAILED),
    ],
)
def test_an_error_says_why_a_fact_is_unknown(problem: UnleakError, gap: Gap) -> None:
    unknown = gap_of(problem)

    assert unknown.gap is gap
    assert unknown.detail == "x"


def test_a_traceback_of_a_translated_error_is_still_an_unleak_error() -> None:
    shown = "".join(traceback.format_exception(understood("AccessDenied")))

    assert "MissingPermission" in shown

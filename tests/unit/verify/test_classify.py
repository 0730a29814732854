"""What each answer means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.verify.world import EXPLICIT, IMPLICIT, answer
from unleak.model.ports import ProbeAnswer
from unleak.verify.classify import Verdict, classify, code_of, foreign_source, says_implicit


@pytest.mark.parametrize(
    ("code", "message", "status", "verdict"),
    [
        ("AccessDenied", EXPLICIT, 403, Verdict.EXPLICIT_DENY),
        ("AccessDeniedException", IMPLICIT, 403, Verdict.REFUSED),
        ("UnauthorizedOperation", EXPLICIT, 403, Verdict.EXPLICIT_DENY),
        ("AuthorizationError", "", 403, Verdict.REFUSED),
        ("", "", 403, Verdict.REFUSED),
        ("403", "Forbidden", 403, Verdict.REFUSED),
        ("InvalidClientTokenId", "", 403, Verdict.DEAD_KEY),
        ("com.amazon.coral#UnrecognizedClientException", "", 400, Verdict.DEAD_KEY),
        ("InvalidAccessKeyId", "", 403, Verdict.DEAD_KEY),
        ("AuthFailure", "", 401, Verdict.DEAD_KEY),
        ("SignatureDoesNotMatch", "", 403, Verdict.BAD_SIGNATURE),
        ("InvalidSignatureException", "", 400, Verdict.BAD_SIGNATURE),
        ("ExpiredToken", "", 400, Verdict.EXPIRED),
        ("ExpiredTokenException", "", 403, Verdict.EXPIRED),
        ("InvalidToken", "", 400, Verdict.UNKNOWN),
        ("MissingAuthenticationToken", "", 403, Verdict.UNKNOWN),
        ("MethodNotAllowed", "", 405, Verdict.UNSUPPORTED),
        ("Unsupported", "", 0, Verdict.UNSUPPORTED),
        ("405", "", 405, Verdict.UNSUPPORTED),
        ("", "", 404, Verdict.UNSUPPORTED),
        ("Unreachable", "", 0, Verdict.UNREACHABLE),
        ("SSLError", "", 0, Verdict.UNREACHABLE),
        ("Throttling", "", 400, Verdict.THROTTLED),
        ("SlowDown", "", 503, Verdict.THROTTLED),
        ("InternalError", "", 500, Verdict.UNKNOWN),
        ("DryRunOperation", "", 412, Verdict.ALLOWED),
    ],
)
def test_codes_and_words_mean_what_aws_says_they_mean(
    code: str, message: str, status: int, verdict: Verdict
) -> None:
    refused = ProbeAnswer(
        service="s3",
        operation="ListBuckets",
        region="us-east-1",
        ok=False,
        error_code=code,
        message=message,
        status=status,
    )

    assert classify(refused) is verdict


def test_a_success_is_allowed() -> None:
    assert classify(answer()) is Verdict.ALLOWED


def test_the_words_explicit_deny_under_a_code_that_is_no_refusal_do_not_make_a_deny() -> None:
    odd = answer(code="InternalError", message=EXPLICIT, status=500)

    assert classify(odd) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("words", "source"),
    [
        ("with an explicit deny in a service control policy", "service control policy"),
        ("with an explicit deny in a resource-based policy", "resource-based policy"),
        ("with an explicit deny in a session policy", "session policy"),
        ("with an explicit deny in an identity-based policy: arn:aws:iam::1:policy/x", None),
        ("with an explicit deny in a permissions boundary", None),
        ("with an explicit deny", None),
        ("", None),
    ],
)
def test_a_deny_in_a_policy_that_unleak_never_writes_is_told_apart(
    words: str, source: str | None
) -> None:
    denied = answer(code="AccessDenied", message=f"User: x is not authorized to do y {words}")

    assert foreign_source(denied) == source


def test_implicit_words_are_heard_and_explicit_ones_are_not_mistaken_for_them() -> None:
    assert says_implicit(answer(code="AccessDenied", message=IMPLICIT))
    assert not says_implicit(answer(code="AccessDenied", message=EXPLICIT))
    assert not says_implicit(answer(code="AccessDenied", message=""))


@given(st.text(max_size=80), st.text(max_size=200), st.integers(0, 599))
def test_no_answer_however_odd_is_allowed_unless_it_says_so(
    code: str, message: str, status: int
) -> None:
    odd = answer(code=code or "x", message=message, status=status)

    verdict = classify(odd)

    assert verdict is not Verdict.ALLOWED or odd.error_code.endswith("DryRunOperation")


@given(st.text(max_size=80))
def test_an_error_code_from_outside_reaches_a_sentence_only_as_plain_letters(code: str) -> None:
    shown = code_of(answer(code=code or "x", status=418))

    assert all(each.isascii() and (each.isalnum() or each in ". ") for each in shown)

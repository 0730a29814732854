"""The responder's own secrets are read decrypted, and never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from unleak.aws.secret_fetch import AwsSecrets, check_reference
from unleak.errors import MissingPermission, UnleakError, WrongUse

if TYPE_CHECKING:
    from unleak.aws.session import AwsSession

VALUE = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
PARAMETER_ARN = "arn:aws:ssm:us-west-2:123456789012:parameter/unleak/chats"
SECRET_ARN = "arn:aws:secretsmanager:us-west-2:123456789012:secret:unleak/chats-AbCdEf"


def test_a_parameter_is_read_decrypted(session: AwsSession) -> None:
    with Stubber(session.client("ssm")) as ssm:
        asked = {"Name": "/unleak/chats", "WithDecryption": True}
        ssm.add_response("get_parameter", {"Parameter": {"Value": f"{VALUE}\n"}}, asked)

        secret = AwsSecrets(session).fetch("ssm:/unleak/chats")

    assert secret.reveal() == VALUE
    assert VALUE not in repr(secret)


def test_a_secret_is_read_by_its_name(session: AwsSession) -> None:
    with Stubber(session.client("secretsmanager")) as manager:
        manager.add_response("get_secret_value", {"SecretString": VALUE}, {"SecretId": "chats"})

        secret = AwsSecrets(session).fetch("secretsmanager:chats")

    assert secret.reveal() == VALUE


@pytest.mark.parametrize(
    ("service", "method", "arn", "answer", "asked"),
    [
        (
            "ssm",
            "get_parameter",
            PARAMETER_ARN,
            {"Parameter": {"Value": VALUE}},
            {"Name": PARAMETER_ARN, "WithDecryption": True},
        ),
        (
            "secretsmanager",
            "get_secret_value",
            SECRET_ARN,
            {"SecretString": VALUE},
            {"SecretId": SECRET_ARN},
        ),
    ],
)
def test_an_arn_is_asked_for_in_its_own_region(
    session: AwsSession,
    service: str,
    method: str,
    arn: str,
    answer: dict[str, object],
    asked: dict[str, object],
) -> None:
    with Stubber(session.client(service, "us-west-2")) as stubber:
        stubber.add_response(method, answer, asked)

        secret = AwsSecrets(session).fetch(f"{service}:{arn}")

    assert secret.reveal() == VALUE


@pytest.mark.parametrize("answer", [{}, {"SecretBinary": b"x"}, {"SecretString": " \n"}])
def test_a_secret_without_text_is_no_secret(session: AwsSession, answer: dict[str, object]) -> None:
    with Stubber(session.client("secretsmanager")) as manager:
        manager.add_response("get_secret_value", answer)

        with pytest.raises(UnleakError, match="holds no text"):
            AwsSecrets(session).fetch("secretsmanager:chats")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccessDeniedException", MissingPermission),
        ("ParameterNotFound", UnleakError),
        ("InvalidKeyId", UnleakError),
    ],
)
def test_what_is_refused_is_a_situation(
    session: AwsSession, code: str, kind: type[UnleakError]
) -> None:
    with Stubber(session.client("ssm")) as ssm:
        ssm.add_client_error("get_parameter", code, "no", 400)

        with pytest.raises(kind, match="GetParameter"):
            AwsSecrets(session).fetch("ssm:/unleak/chats")


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "ssm:",
        "ssm:/a b",
        "ssm:/a\n",
        "secretsmanager:",
        "kms:alias/x",
        f"ssm:{SECRET_ARN}",
        f"secretsmanager:{PARAMETER_ARN}",
        VALUE,
    ],
)
def test_what_names_no_secret_is_refused_and_not_repeated(reference: str) -> None:
    with pytest.raises(WrongUse) as raised:
        check_reference(reference)

    assert not reference or reference not in raised.value.message


@given(st.sampled_from(["ssm:", "secretsmanager:"]), st.text(max_size=40))
def test_a_name_that_passes_holds_nothing_but_names(service: str, text: str) -> None:
    try:
        _, name = check_reference(service + text)
    except WrongUse:
        return

    assert name == text
    assert name.isascii()
    assert not set(name) & set(" \"'\\{}\r\n")

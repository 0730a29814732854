"""Who signed a webhook, and the secret that it is about, from a stand-in on the loopback."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

import pytest

from fakes.events import KEY_ID, SECRET
from lab.stores.loopback import Asked, Given, serve
from unleak.errors import BadSignature, UnreadableEvent
from unleak.evidence.paste import extract
from unleak.model.alert import GithubAlert
from unleak.model.secret import Secret
from unleak.respond.github import api_of, check_signature, fetch_secret
from unleak.stores.failures import StoreRefused

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = Secret("It's a Secret to Everybody")
BODY = b"Hello, World!"
SIGNATURE = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
"""Key, body and signature of GitHub's own documentation."""
TOKEN = Secret("github_pat_11ABCDEFG0abcdefghijkl")
SOURCE = GithubAlert(
    host="github.com",
    owner="acme",
    repository="shop",
    number=42,
    secret_type="aws_access_key_id",
)


def answering(given: Given, asked: list[Asked] | None = None) -> Callable[[Asked], Given]:
    def answer(request: Asked) -> Given:
        if asked is not None:
            asked.append(request)
        return given

    return answer


def test_the_example_of_githubs_documentation_passes() -> None:
    check_signature(BODY, SIGNATURE, KEY)

    assert hmac.new(KEY.reveal().encode(), BODY, hashlib.sha256).hexdigest() in SIGNATURE


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (BODY + b"\n", SIGNATURE),
        (BODY, ""),
        (BODY, SIGNATURE.upper()),
        (BODY, SIGNATURE.replace("sha256", "sha1")),
        (BODY, SIGNATURE[:-1]),
        (BODY, SIGNATURE[:-1] + "8"),
        (BODY, SIGNATURE + "\n"),
        (BODY, "sha256=" + "\u00e9" * 64),
    ],
)
def test_other_bytes_and_other_signatures_are_refused(body: bytes, header: str) -> None:
    with pytest.raises(BadSignature):
        check_signature(body, header, KEY)


def test_an_empty_secret_lets_nobody_in() -> None:
    forged = "sha256=" + hmac.new(b"", BODY, hashlib.sha256).hexdigest()

    with pytest.raises(BadSignature, match="empty"):
        check_signature(BODY, forged, Secret(""))


def test_the_secret_is_fetched_as_evidence() -> None:
    asked: list[Asked] = []
    body = {"secret": KEY_ID, "secret_type": "aws_access_key_id", "state": "open"}

    with serve(answering(Given(body=body), asked)) as url:
        secret = fetch_secret(SOURCE, TOKEN, environment={"GITHUB_API_URL": url})

    (found,) = extract(secret.reveal()).found
    assert found.access_key_id == KEY_ID
    assert asked[0].path == "/repos/acme/shop/secret-scanning/alerts/42"
    assert asked[0].headers["authorization"] == f"Bearer {TOKEN.reveal()}"


def test_the_other_half_of_a_key_is_labelled() -> None:
    body = {"secret": SECRET, "secret_type": "aws_secret_access_key"}

    with serve(answering(Given(body=body))) as url:
        secret = fetch_secret(SOURCE, TOKEN, environment={"GITHUB_API_URL": url})

    (found,) = extract(f"{KEY_ID}\n{secret.reveal()}").found
    assert found.secret == Secret(SECRET)


@pytest.mark.parametrize("body", [{}, {"secret": None}, {"secret": ""}, {"secret": 7}, []])
def test_an_alert_that_shows_no_secret_is_said_so(body: object) -> None:
    with (
        serve(answering(Given(body=body))) as url,
        pytest.raises(UnreadableEvent, match="acme/shop#42 shows no secret"),
    ):
        fetch_secret(SOURCE, TOKEN, environment={"GITHUB_API_URL": url})


@pytest.mark.parametrize(
    ("host", "named", "api"),
    [
        ("github.com", "", "https://api.github.com"),
        ("acme.ghe.com", "", "https://api.acme.ghe.com"),
        ("git.example.com", "", "https://git.example.com/api/v3"),
        ("git.example.com", "https://api.github.com", "https://git.example.com/api/v3"),
        ("git.example.com", "https://proxy.example.com/api", "https://proxy.example.com/api"),
    ],
)
def test_a_servers_token_never_goes_to_github_com(host: str, named: str, api: str) -> None:
    assert api_of(host, {"GITHUB_API_URL": named}) == api


def test_the_token_goes_to_our_host_only() -> None:
    asked: list[Asked] = []
    source = GithubAlert(
        host="evil.test",
        owner="acme",
        repository="shop",
        number=42,
        secret_type="aws_session_token",
    )

    with serve(answering(Given(body={}), asked)) as url, pytest.raises(UnreadableEvent):
        fetch_secret(source, TOKEN, environment={"GITHUB_API_URL": url})

    assert asked == []


def test_a_refusal_shows_no_token() -> None:
    given = Given(status=404, body={"message": f"Not Found {TOKEN.reveal()}"})

    with serve(answering(given)) as url, pytest.raises(StoreRefused) as caught:
        fetch_secret(SOURCE, TOKEN, environment={"GITHUB_API_URL": url}, wait=lambda _: None)

    assert TOKEN.reveal() not in caught.value.message

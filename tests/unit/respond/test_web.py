"""What comes over HTTPS: a webhook is believed only if it is signed, everything else is a page."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from fakes.cloud import FakeCloud
from fakes.events import KEY_ID, from_web, webhook
from fakes.station import ACCOUNT, Post
from lab.stores.loopback import Asked, Given, serve
from unleak.errors import UnreadableEvent
from unleak.model.action import Holder, HolderType, KeyState
from unleak.respond.handler import worked_off
from unleak.respond.policy import GithubSettings
from unleak.respond.web import answer_request

CI = Holder(type=HolderType.USER, name="ci")
HOOK_SECRET = "hook" * 10
TOKEN = "github_pat_" + "t" * 30
BODY = json.dumps(webhook()).encode()


@pytest.fixture
def post(tmp_path: Path) -> Post:
    """A responder that takes GitHub's webhooks, for an account with the leaked key."""
    cloud = FakeCloud(account=ACCOUNT)
    cloud.add_user("ci", keys=[KEY_ID])
    made = Post(cloud=cloud, folder=tmp_path)
    made.clouds.accounts_of_keys[KEY_ID] = ACCOUNT
    made.secrets.values |= {"ssm:/hook": HOOK_SECRET, "ssm:/token": TOKEN}
    github = GithubSettings(webhook_secret="ssm:/hook", token="ssm:/token")
    made.policy = replace(made.policy, github=github)
    return made


def signed(body: bytes, secret: str = HOOK_SECRET) -> str:
    """Return the header that GitHub sends with a body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def test_a_signed_webhook_cuts_off_the_key_that_github_shows(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Asked] = []

    def answer(request: Asked) -> Given:
        asked.append(request)
        return Given(body={"secret": KEY_ID, "secret_type": "aws_access_key_id"})

    with serve(answer) as url:
        monkeypatch.setenv("GITHUB_API_URL", url)
        first = answer_request(from_web(BODY, signature=signed(BODY)), post.station())
        again = answer_request(from_web(BODY, signature=signed(BODY)), post.station())

    assert (first["statusCode"], again["statusCode"]) == (200, 200)
    assert post.cloud.at(CI).keys[KEY_ID] is KeyState.INACTIVE
    assert len(post.teller.messages) == 1
    assert asked[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in str(first)


@pytest.mark.parametrize("signature", ["", "sha256=" + "0" * 64, signed(BODY, "x" * 40)])
def test_a_webhook_that_is_not_signed_with_our_secret_is_not_even_read(
    post: Post, signature: str
) -> None:
    answer = answer_request(from_web(BODY, signature=signature), post.station())

    assert answer["statusCode"] == 401
    assert not post.cloud.asked
    assert not post.teller.messages


def test_without_an_agreed_secret_no_webhook_is_believed(post: Post) -> None:
    post.policy = replace(post.policy, github=GithubSettings(token="ssm:/token"))

    answer = answer_request(from_web(BODY, signature=signed(BODY)), post.station())

    assert answer["statusCode"] == 401


def test_signed_nonsense_is_refused(post: Post) -> None:
    body = b'{"action": "created"'

    answer = answer_request(from_web(body, signature=signed(body)), post.station())

    assert answer["statusCode"] == 400
    assert not post.cloud.asked


def test_people_hear_once_that_github_would_not_show_the_secret(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(lambda _: Given(status=401, body={"message": "Bad credentials"})) as url:
        monkeypatch.setenv("GITHUB_API_URL", url)
        answers = [
            answer_request(from_web(BODY, signature=signed(BODY)), post.station()) for _ in range(2)
        ]

    assert [each["statusCode"] for each in answers] == [200, 200]
    assert len(post.teller.messages) == 1
    assert not post.cloud.calls


@pytest.mark.parametrize("path", ["/", "/nothing", "/github/../"])
def test_every_other_path_is_a_page_that_changes_nothing(post: Post, path: str) -> None:
    request = {**from_web(BODY, signature=signed(BODY)), "rawPath": path}

    answer = answer_request(request, post.station())

    status = answer["statusCode"]
    assert isinstance(status, int)
    assert status >= 400
    assert not post.cloud.calls


def test_a_webhook_is_answered_before_it_is_worked_on_and_checked_again_then(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_off: list[Mapping[str, object]] = []
    request = from_web(BODY, signature=signed(BODY))

    answer = answer_request(request, replace(post.station(), later=put_off.append))

    assert answer["statusCode"] == 202
    assert not post.cloud.calls
    assert put_off == [{"unleak": "web", "request": request}]
    reply = Given(body={"secret": KEY_ID, "secret_type": "aws_access_key_id"})
    with serve(lambda _: reply) as url:
        monkeypatch.setenv("GITHUB_API_URL", url)
        worked_off(put_off[0]["request"], post.station())
    assert post.cloud.at(CI).keys[KEY_ID] is KeyState.INACTIVE


@pytest.mark.parametrize("signature", ["", "sha256=" + "0" * 64])
def test_what_is_not_signed_is_not_put_off_either(post: Post, signature: str) -> None:
    put_off: list[Mapping[str, object]] = []

    answer = answer_request(
        from_web(BODY, signature=signature), replace(post.station(), later=put_off.append)
    )

    assert answer["statusCode"] == 401
    assert not put_off


@pytest.mark.parametrize("request_", [None, {}, {"source": "aws.health"}, "text"])
def test_whoever_invokes_the_function_cannot_pass_an_event_off_as_a_request(
    post: Post, request_: object
) -> None:
    with pytest.raises(UnreadableEvent):
        worked_off(request_, post.station())


def test_a_forged_request_that_was_put_off_is_refused_when_it_is_worked_on(post: Post) -> None:
    told = worked_off(from_web(BODY, signature="sha256=" + "0" * 64), post.station())

    assert told["statusCode"] == 401
    assert "bad-signature" in str(told["body"])
    assert not post.cloud.asked

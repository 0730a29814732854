"""A link shows, its button approves, and once only."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from fakes.cloud import FakeCloud
from fakes.station import ACCOUNT, APPROVAL_KEY, Post
from unleak.errors import Unreachable
from unleak.flow.history import incidents
from unleak.model.action import Holder, HolderType
from unleak.model.alert import Alert, Reading, Sender
from unleak.model.claim import ClaimState
from unleak.model.principal import Principal, PrincipalType
from unleak.model.secret import Secret
from unleak.respond.approval import issue, new_nonce
from unleak.respond.approve import approve
from unleak.respond.handler import NotAnswered, worked_off
from unleak.respond.policy import ApprovalSettings, Verdict
from unleak.respond.respond import respond
from unleak.respond.web import answer_request

DEPLOY = Holder(type=HolderType.ROLE, name="deploy")
SUBJECT = f"account/{ACCOUNT}/role/deploy"
ALERT = Alert(
    sender=Sender.GUARDDUTY,
    type="UnauthorizedAccess:IAMUser/TorIPCaller",
    id="finding-1",
    account=ACCOUNT,
    principal=Principal(type=PrincipalType.ROLE, name="deploy"),
    severity="high",
    summary="<script>alert(1)</script> [click](https://evil.example)",
)


@pytest.fixture
def post(tmp_path: Path) -> Post:
    """A responder that has asked whether a whole role shall be cut off."""
    cloud = FakeCloud(account=ACCOUNT)
    cloud.add_role("deploy")
    made = Post(cloud=cloud, folder=tmp_path)
    respond(Reading(alerts=(ALERT,)), made.station())
    return made


def asked(post: Post) -> str:
    """Return the token in the last message's link."""
    link = post.teller.messages[-1].link
    assert link is not None
    return parse_qs(urlsplit(link).query)["approve"][0]


def look_at(token: str) -> Mapping[str, object]:
    """Return a browser's request for the page."""
    return {
        "version": "2.0",
        "rawPath": "/",
        "rawQueryString": f"approve={token}",
        "queryStringParameters": {"approve": token},
        "headers": {},
        "requestContext": {"http": {"method": "GET", "path": "/"}},
    }


def press(token: str) -> Mapping[str, object]:
    """Return a browser's request after its button was pressed."""
    body = base64.b64encode(f"approve={token}".encode()).decode()
    return {
        **look_at(token),
        "headers": {"content-type": "application/x-www-form-urlencoded"},
        "requestContext": {"http": {"method": "POST", "path": "/"}},
        "body": body,
        "isBase64Encoded": True,
    }


def test_opening_the_link_shows_the_plan_and_changes_nothing(post: Post) -> None:
    page = approve(look_at(asked(post)), post.station())

    assert page.status == 200
    assert "role/deploy" in page.body
    assert "<form" in page.body
    assert "<script" not in page.body
    assert not post.cloud.calls


def test_pressing_the_button_cuts_the_role_off_and_tells_people(post: Post) -> None:
    page = approve(press(asked(post)), post.station())

    assert page.status == 200
    assert "AWSRevokeOlderSessions" in post.cloud.at(DEPLOY).inline
    (incident,) = incidents(home=post.folder)
    assert incident.id in page.body
    assert post.teller.messages[-1].incident == incident.id


def test_a_link_is_good_for_one_press(post: Post) -> None:
    token = asked(post)
    approve(press(token), post.station())
    writes = len(post.cloud.calls)

    again = approve(press(token), post.station())

    assert again.status == 409
    assert len(post.cloud.calls) == writes
    assert len(incidents(home=post.folder)) == 1


def test_a_link_that_is_too_old_approves_nothing(post: Post) -> None:
    token = asked(post)
    post.pass_seconds(3601)

    page = approve(press(token), post.station())

    assert page.status == 403
    assert not post.cloud.calls


def test_after_that_time_the_next_delivery_asks_again_and_the_old_link_stays_dead(
    post: Post,
) -> None:
    old = asked(post)
    post.pass_seconds(3601 + 900)

    again = respond(Reading(alerts=(ALERT,)), post.station())

    assert [each.verdict for each in again.answers] == [Verdict.ASK]
    assert asked(post) != old
    assert approve(press(old), post.station()).status == 403
    assert approve(press(asked(post)), post.station()).status == 200


def test_while_it_waits_further_deliveries_ask_nobody(post: Post) -> None:
    again = respond(Reading(alerts=(ALERT,)), post.station())

    assert [each.verdict for each in again.answers] == [None]
    assert len(post.teller.messages) == 1


@pytest.mark.parametrize("key", ["x" * 40, APPROVAL_KEY])
def test_a_token_that_we_did_not_send_approves_nothing(post: Post, key: str) -> None:
    forged = issue(
        subject=SUBJECT,
        until=post.clouds.now() + timedelta(hours=1),
        nonce=new_nonce(),
        key=Secret(key),
    )

    page = approve(press(forged), post.station())

    assert page.status in {403, 409}
    assert not post.cloud.calls


def test_an_approval_that_breaks_off_is_said_so_and_can_be_gone_on_with(post: Post) -> None:
    post.cloud.failing["role"] = Unreachable("AWS does not answer")
    post.cloud.failing["inline_policy"] = post.cloud.failing["role"]
    post.cloud.failing["caller"] = post.cloud.failing["role"]

    page = approve(press(asked(post)), post.station())

    claim = post.claims().look(SUBJECT)
    assert page.status == 503
    assert claim is not None
    assert claim.state is ClaimState.WORKING
    assert claim.until is None


def test_an_account_that_left_the_policy_meanwhile_is_left_alone(post: Post) -> None:
    token = asked(post)
    policy = replace(post.policy, accounts=("999999999999",))

    page = approve(press(token), post.station(policy))

    assert page.status == 403
    assert not post.cloud.calls


def test_without_a_signing_key_nobody_can_approve_and_the_command_is_named(post: Post) -> None:
    policy = replace(post.policy, approval=ApprovalSettings())
    other = replace(ALERT, principal=Principal(type=PrincipalType.ROLE, name="other"))
    post.cloud.add_role("other")

    responded = respond(Reading(alerts=(other,)), post.station(policy))

    assert [each.verdict for each in responded.answers] == [Verdict.ASK]
    assert post.teller.messages[-1].link is None
    assert "unleak revoke role/other" in " ".join(post.teller.messages[-1].next_steps)
    assert approve(press(asked_before(post)), post.station(policy)).status == 404


def asked_before(post: Post) -> str:
    """Return the token in the first message's link."""
    link = post.teller.messages[0].link
    assert link is not None
    return parse_qs(urlsplit(link).query)["approve"][0]


def test_the_function_answers_a_browser_with_a_page_that_runs_nothing(post: Post) -> None:
    answer = answer_request(look_at(asked(post)), post.station())

    headers = answer["headers"]
    assert isinstance(headers, dict)
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer["statusCode"] == 200


def test_a_browser_is_answered_at_once_and_the_work_is_done_by_the_next_run(post: Post) -> None:
    put_off: list[Mapping[str, object]] = []
    token = asked(post)

    page = approve(press(token), replace(post.station(), later=put_off.append))

    assert page.status == 200
    assert not post.cloud.calls
    assert worked_off(put_off[0]["request"], post.station()) == {"statusCode": 200}
    assert "AWSRevokeOlderSessions" in post.cloud.at(DEPLOY).inline
    assert worked_off(put_off[0]["request"], post.station()) == {"statusCode": 409}
    assert len(incidents(home=post.folder)) == 1


def test_a_used_link_is_not_put_off_again(post: Post) -> None:
    put_off: list[Mapping[str, object]] = []
    token = asked(post)
    approve(press(token), post.station())

    page = approve(press(token), replace(post.station(), later=put_off.append))

    assert page.status == 409
    assert not put_off


def test_work_that_breaks_off_is_raised_so_that_lambda_learns_of_it(post: Post) -> None:
    request = press(asked(post))
    post.cloud.failing["role"] = Unreachable("AWS does not answer")
    post.cloud.failing["inline_policy"] = post.cloud.failing["role"]
    post.cloud.failing["caller"] = post.cloud.failing["role"]

    with pytest.raises(NotAnswered):
        worked_off(request, post.station())


def test_what_was_pressed_in_time_is_carried_out_though_its_run_starts_late(post: Post) -> None:
    put_off: list[Mapping[str, object]] = []
    token = asked(post)
    post.pass_seconds(3590)
    approve(press(token), replace(post.station(), later=put_off.append))
    post.pass_seconds(300)

    told = worked_off(put_off[0]["request"], post.station())

    assert told == {"statusCode": 200}
    assert "AWSRevokeOlderSessions" in post.cloud.at(DEPLOY).inline


def test_a_quarter_of_an_hour_later_nothing_is_carried_out_any_more(post: Post) -> None:
    put_off: list[Mapping[str, object]] = []
    token = asked(post)
    approve(press(token), replace(post.station(), later=put_off.append))
    post.pass_seconds(3600 + 901)

    told = worked_off(put_off[0]["request"], post.station())

    assert told == {"statusCode": 403}
    assert not post.cloud.calls

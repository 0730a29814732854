"""Whoever can put an event on the bus: he turns the responder against others, or against itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from fakes.alarms import CI, DEPLOY, KEY, key_alert, of, role_alert
from fakes.cloud import FakeCloud
from fakes.station import ACCOUNT, Post
from unleak.errors import MissingPermission
from unleak.model.action import Holder, HolderType, KeyState
from unleak.model.message import Delivery
from unleak.model.plan import Scope, Strategy
from unleak.model.principal import Principal, PrincipalType
from unleak.respond.approve import approve
from unleak.respond.policy import Default, Rule, Verdict
from unleak.respond.preview import preview
from unleak.respond.respond import respond
from unleak.respond.sweep import sweep

if TYPE_CHECKING:
    from unleak.model.alert import Alert

RESPONDER = Holder(type=HolderType.ROLE, name="responder")
RESPONDER_ROLE = Principal(type=PrincipalType.ROLE, name="responder")
ALICE = Principal(type=PrincipalType.USER, name="alice")
EVERYTHING = Rule(name="everything", then=Verdict.CONTAIN)


@pytest.fixture
def post(tmp_path: Path) -> Post:
    """A responder that lives as a role in the account that it guards."""
    cloud = FakeCloud(account=ACCOUNT)
    cloud.add_role("deploy")
    cloud.add_role("responder")
    cloud.add_user("ci", keys=[KEY])
    cloud.add_user("alice", keys=["AKIAALICESOWNKEY0001"])
    cloud.identity = replace(
        cloud.identity,
        arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/responder/function",
        unique_id=f"{cloud.at(RESPONDER).principal.unique_id}:function",
        access_key_id="ASIARESPONDERRESPOND",
    )
    return Post(cloud=cloud, folder=tmp_path)


def test_the_responder_never_cuts_itself_off_without_a_person(post: Post) -> None:
    policy = replace(post.policy, default=Default.CONTAIN)

    responded = respond(of(role_alert(principal=RESPONDER_ROLE)), post.station(policy))

    assert [each.verdict for each in responded.answers] == [Verdict.ASK]
    assert "responder itself" in responded.answers[0].why
    assert not post.cloud.calls


def test_a_rule_that_widens_the_scope_cannot_make_it_cut_itself_off(post: Post) -> None:
    wide = replace(EVERYTHING, options=replace(EVERYTHING.options, scope=Scope.PRINCIPAL))
    policy = replace(post.policy, rules=(wide,))
    alert = role_alert(principal=RESPONDER_ROLE, session_name="somebody-else")

    responded = respond(of(alert), post.station(policy))

    assert [each.verdict for each in responded.answers] == [Verdict.ASK]
    assert not post.cloud.calls


def test_a_responder_that_does_not_know_itself_asks_a_person(post: Post) -> None:
    post.cloud.identity = replace(post.cloud.identity, arn=None)
    policy = replace(post.policy, rules=(EVERYTHING,))

    responded = respond(of(role_alert()), post.station(policy))

    assert [each.verdict for each in responded.answers] == [Verdict.ASK]
    assert not post.cloud.calls


def test_a_name_beside_a_key_id_hits_nobody_but_the_keys_owner(post: Post) -> None:
    policy = replace(post.policy, rules=(EVERYTHING,))

    respond(of(key_alert(principal=ALICE)), post.station(policy))

    assert post.cloud.at(CI).keys[KEY] is KeyState.INACTIVE
    assert {each.target.split("/")[1] for each in post.cloud.calls if "user/" in each.target} == {
        "ci"
    }
    assert not post.cloud.at(DEPLOY).inline


@pytest.mark.parametrize("secret", ["too short", None])
def test_people_are_told_where_no_link_can_be_made(post: Post, secret: str | None) -> None:
    refused = MissingPermission("ssm:GetParameter is missing")
    post.secrets.values["ssm:/approval"] = secret or ""
    post.secrets.failure = None if secret else refused

    first = respond(of(role_alert()), post.station())
    second = respond(of(role_alert()), post.station())

    assert [each.answers[0].verdict for each in (first, second)] == [Verdict.ASK, None]
    assert len(post.teller.messages) == 1
    assert "no link could be made" in " ".join(post.teller.messages[0].lines).lower()


def test_a_dry_run_says_that_people_would_be_told_where_nothing_is_named(post: Post) -> None:
    responded = preview(of(role_alert(principal=None)), post.station())

    assert [each.verdict for each in responded.answers] == [Verdict.TELL]
    assert not post.teller.messages


@pytest.mark.parametrize("alert", [role_alert(), role_alert(principal=None)])
def test_a_question_that_reached_nobody_is_asked_again(post: Post, alert: Alert) -> None:
    post.teller.is_broken = True
    first = respond(of(alert), post.station())
    post.teller.is_broken = False

    second = respond(of(alert), post.station())

    assert "nobody could be told" in first.failed[0]
    assert [each.delivery for each in second.answers[0].told] == [Delivery.SENT]


def test_destinations_that_never_work_do_not_keep_a_claim_open_for_ever(post: Post) -> None:
    post.teller.is_broken = True

    tries = [respond(of(role_alert()), post.station()) for _ in range(4)]

    assert [len(each.failed) for each in tries] == [1, 1, 0, 0]
    assert sweep(post.station()).answers == ()


@pytest.mark.parametrize("name", ["AWSServiceRoleForSupport", "AWSReservedSSO_Admin_0123456789"])
def test_a_role_that_nobody_can_edit_is_left_to_people_at_once(post: Post, name: str) -> None:
    post.cloud.add_role(name)
    policy = replace(post.policy, rules=(EVERYTHING,))
    alert = role_alert(principal=Principal(type=PrincipalType.ROLE, name=name))

    responded = respond(of(alert), post.station(policy))

    assert [each.verdict for each in responded.answers] == [Verdict.TELL]
    assert not post.cloud.calls
    assert len(post.teller.messages) == 1
    assert sweep(post.station(policy)).answers == ()


def test_the_root_user_without_an_organization_is_left_to_people(post: Post) -> None:
    policy = replace(post.policy, rules=(EVERYTHING,))
    alert = role_alert(principal=Principal(type=PrincipalType.ROOT, name="root"))

    tries = [respond(of(alert), post.station(policy)) for _ in range(3)]

    verdicts = [answer.verdict for each in tries for answer in each.answers]
    assert Verdict.CONTAIN not in verdicts
    assert Verdict.TELL in verdicts
    assert not post.cloud.calls


def test_a_link_approves_the_plan_that_was_shown_and_no_other(post: Post) -> None:
    asking = Rule(name="asking", then=Verdict.ASK)
    deleting = replace(asking, options=replace(asking.options, strategy=Strategy.DELETE))
    respond(of(role_alert()), post.station(replace(post.policy, rules=(asking,))))
    link = post.teller.messages[-1].link
    assert link is not None
    later = replace(post.policy, rules=(deleting,))

    page = approve(pressed(link), post.station(later))
    sweep(post.station(later))

    assert page.status != 200
    assert not post.cloud.calls
    assert post.teller.messages[-1].link not in {None, link}
    assert "Delete role/deploy" in " ".join(post.teller.messages[-1].lines)


def pressed(link: str) -> dict[str, object]:
    """Return a browser's request after the button behind a link was pressed."""
    return {
        "headers": {"content-type": "application/x-www-form-urlencoded"},
        "requestContext": {"http": {"method": "POST", "path": "/"}},
        "body": urlsplit(link).query,
    }

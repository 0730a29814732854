"""A finding comes again for as long as it stands: nothing is done twice, and nothing is missed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakes.alarms import CI, KEY, key_alert, of, role_alert
from fakes.cloud import FakeCloud, refusal
from fakes.people import FakePerson
from fakes.station import ACCOUNT, Post
from unleak.errors import Throttled
from unleak.flow.history import incidents
from unleak.flow.undo import undo
from unleak.model.action import KeyState
from unleak.respond.policy import Rule, Verdict
from unleak.respond.respond import respond
from unleak.respond.sweep import sweep

if TYPE_CHECKING:
    from unleak.model.alert import Alert
    from unleak.respond.answer import Responded


@pytest.fixture
def post(tmp_path: Path) -> Post:
    cloud = FakeCloud(account=ACCOUNT)
    cloud.add_role("deploy")
    cloud.add_user("ci", keys=[KEY])
    return Post(cloud=cloud, folder=tmp_path)


def later(post: Post, alert: Alert, **changes: object) -> Responded:
    """Let the sender repeat it ten minutes later, as what happened just now."""
    post.pass_seconds(600)
    again = key_alert if alert.access_key_id else role_alert
    return respond(of(again(at=post.clouds.now(), **changes)), post.station())


def undone(post: Post, incident: str | None) -> None:
    assert incident is not None
    undo(incident, post.clouds.doors(ACCOUNT), FakePerson(), home=post.folder, force=True)


def test_a_finding_that_comes_again_is_answered_once(post: Post) -> None:
    respond(of(key_alert()), post.station())
    writes, told = len(post.cloud.calls), len(post.teller.messages)

    repeats = [later(post, key_alert()) for _ in range(3)]

    assert [each.answers[0].verdict for each in repeats] == [None, None, None]
    assert (len(post.cloud.calls), len(post.teller.messages)) == (writes, told)
    assert len(incidents(home=post.folder)) == 1


def test_two_findings_that_take_turns_are_answered_once_each(post: Post) -> None:
    rule = Rule(name="all", then=Verdict.CONTAIN)
    post.policy = type(post.policy)(accounts=post.policy.accounts, rules=(rule,))
    respond(of(role_alert()), post.station())

    repeats = [later(post, role_alert(), id=f"finding-{n}") for n in (2, 1, 2, 1)]

    assert [each.answers[0].verdict for each in repeats] == [Verdict.CONTAIN, None, None, None]
    assert len(incidents(home=post.folder)) == 2


def test_a_key_that_the_thief_turned_on_again_is_answered_anew(post: Post) -> None:
    respond(of(key_alert()), post.station())
    post.cloud.at(CI).keys[KEY] = KeyState.ACTIVE

    again = later(post, key_alert())

    assert [each.verdict for each in again.answers] == [Verdict.CONTAIN]
    assert post.cloud.at(CI).keys[KEY] is KeyState.INACTIVE
    assert len(incidents(home=post.folder)) == 2


def test_a_repeat_is_tried_again_where_nobody_can_tell_whether_the_cut_stands(post: Post) -> None:
    respond(of(key_alert()), post.station())
    throttled = Throttled("slow down", error_code="Throttling", operation="ListAccessKeys")
    post.cloud.failing.update(keys=throttled, inline_policy=throttled)

    again = later(post, key_alert())

    assert len(again.failed) == 1
    assert len(incidents(home=post.folder)) == 1


def test_what_a_person_has_undone_is_not_done_again_by_a_repeat(post: Post) -> None:
    first = respond(of(key_alert()), post.station())
    undone(post, first.answers[0].incident)

    again = later(post, key_alert())

    assert [each.verdict for each in again.answers] == [None]
    assert post.cloud.at(CI).keys[KEY] is KeyState.ACTIVE


def test_what_a_person_has_undone_half_way_is_not_gone_on_with(post: Post) -> None:
    post.cloud.failing["put_inline_policy"] = refusal(code="ServiceFailure", operation="Put")
    first = respond(of(key_alert()), post.station())
    post.cloud.failing.clear()
    undone(post, first.answers[0].incident)
    writes = len(post.cloud.calls)

    again = respond(of(key_alert()), post.station())

    assert [each.verdict for each in again.answers] == [None]
    assert "undone" in again.answers[0].why
    assert len(post.cloud.calls) == writes
    assert sweep(post.station()).answers == ()


def test_people_hear_three_times_at_most_of_what_stays_partial(post: Post) -> None:
    post.cloud.failing["put_inline_policy"] = refusal(code="ServiceFailure", operation="Put")

    for _ in range(6):
        respond(of(key_alert()), post.station())

    assert len(post.teller.messages) == 3
    assert len(incidents(home=post.folder)) == 1


def test_a_sender_without_an_account_means_the_same_role(post: Post) -> None:
    first = respond(of(role_alert(account=None)), post.station())
    second = respond(of(role_alert()), post.station())

    assert [each.answers[0].verdict for each in (first, second)] == [Verdict.ASK, None]
    assert len(post.teller.messages) == 1

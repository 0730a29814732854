"""What a dead worker left is gone on with; nothing that lies there for ever stops the rest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fakes.alarms import CI, KEY, key_alert, of, role_alert
from fakes.cloud import FakeCloud
from fakes.station import ACCOUNT, Post
from fakes.timing import FakeTime
from unleak.apply.claims_file import FolderClaims
from unleak.apply.state import FILE_NAME
from unleak.errors import AwsFailure
from unleak.flow.history import incidents
from unleak.model.action import KeyState
from unleak.model.alert import Alert, GithubAlert, Sender
from unleak.model.claim import Claim, ClaimState
from unleak.model.principal import Principal, PrincipalType
from unleak.respond.alert_text import alert_text
from unleak.respond.policy import Policy, Rule, RuleOptions, Verdict
from unleak.respond.respond import respond
from unleak.respond.sweep import sweep

UNKNOWN_KEY = "AKIANOBODYKNOWSTHIS1"


@pytest.fixture
def post(tmp_path: Path) -> Post:
    cloud = FakeCloud(account=ACCOUNT)
    cloud.add_role("deploy")
    cloud.add_user("ci", keys=[KEY])
    return Post(cloud=cloud, folder=tmp_path)


def left_by_a_dead_worker(post: Post, *alerts: Alert) -> None:
    for number, alert in enumerate(alerts):
        post.claims().take(
            alert.subject, owner=f"dead-{number}", seconds=60, alert=alert_text(alert)
        )
    post.pass_seconds(61)


def state_of(post: Post, alert: Alert) -> ClaimState | None:
    claim = post.claims().look(alert.subject)
    return None if claim is None else claim.state


def test_an_alert_that_names_nothing_is_told_and_stops_no_other(post: Post) -> None:
    nothing = role_alert(principal=None)
    left_by_a_dead_worker(post, nothing, key_alert())

    responded = sweep(post.station())

    assert [each.verdict for each in responded.answers] == [Verdict.TELL, Verdict.CONTAIN]
    assert post.cloud.at(CI).keys[KEY] is KeyState.INACTIVE
    assert state_of(post, nothing) is ClaimState.TOLD


def test_a_claim_whose_alert_is_damaged_is_named_and_stops_no_other(post: Post) -> None:
    post.claims().take("account/damaged", owner="dead", seconds=60, alert="{}")
    left_by_a_dead_worker(post, key_alert())

    responded = sweep(post.station())

    assert len(responded.failed) == 1
    assert "account/damaged" in responded.failed[0]
    assert post.cloud.at(CI).keys[KEY] is KeyState.INACTIVE


def test_what_is_of_no_account_of_ours_any_more_is_closed(post: Post) -> None:
    left_by_a_dead_worker(post, key_alert())
    policy = Policy(accounts=("999999999999",))

    first = sweep(post.station(policy))
    second = sweep(post.station(policy))

    assert [each.verdict for each in first.answers] == [Verdict.IGNORE]
    assert second.answers == ()
    assert not post.cloud.calls


def test_an_alert_of_github_is_looked_up_again(post: Post) -> None:
    source = GithubAlert(
        host="github.com", owner="o", repository="r", number=5, secret_type="aws_access_key_id"
    )
    alert = Alert(sender=Sender.GITHUB, type="aws_access_key_id", id="5", source=source)
    left_by_a_dead_worker(post, alert)

    responded = sweep(post.station())

    assert [each.verdict for each in responded.answers] == [Verdict.TELL]
    assert "token" in responded.answers[0].why
    assert len(post.teller.messages) == 1
    assert sweep(post.station()).answers == ()


def test_a_fault_of_ours_stops_no_other_and_is_not_kept_quiet(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_by_a_dead_worker(post, role_alert(), key_alert())

    def faulty(account: str, principal: Principal) -> tuple[tuple[str, str], ...]:
        del account
        if principal.type is PrincipalType.ROLE:
            raise IndexError
        return ()

    monkeypatch.setattr(post.clouds, "tags", faulty)

    with pytest.raises(ExceptionGroup):
        sweep(post.station())

    assert post.cloud.at(CI).keys[KEY] is KeyState.INACTIVE


def test_what_there_is_no_time_for_is_left_to_the_next_sweep(post: Post) -> None:
    hurried = replace(post.station(), seconds_left=lambda: 50.0)

    responded = respond(of(role_alert(), key_alert()), hurried)
    later = sweep(post.station())

    assert [each.verdict for each in responded.answers] == [Verdict.ASK]
    assert len(responded.failed) == 1
    assert [each.subject for each in later.answers] == [f"key/{KEY}"]
    assert post.cloud.at(CI).keys[KEY] is KeyState.INACTIVE


def test_a_key_id_that_aws_does_not_know_is_told_after_three_tries(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(key_id: str) -> str:
        message = f"{key_id} is nobody's"
        raise AwsFailure(message, error_code="ValidationError", operation="GetAccessKeyInfo")

    monkeypatch.setattr(post.clouds, "account_of_key", unknown)
    alert = key_alert(access_key_id=UNKNOWN_KEY, account=None)

    tries = [respond(of(alert), post.station()), *(sweep(post.station()) for _ in range(3))]

    assert [len(each.failed) for each in tries] == [1, 1, 0, 0]
    assert [each.verdict for each in tries[2].answers] == [Verdict.TELL]
    assert len(post.teller.messages) == 3


def test_an_account_that_aws_did_not_tell_is_asked_for_again(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post.clouds, "own_account", lambda: None)
    first = respond(of(role_alert(account=None)), post.station())
    monkeypatch.undo()

    second = sweep(post.station())

    assert len(first.failed) == 1
    assert [each.verdict for each in second.answers] == [Verdict.ASK]


def test_a_member_that_cannot_be_entered_is_told_three_times_and_tried_again(post: Post) -> None:
    policy = Policy(accounts=(ACCOUNT, "210987654321"))
    alert = role_alert(account="210987654321")

    tries = [respond(of(alert), post.station(policy)) for _ in range(5)]
    swept = sweep(post.station(policy))

    assert [len(each.failed) for each in (*tries, swept)] == [1] * 6
    assert len(post.teller.messages) == 3


def test_a_refusal_is_told_however_many_deliveries_came_too_late(post: Post) -> None:
    policy = Policy(accounts=(ACCOUNT, "210987654321"))
    alert = role_alert(account="210987654321")
    left_by_a_dead_worker(post, *[alert] * 50)

    with_error = sweep(post.station(policy))

    assert len(with_error.failed) == 1
    assert len(post.teller.messages) == 1


class Killed(BaseException):
    """The function's time is over: nothing that it would still have done happens."""


class DyingClaims(FolderClaims):
    """The claims of a process that dies: it frees nothing on its way out."""

    def release(self, claim: Claim) -> None:
        del claim


def test_who_follows_one_that_died_holding_holds_no_longer_than_its_own_time(post: Post) -> None:
    rule = Rule(name="hold", then=Verdict.CONTAIN, options=RuleOptions(hold_seconds=600))
    policy = replace(post.policy, rules=(rule,))

    def dies() -> None:
        if post.time.seconds > 100:
            raise Killed

    post.time = FakeTime(post.cloud, thief=dies)
    claims = DyingClaims(post.folder / FILE_NAME, now=post.clouds.now)
    with pytest.raises(Killed):
        respond(of(key_alert()), replace(post.station(policy), claims=claims))
    post.pass_seconds(61)
    post.time = FakeTime(post.cloud)

    late = sweep(replace(post.station(policy), seconds_left=lambda: 200 - post.time.seconds))

    assert [each.verdict for each in late.answers] == [Verdict.CONTAIN]
    assert 0 < post.time.seconds < 200
    assert len(incidents(home=post.folder)) == 1

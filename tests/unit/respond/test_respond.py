"""One event, one response: contained, asked or told, and nothing for who comes too late."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fakes.alarms import CI, DEPLOY, KEY, key_alert, of, role_alert
from fakes.cloud import START, FakeCloud, refusal
from fakes.station import ACCOUNT, Post
from unleak.apply.claims_file import FolderClaims
from unleak.apply.state import FILE_NAME
from unleak.errors import MissingPermission, Throttled
from unleak.flow.history import incidents
from unleak.model.action import Holder, HolderType, KeyState
from unleak.model.alert import Sender
from unleak.model.claim import Claim, ClaimState
from unleak.model.outcome import Status
from unleak.model.plan import Scope
from unleak.model.policy_names import SESSION_POLICY
from unleak.model.principal import Principal, PrincipalType
from unleak.respond.policy import Default, Policy, Rule, Verdict
from unleak.respond.preview import preview
from unleak.respond.respond import respond
from unleak.respond.sweep import sweep


@pytest.fixture
def post(tmp_path: Path) -> Post:
    """A responder for an account with a role, and a user whose key leaked."""
    cloud = FakeCloud(account=ACCOUNT)
    cloud.add_role("deploy", tags=(("env", "prod"),))
    cloud.add_user("ci", keys=[KEY])
    return Post(cloud=cloud, folder=tmp_path)


def test_a_leaked_user_key_is_cut_off_at_once_and_people_are_told_once(post: Post) -> None:
    responded = respond(of(key_alert()), post.station())

    (answer,) = responded.answers
    assert answer.verdict is Verdict.CONTAIN
    assert post.cloud.at(CI).keys[KEY] is KeyState.INACTIVE
    assert [each.id for each in incidents(home=post.folder)] == [answer.incident]
    assert [each.incident for each in post.teller.messages] == [answer.incident]
    claim = post.claims().look(f"key/{KEY}")
    assert claim is not None
    assert (claim.state, claim.incident) == (ClaimState.DONE, answer.incident)


def test_the_second_delivery_of_an_event_changes_nothing_and_tells_nobody(post: Post) -> None:
    respond(of(key_alert()), post.station())
    writes, told = len(post.cloud.calls), len(post.teller.messages)

    responded = respond(of(key_alert()), post.station())

    assert [each.verdict for each in responded.answers] == [None]
    assert (len(post.cloud.calls), len(post.teller.messages)) == (writes, told)
    assert len(incidents(home=post.folder)) == 1


def test_another_sender_that_names_the_same_key_gets_no_second_response(post: Post) -> None:
    respond(of(key_alert()), post.station())

    responded = respond(
        of(key_alert(sender=Sender.GUARDDUTY, id="finding-9", at=START - timedelta(hours=1))),
        post.station(),
    )

    assert [each.verdict for each in responded.answers] == [None]


def test_what_happened_after_the_response_had_ended_is_responded_to_anew(post: Post) -> None:
    respond(of(key_alert()), post.station())
    post.pass_seconds(600)

    later = key_alert(sender=Sender.GUARDDUTY, id="finding-9", at=post.clouds.now())
    responded = respond(of(later), post.station())

    assert [each.verdict for each in responded.answers] == [Verdict.CONTAIN]
    assert len(incidents(home=post.folder)) == 2


def test_a_hundred_deliveries_at_once_are_one_response(post: Post) -> None:
    with ThreadPoolExecutor(max_workers=100) as pool:
        all_responded = list(
            pool.map(lambda _: respond(of(key_alert()), post.station()), range(100))
        )

    verdicts = [answer.verdict for each in all_responded for answer in each.answers]
    assert verdicts.count(Verdict.CONTAIN) == 1
    assert verdicts.count(None) == 99
    assert len(incidents(home=post.folder)) == 1
    assert len(post.teller.messages) == 1


def test_a_whole_role_is_not_cut_without_a_person(post: Post) -> None:
    responded = respond(of(role_alert()), post.station())

    assert [each.verdict for each in responded.answers] == [Verdict.ASK]
    assert not post.cloud.calls
    assert post.teller.messages[0].link is not None
    assert post.teller.messages[0].link.startswith("https://respond.example/?approve=")


def test_one_session_of_a_role_is_cut_alone(post: Post) -> None:
    alert = role_alert(
        access_key_id="ASIALEAKEDSESSION001", session_name="ci-42", principal_id=None
    )

    responded = respond(of(alert), post.station())

    assert [each.verdict for each in responded.answers] == [Verdict.CONTAIN]
    policies = " ".join(post.cloud.at(DEPLOY).inline.values())
    assert ":ci-42" in policies
    assert list(post.cloud.at(DEPLOY).inline) == [SESSION_POLICY]


def test_the_rule_of_the_people_decides_and_says_how(post: Post) -> None:
    rule = Rule(name="tor", then=Verdict.CONTAIN, types=("*TorIPCaller",), principals=("role/*",))
    policy = replace(post.policy, rules=(rule,))

    responded = respond(of(role_alert()), post.station(policy))

    assert [(each.verdict, each.rule) for each in responded.answers] == [(Verdict.CONTAIN, "tor")]
    assert "AWSRevokeOlderSessions" in post.cloud.at(DEPLOY).inline


def test_a_rule_by_tags_that_cannot_be_read_asks_instead_of_acting(post: Post) -> None:
    rule = Rule(name="not prod", then=Verdict.CONTAIN, tags=(("env", "test"),))
    policy = replace(post.policy, rules=(rule,), default=Default.CONTAIN)
    post.clouds.untold_tags = MissingPermission("iam:GetRole is missing")

    responded = respond(of(role_alert()), post.station(policy))

    assert [each.verdict for each in responded.answers] == [Verdict.ASK]
    assert not post.cloud.calls


def test_telling_changes_nothing_and_is_done_once(post: Post) -> None:
    policy = replace(post.policy, default=Default.TELL)

    first = respond(of(key_alert()), post.station(policy))
    second = respond(of(key_alert()), post.station(policy))

    assert [each.verdict for each in (*first.answers, *second.answers)] == [Verdict.TELL, None]
    assert not post.cloud.calls
    assert len(post.teller.messages) == 1


@pytest.mark.parametrize("claimed", [ACCOUNT, None, "999999999999"])
def test_a_key_of_another_account_is_left_alone_whatever_the_event_says(
    post: Post, claimed: str | None
) -> None:
    post.cloud.account = "999999999999"

    responded = respond(of(key_alert(account=claimed)), post.station())

    assert [each.verdict for each in responded.answers] == [Verdict.IGNORE]
    assert post.claims().look(f"key/{KEY}") is None
    assert not post.cloud.calls


def test_a_role_that_was_made_anew_under_the_name_is_left_alone(post: Post) -> None:
    responded = respond(of(role_alert(principal_id="AROASOMEBODYELSE")), post.station())

    assert [each.verdict for each in responded.answers] == [Verdict.TELL]
    assert not post.cloud.calls
    assert "AROASOMEBODYELSE" in responded.answers[0].why


def test_an_event_that_names_nothing_is_told_once_and_touches_nothing(post: Post) -> None:
    alert = role_alert(principal=None)

    first = respond(of(alert), post.station())
    second = respond(of(alert), post.station())

    assert [each.verdict for each in (*first.answers, *second.answers)] == [Verdict.TELL, None]
    assert not post.cloud.calls


def test_one_alert_that_fails_stops_no_other(post: Post) -> None:
    gone = Principal(type=PrincipalType.ROLE, name="gone")

    responded = respond(of(role_alert(principal=gone), key_alert()), post.station())

    assert len(responded.failed) == 1
    assert post.cloud.at(CI).keys[KEY] is KeyState.INACTIVE


def test_a_throttled_response_is_free_for_the_next_delivery_at_once(post: Post) -> None:
    throttled = Throttled("slow down", error_code="Throttling", operation="GetCallerIdentity")
    questions = ("caller", "key_use", "users", "keys", "trail_events")
    post.cloud.failing.update(dict.fromkeys(questions, throttled))
    first = respond(of(key_alert()), post.station())
    post.cloud.failing.clear()

    second = respond(of(key_alert()), post.station())

    assert (len(first.failed), len(second.failed)) == (1, 0)
    assert [each.verdict for each in second.answers] == [Verdict.CONTAIN]


def test_what_stays_unknown_is_tried_three_times_and_then_left_to_people(post: Post) -> None:
    unknown = key_alert(access_key_id="ASIANOBODYKNOWSTHIS1")

    tries = [respond(of(unknown), post.station()) for _ in range(4)]

    assert [len(each.failed) for each in tries] == [1, 1, 0, 0]
    assert [each.answers[0].verdict for each in tries[2:]] == [Verdict.TELL, None]
    assert len(post.teller.messages) == 3
    assert sweep(post.station()).answers == ()


def test_people_who_cannot_be_reached_do_not_stop_a_containment(post: Post) -> None:
    post.teller.is_broken = True

    responded = respond(of(key_alert()), post.station())

    assert post.cloud.at(CI).keys[KEY] is KeyState.INACTIVE
    assert [each.delivery for each in responded.answers[0].told] == ["silent"]


class Killed(BaseException):
    """The process ends here: nothing that it would still have done happens."""


class DyingClaims(FolderClaims):
    """The claims of a process that dies: it frees nothing on its way out."""

    def release(self, claim: Claim) -> None:
        del claim


class UnfinishedClaims(DyingClaims):
    """The process dies when all is done and told, before that is noted."""

    def finish(self, claim: Claim, *, incident: str | None, status: Status) -> Claim:
        del claim, incident, status
        raise Killed


def die_at(post: Post, dies_at: int) -> None:
    """End the process at the n-th change or message of a response."""
    seen = iter(range(10_000))

    def step(_: object = None) -> None:
        if next(seen) == dies_at:
            raise Killed

    post.cloud.on_call = step
    post.teller.on_tell = step


@pytest.mark.parametrize("dies_at", range(4))
def test_whoever_dies_is_followed_by_one_that_finishes_the_same_incident(
    post: Post, dies_at: int
) -> None:
    die_at(post, dies_at)
    claims = DyingClaims(post.folder / FILE_NAME, now=post.clouds.now)
    with pytest.raises(Killed):
        respond(of(key_alert()), replace(post.station(), claims=claims))
    post.cloud.on_call = post.teller.on_tell = None

    early = respond(of(key_alert()), post.station())
    post.pass_seconds(61)
    late = sweep(post.station())

    assert [each.verdict for each in early.answers] == [None]
    assert [each.verdict for each in late.answers] == [Verdict.CONTAIN]
    assert post.cloud.at(CI).keys[KEY] is KeyState.INACTIVE
    assert len(incidents(home=post.folder)) == 1
    assert sweep(post.station()).answers == ()


def test_who_dies_between_the_message_and_the_end_is_followed_by_one_that_tells_again(
    post: Post,
) -> None:
    claims = UnfinishedClaims(post.folder / FILE_NAME, now=post.clouds.now)
    with pytest.raises(Killed):
        respond(of(key_alert()), replace(post.station(), claims=claims))
    writes = len(post.cloud.calls)
    post.pass_seconds(61)

    late = sweep(post.station())

    assert [each.verdict for each in late.answers] == [Verdict.CONTAIN]
    assert len(post.cloud.calls) == writes
    assert len(post.teller.messages) == 2
    assert len(incidents(home=post.folder)) == 1


def test_a_dry_run_claims_nothing_and_tells_nobody(post: Post) -> None:
    responded = preview(of(key_alert(), role_alert()), post.station())

    assert [each.verdict for each in responded.answers] == [Verdict.CONTAIN, Verdict.ASK]
    assert all(each.steps for each in responded.answers)
    assert not post.cloud.calls
    assert not post.teller.messages
    assert post.claims().look(f"key/{KEY}") is None


def test_a_member_account_is_entered_for_an_alert_about_it(post: Post) -> None:
    member = FakeCloud(account="210987654321")
    member.add_user("bob", keys=[KEY])
    post.cloud.members["210987654321"] = member
    post.clouds.accounts_of_keys[KEY] = "210987654321"
    policy = Policy(accounts=(ACCOUNT, "210987654321"))

    responded = respond(of(key_alert(account="210987654321")), post.station(policy))

    assert [each.verdict for each in responded.answers] == [Verdict.CONTAIN]
    assert member.at(Holder(type=HolderType.USER, name="bob")).keys[KEY] is KeyState.INACTIVE
    assert not post.cloud.calls


def test_the_scope_of_a_rule_wins_over_the_narrowest(post: Post) -> None:
    rule = Rule(name="all of it", then=Verdict.CONTAIN)
    rule = replace(rule, options=replace(rule.options, scope=Scope.PRINCIPAL))
    alert = role_alert(access_key_id="ASIALEAKEDSESSION001", session_name="ci-42")

    respond(of(alert), post.station(replace(post.policy, rules=(rule,))))

    assert "AWSRevokeOlderSessions" in post.cloud.at(DEPLOY).inline


def test_a_response_that_stays_partial_is_gone_on_with_by_the_next_delivery(post: Post) -> None:
    post.cloud.failing["put_inline_policy"] = refusal(code="ServiceFailure", operation="Put")
    first = respond(of(key_alert()), post.station())
    post.cloud.failing.clear()

    second = respond(of(key_alert()), post.station())

    assert first.answers[0].status in {Status.PARTIAL, Status.FAILED}
    assert second.answers[0].incident == first.answers[0].incident
    assert "AWSRevokeOlderSessions" in post.cloud.at(CI).inline
    assert len(incidents(home=post.folder)) == 1

"""What CloudTrail's events say of a cut credential, and what its silence does not say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import START
from fakes.trail import trail_event
from unit.verify.world import CUTOFF, ROLE, THIEF, deny_step, deny_text, role_session, step_of
from unleak.model.action import Holder, HolderType, KeyState, SetKeyStatus
from unleak.model.credential import Credential, CredentialKind
from unleak.model.principal import Principal, PrincipalType
from unleak.model.proof import Check, CheckOutcome, Level
from unleak.verify.level import claims_of, reached
from unleak.verify.subject import Subject
from unleak.verify.trail_call import read_call
from unleak.verify.trail_watch import Look, judge_trail, quarries_of

if TYPE_CHECKING:
    from unleak.model.ports import TrailEvent

ENFORCED = CUTOFF + timedelta(seconds=10)
LATER = CUTOFF + timedelta(minutes=2)
OLD = START - timedelta(minutes=5)
KEY = "AKIALEAKEDLEAKEDLEAK"
LOOK = Look(
    enforced_at=ENFORCED,
    until=CUTOFF + timedelta(minutes=16),
    cutoff=CUTOFF,
    regions=("us-east-1", "eu-west-1"),
    missed={},
)
LEAK = Subject(credentials=(role_session(),), steps=(deny_step(),), cutoff=CUTOFF)
BOB = Holder(type=HolderType.USER, name="bob")


def key_leak() -> Subject:
    """A user's key, made inactive, with the deny on the user."""
    off = SetKeyStatus(user="bob", key_id=KEY, before=KeyState.ACTIVE, after=KeyState.INACTIVE)
    credential = Credential(
        access_key_id=KEY,
        kind=CredentialKind.USER_KEY,
        principal=Principal(type=PrincipalType.USER, name="bob"),
    )
    steps = (step_of(off), deny_step(holder=BOB))
    return Subject(credentials=(credential,), steps=steps, cutoff=CUTOFF)


def judge(*events: TrailEvent, subject: Subject = LEAK, look: Look = LOOK) -> tuple[Check, ...]:
    calls = [call for each in events if (call := read_call(each)) is not None]
    return judge_trail(quarries_of(subject), calls, look)


def named(checks: tuple[Check, ...], name: str, target: str = THIEF) -> Check | None:
    found = [each for each in checks if (each.name, each.target) == (name, target)]
    return found[0] if found else None


def test_a_call_of_the_leaked_session_that_was_served_later_is_life_as_good_as_a_probe() -> None:
    checks = judge(trail_event("e", at=LATER, region="eu-west-1"))

    seen = named(checks, "trail-served")
    assert seen is not None
    assert (seen.level, seen.outcome) == (Level.LIVE, CheckOutcome.REFUTED)
    assert seen.detail.endswith("ListBuckets in eu-west-1 at 2026-11-24T07:02:02Z from 203.0.113.9")
    assert (seen.region, seen.at) == ("eu-west-1", LATER)
    assert reached(checks, claims_of(LEAK)) == (Level.NONE, False)


def test_a_dry_run_that_would_have_succeeded_counts_as_served() -> None:
    checks = judge(trail_event("e", at=LATER, error="Client.DryRunOperation"))

    assert named(checks, "trail-served") is not None


def test_a_call_from_before_the_deny_was_in_force_is_no_surprise() -> None:
    checks = judge(trail_event("e", at=ENFORCED - timedelta(seconds=1)))

    assert named(checks, "trail-served") is None


def test_another_old_session_of_the_role_is_life_and_a_new_one_is_not() -> None:
    new = LATER - timedelta(minutes=1)

    old = judge(trail_event("e", at=LATER, key_id="ASIAOTHER", issued_at=OLD))
    spared = judge(trail_event("e", at=LATER, key_id="ASIAOTHER", issued_at=new))

    assert named(old, "trail-served", ROLE.label) is not None
    assert named(spared, "trail-served", ROLE.label) is None


def test_a_session_of_another_role_under_the_same_name_is_not_ours_to_judge() -> None:
    checks = judge(trail_event("e", at=LATER, key_id="ASIAOTHER", role="other", issued_at=OLD))

    assert {each.name for each in checks} == {"trail-silence"}


def test_a_deny_of_one_session_name_makes_no_other_name_old() -> None:
    step = deny_step(deny_text(user_id="AROAX:thief"))
    subject = replace(LEAK, steps=(step,))

    checks = judge(
        trail_event("e", at=LATER, key_id="ASIAOTHER", session="honest", issued_at=OLD),
        subject=subject,
    )

    assert named(checks, "trail-served", ROLE.label) is None


def test_refused_attempts_show_that_somebody_still_holds_it_and_prove_nothing() -> None:
    checks = judge(
        trail_event("a", at=LATER, error="AccessDenied"),
        trail_event("b", at=LATER + timedelta(seconds=9), error="Client.UnauthorizedOperation"),
    )

    seen = named(checks, "trail-attempts")
    assert seen is not None
    assert (seen.level, seen.outcome) == (Level.NONE, CheckOutcome.INCONCLUSIVE)
    assert seen.detail.startswith("the thief still tries: 2 refused attempts, last ListBuckets")
    assert named(checks, "trail-silence") is not None


def test_our_own_refused_probes_are_not_blamed_on_the_thief() -> None:
    ours = trail_event("a", at=LATER, error="AccessDenied", agent="Botocore/1.40 unleak/0.1.0")

    assert named(judge(ours), "trail-attempts") is None


def test_a_thief_who_calls_himself_unleak_hides_nothing_that_was_served() -> None:
    checks = judge(trail_event("a", at=LATER, agent="unleak/0.1.0"))

    assert named(checks, "trail-served") is not None


def test_a_failure_that_is_no_refusal_is_told_and_proves_nothing() -> None:
    checks = judge(trail_event("a", at=LATER, error="NoSuchBucket"))

    seen = named(checks, "trail-failures")
    assert seen is not None
    assert seen.outcome is CheckOutcome.INCONCLUSIVE


@pytest.mark.parametrize("name", ["GetCallerIdentity", "GetSessionToken"])
def test_what_no_deny_can_stop_counts_only_for_a_key_that_is_off(name: str) -> None:
    session = judge(trail_event("a", at=LATER, name=name))
    key = judge(trail_event("a", at=LATER, name=name, key_id=KEY, user="bob"), subject=key_leak())

    assert named(session, "trail-served") is None
    assert named(key, "trail-served", KEY) is not None


def test_aws_attaching_its_quarantine_in_the_victims_name_is_not_the_thief() -> None:
    quarantine = {"policyArn": "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"}
    by_aws = trail_event(
        "a",
        at=LATER,
        name="AttachUserPolicy",
        key_id=KEY,
        user="bob",
        source="AWS Internal",
        parameters=quarantine,
    )
    by_thief = trail_event(
        "b", at=LATER, name="AttachUserPolicy", key_id=KEY, user="bob", parameters=quarantine
    )

    assert named(judge(by_aws, subject=key_leak()), "trail-served", KEY) is None
    assert named(judge(by_thief, subject=key_leak()), "trail-served", KEY) is not None


def test_silence_is_said_and_raises_no_level() -> None:
    checks = judge()

    seen = named(checks, "trail-silence")
    assert seen is not None
    assert (seen.level, seen.outcome) == (Level.NONE, CheckOutcome.PROVEN)
    assert "in CloudTrail's event history of 2 regions" in seen.detail
    assert reached(checks, claims_of(LEAK)) == (Level.NONE, None)


@pytest.mark.parametrize(
    ("look", "words"),
    [
        (replace(LOOK, until=CUTOFF + timedelta(minutes=3)), "too early to tell"),
        (replace(LOOK, missed={"sa-east-1": "no"}), "not looked at: sa-east-1"),
    ],
)
def test_a_silence_with_a_gap_in_it_tells_nothing(look: Look, words: str) -> None:
    seen = named(judge(look=look), "trail-silence")

    assert seen is not None
    assert seen.outcome is CheckOutcome.INCONCLUSIVE
    assert words in seen.detail


def test_a_trail_that_nobody_may_read_is_skipped_with_the_reason() -> None:
    checks = judge(look=replace(LOOK, regions=(), missed={"us-east-1": "not allowed for us"}))

    assert {each.outcome for each in checks} == {CheckOutcome.SKIPPED}
    assert "not allowed for us" in checks[0].detail


def test_a_role_whose_sessions_nobody_knows_cannot_be_looked_up() -> None:
    bare = Credential(
        access_key_id=None,
        kind=CredentialKind.PRINCIPAL,
        principal=Principal(type=PrincipalType.ROLE, name="app"),
    )

    (seen,) = judge(subject=replace(LEAK, credentials=(bare,)))

    assert seen.outcome is CheckOutcome.SKIPPED


def test_hostile_text_is_never_repeated() -> None:
    hostile = trail_event(
        "a", at=LATER, name="Get\u202eX\nalive", source="<b>\x1b[31m</b>", session="\x1b[2J"
    )

    seen = named(judge(hostile), "trail-served")

    assert seen is not None
    assert seen.detail.isprintable()
    assert "a call with an unreadable name" in seen.detail
    assert "an unreadable address" in seen.detail


@pytest.mark.parametrize("document", ["", "[]", "{", '"x"'])
def test_an_event_that_is_no_record_is_left_out(document: str) -> None:
    event = replace(trail_event("a", at=LATER), document=document)

    assert read_call(event) is None

"""The whole climb against a cloud that enforces late, place by place, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import START
from unit.verify.world import (
    ACCOUNT,
    CUTOFF,
    EXPLICIT,
    ROLE,
    THIEF,
    World,
    always,
    answer,
    deny_step,
    deny_text,
    role_session,
    session_of,
    step_of,
)
from unleak.errors import MissingPermission, ResponderCredentials
from unleak.model.action import Holder, HolderType, KeyState, SetKeyStatus
from unleak.model.credential import Credential, CredentialKind, FoundCredential, How
from unleak.model.ports import Denial
from unleak.model.principal import Principal, PrincipalType
from unleak.model.proof import Check, CheckOutcome, Level, Verification
from unleak.model.secret import Secret
from unleak.verify.baseline import Baseline
from unleak.verify.ladder import verify
from unleak.verify.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from unleak.model.ports import ProbeAnswer

LEAK = session_of(THIEF)
KEY = "AKIALEAKEDLEAKEDLEAK"
HOME = ("us-east-1",)
BOTH = ("us-east-1", "eu-west-1")


def subject_of(world: World, *, leaked: bool = True, canary: bool = False) -> Subject:
    return Subject(
        credentials=(role_session(),),
        steps=(deny_step(),),
        cutoff=CUTOFF,
        leaked=(LEAK,) if leaked else (),
        canaries=(world.canary(),) if canary else (),
    )


def climb(
    world: World,
    subject: Subject,
    *,
    regions: tuple[str, ...] = HOME,
    wanted: Level | None = None,
    timeout: float = 60.0,
    baseline: Baseline | None = None,
    more_regions: Callable[[], tuple[str, ...]] = tuple,
) -> Verification:
    return verify(
        subject,
        reader=world,
        prober=world,
        regions=regions,
        wanted=wanted,
        timeout_seconds=timeout,
        accepted_at=0.0,
        baseline=baseline,
        more_regions=more_regions,
        pause=world.pause,
        monotonic=world.monotonic,
    )


def check(found: Verification, name: str, *, region: str | None = None) -> Check:
    (only,) = [
        each
        for each in found.checks
        if each.name == name and (region is None or each.region == region)
    ]
    return only


def test_a_session_that_is_refused_everywhere_is_proven_dead_live() -> None:
    world = World()
    world.deny()

    found = climb(world, subject_of(world), regions=BOTH)

    assert (found.level, found.effective) == (Level.LIVE, True)
    assert found.new_sessions_work is True
    assert found.seconds_to_effect == 0.0
    assert check(found, "read-back-put-role-policy").outcome is CheckOutcome.PROVEN


def test_the_time_to_effect_is_that_of_the_slowest_place() -> None:
    world = World(
        allowed=frozenset({"s3", "sqs"}),
        lag={("s3", "us-east-1"): 1.0, ("s3", "eu-west-1"): 4.0},
    )
    world.deny()

    found = climb(world, subject_of(world), regions=BOTH)

    assert found.effective is True
    assert found.seconds_to_effect is not None
    assert 4.0 <= found.seconds_to_effect <= 6.0


def test_one_region_that_still_serves_after_the_deadline_refutes_it() -> None:
    world = World(lag={("s3", "us-east-1"): 1.0, ("s3", "eu-west-1"): 1e6})
    world.deny()

    found = climb(world, subject_of(world), regions=BOTH, timeout=10)

    assert (found.level, found.effective) == (Level.NONE, False)
    assert check(found, "live-s3", region="eu-west-1").outcome is CheckOutcome.REFUTED
    assert found.seconds_to_effect is not None


def test_a_deny_that_never_arrives_is_refuted_though_it_reads_back_well() -> None:
    world = World(lag={("s3", "us-east-1"): 1e6, ("sqs", "us-east-1"): 1e6})
    world.deny()

    found = climb(world, subject_of(world), timeout=5)

    assert check(found, "read-back-put-role-policy").outcome is CheckOutcome.PROVEN
    assert (found.level, found.effective, found.seconds_to_effect) == (Level.NONE, False, None)


def test_a_role_that_may_call_nothing_is_waited_for_until_the_explicit_deny_shows() -> None:
    world = World(allowed=frozenset(), lag={("s3", "us-east-1"): 3.0, ("sqs", "us-east-1"): 3.0})
    world.deny()

    found = climb(world, subject_of(world))

    assert (found.level, found.effective) == (Level.LIVE, True)
    assert found.new_sessions_work is None


def test_read_back_alone_is_quick_and_never_effective() -> None:
    world = World()
    world.deny()

    found = climb(world, subject_of(world, canary=True), wanted=Level.READ_BACK)

    assert (found.level, found.effective) == (Level.READ_BACK, None)
    assert (world.pauses, world.probes) == ([], [])


def test_a_canary_proves_it_without_the_stolen_secret() -> None:
    world = World()
    subject = subject_of(world, leaked=False, canary=True)
    world.deny()

    found = climb(world, subject)

    assert (found.level, found.effective, found.new_sessions_work) == (Level.CANARY, True, True)
    assert check(found, "live").outcome is CheckOutcome.SKIPPED


def test_wanting_the_canary_rung_does_not_sign_with_the_leak() -> None:
    world = World()
    subject = subject_of(world, canary=True)
    world.deny()

    found = climb(world, subject, wanted=Level.CANARY)

    assert found.level is Level.CANARY
    assert THIEF not in {key_id for key_id, _, _ in world.probes}


def test_a_canary_from_after_the_cut_off_is_skipped_and_not_called_alive() -> None:
    world = World()
    world.fake_clock.move(timedelta(seconds=5))
    subject = subject_of(world, leaked=False, canary=True)
    world.deny()

    found = climb(world, subject)

    assert check(found, "canary").outcome is CheckOutcome.SKIPPED
    assert (found.level, found.effective) == (Level.READ_BACK, None)


def test_a_canary_of_another_name_says_nothing_about_the_deny_of_one_session() -> None:
    world = World()
    canary = world.canary()
    step = deny_step(deny_text(user_id="AROAAPP:thief"))
    subject = Subject(
        credentials=(role_session(),), steps=(step,), cutoff=CUTOFF, canaries=(canary,)
    )

    found = climb(world, subject)

    assert check(found, "canary").outcome is CheckOutcome.SKIPPED
    assert found.effective is None


def test_refusals_without_words_prove_it_when_a_new_session_is_served() -> None:
    world = World(words=False)
    world.deny()

    found = climb(world, subject_of(world))

    assert check(found, "live-s3").outcome is CheckOutcome.PROVEN
    assert check(found, "live-sqs").outcome is CheckOutcome.INCONCLUSIVE
    assert (found.level, found.effective) == (Level.LIVE, True)


def test_refusals_without_words_and_without_a_control_group_prove_nothing() -> None:
    world = World(words=False)
    world.deny()

    found = climb(world, replace(subject_of(world), may_mint=False))

    assert check(found, "live-s3").outcome is CheckOutcome.INCONCLUSIVE
    assert (found.level, found.effective) == (Level.READ_BACK, None)


def test_refusals_without_words_prove_it_when_the_same_call_was_served_before() -> None:
    world = World(words=False)
    baseline = Baseline(world, [LEAK], regions=HOME, monotonic=world.monotonic)
    baseline.run()
    baseline.seal()
    world.deny()

    found = climb(world, replace(subject_of(world), may_mint=False), baseline=baseline)

    assert check(found, "live-s3").outcome is CheckOutcome.PROVEN
    assert check(found, "live-sqs").outcome is CheckOutcome.INCONCLUSIVE
    assert (found.level, found.effective) == (Level.LIVE, True)


def test_being_served_first_and_refused_later_is_a_proof_of_its_own() -> None:
    world = World(words=False, lag={("s3", "us-east-1"): 1.0})
    world.deny()

    found = climb(world, replace(subject_of(world), may_mint=False))

    assert check(found, "live-s3").outcome is CheckOutcome.PROVEN


def test_an_explicit_deny_that_was_there_before_the_cut_is_not_ours() -> None:
    world = World(answers=always("AccessDenied", EXPLICIT))
    baseline = Baseline(world, [LEAK], regions=HOME, monotonic=world.monotonic)
    baseline.run()
    baseline.seal()
    world.deny()

    found = climb(world, replace(subject_of(world), may_mint=False), baseline=baseline)

    assert found.effective is None


def test_an_explicit_deny_that_new_sessions_meet_as_well_proves_nothing() -> None:
    world = World(answers=always("AccessDenied", EXPLICIT))
    world.deny()

    found = climb(world, subject_of(world))

    assert found.new_sessions_work is False
    assert (found.level, found.effective) == (Level.READ_BACK, None)


def test_a_region_that_the_organization_forbids_is_no_proof() -> None:
    words = "User: x is not authorized to do y with an explicit deny in a service control policy"
    world = World(answers=always("AccessDenied", words))
    world.deny()

    found = climb(world, subject_of(world))

    assert (found.level, found.effective) == (Level.READ_BACK, None)


def test_services_that_the_cloud_lacks_are_dropped_after_one_round_and_listed() -> None:
    def lacking(_: FoundCredential, service: str, region: str) -> ProbeAnswer | None:
        if service == "sqs":
            return answer(service, region, "MethodNotAllowed", status=405)
        if service == "ec2":
            return answer(service, region, "Unreachable", status=0)
        return None

    world = World(services=("s3", "sqs", "ec2"), answers=lacking, words=False)
    world.deny()

    found = climb(world, subject_of(world))

    assert found.effective is True
    assert check(found, "live-sqs").outcome is CheckOutcome.SKIPPED
    assert check(found, "live-ec2").outcome is CheckOutcome.SKIPPED
    assert [place for place in world.probes if place[1] == "ec2"] == [
        (THIEF, "ec2", "us-east-1"),
    ]


def test_an_unreachable_cloud_proves_nothing() -> None:
    world = World(answers=always("Unreachable", status=0))
    world.deny()

    found = climb(world, subject_of(world))

    assert (found.level, found.effective) == (Level.READ_BACK, None)
    assert check(found, "live-s3").outcome is CheckOutcome.SKIPPED


def test_a_bad_signature_is_neither_life_nor_death() -> None:
    world = World(answers=always("SignatureDoesNotMatch"))
    world.deny()

    found = climb(world, subject_of(world))

    assert (found.level, found.effective) == (Level.READ_BACK, None)
    assert check(found, "live-s3").outcome is CheckOutcome.INCONCLUSIVE


def test_a_signature_that_only_one_service_minds_is_that_service_s_affair() -> None:
    def picky(_: FoundCredential, service: str, region: str) -> ProbeAnswer | None:
        return answer(service, region, "SignatureDoesNotMatch") if service == "sqs" else None

    world = World(answers=picky)
    world.deny()

    found = climb(world, subject_of(world))

    assert check(found, "live-sqs").outcome is CheckOutcome.SKIPPED
    assert found.effective is True


def test_a_session_nobody_ever_recognised_may_be_a_damaged_copy() -> None:
    world = World(answers=always("InvalidClientTokenId"))
    world.deny()

    found = climb(world, replace(subject_of(world), may_mint=False))

    assert found.effective is None


def test_a_session_that_was_asked_before_and_is_recognised_no_more_is_dead() -> None:
    world = World(answers=always("InvalidClientTokenId"))
    world.deny()
    asked = replace(role_session(), how=(How.ASKED_LEAKED,))
    subject = replace(subject_of(world), credentials=(asked,), may_mint=False)

    found = climb(world, subject)

    assert (found.level, found.effective) == (Level.LIVE, True)


def test_a_dead_key_in_one_service_is_no_proof_while_another_one_serves_it() -> None:
    def split(_: FoundCredential, service: str, region: str) -> ProbeAnswer:
        code = "InvalidAccessKeyId" if service == "s3" else ""
        return answer(service, region, code)

    world = World(services=("s3", "sqs"), answers=split)
    world.deny()
    asked = replace(role_session(), how=(How.ASKED_LEAKED,))

    found = climb(world, replace(subject_of(world), credentials=(asked,)), timeout=3)

    assert check(found, "live-s3").outcome is CheckOutcome.INCONCLUSIVE
    assert found.effective is False


def test_get_caller_identity_never_speaks_for_or_against_a_deny() -> None:
    world = World(services=("sts",))
    world.deny()

    found = climb(world, subject_of(world))

    assert check(found, "live-sts").outcome is CheckOutcome.INCONCLUSIVE
    assert (found.level, found.effective) == (Level.READ_BACK, None)


def test_an_expired_session_is_dead_of_age_and_tells_no_time_to_effect() -> None:
    world = World(answers=always("ExpiredToken", status=400))
    world.deny()

    found = climb(world, subject_of(world))

    assert (found.effective, found.seconds_to_effect) == (True, None)
    assert "age" in check(found, "live-s3").detail


def test_a_throttled_answer_neither_counts_nor_breaks_the_run() -> None:
    rounds = {"count": 0}

    def throttling(_: FoundCredential, service: str, region: str) -> ProbeAnswer:
        rounds["count"] += 1
        if rounds["count"] == 2:
            return answer(service, region, "Throttling")
        return answer(service, region, "AccessDenied", EXPLICIT)

    world = World(services=("s3",), answers=throttling)
    world.deny()

    found = climb(world, replace(subject_of(world), may_mint=False))

    assert found.effective is True
    assert rounds["count"] == 4


def test_too_few_refusals_before_the_deadline_are_inconclusive() -> None:
    world = World()
    world.deny()

    found = climb(world, replace(subject_of(world), may_mint=False), timeout=0)

    assert check(found, "live-s3").outcome is CheckOutcome.INCONCLUSIVE
    assert found.effective is None


def test_a_place_that_serves_again_in_the_last_round_is_heard() -> None:
    def relapsing(credential: FoundCredential, service: str, region: str) -> ProbeAnswer | None:
        minted = len(world.issued) > 1
        return answer(service, region) if minted and credential is LEAK else None

    world = World(answers=relapsing)
    world.deny()

    found = climb(world, subject_of(world), timeout=5)

    assert found.effective is False


def test_when_our_own_session_is_cut_the_live_probe_still_goes_on() -> None:
    world = World()
    world.deny()
    for method in ("inline_policy", "simulate", "assume_role", "role"):
        world.failing[method] = MissingPermission("not allowed any more")

    found = climb(world, subject_of(world))

    assert check(found, "read-back-put-role-policy").outcome is CheckOutcome.SKIPPED
    assert (found.level, found.effective, found.new_sessions_work) == (Level.LIVE, True, None)


def test_expired_responder_credentials_are_told_and_prove_nothing() -> None:
    world = World()
    world.deny()
    for method in ("inline_policy", "simulate", "assume_role"):
        world.failing[method] = ResponderCredentials("expired")

    found = climb(world, subject_of(world, leaked=False))

    assert (found.level, found.effective) == (Level.NONE, None)


def test_two_leaks_are_as_proven_as_the_weaker_one() -> None:
    world = World()
    world.deny()
    other = Principal(type=PrincipalType.ROLE, name="other")
    unseen = Credential(
        access_key_id="ASIAOTHEROTHEROTHERO", kind=CredentialKind.ROLE_SESSION, principal=other
    )
    subject = replace(subject_of(world), credentials=(role_session(), unseen))

    found = climb(world, subject)

    assert (found.level, found.effective) == (Level.NONE, None)


def key_subject(*, dead: bool = True) -> Subject:
    user = Principal(type=PrincipalType.USER, name="bob", arn=f"arn:aws:iam::{ACCOUNT}:user/bob")
    off = SetKeyStatus(user="bob", key_id=KEY, before=KeyState.ACTIVE, after=KeyState.INACTIVE)
    holder = Holder(type=HolderType.USER, name="bob")
    return Subject(
        credentials=(Credential(access_key_id=KEY, kind=CredentialKind.USER_KEY, principal=user),),
        steps=(step_of(off), deny_step(holder=holder)) if dead else (deny_step(holder=holder),),
        cutoff=CUTOFF,
        leaked=(FoundCredential(access_key_id=KEY, secret=Secret("s")),),
    )


def key_world(code: str = "InvalidClientTokenId") -> World:
    world = World(services=("sts", "sqs"), answers=always(code))
    bob = world.add_user("bob", keys=[KEY])
    world.at(bob).keys[KEY] = KeyState.INACTIVE
    world.at(bob).inline["AWSRevokeOlderSessions"] = deny_text()
    return world


def test_a_deactivated_key_is_proven_dead_by_not_being_recognised() -> None:
    found = climb(key_world(), key_subject())

    assert (found.level, found.effective) == (Level.LIVE, True)
    assert check(found, "live-sts").outcome is CheckOutcome.PROVEN
    assert "outlive" in check(found, "live").detail


def test_a_deactivated_key_that_caller_identity_still_knows_is_alive() -> None:
    def half(_: FoundCredential, service: str, region: str) -> ProbeAnswer:
        return answer(service, region, "" if service == "sts" else "UnrecognizedClientException")

    world = key_world()
    world.answers = half

    found = climb(world, key_subject(), timeout=3)

    assert found.effective is False


def test_a_key_that_nobody_took_out_of_service_is_not_dead_for_being_mistyped() -> None:
    found = climb(key_world(), key_subject(dead=False))

    assert found.effective is None


def test_auth_failure_alone_may_be_a_wrong_secret() -> None:
    found = climb(key_world("AuthFailure"), key_subject())

    assert found.effective is None


def test_a_key_without_its_secret_is_no_more_than_read_back() -> None:
    found = climb(key_world(), replace(key_subject(), leaked=()))

    assert (found.level, found.effective) == (Level.READ_BACK, None)


@pytest.mark.parametrize("seconds", [0.0, 90.0])
def test_the_second_of_the_cut_off_is_waited_out_before_a_new_session_is_minted(
    seconds: float,
) -> None:
    world = World()
    world.fake_clock.move(timedelta(seconds=seconds))
    world.deny()

    found = climb(world, subject_of(world, leaked=False))

    fresh = [at for key_id, at in world.issued.items() if key_id != THIEF]
    assert fresh
    assert all(at >= CUTOFF for at in fresh)
    assert found.new_sessions_work is True


def test_a_cut_off_far_ahead_is_not_waited_for() -> None:
    world = World()
    far = START + timedelta(hours=1)
    world.deny(deny_text(far))
    subject = replace(
        subject_of(world, leaked=False), steps=(deny_step(deny_text(far)),), cutoff=far
    )

    found = climb(world, subject)

    assert found.new_sessions_work is None
    assert check(found, "new-session-served").outcome is CheckOutcome.SKIPPED
    assert ROLE.name not in world.issued


def test_no_secret_reaches_a_check() -> None:
    world = World()
    world.deny()
    leak = FoundCredential(
        access_key_id=THIEF, secret=Secret("hush-hush"), session_token=Secret("whisper")
    )

    found = climb(world, replace(subject_of(world), leaked=(leak,)))

    assert "hush" not in repr(found)
    assert "whisper" not in repr(found)


def decodable(world: World, denial: Denial | None, *, code: str = "encoded") -> None:
    """Let EC2 refuse as AWS does: with an encoded message that the account may decode."""

    def tell(_: FoundCredential, service: str, region: str) -> ProbeAnswer | None:
        if service != "ec2":
            return None
        refused = answer(service, region, "UnauthorizedOperation", "not authorized")
        return replace(refused, encoded=Secret(code))

    world.answers = tell
    world.services = ("s3", "ec2")
    if denial is not None:
        world.denials[code] = denial


def test_a_decoded_denial_by_our_own_statement_is_proof_and_is_named() -> None:
    world = World()
    world.deny()
    decodable(world, Denial(is_explicit=True, sids=("UnleakOlderSessions",)))

    found = climb(world, subject_of(world))

    seen = check(found, "live-ec2")
    assert seen.outcome is CheckOutcome.PROVEN
    assert "an explicit deny by our own statement UnleakOlderSessions" in seen.detail


@pytest.mark.parametrize(
    ("denial", "words"),
    [
        (Denial(is_explicit=True, sids=("Theirs",)), "no statement of ours"),
        (Denial(is_explicit=False), "nothing allows it"),
    ],
)
def test_a_decoded_denial_that_is_not_our_doing_proves_nothing(denial: Denial, words: str) -> None:
    world = World()
    world.deny()
    decodable(world, denial)

    seen = check(climb(world, subject_of(world)), "live-ec2")

    assert seen.outcome is CheckOutcome.INCONCLUSIVE
    assert words in seen.detail


@pytest.mark.parametrize("denial", [None, Denial(is_explicit=True, sids=("",))])
def test_a_denial_that_is_not_decoded_or_names_nobody_changes_nothing(
    denial: Denial | None,
) -> None:
    world = World()
    world.deny()
    decodable(world, denial)

    seen = check(climb(world, subject_of(world)), "live-ec2")

    assert "nothing shows that it was served before" in seen.detail


def test_no_right_to_decode_is_no_error_and_is_not_asked_twice() -> None:
    world = World(services=("s3", "ec2"))
    world.deny()
    decodable(world, None)
    world.failing["decode_denial"] = MissingPermission("no")

    found = climb(world, subject_of(world), regions=BOTH)

    assert found.effective is True
    assert world.asked.count("decode_denial") == 1

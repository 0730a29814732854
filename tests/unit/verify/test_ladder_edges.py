"""Where a hasty ladder would say too much, or wait for nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unit.verify.test_ladder import (
    HOME,
    KEY,
    LEAK,
    check,
    climb,
    key_subject,
    key_world,
    subject_of,
)
from unit.verify.world import (
    CUTOFF,
    EXPLICIT,
    IMPLICIT,
    ROLE,
    THIEF,
    World,
    always,
    answer,
    deny_step,
    deny_text,
    principal_of,
    role_session,
    step_of,
)
from unleak.model.action import DetachPolicy, Holder, HolderType, KeyState, SetKeyStatus
from unleak.model.credential import Credential, CredentialKind, FoundCredential, How
from unleak.model.plan import StepState
from unleak.model.principal import Principal, PrincipalType
from unleak.model.proof import CheckOutcome, Level
from unleak.verify.baseline import Baseline
from unleak.verify.subject import Canary, Subject, holder_of

if TYPE_CHECKING:
    from unleak.model.ports import ProbeAnswer

STRIP = step_of(DetachPolicy(holder=ROLE, policy_arn="arn:x"))
EVERYTHING = '{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}'


def test_a_session_narrower_than_its_role_is_not_proven_by_the_control_group() -> None:
    def narrow(credential: FoundCredential, service: str, region: str) -> ProbeAnswer | None:
        is_leak = credential.access_key_id == THIEF
        return answer(service, region, "AccessDenied", IMPLICIT) if is_leak else None

    world = World(services=("s3",), answers=narrow)
    world.deny()

    found = climb(world, subject_of(world), timeout=5)

    assert found.new_sessions_work is True
    assert check(found, "live-s3").outcome is CheckOutcome.INCONCLUSIVE
    assert found.effective is None


def test_a_deny_of_ours_from_an_earlier_run_still_proves_itself() -> None:
    world = World()
    world.deny()
    baseline = Baseline(world, [LEAK], regions=HOME, monotonic=world.monotonic)
    baseline.run()
    baseline.seal()
    already = replace(deny_step(), state=StepState.ALREADY)
    subject = replace(subject_of(world), steps=(already,), may_mint=False)

    found = climb(world, subject, baseline=baseline)

    assert check(found, "read-back-put-role-policy").outcome is CheckOutcome.PROVEN
    assert (found.level, found.effective) == (Level.LIVE, True)


def test_a_network_that_is_away_for_one_round_is_waited_for() -> None:
    def late(_: FoundCredential, service: str, region: str) -> ProbeAnswer | None:
        away = len(world.probes) <= len(world.services)
        return answer(service, region, "Unreachable", status=0) if away else None

    world = World(answers=late)
    world.deny()

    found = climb(world, replace(subject_of(world), may_mint=False))

    assert found.effective is True


def test_a_key_that_some_service_still_knows_is_waited_for() -> None:
    def slow(_: FoundCredential, service: str, region: str) -> ProbeAnswer:
        if service == "sqs" and world.monotonic() < 3:
            return answer(service, region, "AccessDenied", IMPLICIT)
        return answer(service, region, "InvalidClientTokenId")

    world = key_world()
    world.answers = slow

    found = climb(world, key_subject())

    assert found.effective is True
    assert found.seconds_to_effect is not None
    assert found.seconds_to_effect >= 3


def test_a_deny_that_takes_over_from_an_implicit_refusal_is_timed_from_its_own_first_answer() -> (
    None
):
    world = World(allowed=frozenset(), lag={("s3", "us-east-1"): 3.0, ("sqs", "us-east-1"): 3.0})
    world.deny()

    found = climb(world, replace(subject_of(world), may_mint=False))

    assert found.effective is True
    assert found.seconds_to_effect is not None
    assert found.seconds_to_effect >= 3
    assert "3 times" in check(found, "live-s3").detail


def test_no_deny_is_waited_for_where_permissions_were_stripped_instead() -> None:
    world = World(answers=always("AccessDenied", IMPLICIT))
    subject = replace(subject_of(world), steps=(STRIP,))

    climb(world, subject)

    assert world.monotonic() < 5


def test_a_service_that_served_and_then_fell_silent_is_asked_on() -> None:
    heard: list[str] = []

    def moody(_: FoundCredential, service: str, region: str) -> ProbeAnswer:
        heard.append(service)
        if len(heard) == 1:
            return answer(service, region)
        if len(heard) < 7:
            return answer(service, region, "Throttling")
        return answer(service, region, "AccessDenied", EXPLICIT)

    world = World(services=("s3",), answers=moody)
    world.deny()

    found = climb(world, replace(subject_of(world), may_mint=False))

    assert found.effective is True


def test_a_service_that_served_and_never_answered_again_counts_as_alive() -> None:
    heard: list[str] = []

    def mute(_: FoundCredential, service: str, region: str) -> ProbeAnswer:
        heard.append(service)
        return answer(service, region, "" if len(heard) == 1 else "Throttling")

    world = World(services=("s3",), answers=mute)
    world.deny()

    found = climb(world, replace(subject_of(world), may_mint=False), timeout=5)

    assert found.effective is False
    assert "not answered since" in check(found, "live-s3").detail


def asked(world: World) -> Subject:
    known = replace(role_session(), how=(How.ASKED_LEAKED,))
    return replace(subject_of(world), credentials=(known,))


def test_a_service_that_does_not_know_a_session_that_others_deny_adds_no_proof() -> None:
    def split(credential: FoundCredential, service: str, region: str) -> ProbeAnswer | None:
        is_unknown = service == "s3" and credential.access_key_id == THIEF
        return answer(service, region, "InvalidAccessKeyId") if is_unknown else None

    world = World(answers=split)
    world.deny()

    found = climb(world, asked(world))

    assert check(found, "live-s3").outcome is CheckOutcome.INCONCLUSIVE
    assert check(found, "live-sqs").outcome is CheckOutcome.PROVEN


def test_a_service_that_knows_no_valid_session_either_adds_no_proof() -> None:
    world = World(services=("s3",), answers=always("InvalidAccessKeyId"))
    world.deny()

    found = climb(world, asked(world))

    assert check(found, "live-s3").outcome is CheckOutcome.INCONCLUSIVE


def test_a_dead_key_is_no_proof_beside_a_service_that_minds_the_signature() -> None:
    def split(_: FoundCredential, service: str, region: str) -> ProbeAnswer:
        is_sts = service == "sts"
        code = "SignatureDoesNotMatch" if is_sts else "UnrecognizedClientException"
        return answer(service, region, code)

    world = key_world()
    world.answers = split

    found = climb(world, key_subject())

    assert check(found, "live-sqs").outcome is CheckOutcome.INCONCLUSIVE
    assert found.effective is None


def test_expired_here_and_served_there_is_not_expired() -> None:
    def split(_: FoundCredential, service: str, region: str) -> ProbeAnswer:
        return answer(service, region, "ExpiredToken" if service == "sqs" else "")

    world = World(answers=split)
    world.deny()

    found = climb(world, subject_of(world), timeout=2)

    assert check(found, "live-sqs").outcome is CheckOutcome.INCONCLUSIVE


def test_an_organization_s_deny_does_not_say_that_new_sessions_are_cut() -> None:
    words = "User: x is not authorized to do y with an explicit deny in a service control policy"
    world = World(answers=always("AccessDenied", words))
    world.deny()

    found = climb(world, subject_of(world))

    assert found.new_sessions_work is None


def test_nothing_is_minted_where_new_sessions_are_not_to_be_spared() -> None:
    world = World()
    world.deny(EVERYTHING)
    subject = replace(subject_of(world), steps=(deny_step(EVERYTHING),))

    found = climb(world, subject)

    assert list(world.issued) == [THIEF]
    assert check(found, "new-session-served").outcome is CheckOutcome.SKIPPED
    assert (found.level, found.effective, found.new_sessions_work) == (Level.LIVE, True, None)


def test_wanting_read_back_alone_asks_no_simulator() -> None:
    world = World()
    world.deny()

    climb(world, subject_of(world), wanted=Level.READ_BACK)

    assert not any("simulate" in each for each in world.asked)


def test_wanting_the_simulation_probes_nobody_and_mints_nothing() -> None:
    world = World()
    subject = subject_of(world, canary=True)
    world.deny()
    minted = len(world.issued)

    climb(world, subject, wanted=Level.SIMULATED)

    assert world.probes == []
    assert len(world.issued) == minted


def test_a_canary_sees_stripped_permissions_take_effect() -> None:
    def stripping(_: FoundCredential, service: str, region: str) -> ProbeAnswer:
        if world.monotonic() < 1:
            return answer(service, region)
        return answer(service, region, "AccessDenied", IMPLICIT)

    world = World(services=("s3",), answers=stripping)
    subject = replace(subject_of(world, leaked=False, canary=True), steps=(STRIP,))

    found = climb(world, subject)

    assert check(found, "canary-s3").outcome is CheckOutcome.PROVEN
    assert (found.level, found.effective) == (Level.CANARY, True)


def test_a_canary_of_the_leaked_session_s_name_stands_for_it() -> None:
    world = World(words=False, services=("s3",))
    session = world.assume_role("arn", session_name="thief")
    canary = Canary(holder=ROLE, session=session, minted_at=world.fake_clock.at)
    text = deny_text(user_id="AROAAPP:thief")
    world.deny(text)
    subject = Subject(
        credentials=(role_session(),), steps=(deny_step(text),), cutoff=CUTOFF, canaries=(canary,)
    )

    found = climb(world, subject)

    assert check(found, "canary-s3").target == "session/app/thief"
    assert (found.level, found.effective) == (Level.CANARY, True)


def test_a_federated_session_is_denied_on_the_user_who_made_it() -> None:
    bob = Principal(type=PrincipalType.USER, name="bob")
    guest = Principal(type=PrincipalType.FEDERATED_USER, name="guest")
    federated = Credential(
        access_key_id="ASIAX",
        kind=CredentialKind.FEDERATED_SESSION,
        principal=guest,
        parent=bob,
    )

    assert holder_of(federated) == Holder(type=HolderType.USER, name="bob")
    assert holder_of(replace(federated, parent=None)) is None


def test_a_key_that_was_switched_on_again_was_not_taken_out_of_service() -> None:
    back = SetKeyStatus(user="bob", key_id=KEY, before=KeyState.INACTIVE, after=KeyState.ACTIVE)

    assert key_subject().kills_key(KEY)
    assert not replace(key_subject(), steps=(step_of(back),)).kills_key(KEY)


def test_a_role_named_bare_is_proven_by_its_canary() -> None:
    world = World()
    named = Credential(access_key_id=None, kind=CredentialKind.PRINCIPAL, principal=principal_of())
    subject = replace(subject_of(world, leaked=False, canary=True), credentials=(named,))
    world.deny()

    found = climb(world, subject)

    assert (found.level, found.effective) == (Level.CANARY, True)
    assert KEY not in repr(found)

"""Sessions of our own, and what was measured before the cut."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import START
from unit.verify.world import (
    CUTOFF,
    EXPLICIT,
    ROLE,
    THIEF,
    World,
    answer,
    principal_of,
    session_of,
)
from unleak.errors import AwsFailure, MissingPermission, Throttled, UnleakError, Unreachable
from unleak.model.action import Holder, HolderType
from unleak.model.credential import FoundCredential
from unleak.model.principal import Principal, PrincipalType
from unleak.model.reading import Gap, Unknown
from unleak.verify.baseline import Baseline
from unleak.verify.canary import Control, ask_control, mint_canary
from unleak.verify.classify import Verdict
from unleak.verify.subject import Canary

if TYPE_CHECKING:
    from unleak.model.ports import ProbeAnswer


def test_a_canary_carries_the_time_it_was_minted_by_aws_s_clock() -> None:
    world = World()

    canary = mint_canary(world, principal_of(), name="unleak-canary-1")

    assert isinstance(canary, Canary)
    assert (canary.holder, canary.minted_at) == (ROLE, START)


def test_a_bare_role_name_is_looked_up_first() -> None:
    world = World()

    canary = mint_canary(world, Principal(type=PrincipalType.ROLE, name="app"))

    assert isinstance(canary, Canary)
    assert any("assume_role" in each for each in world.asked)


def test_nobody_else_can_mint_a_user_s_session() -> None:
    user = Principal(type=PrincipalType.USER, name="bob")

    found = mint_canary(World(), user)

    assert isinstance(found, Unknown)
    assert found.gap is Gap.UNSUPPORTED


@pytest.mark.parametrize(
    ("error", "gap"),
    [
        (MissingPermission("no"), Gap.DENIED),
        (Throttled("slow", error_code="Throttling", operation="AssumeRole"), Gap.THROTTLED),
        (Unreachable("gone"), Gap.UNREACHABLE),
        (AwsFailure("odd", error_code="Odd", operation="AssumeRole"), Gap.FAILED),
    ],
)
def test_a_canary_that_cannot_be_minted_is_unknown_with_its_reason(
    error: UnleakError, gap: Gap
) -> None:
    world = World()
    world.failing["assume_role"] = error

    found = mint_canary(world, principal_of())

    assert isinstance(found, Unknown)
    assert found.gap is gap


def control(world: World) -> Control | Unknown:
    return ask_control(
        principal_of(),
        cutoff=CUTOFF,
        places=[("s3", "us-east-1"), ("sqs", "us-east-1")],
        reader=world,
        prober=world,
        pause=world.pause,
    )


def test_a_new_session_that_a_service_serves_works() -> None:
    world = World()
    world.deny()

    found = control(world)

    assert isinstance(found, Control)
    assert found.works is True
    assert found.verdicts["s3", "us-east-1"] is Verdict.ALLOWED


def test_a_new_session_of_the_cut_off_s_own_second_gets_a_second_chance() -> None:
    world = World()
    world.deny()
    minted: list[str] = []

    def early(credential: FoundCredential, service: str, region: str) -> ProbeAnswer | None:
        if credential.access_key_id not in minted:
            minted.append(credential.access_key_id or "")
        is_first = credential.access_key_id == minted[0]
        return answer(service, region, "AccessDenied", EXPLICIT) if is_first else None

    world.answers = early

    found = control(world)

    assert isinstance(found, Control)
    assert found.works is True
    assert len(minted) == 2


def test_without_a_clock_the_wait_is_blind_but_there_is_one() -> None:
    world = World()
    world.fake_clock.at = None
    waited: list[float] = []

    def wake(seconds: float) -> None:
        waited.append(seconds)
        world.fake_clock.at = START + timedelta(seconds=seconds)

    ask_control(principal_of(), cutoff=CUTOFF, places=[], reader=world, prober=world, pause=wake)

    assert waited[0] >= 2


def test_only_answers_from_before_the_seal_count() -> None:
    world = World()
    baseline = Baseline(
        world, [session_of(THIEF)], regions=["us-east-1"], monotonic=world.monotonic
    )
    baseline.seal()

    baseline.run()

    assert baseline.before(THIEF, service="s3", region="us-east-1", accepted_at=99.0) is None


def test_an_answer_that_was_under_way_when_the_seal_fell_does_not_count() -> None:
    world = World()
    baseline = Baseline(
        world, [session_of(THIEF)], regions=["us-east-1"], monotonic=world.monotonic
    )

    def sealing(_: FoundCredential, service: str, region: str) -> ProbeAnswer:
        baseline.seal()
        return answer(service, region)

    world.answers = sealing

    baseline.run()

    assert baseline.before(THIEF, service="s3", region="us-east-1", accepted_at=99.0) is None


def test_a_baseline_that_was_never_sealed_counts_up_to_the_acceptance() -> None:
    world = World()
    world.pause(5.0)
    baseline = Baseline(
        world, [session_of(THIEF)], regions=["us-east-1"], monotonic=world.monotonic
    )

    baseline.run()

    def before(accepted_at: float | None) -> Verdict | None:
        return baseline.before(THIEF, service="s3", region="us-east-1", accepted_at=accepted_at)

    assert before(6.0) is Verdict.ALLOWED
    assert before(4.0) is None
    assert before(None) is None


def test_a_credential_that_cannot_sign_is_not_asked() -> None:
    world = World()

    Baseline(world, [FoundCredential(access_key_id=THIEF)], regions=["us-east-1"]).run()

    assert world.probes == []


def test_starting_a_baseline_waits_for_nobody() -> None:
    world = World()
    gate = threading.Event()

    def stuck(_: FoundCredential, service: str, region: str) -> ProbeAnswer:
        gate.wait(10)
        return answer(service, region)

    world.answers = stuck
    baseline = Baseline(world, [session_of(THIEF)], regions=["us-east-1"])
    began = time.monotonic()

    baseline.start()
    baseline.seal()

    assert time.monotonic() - began < 5
    gate.set()


def test_the_control_group_of_a_user_is_not_tried() -> None:
    holder = Holder(type=HolderType.USER, name="bob")

    assert isinstance(mint_canary(World(), principal_of(holder)), Unknown)

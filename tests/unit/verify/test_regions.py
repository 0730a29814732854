"""Every region enforces by itself: where it is asked, with what, and what it can never prove."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from unit.verify.test_ladder import climb, subject_of
from unit.verify.world import THIEF, World, answer
from unleak.model.proof import CheckOutcome

if TYPE_CHECKING:
    from unleak.model.credential import FoundCredential
    from unleak.model.ports import ProbeAnswer


def asked_in(world: World, region: str) -> set[str]:
    return {service for _, service, where in world.probes if where == region}


def test_other_regions_are_asked_with_the_service_that_was_seen_to_stop_serving() -> None:
    world = World(
        services=("s3", "sqs", "kms", "iam"),
        allowed=frozenset({"s3", "iam"}),
        lag={("s3", "us-east-1"): 1.0, ("iam", "us-east-1"): 1.0},
    )
    world.deny()

    climb(world, subject_of(world), regions=("us-east-1", "eu-west-1"))

    assert asked_in(world, "us-east-1") == {"s3", "sqs", "kms", "iam"}
    assert asked_in(world, "eu-west-1") == {"s3"}


def test_other_regions_are_asked_with_one_service_that_names_the_deny() -> None:
    world = World(services=("s3", "sqs", "kms", "iam"))
    world.deny()

    climb(world, subject_of(world), regions=("us-east-1", "eu-west-1"))

    assert asked_in(world, "eu-west-1") == {"sqs"}


def test_other_regions_are_asked_with_two_services_where_none_was_telling() -> None:
    world = World(services=("s3", "sqs", "kms", "iam"), words=False)
    world.deny()

    climb(world, subject_of(world), regions=("us-east-1", "eu-west-1"))

    assert asked_in(world, "eu-west-1") == {"s3", "sqs"}


def test_a_region_without_the_deny_is_alive_though_it_refuses_what_nothing_allows() -> None:
    world = World(services=("sqs",), lag={("sqs", "eu-west-1"): 1e6})
    world.deny()

    found = climb(world, subject_of(world), regions=("us-east-1", "eu-west-1"), timeout=10)

    assert [each.outcome for each in found.regions] == [CheckOutcome.PROVEN, CheckOutcome.REFUTED]
    assert found.effective is False


def test_further_regions_are_asked_for_only_when_home_has_settled() -> None:
    world = World(lag={("s3", "us-east-1"): 2.0})
    world.deny()
    settled_at: list[float] = []

    def more() -> tuple[str, ...]:
        settled_at.append(world.monotonic())
        return ("us-east-1", "eu-west-1", "sa-east-1")

    found = climb(world, subject_of(world), more_regions=more)

    assert settled_at[0] > 2.0
    assert [each.region for each in found.regions] == ["us-east-1", "eu-west-1", "sa-east-1"]
    assert {each.outcome for each in found.regions} == {CheckOutcome.PROVEN}


def test_a_region_that_lags_longer_than_home_is_waited_for_and_timed_by_itself() -> None:
    world = World(lag={("s3", "us-east-1"): 1.0, ("s3", "eu-west-1"): 9.0})
    world.deny()

    found = climb(world, subject_of(world), regions=("us-east-1", "eu-west-1", "sa-east-1"))

    home, late, quick = found.regions
    assert (home.outcome, late.outcome) == (CheckOutcome.PROVEN, CheckOutcome.PROVEN)
    assert home.seconds_to_effect is not None
    assert home.seconds_to_effect < 3.0
    assert late.seconds_to_effect == found.seconds_to_effect
    assert late.seconds_to_effect is not None
    assert late.seconds_to_effect >= 9.0
    assert quick.outcome is CheckOutcome.PROVEN


def test_a_region_that_serves_to_the_end_makes_the_credential_alive() -> None:
    world = World(lag={("s3", "us-east-1"): 1.0, ("s3", "eu-west-1"): 1e6})
    world.deny()

    found = climb(world, subject_of(world), regions=("us-east-1", "eu-west-1"))

    assert [each.outcome for each in found.regions] == [CheckOutcome.PROVEN, CheckOutcome.REFUTED]
    assert found.effective is False


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("Unreachable", 0, "could not be reached"),
        ("RegionDisabledException", 403, "switched off"),
        ("OptInRequired", 401, "switched off"),
    ],
)
def test_a_region_that_cannot_be_asked_is_skipped_with_the_reason(
    code: str, status: int, words: str
) -> None:
    def far(_: FoundCredential, service: str, region: str) -> ProbeAnswer | None:
        return answer(service, region, code, status=status) if region == "me-south-1" else None

    world = World(answers=far)
    world.deny()

    found = climb(world, subject_of(world), regions=("us-east-1", "me-south-1"))

    skipped = [each for each in found.checks if each.region == "me-south-1"]
    assert found.effective is True
    assert found.regions[1].outcome is CheckOutcome.SKIPPED
    assert {each.outcome for each in skipped} == {CheckOutcome.SKIPPED}
    assert all(words in each.detail for each in skipped)


def test_a_region_that_does_not_know_the_session_is_never_proof() -> None:
    def off(_: FoundCredential, service: str, region: str) -> ProbeAnswer | None:
        code = "UnrecognizedClientException"
        return answer(service, region, code) if region == "me-south-1" else None

    world = World(answers=off)
    world.deny()

    found = climb(world, subject_of(world), regions=("us-east-1", "me-south-1"))

    assert found.regions[1].outcome is CheckOutcome.INCONCLUSIVE


def test_a_canary_stays_at_home_where_the_leaked_session_is_answered_in_a_telling_way() -> None:
    world = World()
    subject = subject_of(world, canary=True)
    world.deny()

    climb(world, subject, regions=("us-east-1", "eu-west-1"))

    assert {key for key, _, where in world.probes if where == "eu-west-1"} == {THIEF}


def test_a_canary_speaks_for_the_other_regions_where_we_hold_no_leaked_secret() -> None:
    world = World()
    subject = subject_of(world, leaked=False, canary=True)
    world.deny()

    found = climb(world, subject, regions=("us-east-1", "eu-west-1"))

    assert [each.outcome for each in found.regions] == [CheckOutcome.PROVEN] * 2

"""`verify --watch`: when it looks, when it ends, and what it says then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import FakeCloud
from fakes.people import FakeDoors, FakePerson
from fakes.trail import trail_event
from unit.flow.test_later import LONG_AGO
from unit.flow.test_revoke import KEY, QUICKLY, leaked_key, named
from unleak.errors import MissingPermission
from unleak.flow.history import incident
from unleak.flow.revoke import revoke
from unleak.flow.verify import verify_incident
from unleak.flow.watch import BLIND, MARGIN, enforced_at, watch_trail
from unleak.model.outcome import Status
from unleak.model.proof import CheckOutcome, Level, Verification

if TYPE_CHECKING:
    from unleak.model.incident import Incident
    from unleak.model.ports import TrailEvent

NOTHING = Verification(
    level=Level.SIMULATED, effective=True, seconds_to_effect=None, new_sessions_work=None
)


@pytest.fixture
def cloud() -> FakeCloud:
    """An account whose user's key leaked."""
    made = FakeCloud()
    made.add_role("deploy")
    made.add_user("ci", keys=[KEY])
    made.enabled_regions = ("us-east-1", "eu-west-1", "sa-east-1")
    return made


@pytest.fixture
def cut(cloud: FakeCloud, tmp_path: Path) -> Incident:
    """The incident after the cut."""
    return revoke(leaked_key(), FakeDoors(cloud), FakePerson(), home=tmp_path).incident


def thiefs(cloud: FakeCloud, *, error: str | None = None) -> TrailEvent:
    """A call of the leaked key, two minutes after the cut."""
    at = cloud.fake_clock.at
    assert at is not None
    later = at + timedelta(minutes=2)
    return trail_event(
        "e", at=later, key_id=KEY, user="ci", name="CreateUser", region="eu-west-1", error=error
    )


def watch(
    cloud: FakeCloud,
    cut: Incident,
    person: FakePerson,
    *,
    on_pause: Callable[[int], None] = lambda _: None,
) -> tuple[Verification, list[float]]:
    """Watch on a clock that moves only by pausing."""
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        cloud.fake_clock.move(timedelta(seconds=seconds))
        on_pause(len(pauses))

    found = watch_trail(cut, NOTHING, cloud, person, pause=pause, monotonic=lambda: sum(pauses))
    return found, pauses


def test_it_looks_every_half_minute_until_a_quarter_of_an_hour_after_the_cutoff(
    cloud: FakeCloud, cut: Incident
) -> None:
    found, pauses = watch(cloud, cut, FakePerson())

    assert cut.plan.cutoff is not None
    assert cloud.fake_clock.at == cut.plan.cutoff + timedelta(minutes=15)
    assert set(pauses[:-1]) == {30.0}
    silent = [each for each in found.checks if each.name == "trail-silence"]
    assert {each.outcome for each in silent} == {CheckOutcome.PROVEN}
    assert (found.level, found.effective) == (Level.NONE, None)


def test_it_asks_every_enabled_region_by_key_and_by_user(cloud: FakeCloud, cut: Incident) -> None:
    cloud.asked.clear()
    watch(cloud, cut, FakePerson())

    assert cloud.asked.count(f"trail_events AccessKeyId={KEY}") % 3 == 0
    assert cloud.asked.count("trail_events Username=ci") % 3 == 0


def test_a_call_that_was_served_ends_it_at_once(cloud: FakeCloud, cut: Incident) -> None:
    event = thiefs(cloud)

    def appear(number: int) -> None:
        if number == 8:
            cloud.events.append(event)

    found, pauses = watch(cloud, cut, FakePerson(), on_pause=appear)

    assert len(pauses) == 8
    assert found.effective is False
    (served,) = [each for each in found.checks if each.name == "trail-served"]
    assert "CreateUser in eu-west-1" in served.detail


def test_refused_attempts_are_told_while_it_goes_on_looking(
    cloud: FakeCloud, cut: Incident
) -> None:
    event = thiefs(cloud, error="AccessDenied")
    person = FakePerson()
    cloud.events.append(event)

    found, pauses = watch(cloud, cut, person)

    assert len(pauses) > 20
    assert any("the thief still tries" in line for line in person.heard)
    assert any(each.name == "trail-attempts" for each in found.checks)


def test_without_the_right_to_look_it_ends_at_once_and_says_so(
    cloud: FakeCloud, cut: Incident
) -> None:
    cloud.failing["trail_events"] = MissingPermission("no")

    found, pauses = watch(cloud, cut, FakePerson())

    assert pauses == []
    assert {each.outcome for each in found.checks} == {CheckOutcome.SKIPPED}


def test_ctrl_c_comes_out_of_it(cloud: FakeCloud, cut: Incident) -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch(cloud, cut, FakePerson(), on_pause=stop)


def test_calls_count_only_after_the_deny_was_in_force(cut: Incident) -> None:
    accepted = max(
        each.receipt.at for each in cut.outcomes if each.receipt and each.receipt.at is not None
    )

    assert enforced_at(cut) == accepted + timedelta(seconds=BLIND) + MARGIN


def test_long_after_the_cut_verify_looks_once_and_the_journal_keeps_what_it_saw(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    request = named("session/deploy/thief", options=LONG_AGO)
    revoke(request, FakeDoors(cloud), FakePerson(), home=tmp_path)
    at = cloud.fake_clock.at
    assert at is not None
    cutoff = incident("latest", home=tmp_path).plan.cutoff
    assert cutoff is not None
    old = cutoff - timedelta(days=1)
    served = trail_event("e", at=at + timedelta(hours=1), role="deploy", issued_at=old)
    cloud.events.append(served)
    cloud.fake_clock.move(timedelta(hours=2))

    response = verify_incident(
        "latest", FakeDoors(cloud), FakePerson(), measuring=QUICKLY, watch=True, home=tmp_path
    )

    assert response.status is Status.UNPROVEN
    kept = incident("latest", home=tmp_path).verification
    assert kept is not None
    assert any(each.name == "trail-served" for each in kept.checks)

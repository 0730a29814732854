"""Undoing and cleaning up a fence, which several incidents may share."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import FakeCloud
from fakes.fences import ACCOUNT, ORGANIZATION, caller, fenced_in, role, user
from fakes.plans import CALLER, CUTOFF, SAFE, plan, step
from unleak.apply.cleanup import clean_up, plan_cleanup
from unleak.apply.engine import apply
from unleak.apply.journal import Journal
from unleak.apply.reality import Standing, look
from unleak.apply.undo import plan_undo, put_back
from unleak.contain.fence import fence_document
from unleak.model.action import SetFence, inverse, kind_of, target_of
from unleak.model.plan import StepState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from unleak.model.incident import Incident
    from unleak.model.outcome import Outcome
    from unleak.model.principal import Principal

LATER = SAFE + timedelta(hours=6)
OTHER_ACCOUNT = "210987654321"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    at = [CUTOFF]

    def now() -> datetime:
        at[0] += timedelta(seconds=1)
        return at[0]

    with Journal.open(tmp_path, now=now) as opened:
        yield opened


@pytest.fixture
def cloud() -> FakeCloud:
    cloud = FakeCloud()
    cloud.over = ORGANIZATION
    return cloud


def fenced(
    journal: Journal, cloud: FakeCloud, principal: Principal, *, safe: datetime = SAFE
) -> str:
    """Fence one more principal, as an incident of its own."""
    before = cloud.fences.get(ACCOUNT)
    after = fence_document(before, principals=[principal], responder=caller(), freeze=False)
    action = SetFence(account=ACCOUNT, before=before, after=after)
    todo = replace(step("f1", action), safe_date=safe)
    name = journal.create(plan(todo), CALLER, "us-east-1")
    apply([todo], incident=name, journal=journal, writer=cloud)
    return name


def incidents(journal: Journal) -> list[Incident]:
    return [journal.incident(each.id) for each in journal.incidents()]


def undo(
    journal: Journal, cloud: FakeCloud, name: str, *, at: datetime = LATER
) -> tuple[list[str], tuple[Outcome, ...]]:
    planned = plan_undo(journal.incident(name), now=at, force=False, others=incidents(journal))
    done = put_back(planned.steps, incident=name, journal=journal, reader=cloud, writer=cloud)
    return [reason for _, reason in planned.refused], done


def cleaned(journal: Journal, cloud: FakeCloud, *, at: datetime) -> list[StepState]:
    todo = plan_cleanup(incidents(journal), account=ACCOUNT, now=at)
    result = clean_up(
        todo, journal=journal, reader=cloud, writer=cloud, locked=lambda _: nullcontext()
    )
    return [outcome.state for _, outcome in result.outcomes]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (None, "{}", "create-service-control-policy"),
        ("{}", "{ }", "update-service-control-policy"),
        ("{}", None, "delete-service-control-policy"),
    ],
)
def test_a_fence_is_named_after_the_call(before: str | None, after: str | None, kind: str) -> None:
    action = SetFence(account=ACCOUNT, before=before, after=after)

    assert (kind_of(action), target_of(action)) == (kind, f"account/{ACCOUNT}")
    assert inverse(action) == SetFence(account=ACCOUNT, before=after, after=before)


@pytest.mark.parametrize(
    ("there", "standing"),
    [
        (None, Standing.BEFORE),
        ('{"Statement": [ ]}', Standing.AFTER),
        ('{"Statement":[{}]}', Standing.CHANGED),
    ],
)
def test_where_a_fence_stands_is_asked_and_spacing_is_no_change(
    cloud: FakeCloud, there: str | None, standing: Standing
) -> None:
    if there is not None:
        cloud.fences[ACCOUNT] = there

    seen = look(SetFence(account=ACCOUNT, before=None, after='{"Statement":[]}'), cloud)

    assert seen.standing is standing


def test_undo_takes_the_fence_off(journal: Journal, cloud: FakeCloud) -> None:
    name = fenced(journal, cloud, role("app"))

    _, (outcome,) = undo(journal, cloud, name)

    assert outcome.state is StepState.UNDONE
    assert cloud.fences == {}


def test_undo_before_the_safe_date_is_refused(journal: Journal, cloud: FakeCloud) -> None:
    name = fenced(journal, cloud, role("app"))

    (reason,), _ = undo(journal, cloud, name, at=CUTOFF)

    assert "revive" in reason
    assert ACCOUNT in cloud.fences


def test_undo_of_the_later_incident_puts_the_text_of_the_earlier_one_back(
    journal: Journal, cloud: FakeCloud
) -> None:
    fenced(journal, cloud, role("app"))
    first = cloud.fences[ACCOUNT]
    later = fenced(journal, cloud, user("bob"))

    undo(journal, cloud, later)

    assert cloud.fences[ACCOUNT] == first


def test_undo_of_the_earlier_incident_does_not_lift_the_later_ones_fence(
    journal: Journal, cloud: FakeCloud
) -> None:
    first = fenced(journal, cloud, role("app"))
    later = fenced(journal, cloud, user("bob"), safe=LATER + timedelta(hours=1))

    (reason,), outcomes = undo(journal, cloud, first)

    assert reason == f"incident {later} relies on it"
    assert outcomes == ()
    assert f"arn:aws:iam::{ACCOUNT}:user/bob" in fenced_in(cloud.fences[ACCOUNT])


def test_both_incidents_can_be_undone_one_after_the_other(
    journal: Journal, cloud: FakeCloud
) -> None:
    first = fenced(journal, cloud, role("app"))
    later = fenced(journal, cloud, user("bob"))

    undo(journal, cloud, later)
    undo(journal, cloud, first)

    assert cloud.fences == {}


def test_a_fence_of_another_account_relies_on_nothing_here(
    journal: Journal, cloud: FakeCloud
) -> None:
    first = fenced(journal, cloud, role("app"))
    elsewhere = step("f1", SetFence(account=OTHER_ACCOUNT, before=None, after="{}"))
    name = journal.create(plan(elsewhere), CALLER, "us-east-1")
    apply([elsewhere], incident=name, journal=journal, writer=cloud)

    refused, _ = undo(journal, cloud, first, at=SAFE)

    assert refused == []
    assert set(cloud.fences) == {OTHER_ACCOUNT}


def test_a_fence_that_somebody_changed_stays(journal: Journal, cloud: FakeCloud) -> None:
    name = fenced(journal, cloud, role("app"))
    cloud.fences[ACCOUNT] = '{"Statement":[]}'

    _, (outcome,) = undo(journal, cloud, name)

    assert outcome.state is StepState.SKIPPED
    assert f"UnleakFence-{ACCOUNT}" in outcome.detail
    assert cloud.fences == {ACCOUNT: '{"Statement":[]}'}


def test_cleanup_takes_a_fence_off_past_its_date(journal: Journal, cloud: FakeCloud) -> None:
    fenced(journal, cloud, role("app"))

    assert cleaned(journal, cloud, at=SAFE - timedelta(seconds=1)) == []
    assert cleaned(journal, cloud, at=SAFE) == [StepState.UNDONE]
    assert cloud.fences == {}


def test_cleanup_leaves_a_fence_that_a_later_incident_needs_longer(
    journal: Journal, cloud: FakeCloud
) -> None:
    fenced(journal, cloud, role("app"))
    fenced(journal, cloud, user("bob"), safe=LATER)

    assert cleaned(journal, cloud, at=SAFE) == []
    assert cleaned(journal, cloud, at=LATER) == [StepState.UNDONE, StepState.UNDONE]
    assert cloud.fences == {}

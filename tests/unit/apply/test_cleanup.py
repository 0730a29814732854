"""Cleanup takes away denies past their safe date, and nothing else."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import FakeCloud
from fakes.plans import CALLER, CUTOFF, DENY, KEY_ID, ROLE, SAFE, USER, by_hand, deny, plan, step
from unleak.apply.cleanup import CleanupPlan, CleanupResult, clean_up, plan_cleanup
from unleak.apply.engine import apply
from unleak.apply.journal import Journal
from unleak.errors import IncidentBusy
from unleak.model import action as actions
from unleak.model.action import KeyState, SetKeyStatus
from unleak.model.plan import Stage, StepState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from unleak.model.plan import Step
    from unleak.model.situation import Caller

ACCOUNT = "123456789012"
LATER = DENY.replace("07:00:00", "08:00:00")
KEY_OFF = step(
    "key",
    SetKeyStatus(user="bob", key_id=KEY_ID, before=KeyState.ACTIVE, after=KeyState.INACTIVE),
)


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
    cloud.add_role("deploy")
    cloud.add_user("bob", keys=[KEY_ID])
    return cloud


def done(journal: Journal, cloud: FakeCloud, *steps: Step, caller: Caller = CALLER) -> str:
    name = journal.create(plan(*steps), caller, "us-east-1")
    apply(steps, incident=name, journal=journal, writer=cloud)
    return name


def planned(
    journal: Journal, *, at: datetime | None = SAFE, account: str | None = ACCOUNT
) -> CleanupPlan:
    incidents = [journal.incident(each.id) for each in journal.incidents()]
    return plan_cleanup(incidents, account=account, now=at)


def run(journal: Journal, cloud: FakeCloud, todo: CleanupPlan) -> CleanupResult:
    return clean_up(
        todo, journal=journal, reader=cloud, writer=cloud, locked=lambda _: nullcontext()
    )


def test_a_deny_past_its_date_is_taken_away(journal: Journal, cloud: FakeCloud) -> None:
    name = done(journal, cloud, step("s1", deny()))

    result = run(journal, cloud, planned(journal))

    assert cloud.at(ROLE).inline == {}
    assert [(where, each.state) for where, each in result.outcomes] == [(name, StepState.UNDONE)]


def test_a_second_cleanup_finds_nothing(journal: Journal, cloud: FakeCloud) -> None:
    done(journal, cloud, step("s1", deny()))
    run(journal, cloud, planned(journal))

    assert planned(journal) == CleanupPlan(removals=(), waiting=(), left_out=())


@pytest.mark.parametrize("at", [SAFE - timedelta(seconds=1), None])
def test_a_deny_before_its_date_waits(
    journal: Journal, cloud: FakeCloud, at: datetime | None
) -> None:
    done(journal, cloud, step("s1", deny()))

    todo = planned(journal, at=at)

    assert todo.removals == ()
    assert [each.until for each in todo.waiting] == [SAFE]


def test_a_deny_without_a_date_waits_for_ever(journal: Journal, cloud: FakeCloud) -> None:
    done(journal, cloud, replace(step("s1", deny()), safe_date=None))

    todo = planned(journal, at=SAFE + timedelta(days=9999))

    assert [each.until for each in todo.waiting] == [None]


def test_keys_and_stripped_permissions_are_never_touched(
    journal: Journal, cloud: FakeCloud
) -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    cloud.at(ROLE).attached = [arn]
    cloud.at(ROLE).inline["Old"] = "{}"
    old = actions.SetInlinePolicy(holder=ROLE, policy_name="Old", before="{}", after=None)
    done(
        journal,
        cloud,
        KEY_OFF,
        by_hand(KEY_OFF),
        step("s2", actions.DetachPolicy(holder=ROLE, policy_arn=arn)),
        step("s3", old),
        replace(
            step("s4", actions.AttachPolicy(holder=USER, policy_arn=arn)), state=StepState.DONE
        ),
    )

    assert planned(journal) == CleanupPlan(removals=(), waiting=(), left_out=())


def test_a_managed_stand_in_goes_with_its_policy(journal: Journal, cloud: FakeCloud) -> None:
    arn = cloud.arn_of_policy("UnleakRevoke-1")
    create = actions.CreatePolicy(policy_arn=arn, policy_name="UnleakRevoke-1", document=DENY)
    done(
        journal,
        cloud,
        step("c", create),
        step("u", actions.AttachPolicy(holder=ROLE, policy_arn=arn), stage=Stage.AFTER_CONTAIN),
    )

    run(journal, cloud, planned(journal))

    assert (cloud.policies, cloud.at(ROLE).attached) == ({}, [])


def test_a_swapped_boundary_is_swapped_back(journal: Journal, cloud: FakeCloud) -> None:
    arn = cloud.arn_of_policy("UnleakRevoke-1")
    cloud.at(ROLE).boundary = "arn:aws:iam::123456789012:policy/Fence"
    create = actions.CreatePolicy(policy_arn=arn, policy_name="UnleakRevoke-1", document=DENY)
    swap = actions.SetBoundary(holder=ROLE, before=cloud.at(ROLE).boundary, after=arn)
    done(journal, cloud, step("c", create), step("u", swap, stage=Stage.AFTER_CONTAIN))

    run(journal, cloud, planned(journal))

    assert cloud.at(ROLE).boundary == "arn:aws:iam::123456789012:policy/Fence"


def test_two_cut_offs_on_one_role_are_peeled_off_newest_first(
    journal: Journal, cloud: FakeCloud
) -> None:
    done(journal, cloud, step("s1", deny(before=None, after=DENY)))
    later = replace(step("s1", deny(before=DENY, after=LATER)), safe_date=SAFE + timedelta(hours=1))
    done(journal, cloud, later)

    too_early = planned(journal, at=SAFE)
    result = run(journal, cloud, planned(journal, at=SAFE + timedelta(hours=1)))

    assert too_early.removals == ()
    assert [each.state for _, each in result.outcomes] == [StepState.UNDONE, StepState.UNDONE]
    assert cloud.at(ROLE).inline == {}


def test_a_deny_that_a_later_incident_found_in_place_waits_for_it(
    journal: Journal, cloud: FakeCloud
) -> None:
    done(journal, cloud, step("s1", deny()))
    relying = replace(
        step("s1", deny(before=DENY)), state=StepState.ALREADY, safe_date=SAFE + timedelta(hours=5)
    )
    done(journal, cloud, relying)

    todo = planned(journal)

    assert todo.removals == ()
    assert [each.until for each in todo.waiting] == [SAFE + timedelta(hours=5)]


@pytest.mark.parametrize(
    ("theirs", "ours"), [("999999999999", ACCOUNT), (None, ACCOUNT), (ACCOUNT, None)]
)
def test_another_account_is_left_alone_and_said(
    journal: Journal, cloud: FakeCloud, theirs: str | None, ours: str | None
) -> None:
    name = done(journal, cloud, step("s1", deny()), caller=replace(CALLER, account=theirs))

    todo = planned(journal, account=ours)

    assert (todo.removals, todo.waiting) == ((), ())
    assert [each.incident for each in todo.left_out] == [name]


def test_where_no_account_is_ever_known_cleanup_works(journal: Journal, cloud: FakeCloud) -> None:
    done(journal, cloud, step("s1", deny()), caller=replace(CALLER, account=None))

    assert len(planned(journal, account=None).removals) == 1


def test_an_interrupted_incident_has_to_be_resumed_first(
    journal: Journal, cloud: FakeCloud
) -> None:
    name = done(journal, cloud, step("s1", deny()))
    journal.intend(name, [step("s2", deny(USER))])

    todo = planned(journal)

    assert todo.removals == ()
    assert f"unleak resume {name}" in todo.left_out[0].reason


def test_a_busy_incident_is_left_out_and_the_others_go_on(
    journal: Journal, cloud: FakeCloud
) -> None:
    busy = done(journal, cloud, step("s1", deny()))
    done(journal, cloud, step("s1", deny(USER)))

    @contextmanager
    def locked(name: str) -> Iterator[None]:
        if name == busy:
            message = "another unleak is working on it"
            raise IncidentBusy(message)
        yield

    result = clean_up(planned(journal), journal=journal, reader=cloud, writer=cloud, locked=locked)

    assert [each.incident for each in result.left_out] == [busy]
    assert (len(cloud.at(ROLE).inline), len(cloud.at(USER).inline)) == (1, 0)


def test_a_deny_that_somebody_else_has_changed_is_skipped_and_said(
    journal: Journal, cloud: FakeCloud
) -> None:
    done(journal, cloud, step("s1", deny()))
    cloud.at(ROLE).inline["AWSRevokeOlderSessions"] = LATER

    result = run(journal, cloud, planned(journal))

    assert [each.state for _, each in result.outcomes] == [StepState.SKIPPED]
    assert cloud.at(ROLE).inline == {"AWSRevokeOlderSessions": LATER}

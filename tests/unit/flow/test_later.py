"""What comes after: resume, verify, undo and cleanup on an account in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fakes.cloud import FakeCloud, refusal
from fakes.cutoffs import policy_cutoff
from fakes.people import FakeDoors, FakePerson
from unit.flow.test_revoke import KEY, QUICKLY, leaked_key, named
from unleak.contain.options import Options
from unleak.errors import ExitCode, ForeignAccount, NoConsent, WouldRevive
from unleak.flow.cleanup import cleanup
from unleak.flow.history import incident
from unleak.flow.request import Measuring
from unleak.flow.resume import resume, what_is_left
from unleak.flow.revoke import revoke
from unleak.flow.undo import undo
from unleak.flow.verify import verify_incident
from unleak.model.action import KeyState
from unleak.model.outcome import Status
from unleak.model.plan import StepState
from unleak.model.proof import Level

LONG_AGO = Options(cutoff=datetime(2026, 11, 20, 7, 0, tzinfo=UTC))


@pytest.fixture
def cloud() -> FakeCloud:
    """An account with a role and a user whose key leaked."""
    made = FakeCloud()
    made.add_role("deploy")
    made.add_user("ci", keys=[KEY])
    return made


def test_resume_tries_again_what_failed_and_moves_the_cutoff_forward(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    cloud.failing["put_inline_policy"] = refusal(code="ServiceFailure", operation="PutUserPolicy")
    partial = revoke(leaked_key(), FakeDoors(cloud), FakePerson(), home=tmp_path)
    cloud.failing.clear()
    cloud.fake_clock.move(timedelta(minutes=10))

    response = resume(
        "latest",
        FakeDoors(cloud),
        FakePerson(),
        assume_yes=True,
        measuring=QUICKLY,
        home=tmp_path,
    )

    assert partial.status is Status.PARTIAL
    assert response.status is Status.CONTAINED
    methods = [call.method for call in cloud.calls]
    assert methods.count("set_key_status") == 1
    cutoff = policy_cutoff(cloud.principals["user/ci"].inline["AWSRevokeOlderSessions"])
    assert partial.incident.plan.cutoff is not None
    assert cutoff == partial.incident.plan.cutoff + timedelta(minutes=10)


def test_resume_of_a_finished_incident_changes_and_unproves_nothing(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    done = revoke(named("role/deploy"), FakeDoors(cloud), FakePerson(), home=tmp_path)
    made = len(cloud.calls)

    response = resume("latest", FakeDoors(cloud), FakePerson(yes=False), home=tmp_path)

    assert len(cloud.calls) == made
    assert response.status is done.status is Status.CONTAINED


def test_a_dry_run_of_resume_changes_nothing(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.failing["put_inline_policy"] = refusal(code="ServiceFailure", operation="PutRolePolicy")
    revoke(named("role/deploy"), FakeDoors(cloud), FakePerson(), home=tmp_path)
    cloud.failing.clear()
    before = incident("latest", home=tmp_path)
    doors = FakeDoors(cloud)

    response = what_is_left("latest", doors, home=tmp_path)

    assert "writer" not in doors.opened
    assert incident("latest", home=tmp_path).entries == before.entries
    assert [step.state for step in response.incident.plan.steps] == [StepState.PLANNED]


def test_saying_no_to_the_rest_changes_nothing(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.failing["put_inline_policy"] = refusal(code="ServiceFailure", operation="PutRolePolicy")
    revoke(named("role/deploy"), FakeDoors(cloud), FakePerson(), home=tmp_path)
    cloud.failing.clear()
    made = len(cloud.calls)

    with pytest.raises(NoConsent):
        resume("latest", FakeDoors(cloud), FakePerson(yes=False), home=tmp_path)

    assert len(cloud.calls) == made


def test_a_control_that_was_taken_away_makes_the_incident_contested(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    revoke(named("role/deploy"), FakeDoors(cloud), FakePerson(), home=tmp_path)
    cloud.principals["role/deploy"].inline.clear()

    response = verify_incident(
        "latest",
        FakeDoors(cloud),
        FakePerson(),
        measuring=QUICKLY,
        home=tmp_path,
    )

    assert response.status is Status.CONTESTED


def test_measuring_less_than_before_does_not_unprove_what_was_proven(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    revoke(named("role/deploy"), FakeDoors(cloud), FakePerson(), home=tmp_path)

    response = verify_incident(
        "latest",
        FakeDoors(cloud),
        FakePerson(),
        measuring=Measuring(timeout_seconds=0),
        home=tmp_path,
    )

    assert response.status is Status.UNPROVEN
    assert response.incident.verification is not None
    assert response.incident.verification.level is Level.READ_BACK
    assert incident("latest", home=tmp_path).status is Status.CONTAINED


def test_an_incident_of_another_account_is_not_touched(cloud: FakeCloud, tmp_path: Path) -> None:
    revoke(named("role/deploy"), FakeDoors(cloud), FakePerson(), home=tmp_path)
    elsewhere = FakeCloud(account="999999999999")
    elsewhere.add_role("deploy")

    for flow in (verify_incident, resume, undo):
        with pytest.raises(ForeignAccount):
            flow("latest", FakeDoors(elsewhere), FakePerson(), home=tmp_path)

    assert elsewhere.calls == []


def test_undo_waits_for_the_safe_date_and_then_restores_the_exact_text(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    before = '{ "Version" : "2012-10-17", "Statement" : [] }'
    cloud.principals["role/deploy"].inline["AWSRevokeOlderSessions"] = before
    revoke(named("role/deploy"), FakeDoors(cloud), FakePerson(), home=tmp_path)

    with pytest.raises(WouldRevive):
        undo("latest", FakeDoors(cloud), FakePerson(), assume_yes=True, home=tmp_path)
    cloud.fake_clock.move(timedelta(hours=12, seconds=3))
    response = undo("latest", FakeDoors(cloud), FakePerson(), assume_yes=True, home=tmp_path)

    assert cloud.principals["role/deploy"].inline["AWSRevokeOlderSessions"] == before
    assert response.exit_code is ExitCode.DONE
    assert response.status is Status.CONTAINED


def test_undo_after_the_safe_date_leaves_a_leaked_key_off(cloud: FakeCloud, tmp_path: Path) -> None:
    revoke(replace(leaked_key(), options=LONG_AGO), FakeDoors(cloud), FakePerson(), home=tmp_path)

    response = undo("latest", FakeDoors(cloud), FakePerson(), assume_yes=True, home=tmp_path)

    assert cloud.principals["user/ci"].inline == {}
    assert cloud.principals["user/ci"].keys[KEY] is KeyState.INACTIVE
    assert any("--force" in line for line in response.next_steps)


def test_a_forced_undo_never_leaves_the_word_contained(cloud: FakeCloud, tmp_path: Path) -> None:
    revoke(leaked_key(), FakeDoors(cloud), FakePerson(), home=tmp_path)

    response = undo(
        "latest", FakeDoors(cloud), FakePerson(), force=True, assume_yes=True, home=tmp_path
    )

    assert cloud.principals["user/ci"].keys[KEY] is KeyState.ACTIVE
    assert response.status is Status.UNPROVEN
    after = incident("latest", home=tmp_path)
    assert after.status is Status.UNPROVEN
    assert after.verification is not None
    assert after.verification.level is Level.NONE


def test_a_second_undo_finds_nothing_to_do(cloud: FakeCloud, tmp_path: Path) -> None:
    revoke(named("role/deploy", options=LONG_AGO), FakeDoors(cloud), FakePerson(), home=tmp_path)
    undo("latest", FakeDoors(cloud), FakePerson(), assume_yes=True, home=tmp_path)
    made = len(cloud.calls)

    response = undo("latest", FakeDoors(cloud), FakePerson(), assume_yes=True, home=tmp_path)

    assert len(cloud.calls) == made
    assert response.exit_code is ExitCode.DONE


def test_cleanup_takes_away_only_what_is_past_its_date(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.add_role("other")
    revoke(named("role/deploy", options=LONG_AGO), FakeDoors(cloud), FakePerson(), home=tmp_path)
    revoke(named("role/other"), FakeDoors(cloud), FakePerson(), home=tmp_path)

    response = cleanup(FakeDoors(cloud), FakePerson(), assume_yes=True, home=tmp_path)

    assert cloud.principals["role/deploy"].inline == {}
    assert "AWSRevokeOlderSessions" in cloud.principals["role/other"].inline
    assert [step.state for step in response.incident.plan.steps] == [StepState.UNDONE]
    assert any("waits until" in line for line in response.next_steps)


def test_a_dry_cleanup_opens_no_writer(cloud: FakeCloud, tmp_path: Path) -> None:
    revoke(named("role/deploy", options=LONG_AGO), FakeDoors(cloud), FakePerson(), home=tmp_path)
    doors = FakeDoors(cloud)

    response = cleanup(doors, FakePerson(), is_dry_run=True, home=tmp_path)

    assert "writer" not in doors.opened
    assert [step.state for step in response.incident.plan.steps] == [StepState.PLANNED]

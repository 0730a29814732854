"""Flows work over any state: what one worker began in a table, another one finishes, once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import FakeCloud
from fakes.items import FakeItems
from fakes.people import FakeDoors, FakePerson
from unleak.apply.state import LocalState
from unleak.aws.state_table import TableState
from unleak.errors import StateFolder, WrongUse
from unleak.flow.history import incident, incidents
from unleak.flow.person import Nobody
from unleak.flow.request import Measuring
from unleak.flow.resume import resume
from unleak.flow.revoke import revoke
from unleak.flow.rotations import rotation, rotations
from unleak.flow.state import chosen_state
from unleak.flow.undo import undo
from unleak.flow.wish import wish
from unleak.identify.consent import Consent
from unleak.model.claim import ClaimState
from unleak.model.outcome import Status
from unleak.model.proof import Level

if TYPE_CHECKING:
    from pathlib import Path

    from unleak.apply.state import ClaimableState
    from unleak.aws.items import Write

SUBJECT = "123456789012/role/deploy"
QUICKLY = Measuring(wanted=Level.READ_BACK, timeout_seconds=0)
WISH = wish("role/deploy", consent=Consent.FORBIDDEN, measuring=QUICKLY)


class Died(BaseException):
    """The process is gone."""


class TableDoors(FakeDoors):
    """Doors to an account with one table."""

    def __init__(self, cloud: FakeCloud, items: FakeItems) -> None:
        super().__init__(cloud)
        self.items = items

    def state_table(self, name: str) -> ClaimableState:
        self.opened.append(f"table {name}")
        return TableState(self.items)


@pytest.fixture
def cloud() -> FakeCloud:
    made = FakeCloud()
    made.add_role("deploy")
    return made


def deliver(items: FakeItems, cloud: FakeCloud, owner: str) -> None:
    """Answer one delivery of an alert, as a responder does."""
    state = TableState(items)
    claims = state.claims()
    claim = claims.take(SUBJECT, owner=owner, seconds=60, alert="finding")
    if not claim.is_ours:
        return
    home, doors = state.bound_to(claim), FakeDoors(cloud)
    if claim.incident is None:
        response = revoke(WISH, doors, Nobody(), home=home)
    else:
        response = resume(
            claim.incident, doors, Nobody(), assume_yes=True, measuring=QUICKLY, home=home
        )
    claims.finish(claim, incident=response.incident.id, status=response.status)


def die_before_write(items: FakeItems, number: int) -> None:
    """Let the process end before one of its writes, and reach nothing any more."""
    left = iter(range(number))

    def hook(_: Sequence[Write]) -> None:
        if next(left, None) is None:
            items.is_down = True
            raise Died

    items.before_write = hook


def test_a_worker_that_dies_at_any_write_is_followed_and_the_deny_is_made_once() -> None:
    for number in count():
        items, cloud = FakeItems(), FakeCloud()
        cloud.add_role("deploy")
        die_before_write(items, number)
        try:
            deliver(items, cloud, "first")
        except Died:
            has_died = True
        else:
            has_died = False

        items.is_down, items.before_write = False, lambda _: None
        items.move(120)
        deliver(items, cloud, "second")

        claim = TableState(items).claims().look(SUBJECT)
        found = incidents(home=TableState(items))
        assert claim is not None, number
        assert (claim.state, claim.status) == (ClaimState.DONE, Status.CONTAINED), number
        assert [each.id for each in found] == [claim.incident], number
        assert [call.method for call in cloud.calls] == ["put_inline_policy"], number
        if not has_died:
            assert number > 8
            return


def test_a_run_over_a_table_leaves_no_lock(cloud: FakeCloud) -> None:
    items = FakeItems()

    response = revoke(WISH, FakeDoors(cloud), FakePerson(), home=TableState(items))

    assert response.status is Status.CONTAINED
    assert [key for key in items.items if key.pk == "lock"] == []


def test_a_table_that_is_down_is_a_refusal_before_any_change(cloud: FakeCloud) -> None:
    items = FakeItems()
    items.is_down = True

    with pytest.raises(StateFolder):
        revoke(WISH, FakeDoors(cloud), FakePerson(), home=TableState(items))

    assert cloud.calls == []


def test_the_environment_can_name_a_table(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNLEAK_HOME", "dynamodb:unleak-state")
    doors = TableDoors(cloud, FakeItems())

    begun = revoke(WISH, doors, FakePerson()).incident.id
    listed = [each.id for each in incidents(doors=doors)]
    found = incident("latest", doors=doors)
    undone = undo(begun, doors, FakePerson(), force=True, assume_yes=True)

    assert listed == [begun]
    assert found.id == begun
    assert undone.incident.id == begun
    assert cloud.principals["role/deploy"].inline == {}
    assert "table unleak-state" in doors.opened


@pytest.mark.parametrize("home", ["dynamodb:", "dynamodb:a b", "dynamodb:x", "dynamodb:a/../b"])
def test_what_can_be_no_table_is_refused(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.setenv("UNLEAK_HOME", home)

    with pytest.raises(WrongUse, match="names no DynamoDB table"):
        chosen_state(None, FakeDoors(cloud))


def test_a_named_home_wins_over_the_environment(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UNLEAK_HOME", "dynamodb:unleak-state")

    state = chosen_state(tmp_path, FakeDoors(cloud))

    assert isinstance(state, LocalState)
    assert state.folder == tmp_path


def test_rotations_are_not_kept_in_a_table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UNLEAK_HOME", "dynamodb:unleak-state")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(WrongUse, match="rotations and drills are kept in a folder"):
        rotation("latest")

    assert rotations() == ()
    assert list(tmp_path.iterdir()) == []

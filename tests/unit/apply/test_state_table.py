"""A state in a table: locks lapse, a worker that lost one writes nothing, pages stay whole."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import FakeCloud
from fakes.items import FakeItems
from fakes.plans import CALLER, CUTOFF, deny, plan, step
from unleak.apply.engine import apply
from unleak.apply.journal import Journal
from unleak.aws.items import Key, Put
from unleak.aws.journal_pages import PART_BYTES
from unleak.aws.leases import Pace, instant_value
from unleak.aws.state_table import TableState
from unleak.errors import IncidentBusy, StateFolder, TakenOver

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from unleak.aws.items import Item, Write
    from unleak.aws.state_table import OpenTable

S1 = step("s1", deny())


def now() -> datetime:
    return CUTOFF


def journal_of(worker: OpenTable) -> Journal:
    return Journal(worker.entries, now=now)


def create(journal: Journal, reason: str = "because") -> str:
    return journal.create(plan(replace(S1, reason=reason)), CALLER, "eu-central-1")


@pytest.fixture
def items() -> FakeItems:
    return FakeItems()


@pytest.fixture
def state(items: FakeItems) -> TableState:
    return TableState(items)


def test_a_lock_that_is_held_is_given_to_nobody_else(state: TableState) -> None:
    with (
        state.open() as one,
        state.open() as two,
        one.hold("x"),
        pytest.raises(IncidentBusy) as caught,
        two.hold("x"),
    ):
        pytest.fail("it was given twice")

    assert "half a minute" in caught.value.hint


def test_a_lock_is_free_when_its_block_has_ended(state: TableState, items: FakeItems) -> None:
    with state.open() as one, one.hold("x"):
        pass

    assert items.items == {}


def test_who_waits_looks_again_until_the_lock_lapses(items: FakeItems) -> None:
    state = TableState(items, pace=Pace(sleep=items.move))
    until = items.now() + timedelta(seconds=20)
    dead: Item = {"owner": "dead", "until": instant_value(until)}
    items.put(Put(key=Key(pk="lock", sk="x"), item=dead, expected={}))

    with state.open() as one, one.hold("x", wait_seconds=30):
        owner = items.items[Key(pk="lock", sk="x")]["owner"]

    assert owner != "dead"


def test_a_lock_whose_answer_was_lost_is_ours_all_the_same(
    state: TableState, items: FakeItems
) -> None:
    items.loses_answers = 1

    with state.open() as one, one.hold("x"):
        held = list(items.items)

    assert held == [Key(pk="lock", sk="x")]


def test_a_worker_whose_lock_was_taken_writes_nothing(state: TableState, items: FakeItems) -> None:
    with state.open() as stale, state.open() as fresh:
        incident = create(journal_of(stale))
        with stale.hold(incident):
            items.move(60)
            with fresh.hold(incident):
                before = journal_of(fresh).incident(incident)

                with pytest.raises(TakenOver, match="taken over"):
                    journal_of(stale).note(incident, "late")

                assert journal_of(fresh).incident(incident) == before


def test_a_worker_whose_lock_was_taken_makes_no_call(state: TableState, items: FakeItems) -> None:
    cloud = FakeCloud()
    cloud.add_role("deploy")
    with state.open() as stale, state.open() as fresh:
        journal = journal_of(stale)
        incident = create(journal)
        with stale.hold(incident):
            items.move(60)
            with fresh.hold(incident), pytest.raises(TakenOver):
                apply([S1], incident=incident, journal=journal, writer=cloud)

    assert cloud.calls == []


def test_a_lapsed_lock_that_nobody_took_still_lets_its_holder_write(
    state: TableState, items: FakeItems
) -> None:
    with state.open() as one:
        journal = journal_of(one)
        incident = create(journal)
        with one.hold(incident):
            items.move(3600)

            journal.note(incident, "still here")

    assert len(journal.incident(incident).entries) == 3


def test_a_stale_worker_does_not_let_go_of_the_lock_of_the_next(
    state: TableState, items: FakeItems
) -> None:
    with state.open() as stale, state.open() as fresh, state.open() as third:
        with stale.hold("x"):
            items.move(60)
            held = fresh.hold("x")
            held.__enter__()

        with pytest.raises(IncidentBusy), third.hold("x"):
            pytest.fail("it was given twice")
        held.__exit__(None, None, None)


def test_a_plan_that_is_larger_than_an_item_comes_back(state: TableState, items: FakeItems) -> None:
    noise = "".join(sha256(str(n).encode()).hexdigest() for n in range(PART_BYTES // 16))
    with state.open() as one:
        journal = journal_of(one)

        incident = create(journal, reason=noise)
        journal.note(incident, "after it")

        found = journal.incident(incident)
    parts = [key for key in items.items if key.sk.startswith("00000000.")]
    assert len(parts) > 1
    assert found.plan.steps[0].reason == noise
    assert found.entries[-1].summary == "after it"


def test_a_page_that_somebody_took_away_is_no_shorter_story(
    state: TableState, items: FakeItems
) -> None:
    with state.open() as one:
        journal = journal_of(one)
        incident = create(journal)
        journal.note(incident, "one")
        journal.note(incident, "two")
        del items.items[Key(pk=f"journal#{incident}", sk="00000001.00")]

        with pytest.raises(StateFolder, match="page 1 of the journal is not there"):
            journal.incident(incident)


@pytest.mark.parametrize("data", [b"no zlib", b"", "text"])
def test_a_page_that_is_none_of_ours_is_an_error_with_a_hint(
    state: TableState, items: FakeItems, data: bytes | str
) -> None:
    with state.open() as one:
        journal = journal_of(one)
        incident = create(journal)
        items.items[Key(pk=f"journal#{incident}", sk="00000000.00")]["data"] = data

        with pytest.raises(StateFolder) as caught:
            journal.incident(incident)

    assert caught.value.hint


def test_two_who_append_at_once_both_get_in(state: TableState) -> None:
    with state.open() as one, state.open() as two:
        incident = create(journal_of(one))
        journal_of(two).note(incident, "first of two")
        journal_of(one).note(incident, "first of one")
        journal_of(two).note(incident, "second of two")

        found = journal_of(one).incident(incident)

    assert [each.summary for each in found.entries[2:]] == [
        "first of two",
        "first of one",
        "second of two",
    ]


def test_an_append_whose_answer_was_lost_is_there_once(state: TableState, items: FakeItems) -> None:
    with state.open() as one:
        journal = journal_of(one)
        incident = create(journal)
        items.loses_answers = 1

        journal.note(incident, "once")

    assert [each.summary for each in journal.incident(incident).entries[2:]] == ["once"]


def test_two_incidents_of_one_id_cannot_begin(state: TableState, items: FakeItems) -> None:
    with state.open() as one, state.open() as two:
        here = Journal(one.entries, now=now, suffix=lambda: "aaaaaa")
        there = Journal(two.entries, now=now, suffix=lambda: "aaaaaa")
        items.before_write = once(items, lambda: create(here))

        with pytest.raises(StateFolder, match="begun meanwhile"):
            create(there)

        assert len(here.incidents()) == 1


def test_a_table_that_is_down_stops_before_the_first_call(
    state: TableState, items: FakeItems
) -> None:
    cloud = FakeCloud()
    cloud.add_role("deploy")
    with state.open() as one:
        journal = journal_of(one)
        incident = create(journal)
        items.is_down = True

        with pytest.raises(StateFolder, match="does not answer"):
            apply([S1], incident=incident, journal=journal, writer=cloud)

    assert cloud.calls == []


def test_the_lease_is_renewed_while_it_is_held(items: FakeItems) -> None:
    state = TableState(items, pace=Pace(lease_seconds=60, beat_seconds=0.01))
    renewed = threading.Event()

    with state.open() as one, one.hold("x"):
        items.before_write = lambda _: renewed.set()

        assert renewed.wait(30)


@pytest.mark.parametrize("name", ["", "x" * 3000, "\udcff", "a b", "äöü"])
def test_a_name_that_cannot_be_an_incident_is_looked_for_nowhere(
    state: TableState, name: str
) -> None:
    with state.open() as one:
        assert one.entries.rows(name) == []


def once(items: FakeItems, act: Callable[[], object]) -> Callable[[Sequence[Write]], None]:
    """Return a hook that does something before the next write, and only before that."""

    def hook(_: Sequence[Write]) -> None:
        items.before_write = lambda _: None
        act()

    return hook

"""The journal only grows, gives back what went in, and explains every way it can break."""

from __future__ import annotations

import os
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from fakes.items import FakeItems
from fakes.plans import CALLER, CREDENTIAL, CUTOFF, DENY, ROLE, deny, plan, step
from unleak.apply.database import Database
from unleak.apply.journal import Journal
from unleak.apply.state import FILE_NAME, LocalState
from unleak.aws.state_table import TableState
from unleak.errors import NoSuchIncident, StateFolder
from unleak.model.outcome import Outcome, Receipt, Status
from unleak.model.plan import StepState
from unleak.model.proof import Level, Verification
from unleak.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from unleak.apply.state import State

S1 = step("s1", deny())
S2 = step("s2", replace(deny(), policy_name="Other"))


def counter(*words: str) -> Callable[[], str]:
    left = iter(words)
    return lambda: next(left)


def ticking() -> Callable[[], datetime]:
    at = [CUTOFF]

    def now() -> datetime:
        at[0] += timedelta(seconds=1)
        return at[0]

    return now


@pytest.fixture(params=["folder", "table"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> State:
    """Both kinds of state: whatever a journal promises, it promises in either."""
    return LocalState(tmp_path) if request.param == "folder" else TableState(FakeItems())


@pytest.fixture
def journal(state: State) -> Iterator[Journal]:
    with state.open() as opened:
        yield Journal(opened.entries, now=ticking())


def create(journal: Journal) -> str:
    return journal.create(plan(S1, S2), CALLER, "eu-central-1")


def done(step_id: str) -> Outcome:
    return Outcome(
        step_id=step_id, state=StepState.DONE, receipt=Receipt(request_id="r", at=CUTOFF)
    )


def test_an_incident_is_named_after_its_minute_and_something_random(tmp_path: Path) -> None:
    with Journal.open(tmp_path, now=lambda: CUTOFF, suffix=counter("a1b2c3")) as journal:
        assert create(journal) == "20261124-0700-a1b2c3"


def test_two_incidents_never_get_one_name(tmp_path: Path) -> None:
    suffix = counter("aaaaaa", "aaaaaa", "bbbbbb")
    with Journal.open(tmp_path, now=lambda: CUTOFF, suffix=suffix) as journal:
        names = [create(journal), create(journal)]

    assert names == ["20261124-0700-aaaaaa", "20261124-0700-bbbbbb"]


def test_an_incident_comes_back_as_it_went_in(journal: Journal) -> None:
    name = journal.create(plan(S1), CALLER, "eu-central-1", ("ASIALEAKEDLEAKEDLEAK",))

    found = journal.incident(name)

    assert (found.plan, found.caller, found.region) == (plan(S1), CALLER, "eu-central-1")
    assert found.credentials == (CREDENTIAL,)
    assert found.asked_leaked == ("ASIALEAKEDLEAKEDLEAK",)
    assert (found.status, found.verification, found.outcomes) == (None, None, ())


def test_it_is_there_for_the_next_process(tmp_path: Path) -> None:
    with Journal.open(tmp_path, now=ticking()) as first:
        name = create(first)

    with Journal.open(tmp_path, now=ticking()) as second:
        assert second.incident(name).plan == plan(S1, S2)


def test_outcomes_move_the_steps_along(journal: Journal) -> None:
    name = create(journal)
    journal.outcome(name, done("s1"))
    journal.outcome(name, Outcome(step_id="s2", state=StepState.FAILED, detail="no"))

    found = journal.incident(name)

    assert [each.state for each in found.plan.steps] == [StepState.DONE, StepState.FAILED]
    assert [each.step_id for each in found.outcomes] == ["s1", "s2"]


@pytest.mark.parametrize("is_accepted", [True, False])
def test_a_plan_that_nobody_accepted_is_not_an_interrupted_one(
    journal: Journal, *, is_accepted: bool
) -> None:
    name = journal.create(plan(S1), CALLER, "eu-central-1", is_accepted=is_accepted)

    assert journal.incident(name).is_interrupted is is_accepted


def test_an_intent_without_its_outcome_is_an_interruption(journal: Journal) -> None:
    name = journal.create(plan(S1), CALLER, "eu-central-1", intents=[S1])
    before = journal.incident(name).is_interrupted
    journal.outcome(name, done("s1"))

    assert before
    assert not journal.incident(name).is_interrupted


def test_a_second_try_without_an_outcome_is_an_interruption_too(journal: Journal) -> None:
    name = journal.create(plan(S1), CALLER, "eu-central-1", intents=[S1])
    journal.outcome(name, Outcome(step_id="s1", state=StepState.FAILED))
    journal.intend(name, [S1])

    assert journal.incident(name).is_interrupted


def test_an_intent_that_went_down_with_the_creation_is_not_written_again(
    journal: Journal,
) -> None:
    name = journal.create(plan(S1, S2), CALLER, "eu-central-1", intents=[S1])

    journal.intend(name, [S1, S2])

    intents = [each.step_id for each in journal.incident(name).entries if each.kind == "intent"]
    assert intents == ["s1", "s2"]


def test_a_second_try_of_a_step_is_a_second_intent(journal: Journal) -> None:
    name = create(journal)
    for _ in range(2):
        journal.intend(name, [S1])
        journal.outcome(name, Outcome(step_id="s1", state=StepState.FAILED))

    kinds = [each.kind for each in journal.incident(name).entries if each.step_id == "s1"]
    assert kinds == ["intent", "outcome", "intent", "outcome"]


def test_a_new_plan_keeps_what_was_done_and_forgets_what_it_replaces(journal: Journal) -> None:
    name = create(journal)
    journal.outcome(name, done("s1"))
    journal.outcome(name, Outcome(step_id="s2", state=StepState.FAILED))
    merged = replace(S2, action=deny(before=DENY, after="{}"))

    journal.replanned(name, plan(S1, merged))

    found = journal.incident(name)
    assert [each.state for each in found.plan.steps] == [StepState.DONE, StepState.PLANNED]
    assert [each.step_id for each in found.outcomes] == ["s1"]
    assert found.is_interrupted


def test_a_new_plan_that_says_done_too_loses_no_receipt(journal: Journal) -> None:
    name = create(journal)
    journal.outcome(name, done("s1"))

    journal.replanned(name, plan(replace(S1, state=StepState.DONE), S2))

    assert journal.incident(name).outcomes == (done("s1"),)


def test_a_new_plan_that_contradicts_an_outcome_knows_better(journal: Journal) -> None:
    name = create(journal)
    journal.outcome(name, Outcome(step_id="s1", state=StepState.FAILED))

    journal.replanned(name, plan(replace(S1, state=StepState.ALREADY), S2))

    found = journal.incident(name)
    assert (found.plan.steps[0].state, found.outcomes) == (StepState.ALREADY, ())


def test_what_was_measured_and_how_it_ended_is_kept(journal: Journal) -> None:
    name = create(journal)
    measured = Verification(
        level=Level.LIVE, effective=True, seconds_to_effect=3.5, new_sessions_work=True
    )
    journal.verified(name, measured)
    journal.closed(name, Status.PARTIAL)
    journal.closed(name, Status.CONTAINED)

    found = journal.incident(name)

    assert (found.verification, found.status) == (measured, Status.CONTAINED)


def test_who_the_responder_is_may_be_learned_later(journal: Journal) -> None:
    nobody = replace(CALLER, account=None, arn=None, unique_id=None)
    name = journal.create(plan(S1), nobody, "eu-central-1")

    journal.identified(name, CALLER)

    assert journal.incident(name).caller == CALLER


def test_undone_is_what_was_put_back_and_nothing_else(journal: Journal) -> None:
    name = create(journal)
    journal.outcome(name, done("s1"))
    journal.outcome(name, done("s2"))
    journal.undo_intent(name, S1)
    journal.undo_outcome(name, Outcome(step_id="s1", state=StepState.UNDONE))
    journal.undo_outcome(name, Outcome(step_id="s2", state=StepState.SKIPPED, detail="changed"))

    states = [each.state for each in journal.incident(name).plan.steps]

    assert states == [StepState.UNDONE, StepState.DONE]


def test_every_entry_can_be_read_in_words(journal: Journal) -> None:
    name = journal.create(plan(S1), CALLER, "eu-central-1", intents=[S1])
    journal.asked_leaked(name, ["ASIALEAKEDLEAKEDLEAK"])
    journal.note(name, "the person called off the verification")

    words = [each.summary for each in journal.incident(name).entries]

    assert words == [
        "steps planned: 1",
        "accepted",
        "put-role-policy role/deploy",
        "signed with ASIALEAKEDLEAKEDLEAK",
        "the person called off the verification",
    ]


def test_the_list_has_the_newest_first(journal: Journal) -> None:
    older, newer = create(journal), create(journal)
    journal.closed(older, Status.CONTAINED)

    listed = journal.incidents()

    assert [(each.id, each.status) for each in listed] == [
        (newer, None),
        (older, Status.CONTAINED),
    ]
    assert listed[0].key_ids == ("ASIALEAKEDLEAKEDLEAK",)
    assert listed[0].principals == ("role/deploy",)


def test_the_list_shows_what_a_new_plan_has_found_out(journal: Journal) -> None:
    name = create(journal)
    journal.closed(name, Status.PARTIAL)
    found = replace(CREDENTIAL, access_key_id="ASIAOTHEROTHEROTHERO")

    journal.replanned(name, replace(plan(S1), credentials=(CREDENTIAL, found)))

    listed = journal.incidents()[0]
    assert listed.key_ids == ("ASIALEAKEDLEAKEDLEAK", "ASIAOTHEROTHEROTHERO")
    assert listed.status is Status.PARTIAL


@pytest.mark.parametrize("kind", ["closed", "accepted"])
def test_an_incident_without_its_beginning_is_an_error_with_a_hint(
    tmp_path: Path, kind: str
) -> None:
    with Journal.open(tmp_path, now=ticking()) as journal:
        create(journal)
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    with connection:
        connection.execute(
            "INSERT INTO entry (incident, at, kind, body) VALUES (?, ?, ?, ?)",
            ("orphan", "2026-11-24T07:00:00Z", kind, '{"status":"failed"}'),
        )
    connection.close()

    with Journal.open(tmp_path, now=ticking()) as journal, pytest.raises(StateFolder) as caught:
        journal.incident("orphan")

    assert "move the file away" in caught.value.hint


def test_an_incident_answers_to_the_beginning_of_its_name(tmp_path: Path) -> None:
    suffix = counter("aaaaaa", "ab0000")
    with Journal.open(tmp_path, now=lambda: CUTOFF, suffix=suffix) as journal:
        first, second = create(journal), create(journal)

        assert journal.incident("20261124-0700-aa").id == first
        assert journal.incident(second).id == second
        assert journal.incident("latest").id == second
        with pytest.raises(NoSuchIncident, match="not unique"):
            journal.incident("2026")


@pytest.mark.parametrize("name", ["20991231", "", "latest", "' OR 1=1 --", "\x1b[2J", "%"])
def test_an_incident_that_is_not_there_is_an_error_with_a_hint(tmp_path: Path, name: str) -> None:
    with (
        Journal.open(tmp_path, now=ticking()) as journal,
        pytest.raises(NoSuchIncident) as caught,
    ):
        journal.incident(name)

    assert "unleak incidents" in caught.value.hint
    assert "\x1b" not in caught.value.message


def test_an_empty_journal_lists_nothing(journal: Journal) -> None:
    assert journal.incidents() == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET kind = 'note'",
        "DELETE FROM entry",
        "REPLACE INTO entry SELECT * FROM entry",
    ],
)
def test_nothing_in_the_journal_can_be_changed(tmp_path: Path, statement: str) -> None:
    with Journal.open(tmp_path, now=ticking()) as journal:
        create(journal)
    connection = sqlite3.connect(tmp_path / FILE_NAME)

    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)

    connection.close()


def test_a_batch_that_fails_leaves_nothing_behind(journal: Journal) -> None:
    name = create(journal)
    before = journal.incident(name).entries
    outcome = Outcome(step_id="s1", state=StepState.DONE, detail=Secret("x"))  # type: ignore[arg-type]  # the fault

    with pytest.raises(TypeError), journal.batch():  # noqa: PT012 - the batch as a whole fails
        journal.note(name, "first")
        journal.outcome(name, outcome)

    assert journal.incident(name).entries == before


@pytest.mark.skipif(os.name != "posix", reason="Windows has no modes")
def test_the_files_belong_to_one_person(tmp_path: Path) -> None:
    with Journal.open(tmp_path, now=ticking()) as journal:
        create(journal)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}

    assert modes == {FILE_NAME: 0o600, f"{FILE_NAME}-wal": 0o600, f"{FILE_NAME}-shm": 0o600}


@pytest.mark.skipif(os.name != "posix", reason="Windows has no modes")
def test_a_journal_that_others_may_read_is_closed(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).touch(mode=0o644)

    with Journal.open(tmp_path, now=ticking()):
        assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


def test_the_journal_survives_a_loss_of_power(tmp_path: Path) -> None:
    """What SQLite promises with these settings: committed is on the disk."""
    database = Database(tmp_path / FILE_NAME)
    with Journal(database, now=ticking()) as journal:
        create(journal)
        connection = database._connection  # noqa: SLF001 - the setting has no other witness

        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_journal_of_a_newer_unleak_is_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute("PRAGMA user_version = 2")
    connection.close()

    with pytest.raises(StateFolder, match="newer unleak"):
        Journal.open(tmp_path, now=ticking())


@pytest.mark.parametrize("size", [1, 99, 100, 5000])
def test_a_damaged_file_is_an_error_with_a_hint(tmp_path: Path, size: int) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"\x00not a database\xff" * size)

    with pytest.raises(StateFolder) as caught:
        Journal.open(tmp_path, now=ticking())

    assert "evidence" in caught.value.hint


def test_damage_in_the_middle_is_an_error_with_a_hint(tmp_path: Path) -> None:
    with Journal.open(tmp_path, now=ticking()) as journal:
        name = create(journal)
    file = tmp_path / FILE_NAME
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"\xde\xad" * ((len(content) - 4096) // 2))

    with Journal.open(tmp_path, now=ticking()) as journal, pytest.raises(StateFolder) as caught:
        journal.incident(name)

    assert caught.value.hint


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("outcome", "{"),
        ("outcome", "{}"),
        ("closed", '{"status":"splendid"}'),
        ("from-the-future", "{}"),
        ("replanned", '{"plan":null}'),
    ],
)
def test_an_entry_that_nobody_understands_is_an_error_with_a_hint(
    tmp_path: Path, kind: str, body: str
) -> None:
    with Journal.open(tmp_path, now=ticking()) as journal:
        name = create(journal)
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    with connection:
        connection.execute(
            "INSERT INTO entry (incident, at, kind, body) VALUES (?, ?, ?, ?)",
            (name, "2026-11-24T07:00:00Z", kind, body),
        )
    connection.close()

    with Journal.open(tmp_path, now=ticking()) as journal, pytest.raises(StateFolder) as caught:
        journal.incident(name)

    assert "newer unleak" in caught.value.hint


def test_a_folder_in_the_place_of_the_file_is_an_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()

    with pytest.raises(StateFolder) as caught:
        Journal.open(tmp_path, now=ticking())

    assert "UNLEAK_HOME" in caught.value.hint


def test_hostile_text_comes_back_unchanged_and_does_no_harm(journal: Journal) -> None:
    hostile = "'); DROP TABLE entry; -- \x00\x1b[2J\u202e\ud800 🔑"
    nasty = replace(S1, id=hostile, reason=hostile)
    name = journal.create(plan(nasty), CALLER, hostile, intents=[])

    journal.note(name, hostile)

    found = journal.incident(name)
    assert found.plan.steps[0].reason == hostile
    assert found.entries[-1].summary == hostile


def test_eight_threads_lose_no_entry(journal: Journal) -> None:
    name = create(journal)

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(lambda number: journal.note(name, str(number)), range(200)))

    notes = {each.summary for each in journal.incident(name).entries if each.kind == "note"}
    assert notes == {str(number) for number in range(200)}


def test_the_time_of_an_entry_is_the_time_that_was_given(tmp_path: Path) -> None:
    at = datetime(2026, 11, 24, 7, 0, 0, 5, tzinfo=UTC)
    with Journal.open(tmp_path, now=lambda: at) as journal:
        assert journal.incident(create(journal)).created_at == at


def test_the_holder_of_a_policy_is_not_lost(journal: Journal) -> None:
    action = journal.incident(create(journal)).plan.steps[0].action

    assert action == deny(ROLE)


def test_an_empty_journal_says_that_nothing_was_begun(journal: Journal) -> None:
    with pytest.raises(NoSuchIncident, match="no incidents on this machine yet"):
        journal.incident("latest")

"""One subject has one answer: of many who ask, one gets the claim, and a dead one's goes on."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Semaphore
from typing import TYPE_CHECKING, Protocol

import pytest

from fakes.claims import NOON, FakeClaims
from fakes.items import FakeItems
from fakes.plans import CALLER, CUTOFF, deny, plan, step
from unleak.apply.claims_file import FolderClaims
from unleak.apply.database import Database
from unleak.apply.journal import Journal
from unleak.apply.state import FILE_NAME, LocalState
from unleak.aws.claim_items import claim_key
from unleak.aws.items import Change
from unleak.aws.state_table import TableState
from unleak.aws.table_claims import TableClaims
from unleak.errors import IncidentBusy, StateFolder, TakenOver
from unleak.model.claim import ClaimState
from unleak.model.outcome import Status

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from unleak.model.claim import Claim, Claims

KEY = "123456789012/AKIALEAKEDLEAKEDLEAK"
LEASE = 60.0


class Clock(Protocol):
    """What stands until a test moves it."""

    def move(self, seconds: float) -> None: ...


@pytest.fixture
def items() -> FakeItems:
    return FakeItems()


class Hand:
    """A clock that a test moves by hand."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture(params=["fake", "table", "folder"])
def both(request: pytest.FixtureRequest, items: FakeItems, tmp_path: Path) -> tuple[Claims, Clock]:
    """A table, a folder, and the fake that other tests use keep the same promises."""
    match request.param:
        case "fake":
            fake = FakeClaims()
            return fake, fake
        case "folder":
            hand = Hand()
            return FolderClaims(tmp_path / FILE_NAME, now=hand.now), hand
        case _:
            return TableClaims(items), items


@pytest.fixture
def claims(both: tuple[Claims, Clock]) -> Claims:
    return both[0]


@pytest.fixture
def clock(both: tuple[Claims, Clock]) -> Clock:
    return both[1]


def take(claims: Claims, owner: str, alert: str = "finding-1") -> Claim:
    return claims.take(KEY, owner=owner, seconds=LEASE, alert=alert)


def until(claims: Claims) -> datetime:
    claim = claims.look(KEY)
    assert claim is not None
    assert claim.until is not None
    return claim.until


def test_a_new_subject_is_ours(claims: Claims) -> None:
    claim = take(claims, "one")

    assert claim.is_ours
    assert (claim.state, claim.owner, claim.deliveries) == (ClaimState.WORKING, "one", 1)
    assert (claim.alert, claim.incident, claim.status) == ("finding-1", None, None)


def test_a_subject_that_somebody_works_on_is_not(claims: Claims) -> None:
    take(claims, "one")

    second = take(claims, "two", alert="finding-2")

    assert not second.is_ours
    assert (second.owner, second.alert, second.deliveries) == ("one", "finding-1", 2)


def test_of_a_hundred_at_once_one_gets_it(claims: Claims) -> None:
    start = threading.Barrier(20)

    def deliver(number: int) -> bool:
        start.wait()
        return take(claims, f"worker-{number}").is_ours

    with ThreadPoolExecutor(20) as pool:
        won = list(pool.map(deliver, range(100)))

    found = claims.look(KEY)
    assert won.count(True) == 1
    assert found is not None
    assert found.deliveries == 100


def test_tries_count_who_worked_and_not_who_came_too_late(claims: Claims, clock: Clock) -> None:
    first = take(claims, "one")
    for number in range(5):
        take(claims, f"late-{number}")
    clock.move(LEASE + 10)

    second = take(claims, "two")

    assert (first.tries, second.tries, second.deliveries) == (1, 2, 7)


def test_a_damaged_claim_of_a_folder_hides_no_other_from_the_sweep(tmp_path: Path) -> None:
    hand = Hand()
    claims = FolderClaims(tmp_path / FILE_NAME, now=hand.now)
    claims.take("damaged", owner="one", seconds=LEASE, alert="")
    take(claims, "two")
    with LocalState(tmp_path).open() as state:
        assert isinstance(state.entries, Database)
        with state.entries.transaction():
            state.entries.run("UPDATE claim SET body = '{}' WHERE subject = ?", ("damaged",))
    hand.move(LEASE + 10)

    lapsed = claims.lapsed()

    assert [each.subject for each in lapsed.claims] == [KEY]
    assert lapsed.unreadable == ("the claim 'damaged' cannot be understood",)
    with pytest.raises(StateFolder, match="damaged"):
        claims.take("damaged", owner="three", seconds=LEASE, alert="")


def test_a_damaged_claim_of_a_table_hides_no_other_from_the_sweep(items: FakeItems) -> None:
    claims = TableClaims(items)
    claims.take("damaged", owner="one", seconds=LEASE, alert="")
    take(claims, "two")
    items.change(Change(key=claim_key("damaged"), values={"status": "odd"}, expected={}))
    items.move(LEASE + 10)

    lapsed = claims.lapsed()

    assert [each.subject for each in lapsed.claims] == [KEY]
    assert len(lapsed.unreadable) == 1
    assert "damaged" in lapsed.unreadable[0]


def test_a_beat_that_is_missed_does_not_end_the_renewing(tmp_path: Path) -> None:
    path, aside, hand, beats = tmp_path / FILE_NAME, tmp_path / "aside", Hand(), Semaphore(0)

    def now() -> datetime:
        beats.release()
        return hand.now()

    claims = FolderClaims(path, now=now)
    claim = take(claims, "one")
    while beats.acquire(blocking=False):
        pass
    with claims.keeping(claim, seconds=0.03):
        path.rename(aside)
        path.mkdir()
        missed = [beats.acquire(timeout=10) for _ in range(3)]
        path.rmdir()
        aside.rename(path)
        hand.move(5)
        renewed = [beats.acquire(timeout=10) for _ in range(3)]

    found = claims.look(KEY)
    assert (missed, renewed) == ([True] * 3, [True] * 3)
    assert found is not None
    assert found.until is not None
    assert found.until > hand.now()


def test_another_subject_is_another_claim(claims: Claims) -> None:
    take(claims, "one")

    other = claims.take("somebody else", owner="two", seconds=LEASE, alert="")

    assert other.is_ours


def test_a_worker_that_died_is_followed_by_the_next(claims: Claims, clock: Clock) -> None:
    take(claims, "one")
    clock.move(LEASE + 10)

    second = take(claims, "two")

    assert second.is_ours
    assert (second.owner, second.deliveries) == ("two", 2)


def test_the_sweep_finds_who_died_and_nobody_else(claims: Claims, clock: Clock) -> None:
    take(claims, "one")
    done = claims.take("done", owner="d", seconds=LEASE, alert="")
    claims.finish(done, incident=None, status=Status.CONTAINED)
    clock.move(LEASE + 10)
    claims.take("alive", owner="a", seconds=LEASE, alert="")

    lapsed = claims.lapsed().claims

    assert [each.subject for each in lapsed] == [KEY]


@pytest.mark.parametrize("status", [Status.PARTIAL, Status.FAILED])
def test_what_was_not_finished_is_taken_again_with_its_incident(
    claims: Claims, status: Status
) -> None:
    claims.finish(take(claims, "one"), incident="20261125-1200-aaaaaa", status=status)

    second = take(claims, "two")

    assert second.is_ours
    assert (second.incident, second.status) == ("20261125-1200-aaaaaa", None)


@pytest.mark.parametrize("status", [Status.CONTAINED, Status.UNPROVEN, Status.CONTESTED])
def test_what_was_finished_is_not_taken_again(claims: Claims, status: Status) -> None:
    claims.finish(take(claims, "one"), incident="i", status=status)

    second = take(claims, "two")

    assert not second.is_ours
    assert (second.state, second.status, second.incident) == (ClaimState.DONE, status, "i")
    assert second.ended_at is not None


def test_telling_happens_once(claims: Claims) -> None:
    claims.told(take(claims, "one"))

    second = take(claims, "two")

    assert (second.is_ours, second.state) == (False, ClaimState.TOLD)


def test_what_is_done_can_be_begun_anew_by_one(claims: Claims) -> None:
    claims.finish(take(claims, "one"), incident="i", status=Status.CONTAINED)
    seen = take(claims, "two")

    first = claims.retake(seen, owner="three", seconds=LEASE, alert="later")
    second = claims.retake(seen, owner="four", seconds=LEASE, alert="later")

    assert (first.is_ours, first.incident, first.status) == (True, None, None)
    assert (first.alert, first.tries) == ("later", 1)
    assert (second.is_ours, second.owner) == (False, "three")


def test_what_is_under_way_cannot_be_begun_anew(claims: Claims) -> None:
    seen = take(claims, "one")

    other = claims.retake(seen, owner="two", seconds=LEASE, alert="later")

    assert (other.is_ours, other.owner) == (False, "one")


def asked(claims: Claims) -> Claim:
    claim = take(claims, "asker")
    end = until(claims) + timedelta(minutes=30)
    return claims.wait(claim, token_hash="hash", until=end, plan_words="deny role/deploy")


def test_a_claim_that_waits_is_not_asked_about_twice(claims: Claims, clock: Clock) -> None:
    asked(claims)
    clock.move(LEASE + 10)

    second = take(claims, "two")

    assert (second.is_ours, second.state) == (False, ClaimState.WAITING)
    assert second.plan_words == "deny role/deploy"
    assert claims.lapsed().claims == ()


def test_a_question_that_nobody_answered_is_asked_again(claims: Claims, clock: Clock) -> None:
    asked(claims)
    clock.move(3600)

    assert take(claims, "two").is_ours


def test_an_approval_counts_once(claims: Claims) -> None:
    asked(claims)

    first = claims.approve(KEY, token_hash="hash", owner="one", seconds=LEASE)
    second = claims.approve(KEY, token_hash="hash", owner="two", seconds=LEASE)

    assert first is not None
    assert second is not None
    assert (first.is_ours, first.state) == (True, ClaimState.WORKING)
    assert (second.is_ours, second.owner) == (False, "one")


@pytest.mark.parametrize("token_hash", ["", "other"])
def test_another_token_approves_nothing(claims: Claims, token_hash: str) -> None:
    asked(claims)

    claim = claims.approve(KEY, token_hash=token_hash, owner="one", seconds=LEASE)

    assert claim is not None
    assert (claim.is_ours, claim.state) == (False, ClaimState.WAITING)


def test_an_approval_after_its_time_counts_nothing(claims: Claims, clock: Clock) -> None:
    asked(claims)
    clock.move(3600)

    claim = claims.approve(KEY, token_hash="hash", owner="one", seconds=LEASE)

    assert claim is not None
    assert not claim.is_ours


def test_there_is_nothing_to_approve_where_nothing_was_asked(claims: Claims) -> None:
    assert claims.approve(KEY, token_hash="hash", owner="one", seconds=LEASE) is None


def test_a_claim_that_is_given_back_goes_to_the_next(claims: Claims) -> None:
    claims.release(take(claims, "one"))

    assert [each.subject for each in claims.lapsed().claims] == [KEY]
    assert take(claims, "two").is_ours


def test_who_has_lost_the_claim_cannot_end_it(claims: Claims, clock: Clock) -> None:
    lost = take(claims, "one")
    clock.move(LEASE + 10)
    take(claims, "two")

    with pytest.raises(IncidentBusy):
        claims.finish(lost, incident="i", status=Status.CONTAINED)
    with pytest.raises(IncidentBusy):
        claims.told(lost)
    claims.release(lost)

    found = claims.look(KEY)
    assert found is not None
    assert (found.owner, found.state, found.incident) == ("two", ClaimState.WORKING, None)
    assert found.until is not None


def test_a_claim_whose_answer_was_lost_is_ours_all_the_same(items: FakeItems) -> None:
    claims = TableClaims(items)
    items.loses_answers = 1

    claim = take(claims, "one")

    assert claim.is_ours
    assert claim.deliveries == 1


def test_an_end_whose_answer_was_lost_is_the_end(items: FakeItems) -> None:
    claims = TableClaims(items)
    claim = take(claims, "one")
    items.loses_answers = 1

    ended = claims.finish(claim, incident="i", status=Status.CONTAINED)

    assert (ended.state, ended.status) == (ClaimState.DONE, Status.CONTAINED)


def test_the_lease_is_kept_while_there_is_work(items: FakeItems) -> None:
    claims = TableClaims(items)
    claim = take(claims, "one")
    before = until(claims)
    items.move(30)
    renewed = threading.Event()

    with claims.keeping(claim, seconds=0.03):
        items.before_write = lambda _: renewed.set()
        assert renewed.wait(30)
        renewed.clear()
        assert renewed.wait(30)

    assert until(claims) != before


def test_a_claim_is_forgotten_months_after_its_last_change(items: FakeItems) -> None:
    take(TableClaims(items), "one")

    expires = items.items[claim_key(KEY)]["expires"]

    assert expires == int((items.now() + timedelta(days=90)).timestamp())


@pytest.mark.parametrize("subject", ["a b", "x" * 2000, "sha256:0", "\udcff", "ä", "\x00"])
def test_any_subject_has_a_key_that_the_table_takes(subject: str) -> None:
    key = claim_key(subject)

    assert key.sk.isascii()
    assert len(key.sk) < 1024
    assert key != claim_key(subject + "0")


def test_a_claim_of_a_newer_unleak_is_left_alone(items: FakeItems) -> None:
    take(TableClaims(items), "one")
    items.items[claim_key(KEY)]["state"] = "dancing"

    with pytest.raises(StateFolder, match="cannot be understood"):
        take(TableClaims(items), "two")


def test_the_first_incident_is_noted_on_the_claim_at_once(items: FakeItems) -> None:
    state = TableState(items)
    claim = take(state.claims(), "one")

    with state.bound_to(claim).open() as worker:
        incident = begin(Journal(worker.entries, now=lambda: CUTOFF))

    found = state.claims().look(KEY)
    assert found is not None
    assert found.incident == incident


def test_a_second_incident_for_one_claim_is_refused(items: FakeItems) -> None:
    state = TableState(items)
    claim = take(state.claims(), "one")
    with state.bound_to(claim).open() as worker:
        journal = Journal(worker.entries, now=lambda: CUTOFF)
        incident = begin(journal)

        with pytest.raises(TakenOver):
            begin(journal)

        assert [each.id for each in journal.incidents()] == [incident]


def test_who_has_lost_the_claim_begins_no_incident(items: FakeItems) -> None:
    state = TableState(items)
    lost = take(state.claims(), "one")
    items.move(LEASE + 10)
    take(state.claims(), "two")

    with state.bound_to(lost).open() as worker:
        journal = Journal(worker.entries, now=lambda: CUTOFF)
        with pytest.raises(TakenOver):
            begin(journal)

        assert journal.incidents() == ()


def test_who_takes_over_finds_the_incident(items: FakeItems) -> None:
    state = TableState(items)
    with state.bound_to(take(state.claims(), "one")).open() as worker:
        incident = begin(Journal(worker.entries, now=lambda: CUTOFF))
    items.move(LEASE + 10)

    second = take(state.claims(), "two")

    assert (second.is_ours, second.incident) == (True, incident)


def test_a_claim_can_be_compared_and_says_whose_it_is(items: FakeItems) -> None:
    claim = take(TableClaims(items), "one")

    assert TableClaims(items).look(KEY) == replace(claim, is_ours=False)


def begin(journal: Journal) -> str:
    return journal.create(plan(step("s1", deny())), CALLER, "eu-central-1")

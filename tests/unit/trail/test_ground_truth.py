"""Two real attacks, traced to what was checked by hand; skipped where the data is not at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from unleak.model.trace import Confidence, Trace
from unleak.trail.local import LocalTrail
from unleak.trail.seeds import key_seed
from unleak.trail.tracing import trace

PROJECT = Path(__file__).resolve().parents[3]
TRAILS = Path(os.environ.get("UNLEAK_TRAILS") or PROJECT.parent / "shared" / "trails")

pytestmark = pytest.mark.skipif(not TRAILS.is_dir(), reason="the real trails are not at hand")

SEED = "AKIATFQR7NSC8Q4X20BJ"
ASSUMED = {
    "ASIATFQR7NSC" + end: events
    for end, events in {
        "7E2ZIBM2": 0,
        "WLLE7IWW": 29,
        "2AF7XJOS": 0,
        "VW2R4OHT": 1,
        "6LRKSQNV": 0,
        "2632JLFK": 15,
        "R2E3KSFW": 0,
        "7TITDFL2": 1,
        "QJB6MQOY": 0,
        "XLFJ4S5E": 1,
    }.items()
}
CREATED = {"AKIATFQR7NSC3ZO6PKAZ", "AKIATFQR7NSCQLA2F4OD"}


@pytest.fixture(scope="module")
def simulation() -> Trace:
    return trace((key_seed(SEED),), [LocalTrail((TRAILS / "invictus",))])


def test_the_closure_is_exact(simulation: Trace) -> None:
    proven = {
        each.access_key_id: each
        for each in simulation.credentials
        if each.confidence is Confidence.PROVEN
    }

    assert proven.keys() == ASSUMED.keys() | CREATED
    assert {key: proven[key].events for key in ASSUMED} == ASSUMED
    assert {each.minted_by for each in proven.values()} == {SEED}


def test_the_timeline_has_every_call_once(simulation: Trace) -> None:
    assert simulation.timeline.events == 2_151
    assert len(simulation.timeline.items) == 2_151


def test_the_session_that_was_stolen_off_an_instance_is_inferred_and_its_sibling_is_not(
    simulation: Trace,
) -> None:
    inferred = [each for each in simulation.credentials if each.confidence is Confidence.INFERRED]

    assert [each.access_key_id for each in inferred] == ["ASIATFQR7NSC36DZQP7P"]
    assert "i-0dbc91f429e48eeed" in inferred[0].reason


def test_one_of_the_two_passwords_was_used(simulation: Trace) -> None:
    passwords = [each for each in simulation.persistence if each.via == "CreateLoginProfile"]

    assert sorted(each.was_used for each in passwords) == [False, True]


def test_everything_that_is_there_was_read(simulation: Trace) -> None:
    coverage = simulation.coverage

    assert (coverage.files, coverage.events, coverage.duplicates) == (55, 2_900, 0)
    assert coverage.skipped == ()


def test_a_stolen_instance_credential_made_eleven_calls_and_no_other_credential() -> None:
    found = trace((key_seed("ASIA5FLZVX4OPVKKVBMX"),), [LocalTrail((TRAILS / "otrf",))])

    names = sorted(each.name for each in found.timeline.items)
    assert names == ["GetObject"] * 2 + ["ListBuckets"] * 2 + ["ListObjects"] * 7
    assert found.credentials == ()
    assert found.coverage.events == 103

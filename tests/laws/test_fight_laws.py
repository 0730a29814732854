"""Over random fights, `contained` is said only of a thief who can do nothing any more."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from lab.arena import Defence, Fight, Start, play
from lab.thief import Strategy
from unleak.model.outcome import Status

FIGHTS = st.builds(
    Fight,
    start=st.sampled_from(Start),
    strategies=st.frozensets(st.sampled_from(Strategy), max_size=4),
    defence=st.sampled_from([Defence.UNLEAK, Defence.UNLEAK_SCP]),
    lag=st.floats(0, 6).map(lambda seconds: round(seconds, 1)),
    jitter=st.floats(0, 1).map(lambda seconds: round(seconds, 2)),
    cascade=st.booleans(),
    head_start=st.floats(0, 20).map(lambda seconds: round(seconds, 1)),
)


@given(fight=FIGHTS, seed=st.integers(1, 1000), latency=st.sampled_from([0.0, 0.01, 0.05, 0.2]))
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
def test_contained_is_said_only_when_nothing_that_the_thief_holds_can_do_anything(
    fight: Fight, seed: int, latency: float
) -> None:
    with tempfile.TemporaryDirectory() as home:
        outcome = play(fight, home=Path(home), seed=seed, latency=latency)

    note(f"status {outcome.status}, served afterwards {outcome.served_afterwards}")
    assert outcome.response is not None
    open_doors = outcome.response.incident.plan.open_doors
    if outcome.status is Status.CONTAINED:
        assert outcome.served_afterwards == 0
        assert outcome.open_passwords == ()
        assert outcome.alive == ()
        assert open_doors == ()

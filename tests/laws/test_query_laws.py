"""Laws of a queried trail: in either SQL it finds what a plain tracer finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.sql import SqlStore, athena, lake
from fakes.trails import Event, assume, call, create_key, key_of, plainly_traced
from unleak.trail.queried import QueriedTrail, Store
from unleak.trail.seeds import key_seed
from unleak.trail.tracing import trace

if TYPE_CHECKING:
    from unleak.trail.dialects import Dialect

SEED = key_of(0)
STORE = Store(name="athena db.trail", price=str)
keys = st.integers(min_value=0, max_value=8).map(key_of)
ERRORS = (None, None, "AccessDenied", "ThrottlingException")


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Draw a call, or one that makes a credential: any key may make any, so there are cycles."""
    number = draw(st.integers(min_value=0, max_value=40))
    signer = draw(st.one_of(st.none(), keys))
    error = draw(st.sampled_from(ERRORS))
    more: Event = {} if error is None else {"errorCode": error}
    match draw(st.sampled_from(("call", "assume", "create"))):
        case "assume":
            return assume(number, signer, draw(keys), **more)
        case "create":
            return create_key(number, signer, draw(keys), **more)
        case _:
            return call(number, "DescribeInstances", signer, error=error)


@pytest.mark.parametrize("dialect", [athena(), lake()], ids=["athena", "lake"])
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    drawn=st.lists(events(), max_size=25, unique_by=lambda each: str(each["eventID"])),
    most_mints=st.sampled_from((1, 3, 1_000)),
)
def test_a_queried_trail_comes_to_what_a_plain_tracer_finds(
    dialect: Dialect, drawn: list[Event], most_mints: int
) -> None:
    truth = plainly_traced(SEED, drawn)
    source = QueriedTrail(STORE, dialect, SqlStore(drawn), most_mints=most_mints)

    found = trace((key_seed(SEED),), [source])

    assert {each.access_key_id for each in found.credentials} | {SEED} == truth.keys
    assert (found.timeline.events, found.timeline.denied) == (truth.events, truth.denied)
    assert {(c.minted_by, c.access_key_id) for c in found.credentials} <= truth.edges
    assert found.coverage.skipped == ()

"""Laws of the level: never more proof than was seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from unleak.model.proof import Check, CheckOutcome, Level
from unleak.verify.level import Claim, reached

RUNGS = (Level.READ_BACK, Level.SIMULATED, Level.CANARY, Level.LIVE)
TARGETS = ("role/app", "ASIATHIEF", "role/other")

checks = st.lists(
    st.builds(
        Check,
        name=st.sampled_from(["live-s3", "new-session-served"]),
        level=st.sampled_from(RUNGS),
        target=st.sampled_from(TARGETS),
        outcome=st.sampled_from(CheckOutcome),
        detail=st.just(""),
    ),
    max_size=8,
)
claims = st.lists(
    st.builds(
        Claim,
        targets=st.frozensets(st.sampled_from(TARGETS), min_size=1),
        must_be_proven=st.booleans(),
    ),
    max_size=3,
)


def check(level: Level, outcome: CheckOutcome, target: str = "role/app") -> Check:
    return Check(name="live-s3", level=level, target=target, outcome=outcome, detail="")


@given(checks, claims)
def test_effective_needs_a_proof_above_read_back(seen: list[Check], asked: list[Claim]) -> None:
    level, effective = reached(seen, asked)

    if effective:
        assert level.rank > Level.READ_BACK.rank
        assert any(each.level is level and each.outcome is CheckOutcome.PROVEN for each in seen)


@given(checks, claims)
def test_a_leak_seen_alive_live_is_never_effective(seen: list[Check], asked: list[Claim]) -> None:
    alive = [
        each.target
        for each in seen
        if each.name == "live-s3"
        and each.level is Level.LIVE
        and each.outcome is CheckOutcome.REFUTED
    ]

    _, effective = reached(seen, asked)

    if any(target in claim.targets for target in alive for claim in asked) or (alive and not asked):
        assert effective is False


@given(checks, claims, checks)
def test_sessions_that_should_live_never_change_the_verdict(
    seen: list[Check], asked: list[Claim], more: list[Check]
) -> None:
    spared = [each for each in more if each.name == "new-session-served"]

    assert reached([*seen, *spared], asked) == reached(seen, asked)


@given(checks, claims)
def test_the_order_of_the_checks_is_of_no_account(seen: list[Check], asked: list[Claim]) -> None:
    assert reached(seen[::-1], asked[::-1]) == reached(seen, asked)


@given(checks, claims)
def test_one_more_leak_to_prove_never_raises_the_level(
    seen: list[Check], asked: list[Claim]
) -> None:
    before, _ = reached(seen, [*asked, Claim(targets=frozenset({"role/app"}))])
    after, _ = reached(
        seen,
        [
            *asked,
            Claim(targets=frozenset({"role/app"})),
            Claim(targets=frozenset({"role/unseen"})),
        ],
    )

    assert after is Level.NONE
    assert after.rank <= before.rank


def test_a_live_proof_outweighs_a_simulation_that_says_otherwise() -> None:
    seen = [
        check(Level.SIMULATED, CheckOutcome.REFUTED),
        check(Level.LIVE, CheckOutcome.PROVEN),
    ]

    assert reached(seen, []) == (Level.LIVE, True)


def test_a_canary_that_lives_outweighs_a_simulation_that_denies() -> None:
    seen = [
        check(Level.SIMULATED, CheckOutcome.PROVEN),
        check(Level.CANARY, CheckOutcome.REFUTED),
    ]

    assert reached(seen, []) == (Level.NONE, False)


def test_a_changed_policy_does_not_make_a_dead_credential_alive() -> None:
    seen = [
        check(Level.READ_BACK, CheckOutcome.REFUTED),
        check(Level.LIVE, CheckOutcome.PROVEN),
    ]

    assert reached(seen, []) == (Level.LIVE, True)


def test_without_any_check_nothing_is_reached() -> None:
    assert reached([], []) == (Level.NONE, None)
    assert reached([], [Claim(targets=frozenset({"role/app"}))]) == (Level.NONE, None)

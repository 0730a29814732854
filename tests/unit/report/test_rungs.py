"""Each rung and each region with its own word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fakes import examples
from unleak.model.proof import (
    EVERY_REGION,
    Check,
    CheckOutcome,
    Level,
    RegionProof,
    Verification,
)
from unleak.report.proof_words import proof_lines
from unleak.report.rungs import RungOutcome, region_line, rungs_of, trail_lines

NOTHING = Verification(
    level=Level.NONE, effective=None, seconds_to_effect=None, new_sessions_work=None
)


def check(
    name: str, level: Level, outcome: CheckOutcome, *, target: str = "x", detail: str = "why"
) -> Check:
    return Check(name=name, level=level, target=target, outcome=outcome, detail=detail)


def outcomes(*checks: Check) -> dict[str, RungOutcome]:
    return {rung.name: rung.outcome for rung in rungs_of(replace(NOTHING, checks=checks))}


def test_what_was_not_tried_says_why() -> None:
    rungs = rungs_of(None)

    assert [rung.name for rung in rungs] == ["read-back", "simulated", "canary", "live", "trail"]
    assert {rung.outcome for rung in rungs} == {RungOutcome.NOT_TRIED}
    assert all(rung.why for rung in rungs)


def test_a_rung_is_proven_only_where_it_is_for_everybody_who_was_tried() -> None:
    one = check("live-s3", Level.LIVE, CheckOutcome.PROVEN)
    two = check("live-s3", Level.LIVE, CheckOutcome.INCONCLUSIVE, target="y", detail="throttled")
    gone = check("live", Level.LIVE, CheckOutcome.SKIPPED, target="z")

    assert outcomes(one, gone)["live"] is RungOutcome.PROVEN
    assert outcomes(one, two)["live"] is RungOutcome.NOT_PROVEN


def test_one_refutation_refutes_the_rung_and_no_other() -> None:
    found = outcomes(
        check("live-s3", Level.LIVE, CheckOutcome.REFUTED),
        check("live-sqs", Level.LIVE, CheckOutcome.PROVEN),
        check("simulate-old-session", Level.SIMULATED, CheckOutcome.PROVEN),
    )

    assert found["live"] is RungOutcome.REFUTED
    assert found["simulated"] is RungOutcome.PROVEN


def test_checks_of_new_sessions_are_on_no_rung() -> None:
    found = outcomes(check("new-session-served", Level.CANARY, CheckOutcome.PROVEN))

    assert found["canary"] is RungOutcome.NOT_TRIED


def test_a_served_call_in_cloudtrail_refutes_the_trail_and_not_the_live_rung() -> None:
    found = outcomes(
        check("trail-served", Level.LIVE, CheckOutcome.REFUTED),
        check("live-s3", Level.LIVE, CheckOutcome.PROVEN),
    )

    assert (found["trail"], found["live"]) == (RungOutcome.REFUTED, RungOutcome.PROVEN)


def test_what_cloudtrail_told_is_a_sentence_of_its_own() -> None:
    attempts = check("trail-attempts", Level.NONE, CheckOutcome.INCONCLUSIVE, detail="he tries")

    lines = proof_lines(replace(NOTHING, checks=(attempts,)))

    assert trail_lines(replace(NOTHING, checks=(attempts,))) == ("CloudTrail, x: he tries.",)
    assert sum("he tries" in line for line in lines) == 1


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (CheckOutcome.REFUTED, "Refused in 1 of 2 enabled regions; NOT YET REFUSED in eu-west-1."),
        (CheckOutcome.SKIPPED, "Refused in 1 of 2 enabled regions; not reached: eu-west-1."),
        (CheckOutcome.INCONCLUSIVE, "Refused in 1 of 2 enabled regions; nothing telling in eu-w"),
    ],
)
def test_regions_are_counted_and_those_that_did_not_refuse_are_named(
    outcome: CheckOutcome, words: str
) -> None:
    regions = (
        RegionProof(region="us-east-1", outcome=CheckOutcome.PROVEN),
        RegionProof(region="eu-west-1", outcome=outcome),
    )

    assert region_line(replace(NOTHING, regions=regions)).startswith(words)


def test_where_the_enabled_regions_were_not_listed_the_line_does_not_claim_them() -> None:
    unlisted = check(EVERY_REGION, Level.NONE, CheckOutcome.SKIPPED)
    measured = replace(examples.live_verification(), checks=(unlisted,))

    assert region_line(measured).startswith("Refused in 2 of 3 regions that were asked")

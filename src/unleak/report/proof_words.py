"""What each rung of proof has shown, in words, and never more than that."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from unleak.model.proof import Check, CheckOutcome, Level, Verification
from unleak.report.rungs import is_trail, region_line, rung_line, trail_lines
from unleak.report.verdict import is_about_new_sessions
from unleak.report.wording import count_words, join_words, sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNCLEAR = {CheckOutcome.INCONCLUSIVE: "Tells nothing", CheckOutcome.SKIPPED: "Not tried"}

_MEANINGS = {
    Level.NONE: "Nothing was proven.",
    Level.READ_BACK: (
        "The changes were read again and are there; whether they take effect was not seen."
    ),
    Level.SIMULATED: (
        "AWS's own policy simulator says refused. That is a reading of policies, not a real call."
    ),
    Level.CANARY: (
        "A session of ours, older than the cut-off, was refused in real calls. That is not the "
        "leaked credential itself."
    ),
    Level.LIVE: "The leaked credential itself was refused in real calls.",
}

_MOST_REGIONS = 3
"""Regions that a sentence names; how many there are in all has a line of its own."""

_REAL_CALLS = frozenset({Level.CANARY, Level.LIVE})

_STRONGEST_FIRST = tuple(reversed(Level))


def level_words(level: Level) -> str:
    """Return a level of proof and what it means, for somebody who never heard of it."""
    return f"Level of proof: {level}. {_MEANINGS[level]}"


def proof_lines(verification: Verification | None, *, is_brief: bool = False) -> tuple[str, ...]:
    """Return what was seen, one sentence each: what speaks against us first.

    Args:
        verification: what was measured.
        is_brief: only count the checks that tell nothing, where others have proven the effect.
    """
    if verification is None:
        return ("Nothing was measured.",)
    groups = (
        _group(level, outcome, verification)
        for outcome in (CheckOutcome.REFUTED, CheckOutcome.PROVEN)
        for level in _STRONGEST_FIRST
    )
    lines = tuple(line for line in groups if line) or ("No check showed anything.",)
    region = region_line(verification)
    trail = trail_lines(verification)
    lines = (*lines, *((region,) if region else ()), *trail, rung_line(verification))
    if is_brief and verification.effective:
        return (*lines, *_unclear_count(verification))
    return (*lines, *unclear_lines(verification))


def _unclear_count(verification: Verification) -> tuple[str, ...]:
    unclear = [
        check
        for check in verification.checks
        if check.outcome in _UNCLEAR and not _is_told_elsewhere(check)
    ]
    if not unclear:
        return ()
    return (f"{count_words(len(unclear), 'more check')}: no answer that tells (see the report).",)


def unclear_lines(verification: Verification) -> tuple[str, ...]:
    """Return the checks that tell nothing, those with one reason drawn together."""
    by_reason: dict[tuple[CheckOutcome, str], list[Check]] = {}
    for check in verification.checks:
        if check.outcome in _UNCLEAR and not _is_told_elsewhere(check):
            by_reason.setdefault((check.outcome, check.detail), []).append(check)
    return tuple(
        sentence(f"{_UNCLEAR[outcome]} ({_where(checks)}): {detail or 'no reason given'}")
        for (outcome, detail), checks in by_reason.items()
    )


def new_session_lines(verification: Verification | None) -> tuple[str, ...]:
    """Return whether honest new sessions work, and what each check of that has said."""
    if verification is None:
        return (_new_sessions(None),)
    details = (
        sentence(f"{check.target}: {check.detail}")
        for check in verification.checks
        if is_about_new_sessions(check) and check.detail
    )
    return (_new_sessions(verification.new_sessions_work), *dict.fromkeys(details))


def time_words(verification: Verification) -> str:
    """Return how long it took to bite, or nothing where that was not seen."""
    seconds = verification.seconds_to_effect
    if seconds is None:
        return ""
    return f", {seconds:.1f} s after the deny was accepted"


def _new_sessions(works: bool | None) -> str:  # noqa: FBT001 - the three answers to one question
    match works:
        case None:
            return "New sessions: not tried, so not known whether they work."
        case True:
            return "New sessions work: one that was opened after the cut-off was served."
        case False:
            return (
                "New sessions do NOT work: one that was opened after the cut-off was refused, so "
                "honest users are still down."
            )


def _group(level: Level, outcome: CheckOutcome, verification: Verification) -> str:
    checks = [
        check
        for check in verification.checks
        if check.level is level and check.outcome is outcome and not _is_told_elsewhere(check)
    ]
    if not checks:
        return ""
    is_top = level is verification.level and outcome is CheckOutcome.PROVEN
    when = time_words(verification) if is_top else ""
    return f"{_claim(level, outcome)} {_where(checks)}{when}."


def _is_told_elsewhere(check: Check) -> bool:
    return is_about_new_sessions(check) or is_trail(check)


def _claim(level: Level, outcome: CheckOutcome) -> str:
    is_proven = outcome is CheckOutcome.PROVEN
    match level:
        case Level.NONE:
            return "Seen:" if is_proven else "NOT AS IT SHOULD BE:"
        case Level.READ_BACK:
            return (
                "Read again and found in place:"
                if is_proven
                else "REMOVED OR CHANGED since unleak put it there:"
            )
        case Level.SIMULATED:
            verb = "refuses" if is_proven else "STILL ALLOWS"
            return f"AWS's policy simulator {verb}:"
        case Level.CANARY:
            verb = "was refused" if is_proven else "STILL WORKS"
            return f"A session of ours from before the cut-off {verb}:"
        case Level.LIVE:
            verb = "was refused" if is_proven else "STILL WORKS"
            return f"The leaked credential itself {verb}:"
        case _:
            assert_never(level)


def _where(checks: Sequence[Check]) -> str:
    """Return what was looked at, the checks of one target and region drawn together."""
    is_real_call = any(check.level in _REAL_CALLS for check in checks)
    by_target: dict[str, dict[str | None, list[str]]] = {}
    for check in checks:
        by_region = by_target.setdefault(check.target, {})
        by_region.setdefault(check.region, []).append(_what(check))
    return "; ".join(
        _place(target, by_region, is_real_call=is_real_call)
        for target, by_region in by_target.items()
    )


def _place(target: str, by_region: dict[str | None, list[str]], *, is_real_call: bool) -> str:
    """Return `ASIA... in s3 and sqs (us-east-1)`, or `put-role-policy of role/deploy`."""
    told = list(by_region.items())[:_MOST_REGIONS]
    what = ", ".join(
        join_words(list(dict.fromkeys(names))) + (f" ({region})" if region else "")
        for region, names in told
    )
    if len(by_region) > len(told):
        what += f" and {count_words(len(by_region) - len(told), 'more region')}"
    return f"{target} in {what}" if is_real_call else f"{what} of {target}"


def _what(check: Check) -> str:
    """Return the name of a check without its rung: `s3` for `live-s3`."""
    if check.name == check.level:
        return "real calls"
    short = check.name.removeprefix(f"{check.level}-").removeprefix("simulate-")
    return short.replace("old-session", "old sessions").replace("trail-served", "CloudTrail")

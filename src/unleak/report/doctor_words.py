"""A preflight in words: whether you can respond, and a fix for each thing that is not right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.preflight import Fitness
from unleak.report.page import Bullets, Entry, Heading, Headline, Tone
from unleak.report.wording import clean, join_words

if TYPE_CHECKING:
    from unleak.model.preflight import Preflight, PreflightCheck
    from unleak.report.page import Page

_TONES = {
    Fitness.OK: Tone.GOOD,
    Fitness.WARNING: Tone.CAREFUL,
    Fitness.FAILED: Tone.BAD,
    Fitness.UNKNOWN: Tone.CAREFUL,
}


def doctor_page(preflight: Preflight) -> Page:
    """Return the preflight as a page: the headline, each check, and what to do next."""
    return (
        _headline(preflight),
        *(_entry(each) for each in preflight.checks),
        Heading("Next"),
        Bullets(_next(preflight)),
    )


def _headline(preflight: Preflight) -> Headline:
    if preflight.lacking:
        return Headline(f"You cannot respond yet: {_names(preflight.lacking)}", Tone.BAD)
    if preflight.open:
        text = f"Not known whether you can respond: {_names(preflight.open)}"
        return Headline(text, Tone.CAREFUL)
    if any(each.outcome is not Fitness.OK for each in preflight.checks):
        return Headline("You can respond; some things could be better", Tone.GOOD)
    return Headline("You can respond", Tone.GOOD)


def _names(checks: tuple[PreflightCheck, ...]) -> str:
    return join_words([each.name for each in checks])


def _entry(check: PreflightCheck) -> Entry:
    facts = (("fix", clean(check.fix)),) if check.fix else ()
    title = f"{check.name}: {clean(check.detail)}"
    return Entry(f"[{check.outcome}]", title, facts, _TONES[check.outcome])


def _next(preflight: Preflight) -> tuple[str, ...]:
    lines = []
    if not preflight.is_able:
        lines.append("mend what is named above, and run `unleak doctor` again")
    lines.append("rehearse it, on a role that is thrown away: `unleak drill`")
    return tuple(lines)

"""A drill in words: what it will do, how long each region took, and whether anything is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.drill import PATH, TAG
from unleak.model.instant import render_instant
from unleak.model.outcome import Status
from unleak.report.page import (
    Bullets,
    Facts,
    Grid,
    Heading,
    Headline,
    Numbered,
    Paragraph,
    Tone,
    listed,
)
from unleak.report.wording import clean, count_words, join_words

if TYPE_CHECKING:
    from unleak.model.drill import Comparison, Drill, DrillPlan, RegionBite
    from unleak.report.page import Block, Page

_LEFT = "roles that earlier drills have left: {}; `unleak drill --clean` removes them"


def drill_plan_page(plan: DrillPlan) -> Page:
    """Return what a drill will do, before the one question."""
    left = join_words([clean(each) for each in plan.leftovers])
    made = (
        f"make role {plan.role} (path {PATH}, tag {TAG}), which trusts {plan.trusted} alone and "
        f"may call {plan.action}, nothing else"
    )
    return (
        Headline(f"A drill on a throw-away role in account {plan.account}"),
        Numbered(
            (
                made,
                "take sessions of it, as a thief would hold one",
                "cut it off with `unleak revoke`, as in an incident, without holding",
                f"ask {count_words(len(plan.regions), 'region')} until each refuses for good",
                "remove the role and all that is on it, also after Ctrl-C",
            )
        ),
        *listed("To know", (_LEFT.format(left),) if left else (), Tone.CAREFUL),
    )


def drill_page(
    drill: Drill, comparison: Comparison | None, leftover: str | None, unreadable: tuple[str, ...]
) -> Page:
    """Return what a drill has come to.

    Args:
        drill: what was measured.
        comparison: with earlier ones; None: there are none, or it was not measured to the end.
        leftover: why the role is still there; None: it is gone.
        unreadable: earlier results that could not be read.
    """
    notes = [f"{each} could not be read, and was not compared with" for each in unreadable]
    if leftover is not None:
        notes.append(f"role {drill.role} is still there ({leftover}): `unleak drill --clean`")
    return (
        _headline(drill),
        Facts(_facts(drill, comparison, is_gone=leftover is None)),
        *_regions(drill.regions),
        *listed("To know", tuple(clean(each) for each in notes), Tone.CAREFUL),
    )


def clean_page(
    removed: tuple[str, ...],
    kept: tuple[tuple[str, str], ...],
    not_ours: tuple[tuple[str, str], ...],
    *,
    is_dry: bool,
) -> Page:
    """Return what became of what drills have left.

    Args:
        removed: the roles that are gone, or would be removed.
        kept: role and reason, where one could not be removed.
        not_ours: role and reason, where one was left alone on purpose.
        is_dry: whether nothing was done.
    """
    verb = "would be removed" if is_dry else "removed"
    blocks: list[Block] = [Headline(f"{count_words(len(removed), 'role')} {verb}", Tone.GOOD)]
    if kept:
        blocks = [Headline(f"{count_words(len(kept), 'role')} could not be removed", Tone.BAD)]
    if removed:
        blocks.append(Bullets(tuple(clean(each) for each in removed)))
    for title, roles in (("Still there", kept), ("Left alone", not_ours)):
        lines = tuple(clean(f"{name}: {why}") for name, why in roles)
        blocks += listed(title, lines, Tone.CAREFUL)
    return tuple(blocks)


def to_remove_page(roles: tuple[str, ...]) -> Page:
    """Return the roles that would be removed, before the one question."""
    return (
        Headline(f"Remove {count_words(len(roles), 'role')} that drills have left"),
        Bullets(tuple(clean(each) for each in roles)),
    )


def _headline(drill: Drill) -> Headline:
    seconds = drill.seconds_to_bite
    if drill.status is not Status.CONTAINED or drill.new_sessions_work is False:
        return Headline(f"The drill did not end well: {drill.status or 'no word'}", Tone.BAD)
    if seconds is None:
        return Headline("The deny was not seen to bite everywhere in time", Tone.CAREFUL)
    where = count_words(sum(each.was_served for each in drill.regions), "region")
    return Headline(f"The deny bites in {where} after {seconds:.1f} s", Tone.GOOD)


def _facts(
    drill: Drill, comparison: Comparison | None, *, is_gone: bool
) -> tuple[tuple[str, str], ...]:
    works = {True: "work", False: "are refused too", None: "not known whether they work"}
    rows = [
        ("at", render_instant(drill.at)),
        ("incident", drill.incident or "none"),
        ("new sessions", works[drill.new_sessions_work]),
        ("role", f"{drill.role}, {'removed' if is_gone else 'still there'}"),
    ]
    if comparison is not None:
        word = "slower than" if comparison.is_slower else "no slower than"
        last = f"the median of the last {comparison.of}" if comparison.of > 1 else "the last one"
        rows.append(("compared", f"{word} {last}, {comparison.median:.1f} s"))
    return tuple(rows)


def _regions(regions: tuple[RegionBite, ...]) -> Page:
    if not regions:
        return ()
    ordered = sorted(regions, key=lambda each: (each.lasting is not None, -(each.lasting or 0.0)))
    rows = tuple(
        (each.region, _seconds(each, each.first_refusal), _seconds(each, each.lasting), _note(each))
        for each in ordered
    )
    return (
        Heading("By region, the slowest first"),
        Grid(("region", "first refusal", "for good", "note"), rows),
        Paragraph("Seconds from the moment the deny was accepted.", Tone.QUIET),
    )


def _seconds(bite: RegionBite, seconds: float | None) -> str:
    if not bite.was_served:
        return "-"
    return "not seen" if seconds is None else f"{seconds:.1f}"


def _note(bite: RegionBite) -> str:
    if not bite.was_served:
        return "never served the canary, so it tells nothing"
    return f"served again {count_words(bite.relapses, 'time')}" if bite.relapses else ""

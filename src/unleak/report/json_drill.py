"""The JSON documents of `unleak drill`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.evidence.clean import redact
from unleak.model.instant import render_instant
from unleak.report.json_v1 import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unleak.model.drill import Comparison, Drill, DrillPlan, RegionBite
    from unleak.report.json_v1 import Document, Json


def drill_plan_document(plan: DrillPlan) -> Document:
    """Return what a drill would do."""
    return {
        "version": VERSION,
        "role": plan.role,
        "role_arn": plan.role_arn,
        "account": plan.account,
        "trusted": plan.trusted,
        "action": plan.action,
        "regions": list(plan.regions),
        "leftovers": list(plan.leftovers),
    }


def drill_document(drill: Drill, comparison: Comparison | None, leftover: str | None) -> Document:
    """Return what a drill has come to; see `drill_words.drill_page` for the arguments."""
    return {
        "version": VERSION,
        "drill": drill.id,
        "role": drill.role,
        "account": drill.account,
        "at": render_instant(drill.at),
        "incident": drill.incident,
        "status": None if drill.status is None else str(drill.status),
        "seconds_to_bite": drill.seconds_to_bite,
        "new_sessions_work": drill.new_sessions_work,
        "regions": [_region(each) for each in drill.regions],
        "removed": drill.is_removed,
        "leftover": None if leftover is None else redact(leftover),
        "compared": None
        if comparison is None
        else {
            "median": comparison.median,
            "of": comparison.of,
            "slower": comparison.is_slower,
        },
    }


def clean_document(
    removed: Iterable[str],
    kept: Iterable[tuple[str, str]],
    not_ours: Iterable[tuple[str, str]],
) -> Document:
    """Return what became of what drills have left."""
    return {
        "version": VERSION,
        "removed": list(removed),
        "kept": [_with_reason(each) for each in kept],
        "not_ours": [_with_reason(each) for each in not_ours],
    }


def _with_reason(kept: tuple[str, str]) -> Json:
    return {"role": kept[0], "why": redact(kept[1])}


def _region(bite: RegionBite) -> Json:
    return {
        "region": bite.region,
        "served_before": bite.was_served,
        "first_refusal": bite.first_refusal,
        "lasting": bite.lasting,
        "relapses": bite.relapses,
        "asked": bite.asked,
    }

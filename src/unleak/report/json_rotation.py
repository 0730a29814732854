"""The JSON documents of `unleak rotate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.evidence.clean import redact
from unleak.model.instant import render_instant
from unleak.model.rotation import RotationStatus
from unleak.report.json_v1 import VERSION
from unleak.report.rotation_words import next_steps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unleak.model.rotation import Rotation, RotationPlan, RotationStep
    from unleak.report.json_v1 import Document, Json


def rotation_plan_document(plan: RotationPlan) -> Document:
    """Return the document of `rotate --dry-run`."""
    return {
        "version": VERSION,
        "rotation": None,
        "status": None,
        **_plan(plan),
        "new_key_id": None,
        "next": [],
    }


def rotation_document(rotation: Rotation) -> Document:
    """Return the document of `rotate`, and of `resume` and `undo` of a rotation."""
    return {
        "version": VERSION,
        "rotation": rotation.id,
        "status": str(rotation.status or RotationStatus.PARTIAL),
        **_plan(rotation.plan),
        "new_key_id": rotation.new_key_id,
        "created_at": render_instant(rotation.created_at),
        "next": list(next_steps(rotation)),
    }


def rotations_part(rotations: Iterable[Rotation]) -> Json:
    """Return the rotations for the document of `incidents`."""
    return [
        {
            "rotation": each.id,
            "status": str(each.status or RotationStatus.PARTIAL),
            "created_at": render_instant(each.created_at),
            "old_key_id": each.plan.old_key_id,
            "new_key_id": each.new_key_id,
            "user": each.plan.user,
        }
        for each in rotations
    ]


def _plan(plan: RotationPlan) -> dict[str, Json]:
    return {
        "user": plan.user,
        "account": plan.account,
        "old_key_id": plan.old_key_id,
        "mode": str(plan.mode),
        "actions": [_step(each) for each in plan.steps],
        "warnings": list(plan.warnings),
        "manual": [redact(each) for each in plan.manual],
        "by_hand": list(plan.holders),
        "silence_seconds": plan.silence_seconds,
        "grace_seconds": plan.grace_seconds,
    }


def _step(step: RotationStep) -> Json:
    return {
        "id": step.id,
        "kind": str(step.kind),
        "target": step.target,
        "reason": step.reason,
        "impact": step.impact,
        "reversible": step.reversible,
        "state": str(step.state),
        "detail": step.detail,
        "reload": None if step.written is None else step.written.reload or None,
    }

"""A rotation in words: what would be done, and what has come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from unleak.model.plan import StepState
from unleak.model.rotation import Mode, RotationKind, RotationStatus
from unleak.report.page import Bullets, Entry, Facts, Grid, Heading, Headline, Paragraph, Tone
from unleak.report.wording import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unleak.model.rotation import Rotation, RotationPlan, RotationStep
    from unleak.report.page import Block, Page

_TONES = {
    RotationStatus.ROTATED: Tone.GOOD,
    RotationStatus.WAITING: Tone.CAREFUL,
    RotationStatus.PARTIAL: Tone.BAD,
    RotationStatus.FAILED: Tone.BAD,
    RotationStatus.UNDONE: Tone.CAREFUL,
}
_STEP_TONES = {
    StepState.DONE: Tone.GOOD,
    StepState.ALREADY: Tone.GOOD,
    StepState.FAILED: Tone.BAD,
    StepState.SKIPPED: Tone.CAREFUL,
    StepState.UNDONE: Tone.CAREFUL,
}


def rotation_plan_page(plan: RotationPlan) -> Page:
    """Return what `rotate` would do."""
    blocks: list[Block] = [
        Headline(f"Rotate {plan.old_key_id} of user/{plan.user}"),
        Facts((("account", plan.account or "not known"), ("order", _order(plan.mode)))),
        Heading("What will be done"),
        *(_planned(number, step) for number, step in enumerate(plan.steps, start=1)),
        *_remarks(plan),
    ]
    return tuple(blocks)


def rotation_page(rotation: Rotation) -> Page:
    """Return what a rotation has come to."""
    status = rotation.status or RotationStatus.PARTIAL
    plan = rotation.plan
    blocks: list[Block] = [
        Headline(_headline(rotation, status), _TONES[status]),
        Facts(
            (
                ("rotation", rotation.id),
                ("old key", plan.old_key_id),
                ("new key", rotation.new_key_id or "none"),
                ("user", f"user/{plan.user}"),
            )
        ),
        Heading("Steps"),
        *(_ended(number, step) for number, step in enumerate(plan.steps, start=1)),
        *_remarks(plan),
        Heading("Next"),
        Bullets(next_steps(rotation)),
    ]
    return tuple(blocks)


def rotation_step_page(step: RotationStep) -> Page:
    """Return what one step has come to, in a line."""
    return (Paragraph(f"[{step.state}] {_title(step)}{_after(step.detail)}", Tone.QUIET),)


def rotations_page(rotations: Iterable[Rotation]) -> Page:
    """Return the list of rotations."""
    rows = tuple(
        (
            each.id,
            str(each.status or RotationStatus.PARTIAL),
            f"{each.plan.old_key_id} -> {each.new_key_id or 'none'}",
            f"user/{each.plan.user}",
        )
        for each in rotations
    )
    return (Heading("Rotations"), Grid(("rotation", "status", "keys", "whose"), rows))


def next_steps(rotation: Rotation) -> tuple[str, ...]:
    """Return what a person should do now."""
    status = rotation.status or RotationStatus.PARTIAL
    again = f"`unleak resume {rotation.id}`"
    back = f"`unleak undo {rotation.id}` takes it back"
    plan = rotation.plan
    match status:
        case RotationStatus.ROTATED:
            steps = [back] if rotation.step(RotationKind.DELETE) is None else []
            if plan.mode is Mode.LEAKED:
                steps.insert(0, f"`unleak revoke {plan.old_key_id}` for the sessions it has opened")
        case RotationStatus.WAITING:
            steps = [f"later: {again}", back]
        case RotationStatus.PARTIAL:
            leave = "where a place is done by hand or given up: `--leave PLACE` with it"
            steps = [f"mend what failed, then {again}; the old key stays until then", leave, back]
        case RotationStatus.FAILED:
            steps = [f"mend what failed, then {again}"]
        case RotationStatus.UNDONE:
            steps = ["the new key is inactive; delete it when nobody wants it any more"]
        case _:
            assert_never(status)
    reloads = [
        f"{step.target}: {step.written.reload}"
        for step in plan.steps
        if step.written is not None and step.written.reload
    ]
    return (*reloads, *steps)


def _headline(rotation: Rotation, status: RotationStatus) -> str:
    plan = rotation.plan
    match status:
        case RotationStatus.ROTATED:
            return f"{plan.old_key_id} is rotated: {rotation.new_key_id} has taken its place"
        case RotationStatus.WAITING:
            return f"The new key is in place; {plan.old_key_id} has to wait"
        case RotationStatus.PARTIAL:
            return f"Not everything has the new key; see what became of {plan.old_key_id} below"
        case RotationStatus.FAILED:
            return f"{plan.old_key_id} was not rotated"
        case RotationStatus.UNDONE:
            return f"The rotation is undone: {plan.old_key_id} is active again"
        case _:
            assert_never(status)


def _order(mode: Mode) -> str:
    if mode is Mode.LEAKED:
        return "it has leaked, so it is deactivated first"
    return "both keys work until nobody uses the old one"


def _planned(number: int, step: RotationStep) -> Entry:
    facts = (("why", step.reason), ("effect", step.impact), ("way back", _way_back(step)))
    state = "" if step.state is StepState.PLANNED else f" [{step.state}]"
    return Entry(f"{number}.", f"{_title(step)}{state}", facts)


def _way_back(step: RotationStep) -> str:
    if step.kind is RotationKind.RELOAD:
        return "`unleak undo` starts it anew once more, where the place has a way back"
    if step.kind is RotationKind.WRITE:
        return "`unleak undo`, where the place itself keeps its former version; else by hand"
    return "`unleak undo`" if step.reversible else "none"


def _ended(number: int, step: RotationStep) -> Entry:
    facts = (("detail", clean(step.detail)),) if step.detail else ()
    tone = _STEP_TONES.get(step.state, Tone.PLAIN)
    return Entry(f"{number}.", f"[{step.state}] {_title(step)}", facts, tone)


def _title(step: RotationStep) -> str:  # noqa: C901, PLR0911 - one case a kind
    target = clean(step.target)
    match step.kind:
        case RotationKind.MAKE_ROOM:
            return f"Delete the inactive key {target}"
        case RotationKind.DEACTIVATE_LEAKED | RotationKind.DEACTIVATE:
            return f"Deactivate {target}"
        case RotationKind.CREATE:
            return f"Create a new key for {target}"
        case RotationKind.AUTHENTICATE:
            return "Wait until the new key is accepted everywhere"
        case RotationKind.WRITE:
            return f"Write the new key to {target}"
        case RotationKind.RELOAD:
            return f"Start {target} anew"
        case RotationKind.SILENCE:
            return f"Watch until {target} is not used any more"
        case RotationKind.DELETE:
            return f"Delete {target}"
        case _:
            assert_never(step.kind)


def _remarks(plan: RotationPlan) -> tuple[Block, ...]:
    blocks: list[Block] = []
    if plan.warnings:
        blocks += [Heading("Careful"), Bullets(plan.warnings, Tone.CAREFUL)]
    if plan.holders:
        places = tuple(clean(each) for each in plan.holders)
        heading = "To be done by hand: the old key stays until then (`--leave PLACE` when done)"
        blocks += [Heading(heading), Bullets(places, Tone.CAREFUL)]
    if plan.manual:
        lines = tuple(clean(each) for each in plan.manual)
        blocks += [Heading("To be looked at"), Bullets(lines, Tone.CAREFUL)]
    return tuple(blocks)


def _after(detail: str) -> str:
    return f": {clean(detail)}" if detail else ""

"""The old key goes: when nobody uses it any more, reversibly first, for good only when asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from unleak.errors import UnleakError
from unleak.identify.key_users import users_of
from unleak.model.action import KeyState
from unleak.model.instant import render_instant
from unleak.model.plan import StepState
from unleak.model.rotation import RotationKind

if TYPE_CHECKING:
    from unleak.model.reference import KeyUsers, NotSearched, Use
    from unleak.model.rotation import RotationStep
    from unleak.rotate.workbench import Workbench

LOOK_SECONDS: Final = 15.0
"""How long to wait between two looks at who uses the old key."""
SHORT_GRACE_SECONDS: Final = 300.0
"""A rest of grace that is waited for; for a longer one `resume` is the way."""


def watch_silence(bench: Workbench, step: RotationStep) -> bool:
    """Wait until nobody has used the old key for long enough; False: not seen yet.

    IAM's last use is hours late and CloudTrail minutes, and CloudTrail has no data events: silence
    is what both show, no more.
    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html
    """
    bench.begin(step)
    plan = bench.rotation.plan
    written = [bench.ended_at(each.id) for each in bench.writes]
    since = max((at for at in written if at is not None), default=bench.rotation.created_at)
    started = bench.pace.monotonic()
    while True:
        users, gaps = users_of(bench.old_key_id, bench.reader, since=since)
        last = _last_after(users, since)
        quiet = (_now(bench) - (last or since)).total_seconds()
        if quiet >= plan.silence_seconds and not gaps:
            return bench.end(step, detail=f"no use was seen for {quiet:.0f} s")
        if bench.pace.monotonic() - started >= plan.patience_seconds or (
            gaps and quiet >= plan.silence_seconds
        ):
            return bench.end(step, StepState.PLANNED, detail=_still(users, gaps, last))
        rest = max(1.0, plan.silence_seconds - quiet)
        bench.person.hears(_progress(users, last, quiet, plan.silence_seconds))
        bench.pace.pause(min(LOOK_SECONDS, rest))


def set_inactive(bench: Workbench, step: RotationStep) -> bool:
    """Deactivate a key, and read back that it is."""
    bench.begin(step)
    try:
        bench.writer.set_key_status(user=bench.user, key_id=step.target, state=KeyState.INACTIVE)
        state = _state(bench, step.target)
    except UnleakError as error:
        return bench.fail(step, error)
    if state is KeyState.ACTIVE:
        return bench.end(step, StepState.FAILED, detail="read back, it is still active")
    return bench.end(step, detail="inactive")


def delete(bench: Workbench, step: RotationStep) -> bool:
    """Delete a key that is inactive; an active one is never deleted.

    Returns:
        Whether it is gone; False also while its time of grace runs.
    """
    if step.kind is RotationKind.DELETE and not _grace_is_over(bench, step):
        return False
    bench.begin(step)
    try:
        state = _state(bench, step.target)
        if state is None:
            return bench.end(step, StepState.ALREADY, detail="it is gone already")
        if state is KeyState.ACTIVE:
            detail = "it is active again: somebody needs it, so it was not deleted"
            return bench.end(step, StepState.FAILED, detail=detail)
        bench.writer.delete_key(user=bench.user, key_id=step.target)
    except UnleakError as error:
        return bench.fail(step, error)
    return bench.end(step, detail="deleted")


def grace_ends_at(bench: Workbench) -> datetime | None:
    """Return when the old key may be deleted; None: it is not known since when it is inactive."""
    for kind in (RotationKind.DEACTIVATE, RotationKind.DEACTIVATE_LEAKED):
        step = bench.rotation.step(kind)
        if step is not None:
            at = bench.ended_at(step.id) or bench.rotation.created_at
            return at + timedelta(seconds=bench.rotation.plan.grace_seconds)
    return None


def _grace_is_over(bench: Workbench, step: RotationStep) -> bool:
    ends = grace_ends_at(bench)
    if ends is None:
        return True
    rest = (ends - _now(bench)).total_seconds()
    if rest > SHORT_GRACE_SECONDS:
        detail = f"not before {render_instant(ends)}: its time of grace runs"
        return bench.end(step, StepState.PLANNED, detail=detail)
    if rest > 0:
        bench.person.hears(f"waiting {rest:.0f} s: the time of grace of {step.target}")
        bench.pace.pause(rest)
    return True


def _state(bench: Workbench, key_id: str) -> KeyState | None:
    keys = bench.reader.keys(bench.user)
    return next((key.state for key in keys if key.key_id == key_id), None)


def _now(bench: Workbench) -> datetime:
    """Return AWS's time; this machine's where no answer was seen yet."""
    return bench.reader.clock.now() or datetime.now(UTC)


def _last_after(users: KeyUsers, since: datetime) -> datetime | None:
    seen = [users.last_used_at, *(use.last for use in users.uses)]
    later = [at for at in seen if at is not None and at > since]
    return max(later, default=None)


def _progress(users: KeyUsers, last: datetime | None, quiet: float, wanted: float) -> str:
    if last is None:
        return (
            f"the old key: no use seen since the new one was written ({quiet:.0f}/{wanted:.0f} s)"
        )
    return f"the old key: last used {render_instant(last)}{_by(users)}"


def _still(users: KeyUsers, gaps: tuple[NotSearched, ...], last: datetime | None) -> str:
    if last is not None:
        return f"still in use: {render_instant(last)}{_by(users)}"
    if gaps:
        places = ", ".join(gap.where for gap in gaps[:5])
        return f"whether it is still used cannot be told: no answer from {places}"
    return "not watched for long enough yet"


def _by(users: KeyUsers) -> str:
    latest: Use | None = users.uses[0] if users.uses else None
    return "" if latest is None else f" by {latest.source} with {latest.user_agent}"

"""Rotate a long-lived key: read the facts, show the plan, ask once, and run the steps."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.apply.journal import Journal
from unleak.apply.lock import hold
from unleak.errors import ForeignAccount, NoConsent, NoSuchPrincipal, UnleakError, WrongUse
from unleak.flow.clock import corrected_now
from unleak.flow.state import local_folder
from unleak.flow.timing import REAL
from unleak.identify.caller import caller_or_unknown
from unleak.model.action import Holder, HolderType
from unleak.model.frozen import dataclass
from unleak.model.instant import render_instant
from unleak.model.plan import StepState
from unleak.model.rotation import RotationStatus
from unleak.rotate.journal import RotationJournal
from unleak.rotate.look import with_fit_places
from unleak.rotate.plan import RotationFacts, plan_rotation
from unleak.rotate.reloading import readings_of
from unleak.rotate.saga import run
from unleak.rotate.undo import undo
from unleak.rotate.workbench import Workbench
from unleak.stores.interface import Reach
from unleak.stores.registry import installed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from unleak.flow.timing import Timing
    from unleak.model.ports import Reader
    from unleak.model.rotation import Rotation, RotationPlan
    from unleak.model.situation import KeyFact
    from unleak.rotate.doors import RotationDoors, RotationPerson
    from unleak.rotate.plan import RotationWish
    from unleak.rotate.reloading import Reading
    from unleak.stores.registry import Registry

QUARANTINE = ("AWSCompromisedKeyQuarantine", "AWSExposedCredentialPolicy")
"""How the names of AWS's own quarantine policies begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationSetting:
    """Where a rotation runs, and with what."""

    doors: RotationDoors
    person: RotationPerson
    environment: Mapping[str, str]
    home: Path | None = None
    """The state folder; the platform's where None."""
    timing: Timing = REAL
    registry: Registry | None = None
    """The destinations; those of this installation where None."""


def plan(
    key_id: str, wish: RotationWish, setting: RotationSetting, *, is_leaked: bool
) -> RotationPlan:
    """Return what a rotation would do; nothing is changed.

    Args:
        key_id: the long-lived key.
        wish: where the new key goes, and how long to wait for what.
        setting: where it runs; only the doors that change nothing are opened.
        is_leaked: whether the old key has leaked, so that it is deactivated first.

    Raises:
        NoSuchPrincipal: no user of the account has the key.
        PlaceNotFit: a place that the person named cannot take the new key.
        Refused: it cannot be rotated, and why.
    """
    reader = setting.doors.reader()
    user = _user_of(key_id, reader)
    keys = reader.keys(user)
    caller, _ = caller_or_unknown(reader)
    reach = Reach(
        cloud=setting.doors.sealed_desk(),
        account=caller.account,
        environment=setting.environment,
    )
    fit, readings = _looked_at(wish, key_id, setting.registry or installed(), reach)
    facts = RotationFacts(
        user=user,
        key_id=key_id,
        keys=keys,
        caller=caller,
        region=reader.region,
        is_leaked=is_leaked or has_leaked(key_id, local_folder(setting.home)),
        quarantine=_quarantine(user, reader),
        readings=readings,
        other_last_used=_other_use(key_id, keys, reader),
    )
    return plan_rotation(facts, fit)


def _looked_at(
    wish: RotationWish, key_id: str, registry: Registry, reach: Reach
) -> tuple[RotationWish, tuple[Reading, ...]]:
    """Return the places that fit, and who reads them only when it starts."""
    fit = with_fit_places(wish, key_id, registry, reach)
    readings, notes = readings_of(fit.spots, registry, reach)
    return replace(fit, by_hand=(*fit.by_hand, *notes)), readings


def rotate_key(
    key_id: str,
    wish: RotationWish,
    setting: RotationSetting,
    *,
    is_leaked: bool = False,
    assume_yes: bool = False,
) -> Rotation:
    """Rotate a key and return what has come of it.

    Args:
        key_id: the long-lived key.
        wish: where the new key goes, and how long to wait for what.
        setting: where it runs, and with what.
        is_leaked: whether the old key has leaked; also where the journal of incidents knows it.
        assume_yes: whether the plan counts as accepted.

    Raises:
        NoConsent: the person said no.
        UnleakError: refused; or begun, and the journal knows how far it came.
    """
    if not wish.spots:
        message = "nobody said where the new key goes"
        raise WrongUse(message, hint="give --to PLACE, or --everywhere for all that `find` finds")
    with _journal(setting) as (journal, folder), hold(folder, f"rotation {key_id}"):
        if journal.open_for(key_id) is not None:
            message = f"a rotation of {key_id} was begun and is not finished"
            hint = f"`unleak resume {_open_id(journal, key_id)}` goes on with it"
            raise WrongUse(message, hint=hint)
        proposed = plan(key_id, wish, setting, is_leaked=is_leaked)
        if not assume_yes and not setting.person.accepts_rotation(proposed):
            message = "you said no; nothing was changed"
            raise NoConsent(message, hint="`unleak rotate --dry-run` shows the plan again")
        caller, _ = caller_or_unknown(setting.doors.reader())
        name = journal.create(proposed, caller)
        return run(_bench(journal.rotation(name), journal, setting))


def resume_rotation(
    name: str,
    setting: RotationSetting,
    *,
    leave: tuple[str, ...] = (),
    assume_yes: bool = False,
) -> Rotation:
    """Go on with a rotation that was interrupted, or that waits.

    Args:
        name: its id, the start of it, or `latest`.
        setting: where it runs, and with what.
        leave: places to leave as they are, by their labels.
        assume_yes: whether the rest of the plan counts as accepted.

    Raises:
        NoSuchIncident: there is none of that name.
        ForeignAccount: we are signed in to another account than then.
        NoConsent: the person said no.
        UnleakError: a step failed in a way that a person has to settle.
    """
    with _journal(setting) as (journal, folder):
        rotation = journal.rotation(name)
        _same_account(rotation, setting)
        with hold(folder, f"rotation {rotation.plan.old_key_id}"):
            bench = _bench(journal.rotation(rotation.id), journal, setting)
            if bench.rotation.status is RotationStatus.UNDONE:
                message = f"{rotation.id} was taken back, so there is nothing to go on with"
                raise WrongUse(message, hint=f"`unleak rotate {rotation.plan.old_key_id}`")
            if not assume_yes and not setting.person.accepts_rotation(bench.rotation.plan):
                message = "you said no; nothing more was changed"
                raise NoConsent(message, hint=f"`unleak resume {rotation.id}`")
            _leave(bench, leave)
            return run(bench)


def undo_rotation(
    name: str, setting: RotationSetting, *, force: bool = False, assume_yes: bool = False
) -> Rotation:
    """Take a rotation back.

    Args:
        name: its id, the start of it, or `latest`.
        setting: where it runs, and with what.
        force: also where the old key has leaked.
        assume_yes: whether it counts as accepted.

    Raises:
        WouldRevive: the old key has leaked, and `force` was not given.
        UnleakError: refused, or the person said no.
    """
    with _journal(setting) as (journal, folder):
        rotation = journal.rotation(name)
        _same_account(rotation, setting)
        with hold(folder, f"rotation {rotation.plan.old_key_id}"):
            if not assume_yes and not setting.person.accepts_rotation(rotation.plan):
                message = "you said no; nothing was changed"
                raise NoConsent(message, hint=f"`unleak undo {rotation.id}`")
            return undo(_bench(rotation, journal, setting), force=force)


def has_leaked(key_id: str, folder: Path) -> bool:
    """Whether an incident of this machine is about the key."""
    with Journal.open(folder, now=lambda: corrected_now(None)) as journal:
        return any(key_id in each.key_ids for each in journal.incidents())


@contextmanager
def _journal(setting: RotationSetting) -> Iterator[tuple[RotationJournal, Path]]:
    folder = local_folder(setting.home)
    clock = setting.doors.reader().clock
    with RotationJournal.open(folder, now=lambda: corrected_now(clock)) as journal:
        yield journal, folder


def _bench(rotation: Rotation, journal: RotationJournal, setting: RotationSetting) -> Workbench:
    return Workbench(
        rotation,
        journal=journal,
        doors=setting.doors,
        registry=setting.registry or installed(),
        person=setting.person,
        pace=setting.timing,
        environment=setting.environment,
    )


def _leave(bench: Workbench, labels: tuple[str, ...]) -> None:
    waiting = tuple(s for s in (*bench.writes, *bench.reloads) if s.state is not StepState.DONE)
    for label in labels:
        steps = [step for step in waiting if step.target == label]
        if label in bench.rotation.plan.holders:
            bench.journal.left(bench.id, label)
        elif steps:
            for step in steps:
                bench.end(step, StepState.SKIPPED, detail="left as it is, as you said")
        else:
            message = f"the rotation does not wait for {label[:80]!a}"
            known = ", ".join((*(s.target for s in waiting), *bench.rotation.waits_for))
            raise WrongUse(message, hint=f"it waits for: {known or 'nothing'}")
    bench.refresh()


def _open_id(journal: RotationJournal, key_id: str) -> str:
    found = journal.open_for(key_id)
    return "" if found is None else found.id


def _same_account(rotation: Rotation, setting: RotationSetting) -> None:
    """Refuse to go on in another account, or in another region where a place names none.

    Raises:
        ForeignAccount: we are signed in to another account than then.
        WrongUse: places of the plan would be looked for in another region.
    """
    reader = setting.doors.reader()
    caller, _ = caller_or_unknown(reader)
    regions = {step.spot.region for step in rotation.plan.steps if step.spot is not None}
    if None in regions and reader.region != rotation.plan.region:
        message = f"{rotation.id} was begun in {rotation.plan.region}, and you are elsewhere now"
        raise WrongUse(message, hint=f"give --region {rotation.plan.region}")
    then = rotation.plan.account
    if None not in (caller.account, then) and caller.account != then:
        message = f"{rotation.id} is about account {then}, but you are signed in to another"
        raise ForeignAccount(message, hint=f"sign in to {then} (--profile) and run it again")


def _user_of(key_id: str, reader: Reader) -> str:
    """Return whose key it is, in our own account.

    Raises:
        NoSuchPrincipal: nobody's here.
    """
    user = reader.key_use(key_id).user
    if user is not None and user != _ROOT:
        return user
    for name in reader.users():
        if any(key.key_id == key_id for key in reader.keys(name)):
            return name
    message = f"no user of this account has the key {key_id}"
    hint = (
        "is it another account's (`unleak identify` tells), or the root user's? A root key is "
        "never rotated but deleted: `unleak revoke`"
    )
    raise NoSuchPrincipal(message, hint=hint)


_ROOT = "root"


def _quarantine(user: str, reader: Reader) -> str | None:
    try:
        attached = reader.attached_policies(Holder(type=HolderType.USER, name=user))
    except UnleakError:
        return None  # a warning that cannot be given; the rotation does not rest on it
    return next((each.name for each in attached if each.name.startswith(QUARANTINE)), None)


def _other_use(key_id: str, keys: tuple[KeyFact, ...], reader: Reader) -> str | None:
    other = next((key for key in keys if key.key_id != key_id), None)
    if other is None:
        return None
    try:
        use = reader.key_use(other.key_id)
    except UnleakError:
        return None  # "not known" is what the plan then says
    if use.last_used_at is None:
        return "IAM knows of none"
    return f"{render_instant(use.last_used_at)} {use.service or ''}".strip()

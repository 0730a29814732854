"""Decide from the facts how a key is rotated; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.errors import NoSuchPrincipal, Refused
from unleak.model.action import KeyState
from unleak.model.frozen import dataclass
from unleak.model.plan import StepState
from unleak.model.rotation import Mode, RotationKind, RotationPlan, RotationStep, Spot

if TYPE_CHECKING:
    from unleak.model.situation import Caller, KeyFact
    from unleak.rotate.reloading import Reading

KEYS_PER_USER = 2
"""How many access keys a user can have.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


class NoRoom(Refused):
    """The user has two keys already, and the other one may be in use."""

    code = "no-room"


class OwnKey(Refused):
    """The responder signs with the key that has to be deactivated first."""

    code = "own-key"


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationFacts:
    """What was read before planning."""

    user: str
    key_id: str
    keys: tuple[KeyFact, ...]
    caller: Caller
    region: str
    is_leaked: bool
    quarantine: str | None = None
    """The name of AWS's quarantine policy where one is attached to the user."""
    readings: tuple[Reading, ...] = ()
    """Who reads the places when it starts, and only then."""
    other_last_used: str | None = None
    """Words about the last use of the user's other key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationWish:
    """What the person asked for."""

    spots: tuple[Spot, ...]
    """Where the new key goes; those that can be read back first."""
    found: frozenset[Spot] = frozenset()
    """Those among them that a search found: where one cannot be written, it is left to a person."""
    holders: tuple[str, ...] = ()
    """Places that were found with the key and cannot be written to."""
    by_hand: tuple[str, ...] = ()
    """What else a person has to look at: what could not be looked into."""
    reloads: bool = True
    """Whether what reads a place only when it starts is started anew."""
    silence_seconds: float = 900.0
    patience_seconds: float = 3600.0
    grace_seconds: float = 0.0
    deletes: bool = False


def plan_rotation(facts: RotationFacts, wish: RotationWish) -> RotationPlan:
    """Return the plan.

    Args:
        facts: what was read.
        wish: what the person asked for, with spots that can be written to.

    Raises:
        NoSuchPrincipal: the key is not among the user's.
        NoRoom: the other key is active, and no active key is deleted by itself.
        OwnKey: the responder would cut off himself before he is done.
    """
    old = next((key for key in facts.keys if key.key_id == facts.key_id), None)
    if old is None:
        message = f"user/{facts.user} has no key {facts.key_id} (any more)"
        raise NoSuchPrincipal(message, hint="`aws iam list-access-keys` shows what there is")
    mode = Mode.LEAKED if facts.is_leaked else Mode.OVERLAP
    _refuse_own_key(facts, mode)
    return RotationPlan(
        user=facts.user,
        account=facts.caller.account,
        old_key_id=facts.key_id,
        mode=mode,
        region=facts.region,
        steps=_steps(facts, old, wish, mode),
        silence_seconds=0.0 if mode is Mode.LEAKED else wish.silence_seconds,
        patience_seconds=wish.patience_seconds,
        grace_seconds=wish.grace_seconds,
        keys_before=tuple(key.key_id for key in facts.keys),
        regions=tuple(dict.fromkeys([facts.region, *(s.region for s in wish.spots if s.region)])),
        warnings=_warnings(facts, wish, mode),
        manual=(*wish.by_hand, *_told(facts, wish)),
        holders=wish.holders,
    )


def _steps(
    facts: RotationFacts, old: KeyFact, wish: RotationWish, mode: Mode
) -> tuple[RotationStep, ...]:
    return (
        *((_deactivate_leaked(facts, old),) if mode is Mode.LEAKED else ()),
        *_room(facts),
        _create(facts),
        _authenticate(facts),
        *(_write(number, spot) for number, spot in enumerate(wish.spots, start=1)),
        *(_reload(number, each) for number, each in enumerate(_reloaded(facts, wish), start=1)),
        *_retire(facts, old, wish, mode),
    )


def _room(facts: RotationFacts) -> tuple[RotationStep, ...]:
    if len(facts.keys) < KEYS_PER_USER:
        return ()
    other = next(key for key in facts.keys if key.key_id != facts.key_id)
    if other.state is KeyState.ACTIVE:
        message = (
            f"user/{facts.user} has two keys, AWS allows no third, and the other one, "
            f"{other.key_id}, is active (last used: {facts.other_last_used or 'not known'})"
        )
        hint = (
            "find out who uses it (`unleak find` it), deactivate it yourself if nobody does, "
            "and run this again"
        )
        if facts.is_leaked:
            hint = f"`unleak revoke {facts.key_id}` cuts the leaked one off now; then {hint}"
        raise NoRoom(message, hint=hint)
    return (
        RotationStep(
            id="room",
            kind=RotationKind.MAKE_ROOM,
            target=other.key_id,
            reason="a user can have two keys, and this one is inactive already",
            impact=(
                "the inactive key is gone for good "
                f"(last used: {facts.other_last_used or 'not known'}); keep its id for CloudTrail"
            ),
            reversible=False,
        ),
    )


def _deactivate_leaked(facts: RotationFacts, old: KeyFact) -> RotationStep:
    return RotationStep(
        id="deactivate",
        kind=RotationKind.DEACTIVATE_LEAKED,
        target=facts.key_id,
        reason="it has leaked: nothing else comes before this",
        impact="every program that signs with it is down until it has the new key",
        reversible=True,
        state=StepState.PLANNED if old.state is KeyState.ACTIVE else StepState.ALREADY,
    )


def _create(facts: RotationFacts) -> RotationStep:
    return RotationStep(
        id="create",
        kind=RotationKind.CREATE,
        target=f"user/{facts.user}",
        reason="the key that takes its place",
        impact="nobody is hit; its secret goes to the places below and nowhere else",
        reversible=True,
    )


def _authenticate(facts: RotationFacts) -> RotationStep:
    return RotationStep(
        id="authenticate",
        kind=RotationKind.AUTHENTICATE,
        target=f"user/{facts.user}",
        reason="a new key is not accepted everywhere at once: nobody gets it before it is",
        impact="a few harmless `sts:GetCallerIdentity` calls with the new key",
        reversible=True,
    )


def _write(number: int, spot: Spot) -> RotationStep:
    return RotationStep(
        id=f"write-{number}",
        kind=RotationKind.WRITE,
        target=spot.label,
        reason="the new key in the old one's place, read back afterwards",
        impact="who reads it from there uses the new key from its next reading on",
        reversible=True,
        spot=spot,
    )


def _reloaded(facts: RotationFacts, wish: RotationWish) -> tuple[Reading, ...]:
    return facts.readings if wish.reloads else ()


def _told(facts: RotationFacts, wish: RotationWish) -> tuple[str, ...]:
    """Say what a person starts anew himself, where he said that he would."""
    if wish.reloads:
        return ()
    return tuple(
        f"start {each.workload.spot.label} anew after the write: it reads "
        f"{', '.join(each.places)} when it starts, and only then"
        for each in facts.readings
    )


def _reload(number: int, reading: Reading) -> RotationStep:
    return RotationStep(
        id=f"reload-{number}",
        kind=RotationKind.RELOAD,
        target=reading.workload.spot.label,
        reason=f"it reads {', '.join(reading.places)} when it starts, and only then",
        impact=reading.workload.impact,
        reversible=True,
        spot=reading.workload.spot,
        after=reading.places,
    )


def _retire(
    facts: RotationFacts, old: KeyFact, wish: RotationWish, mode: Mode
) -> tuple[RotationStep, ...]:
    steps: list[RotationStep] = []
    if mode is Mode.OVERLAP:
        is_dead = old.state is not KeyState.ACTIVE
        if wish.silence_seconds > 0 and not is_dead:
            steps.append(
                RotationStep(
                    id="silence",
                    kind=RotationKind.SILENCE,
                    target=facts.key_id,
                    reason="whoever still uses the old key would be down without it",
                    impact=f"waits until nobody has used it for {wish.silence_seconds:.0f} s",
                    reversible=True,
                )
            )
        steps.append(
            RotationStep(
                id="retire",
                kind=RotationKind.DEACTIVATE,
                target=facts.key_id,
                reason="the old key is not needed any more",
                impact="who still signs with it is refused; `unleak undo` takes it back",
                reversible=True,
                state=StepState.ALREADY if is_dead else StepState.PLANNED,
            )
        )
    if wish.deletes:
        steps.append(
            RotationStep(
                id="delete",
                kind=RotationKind.DELETE,
                target=facts.key_id,
                reason="you asked for it",
                impact="there is no way back; keep its id for CloudTrail",
                reversible=False,
            )
        )
    return tuple(steps)


def _signs_with_it(facts: RotationFacts) -> bool:
    return facts.caller.access_key_id == facts.key_id


def _refuse_own_key(facts: RotationFacts, mode: Mode) -> None:
    if _signs_with_it(facts) and mode is Mode.LEAKED:
        message = f"you are signed in with {facts.key_id} yourself, and it is deactivated first"
        raise OwnKey(message, hint="name another --profile, one that may manage this user's keys")


def _warnings(facts: RotationFacts, wish: RotationWish, mode: Mode) -> tuple[str, ...]:
    found: list[str] = []
    if mode is Mode.LEAKED:
        found.append(
            "sessions that were opened with the leaked key live on: "
            f"`unleak revoke {facts.key_id}` cuts them off too"
        )
    if facts.quarantine is not None:
        found.append(
            f"AWS has put {facts.quarantine} on user/{facts.user}: it stays after the rotation and "
            "refuses much to the new key as well, until it is detached"
        )
    if _signs_with_it(facts):
        found.append(
            f"you are signed in with {facts.key_id} yourself: once it is inactive, nothing more "
            "can be done with it; sign in with the new key then"
        )
    if mode is Mode.OVERLAP and wish.silence_seconds > 0:
        found.append(
            "silence is what IAM (hours late) and CloudTrail (minutes late, no reads of objects in "
            "S3, of DynamoDB or SQS) both show: who calls seldom is not heard"
        )
    return tuple(found)

"""Sessions of our own: the canary from before the cut-off, and the control group from after it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

from unleak.errors import MissingPermission, Throttled, UnleakError, Unreachable
from unleak.model.action import Holder, HolderType
from unleak.model.frozen import dataclass
from unleak.model.principal import PrincipalType
from unleak.model.reading import Gap, Unknown
from unleak.verify.classify import Verdict, classify, foreign_source
from unleak.verify.subject import Canary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from unleak.model.ports import Prober, Reader
    from unleak.model.principal import Principal

FRESH_NAME = "unleak-fresh"
CANARY_NAME = "unleak-canary"

_MARGIN = timedelta(seconds=1)
_BLIND_WAIT = 3.0
_SECOND_TRY = 2.0
_PATIENCE = 10.0
_WORKERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What a session from after the cut-off was told; the control group of one role."""

    holder: Holder
    verdicts: dict[tuple[str, str], Verdict]
    """By service and region."""
    works: bool | None
    detail: str


def mint_canary(
    reader: Reader, principal: Principal, *, name: str = CANARY_NAME
) -> Canary | Unknown:
    """Mint a session of ours of the role that is about to be cut.

    Safe to call while the deny is on its way: `minted_at` tells afterwards whether it came first.

    Args:
        reader: the responder's eyes; only a role that trusts him can be assumed.
        principal: the role; its ARN is looked up where it is not known.
        name: the session's name, which shows in CloudTrail.
    """
    if principal.type is not PrincipalType.ROLE:
        return Unknown(Gap.UNSUPPORTED, "only a role's session can be minted by somebody else")
    try:
        arn = principal.arn or reader.role(principal.name).principal.arn
        if arn is None:
            return Unknown(Gap.FAILED, "the role's ARN is not known")
        session = reader.assume_role(arn, session_name=name)
    except UnleakError as error:
        return Unknown(_gap_of(error), f"no session of ours could be minted: {error.message}")
    holder = Holder(type=HolderType.ROLE, name=principal.name)
    return Canary(holder=holder, session=session, minted_at=reader.clock.now())


def ask_control(
    principal: Principal,
    *,
    cutoff: datetime,
    places: Sequence[tuple[str, str]],
    reader: Reader,
    prober: Prober,
    pause: Callable[[float], None],
    patience: float = _PATIENCE,
) -> Control | Unknown:
    """Mint a session after the cut-off and ask for it what the old ones were asked.

    Issue times are cut to the second, so the second of the cut-off is waited out first, and a
    session that meets an explicit deny gets a second chance with a later one.

    Args:
        principal: the role.
        cutoff: sessions issued before it are denied.
        places: the services and regions to compare with; those that test policies.
        reader: mints.
        prober: asks.
        pause: sleeps that many seconds.
        patience: the longest wait for the cut-off, in seconds.
    """
    wait = _seconds_until(cutoff + _MARGIN, reader)
    if wait > patience:
        return Unknown(Gap.NOT_LOOKED_AT, "the cut-off lies too far ahead to wait for it")
    control: Control | Unknown = Unknown(Gap.NOT_LOOKED_AT)
    for seconds in (wait, _SECOND_TRY):
        if seconds > 0:
            pause(seconds)
        fresh = mint_canary(reader, principal, name=FRESH_NAME)
        if isinstance(fresh, Unknown):
            return fresh
        control = _ask(fresh, places, prober)
        if control.works is not False:
            return control
    return control


def _seconds_until(instant: datetime, reader: Reader) -> float:
    now = reader.clock.now()
    return _BLIND_WAIT if now is None else (instant - now).total_seconds()


def _ask(fresh: Canary, places: Sequence[tuple[str, str]], prober: Prober) -> Control:
    def ask(place: tuple[str, str]) -> Verdict:
        answer = prober.probe(fresh.session, service=place[0], region=place[1])
        verdict = classify(answer)
        is_foreign = verdict is Verdict.EXPLICIT_DENY and foreign_source(answer) is not None
        return Verdict.REFUSED if is_foreign else verdict

    with ThreadPoolExecutor(max_workers=_WORKERS) as pool:
        verdicts = dict(zip(places, pool.map(ask, places), strict=True))
    works, detail = _verdict_on(verdicts)
    return Control(holder=fresh.holder, verdicts=verdicts, works=works, detail=detail)


def _verdict_on(verdicts: dict[tuple[str, str], Verdict]) -> tuple[bool | None, str]:
    served = sorted({place[0] for place, each in verdicts.items() if each is Verdict.ALLOWED})
    if served:
        return True, f"a session from after the cut-off is served by {', '.join(served)}"
    if Verdict.EXPLICIT_DENY in verdicts.values():
        return False, "a session from after the cut-off meets an explicit deny as well"
    return None, (
        "a session from after the cut-off was minted, but the role may call none of the services "
        "that we ask, so this tells nothing"
    )


def _gap_of(error: UnleakError) -> Gap:
    match error:
        case MissingPermission():
            return Gap.DENIED
        case Throttled():
            return Gap.THROTTLED
        case Unreachable():
            return Gap.UNREACHABLE
        case _:
            return Gap.FAILED

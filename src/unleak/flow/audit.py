"""List the long-lived credentials of an account, judge them, say what could replace them."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from unleak.audit.ground import Ground
from unleak.audit.rank import Context, judge, ranked
from unleak.audit.replacement import replacements
from unleak.errors import UnleakError
from unleak.flow.timing import REAL
from unleak.identify.caller import caller_or_unknown
from unleak.identify.grip import grip_of
from unleak.identify.holdings import inventory
from unleak.identify.key_users import users_of
from unleak.model.frozen import dataclass
from unleak.model.holding import AuditResult, HoldingKind, HoldingState, NotAudited
from unleak.model.plan import Grip
from unleak.model.reading import NOT_LOOKED_AT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from unleak.flow.timing import Timing
    from unleak.identify.holdings import Inventory
    from unleak.model.holding import Finding, Holding
    from unleak.model.ports import Reader
    from unleak.model.reference import KeyUsers
    from unleak.model.register import Place, Register
    from unleak.model.situation import Caller

ASKED_BY_DEFAULT = 10
_SECONDS_A_KEY = 0.5
"""`LookupEvents` takes two questions a second in each region.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""
_REGIONS_AT_ONCE = 8
_ADDRESS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9a-f]*:[0-9a-f:.]+", re.ASCII)


class AuditDoors(Protocol):
    """What an audit needs of `AwsDoors`."""

    def reader(self) -> Reader:
        """Return the door that cannot change a thing."""
        ...

    def register(self) -> Register:
        """Return the door to the list of long-lived credentials."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditWish:
    """How far to look."""

    ask_who: int = ASKED_BY_DEFAULT
    """Of how many keys, the riskiest first, CloudTrail is asked who uses them."""
    regions: tuple[str, ...] = ()
    """Where CloudTrail is asked; empty: in all enabled regions."""


def audit_account(
    wish: AuditWish,
    doors: AuditDoors,
    *,
    hears: Callable[[str], None] = lambda _: None,
    timing: Timing = REAL,
) -> AuditResult:
    """Return every long-lived credential that could be seen, and what could not be looked at.

    Args:
        wish: how far to look.
        doors: the responder's cloud.
        hears: is told of progress.
        timing: waits between questions to CloudTrail.

    Raises:
        ResponderCredentials: the responder cannot sign.
        Unreachable: AWS does not answer.
    """
    return _Audit(wish, doors, hears, timing).run()


class _Audit:
    """One call of `audit`."""

    def __init__(
        self,
        wish: AuditWish,
        doors: AuditDoors,
        hears: Callable[[str], None],
        timing: Timing,
    ) -> None:
        self._wish = wish
        self._reader = doors.reader()
        self._register = doors.register()
        self._hears = hears
        self._timing = timing
        self._gaps: dict[tuple[str, str], NotAudited] = {}

    def run(self) -> AuditResult:
        caller, note = caller_or_unknown(self._reader)
        if note is not None:
            self._gap("whose account this is", note)
        seen = inventory(self._register, self._reader, hears=self._hears)
        for each in seen.not_audited:
            self._gap(each.where, each.why)
        now = self._reader.clock.now() or datetime.now(UTC)
        contexts = self._contexts(seen, now)
        findings = ranked(judge(each, contexts[each.owner, each.is_root]) for each in seen.holdings)
        findings = ranked(self._with_users(findings, contexts))
        ground = _ground(caller, seen.holdings, self._reader.region)
        places = self._places(findings)
        return AuditResult(
            account=ground.account if caller.account is None else caller.account,
            partition=ground.partition,
            at=now,
            findings=tuple(
                replace(each, replacements=replacements(each, ground, places)) for each in findings
            ),
            not_audited=tuple(self._gaps.values()),
            users_seen=seen.users_seen,
            report_at=seen.report_at,
        )

    def _contexts(self, seen: Inventory, now: datetime) -> Mapping[tuple[str, bool], Context]:
        powers = self._powers(seen.holdings)
        owners = {(each.owner, each.is_root) for each in seen.holdings}
        active: dict[tuple[str, bool], int] = {}
        for each in seen.holdings:
            if each.kind is HoldingKind.ACCESS_KEY and each.state is HoldingState.ACTIVE:
                active[each.owner, each.is_root] = active.get((each.owner, each.is_root), 0) + 1
        return {
            owner: Context(
                now=now,
                power=Grip.YES if owner[1] else powers.get(owner[0], Grip.UNKNOWN),
                active_keys=active.get(owner, 0),
            )
            for owner in owners
        }

    def _powers(self, holdings: tuple[Holding, ...]) -> Mapping[str, Grip]:
        self._hears("reading what each user may do")
        try:
            facts = self._register.powers()
        except UnleakError as error:
            self._gap("what users may do", error.message)
            return {}
        owners = {each.owner for each in holdings}
        return {
            name: grip_of(each, NOT_LOOKED_AT) for name, each in facts.items() if name in owners
        }

    def _with_users(
        self, findings: tuple[Finding, ...], contexts: Mapping[tuple[str, bool], Context]
    ) -> Iterable[Finding]:
        asked = [each for each in findings if _can_be_asked(each.holding)][: self._wish.ask_who]
        if not asked:
            return findings
        regions = self._regions()
        judged = list(findings)
        for number, finding in enumerate(asked):
            if number:
                self._timing.pause(_SECONDS_A_KEY)
            holding = finding.holding
            self._hears(f"asking CloudTrail who uses {holding.id} ({number + 1} of {len(asked)})")
            users = self._users(holding.id or "", regions)
            context = replace(contexts[holding.owner, holding.is_root], users=users)
            judged[judged.index(finding)] = judge(holding, context)
        return judged

    def _users(self, key_id: str, regions: tuple[str, ...]) -> KeyUsers:
        users, gaps = users_of(key_id, self._reader, regions=regions)
        for each in gaps:
            self._gap(each.where, each.why)
        return users

    def _regions(self) -> tuple[str, ...]:
        if self._wish.regions:
            return self._wish.regions
        try:
            return self._reader.regions()
        except UnleakError as error:
            home = self._reader.region
            why = f"the enabled regions cannot be listed: {error.message}"
            self._gap(f"CloudTrail in regions other than {home}", why)
            return (home,)

    def _places(self, findings: tuple[Finding, ...]) -> Mapping[str, Place]:
        """Look the sources up among the account's own addresses, in the regions that were asked."""
        users = [each.users for each in findings if each.users is not None]
        sources = {use.source for each in users for use in each.uses}
        addresses = sorted(each for each in sources if _ADDRESS.fullmatch(each))
        if not addresses:
            return {}
        self._hears("looking the callers up among the account's own addresses")

        def look(region: str) -> tuple[Place, ...] | UnleakError:
            try:
                return self._register.places(addresses, region=region)
            except UnleakError as error:
                return error

        found: dict[str, Place] = {}
        with ThreadPoolExecutor(max_workers=_REGIONS_AT_ONCE) as pool:
            regions = self._regions()
            for region, answer in zip(regions, pool.map(look, regions), strict=True):
                if isinstance(answer, UnleakError):
                    self._gap(f"network addresses {region}", answer.message)
                else:
                    found.update({place.address: place for place in answer})
        return found

    def _gap(self, where: str, why: str) -> None:
        self._gaps.setdefault((where, why), NotAudited(where=where, why=why))


def _can_be_asked(holding: Holding) -> bool:
    is_key = holding.kind is HoldingKind.ACCESS_KEY
    return is_key and holding.id is not None and holding.state is HoldingState.ACTIVE


def _ground(caller: Caller, holdings: tuple[Holding, ...], region: str) -> Ground:
    """Return the account that the lines are for, as the ARNs name it."""
    arns = [caller.arn, *(each.owner_arn for each in holdings)]
    parts = next((arn.split(":") for arn in arns if arn and arn.count(":") > 4), None)  # noqa: PLR2004 - parts of an ARN
    if parts is None:
        return Ground(partition="aws", account=caller.account or "ACCOUNT-ID", region=region)
    return Ground(partition=parts[1], account=caller.account or parts[4], region=region)

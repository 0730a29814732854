"""Follow what leaked through CloudTrail while it is being cut, and cut what it has led to.

The first deny never waits for it: with `--yes` the look begins right after, and goes on beside the
hold.  It is repeated until it shows nothing new, since a thief mints more while it is under way.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from unleak.contain.chased import (
    SHOWS,
    Sighted,
    lag_words,
    to_close,
    with_closing,
    with_sighted,
)
from unleak.contain.door_steps import with_closed_doors
from unleak.contain.options import MARGIN
from unleak.contain.planner import holder_of
from unleak.errors import UnleakError
from unleak.flow.closing import Closer
from unleak.flow.errand import Errand
from unleak.flow.hops import Ground, checked
from unleak.flow.leads import Leads, owners_of
from unleak.flow.thaw import move_cutoff
from unleak.flow.trace import LOOKUP, TraceWish, follow
from unleak.model.action import Holder, HolderType
from unleak.model.credential import CredentialKind
from unleak.model.door import DoorState
from unleak.model.instant import round_up
from unleak.model.principal import PrincipalType
from unleak.model.reading import Known
from unleak.trail.seeds import key_seed, principal_seed

if TYPE_CHECKING:
    from unleak.contain.options import Options
    from unleak.flow.cut import Cutter
    from unleak.flow.timing import Timing
    from unleak.model.door import Door
    from unleak.model.plan import Plan
    from unleak.model.situation import Situation
    from unleak.model.trace import Trace
    from unleak.model.trail_doors import TraceDoors
    from unleak.trail.seeds import Seed

EVERY: Final = 20.0
"""Seconds between two looks of a hold, at the least."""
REST: Final = 5.0
"""Seconds that a cut is given before the cut-offs move past what was minted meanwhile."""
_MOST_LOOKS: Final = 6
"""Looks in a row that each may show something new; `resume` looks further."""
_MOST_ACCOUNTS: Final = 5
"""Rounds in which new accounts may be entered."""


@dataclass(slots=True, kw_only=True)
class Chase:
    """One trace after another, until it shows nothing new.

    Args:
        doors: the responder's cloud, to read.
        situation: what leaked, and who we are.
        options: where to look, since when, and which accounts may be entered.
        since: since when it may have leaked, where the person has not said.
        timing: how to wait and count seconds.
    """

    doors: TraceDoors
    situation: Situation
    options: Options
    since: datetime | None
    timing: Timing
    _errand: Errand[Sighted] | None = field(default=None, init=False)
    _sighted: Sighted | None = field(default=None, init=False)
    _entered: set[str] = field(default_factory=set, init=False)
    _noted: set[str] = field(default_factory=set, init=False)
    _due: float = field(default=0.0, init=False)
    _began: float = field(default=0.0, init=False)

    def begin(self) -> None:
        """Begin a look beside everything else, unless one is under way."""
        if self._errand is None:
            self._began = self.timing.monotonic()
            self._errand = Errand(self._look, name="unleak-chase")

    def first(self) -> None:
        """Look, and wait for it: what it shows is in every plan from now on."""
        self.begin()
        self._take(None)

    def seen(self, plan: Plan) -> Plan:
        """Return the plan with what the last look has shown, and nothing that closes it.

        Args:
            plan: of the same leak.
        """
        return plan if self._sighted is None else with_sighted(plan, self._sighted)

    def onto(self, plan: Plan) -> Plan:
        """Return the plan with what the last look has shown and what closes it; nothing is sent.

        Args:
            plan: of the same leak.
        """
        if self._sighted is None:
            return plan
        plan = with_sighted(plan, self._sighted)
        closer = Closer(self.doors.reader(), self.situation)
        now = self.doors.reader().clock.now()
        cutoff = plan.cutoff if now is None else round_up(now) + MARGIN
        return with_closing(plan, closer.closing(to_close(plan), plan), cutoff=cutoff)

    def revised(self, plan: Plan, cutter: Cutter, *, is_last: bool = False) -> Plan:
        """Take in what a look has shown, once it is through, and contain it.

        Args:
            plan: as it stands.
            cutter: sends the changes.
            is_last: wait for it, and begin one where none is under way.
        """
        if self._errand is None and (is_last or self.timing.monotonic() >= self._due):
            self.begin()
        if not self._take(None if is_last else 0):
            return plan
        before = plan
        plan = self.onto(plan)
        journal = cutter.place.journal
        self._note_entered(cutter)
        is_more = bool(plan.due)
        if is_more:
            journal.replanned(cutter.incident, plan)
            plan = cutter.cut(plan)
        plan = with_closed_doors(plan)
        if is_more:
            plan = replace(plan, chased_at=self.doors.reader().clock.now() or plan.chased_at)
        if plan != before:
            journal.replanned(cutter.incident, plan)
        return plan

    def settled(self, plan: Plan, cutter: Cutter, *, is_held: bool) -> Plan:
        """Look until nothing new is shown; each time the cut-offs move past what was minted since.

        Args:
            plan: as it stands.
            cutter: sends the changes.
            is_held: whether a hold has moved the cut-offs already.
        """
        place = cutter.place
        moved = is_held
        for _ in range(_MOST_LOOKS):
            before = _closed(plan)
            plan = self.revised(plan, cutter, is_last=True)
            if _closed(plan) <= before and (moved or not _closed(plan)):
                return plan
            moved = True
            place.person.hears("waiting until what it led to is cut off, to look once more")
            place.timing.pause(REST)
            plan = move_cutoff(plan, cutter, place)
        return plan

    def _take(self, patience: float | None) -> bool:
        """Take in the answer of the look under way; False while there is none."""
        if self._errand is None:
            return False
        answer = self._errand.result(patience)
        if answer is None:
            return False
        took = self.timing.monotonic() - self._began
        self._due = self.timing.monotonic() + max(EVERY, 5 * took)
        self._errand = None
        if isinstance(answer, UnleakError):
            before = self._sighted or Sighted()
            answer = replace(before, unread=(f"the trail: {answer.message}",))
        self._sighted = answer
        return True

    def _look(self) -> Sighted:
        """Trace, and hold what it shows against IAM; again where that opened another account."""
        at = self.doors.reader().clock.now()
        trace, doors = self._traced(at)
        for _ in range(_MOST_ACCOUNTS):
            entered = {each.account for each in doors if each.account and not each.by_hand}
            if not entered - self._entered:
                break
            self._entered |= entered
            if LOOKUP not in (self.options.trails or (LOOKUP,)):
                break
            trace, doors = self._traced(at)
        return Sighted(
            doors=doors,
            entered=tuple(sorted(self._entered)),
            unread=tuple(f"{each.path}: {each.why}" for each in trace.coverage.skipped),
            notes=(*trace.coverage.notes, *self._words(doors, at)),
            at=at,
        )

    def _traced(self, at: datetime | None) -> tuple[Trace, tuple[Door, ...]]:
        reader, caller = self.doors.reader(), self.situation.caller
        wish = TraceWish(found=(), trails=self.options.trails, since=self.options.since)
        accounts = tuple(sorted(self._entered))
        trace = follow(self._seeds(), wish, self.doors, accounts=accounts)
        leads = Leads(
            trace,
            owners=owners_of(self._owned()),
            account=caller.account,
            now=at or datetime.now(UTC),
        )
        ground = Ground(
            reader=reader,
            caller=caller,
            since=self.options.since or self.since,
            accounts=self.options.accounts,
            dismissed=self.options.dismissed,
        )
        return trace, checked(leads.doors(), ground)

    def _seeds(self) -> tuple[Seed, ...]:
        named = (
            principal_seed(each.principal, each.session_name)
            for each in self.situation.credentials
            if each.access_key_id is None and each.principal is not None
        )
        keys = (key_seed(key) for key, _ in self._owned() if key is not None)
        return tuple(dict.fromkeys((*keys, *named)))

    def _owned(self) -> tuple[tuple[str | None, Holder | None], ...]:
        """Return the key ids that leaked, each with whose it is; of a named user all his keys."""
        named = {
            each.principal.label
            for each in self.situation.credentials
            if each.kind is CredentialKind.PRINCIPAL and each.principal is not None
        }
        keys = [
            (key.key_id, Holder(type=HolderType.USER, name=facts.principal.name))
            for facts in self.situation.principals
            if facts.principal.type is PrincipalType.USER
            and facts.principal.label in named
            and isinstance(facts.keys, Known)
            for key in facts.keys.value
        ]
        found = [(each.access_key_id, holder_of(each)) for each in self.situation.credentials]
        return tuple(dict.fromkeys((*found, *keys)))

    def _words(self, doors: tuple[Door, ...], at: datetime | None) -> tuple[str, ...]:
        count = sum(each.state is not DoorState.GONE for each in doors)
        told = [] if at is None else [lag_words(at)]
        if count:
            told.append(
                f"{SHOWS} {count} further users, roles or keys that what leaked has led "
                "to: the old sessions of roles that were there before are refused, for thief and "
                "honest alike, and new ones work; what was made new is denied everything"
            )
        return tuple(told)

    def _note_entered(self, cutter: Cutter) -> None:
        entered = set() if self._sighted is None else set(self._sighted.entered)
        for account in sorted(entered - self._noted):
            text = f"entered account {account}, where what leaked has led to"
            cutter.place.journal.note(cutter.incident, text)
        self._noted |= entered


def chase_for(
    situation: Situation,
    options: Options,
    *,
    doors: TraceDoors,
    since: datetime | None,
    timing: Timing,
) -> Chase | None:
    """Return the chase that was asked for, None where none was.

    Args:
        situation: what leaked.
        options: `cascade` asks for it.
        doors: the responder's cloud.
        since: since when it may have leaked.
        timing: how to wait and count seconds.
    """
    if not options.cascade:
        return None
    return Chase(doors=doors, situation=situation, options=options, since=since, timing=timing)


def _closed(plan: Plan) -> frozenset[str]:
    return frozenset(
        f"{each.kind} {each.target} {each.account} {each.made_at}"
        for each in plan.doors
        if each.is_traced and each.state is DoorState.CONTAINED
    )

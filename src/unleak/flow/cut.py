"""Send a plan's steps, and climb the ladder where a policy quota refuses a deny."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from unleak.apply.engine import apply
from unleak.errors import UnleakError
from unleak.identify.facts import Need, gather
from unleak.model.action import Holder, SetInlinePolicy
from unleak.model.outcome import Outcome
from unleak.model.plan import Plan, Step, StepState
from unleak.model.policy_names import QUOTA_ERRORS
from unleak.model.principal import Principal, PrincipalType
from unleak.model.vault_action import VaultAction

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.contain.ladder import Climb, Rung
    from unleak.flow.workplace import Workplace
    from unleak.model.situation import PrincipalFacts, Situation
    from unleak.model.vault_ports import VaultWriter


@dataclass(slots=True, kw_only=True)
class Cutter:
    """Applies the steps of one incident; the only place of a flow that holds a writer."""

    incident: str
    situation: Situation
    place: Workplace
    keeps_cutoff: bool = False
    """Whether the person chose the cut-off: then it stays where he put it."""
    accepted_at: float | None = field(default=None, init=False)
    """The monotonic clock when the first change was accepted; None before."""
    cut_at: datetime | None = field(default=None, init=False)
    """AWS's own clock then, a whole second; None where its answer carried none."""

    def cut(self, plan: Plan) -> Plan:
        """Send what is pending and return the plan with the states its steps have come to.

        Raises:
            Interrupted: Ctrl-C; what was sent is journaled.
        """
        plan, outcomes = self._send(plan, plan.due)
        plan = self._let_go(plan, outcomes)
        refused = {each.step_id for each in outcomes if each.error_code in QUOTA_ERRORS}
        for step in [each for each in plan.steps if each.id in refused and not each.is_temporary]:
            plan = self._climb(plan, step)
        return plan

    def send(self, plan: Plan, steps: tuple[Step, ...]) -> Plan:
        """Send these steps alone, and return the plan with what became of them."""
        return self._send(plan, steps)[0]

    def finish(self, plan: Plan) -> Plan:
        """Send what was waiting for the proof, and return the plan with what became of it."""
        return self._send(plan, plan.waiting)[0]

    def _let_go(self, plan: Plan, outcomes: tuple[Outcome, ...]) -> Plan:
        """A brace on top that does not fit is no failure: what lasts does not rest on it."""
        braces = {step.id for step in plan.steps if step.is_temporary}
        missed = tuple(
            replace(each, state=StepState.SKIPPED, detail=f"not to be had here: {each.detail}")
            for each in outcomes
            if each.state is StepState.FAILED and each.step_id in braces
        )
        with self.place.journal.batch():
            for outcome in missed:
                self.place.journal.outcome(self.incident, outcome)
        return with_outcomes(plan, missed)

    def _send(self, plan: Plan, steps: tuple[Step, ...]) -> tuple[Plan, tuple[Outcome, ...]]:
        outcomes = apply(
            steps,
            incident=self.incident,
            journal=self.place.journal,
            writer=self.place.doors.writer(),
            vault=self._vault(steps),
            progress=self._progress,
        )
        told = (each.receipt.at for each in outcomes if each.receipt is not None)
        self.cut_at = self.cut_at or min(filter(None, told), default=None)
        return with_outcomes(plan, outcomes), outcomes

    def _vault(self, steps: tuple[Step, ...]) -> VaultWriter | None:
        """Open the door to Vault where a step goes there; without it those steps fail aloud."""
        if not any(isinstance(step.action, VaultAction) for step in steps):
            return None
        try:
            return self.place.doors.vault_writer()
        except UnleakError as error:
            self.place.person.hears(error.message)
            return None

    def _progress(self, step: Step, state: StepState) -> None:
        if state is StepState.DONE and self.accepted_at is None:
            self.accepted_at = self.place.timing.monotonic()
        self.place.person.sees_step(step, state)

    def _climb(self, plan: Plan, refused: Step) -> Plan:
        """Try rung after rung until one holds; a failed rung is undone by `undo`, not here."""
        from unleak.contain.ladder import Rung  # noqa: PLC0415 - only where a quota refuses

        if not isinstance(refused.action, SetInlinePolicy):
            return plan
        holder = refused.action.holder
        facts = self._full_facts(holder)
        rung = Rung.INLINE
        while facts is not None:
            found = self._next(refused, rung, facts)
            if found is None:
                break
            rung = found.rung
            self.place.person.hears(found.warning)
            plan = replace(
                plan,
                steps=(*plan.steps, *found.steps),
                warnings=(*plan.warnings, found.warning),
            )
            self.place.journal.replanned(self.incident, plan)
            plan, outcomes = self._send(plan, found.steps)
            if all(each.state is StepState.DONE for each in outcomes):
                return self._stood_in_for(plan, refused)
        return plan

    def _stood_in_for(self, plan: Plan, refused: Step) -> Plan:
        """Note that what a quota refused is no failure any more: something else does its work."""
        outcomes = tuple(
            Outcome(
                step_id=step.id,
                state=StepState.SKIPPED,
                detail="it did not fit into a policy quota; another step does its work",
            )
            for step in plan.steps
            if step.state is StepState.FAILED and refused.id in (step.id, step.is_fallback_of)
        )
        with self.place.journal.batch():
            for outcome in outcomes:
                self.place.journal.outcome(self.incident, outcome)
        return with_outcomes(plan, outcomes)

    def _next(self, refused: Step, rung: Rung, facts: PrincipalFacts) -> Climb | None:
        from unleak.contain.ladder import climb  # noqa: PLC0415 - only where a quota refuses
        from unleak.identify.quotas import read_quotas  # noqa: PLC0415 - only there too

        return climb(
            refused,
            above=rung,
            facts=facts,
            quotas=read_quotas(self.place.reader)[0],
            incident=self.incident,
            partition=facts.principal.partition,
        )

    def _full_facts(self, holder: Holder) -> PrincipalFacts | None:
        for facts in self.situation.principals:
            is_same = facts.principal.label == holder.label and holder.account is None
            if is_same:
                everything = frozenset({Need.EVERYTHING})
                return gather(
                    facts.principal, reader=self.place.reader, quick=False, needs=everything
                )
        return self._facts_of_another(holder)

    def _facts_of_another(self, holder: Holder) -> PrincipalFacts | None:
        """Read one that did not leak itself but was reached from what leaked."""
        type_ = PrincipalType(str(holder.type))
        principal = Principal(type=type_, name=holder.name, account=holder.account)
        try:
            reader = self.place.reader.of_account(holder.account)
            return gather(principal, reader=reader, quick=False, needs=frozenset({Need.EVERYTHING}))
        except UnleakError:
            return None  # not swallowed: the refused step stays failed, and that is told


def with_outcomes(plan: Plan, outcomes: tuple[Outcome, ...]) -> Plan:
    """Return the plan with the states that its steps have come to."""
    states = {outcome.step_id: outcome.state for outcome in outcomes}
    return plan.with_steps(
        tuple(replace(step, state=states.get(step.id, step.state)) for step in plan.steps)
    )

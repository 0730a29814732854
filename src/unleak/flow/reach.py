"""What the credential can do, for the head of the plan or, with `--yes`, after the deny."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.contain.guards import holder_principal
from unleak.errors import UnleakError
from unleak.identify.facts import Need, gather
from unleak.identify.reach import abilities, simulated_abilities
from unleak.model.plan import Strategy
from unleak.model.policy_names import (
    CONSOLE_POLICY,
    DENY_ALL_POLICY,
    FREEZE_POLICY,
    MANAGED_PREFIX,
    SESSION_POLICY,
)
from unleak.model.reading import NOT_LOOKED_AT, Known

if TYPE_CHECKING:
    from unleak.model.plan import Plan
    from unleak.model.ports import Reader, Simulation
    from unleak.model.principal import Principal
    from unleak.model.reading import Reading
    from unleak.model.situation import PrincipalFacts, Situation

_OURS = (CONSOLE_POLICY, SESSION_POLICY, DENY_ALL_POLICY, FREEZE_POLICY)


def abilities_before(situation: Situation, reader: Reader | None) -> tuple[str, ...]:
    """Return the lines for a plan whose facts were gathered in full.

    Args:
        situation: the facts.
        reader: asks the simulator; None: an unconditional deny of ours would answer for it.
    """
    return _lines(situation.principals, reader)


def abilities_of(plan: Plan, reader: Reader) -> tuple[str, ...]:
    """Return the lines after the deny, as if our own denies were not there.

    Args:
        plan: whose credentials are meant.
        reader: reads the policies, and asks the simulator.
    """
    holders = dict.fromkeys(filter(None, map(holder_principal, plan.credentials)))
    facts: list[PrincipalFacts] = []
    problems: list[str] = []
    for holder in holders:
        try:
            everything = frozenset({Need.EVERYTHING})
            facts.append(gather(holder, reader=reader, quick=False, needs=everything))
        except UnleakError as error:
            problems.append(f"what {holder.label} can do could not be read: {error.message}")
    told = _lines(tuple(facts), reader if plan.strategy is Strategy.REVOKE_SESSIONS else None)
    return (*told, *problems)


def _lines(principals: tuple[PrincipalFacts, ...], reader: Reader | None) -> tuple[str, ...]:
    """Return three lines a principal; without a reader the simulator is not asked.

    After an unconditional deny the simulator would answer "denied" to everything, because of us.
    """
    lines: list[str] = []
    for facts in principals:
        simulated: Reading[tuple[Simulation, ...]] = NOT_LOOKED_AT
        if reader is not None:
            simulated = simulated_abilities(reader, facts.principal)
        told = abilities(without_ours(facts), simulated)
        lines += told if len(principals) == 1 else _named(facts.principal, told)
    return tuple(lines)


def _named(principal: Principal, told: tuple[str, ...]) -> list[str]:
    return [f"{principal.label}: {line}" for line in told]


def without_ours(facts: PrincipalFacts) -> PrincipalFacts:
    """Leave our own denies out: the question is what the thief could do before them."""
    if not isinstance(facts.inline, Known):
        return facts
    kept = tuple(
        each
        for each in facts.inline.value
        if each.name not in _OURS and not each.name.startswith(MANAGED_PREFIX)
    )
    return replace(facts, inline=Known(kept))

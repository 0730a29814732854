"""What a resume still has to do: each step is held against reality, so that none happens twice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias, assert_never

from unleak.apply.fold import open_intents
from unleak.apply.perform import failure_of, harmless
from unleak.apply.reality import Standing, look
from unleak.errors import UnleakError
from unleak.model.action import SetInlinePolicy
from unleak.model.elsewhere import home_of
from unleak.model.outcome import Outcome
from unleak.model.plan import StepState

if TYPE_CHECKING:
    from collections.abc import Callable

    from unleak.apply.journal import Journal
    from unleak.apply.reality import Sight
    from unleak.model.incident import Incident
    from unleak.model.plan import Step
    from unleak.model.ports import Reader
    from unleak.model.vault_ports import VaultReader

FOUND_DONE = "found done when the incident was resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeView:
    """What is left of an incident."""

    done: tuple[Outcome, ...]
    """Steps that need no call any more, or must not get one; not journaled yet."""
    pending: tuple[Step, ...]
    """Steps to apply as they are."""
    changed: tuple[Step, ...]
    """Inline policies that somebody else has changed since: to be planned anew and merged."""


@dataclass(slots=True)
class _Sorting:
    done: list[Outcome] = field(default_factory=list)
    pending: list[Step] = field(default_factory=list)
    changed: list[Step] = field(default_factory=list)


_Tried: TypeAlias = "frozenset[str]"


def resume_steps(
    incident: Incident, reader: Reader, vault: VaultReader | None = None
) -> ResumeView:
    """Sort the unfinished steps of an incident by what reality says of them; changes nothing.

    Unfinished are steps without an outcome, and those that failed or were skipped because another
    one failed, unless a stand-in has taken their place.

    Args:
        incident: as the journal tells it.
        reader: asks AWS.
        vault: asks Vault; needed only where a step went there.
    """
    tried = open_intents(incident) | {
        outcome.step_id for outcome in incident.outcomes if outcome.state is StepState.FAILED
    }
    sorting = _Sorting()
    for step in unfinished(incident):
        _sort(step, sorting, tried, partial(_seen, reader=reader, vault=vault))
    return ResumeView(
        done=tuple(sorting.done), pending=tuple(sorting.pending), changed=tuple(sorting.changed)
    )


def unfinished(incident: Incident) -> tuple[Step, ...]:
    """Return the steps that a resume has to look at."""
    replaced = {step.is_fallback_of for step in incident.plan.steps}
    outcomes = {outcome.step_id: outcome for outcome in incident.outcomes}
    return tuple(
        step
        for step in incident.plan.steps
        if step.id not in replaced
        and (
            step.state is StepState.PLANNED
            or (step.state in (StepState.FAILED, StepState.SKIPPED) and step.id in outcomes)
        )
    )


def record(view: ResumeView, *, incident: str, journal: Journal) -> None:
    """Write down what was found, in one sync of the disk.

    Raises:
        StateFolder: it could not be written.
    """
    if not view.done:
        return
    with journal.batch():
        for outcome in view.done:
            journal.outcome(incident, outcome)


def _seen(step: Step, *, reader: Reader, vault: VaultReader | None) -> Sight:
    return look(step.action, reader.of_account(home_of(step)), vault)


def _sort(step: Step, sorting: _Sorting, tried: _Tried, see: Callable[[Step], Sight]) -> None:
    try:
        sight = see(step)
    except UnleakError as error:
        failure = failure_of(step.id, error)
        sorting.done.append(replace(failure, detail=f"could not look: {failure.detail}"))
        return
    again = replace(step, state=StepState.PLANNED)
    match sight.standing:
        case Standing.BEFORE:
            sorting.pending.append(again)
        case Standing.AFTER if step.id in tried:
            sorting.done.append(_outcome(step, StepState.DONE, FOUND_DONE))
        case Standing.AFTER:
            sorting.done.append(_outcome(step, StepState.ALREADY, "somebody else has done it"))
        case Standing.DEAD:
            sorting.done.append(_outcome(step, StepState.ALREADY, sight.words))
        case Standing.CHANGED if isinstance(step.action, SetInlinePolicy):
            sorting.changed.append(again)
        case Standing.CHANGED:
            sorting.done.append(_outcome(step, StepState.FAILED, sight.words))
        case _:
            assert_never(sight.standing)


def _outcome(step: Step, state: StepState, words: str) -> Outcome:
    return Outcome(step_id=step.id, state=state, detail=harmless(words))

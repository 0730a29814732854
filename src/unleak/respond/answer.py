"""What became of an event: one answer for each thing that it said has leaked."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from unleak.model.message import Told
    from unleak.model.outcome import Status
    from unleak.respond.policy import Verdict

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was done about one subject."""

    subject: str
    verdict: Verdict | None
    """None: this delivery did nothing, because another one has."""
    why: str
    incident: str | None = None
    status: Status | None = None
    rule: str = ""
    told: tuple[Told, ...] = ()
    steps: tuple[str, ...] = ()
    """What containing it would do, where only that was asked for."""
    is_dry: bool = False
    """Whether nothing was done, because only the decision was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Responded:
    """All answers to one event, and what could not be answered and has to be tried again."""

    answers: tuple[Answer, ...] = ()
    ignored: tuple[str, ...] = ()
    """What in the event was no alarm, with the reason."""
    failed: tuple[str, ...] = ()
    """Subjects whose response broke off, with the reason; the next delivery goes on."""


def document(responded: Responded) -> dict[str, Json]:
    """Return the answers in the shape that `unleak respond --json` and the function give."""
    return {
        "responses": [_answer(each) for each in responded.answers],
        "ignored": list(responded.ignored),
        "failed": list(responded.failed),
    }


def _answer(answer: Answer) -> Json:
    told: list[Json] = [
        {"destination": each.destination, "delivery": str(each.delivery), "why": each.why}
        for each in answer.told
    ]
    return {
        "subject": answer.subject,
        "verdict": None if answer.verdict is None else str(answer.verdict),
        "rule": answer.rule,
        "why": answer.why,
        "incident": answer.incident,
        "status": None if answer.status is None else str(answer.status),
        "dry_run": answer.is_dry,
        "steps": list(answer.steps),
        "told": told,
    }

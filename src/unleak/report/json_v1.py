"""What machines read: the documents of JSON version 1, every promised key always there.

Keys are only ever added here; a key that changes its meaning or goes makes a `json_v2`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from unleak.errors import AwsFailure
from unleak.evidence.clean import printable, redact
from unleak.model.action import kind_of, target_of
from unleak.model.instant import render_instant
from unleak.model.proof import Level
from unleak.report.action_words import imperative
from unleak.report.advice import advice
from unleak.report.json_action import parameters_of
from unleak.report.json_watch import watch_document
from unleak.report.rungs import rungs_of
from unleak.report.verdict import with_final_states

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from unleak.errors import UnleakError
    from unleak.model.credential import Credential
    from unleak.model.door import Door
    from unleak.model.incident import Incident, IncidentSummary
    from unleak.model.outcome import Outcome, Status
    from unleak.model.plan import Plan, Step
    from unleak.model.principal import Principal
    from unleak.model.proof import Check, Verification
    from unleak.model.situation import Caller

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Document: TypeAlias = "dict[str, Json]"

VERSION = 1
_LONGEST = 1_000_000
"""Nothing is cut: a machine wants the whole text."""


def to_text(document: Document) -> str:
    """Return the document as JSON in pure ASCII, keys in the order of the documentation.

    Every text in it is cleaned here, so that no terminal escape or bidi mark comes back to life
    behind `jq -r`.
    """
    return json.dumps(_cleaned(document), ensure_ascii=True, indent=2, allow_nan=False)


def identify_document(credentials: Iterable[Credential]) -> Document:
    """Return the document of `unleak identify`."""
    return {"version": VERSION, "credentials": [_credential(each) for each in credentials]}


def plan_document(plan: Plan) -> Document:
    """Return the document of `unleak plan`."""
    return {
        "version": VERSION,
        "credentials": [_credential(each) for each in plan.credentials],
        "actions": [_action(step, None) for step in plan.steps],
        "warnings": list(plan.warnings),
        "manual": list(plan.manual),
        "self_lockout": plan.self_lockout,
        "cutoff": _instant(plan.cutoff),
        "strategy": str(plan.strategy),
        "scope": str(plan.scope),
        "abilities": list(plan.abilities),
        "not_contained": list(plan.not_contained),
        "next": list(plan.next),
        **_search(plan),
    }


def response_document(
    incident: Incident, *, status: Status, next_steps: tuple[str, ...] = ()
) -> Document:
    """Return the document of `revoke`, and of `undo`, `resume`, `verify` and `cleanup`.

    Args:
        incident: the response as the journal tells it.
        status: the word for it.
        next_steps: what the flow has to say; where empty, what the plan says.
    """
    plan = incident.plan
    outcomes = {outcome.step_id: outcome for outcome in incident.outcomes}
    steps = with_final_states(plan.steps, incident.outcomes)
    return {
        "version": VERSION,
        "incident": incident.id,
        "status": str(status),
        "credentials": [_credential(each) for each in incident.credentials],
        "cutoff": _instant(plan.cutoff),
        "actions": [_action(step, outcomes.get(step.id)) for step in steps],
        "verification": _verification(incident.verification),
        "manual": list(plan.manual),
        "next": list(advice(incident, status, next_steps)),
        "created_at": _instant(incident.created_at),
        "caller": _caller(incident.caller),
        "region": incident.region,
        "warnings": list(plan.warnings),
        "abilities": list(plan.abilities),
        "not_contained": list(plan.not_contained),
        "self_lockout": plan.self_lockout,
        "strategy": str(plan.strategy),
        "scope": str(plan.scope),
        "asked_leaked": list(incident.asked_leaked),
        "interrupted": incident.is_interrupted,
        **_search(plan),
    }


def _search(plan: Plan) -> Document:
    """Return what was looked for beside the leak itself, and what came of it."""
    return {
        "doors": [_door(each) for each in plan.doors],
        "swept_since": _instant(plan.swept_since),
        "unswept": [redact(each) for each in plan.unswept],
        "traced_at": _instant(plan.traced_at),
        "untraced": [redact(each) for each in plan.untraced],
        "can_edit_own_containment": str(plan.grip),
        "hold_seconds": plan.hold_seconds,
    }


def incidents_document(summaries: Iterable[IncidentSummary]) -> Document:
    """Return the document of `unleak incidents`, newest first."""
    newest_first = sorted(summaries, key=lambda each: each.created_at, reverse=True)
    return {
        "version": VERSION,
        "incidents": [
            {
                "incident": summary.id,
                "status": None if summary.status is None else str(summary.status),
                "created_at": _instant(summary.created_at),
                "credentials": list(summary.key_ids),
                "principals": list(summary.principals),
            }
            for summary in newest_first
        ],
    }


def error_document(error: UnleakError) -> Document:
    """Return the document that stands for any command that failed or refused."""
    body: Document = {
        "code": error.code,
        "message": redact(error.message),
        "hint": redact(error.hint) or None,
        "exit_code": int(error.exit_code),
    }
    if isinstance(error, AwsFailure):
        body["operation"] = error.operation
        body["aws_error"] = error.error_code
        body["request_id"] = error.request_id or None
    return {"version": VERSION, "error": body}


def _credential(credential: Credential) -> Json:
    return {
        "access_key_id": credential.access_key_id,
        "kind": str(credential.kind),
        "account": credential.account,
        "partition": credential.partition,
        "principal": _principal(credential.principal),
        "session_name": credential.session_name,
        "issued_at": _instant(credential.issued_at),
        "expires_at": _instant(credential.expires_at),
        "status": None if credential.status is None else str(credential.status),
        "how": [str(each) for each in credential.how],
        "notes": list(credential.notes),
        "parent": _principal(credential.parent),
    }


def _principal(principal: Principal | None) -> Json:
    if principal is None:
        return None
    return {
        "type": str(principal.type),
        "arn": principal.arn,
        "name": principal.name,
        "unique_id": principal.unique_id,
    }


def _action(step: Step, outcome: Outcome | None) -> Json:
    receipt = None if outcome is None else outcome.receipt
    return {
        "id": step.id,
        "kind": kind_of(step.action),
        "target": target_of(step.action),
        "account": step.account,
        "reason": step.reason,
        "impact": step.impact,
        "reversible": step.reversible,
        "safe_date": _instant(step.safe_date),
        "state": str(step.state),
        "title": imperative(step.action),
        "stage": step.stage.name.lower().replace("_", "-"),
        "fallback_of": step.is_fallback_of,
        "revives_leak": step.revives_leak,
        "temporary": step.is_temporary,
        "parameters": dict(parameters_of(step.action)),
        "detail": None if outcome is None else redact(outcome.detail) or None,
        "error": None if outcome is None else outcome.error_code or None,
        "request_id": None if receipt is None else receipt.request_id,
        "at": None if receipt is None else _instant(receipt.at),
    }


def _door(door: Door) -> Json:
    return {
        "kind": str(door.kind),
        "target": door.target,
        "reason": redact(door.reason),
        "weight": door.weight,
        "made_at": _instant(door.made_at),
        "state": str(door.state),
        "account": door.account,
        "via": door.via or None,
        "depth": door.depth,
        "credentials": list(door.key_ids),
        "confidence": "inferred" if door.is_inferred else "proven" if door.via else None,
        "by_hand": redact(door.by_hand) or None,
    }


def _verification(verification: Verification | None) -> Json:
    if verification is None:
        return {
            "level": str(Level.NONE),
            "effective": None,
            "seconds_to_effect": None,
            "new_sessions_work": None,
            "checks": [],
            "watch": None,
            "regions": {},
            "rungs": _rungs(None),
        }
    return {
        "level": str(verification.level),
        "effective": verification.effective,
        "seconds_to_effect": verification.seconds_to_effect,
        "new_sessions_work": verification.new_sessions_work,
        "checks": [_check(each) for each in verification.checks],
        "watch": watch_document(verification.watch),
        "regions": {
            each.region: {
                "outcome": str(each.outcome),
                "seconds_to_effect": each.seconds_to_effect,
            }
            for each in verification.regions
        },
        "rungs": _rungs(verification),
    }


def _rungs(verification: Verification | None) -> Json:
    return {
        rung.name: {"outcome": str(rung.outcome), "why": redact(rung.why) or None}
        for rung in rungs_of(verification)
    }


def _check(check: Check) -> Json:
    return {
        "name": check.name,
        "level": str(check.level),
        "target": check.target,
        "region": check.region,
        "outcome": str(check.outcome),
        "detail": redact(check.detail),
        "at": _instant(check.at),
    }


def _caller(caller: Caller) -> Json:
    return {
        "account": caller.account,
        "arn": caller.arn,
        "unique_id": caller.unique_id,
        "access_key_id": caller.access_key_id,
    }


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else render_instant(moment)


def _cleaned(value: Json) -> Json:
    match value:
        case str():
            # the spaces at the start are YAML's and JSON's own, in lines to copy
            indent = len(value) - len(value.lstrip(" "))
            return " " * indent + printable(value, limit=_LONGEST)
        case list():
            return [_cleaned(each) for each in value]
        case dict():
            return {key: _cleaned(each) for key, each in value.items()}
        case _:
            return value

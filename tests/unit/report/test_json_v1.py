from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes import examples
from unleak.errors import AwsFailure, UnleakError, WrongUse
from unleak.model.action import (
    Action,
    CreateRole,
    DeleteKey,
    Holder,
    HolderType,
    LeaveGroup,
    RoleRecord,
    SetBoundary,
)
from unleak.model.outcome import Status
from unleak.model.plan import Plan, Scope, Strategy
from unleak.report.json_action import parameters_of
from unleak.report.json_report import report_document
from unleak.report.json_v1 import (
    Document,
    Json,
    error_document,
    identify_document,
    incidents_document,
    plan_document,
    response_document,
    to_text,
)

if TYPE_CHECKING:
    from unleak.model.incident import Incident

Shape: TypeAlias = "type | tuple[type, ...] | dict[str, Shape] | list[Shape]"
"""The schema language of this file: a type, several, an object with at least these keys, a list."""

TEXT_OR_NULL = (str, type(None))
BOOL_OR_NULL = (bool, type(None))
PRINCIPAL: Shape = {"type": str, "arn": TEXT_OR_NULL, "name": str}
CREDENTIAL: Shape = {
    "access_key_id": TEXT_OR_NULL,
    "kind": str,
    "account": TEXT_OR_NULL,
    "partition": TEXT_OR_NULL,
    "principal": (dict, type(None)),
    "session_name": TEXT_OR_NULL,
    "issued_at": TEXT_OR_NULL,
    "expires_at": TEXT_OR_NULL,
    "status": TEXT_OR_NULL,
    "how": [str],
    "notes": [str],
    "parent": (dict, type(None)),
}
ACTION: Shape = {
    "id": str,
    "kind": str,
    "target": str,
    "account": TEXT_OR_NULL,
    "reason": str,
    "impact": str,
    "reversible": bool,
    "safe_date": TEXT_OR_NULL,
    "state": str,
    "stage": str,
    "parameters": dict,
}
CHECK: Shape = {
    "name": str,
    "level": str,
    "target": str,
    "region": TEXT_OR_NULL,
    "outcome": str,
    "detail": str,
}
VERIFICATION: Shape = {
    "level": str,
    "effective": BOOL_OR_NULL,
    "seconds_to_effect": (float, type(None)),
    "new_sessions_work": BOOL_OR_NULL,
    "checks": [CHECK],
}
DOOR: Shape = {
    "kind": str,
    "target": str,
    "reason": str,
    "weight": int,
    "made_at": TEXT_OR_NULL,
    "state": str,
}
PLAN: Shape = {
    "version": int,
    "credentials": [CREDENTIAL],
    "actions": [ACTION],
    "warnings": [str],
    "manual": [str],
    "self_lockout": bool,
    "cutoff": TEXT_OR_NULL,
    "strategy": str,
    "scope": str,
    "abilities": [str],
    "doors": [DOOR],
    "swept_since": TEXT_OR_NULL,
}
RESPONSE: Shape = {
    "version": int,
    "incident": str,
    "status": str,
    "credentials": [CREDENTIAL],
    "cutoff": TEXT_OR_NULL,
    "actions": [ACTION],
    "verification": VERIFICATION,
    "manual": [str],
    "next": [str],
    "asked_leaked": [str],
    "doors": [DOOR],
    "swept_since": TEXT_OR_NULL,
}
INCIDENTS: Shape = {
    "version": int,
    "incidents": [
        {"incident": str, "status": TEXT_OR_NULL, "created_at": str, "credentials": [str]}
    ],
}
ERROR: Shape = {
    "version": int,
    "error": {"code": str, "message": str, "hint": TEXT_OR_NULL, "exit_code": int},
}


def misfits(value: Json, shape: Shape, path: str = "$") -> list[str]:
    """Return where a value does not have the shape; an empty list says that it fits."""
    match shape:
        case dict():
            if not isinstance(value, dict):
                return [f"{path} is no object"]
            missing = [f"{path}.{key} is missing" for key in shape if key not in value]
            return missing + [
                found
                for key in shape
                if key in value
                for found in misfits(value[key], shape[key], f"{path}.{key}")
            ]
        case list():
            if not isinstance(value, list):
                return [f"{path} is no list"]
            return [
                found
                for index, item in enumerate(value)
                for found in misfits(item, shape[0], f"{path}[{index}]")
            ]
        case _:
            return [] if isinstance(value, shape) else [f"{path} is {type(value).__name__}"]


def read_back(document: Document) -> Document:
    parsed: Document = json.loads(to_text(document))
    return parsed


PLANS = [
    examples.role_session_plan(),
    examples.user_key_plan(),
    examples.self_lockout_plan(),
    examples.doors_plan(),
    examples.unknown_facts_plan(),
    Plan(credentials=(), steps=(), cutoff=None, strategy=Strategy.DELETE, scope=Scope.SESSION),
]
INCIDENTS_AND_STATUS = [
    examples.contained_incident(),
    examples.unproven_incident(),
    examples.still_alive_incident(),
    examples.contested_incident(),
    examples.partial_incident(),
    examples.failed_incident(),
]


@pytest.mark.parametrize("plan", PLANS)
def test_a_plan_has_the_keys_and_types_of_the_contract(plan: Plan) -> None:
    assert misfits(read_back(plan_document(plan)), PLAN) == []


@pytest.mark.parametrize("incident", INCIDENTS_AND_STATUS, ids=lambda each: str(each.status))
def test_a_response_has_the_keys_and_types_of_the_contract(
    incident: Incident,
) -> None:
    assert incident.status is not None

    document = read_back(response_document(incident, status=incident.status, next_steps=()))

    assert misfits(document, RESPONSE) == []
    assert document["status"] == str(incident.status)
    assert document["next"]


def test_credentials_have_the_keys_and_types_of_the_contract() -> None:
    found = (examples.role_session(), examples.user_key(), examples.unknown_session())

    document = read_back(identify_document(found))

    assert misfits(document, {"version": int, "credentials": [CREDENTIAL]}) == []
    listed = document["credentials"]
    assert isinstance(listed, list)
    assert [misfits(each["principal"], PRINCIPAL) for each in listed[:2]] == [[], []]  # type: ignore[index,call-overload] # fitted just above
    assert listed[2]["principal"] is None  # type: ignore[index,call-overload] # fitted just above


def test_incidents_have_the_keys_of_the_contract_and_come_newest_first() -> None:
    document = read_back(incidents_document(examples.summaries()))

    assert misfits(document, INCIDENTS) == []
    rows = document["incidents"]
    assert isinstance(rows, list)
    assert [each["incident"] for each in rows] == [  # type: ignore[index,call-overload] # fitted just above
        examples.INCIDENT,
        "20261122-101500-bbbb",
        "20261121-070002-aaaa",
    ]


@pytest.mark.parametrize(
    "error",
    [
        WrongUse("no"),
        UnleakError("it broke", hint="mend it"),
        AwsFailure("it broke", error_code="Odd", operation="PutRolePolicy"),
    ],
)
def test_an_error_has_the_keys_and_types_of_the_contract(error: UnleakError) -> None:
    assert misfits(read_back(error_document(error)), ERROR) == []


def test_the_schema_of_this_file_notices_a_missing_key_and_a_wrong_type() -> None:
    assert misfits({"a": 1}, {"a": str, "b": int}) == ["$.b is missing", "$.a is int"]
    assert misfits([1, "x"], [int]) == ["$[1] is str"]
    assert misfits("x", {"a": int}) == ["$ is no object"]
    assert misfits("x", [int]) == ["$ is no list"]


def test_a_step_that_was_refused_says_so_with_awss_error() -> None:
    document = read_back(
        response_document(examples.partial_incident(), status=Status.PARTIAL, next_steps=())
    )

    actions = document["actions"]
    assert isinstance(actions, list)
    first = actions[0]
    assert isinstance(first, dict)
    assert (first["state"], first["error"]) == ("failed", "AccessDenied")


def test_nothing_measured_is_level_none_and_not_effective_null() -> None:
    document = response_document(examples.partial_incident(), status=Status.PARTIAL)

    measured = document["verification"]
    assert isinstance(measured, dict)
    rungs = measured.pop("rungs")
    assert isinstance(rungs, dict)
    assert list(rungs) == ["read-back", "simulated", "canary", "live", "trail"]
    assert measured == {
        "level": "none",
        "effective": None,
        "seconds_to_effect": None,
        "new_sessions_work": None,
        "checks": [],
        "regions": {},
        "watch": None,
    }


def test_the_report_adds_the_journal_and_keeps_the_rest() -> None:
    incident = examples.contained_incident()

    report = report_document(incident, status=Status.CONTAINED)

    entries = report.pop("entries")
    assert isinstance(entries, list)
    assert len(entries) == len(incident.entries)
    more = {name: report.pop(name) for name in ("times", "chain", "trace")}
    assert more["trace"] is None
    assert report == response_document(incident, status=Status.CONTAINED)


RECORD = RoleRecord(
    name="deploy",
    path="/",
    trust_policy="{}",
    description="",
    max_session_seconds=3600,
    boundary=None,
    tags=(("team", "ci"),),
)
ROLE = Holder(type=HolderType.ROLE, name="deploy")


@pytest.mark.parametrize(
    "action",
    [
        CreateRole(record=RECORD),
        DeleteKey(user="alice", key_id="AKIA2E0A8F3B244C9987"),
        LeaveGroup(user="alice", group="admins"),
        SetBoundary(holder=ROLE, before=None, after="arn:aws:iam::123456789012:policy/x"),
    ],
)
def test_every_kind_of_action_has_a_json_form(action: Action) -> None:
    plan = examples.role_session_plan()
    steps = (replace(plan.steps[0], action=action),)

    assert misfits(read_back(plan_document(replace(plan, steps=steps))), PLAN) == []


hostile_text = st.text(
    st.one_of(st.characters(), st.sampled_from("\x1b\x07\r\n\u202e\u2066\u200b\ufeff<>|`"))
)


@settings(deadline=None)
@given(hostile_text)
def test_no_control_or_bidi_character_is_in_a_document_raw_or_after_parsing(text: str) -> None:
    plan = replace(examples.role_session_plan(), warnings=(text,))

    written = to_text(plan_document(plan))
    warnings = json.loads(written)["warnings"]

    assert written.isascii()
    assert not [
        each for each in warnings[0] if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    ]


def test_an_action_with_a_field_that_has_no_json_form_is_a_bug_and_says_so() -> None:
    action = LeaveGroup(user="alice", group=3.5)  # type: ignore[arg-type] # wrong on purpose

    with pytest.raises(TypeError, match="float"):
        dict(parameters_of(action))

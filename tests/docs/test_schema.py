"""`docs/schema/report-v1.json` describes what `unleak report --format json` prints: all of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from fakes import examples
from fakes.thief_trace import thief_trace
from unleak.cli.show import standing
from unleak.model.proof import Level
from unleak.model.watch import Touch, Watch
from unleak.report.json_report import report_document
from unleak.report.json_v1 import VERSION, Json, to_text

if TYPE_CHECKING:
    from unleak.model.incident import Incident

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schema" / f"report-v{VERSION}.json"


def held_incident() -> Incident:
    """A containment that somebody touched while it was held."""
    touch = Touch(step_id="a1", target="role/deploy", what="removed", at=examples.CUTOFF)
    watch = Watch(seconds=60.0, rounds=12, touches=(touch,), is_settled=True)
    verification = replace(examples.live_verification(), watch=watch, level=Level.LIVE)
    return replace(examples.contained_incident(), verification=verification)


INCIDENTS = {
    "contained": examples.contained_incident(),
    "unproven": examples.unproven_incident(),
    "contested": examples.contested_incident(),
    "partial": examples.partial_incident(),
    "doors": examples.doors_incident(),
    "cleanup": examples.cleanup_incident(),
    "unfinished": replace(examples.failed_incident(), status=None),
    "held": held_incident(),
}


def schema() -> dict[str, Json]:
    found = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def closed(part: Json) -> Json:
    """The same schema, with no room for a key that it does not name."""
    if isinstance(part, list):
        return [closed(each) for each in part]
    if not isinstance(part, dict):
        return part
    shut = {name: closed(each) for name, each in part.items()}
    return {**shut, "additionalProperties": False} if "required" in part else shut


def complaints(document: Json, against: Json) -> list[str]:
    assert isinstance(against, dict)
    found = Draft202012Validator(against).iter_errors(document)
    return [f"{each.json_path}: {each.message}" for each in found]


def printed(incident: Incident, *, traced: bool) -> Json:
    document = report_document(
        incident, status=standing(incident), trace=thief_trace() if traced else None
    )
    found: Json = json.loads(to_text(document))
    return found


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("traced", [False, True], ids=["no-trace", "trace"])
@pytest.mark.parametrize("incident", INCIDENTS.values(), ids=INCIDENTS)
def test_every_report_fits_the_schema_and_has_no_key_that_is_not_in_it(
    incident: Incident, *, traced: bool
) -> None:
    document = printed(incident, traced=traced)

    assert complaints(document, schema()) == []
    assert complaints(document, closed(schema())) == []


def test_a_report_of_another_version_or_with_a_key_too_few_does_not_fit() -> None:
    document = printed(examples.contained_incident(), traced=False)
    assert isinstance(document, dict)
    fewer = {name: value for name, value in document.items() if name != "chain"}

    assert complaints({**document, "version": 2}, schema()) != []
    assert complaints(fewer, schema()) != []
    assert complaints({**document, "more": 1}, schema()) == []
    assert complaints({**document, "more": 1}, closed(schema())) != []

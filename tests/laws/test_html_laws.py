"""Whatever text stands in an incident or a trace, the HTML report is the same page around it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fakes import examples
from fakes.dom import Dom, dom_of
from fakes.poisoned import poisoned
from fakes.thief_trace import thief_trace
from unleak.report.html_report import incident_html
from unleak.report.markdown import incident_markdown

if TYPE_CHECKING:
    from unleak.model.incident import Incident

INCIDENTS = (
    examples.contained_incident(),
    examples.doors_incident(),
    examples.partial_incident(),
    examples.still_alive_incident(),
)
TRACE = thief_trace(sessions=3, events=9)
EVERY_PART = "a `unleak verify x` b `code` c"
"""Takes the report through every branch that a text of ours can take."""
PIECES = (
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</script>", "</style>", "-->"),
    *('" onload="alert(1)', "' onfocus='x", "<!--", "]]>", "{{ 7*7 }}", "{% raw %}", "`", "&lt;"),
    *("javascript:alert(1)", "\u2028", "\u202e", "\x1b[31m", "\x00", "</title>", "\\u003c", "$&"),
)
hostile = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), max_size=6).map(
    "".join
)


def page(incident: Incident, text: str) -> Dom:
    return dom_of(incident_html(poisoned(incident, text), poisoned(TRACE, text)))


@pytest.fixture(scope="module")
def known() -> tuple[Dom, ...]:
    return tuple(page(each, EVERY_PART) for each in INCIDENTS)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(which=st.integers(0, len(INCIDENTS) - 1), text=hostile)
@example(which=1, text="".join(PIECES))
def test_no_text_makes_an_element_an_attribute_or_a_script(
    known: tuple[Dom, ...], which: int, text: str
) -> None:
    dom = page(INCIDENTS[which], text)

    assert dom.shapes <= known[which].shapes
    assert dom.scripts == known[which].scripts
    assert dom.style == known[which].style
    assert dom.comments == []
    assert set(dom.data) == {"graph-data", "timeline-data"}
    for data in dom.data.values():
        json.loads(data)


def test_a_hostile_text_is_still_there_to_be_read() -> None:
    text = "<script>alert(1)</script>"

    dom = page(INCIDENTS[0], text)

    assert any(text in each for each in dom.texts)
    assert text in json.loads(dom.data["timeline-data"])["texts"]
    assert text in [each["title"] for each in json.loads(dom.data["graph-data"])["nodes"]]


@settings(max_examples=25, deadline=None)
@given(text=hostile)
def test_no_text_closes_the_fence_around_a_policy_in_markdown(text: str) -> None:
    lines = incident_markdown(poisoned(INCIDENTS[0], text), poisoned(TRACE, text)).splitlines()

    fences = [line for line in lines if line.startswith("```")]
    (opening, closing) = fences
    inside = lines[lines.index(opening) + 1 : lines.index(closing)]

    assert opening == f"{closing}diff"
    assert all(line[0] in "+- " for line in inside)
    assert not any(closing in line for line in inside)

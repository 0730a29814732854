from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from fakes import examples
from unleak.model.plan import StepState
from unleak.report.markdown import incident_markdown
from unleak.report.markdown_text import code, escape

if TYPE_CHECKING:
    from unleak.model.incident import Incident

GITHUB = MarkdownIt("gfm-like", {"linkify": False})
INNOCENT = frozenset({"paragraph_open", "inline", "paragraph_close"})

markdown_alphabet = st.sampled_from(list("`*_[]()<>|#!~&;:/.@-+=\\$^{}'\" \n\ta1w"))
nasty = st.lists(
    st.one_of(
        markdown_alphabet,
        st.sampled_from(
            ["https://evil.example", "www.evil.example", "<b>", "](x)", "&lt;", "1. ", "---", "```"]
        ),
    ),
    max_size=30,
).map("".join)


def tokens_of(markdown: str) -> set[str]:
    found: set[str] = set()
    for token in GITHUB.parse(markdown):
        found.add(token.type)
        found.update(child.type for child in token.children or ())
    return found


def with_text(text: str) -> Incident:
    """An incident with the text in every place that somebody else fills."""
    incident = examples.contained_incident()
    assert incident.verification is not None
    checks = tuple(replace(each, detail=text) for each in incident.verification.checks)
    credential = replace(incident.credentials[0], notes=(text,), session_name=text)
    steps = tuple(replace(step, impact=text, reason=text) for step in incident.plan.steps)
    return replace(
        incident,
        credentials=(credential,),
        verification=replace(incident.verification, checks=checks),
        outcomes=tuple(replace(each, detail=text) for each in incident.outcomes),
        entries=tuple(replace(each, summary=text) for each in incident.entries),
        plan=replace(incident.plan, steps=steps, warnings=(text,), manual=(text,), next=(text,)),
    )


@settings(deadline=None)
@given(nasty)
@example("# heading")
@example("- item")
@example("1) item")
@example("[a](https://evil.example)")
@example("<script>alert(1)</script>")
@example("a | b")
@example("~~~")
def test_escaped_text_is_nothing_but_text(text: str) -> None:
    tokens = tokens_of(escape(text))

    assert tokens <= INNOCENT | {"text", "text_special"}


@settings(deadline=None)
@given(nasty)
def test_escaped_text_reads_as_it_was_written(text: str) -> None:
    rendered = [token for token in GITHUB.parse(escape(text)) if token.type == "inline"]

    words = "".join(child.content for token in rendered for child in token.children or ())
    assert words.split() == text.split()


@settings(deadline=None)
@given(nasty)
def test_a_name_is_code_or_text_and_never_anything_else(text: str) -> None:
    assert tokens_of(code(text)) <= INNOCENT | {"text", "text_special", "code_inline"}


@settings(deadline=None)
@given(nasty)
def test_hostile_text_changes_neither_the_headings_nor_the_tables_of_a_report(text: str) -> None:
    hostile, harmless = incident_markdown(with_text(text)), incident_markdown(with_text("fine"))

    def shape(report: str) -> list[str]:
        kinds = ("heading_open", "tr_open", "td_open", "th_open", "html_block", "fence")
        return [token.type for token in GITHUB.parse(report) if token.type in kinds]

    assert shape(hostile) == shape(harmless)
    assert not tokens_of(hostile) & {"link_open", "image", "html_inline", "html_block"}


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("https://evil.example", r"https\://evil.example"),
        ("HTTP://EVIL", r"HTTP\://EVIL"),
        ("see www.evil.example", r"see www\.evil.example"),
        ("mailto:a@evil.example", r"mailto\:a&#64;evil.example"),
    ],
)
def test_a_bare_address_is_broken_so_that_no_renderer_makes_it_a_link(
    address: str, written: str
) -> None:
    assert escape(address) == written


def test_a_mention_stays_in_code() -> None:
    assert code("alice@example.com") == "`alice@example.com`"


def test_a_report_has_all_its_chapters() -> None:
    report = incident_markdown(examples.contained_incident())

    chapters = [line for line in report.splitlines() if line.startswith("## ")]
    assert chapters == [
        "## What leaked",
        "## What it could do",
        "## What was changed",
        "## How we know",
        "## How long it took",
        "## Timeline of the response",
        "## To be done by hand",
        "## What to do next",
        "## The way back",
        "## Open questions",
    ]


def test_a_report_of_an_unfinished_response_says_so_first() -> None:
    incident = replace(examples.contained_incident(), status=None, is_interrupted=True)

    report = incident_markdown(incident)

    assert "**UNFINISHED." in report
    assert f"`unleak resume {examples.INCIDENT}`" in report


def test_what_was_not_looked_at_is_an_open_question_and_not_clean() -> None:
    incident = examples.unproven_incident()
    incident = replace(
        incident,
        credentials=(examples.unknown_session(),),
        plan=replace(incident.plan, abilities=()),
    )

    questions = incident_markdown(incident).partition("## Open questions")[2]

    assert "Whose ASIA2E0A8F3B244C9988 is, is not known." in questions
    assert "What the credential was able to do was not looked at." in questions
    assert "Whether new sessions work was not tried." in questions


def test_a_failed_step_is_an_open_question() -> None:
    questions = incident_markdown(examples.partial_incident()).partition("## Open questions")[2]

    assert "Turn off access key AKIA2E0A8F3B244C9987" in questions


def test_an_incident_without_steps_says_that_nothing_was_changed() -> None:
    incident = examples.contained_incident()
    incident = replace(incident, plan=incident.plan.with_steps(()), outcomes=(), entries=())

    report = incident_markdown(incident)

    assert "Nothing was changed." in report
    assert "No entries." in report


def test_a_step_that_was_put_back_is_no_longer_in_the_table_of_ways_back() -> None:
    incident = examples.contained_incident()
    steps = tuple(replace(step, state=StepState.UNDONE) for step in incident.plan.steps)

    report = incident_markdown(replace(incident, plan=incident.plan.with_steps(steps)))

    way_back = report.partition("## The way back")[2].partition("## Open")[0]
    assert "nothing left to undo" in way_back
    assert "| `a1` |" not in way_back


def test_a_federated_session_names_the_user_that_opened_it() -> None:
    incident = examples.contained_incident()
    credential = replace(incident.credentials[0], parent=examples.USER)

    report = incident_markdown(replace(incident, credentials=(credential,)))

    assert "| opened by | `user/alice`" in report


def test_a_verification_that_proved_nothing_is_an_open_question() -> None:
    incident = examples.contested_incident()

    questions = incident_markdown(incident).partition("## Open questions")[2]

    assert "No check has shown the credential to be refused." in questions

"""The HTML report in a headless Chromium; `make browser` runs these.

Bounds are numbers of elements, never of seconds.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fakes import chromium, examples
from fakes.poisoned import poisoned
from fakes.thief_trace import SEED, key_id, thief_trace
from unleak.report.html_report import incident_html

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fakes.chromium import Tab
    from unleak.model.incident import Incident
    from unleak.model.trace import Trace

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not chromium.is_there(), reason="needs Chromium: `make browser`"),
]
HOSTILE = (
    "</script><script>document.title='hit'</script><img src=x onerror=\"document.title='hit'\">"
    "\u2028{{ 7*7 }}<style>*{display:none}</style>"
)
ROWS = "document.querySelectorAll('.event-row').length"
ELEMENTS = "document.querySelectorAll('*').length"


@pytest.fixture(scope="module")
def open_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], Tab]]:
    with chromium.chromium(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def show(
    open_file: Callable[[Path], Tab], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Incident, Trace | None], Tab]:
    folder = tmp_path_factory.mktemp("reports")

    def shown(incident: Incident, trace: Trace | None) -> Tab:
        path = folder / f"{len(list(folder.iterdir()))}.html"
        path.write_text(incident_html(incident, trace), encoding="utf-8")
        return open_file(path)

    return shown


@pytest.fixture(scope="module")
def huge(show: Callable[[Incident, Trace | None], Tab]) -> Tab:
    return show(examples.doors_incident(), thief_trace(sessions=495, events=50_000))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_renders_says_nothing_on_the_console_and_asks_for_nothing(
    show: Callable[[Incident, Trace | None], Tab], scheme: str
) -> None:
    tab = show(examples.doors_incident(), thief_trace(sessions=14, events=900))
    tab.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    tab.settle()

    tab.keep(f"report-{scheme}")

    assert tab.said == []
    assert len(tab.asked) == 1
    assert tab.number("document.querySelectorAll('#graph canvas').length") >= 1
    assert tab.number("document.querySelectorAll('#chart canvas').length") == 1
    assert tab.number(ROWS) > 5


def test_a_proven_incident_without_a_trace_renders(
    show: Callable[[Incident, Trace | None], Tab],
) -> None:
    tab = show(examples.contained_incident(), None)

    tab.keep("report-contained")

    assert tab.said == []
    assert tab.text("h1").startswith("CONTAINED.")
    assert tab.text("#timeline-count") == "5 of 5"


def test_the_filters_leave_what_was_asked_for(
    show: Callable[[Incident, Trace | None], Tab],
) -> None:
    tab = show(examples.doors_incident(), thief_trace(sessions=6, events=90))

    everything = tab.text("#timeline-count")
    tab.page.click("#tactics [data-name=recon]")
    without_recon = tab.text("#timeline-count")
    tab.page.click("#outcomes [data-name=denied]")
    without_denied = tab.text("#timeline-count")
    tab.page.fill("#timeline-find", "PAYROLL")
    only_payroll = tab.text("#timeline-count")
    tab.page.click("#timeline-all")

    # 5 entries of the journal, 90 calls in nine kinds, one inferred call more
    assert [everything, without_recon, without_denied, only_payroll] == [
        "96 of 96",
        "85 of 96",
        "55 of 96",
        "10 of 96",
    ]
    assert tab.text("#timeline-count") == "96 of 96"
    assert tab.said == []


def test_a_time_can_be_typed_or_drawn(show: Callable[[Incident, Trace | None], Tab]) -> None:
    tab = show(examples.doors_incident(), thief_trace(sessions=6, events=90))
    whole = "document.querySelector('#chart .u-over').getBoundingClientRect()"

    tab.page.fill("#timeline-from", "2026-11-24 06:59:59")
    tab.page.keyboard.press("Tab")
    typed = tab.text("#timeline-count")
    tab.page.click("#timeline-all")
    tab.page.evaluate("document.getElementById('chart').scrollIntoView({behavior: 'instant'})")
    left, top = tab.number(f"Math.round({whole}.left)"), tab.number(f"Math.round({whole}.top)")
    tab.page.mouse.move(left + 100, top + 40)
    tab.page.mouse.down()
    tab.page.mouse.move(left + 300, top + 40)
    tab.page.mouse.up()

    assert typed == "5 of 96"
    assert tab.text("#timeline-count") not in ("96 of 96", "0 of 96")
    assert tab.number("document.getElementById('timeline-from').value.length") == 19


def test_the_chain_can_be_walked_with_the_keyboard(
    show: Callable[[Incident, Trace | None], Tab],
) -> None:
    tab = show(examples.doors_incident(), thief_trace(sessions=6))
    tab.page.focus("#graph")

    tab.page.keyboard.press("ArrowRight")
    first = tab.text("#chain-side h3")
    tab.page.keyboard.press("ArrowRight")
    second = tab.text("#chain-side h3")
    tab.page.keyboard.press("ArrowLeft")

    assert first == SEED
    assert second not in ("", SEED)
    assert tab.text("#chain-side h3") == SEED
    assert tab.said == []


def test_one_of_the_chain_leads_to_its_events(
    show: Callable[[Incident, Trace | None], Tab],
) -> None:
    tab = show(examples.doors_incident(), thief_trace(sessions=6, events=60))

    tab.page.fill("#chain-find", key_id(4))
    found = tab.text("#chain-found")
    tab.page.click("#chain-side button")

    assert found == "1 of 11"
    assert tab.text("#timeline-count") == "10 of 66"


def test_events_can_be_walked_and_read_with_the_keyboard(
    show: Callable[[Incident, Trace | None], Tab],
) -> None:
    tab = show(examples.doors_incident(), thief_trace(sessions=6, events=400))
    tab.page.focus("#list")

    tab.page.keyboard.press("End")

    assert "unleak: closed" in tab.text("#event")
    assert tab.number("document.getElementById('list').scrollTop") > 0
    assert tab.number("document.querySelectorAll('[aria-selected=true]').length") == 1


def test_hostile_text_stays_text(show: Callable[[Incident, Trace | None], Tab]) -> None:
    incident = poisoned(examples.doors_incident(), HOSTILE)
    tab = show(incident, poisoned(thief_trace(sessions=3, events=9), HOSTILE))
    plain = show(
        poisoned(examples.doors_incident(), "x"),
        poisoned(thief_trace(sessions=3, events=9), "x"),
    )

    for each in (tab, plain):
        each.page.focus("#graph")
        each.page.keyboard.press("ArrowRight")
        each.page.focus("#list")
        each.page.keyboard.press("End")
        each.page.fill("#chain-find", "script")
        each.settle()
    tab.keep("report-hostile")

    assert tab.said == []
    assert len(tab.asked) == 1
    assert tab.number("document.querySelectorAll('img').length") == 0
    assert tab.number("document.scripts.length") == plain.number("document.scripts.length")
    assert tab.number("document.querySelectorAll('style').length") == 1
    assert "hit" not in str(tab.page.evaluate("document.title")).split("'")[0]
    assert tab.text("#chain-side h3").startswith("</script><script>")


def test_five_hundred_nodes_and_fifty_thousand_events_stay_few_elements(huge: Tab) -> None:
    rows = huge.number(ROWS)
    elements = huge.number(ELEMENTS)

    assert huge.text("#timeline-count") == "50,006 of 50,006"
    assert rows < 60
    assert elements - huge.number("document.querySelectorAll('#chain table *').length") < 1500


def test_scrolling_and_filtering_fifty_thousand_events_makes_no_more_elements(huge: Tab) -> None:
    before = huge.number(ELEMENTS)

    for part in (0.25, 0.5, 0.999, 0):
        huge.page.evaluate(f"list.scrollTop = list.scrollHeight * {part}")
        huge.settle()
    for words in ("payroll", "203.0.113.7", ""):
        huge.page.fill("#timeline-find", words)
        huge.settle()
    huge.page.click("#tactics [data-name=recon]")
    huge.page.click("#tactics [data-name=recon]")
    huge.settle()
    huge.keep("report-huge")

    assert huge.number(ELEMENTS) <= before + 60 * 9
    assert huge.number(ROWS) < 60
    assert huge.text("#timeline-count") == "50,006 of 50,006"
    assert huge.said == []


def test_every_filter_answers_with_what_a_plain_search_finds(huge: Tab) -> None:
    data = json.loads(huge.text("#timeline-data"))

    huge.page.fill("#timeline-find", "getsecretvalue")
    shown = huge.text("#timeline-count")
    huge.page.fill("#timeline-find", "")

    hits = sum(
        any("getsecretvalue" in data["texts"][each].lower() for each in row[4:])
        for row in data["rows"]
    )
    assert shown == f"{hits:,} of 50,006"


def test_it_prints_with_the_first_events_and_in_light_colours(
    show: Callable[[Incident, Trace | None], Tab],
) -> None:
    tab = show(examples.doors_incident(), thief_trace(sessions=6, events=900))

    paper = tab.page.pdf()

    assert paper.startswith(b"%PDF")
    assert tab.number("document.querySelectorAll('#print-rows td').length") == 300 * 6
    assert tab.said == []

"""Opening the page does nothing; what is on it is text."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unleak.respond.approval import LONGEST, BadApproval
from unleak.respond.approval_page import (
    ApprovalRequest,
    Page,
    ask_page,
    done_page,
    link,
    read_request,
    refused_page,
)

TOKEN = "v1.eyJz.c2ln-_"
UNTIL = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
FORM = {"content-type": "application/x-www-form-urlencoded"}
TAGS = {
    *("html", "head", "meta", "title", "body", "h1", "ul", "li", "form", "input", "button"),
}


class Read(HTMLParser):
    """What a browser would find on a page."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(page.body)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def event(method: str, **fields: object) -> Mapping[str, object]:
    """An event of a Function URL, payload format 2.0."""
    return {"version": "2.0", "requestContext": {"http": {"method": method}}, **fields}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_opening_the_link_is_only_a_look(method: str) -> None:
    asked = event(method, queryStringParameters={"approve": TOKEN})

    assert read_request(asked) == ApprovalRequest(token=TOKEN, is_pressed=False)


@pytest.mark.parametrize("is_encoded", [False, True])
def test_the_button_posts_the_token(*, is_encoded: bool) -> None:
    body = f"approve={TOKEN}"
    if is_encoded:
        body = base64.b64encode(body.encode()).decode()

    asked = event("POST", headers=FORM, body=body, isBase64Encoded=is_encoded)

    assert read_request(asked) == ApprovalRequest(token=TOKEN, is_pressed=True)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"requestContext": "POST"},
        event("GET"),
        event("GET", queryStringParameters={"approve": ["x"]}),
        event("GET", queryStringParameters={"approve": "x" * (LONGEST + 1)}),
        event("PUT", queryStringParameters={"approve": TOKEN}),
        event("POST", queryStringParameters={"approve": TOKEN}),
        event("POST", headers={"content-type": "text/plain"}, body=f"approve={TOKEN}"),
        event("POST", headers=FORM, body=f"approve={TOKEN}&approve=other"),
        event("POST", headers=FORM, body="%%%", isBase64Encoded=True),
        event("POST", headers=FORM, body="&".join("a=b" for _ in range(50))),
        event("POST", headers=FORM, body=f"approve={TOKEN}&x={'x' * 10_000}"),
    ],
)
def test_what_is_neither_a_look_nor_the_button_is_refused(asked: Mapping[str, object]) -> None:
    with pytest.raises(BadApproval):
        read_request(asked)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(
    method=st.sampled_from(["GET", "POST", "", "get"]),
    query=anything,
    headers=anything,
    body=anything,
)
def test_no_request_breaks_it(method: str, query: object, headers: object, body: object) -> None:
    asked = event(
        method,
        queryStringParameters=query,
        headers=headers,
        body=body,
        isBase64Encoded=True,
    )

    with pytest.raises(BadApproval):
        read_request(asked)


def test_the_form_posts_the_token_to_an_address_that_does_not_hold_it() -> None:
    page = Read(ask_page("AKIA", ("Deactivate it.",), token=TOKEN, until=UNTIL))

    forms = [attributes for tag, attributes in page.tags if tag == "form"]
    inputs = [attributes for tag, attributes in page.tags if tag == "input"]

    assert forms == [{"method": "post", "action": "?"}]
    assert inputs == [{"type": "hidden", "name": "approve", "value": TOKEN}]


def test_the_page_shows_the_plan_and_until_when_it_is_good() -> None:
    page = Read(ask_page("AKIA leaked", ("Deactivate it.",), token=TOKEN, until=UNTIL))

    assert "AKIA leaked" in page.words
    assert "Deactivate it." in page.words
    assert "2026-11-24T08:00:00Z" in page.words


@given(st.text(max_size=80))
def test_hostile_text_is_text_on_every_page(text: str) -> None:
    hostile = f"<script>alert(1)</script>\"'><img src=x>{text}"
    pages = (
        ask_page(hostile, (hostile,), token=TOKEN, until=UNTIL),
        done_page(hostile, (hostile,)),
        refused_page(hostile, hostile),
    )

    for page in pages:
        tags = [tag for tag, _ in Read(page).tags]
        assert set(tags) <= TAGS
        assert tags.count("form") <= 1


def test_the_headers_keep_scripts_frames_caches_and_robots_out() -> None:
    answer = done_page("Done", ()).as_answer()

    headers = answer["headers"]
    assert isinstance(headers, dict)
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in headers["X-Robots-Tag"]


def test_a_refusal_is_no_success_for_a_machine() -> None:
    assert refused_page("the time is over").as_answer()["statusCode"] == 403
    assert refused_page("used already", status=409).as_answer()["statusCode"] == 409


def test_a_plan_of_thousands_of_lines_does_not_make_a_page_of_megabytes() -> None:
    page = ask_page("AKIA", ("x" * 5_000,) * 5_000, token=TOKEN, until=UNTIL)

    assert len(page.body) < 300_000
    assert "and 4801 more" in page.body


def test_the_link_leads_to_the_page() -> None:
    address = urlsplit(link("https://abc.lambda-url.eu-west-1.on.aws/", TOKEN))

    assert (address.path, address.query) == ("/", f"approve={TOKEN}")

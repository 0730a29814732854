"""Whatever a message holds, it is text wherever it arrives."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from unleak.model.message import Message, Severity
from unleak.notify.wording import body, harmless, safe_link, subject, title

GITHUB = MarkdownIt("gfm-like", {"linkify": False})
INNOCENT = {"paragraph_open", "inline", "paragraph_close", "text", "text_special", "softbreak"}
LINK = "https://abc.lambda-url.eu-west-1.on.aws/?approve=v1.eyJz_Ii-w.c2ln__-_"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzk3RmAoQ9B"

nasty = st.lists(
    st.one_of(
        st.sampled_from(list("`*_[]()<>|#!~&;:/.@-+=\\$^{}'\" \n\ta1w")),
        st.sampled_from(
            [
                *("<!channel>", "<@U0123>", "<#C012|x>", "<https://evil.example|x>", "@everyone"),
                *("https://evil.example", "www.evil.example", "mailto:a@b.example", "](x)"),
                *("<b>", "&lt;", "1. ", "---", "```", "\x1b[31m", "\u202e", "\r\n"),
            ]
        ),
    ),
    max_size=25,
).map("".join)


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the overridden signature
        self.found.append(tag)

    def handle_entityref(self, name: str) -> None:
        self.found.append(name)


def message(text: str = "words", **changes: str) -> Message:
    return Message(
        title=text,
        lines=(text, f"x{text}"),
        next_steps=(text,),
        severity=Severity.CRITICAL,
        incident=changes.get("incident", "20261124-070002-k3fz"),
        link=changes.get("link", LINK),
    )


def markdown_in(text: str) -> set[str]:
    return {
        kind
        for token in GITHUB.parse(text)
        for kind in (token.type, *(child.type for child in token.children or ()))
    }


@settings(deadline=None, max_examples=60)
@given(nasty)
@example("<!channel> *bold* _x_ ~y~ `z` [a](https://evil.example) &lt;b&gt;")
@example("# a\n## b")
@example("---")
@example("+ x")
def test_no_markup_survives_in_any_dialect(text: str) -> None:
    shown = body(message(text), 10_000)

    without_link = shown.replace(f"Approve: {LINK}\n", "")
    assert without_link != shown
    assert markdown_in(without_link) <= INNOCENT
    assert Tags(without_link).found == []
    assert not set(without_link) & set("<>&*`[]|~#\\")
    assert "://" not in without_link


@settings(deadline=None, max_examples=60)
@given(nasty)
def test_the_only_link_of_a_markdown_message_is_ours(text: str) -> None:
    shown = body(message(text), 10_000, is_markdown=True)

    targets = [
        child.attrs.get("href")
        for token in GITHUB.parse(shown)
        for child in token.children or ()
        if child.type == "link_open"
    ]
    assert targets == [LINK]


@pytest.mark.parametrize("text", ["@everyone", "x @here", "foo@everyone", "<@U012AB>", "@channel"])
def test_nobody_is_woken_by_a_mention_in_hostile_text(text: str) -> None:
    assert "@" not in harmless(text)


def test_addresses_names_and_arns_stay_as_they_are() -> None:
    text = "arn:aws:iam::123456789012:user/ci_deploy_1 opened by alice@example.com: s3, ec2."

    assert harmless(text) == text


def test_a_command_can_be_copied_out_of_a_message() -> None:
    assert harmless("run `unleak undo 2026-k3fz --force`") == "run 'unleak undo 2026-k3fz --force'"


@settings(deadline=None, max_examples=40)
@given(text=nasty, limit=st.integers(400, 2_000), is_markdown=st.booleans())
def test_a_message_is_never_longer_than_asked_and_keeps_its_link(
    *, text: str, limit: int, is_markdown: bool
) -> None:
    long = Message(
        title=text, lines=(text + "x" * 300,) * 30, next_steps=(text + "y" * 200,) * 10, link=LINK
    )

    shown = body(long, limit, is_markdown=is_markdown)

    assert len(shown) <= limit
    assert LINK in shown


def test_what_does_not_fit_is_said_to_be_missing() -> None:
    long = Message(
        title="t", lines=("what happened",) * 50, next_steps=("do this",), incident="2026-k3fz"
    )

    shown = body(long, 300)

    assert "(more: unleak report 2026-k3fz)" in shown
    assert "Step 1: do this" in shown


def test_a_secret_that_came_in_with_an_event_does_not_go_out() -> None:
    text = f"aws_secret_access_key = {SECRET}"

    shown = title(message(text)) + body(message(text), 10_000)

    assert SECRET not in shown


@pytest.mark.parametrize(
    "link",
    [
        "http://abc.example/?approve=x",
        "javascript:alert(1)",
        "https://abc.example/?a=x) [b](https://evil.example",
        "https://abc.example/?a=<!channel>",
        "https://abc.example/?a=x\nhttps://evil.example",
        "https://user:password@abc.example/",
    ],
)
def test_a_link_that_is_no_plain_https_address_is_left_out(link: str) -> None:
    assert safe_link(link) is None
    assert "Approve" not in body(message(link=link), 10_000)


@settings(deadline=None, max_examples=40)
@given(st.one_of(nasty, st.text(max_size=200)))
def test_the_subject_is_what_sns_takes(text: str) -> None:
    shown = subject(message(text))

    assert 0 < len(shown) < 100
    assert shown.isascii()
    assert shown.isprintable()
    assert shown.startswith("critical:")

"""What apprise makes of a message, read where it arrives."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Mapping

import pytest
from apprise.plugins import pagerduty
from apprise.plugins.slack import NotifySlack
from apprise.plugins.workflows import NotifyWorkflows

from lab.stores.loopback import Asked, Given, serve
from unleak.errors import NotInstalled
from unleak.model.message import Delivery, Message, Severity
from unleak.model.secret import Secret
from unleak.notify.by_url import send

SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
TEAMS = (
    "https://prod-1.westeurope.logic.azure.com:443/workflows/643e69f83c8944/triggers/manual/paths/"
    "invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=KODuebWbDGYFr0z0eu"
)
PAGER = "pagerduty://A1BRTD4JD@TIiajkdnlazkcOXrIdevi7FQ"
LINK = "https://abc.lambda-url.eu-west-1.on.aws/?approve=v1.e_J.s__-_"
HOSTILE = "<!channel> *b* [x](https://evil.example)"
SHOWN = "\uff1c!channel\uff1e \uff0ab\uff0a \uff3bx\uff3d(https:\uff0f\uff0fevil.example)"
MESSAGE = Message(
    title="Approval needed: AKIA",
    lines=(HOSTILE,),
    next_steps=("Look.",),
    severity=Severity.CRITICAL,
    link=LINK,
)


@pytest.fixture
def seen() -> list[Asked]:
    return []


@pytest.fixture
def near(seen: list[Asked]) -> Iterator[str]:
    """The address of a service on the loopback; a path that is a number is its answer."""

    def answer(asked: Asked) -> Given:
        seen.append(asked)
        last = asked.path.rpartition("/")[2]
        status = int(last) if last.isdigit() else 200
        return Given(status=status, body=b"ok", headers={"Location": "/other"})

    with serve(answer) as url:
        yield url


def test_a_generic_webhook_gets_title_text_and_kind(near: str, seen: list[Asked]) -> None:
    result = send(Secret(f"{near.replace('http', 'json')}/hook"), MESSAGE)

    assert result.delivery is Delivery.SENT
    (asked,) = seen
    assert asked.body["title"] == "critical: Approval needed: AKIA"
    assert asked.body["type"] == "failure"
    assert asked.body["message"] == (
        f"\u2022 {SHOWN}\nApprove: {LINK}\nWhat to do next:\nStep 1: Look."
    )


def test_slack_gets_plain_text_and_no_picture(
    near: str, seen: list[Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NotifySlack, "webhook_url", near)

    result = send(Secret(SLACK), MESSAGE)

    assert (result.delivery, result.name) == (Delivery.SENT, "Slack")
    (asked,) = seen
    assert asked.body["mrkdwn"] is False
    told = json.dumps(asked.body, ensure_ascii=False)
    assert SHOWN in told
    assert LINK in told
    assert "github" not in told


def test_a_pager_gets_one_short_summary_with_its_severity(
    near: str, seen: list[Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    for region in list(pagerduty.PAGERDUTY_API_LOOKUP):
        monkeypatch.setitem(pagerduty.PAGERDUTY_API_LOOKUP, region, near)
    long = Message(title="t", lines=("x" * 500,) * 9, severity=Severity.CRITICAL, link=LINK)

    result = send(Secret(PAGER), long)

    assert result.delivery is Delivery.SENT
    (asked,) = seen
    payload = asked.body["payload"]
    assert isinstance(payload, dict)
    assert payload["severity"] == "critical"
    assert payload["summary"].startswith("critical: t")
    assert len(payload["summary"]) <= 1_024
    assert LINK in payload["summary"]


def test_teams_gets_a_card_in_which_the_only_link_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    cards: list[Mapping[str, str]] = []

    def keep(_service: object, body: str, title: str = "", **_more: object) -> bool:
        cards.append({"title": title, "body": body})
        return True

    monkeypatch.setattr(NotifyWorkflows, "send", keep)

    result = send(Secret(TEAMS), MESSAGE)

    assert result.delivery is Delivery.SENT
    (card,) = cards
    assert card["title"] == "critical: Approval needed: AKIA"
    assert f"[Look at it, and approve]({LINK})" in card["body"]
    assert SHOWN in card["body"]


@pytest.mark.parametrize("status", [302, 400, 404, 429, 503])
def test_a_refusal_is_told_by_its_status_alone(near: str, seen: list[Asked], status: int) -> None:
    result = send(Secret(f"{near.replace('http', 'json')}/sEcReT/{status}"), MESSAGE)

    assert (result.delivery, result.why) == (Delivery.REFUSED, f"HTTP {status}")
    assert len(seen) == 1


def test_no_connection_is_silence() -> None:
    result = send(Secret("json://127.0.0.1:1/sEcReT"), MESSAGE)

    assert result.delivery is Delivery.SILENT
    assert "sEcReT" not in result.why


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("json://hooks.example/x", "not encrypted"),
        ("mailto://user:password@mail.example", "not encrypted"),
        ("syslog://", "not encrypted"),
        ("jsons://hooks.example/x?verify=no", "certificate"),
        ("nonsense", "no such URL"),
        ("slack://one", "no such URL"),
    ],
)
def test_what_would_not_be_safe_is_not_sent(url: str, why: str) -> None:
    result = send(Secret(url), MESSAGE)

    assert result.delivery is Delivery.UNUSABLE
    assert why in result.why


class Overheard(logging.Handler):
    """What the log of the process holds."""

    def __init__(self) -> None:
        super().__init__()
        self.words = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.words += record.getMessage()


def test_apprise_says_nothing_in_the_log_of_the_process(near: str) -> None:
    overheard = Overheard()
    logging.getLogger().addHandler(overheard)

    send(Secret(f"{near.replace('http', 'json')}/sEcReT/500"), MESSAGE)
    send(Secret("slack://sEcReT"), MESSAGE)
    logging.getLogger().removeHandler(overheard)

    assert overheard.words == ""


def test_without_apprise_the_hint_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)

    with pytest.raises(NotInstalled) as raised:
        send(Secret(SLACK), MESSAGE)

    assert raised.value.hint == "`pip install 'unleak[notify]'`"

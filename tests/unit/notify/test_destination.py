"""A destination is read once; what is none is refused without being repeated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.tellers import TOPIC
from unleak.errors import WrongUse
from unleak.notify.destination import Destination, Kept, Mail, Topic, label, read_destination


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (f"sns:{TOPIC}", Topic(arn=TOPIC)),
        (
            "ses:unleak@example.com:oncall@example.com",
            Mail(sender="unleak@example.com", recipients=("oncall@example.com",)),
        ),
        (
            "ses:u@example.com:a@example.com, b@example.com",
            Mail(sender="u@example.com", recipients=("a@example.com", "b@example.com")),
        ),
        ("ssm:/unleak/chats", Kept(reference="ssm:/unleak/chats")),
        ("secretsmanager:unleak/chats", Kept(reference="secretsmanager:unleak/chats")),
    ],
)
def test_each_kind_is_read_and_its_label_reads_as_it_was_written(
    words: str, meant: Destination
) -> None:
    assert read_destination(words) == meant
    assert label(meant).partition(":")[0] == words.partition(":")[0]


@pytest.mark.parametrize(
    "words",
    [
        "",
        "sns:",
        "sns:arn:aws:sns:eu-west-1:1:x",
        f"sns:{TOPIC}.fifo",
        f"sns:{TOPIC}\n",
        "ses:unleak@example.com",
        "ses:unleak@example.com:",
        "ses:unleak@example.com:a@example.com,",
        "ses:unleak@example.com:a@example.com\r\nBcc: b@example.com",
        "ses:u@example.com:" + ",".join(f"a{n}@example.com" for n in range(51)),
        "ssm:",
        "ssm://x",
        "slack://T1/B2/sEcReT",
        "https://hooks.slack.com/services/T1/B2/sEcReT",
    ],
)
def test_what_is_none_is_refused_and_not_repeated(words: str) -> None:
    with pytest.raises(WrongUse) as raised:
        read_destination(words)

    assert "sEcReT" not in raised.value.message + raised.value.hint


@given(st.text(max_size=60))
def test_any_other_text_is_refused_or_a_destination(text: str) -> None:
    try:
        found = read_destination(f"ses:{text}")
    except WrongUse:
        return

    assert isinstance(found, Mail)
    assert not any(character in "\r\n<> " for each in found.recipients for character in each)

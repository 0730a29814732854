"""The actions of the responder's two doors are the calls that they make."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import unleak
from unleak.report.respond_permissions import ITSELF, OWN_SECRETS, TELL

AWS = Path(unleak.__path__[0]) / "aws"
CALLS = {"invoke": "InvokeFunction"}
PREFIXES = {"sesv2": "ses"}


@pytest.mark.parametrize(
    ("door", "pattern", "actions"),
    [
        ("own_function", r'client\("(lambda)"\)\n\s+ask\(client, "(invoke)"', ITSELF),
        ("posting", r'_post\("(\w+)", "(\w+)"', TELL),
        ("secret_fetch", r'"(ssm|secretsmanager)", "(get_\w+)"', OWN_SECRETS),
    ],
)
def test_every_call_of_a_door_is_an_action_and_no_other_is(
    door: str, pattern: str, actions: tuple[str, ...]
) -> None:
    text = (AWS / f"{door}.py").read_text(encoding="utf-8")

    calls = {
        f"{PREFIXES.get(service, service)}:{CALLS.get(method, method.title().replace('_', ''))}"
        for service, method in re.findall(pattern, text)
    }

    assert calls == {each for each in actions if not each.startswith("kms:")}

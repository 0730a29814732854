"""The policy for a trace holds every call that the doors for SQL make."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import unleak
from unleak.report.permissions import TRACE_ATHENA, TRACE_LAKE, policy_for

AWS = Path(unleak.__path__[0]) / "aws"


@pytest.mark.parametrize(
    ("door", "service", "actions"),
    [("athena", "athena", TRACE_ATHENA), ("lake", "cloudtrail", TRACE_LAKE)],
)
def test_every_call_of_a_door_is_in_the_policy(
    door: str, service: str, actions: tuple[str, ...]
) -> None:
    text = (AWS / f"{door}.py").read_text(encoding="utf-8")
    methods = re.findall(r'_ask\(\s*"([a-z_]+)"', text)

    calls = {f"{service}:{method.title().replace('_', '')}" for method in methods}

    assert calls == {each for each in actions if each.startswith(f"{service}:")}
    assert min(actions) in str(policy_for("trace"))

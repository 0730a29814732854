"""Nothing in here has a lag, so nobody has to wait for one."""

from __future__ import annotations

import pytest

from unleak.flow import settle


@pytest.fixture(autouse=True)
def no_wait_before_the_second_cut(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Take the five real seconds out of tests that do not bring a clock of their own."""
    if request.module.__name__.rpartition(".")[2] not in {"test_hold", "test_rest_of_user"}:
        monkeypatch.setattr(settle, "BLIND", 0.0)

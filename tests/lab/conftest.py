from __future__ import annotations

import pytest

from lab.lagging.cloud import Lag, LaggingCloud


@pytest.fixture
def cloud() -> LaggingCloud:
    """A cloud four seconds behind."""
    return LaggingCloud(lag=Lag(seconds=4))


@pytest.fixture
def quick() -> LaggingCloud:
    """A cloud without any lag, for what does not depend on it."""
    return LaggingCloud(lag=Lag(seconds=0))

"""`make demo` tells what really happens, and is a test of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.clouds

PROJECT = Path(__file__).resolve().parents[2]


def test_the_demo_comes_true() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lab.demo"],
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "\x1b" not in done.stdout
    assert "refused (AccessDenied)" in done.stdout
    assert "unleak revoke - --yes" in done.stdout

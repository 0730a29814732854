"""The audit of an account: what a second client put there is found, judged and told."""

from __future__ import annotations

import csv
import json
import stat
from io import StringIO
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from lab.scene import Scene

pytestmark = pytest.mark.clouds


def test_a_key_and_a_password_are_found_with_the_power_of_their_owner(aws: Scene) -> None:
    user, key = aws.user()
    aws.cloud.admin.call("iam", "create_login_profile", UserName=user, Password="Str0ng-enough!")

    done = aws.shell.run("audit", "--json", "--who", "0")

    assert done.code == 0, str(done)
    found = {
        row.text("kind"): row
        for row in done.document.rows("credentials")
        if row.text("owner") == user
    }
    assert found["access-key"].text("id") == key.access_key_id
    assert found["access-key"].text("risk") == "high"
    assert found["access-key"].text("can_take_over") == "yes"
    assert {"access-key", "password"} <= set(found), str(done)


def test_a_gate_does_not_pass_and_the_file_is_private(aws: Scene, tmp_path: Path) -> None:
    _, key = aws.user()
    path = tmp_path / "keys.csv"

    done = aws.shell.run(
        "audit", "--format", "csv", "--output", str(path), "--fail-on", "high", "--who", "1"
    )

    assert done.code == 1, str(done)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    rows = csv.DictReader(StringIO(path.read_text(encoding="utf-8"), newline=""))
    assert key.access_key_id in {row["id"] for row in rows}


def test_no_secret_is_in_any_form(aws: Scene) -> None:
    _, key = aws.user()

    texts = [
        aws.shell.run("audit", "--format", form, "--who", "0").stdout
        for form in ("text", "csv", "sarif", "json")
    ]

    assert all(key.access_key_id in text for text in texts)
    assert not any(key.secret in text for text in texts)
    assert json.loads(texts[2])["version"] == "2.1.0"

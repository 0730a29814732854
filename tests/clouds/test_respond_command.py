"""`unleak respond` on a machine of one's own: the same event once, a dry run never."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lab.ministack import ACCOUNT

if TYPE_CHECKING:
    from lab.scene import Scene

pytestmark = pytest.mark.clouds


@pytest.fixture
def policy(tmp_path: Path) -> str:
    path = tmp_path / "unleak.toml"
    path.write_text(
        f'version = 1\naccounts = ["{ACCOUNT}"]\n[[rule]]\nthen = "contain"\nhold_seconds = 0\n',
        encoding="utf-8",
    )
    return str(path)


def test_an_event_from_stdin_is_answered_once_and_a_dry_run_changes_nothing(
    ministack_scene: Scene, policy: str
) -> None:
    aws = ministack_scene
    user, key = aws.user()
    event = json.dumps({"access_key_id": key.access_key_id})
    command = ("respond", "--event", "-", "--policy", policy, "--json")

    dry = aws.shell.run(*command, "--dry-run", stdin=event)
    after_dry = aws.status_of_key(user, key)
    first = aws.shell.run(*command, "--yes", stdin=event)
    second = aws.shell.run(*command, "--yes", stdin=event)

    (seen,) = dry.document.rows("responses")
    (done,) = first.document.rows("responses")
    (left,) = second.document.rows("responses")
    assert (seen.text("verdict"), after_dry) == ("contain", "Active"), dry
    assert done.text("verdict") == "contain", first
    assert "verdict" in left.fields, second
    assert left.fields["verdict"] is None
    assert left.text("incident") == done.text("incident")
    assert aws.status_of_key(user, key) == "Inactive"
    assert key.secret not in first.stdout + first.stderr


def test_a_sweep_with_nothing_to_do_says_so(ministack_scene: Scene, policy: str) -> None:
    swept = ministack_scene.shell.run("respond", "--sweep", "--policy", policy, "--yes", "--json")

    assert swept.code == 0, swept
    assert json.loads(swept.stdout) == {"responses": [], "ignored": [], "failed": []}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--event", "-", "--sweep", "--yes"), "wrong-use"),
        (("--sweep", "--dry-run"), "wrong-use"),
        (("--event", "no-such-file", "--yes"), "unreadable-event"),
        (("--event", "-", "--yes"), "unreadable-event"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_asked(
    ministack_scene: Scene, policy: str, arguments: tuple[str, ...], code: str
) -> None:
    given = ministack_scene.shell.run("respond", "--policy", policy, "--json", *arguments)

    assert given.code == 2, given
    assert code in given.stdout + given.stderr

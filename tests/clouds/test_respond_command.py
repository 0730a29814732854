"""`unleak respond` on any machine: the policy file decides, and without consent nothing is done."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lab.ministack import ACCOUNT
from lab.scene import REVOKE_POLICY, Scene

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.clouds


@pytest.fixture
def policy(tmp_path: Path) -> str:
    file = tmp_path / "policy.toml"
    file.write_text(
        f'version = 1\naccounts = ["{ACCOUNT}"]\n\n'
        '[[rule]]\nname = "all"\nthen = "contain"\nhold_seconds = 0\n'
    )
    return str(file)


def test_an_event_on_stdin_is_answered_once_and_the_key_is_dead(
    ministack_scene: Scene, policy: str
) -> None:
    aws = ministack_scene
    user, key = aws.user()
    aws.assert_served(key)
    event = json.dumps({"access_key_id": key.access_key_id, "account": ACCOUNT})
    respond = ("respond", "--event", "-", "--policy", policy)

    looked = aws.shell.run(*respond, "--dry-run", "--json", stdin=event)
    aws.assert_served(key)
    refused = aws.shell.run(*respond, stdin=event)
    aws.assert_served(key)
    first = aws.shell.run(*respond, "--yes", "--json", stdin=event)
    again = aws.shell.run(*respond, "--yes", stdin=event)

    aws.assert_dead(key)
    assert aws.status_of_key(user, key) == "Inactive"
    assert REVOKE_POLICY in aws.policies(f"user/{user}")
    assert (looked.code, refused.code, again.code) == (0, 2, 0), (str(looked), str(refused))
    (planned,) = looked.document.rows("responses")
    assert (planned.text("verdict"), planned.text("rule")) == ("contain", "all")
    (done,) = first.document.rows("responses")
    assert done.text("status") in {"contained", "unproven"}
    assert first.code == (0 if done.text("status") == "contained" else 3)
    assert "already" in again.stdout
    listed = aws.shell.run("incidents", "--json").document.rows("incidents")
    assert [row.text("incident") for row in listed] == [done.text("incident")]


def test_a_key_of_nobody_we_know_is_left_alone(ministack_scene: Scene, tmp_path: Path) -> None:
    aws = ministack_scene
    user, key = aws.user()
    other = tmp_path / "other.toml"
    other.write_text('version = 1\naccounts = ["999988887777"]\n')
    event = json.dumps({"access_key_id": key.access_key_id})

    done = aws.shell.run(
        "respond", "--event", "-", "--policy", str(other), "--yes", "--json", stdin=event
    )

    assert done.code == 0, str(done)
    assert done.document.rows("responses")[0].text("verdict") == "ignore"
    aws.assert_served(key)
    assert aws.status_of_key(user, key) == "Active"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('version = 1\naccounts = ["1"]\n', "accounts"),
        ('version = 1\naccounts = ["111122223333"]\nthen = 1\n', "then"),
        ("", "version"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused_with_the_place(
    ministack_scene: Scene, tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(text)

    done = ministack_scene.shell.run(
        "respond", "--event", "-", "--policy", str(file), "--yes", "--json", stdin="{}"
    )

    assert done.code == 2, str(done)
    assert words in done.document.text("error", "message")


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
def test_a_call_that_makes_no_sense_is_refused_before_anything_is_asked(
    ministack_scene: Scene, policy: str, arguments: tuple[str, ...], code: str
) -> None:
    given = ministack_scene.shell.run("respond", "--policy", policy, "--json", *arguments)

    assert given.code == 2, given
    assert given.document.text("error", "code") == code

"""At a terminal: the paste stays hidden, one question is asked, and no means no."""

from __future__ import annotations

import sys

import pytest

from lab.scene import REVOKE_POLICY, Scene

if sys.platform == "win32":
    pytest.skip("needs a pseudo-terminal", allow_module_level=True)

from typing import TYPE_CHECKING

from lab.terminal import Turn, play

if TYPE_CHECKING:
    from lab.proxy import Proxy

pytestmark = pytest.mark.clouds

PASTE = r"paste"
PASTE_ENDS = r"$"
"""At once: whatever is on the screen by then."""
QUESTION = r"\[y/n\]|\(y/n\)"


def test_a_paste_stays_hidden_and_yes_cuts_it_off(aws: Scene) -> None:
    role = aws.role()
    thief = aws.cloud.assume(role, "thief")
    aws.assert_served(thief)

    played = play(
        aws.shell,
        ["revoke", "--ask-leaked"],
        [
            Turn(cue=PASTE, text=f"{thief.export_lines}\n\x04"),
            Turn(cue=QUESTION, text="y\n"),
        ],
    )

    assert played.turns_left == (), played.screen
    assert played.code == 0, played.screen
    aws.assert_refused(thief)
    assert thief.secret not in played.screen
    assert thief.token is not None
    assert thief.token[:20] not in played.screen
    assert "contained" in played.screen.lower()
    assert REVOKE_POLICY in aws.policies(f"role/{role}")


def test_a_paste_with_an_empty_line_in_it_is_hidden_and_read_to_its_end(aws: Scene) -> None:
    role = aws.role()
    _, key = aws.user()
    thief = aws.cloud.assume(role, "thief")
    aws.assert_served(thief)
    aws.assert_served(key)

    played = play(
        aws.shell,
        ["revoke", "--ask-leaked"],
        [
            Turn(cue=PASTE, text=f"{thief.export_lines}\n\n{key.export_lines}"),
            Turn(cue=PASTE_ENDS, text="\x04"),
            Turn(cue=QUESTION, text="y\n"),
        ],
    )

    for secret in (thief.secret, key.secret):
        assert secret not in played.screen
    assert played.turns_left == (), played.screen
    aws.assert_refused(thief)
    aws.assert_dead(key)


def test_no_means_no_and_nothing_is_changed(aws: Scene, aws_proxy: Proxy) -> None:
    role = aws.role()
    thief = aws.cloud.assume(role, "thief")

    played = play(
        aws.shell.behind(aws_proxy.endpoint),
        ["revoke", f"role/{role}"],
        [Turn(cue=QUESTION, text="n\n")],
    )

    assert played.turns_left == (), played.screen
    assert played.code == 2, played.screen
    assert aws_proxy.changes == []
    aws.assert_served(thief)


def test_ctrl_c_at_the_question_changes_nothing(aws: Scene, aws_proxy: Proxy) -> None:
    role = aws.role()

    played = play(
        aws.shell.behind(aws_proxy.endpoint),
        ["revoke", f"role/{role}"],
        [Turn(cue=QUESTION, text="\x03")],
    )

    assert played.code == 130, played.screen
    assert "Traceback" not in played.screen
    assert aws_proxy.changes == []

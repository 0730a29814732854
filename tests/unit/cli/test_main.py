"""The outermost frame: exit codes, errors as words and as JSON, and no secret in either."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fakes.examples import contained_incident
from unleak.cli import main
from unleak.cli.show import show_response
from unleak.errors import ExitCode, Interrupted, MissingPermission
from unleak.flow.response import Response
from unleak.model.outcome import Status


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No credentials, no state, no terminal of the machine that runs the tests."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("UNLEAK_HOME", str(tmp_path / "state"))


def test_help_shows_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--help"]) == ExitCode.DONE

    shown = capsys.readouterr().out
    assert all(name in shown for name in main.COMMANDS)


def test_the_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--version"]) == ExitCode.DONE
    assert capsys.readouterr().out.startswith("unleak ")


@pytest.mark.parametrize("name", list(main.COMMANDS))
def test_each_command_has_help_with_an_example(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run([name, "--help"]) == ExitCode.DONE
    assert "Example" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [["nosuch"], ["revoke", "--nosuch"], ["report"], ["revoke", "role/x", "--scope", "all"]],
)
def test_wrong_use_is_exit_2_and_one_json_document(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run([*arguments, "--json"]) == ExitCode.REFUSED

    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert set(document["error"]) >= {"code", "message", "hint"}
    assert captured.err == ""


def test_without_arguments_the_help_is_shown_and_nothing_is_done(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main.run([]) == ExitCode.REFUSED
    assert "revoke" in capsys.readouterr().err


def test_a_changing_command_without_a_terminal_and_without_yes_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main.run(["revoke", "role/deploy"]) == ExitCode.REFUSED

    assert "--yes" in capsys.readouterr().err
    assert not (tmp_path / "state").exists()


def test_a_bug_of_ours_is_said_without_its_values(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def explode(*_arguments: object, **_options: object) -> int:
        message = "wJalr-the-secret"
        raise ZeroDivisionError(message)

    monkeypatch.setattr(main.cli, "main", explode)

    assert main.run(["revoke"]) == ExitCode.FAILED
    shown = capsys.readouterr().err
    assert "ZeroDivisionError" in shown
    assert "the-secret" not in shown


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), ExitCode.INTERRUPTED),
        (Interrupted("stopped", hint="unleak resume x"), ExitCode.INTERRUPTED),
        (MissingPermission("not allowed", hint="ask"), ExitCode.REFUSED),
    ],
)
def test_each_error_has_its_exit_code(
    error: BaseException, code: ExitCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_arguments: object, **_options: object) -> int:
        raise error

    monkeypatch.setattr(main.cli, "main", explode)

    assert main.run(["revoke"]) == code


def test_identify_without_credentials_tells_what_the_id_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main.run(["identify", "ASIAY34FZKBOKMUTVV7A", "--json"]) == ExitCode.DONE

    (credential,) = json.loads(capsys.readouterr().out)["credentials"]
    assert credential["account"] == "609629065308"
    assert credential["kind"] == "unknown-session"
    assert credential["how"] == ["offline"]


def test_incidents_of_an_empty_journal_are_an_empty_list(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main.run(["incidents", "--json"]) == ExitCode.DONE
    assert json.loads(capsys.readouterr().out)["incidents"] == []


def test_an_incident_that_is_not_there_is_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["report", "20260101-0000-aaaaaa", "--json"]) == ExitCode.REFUSED
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "no-such-incident"


@pytest.mark.parametrize("name", [None, "revoke", "undo"])
def test_permissions_are_a_policy_without_stars_in_the_actions(
    name: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["permissions"] if name is None else ["permissions", name]

    assert main.run(arguments) == ExitCode.DONE

    policy = json.loads(capsys.readouterr().out)
    actions = [action for each in policy["Statement"] for action in each["Action"]]
    assert actions
    assert not any("*" in action for action in actions)


def test_a_commands_own_success_counts_where_the_incident_is_unproven(
    capsys: pytest.CaptureFixture[str],
) -> None:
    response = Response(
        incident=contained_incident(), status=Status.UNPROVEN, exit_code=ExitCode.DONE
    )

    assert show_response(response, as_json=True) == ExitCode.DONE
    assert show_response(replace(response, exit_code=None), as_json=True) == ExitCode.UNPROVEN
    capsys.readouterr()

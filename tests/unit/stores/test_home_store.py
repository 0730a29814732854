"""The well-known places of a home folder, our environment and other processes are searched."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes.local import KEY_ID, PAIR, Findings
from unleak.stores.home import Home


def process(proc: Path, pid: str, environ: str) -> None:
    (proc / pid).mkdir(parents=True)
    (proc / pid / "environ").write_bytes(environ.encode())
    (proc / pid / "comm").write_text("work\x1b[2Jer\n")


def found(tmp_path: Path, **environment: str) -> Findings:
    (tmp_path / "proc").mkdir(exist_ok=True)
    known = {"HOME": str(tmp_path / "home"), **environment}
    return Findings(Home(proc=tmp_path / "proc"), None, known)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (".bash_history", "shell-history"),
        (".local/share/fish/fish_history", "shell-history"),
        (".local/share/powershell/PSReadLine/ConsoleHost_history.txt", "shell-history"),
        (".aws/cli/cache/0123.json", "settings"),
        (".config/rclone/rclone.conf", "settings"),
        (".passwd-s3fs", "settings"),
        (".docker/config.json", "settings"),
    ],
)
def test_a_key_in_a_known_place_is_found(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / "home" / name
    path.parent.mkdir(parents=True)
    path.write_text(f"x\nexport AWS_ACCESS_KEY_ID={KEY_ID}\n")

    (reference,) = found(tmp_path).references

    assert (reference.location, reference.kind, reference.field) == (str(path), kind, "line 2")


def test_a_profile_is_named_so_that_rotate_can_write_to_it(tmp_path: Path) -> None:
    path = tmp_path / "home" / ".aws" / "credentials"
    path.parent.mkdir(parents=True)
    path.write_text(f"[prod]\n{PAIR.lower().replace(KEY_ID.lower(), KEY_ID)}")

    (reference,) = found(tmp_path).references

    assert (reference.store, reference.location) == ("aws-credentials", f"{path}#prod")


def test_a_file_that_the_environment_names_is_searched_once(tmp_path: Path) -> None:
    path = tmp_path / "elsewhere"
    path.write_text(KEY_ID)

    result = found(tmp_path, AWS_SHARED_CREDENTIALS_FILE=str(path), AWS_CONFIG_FILE=str(path))

    assert result.locations == {str(path)}
    assert len(result.references) == 1


@pytest.mark.parametrize("link", [".s3cfg", ".aws/credentials"])
def test_a_settings_file_that_is_a_link_is_followed(tmp_path: Path, link: str) -> None:
    (tmp_path / "dotfiles").write_text(KEY_ID)
    (tmp_path / "home" / ".aws").mkdir(parents=True)
    (tmp_path / "home" / link).symlink_to(tmp_path / "dotfiles")

    result = found(tmp_path)

    assert result.locations == {str(tmp_path / "home" / link)}
    assert not result.gaps


def test_our_own_environment_is_searched(tmp_path: Path) -> None:
    (reference,) = found(tmp_path, DEPLOY_KEY=KEY_ID).references

    assert (reference.kind, reference.field) == ("environment", "DEPLOY_KEY")


def test_the_environments_of_other_processes_are_searched(tmp_path: Path) -> None:
    process(tmp_path / "proc", "4242", f"A=b\0AWS_ACCESS_KEY_ID={KEY_ID}\0")

    (reference,) = found(tmp_path).references

    assert (reference.location, reference.field) == ("process 4242 (worker)", "AWS_ACCESS_KEY_ID")


def test_a_process_that_may_not_be_read_is_counted(tmp_path: Path) -> None:
    (tmp_path / "proc" / "7" / "environ").mkdir(parents=True)  # refused, whoever asks

    result = found(tmp_path)

    assert [gap.why for gap in result.gaps] == [
        "environments of other users' processes (1): only root may read them"
    ]


def test_a_system_that_shows_no_processes_is_said_to_be_one(tmp_path: Path) -> None:
    result = Findings(Home(proc=tmp_path / "none"), None, {"HOME": str(tmp_path)})

    assert "does not show the environments" in result.gaps[0].why
    assert len(result.searched) == 1

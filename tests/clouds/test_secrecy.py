"""No leaked secret, and none of the responder's, is ever shown or kept."""

from __future__ import annotations

import base64
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from lab.proxy import Proxy, Rule
from lab.trouble import Before

if TYPE_CHECKING:
    from lab.scene import Scene
    from lab.wire import Keys

pytestmark = pytest.mark.clouds


def spellings(keys: Keys) -> list[bytes]:
    """Return every way in which the secrets of a credential might be written."""
    found: list[bytes] = []
    for secret in (keys.secret, keys.token):
        if secret:
            plain = secret.encode()
            found += [plain, base64.b64encode(plain), quote(secret, safe="").encode()]
            found.append(plain[: len(plain) // 2])
    return found


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the content of every file below a folder."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def assert_silent(places: dict[str, bytes], *credentials: Keys) -> None:
    """Assert that no spelling of any secret is in any place."""
    for keys in credentials:
        for spelling in spellings(keys):
            told = [place for place, content in places.items() if spelling in content]
            assert told == [], f"a secret of {keys.access_key_id} is in {told}"


@pytest.mark.parametrize("flags", [[], ["--json"]], ids=["words", "json"])
def test_no_secret_is_shown_or_kept_on_any_command(aws: Scene, flags: list[str]) -> None:
    role = aws.role()
    user, key = aws.user()
    del user
    thief = aws.cloud.assume(role, "thief")
    leaked = f"{thief.export_lines}\n{key.export_lines}"
    shell = aws.shell
    runs = [
        shell.run("identify", "-", *flags, stdin=leaked),
        shell.run("plan", "-", *flags, stdin=leaked),
        shell.run("revoke", "-", "--yes", *flags, stdin=leaked),
    ]
    listed = shell.run("incidents", "--json").document.rows("incidents")
    incident = listed[0].text("incident")
    runs += [
        shell.run("incidents", "show", incident, *flags),
        shell.run("verify", incident, *flags),
        shell.run("resume", incident, "--yes", *flags),
        shell.run("report", incident, "--format", "md"),
        shell.run("report", incident, "--format", "json"),
        shell.run("undo", incident, "--yes", *flags),
        shell.run("undo", incident, "--force", "--yes", *flags),
    ]

    places = files_of(shell.home)
    assert places != {}
    for done in runs:
        name = " ".join(done.arguments)
        places[f"stdout of {name}"] = done.stdout.encode()
        places[f"stderr of {name}"] = done.stderr.encode()
        assert "Traceback" not in done.stderr, str(done)
        assert "a bug in unleak" not in done.stdout + done.stderr, str(done)
    assert_silent(places, thief, key, aws.cloud.responder)


def test_no_secret_is_shown_when_things_go_wrong(aws: Scene, aws_proxy: Proxy) -> None:
    _, made = aws.user()
    # this cloud's secrets look like commit ids; AWS's own form is what must never be repeated
    key = replace(made, secret="kW3xGJ/hTz5Qm+RvB8nYc1LpD6sFa2UoE9iXjK4t")
    shell = aws.shell.behind(aws_proxy.endpoint)
    broken = key.export_lines.replace("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY")

    runs = [
        shell.run("revoke", "-", "--yes", "--cutoff", "nonsense", stdin=key.export_lines),
        shell.run("revoke", "-", "--yes", "--owner", "nonsense", stdin=key.export_lines),
        shell.run("revoke", "-", stdin=key.export_lines),
        shell.run("revoke", "-", "--yes", stdin=key.secret),
        shell.run("identify", "-", stdin=broken + key.secret),
        shell.run("identify", key.secret),
    ]

    for done in runs:
        # a person who pastes the secret as an argument has shown it; unleak does not repeat it
        assert_silent({str(done.arguments[:2]): (done.stdout + done.stderr).encode()}, key)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_no_secret_is_in_the_arguments_of_any_process(aws: Scene, aws_proxy: Proxy) -> None:
    role = aws.role()
    thief = aws.cloud.assume(role, "thief")
    shell = aws.shell.behind(aws_proxy.endpoint)
    seen: dict[str, bytes] = {}

    def look() -> None:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                seen[str(path)] = path.read_bytes()
            except OSError:
                continue  # it ended meanwhile

    aws_proxy.rules.append(Rule(action="PutRolePolicy", trouble=Before(hook=look), times=1))

    shell.run("revoke", "-", "--yes", "--json", stdin=thief.export_lines)

    assert f"/proc/{shell.pid}/cmdline" in seen
    assert_silent(seen, thief, aws.cloud.responder)


@pytest.mark.skipif(sys.platform == "win32", reason="permission bits")
def test_the_state_folder_is_closed_to_others(aws: Scene) -> None:
    role = aws.role()
    home = aws.shell.home / "state"
    aws.shell.extra = {"UNLEAK_HOME": str(home)}

    aws.revoke(f"role/{role}")

    assert home.stat().st_mode & 0o777 == 0o700
    for path in home.rglob("*"):
        wanted = 0o700 if path.is_dir() else 0o600
        assert path.stat().st_mode & 0o777 == wanted, path

"""Leaks that a real Vault server issued, its AWS engine working in a MiniStack that enforces."""

from __future__ import annotations

import itertools
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from lab.cloud import ALLOW_ALL, wait_until_after
from lab.ministack import MiniStack
from lab.proxy import Proxy, Rule
from lab.stores.loopback import Asked, Given, serve
from lab.vault_server import BINARY, ROOT_USER, OwnName, VaultServer, mount_aws, running
from lab.wire import Keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.command_line import Finished
    from lab.scene import Scene

pytestmark = [
    pytest.mark.vault,
    pytest.mark.skipif(not BINARY.exists(), reason="`make e2e-vault` builds the Vault server"),
]
READ_BACK = ("--proof", "read-back")
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VaultServer]:
    with running(tmp_path_factory.mktemp("vault")) as server:
        yield server


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A scene whose shell is also a client of Vault, and an engine of its own there."""

    scene: Scene
    vault: VaultServer
    mount: str
    root: Keys

    @property
    def users(self) -> set[str]:
        """Every IAM user."""
        told = self.scene.cloud.admin.call("iam", "list_users")
        return {row.text("UserName") for row in told.rows("Users")}

    def role(self, name: str, **settings: object) -> str:
        """Write a role of Vault's; returns where its credentials are read."""
        self.vault.ask("POST", f"{self.mount}/roles/{name}", settings)
        return f"{self.mount}/creds/{name}"

    def revoke(self, path: str, *more: str, stdin: str = "") -> Finished:
        return self.scene.revoke(path, *more, stdin=stdin)


@pytest.fixture
def ministack() -> Iterator[MiniStack]:
    """A new one for each test: Vault goes on with the keys of mounts that others have left."""
    with MiniStack() as cloud:
        yield cloud


@pytest.fixture
def stage(server: VaultServer, ministack: MiniStack, ministack_scene: Scene) -> Stage:
    return staged(server, ministack, ministack_scene, endpoint=ministack.endpoint)


@pytest.fixture
def rotating(server: VaultServer, ministack: MiniStack, ministack_scene: Scene) -> Iterator[Stage]:
    """A stage whose Vault is told by AWS who it is, which it asks before it rotates its key."""
    with Proxy(upstream=ministack.endpoint) as proxy:
        proxy.rules.append(Rule(action="GetUser", trouble=OwnName()))
        yield staged(server, ministack, ministack_scene, endpoint=proxy.endpoint)


def staged(server: VaultServer, cloud: MiniStack, scene: Scene, *, endpoint: str) -> Stage:
    """Return a stage where Vault's user is no suspect: it was there before anything leaked."""
    mount = f"aws{next(_numbers)}"
    root = mount_aws(server, cloud, mount, endpoint)
    scene.shell.extra = server.environment
    scene.wait_for_next_second()
    return Stage(scene=scene, vault=server, mount=mount, root=root)


def states(done: Finished) -> dict[str, str]:
    return {row.text("kind"): row.text("state") for row in done.document.rows("actions")}


def test_every_lease_of_a_role_dies_in_iam_and_new_ones_are_served(stage: Stage) -> None:
    path = stage.role("app", credential_type="iam_user", policy_document=ALLOW_ALL)
    leases = [stage.vault.issue(path) for _ in range(2)]
    for _, keys in leases:
        stage.scene.assert_served(keys)

    done = stage.revoke(f"vault:{path}", *READ_BACK)

    for lease, keys in leases:
        stage.scene.assert_dead(keys)
        assert not stage.vault.has_lease(lease)
    assert not [user for user in stage.users if user.startswith("vault-root-app")]
    assert states(done)["vault-revoke-prefix"] == "done", str(done)
    assert states(done)["vault-try-new-lease"] == "done", str(done)
    stage.scene.expect(done, code=0, status="contained")
    stage.scene.assert_served(stage.vault.issue(path)[1])


def test_a_pasted_key_that_vault_issued_is_dead_and_its_user_deleted(stage: Stage) -> None:
    path = stage.role("app", credential_type="iam_user", policy_document=ALLOW_ALL)
    lease, leaked = stage.vault.issue(path)
    stage.scene.assert_served(leaked)

    done = stage.revoke("-", stdin=leaked.export_lines)

    stage.scene.assert_dead(leaked)
    assert states(done)["vault-revoke-lease"] == "done", str(done)
    assert not stage.vault.has_lease(lease)
    assert not [user for user in stage.users if "-app-" in user]
    stage.scene.expect(done, code=0, status="contained")
    assert done.document.text("verification", "level") == "live", str(done)


def test_vault_alone_revokes_a_role_session_in_name_only_and_unleak_cuts_it(stage: Stage) -> None:
    role = stage.scene.role("deploy")
    arn = f"arn:aws:iam::{stage.scene.cloud.account}:role/{role}"
    path = stage.role("deploy", credential_type="assumed_role", role_arns=[arn])
    lease, leaked = stage.vault.issue(path)

    stage.vault.ask("PUT", "sys/leases/revoke", {"lease_id": lease, "sync": True})
    assert not stage.vault.has_lease(lease)
    stage.scene.assert_served(leaked)
    done = stage.revoke(f"vault:{path}")

    stage.scene.assert_refused(leaked)
    assert states(done)["put-role-policy"] == "done", str(done)
    assert states(done)["vault-try-new-lease"] == "done", str(done)
    wait_until_after(done.cutoff)
    stage.scene.assert_served(stage.vault.issue(path)[1])


@pytest.mark.parametrize("kind", ["federation_token", "session_token"])
def test_a_token_of_vaults_own_user_is_refused_and_vault_goes_on(stage: Stage, kind: str) -> None:
    more = {"policy_document": ALLOW_ALL} if kind == "federation_token" else {}
    path = stage.role("token", credential_type=kind, **more)
    _, leaked = stage.vault.issue(path)
    stage.scene.assert_served(leaked)

    done = stage.revoke(f"vault:{path}")

    stage.scene.assert_refused(leaked)
    assert states(done)["put-user-policy"] == "done", str(done)
    assert stage.scene.status_of_key(ROOT_USER, stage.root) == "Active"
    wait_until_after(done.cutoff)
    stage.scene.assert_served(stage.vault.issue(path)[1])


def test_vaults_own_key_is_replaced_and_what_it_opened_is_refused(rotating: Stage) -> None:
    stage = rotating
    path = stage.role("app", credential_type="iam_user", policy_document=ALLOW_ALL)
    child = stage.scene.cloud.session_token(stage.root)
    stage.scene.assert_served(stage.root)
    stage.scene.assert_served(child)

    done = stage.revoke("-", stdin=stage.root.export_lines)

    stage.scene.assert_dead(stage.root)
    stage.scene.assert_refused(child)
    assert states(done)["vault-rotate-root"] == "done", str(done)
    assert "update-access-key" not in states(done), str(done)
    stage.scene.expect(done, code=0, status="contained")
    stage.scene.assert_served(stage.vault.issue(path)[1])


def test_a_static_role_gets_a_new_key_and_an_older_good_one_stays(stage: Stage) -> None:
    user, good = stage.scene.user("ci")
    stage.scene.wait_for_next_second()
    settings = {"username": user, "rotation_period": 3600}
    stage.vault.ask("POST", f"{stage.mount}/static-roles/ci", settings)
    path = f"{stage.mount}/static-creds/ci"
    leaked = _static(stage.vault.ask("GET", path).part("data").fields)
    stage.scene.assert_served(leaked)
    stage.scene.assert_served(good)

    done = stage.revoke(f"vault:{path}", *READ_BACK)

    stage.scene.assert_dead(leaked)
    stage.scene.assert_served(good)
    stage.scene.assert_served(_static(stage.vault.ask("GET", path).part("data").fields))
    stage.scene.expect(done, code=0, status="contained")


def test_a_run_that_dies_after_the_rotation_is_finished_without_another_one(
    rotating: Stage,
) -> None:
    stage, shell = rotating, rotating.scene.shell

    def dies(asked: Asked) -> Given:
        """Hand the call on, and kill whoever asked once the rotation is made."""
        given = _forwarded(stage.vault, asked)
        if asked.path.endswith("config/rotate-root"):
            shell.kill()
        return given

    with serve(dies) as url:
        shell.extra = {"VAULT_ADDR": url, "VAULT_TOKEN": stage.vault.token}
        first = shell.run("revoke", "-", "--yes", "--json", stdin=stage.root.export_lines)
    shell.extra = stage.vault.environment
    new = stage.vault.ask("GET", f"{stage.mount}/config/root").text("data", "access_key")

    done = shell.run("resume", "latest", "--yes", "--json", *READ_BACK)

    assert first.code < 0, str(first)
    assert states(done)["vault-rotate-root"] in {"done", "already"}, str(done)
    stage.scene.assert_dead(stage.root)
    still = stage.vault.ask("GET", f"{stage.mount}/config/root").text("data", "access_key")
    assert (new, new == stage.root.access_key_id) == (still, False)


def test_identify_tells_the_lease_and_changes_nothing(stage: Stage) -> None:
    path = stage.role("app", credential_type="iam_user", policy_document=ALLOW_ALL)
    lease, leaked = stage.vault.issue(path)

    told = stage.scene.shell.run("identify", leaked.access_key_id, "--json")

    notes = told.document.rows("credentials")[0].names("notes")
    assert f"Vault issued it: its lease is vault:{lease}" in notes, str(told)
    assert stage.vault.has_lease(lease)
    stage.scene.assert_served(leaked)


def _static(data: object) -> Keys:
    assert isinstance(data, dict)
    return Keys(access_key_id=str(data["access_key"]), secret=str(data["secret_key"]))


def _forwarded(vault: VaultServer, asked: Asked) -> Given:
    query = "&".join(f"{name}={value}" for name, value in asked.query.items())
    request = urllib.request.Request(  # noqa: S310 - our own loopback URL
        f"{vault.url}{asked.raw_path}{'?' if query else ''}{query}",
        data=json.dumps(asked.body).encode() if asked.body else None,
        headers={"X-Vault-Token": vault.token},
        method=asked.method,
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
            content, status = answer.read(), answer.status
    except urllib.error.HTTPError as error:
        content, status = error.read(), error.code
    return Given(status=status, body=json.loads(content) if content else None)

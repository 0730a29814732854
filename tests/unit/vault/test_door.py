"""What is asked of Vault over HTTP, and what its answers come to."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import START, FakeCloud
from fakes.vault import SECRET, TOKEN, CloudIam, VaultDoors
from lab.stores.loopback import Given, serve
from lab.stores.vault_aws import VaultAwsLab
from unleak.errors import UnleakError
from unleak.model.vault import VaultPlace, VaultType
from unleak.model.vault_action import TryNewLease
from unleak.stores.failures import StoreRefused
from unleak.verify.classify import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.stores.loopback import Asked
    from unleak.model.credential import FoundCredential
    from unleak.vault.door import AwsEngines

ARNS = ["arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/b"]


@pytest.fixture
def vault() -> VaultAwsLab:
    cloud = FakeCloud()
    cloud.add_user("vault-root", keys=["AKIAVAULTSOWNKEY0001"])
    cloud.add_user("ci")
    return VaultAwsLab(
        token=TOKEN,
        iam=CloudIam(cloud),
        root_key="AKIAVAULTSOWNKEY0001",
        now=lambda: START,
        roles={
            "app": {"credential_type": "iam_user"},
            "deploy": {"credential_type": "assumed_role", "role_arns": ARNS},
            "future": {"credential_type": "quantum_user"},
            "legacy": {"credential_types": ["iam_user", "federation_token"]},
        },
    )


@pytest.fixture
def url(vault: VaultAwsLab) -> Iterator[str]:
    with serve(vault) as url:
        yield url


@pytest.fixture
def door(url: str) -> AwsEngines:
    return VaultDoors(FakeCloud(), url).vault()


def test_only_aws_engines_are_mounts(door: AwsEngines) -> None:
    assert door.mounts() == ("aws",)


def test_a_role_tells_its_type_and_whom_it_assumes(door: AwsEngines) -> None:
    deploy, future = door.role("aws", "deploy"), door.role("aws", "future")

    assert deploy is not None
    assert (deploy.types, deploy.role_arns) == ((VaultType.ASSUMED_ROLE,), tuple(ARNS))
    assert future is not None
    assert (future.type_at(VaultPlace.CREDS), future.unknown_types) == (None, ("quantum_user",))
    assert door.role("aws", "nobody") is None


def test_a_role_of_an_old_vault_gives_out_users_at_one_path_and_tokens_at_the_other(
    door: AwsEngines,
) -> None:
    legacy = door.role("aws", "legacy")

    assert legacy is not None
    assert legacy.type_at(VaultPlace.CREDS) is VaultType.IAM_USER
    assert legacy.type_at(VaultPlace.STS) is VaultType.FEDERATION_TOKEN


def test_a_lease_tells_when_it_was_issued_and_a_missing_one_is_none(
    vault: VaultAwsLab, door: AwsEngines
) -> None:
    issued = vault.issue("app")

    lease = door.lease(issued)

    assert door.leases("aws/creds/app") == (issued,)
    assert lease is not None
    assert lease.issued_at == START.replace(microsecond=123456)
    assert door.lease("aws/creds/app/none") is None


def test_a_lookup_that_is_refused_is_no_missing_lease(vault: VaultAwsLab, door: AwsEngines) -> None:
    vault.forbidden.add("sys/leases/lookup")

    with pytest.raises(StoreRefused) as caught:
        door.lease("aws/creds/app/none")

    assert caught.value.is_forbidden


def test_leases_are_revoked_synchronously(vault: VaultAwsLab, door: AwsEngines) -> None:
    one, two, three = (vault.issue("app") for _ in range(3))

    door.revoke_lease(one)
    left = set(vault.leases)
    door.revoke_prefix("aws/creds/app")

    assert left == {two, three}
    assert vault.leases == {}
    changing = [each for each in vault.asked if "revoke" in each.path]
    assert [each.body.get("sync") for each in changing] == [True, True]


def test_an_engine_that_is_not_there_is_no_success(door: AwsEngines) -> None:
    with pytest.raises(StoreRefused):
        door.rotate_root("nowhere")


def test_a_static_role_comes_back_with_every_setting_it_had(
    vault: VaultAwsLab, door: AwsEngines
) -> None:
    settings: dict[str, object] = {
        "username": "ci",
        "rotation_period": 3600,
        "external_id": "x-1",
        "new_in_a_later_vault": [1, 2],
    }
    vault.static["ci"] = dict(settings)
    vault.static_keys["ci"] = vault.iam.create_key("ci")

    role = door.static_role("aws", "ci")
    assert role is not None
    door.delete_static_role(role)
    gone = dict(vault.static)
    door.create_static_role(role)

    assert gone == {}
    assert vault.static["ci"] == settings
    assert vault.static_keys["ci"][0] != role.key_id
    assert SECRET not in repr(role)


def test_the_newer_rotation_is_found_by_its_help_and_nothing_is_rotated(
    vault: VaultAwsLab, door: AwsEngines
) -> None:
    vault.static["ci"] = {"username": "ci"}
    before = door.rotate_path("aws", "ci")
    vault.has_rotate_role = True

    assert (before, door.rotate_path("aws", "ci")) == (None, "aws/rotate-role/ci")
    assert vault.static_keys == {}


def test_hostile_names_reach_nobodys_terminal(url: str) -> None:
    def hostile(asked: Asked) -> Given:
        del asked
        engines = {"aws\x1b]0;own\x07/": {"type": "aws"}}
        data = {
            "keys": ["evil\x1b[2J", "\u202egnp"],
            "secret": engines,
            "access_key": "AKIA\x1b[0m",
        }
        return Given(body={"data": data})

    with serve(hostile) as where:
        door = VaultDoors(FakeCloud(), where).vault()
        told = (*door.mounts(), *door.roles("aws"), door.root("aws").key_id or "")

    assert url
    assert not [
        each for each in told if not each.isprintable() or "\x1b" in each or "\u202e" in each
    ]


def test_a_new_lease_is_asked_with_and_given_back(vault: VaultAwsLab, url: str) -> None:
    seen: list[FoundCredential] = []

    def served(found: FoundCredential) -> Verdict:
        seen.append(found)
        return Verdict.DEAD_KEY if len(seen) == 1 else Verdict.REFUSED

    door = VaultDoors(FakeCloud(), url, served=served).vault_writer()

    door.try_new_lease(TryNewLease(path="aws/creds/app"))

    assert [each.secret.reveal() for each in seen if each.secret] == [SECRET, SECRET]
    assert vault.leases == {}


def test_a_session_of_the_cut_offs_own_second_is_given_back_and_a_later_one_taken(
    vault: VaultAwsLab, url: str
) -> None:
    answers = [Verdict.EXPLICIT_DENY, Verdict.ALLOWED]
    door = VaultDoors(FakeCloud(), url, served=lambda _: answers.pop(0)).vault_writer()

    door.try_new_lease(TryNewLease(path="aws/creds/deploy", role_arn=ARNS[1]))

    taken = [each.query for each in vault.asked if each.path.endswith("creds/deploy")]
    assert [each["role_arn"] for each in taken] == [ARNS[1], ARNS[1]]
    assert vault.leases == {}


def test_a_trial_that_breaks_gives_its_lease_back(vault: VaultAwsLab, url: str) -> None:
    def breaks(found: FoundCredential) -> Verdict:
        raise UnleakError(str(found.access_key_id))

    door = VaultDoors(FakeCloud(), url, served=breaks).vault_writer()

    with pytest.raises(UnleakError):
        door.try_new_lease(TryNewLease(path="aws/creds/app"))

    assert vault.leases == {}


def test_what_vault_says_of_a_failure_holds_no_token(vault: VaultAwsLab, url: str) -> None:
    def failing(asked: Asked) -> Given:
        return Given(status=500, body={"errors": [f"token {TOKEN} \x1b[31m {asked.method}"]})

    with serve(failing) as where:
        door = VaultDoors(FakeCloud(), where).vault_writer()
        with pytest.raises(StoreRefused) as caught:
            door.rotate_root("aws")

    assert (vault.asked, bool(url)) == ([], True)
    assert TOKEN not in json.dumps(caught.value.message)
    assert "\x1b" not in caught.value.message


def test_the_settings_of_a_role_survive_the_journal(vault: VaultAwsLab, door: AwsEngines) -> None:
    from unleak.apply.codec import dump, load  # noqa: PLC0415 - only here
    from unleak.model.plan import Stage, Step  # noqa: PLC0415 - as above
    from unleak.model.vault_action import CreateStaticRole  # noqa: PLC0415 - as above

    vault.static["ci"] = {"username": "ci", "rotation_period": 60}
    vault.static_keys["ci"] = vault.iam.create_key("ci")
    role = door.static_role("aws", "ci")
    assert role is not None
    step = Step(
        id="v1",
        action=CreateStaticRole(role=role),
        account=None,
        reason="r",
        impact="i",
        reversible=False,
        safe_date=None,
        stage=Stage.AFTER_CONTAIN,
    )

    assert load(Step, dump(step)) == step
    assert load(Step, dump(replace(step, action=TryNewLease(path="p")))).action == TryNewLease(
        path="p"
    )

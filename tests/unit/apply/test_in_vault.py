"""The changes that Vault makes: one call each, looked up before they are made again."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from fakes.cloud import FakeCloud
from fakes.vault_hand import ROLE, VaultHand
from unleak.apply.perform import perform
from unleak.apply.reality import Standing, look
from unleak.errors import UnleakError
from unleak.model.action import inverse
from unleak.model.vault_action import (
    CreateStaticRole,
    DeleteStaticRole,
    RevokeLease,
    RevokePrefix,
    RotateStaticRole,
    RotateVaultRoot,
    TryNewLease,
    VaultAction,
)

LEASE = RevokeLease(lease="aws/creds/app/1", users=("vault-a",))
PREFIX = RevokePrefix(prefix="aws/creds/app")
OWN = RotateVaultRoot(mount="aws", user="vault-root", key_id="AKIAOLDOLDOLDOLDOLD1")
ROTATE = RotateStaticRole(role=ROLE, path="aws/rotate-role/ci")
DELETE, CREATE = DeleteStaticRole(role=ROLE), CreateStaticRole(role=ROLE)
TRY = TryNewLease(path="aws/creds/app")
EACH: tuple[tuple[VaultAction, str], ...] = (
    (LEASE, "revoke_lease aws/creds/app/1"),
    (PREFIX, "revoke_prefix aws/creds/app"),
    (OWN, "rotate_root aws"),
    (ROTATE, "rotate_static_role aws/rotate-role/ci"),
    (DELETE, "delete_static_role ci"),
    (CREATE, "create_static_role ci"),
    (TRY, "try_new_lease aws/creds/app"),
)


@pytest.mark.parametrize(("action", "call"), EACH, ids=lambda value: str(value)[:20])
def test_each_is_one_call_to_vault_and_none_to_aws(action: VaultAction, call: str) -> None:
    vault, cloud = VaultHand(), FakeCloud()

    perform(action, cloud, vault)

    assert (vault.calls, cloud.calls) == ([call], [])


@pytest.mark.parametrize("action", [action for action, _ in EACH], ids=lambda each: str(each)[:20])
def test_without_a_way_to_vault_nothing_is_taken_for_done(action: VaultAction) -> None:
    with pytest.raises(UnleakError) as made:
        perform(action, FakeCloud())
    with pytest.raises(UnleakError) as looked:
        look(action, FakeCloud())

    assert "VAULT_ADDR" in made.value.hint
    assert "VAULT_ADDR" in looked.value.hint


def test_none_is_left_out_and_none_has_a_way_back() -> None:
    assert {type(action) for action, _ in EACH} == set(get_args(VaultAction))
    assert {inverse(action) for action, _ in EACH} == {None}


def test_a_lease_is_revoked_once_vault_has_none_of_it() -> None:
    vault = VaultHand()
    vault.held = {LEASE.lease}
    before = [look(each, FakeCloud(), vault).standing for each in (LEASE, PREFIX)]
    vault.held.clear()

    after = [look(each, FakeCloud(), vault).standing for each in (LEASE, PREFIX)]

    assert (before, after) == ([Standing.BEFORE] * 2, [Standing.AFTER] * 2)


def test_vaults_key_is_rotated_once_it_has_another() -> None:
    vault = VaultHand()
    vault.own_key = OWN.key_id
    before = look(OWN, FakeCloud(), vault).standing
    vault.own_key = "AKIANEWNEWNEWNEWNEW1"

    after = look(OWN, FakeCloud(), vault).standing

    assert (before, after) == (Standing.BEFORE, Standing.AFTER)


@pytest.mark.parametrize(
    ("key_id", "standings"),
    [
        ("absent", (Standing.BEFORE, Standing.AFTER, Standing.BEFORE)),
        ("AKIAOLDOLDOLDOLDOLD1", (Standing.BEFORE, Standing.BEFORE, Standing.BEFORE)),
        (None, (Standing.BEFORE, Standing.BEFORE, Standing.BEFORE)),
        ("AKIANEWNEWNEWNEWNEW1", (Standing.AFTER, Standing.AFTER, Standing.AFTER)),
    ],
)
def test_the_key_of_a_static_role_tells_how_far_its_rotation_came(
    key_id: str | None, standings: tuple[Standing, ...]
) -> None:
    vault = VaultHand()
    if key_id != "absent":
        vault.static["ci"] = replace(ROLE, key_id=key_id)

    seen = tuple(look(each, FakeCloud(), vault).standing for each in (ROTATE, DELETE, CREATE))

    assert seen == standings


def test_a_trial_is_made_again() -> None:
    assert look(TRY, FakeCloud(), VaultHand()).standing is Standing.BEFORE

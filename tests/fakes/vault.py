"""Doors to an account in memory and to a Vault on the loopback that works in that account."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fakes.cloud import START
from fakes.people import FakeDoors
from unleak.model.action import Holder, HolderType, KeyState
from unleak.stores.vault_client import sign_in
from unleak.vault.door import AwsEngines
from unleak.verify.classify import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes.cloud import FakeCloud, FakePrincipal
    from unleak.model.credential import FoundCredential

TOKEN = "hvs.CAESIabcdefghijklmnop"
SECRET = "MADEbyVaultMADEbyVaultMADEbyVaultMADEbyV"


class CloudIam:
    """What Vault does in the account in memory."""

    def __init__(self, cloud: FakeCloud) -> None:
        self.cloud = cloud
        self.made = 0

    def create_user(self, name: str) -> None:
        self.cloud.add_user(name)

    def delete_user(self, name: str) -> None:
        del self.cloud.principals[f"user/{name}"]

    def create_key(self, user: str) -> tuple[str, str]:
        self.made += 1
        key_id = f"AKIAVAULTMADE{self.made:07d}"
        found = self._user(user)
        found.keys[key_id] = KeyState.ACTIVE
        found.keys_made_at[key_id] = START + timedelta(seconds=self.made)
        return key_id, SECRET

    def delete_key(self, user: str, key_id: str) -> None:
        self._user(user).keys.pop(key_id, None)

    def keys(self, user: str) -> tuple[str, ...]:
        return tuple(self._user(user).keys)

    def _user(self, name: str) -> FakePrincipal:
        return self.cloud.at(Holder(type=HolderType.USER, name=name))


class VaultDoors(FakeDoors):
    """The doors of one fake cloud and of the Vault at a URL."""

    def __init__(
        self,
        cloud: FakeCloud,
        url: str,
        *,
        served: Callable[[FoundCredential], Verdict] = lambda _: Verdict.ALLOWED,
    ) -> None:
        super().__init__(cloud)
        self.url = url
        self.served = served

    def vault(self) -> AwsEngines:
        self.opened.append("vault")
        return self._engines()

    def vault_writer(self) -> AwsEngines:
        self.opened.append("vault_writer")
        return self._engines()

    def _engines(self) -> AwsEngines:
        client = sign_in({"VAULT_ADDR": self.url, "VAULT_TOKEN": TOKEN}, wait=lambda _: None)
        return AwsEngines(client, served=self.served, pause=lambda _: None)

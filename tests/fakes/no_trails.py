"""Doors to trails that a test has no use for: whoever opens one has gone the wrong way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.stores.interface import NotSetUp

if TYPE_CHECKING:
    from unleak.apply.state import ClaimableState
    from unleak.model.bucket import Bucket
    from unleak.model.query import AthenaDesk, AthenaPlace, LakePlace, Querier
    from unleak.model.vault_ports import VaultReader, VaultWriter


class NoTrails:
    """Refuses every trail that is neither a file nor the event history."""

    def trail_bucket(self, name: str) -> Bucket:
        raise AssertionError(name)

    def athena(self, place: AthenaPlace) -> AthenaDesk:
        raise AssertionError(place)

    def lake(self, place: LakePlace) -> Querier:
        raise AssertionError(place)

    def state_table(self, name: str) -> ClaimableState:
        raise AssertionError(name)

    def vault(self) -> VaultReader:
        message = "there is no address or no token for Vault"
        raise NotSetUp(message)

    def vault_writer(self) -> VaultWriter:
        raise AssertionError

"""The rest of a user in memory: what it signs in with beside access keys."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from unleak.model.ways_in import Certificate, MfaDevice, ServiceCredential, SshKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from unleak.errors import UnleakError
    from unleak.model.action import KeyState
    from unleak.model.outcome import Receipt


_T = TypeVar("_T", ServiceCredential, SshKey, Certificate)


@dataclass(slots=True)
class FakeRest:
    """What one user has."""

    services: dict[str, ServiceCredential] = field(default_factory=dict)
    ssh_keys: dict[str, SshKey] = field(default_factory=dict)
    certificates: dict[str, Certificate] = field(default_factory=dict)
    devices: dict[str, MfaDevice] = field(default_factory=dict)

    def add(self, *things: ServiceCredential | SshKey | Certificate | MfaDevice) -> None:
        """Give the user something more to sign in with."""
        for thing in things:
            match thing:
                case ServiceCredential(credential_id=name):
                    self.services[name] = thing
                case SshKey(key_id=name):
                    self.ssh_keys[name] = thing
                case Certificate(certificate_id=name):
                    self.certificates[name] = thing
                case MfaDevice(serial=name):
                    self.devices[name] = thing


class UserRest:
    """The part of `FakeCloud` that answers and obeys about `FakeRest`."""

    def __init__(self) -> None:
        self.rests: dict[str, FakeRest] = {}

    def rest_of(self, user: str) -> FakeRest:
        """Return what the user has, to look at it or to change it."""
        return self.rests.setdefault(user, FakeRest())

    def service_credentials(self, user: str | None) -> tuple[ServiceCredential, ...]:
        self._ask("service_credentials", user or "of all")
        whose = list(self.rests) if user is None else [user]
        return tuple(each for name in whose for each in self.rest_of(name).services.values())

    def ssh_keys(self, user: str) -> tuple[SshKey, ...]:
        self._ask("ssh_keys", user)
        return tuple(self.rest_of(user).ssh_keys.values())

    def certificates(self, user: str) -> tuple[Certificate, ...]:
        self._ask("certificates", user)
        return tuple(self.rest_of(user).certificates.values())

    def mfa_devices(self, user: str) -> tuple[MfaDevice, ...]:
        self._ask("mfa_devices", user)
        return tuple(self.rest_of(user).devices.values())

    def set_service_credential_status(
        self, *, user: str, credential_id: str, state: KeyState
    ) -> Receipt:
        def change() -> None:
            kept = self.rest_of(user).services
            kept[credential_id] = replace(self._there(kept, credential_id), state=state)

        return self._do("set_service_credential_status", credential_id, change)

    def set_ssh_key_status(self, *, user: str, key_id: str, state: KeyState) -> Receipt:
        def change() -> None:
            kept = self.rest_of(user).ssh_keys
            kept[key_id] = replace(self._there(kept, key_id), state=state)

        return self._do("set_ssh_key_status", key_id, change)

    def set_certificate_status(self, *, user: str, certificate_id: str, state: KeyState) -> Receipt:
        def change() -> None:
            kept = self.rest_of(user).certificates
            kept[certificate_id] = replace(self._there(kept, certificate_id), state=state)

        return self._do("set_certificate_status", certificate_id, change)

    def delete_login_profile(self, user: str) -> Receipt:
        return self._do("delete_login_profile", user, lambda: self._forget_password(user))

    def deactivate_mfa(self, *, user: str, serial: str) -> Receipt:
        def change() -> None:
            del self.rest_of(user).devices[serial]

        return self._do("deactivate_mfa", serial, change)

    def _there(self, kept: dict[str, _T], name: str) -> _T:
        if name not in kept:
            raise self._missing(name)
        return kept[name]

    # what the rest of the fake brings

    def _ask(self, method: str, detail: str = "") -> None:
        raise NotImplementedError

    def _do(self, method: str, target: str, change: Callable[[], None]) -> Receipt:
        raise NotImplementedError

    def _forget_password(self, user: str) -> None:
        raise NotImplementedError

    def _missing(self, name: str) -> UnleakError:
        raise NotImplementedError

"""A register of long-lived credentials in memory; `failing` makes a question fail."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from unleak.model.register import CredentialReport, Registered, RegisteredUser

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unleak.errors import UnleakError
    from unleak.model.register import Place
    from unleak.model.situation import PrincipalFacts

ACCOUNT = "123456789012"


def user(name: str) -> RegisteredUser:
    return RegisteredUser(name=name, arn=f"arn:aws:iam::{ACCOUNT}:user/{name}")


@dataclass
class FakeRegister:
    """Answers as `Register`."""

    listed: tuple[RegisteredUser, ...] = ()
    told: CredentialReport = field(default_factory=lambda: CredentialReport(made_at=None, rows=()))
    held_keys: dict[str, tuple[Registered, ...]] = field(default_factory=dict)
    held_ssh: dict[str, tuple[Registered, ...]] = field(default_factory=dict)
    held_certificates: dict[str, tuple[Registered, ...]] = field(default_factory=dict)
    held_service_keys: tuple[Registered, ...] = ()
    with_mfa: frozenset[str] = frozenset()
    facts: dict[str, PrincipalFacts] = field(default_factory=dict)
    interfaces: tuple[Place, ...] = ()
    failing: dict[str, UnleakError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def report(self) -> CredentialReport:
        self._asked("report")
        return self.told

    def users(self) -> tuple[RegisteredUser, ...]:
        self._asked("users")
        return self.listed

    def access_keys(self, user: str) -> tuple[Registered, ...]:
        self._asked("access_keys")
        return self.held_keys.get(user, ())

    def service_keys(self, user: str | None) -> tuple[Registered, ...]:
        self._asked("service_keys" if user else "service_keys of all")
        return tuple(each for each in self.held_service_keys if user in (None, each.user))

    def ssh_keys(self, user: str) -> tuple[Registered, ...]:
        self._asked("ssh_keys")
        return self.held_ssh.get(user, ())

    def certificates(self, user: str) -> tuple[Registered, ...]:
        self._asked("certificates")
        return self.held_certificates.get(user, ())

    def has_mfa(self, user: str) -> bool:
        self._asked("has_mfa")
        return user in self.with_mfa

    def powers(self) -> Mapping[str, PrincipalFacts]:
        self._asked("powers")
        return self.facts

    def places(self, addresses: Sequence[str], *, region: str) -> tuple[Place, ...]:
        self._asked("places")
        return tuple(
            each for each in self.interfaces if each.address in addresses and each.region == region
        )

    def _asked(self, what: str) -> None:
        with self.lock:
            self.asked.append(what)
        if what in self.failing:
            raise self.failing[what]

"""A responder over an account in memory, with the real journal and claims in a folder."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from fakes.cloud import START, FakeCloud
from fakes.people import FakeDoors
from fakes.timing import FakeTime
from unleak.apply.claims_file import FolderClaims
from unleak.apply.state import FILE_NAME, LocalState
from unleak.errors import MissingPermission, UnleakError
from unleak.model.message import Delivery, Told
from unleak.model.secret import Secret
from unleak.respond.policy import ApprovalSettings, Policy
from unleak.respond.station import Station

if TYPE_CHECKING:
    from collections.abc import Callable

    from unleak.flow.doors import Doors
    from unleak.model.message import Message
    from unleak.model.principal import Principal

ACCOUNT = "123456789012"
URL = "https://respond.example"
APPROVAL_KEY = "k" * 40


class FakeClouds:
    """One account, or several, in memory."""

    def __init__(self, cloud: FakeCloud) -> None:
        self.cloud = cloud
        self.untold_tags: UnleakError | None = None
        self.accounts_of_keys: dict[str, str] = {}

    def own_account(self) -> str | None:
        return self.cloud.account

    def account_of_key(self, key_id: str) -> str:
        return self.accounts_of_keys.get(key_id) or self.cloud.account_of_key(key_id)

    def doors(self, account: str) -> Doors:
        return FakeDoors(self.cloud if account == self.cloud.account else self._member(account))

    def tags(self, account: str, principal: Principal) -> tuple[tuple[str, str], ...]:
        del account
        if self.untold_tags is not None:
            raise self.untold_tags
        return self.cloud.role(principal.name).record.tags

    def now(self) -> datetime:
        return self.cloud.fake_clock.now() or START

    def _member(self, account: str) -> FakeCloud:
        if account not in self.cloud.members:
            message = f"account {account} cannot be entered"
            raise MissingPermission(message)
        return self.cloud.members[account]


class FakeTeller:
    """Remembers what was told; `broken` destinations take nothing."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.is_broken = False
        self.on_tell: Callable[[Message], None] | None = None
        self._lock = threading.Lock()

    def tell(self, message: Message) -> tuple[Told, ...]:
        if self.on_tell is not None:
            self.on_tell(message)
        with self._lock:
            self.messages.append(message)
        delivery = Delivery.SILENT if self.is_broken else Delivery.SENT
        return (Told(destination="sns:a-topic", delivery=delivery),)


class FakeSecrets:
    """Secrets by their references."""

    def __init__(self) -> None:
        self.values = {"ssm:/approval": APPROVAL_KEY}
        self.failure: UnleakError | None = None

    def fetch(self, reference: str) -> Secret:
        if self.failure is not None:
            raise self.failure
        return Secret(self.values[reference])


@dataclass
class Post:
    """All parts of one responder, for a test to look at and to break."""

    cloud: FakeCloud
    folder: Path
    policy: Policy = field(
        default_factory=lambda: Policy(
            accounts=(ACCOUNT,), approval=ApprovalSettings(secret="ssm:/approval")
        )
    )
    teller: FakeTeller = field(default_factory=FakeTeller)
    secrets: FakeSecrets = field(default_factory=FakeSecrets)

    def __post_init__(self) -> None:
        self.clouds = FakeClouds(self.cloud)
        self.time = FakeTime(self.cloud)
        self._workers = itertools.count()

    def station(self, policy: Policy | None = None) -> Station:
        """Return a worker of its own on the shared state."""
        return Station(
            policy=policy or self.policy,
            clouds=self.clouds,
            state=LocalState(self.folder),
            claims=self.claims(),
            teller=self.teller,
            secrets=self.secrets,
            worker=lambda: f"worker-{next(self._workers)}",
            url=URL,
            timing=self.time.timing,
        )

    def claims(self) -> FolderClaims:
        """Return the claims, by the cloud's clock."""
        return FolderClaims(self.folder / FILE_NAME, now=self.clouds.now)

    def pass_seconds(self, seconds: float) -> None:
        """Let a worker's lease run out, for example."""
        self.cloud.fake_clock.move(timedelta(seconds=seconds))

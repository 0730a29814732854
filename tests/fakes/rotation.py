"""A cloud that can die at every boundary of a rotation, and places in memory that hold keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fakes.cloud import LONG_AGO, FakeCloud, refusal
from fakes.timing import FakeTime
from unleak.errors import UnleakError, Unreachable, WrongUse
from unleak.flow.rotate import RotationSetting
from unleak.model.action import Holder, HolderType, KeyState
from unleak.model.ports import KeyUse, ProbeAnswer
from unleak.model.rotation import Spot, Written
from unleak.model.secret import Secret
from unleak.rotate.journal import Entry, RotationJournal
from unleak.stores.interface import Held, KeyPair, Moved, Reach
from unleak.stores.registry import Registry
from unleak.stores.reloading import Progress, Readers, Rollout, Workload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    import pytest

    from unleak.apply.codec import Json
    from unleak.flow.timing import Timing
    from unleak.model.credential import FoundCredential
    from unleak.model.outcome import Receipt
    from unleak.model.rotation import RotationPlan, RotationStep
    from unleak.stores.interface import CloudWriter
    from unleak.stores.reloading import Ticket

THROUGH = Rollout(progress=Progress.THROUGH, detail="all are new")
USER = "ci"
OLD = KeyPair(
    key_id="AKIAY34FZKBOKMUTVV7A", secret=Secret("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")
)


class Killed(BaseException):
    """The process is gone: nothing of ours may catch it."""


class Fate:
    """Counts boundaries, and kills at one of them.

    Args:
        at: the number of the boundary to die at; None: never.
    """

    def __init__(self, at: int | None = None) -> None:
        self.at = at
        self.passed: list[str] = []
        self.watch: Callable[[], None] = lambda: None

    def tick(self, name: str) -> None:
        """Pass a boundary."""
        self.watch()
        self.passed.append(name)
        if self.at is not None and len(self.passed) == self.at:
            raise Killed


@dataclass(slots=True)
class Place:
    """What a place in memory holds, and how often it was written."""

    pair: KeyPair
    version: int = 1
    history: list[KeyPair] = field(default_factory=list)


@dataclass(slots=True)
class Worker:
    """A program that reads its places when it starts, and only then."""

    reads: tuple[str, ...]
    holds: tuple[KeyPair, ...]
    marks: list[str] = field(default_factory=list)
    """What it was started anew for."""
    rollout: Rollout = THROUGH
    """What it says about itself afterwards."""


class MemoryStore:
    """Places in memory, and what reads them; a `Destination`, `KnowsReaders` and `Reloader`.

    Args:
        name: the store's.
        fate: may kill before and after each write.
        is_readable: whether a pair can be read back.
    """

    def __init__(self, name: str, fate: Fate, *, is_readable: bool = True) -> None:
        self._name = name
        self.fate = fate
        self.is_readable = is_readable
        self.places: dict[str, Place] = {}
        self.workers: dict[str, Worker] = {}
        self.notes: tuple[str, ...] = ()
        self.failing: UnleakError | None = None
        self.disturb: Callable[[Place], None] | None = None
        self.writes = 0
        self.lost_answers = 0

    @property
    def name(self) -> str:
        return self._name

    @property
    def changes(self) -> tuple[str, ...]:
        return ()

    def spot(self, text: str) -> Spot:
        if not text:
            message = "a name is missing"
            raise WrongUse(message)
        return Spot(store=self._name, location=text)

    def held(self, spot: Spot, old_key_id: str, reach: Reach) -> Held:
        del old_key_id, reach
        place = self.places[spot.location]
        if not self.is_readable:
            return Held(key_id=None, version=str(place.version), is_readable=False)
        return Held(key_id=place.pair.key_id, version=str(place.version))

    def pair(self, spot: Spot, key_id: str, reach: Reach) -> KeyPair | None:
        del reach
        pair = self.places[spot.location].pair
        return pair if self.is_readable and pair.key_id == key_id else None

    def write(self, spot: Spot, old_key_id: str, new: KeyPair, held: Held, reach: Reach) -> Written:
        del old_key_id, reach
        self.fate.tick(f"before write {spot.label}")
        if self.failing is not None:
            raise self.failing
        place = self.places[spot.location]
        if self.disturb is not None:
            disturb, self.disturb = self.disturb, None
            disturb(place)
        if held.version != str(place.version):
            message = "somebody else was quicker"
            raise Moved(message)
        place.history.append(place.pair)
        place.pair, place.version = new, place.version + 1
        self.writes += 1
        if self.lost_answers:
            self.lost_answers -= 1
            message = "no answer"
            raise Unreachable(message)
        self.fate.tick(f"after write {spot.label}")
        way_back = str(place.version - 1) if self.is_readable else None
        return Written(version=str(place.version), way_back=way_back)

    @property
    def listens(self) -> tuple[str, ...]:
        return ()

    @property
    def reloads(self) -> tuple[str, ...]:
        return ()

    def readers(self, spot: Spot, reach: Reach) -> Readers:
        del reach
        fitting = [name for name, each in self.workers.items() if spot.location in each.reads]
        workloads = (Workload(spot=self.spot(name), impact="down for a moment") for name in fitting)
        return Readers(workloads=tuple(workloads), notes=self.notes)

    def reload(self, workload: Spot, ticket: Ticket, reach: Reach) -> None:
        del reach
        self.fate.tick(f"before reload {workload.label}")
        worker = self.workers[workload.location]
        if ticket.mark not in worker.marks:
            worker.marks.append(ticket.mark)
            worker.holds = tuple(self.places[name].pair for name in worker.reads)
        self.fate.tick(f"after reload {workload.label}")

    def rollout(self, workload: Spot, ticket: Ticket, reach: Reach) -> Rollout:
        del ticket, reach
        return self.workers[workload.location].rollout

    def restore(self, spot: Spot, written: Written, reach: Reach) -> None:
        del reach
        place = self.places[spot.location]
        if str(place.version) != written.version:
            message = "changed since"
            raise Moved(message)
        place.pair, place.version = place.history.pop(), place.version + 1


class RotatingCloud(FakeCloud):
    """An account whose writes may be cut short, with keys that authenticate after a while.

    Args:
        fate: may kill before and after each write.
    """

    def __init__(self, fate: Fate) -> None:
        super().__init__()
        self.fate = fate
        self.secrets: dict[str, Secret] = {OLD.key_id: OLD.secret}
        self.uses: dict[str, datetime] = {}
        self.lost_answers = 0
        self.slow_probes = 2
        self.made = 0
        self.here = "us-east-1"

    @property
    def region(self) -> str:
        return self.here

    def _do(self, method: str, target: str, change: Callable[[], None]) -> Receipt:
        self.fate.tick(f"before {method}")
        receipt = super()._do(method, target, change)
        self.fate.tick(f"after {method}")
        return receipt

    def key_use(self, key_id: str) -> KeyUse:
        use = super().key_use(key_id)
        return KeyUse(user=use.user, last_used_at=self.uses.get(key_id))

    def create_key(self, user: str) -> tuple[str, Secret]:
        self.fate.tick("before create_key")
        if "create_key" in self.failing:
            raise self.failing["create_key"]
        keys = self.at(Holder(type=HolderType.USER, name=user)).keys
        if len(keys) >= 2:
            raise refusal(code="LimitExceeded", operation="CreateAccessKey", status=409)
        self.made += 1
        key_id = f"AKIAY34FZKBO{self.made:08d}"
        keys[key_id] = KeyState.ACTIVE
        self.secrets[key_id] = Secret(f"Zm9vYmFy/2JheitxdXV4MTIzNDU2Nzg5MD{self.made:06d}")
        self.fate.tick("after create_key")
        if self.lost_answers:
            self.lost_answers -= 1
            message = "no answer"
            raise Unreachable(message)
        return key_id, self.secrets[key_id]

    @property
    def services(self) -> tuple[str, ...]:
        return ("sts",)

    def probe(self, credential: FoundCredential, *, service: str, region: str) -> ProbeAnswer:
        key_id = credential.access_key_id or ""
        ok = self.works(KeyPair(key_id=key_id, secret=credential.secret or Secret("")))
        if self.slow_probes:
            self.slow_probes -= 1
            ok = False
        code = "" if ok else "InvalidClientTokenId"
        return ProbeAnswer(service=service, operation="x", region=region, ok=ok, error_code=code)

    def works(self, pair: KeyPair) -> bool:
        """Whether a program that holds the pair is served."""
        keys = self.at(Holder(type=HolderType.USER, name=USER)).keys
        is_right = self.secrets.get(pair.key_id) == pair.secret
        return is_right and keys.get(pair.key_id) is KeyState.ACTIVE

    def states(self) -> dict[str, KeyState]:
        """Return the user's keys."""
        return dict(self.at(Holder(type=HolderType.USER, name=USER)).keys)


class World:
    """A user with one key in some places, and a state folder; outlives every process.

    Args:
        home: the state folder.
        is_readable: whether the second store can be read back.
    """

    def __init__(self, home: Path, *, is_readable: bool = True) -> None:
        self.home = home
        self.fate = Fate()
        self.cloud = RotatingCloud(self.fate)
        self.cloud.add_user(USER, keys=[OLD.key_id])
        self.cloud.principals[f"user/{USER}"].keys_made_at[OLD.key_id] = LONG_AGO
        self.first = MemoryStore("memory", self.fate)
        self.second = MemoryStore("other", self.fate, is_readable=is_readable)
        self.first.places = {name: Place(OLD) for name in ("a", "b")}
        self.second.places = {"c": Place(OLD)}
        self.first.workers = {"api": Worker(("a", "b"), (OLD, OLD)), "jobs": Worker(("b",), (OLD,))}
        self.time = FakeTime(self.cloud)
        self.said: list[str] = []

    @property
    def spots(self) -> tuple[Spot, ...]:
        """All places."""
        return (self.first.spot("a"), self.first.spot("b"), self.second.spot("c"))

    @property
    def pairs(self) -> tuple[KeyPair, ...]:
        """What the places hold."""
        stores = (self.first, self.second)
        return tuple(place.pair for store in stores for place in store.places.values())

    @property
    def held(self) -> tuple[KeyPair, ...]:
        """What the programs hold that run."""
        return tuple(pair for each in self.first.workers.values() for pair in each.holds)

    def setting(self) -> RotationSetting:
        """Return where the next process runs."""
        return RotationSetting(
            doors=Doors(self),
            person=Witness(self.said),
            environment={},
            home=self.home,
            timing=self.timing,
            registry=Registry(stores=(), destinations=(self.first, self.second)),
        )

    @property
    def timing(self) -> Timing:
        """Time that passes only when somebody waits."""
        return self.time.timing


class Doors:
    """The doors to the world's account."""

    def __init__(self, world: World) -> None:
        self._world = world

    def reader(self) -> RotatingCloud:
        return self._world.cloud

    def writer(self) -> RotatingCloud:
        return self._world.cloud

    def prober(self) -> RotatingCloud:
        return self._world.cloud

    def key_maker(self) -> RotatingCloud:
        return self._world.cloud

    def sealed_desk(self) -> CloudWriter:
        return NoDesk()

    def writing_desk(self) -> CloudWriter:
        return NoDesk()


class NoDesk:
    """No other service is there."""

    region = "us-east-1"

    def ask(
        self,
        service: str,
        method: str,
        parameters: Mapping[str, object] | None = None,
        *,
        region: str | None = None,
    ) -> Mapping[str, object]:
        raise NotImplementedError

    def pages(
        self,
        service: str,
        method: str,
        parameters: Mapping[str, object] | None = None,
        *,
        region: str | None = None,
    ) -> Iterator[Mapping[str, object]]:
        raise NotImplementedError

    def change(
        self,
        service: str,
        method: str,
        parameters: Mapping[str, object],
        *,
        region: str | None = None,
        secrets: tuple[Secret, ...] = (),
    ) -> Mapping[str, object]:
        raise NotImplementedError


class Witness:
    """Accepts, and remembers what was said."""

    def __init__(self, said: list[str]) -> None:
        self._said = said
        self.answer = True

    def accepts_rotation(self, plan: RotationPlan) -> bool:
        self._said.append(repr(plan))
        return self.answer

    def hears(self, text: str) -> None:
        self._said.append(text)

    def sees_rotation(self, step: RotationStep) -> None:
        self._said.append(f"{step.state} {step.id} {step.detail}")


def doom_journal(monkeypatch: pytest.MonkeyPatch, fate: Fate) -> None:
    """Let every entry of the journal be a boundary too."""
    original = RotationJournal._append  # noqa: SLF001 - the boundary is inside

    def append(
        self: RotationJournal, rotation: str, kind: Entry, body: dict[str, Json], step: str | None
    ) -> None:
        fate.tick(f"before journal {kind} {step or ''}")
        original(self, rotation, kind, body, step)
        fate.tick(f"after journal {kind} {step or ''}")

    monkeypatch.setattr(RotationJournal, "_append", append)

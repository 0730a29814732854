"""Look for a key in every store, in all regions at once; the gaps are part of the answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING, Protocol

from unleak.errors import MissingPermission, ResponderCredentials, UnleakError, WrongUse
from unleak.identify.caller import caller_or_unknown
from unleak.identify.key_users import users_of
from unleak.model.frozen import dataclass
from unleak.model.reference import NotSearched, Reference, Searched, SearchResult
from unleak.stores.interface import Scene, Scope
from unleak.stores.registry import installed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from unleak.model.ports import Reader
    from unleak.model.reference import KeyUsers, Needle
    from unleak.stores.interface import CloudReader, Finding, Store
    from unleak.stores.registry import Registry

MAX_AT_ONCE = 16
"""Searches at once: they wait for AWS, and each region throttles by itself."""

LOCAL_STORES_NEED = "no PATH was named; `unleak find KEY .` looks through this folder too"


class FindDoors(Protocol):
    """What a search needs of `AwsDoors`."""

    def reader(self) -> Reader:
        """Return the door that cannot change a thing."""
        ...

    def reading_desk(self) -> CloudReader:
        """Return the door for questions to any service."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FindWish:
    """What to look for, and where."""

    needle: Needle
    paths: tuple[Path, ...] = ()
    """Files and folders for the local stores."""
    stores: tuple[str, ...] = ()
    """Names of stores; empty: all."""
    regions: tuple[str, ...] = ()
    """Regions to look in; empty: all that are enabled."""
    targets: Mapping[str, tuple[str, ...]]
    """For each store, what the person named in it: `{"github": ("OWNER/REPO",)}`."""
    is_local: bool = False
    """Ask nobody: neither AWS nor any other service."""
    asks_who: bool = True
    """Whether to look in CloudTrail for who uses the key."""
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Job:
    """One store, in one place."""

    label: str
    store: Store
    scene: Scene


def find_key(
    wish: FindWish,
    doors: FindDoors,
    *,
    hears: Callable[[str], None] = lambda _: None,
    registry: Registry | None = None,
) -> SearchResult:
    """Return where the key is in use, what was looked through, and what was not.

    Args:
        wish: what to look for, and where.
        doors: the responder's cloud; not opened for a local search.
        hears: is told of progress.
        registry: the stores; those of this installation where None.

    Raises:
        WrongUse: a store is named that there is not.
    """
    needed = {*wish.stores, *wish.targets} if wish.stores else ()
    search = _Search(wish, doors, registry or installed(needed))
    return search.run(hears)


class _Search:
    """One call of `find_key`."""

    def __init__(self, wish: FindWish, doors: FindDoors, registry: Registry) -> None:
        self._wish = wish
        self._doors = doors
        self._stores = registry.chosen(wish.stores)
        for name in wish.targets:
            registry.chosen((name,))
        self._gaps: list[NotSearched] = list(registry.broken)
        self._found: list[Finding] = []

    def run(self, hears: Callable[[str], None]) -> SearchResult:
        cloud = self._doors.reading_desk()
        jobs = [*self._local_jobs(cloud), *self._cloud_jobs(cloud)]
        pool = ThreadPoolExecutor(max_workers=MAX_AT_ONCE)
        try:
            waiting = {pool.submit(_looked, job, self._wish.needle): job.label for job in jobs}
            asked = pool.submit(self._users) if self._asks_aws else None
            for number, each in enumerate(as_completed(waiting), start=1):
                self._found.extend(each.result())
                hears(f"looked through {number} of {len(waiting)}: {waiting[each]}")
            users = self._told(asked.result()) if asked is not None else None
        finally:
            pool.shutdown(cancel_futures=True)  # Ctrl-C ends it after the calls in flight
        return self._result(users)

    @property
    def _asks_aws(self) -> bool:
        return self._wish.asks_who and not self._wish.is_local

    def _local_jobs(self, cloud: CloudReader) -> Iterator[_Job]:
        stores = [store for store in self._stores if store.scope is Scope.LOCAL]
        for store in stores:
            for path in self._wish.paths:
                yield _Job(f"{store.name} {path}", store, self._scene(store, cloud, path=path))
        if stores and not self._wish.paths:
            names = ", ".join(store.name for store in stores)
            self._gaps.append(NotSearched(where=names, why=LOCAL_STORES_NEED))

    def _cloud_jobs(self, cloud: CloudReader) -> Iterator[_Job]:
        account = [store for store in self._stores if store.scope is Scope.ACCOUNT]
        regional = [store for store in self._stores if store.scope is Scope.REGION]
        if self._wish.is_local:
            local = [store for store in account if store.name in _ON_THIS_MACHINE]
            names = ", ".join(s.name for s in (*account, *regional) if s not in local)
            if names:
                self._gaps.append(NotSearched(where=names, why="--local asks no service"))
            account, regional = local, []
        owner = None if self._wish.is_local else self._account()
        for store in account:
            yield _Job(store.name, store, self._scene(store, cloud, account=owner))
        regions = self._regions() if regional else ()
        if regional and not regions:
            return
        for store in regional:
            for region in regions:
                scene = self._scene(store, cloud, account=owner, region=region)
                yield _Job(f"{store.name} {region}", store, scene)

    def _scene(
        self,
        store: Store,
        cloud: CloudReader,
        *,
        account: str | None = None,
        region: str | None = None,
        path: Path | None = None,
    ) -> Scene:
        return Scene(
            cloud=cloud,
            account=account,
            region=region,
            path=path,
            environment=self._wish.environment,
            targets=self._wish.targets.get(store.name, ()),
        )

    def _account(self) -> str | None:
        """Return whose places are looked through; not known where we are not signed in."""
        try:
            caller, _ = caller_or_unknown(self._doors.reader())
        except UnleakError:
            return None  # the searches themselves say what is wrong, each for its place
        return caller.account

    def _regions(self) -> tuple[str, ...]:
        if self._wish.regions:
            return self._wish.regions
        reader = self._doors.reader()
        try:
            return reader.regions()
        except (ResponderCredentials, WrongUse) as error:
            names = ", ".join(each.name for each in self._stores if each.scope is Scope.REGION)
            self._gaps.append(NotSearched(where=names, why=_why(error)))
            return ()
        except UnleakError as error:
            why = f"the enabled regions cannot be listed: {_why(error)}"
            self._gaps.append(NotSearched(where=f"regions other than {reader.region}", why=why))
            return (reader.region,)

    def _users(self) -> tuple[KeyUsers, tuple[NotSearched, ...]]:
        regions = self._wish.regions
        return users_of(self._wish.needle.key_id, self._doors.reader(), regions=regions)

    def _told(self, answer: tuple[KeyUsers, tuple[NotSearched, ...]]) -> KeyUsers:
        users, gaps = answer
        self._gaps.extend(gaps)
        return users

    def _result(self, users: KeyUsers | None) -> SearchResult:
        references = [each for each in self._found if isinstance(each, Reference)]
        searched = [each for each in self._found if isinstance(each, Searched)]
        gaps = [each for each in self._found if isinstance(each, NotSearched)]
        return SearchResult(
            key_id=self._wish.needle.key_id,
            references=tuple(sorted(set(references), key=_place)),
            searched=tuple(sorted(searched, key=lambda each: each.where)),
            not_searched=tuple(sorted({*self._gaps, *gaps}, key=lambda each: each.where)),
            users=users,
        )


_ON_THIS_MACHINE = frozenset({"home"})
"""Stores that are looked through once and ask nobody."""


def _looked(job: _Job, needle: Needle) -> list[Finding]:
    """Look through one store; whatever goes wrong there is told as a gap, and stops no other."""
    found: list[Finding] = []
    try:
        found.extend(job.store.search(needle, job.scene))
    except UnleakError as error:
        found.append(NotSearched(where=job.label, why=_why(error)))
    except Exception as error:  # noqa: BLE001 - a store may be somebody else's; its gap is told
        why = f"a bug in the store: {type(error).__name__}"
        found.append(NotSearched(where=job.label, why=why))
    return found


def _why(error: UnleakError) -> str:
    """Return what happened and what to do; a missing permission needs no second sentence."""
    if isinstance(error, MissingPermission) or not error.hint:
        return error.message
    return f"{error.message} ({error.hint})"


def _place(reference: Reference) -> tuple[str, str, str, str]:
    return (
        reference.store,
        reference.region or "",
        reference.location,
        reference.field or "",
    )

"""One look through one AWS service in one region: asks, counts, and names what it comes upon."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Final, TypeVar

from unleak.aws.answer import parts, text, texts
from unleak.errors import ClockSkew, ResponderCredentials, UnleakError, Unreachable
from unleak.model.reference import NotSearched, Reference, Searched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from unleak.aws.answer import Answer
    from unleak.model.reference import Needle
    from unleak.stores.interface import Finding, Scene

Thing = TypeVar("Thing")

AT_ONCE: Final = 6
"""Calls at once within one search: they wait for AWS, and botocore keeps ten connections."""

_OURS: Final = (ClockSkew, ResponderCredentials, Unreachable)
"""What is wrong with us and not with one thing: asking about the next one makes no sense."""


class Look:
    """One search of one store in one region.

    Args:
        store: the store's name.
        needle: what is looked for.
        scene: where to look, and with what.
    """

    def __init__(self, store: str, needle: Needle, scene: Scene) -> None:
        self.store = store
        self.needle = needle
        self.region = scene.region or scene.cloud.region
        self.where = f"{store} {self.region}"
        self.seen = 0
        self._scene = scene

    def ask(self, service: str, method: str, **parameters: object) -> Answer:
        """Make one reading call in the region.

        Raises:
            UnleakError: AWS refused, or did not answer.
        """
        return self._scene.cloud.ask(service, method, parameters, region=self.region)

    def listed(
        self, service: str, method: str, key: str, /, **parameters: object
    ) -> Iterator[Answer]:
        """Make a listing call until nothing is left, and yield the structures under `key`."""
        for page in self._scene.cloud.pages(service, method, parameters, region=self.region):
            yield from parts(page, key)

    def names(self, service: str, method: str, key: str, /, **parameters: object) -> Iterator[str]:
        """Make a listing call until nothing is left, and yield the texts under `key`."""
        for page in self._scene.cloud.pages(service, method, parameters, region=self.region):
            yield from texts(page, key)

    def listed_by_token(
        self, service: str, method: str, key: str, /, **parameters: object
    ) -> Iterator[Answer]:
        """Do as `listed`, for calls whose pages botocore has no model of (App Runner's)."""
        token = ""
        while True:
            more = {"NextToken": token} if token else {}
            page = self.ask(service, method, **parameters, **more)
            yield from parts(page, key)
            token = text(page, "NextToken")
            if not token:
                return

    def fields(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """Return the names of the values that hold the key."""
        return tuple(name for name, value in values.items() if self.needle.is_in(value))

    def reference(
        self,
        kind: str,
        location: str,
        fields: tuple[str, ...],
        *,
        note: str = "",
        updatable: bool = False,
        is_only_name: bool = False,
    ) -> Reference:
        """Return a place where the key is; its fields are told in one line."""
        return Reference(
            store=self.store,
            kind=kind,
            location=location,
            account=self._scene.account,
            region=self.region,
            updatable=updatable,
            field=", ".join(fields) or None,
            note=note,
            is_only_name=is_only_name,
        )

    def gap(self, what: str, why: UnleakError | str) -> NotSearched:
        """Return what could not be looked into.

        Args:
            what: the thing, as the service names it.
            why: the reason.

        Raises:
            UnleakError: the reason itself, where it holds for everything else too.
        """
        if isinstance(why, _OURS):
            raise why
        words = why.message if isinstance(why, UnleakError) else why
        return NotSearched(where=f"{self.where} {what}", why=words)

    def each(self, searches: Mapping[str, Callable[[], Iterator[Finding]]]) -> Iterator[Finding]:
        """Look through the parts of a store; a part that cannot be listed stops no other.

        Raises:
            UnleakError: none of them can be looked through.
        """
        failed: dict[str, UnleakError] = {}
        for name, search in searches.items():
            try:
                yield from search()
            except UnleakError as error:
                failed[name] = error
        if len(failed) == len(searches):
            raise next(iter(failed.values()))
        for name, why in failed.items():
            yield self.gap(name, why)

    def at_once(
        self, things: Iterable[Thing], look_into: Callable[[Thing], Iterator[Finding]]
    ) -> Iterator[Finding]:
        """Look into many things that take a call each, several at once; in the order given.

        Args:
            things: all are known before the first is looked into, and counted as seen.
            look_into: what is found in one of them.

        Raises:
            UnleakError: as `look_into`.
        """
        known = tuple(things)
        self.seen += len(known)
        is_over = Event()

        def looked(thing: Thing) -> tuple[Finding, ...]:
            if is_over.is_set():
                return ()  # nobody hears it any more
            try:
                return tuple(look_into(thing))
            except UnleakError:
                is_over.set()
                raise

        pool = ThreadPoolExecutor(max_workers=AT_ONCE)
        try:
            for found in pool.map(looked, known):
                yield from found
        finally:
            pool.shutdown(cancel_futures=True)

    def searched(self) -> Searched:
        """Return that the store was looked through to its end."""
        return Searched(where=self.where, seen=self.seen)

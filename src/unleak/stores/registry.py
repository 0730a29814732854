"""Which stores there are: ours, and those that other packages have registered."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from unleak.errors import WrongUse
from unleak.evidence.clean import printable
from unleak.model.frozen import dataclass
from unleak.model.reference import NotSearched
from unleak.stores.interface import ENTRY_POINTS, Destination, Store
from unleak.stores.reloading import Reloader

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from importlib.metadata import EntryPoint

_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """The stores of this installation, by name."""

    stores: tuple[Store, ...]
    destinations: tuple[Destination, ...]
    broken: tuple[NotSearched, ...] = ()
    """Registered, but not to be loaded: part of the answer, not a silent gap."""

    def chosen(self, names: Collection[str]) -> tuple[Store, ...]:
        """Return the stores of these names, all where none is named.

        Raises:
            WrongUse: there is none of a name.
        """
        known = {store.name for store in self.stores}
        for name in names:
            if name not in known:
                message = f"there is no store {name[:40]!a} to look into"
                raise WrongUse(message, hint=f"known: {', '.join(sorted(known))}")
        return tuple(store for store in self.stores if not names or store.name in names)

    def destination(self, name: str) -> Destination:
        """Return the destination of a name.

        Raises:
            WrongUse: there is none.
        """
        for each in self.destinations:
            if each.name == name:
                return each
        known = ", ".join(sorted(each.name for each in self.destinations))
        message = f"there is no destination {name[:40]!a} to write a key to"
        raise WrongUse(message, hint=f"known: {known}")

    def reloader(self, name: str) -> Reloader:
        """Return the store that can let a workload start anew.

        Raises:
            WrongUse: there is none of that name that can.
        """
        for each in self.destinations:
            if each.name == name and isinstance(each, Reloader):
                return each
        message = f"nothing here can start anew what runs in {name[:40]!a}"
        raise WrongUse(message, hint="install what the rotation was begun with, or use --leave")


def installed(names: Collection[str] = ()) -> Registry:
    """Load the registered stores; one that cannot be loaded is told, and stops no other.

    Args:
        names: those that are needed, which saves loading the others; none named: all.
    """
    points = sorted(entry_points(group=ENTRY_POINTS), key=lambda each: each.name)
    needed = _loaded(point for point in points if point.name in names)
    if names and {each.name for each in needed.stores} >= set(names):
        return needed
    return _loaded(points)


def _loaded(points: Iterable[EntryPoint]) -> Registry:
    stores: dict[str, Store] = {}
    destinations: dict[str, Destination] = {}
    broken: list[NotSearched] = []
    for point in points:
        made = _made(point)
        if isinstance(made, NotSearched):
            broken.append(made)
            continue
        if isinstance(made, Store):
            stores.setdefault(made.name, made)
        if isinstance(made, Destination):
            destinations.setdefault(made.name, made)
    return Registry(
        stores=tuple(stores.values()),
        destinations=tuple(destinations.values()),
        broken=tuple(broken),
    )


def _made(point: EntryPoint) -> object:
    try:
        made: object = point.load()()
    except Exception as error:  # noqa: BLE001 - somebody else's module may raise anything
        why = f"{printable(point.value, limit=_LIMIT)} cannot be loaded ({type(error).__name__})"
        return NotSearched(where=printable(point.name, limit=_LIMIT), why=why)
    if isinstance(made, Store | Destination):
        return made
    why = f"{printable(point.value, limit=_LIMIT)} is neither a store nor a destination"
    return NotSearched(where=printable(point.name, limit=_LIMIT), why=why)

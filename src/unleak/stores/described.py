"""Services whose answers are searched as they come: list, describe each, look at every text in it.

What differs from service to service is a table; `stores.tables` holds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from unleak.aws.answer import text
from unleak.errors import UnleakError
from unleak.model.frozen import dataclass
from unleak.stores.interface import Scope
from unleak.stores.look import Look
from unleak.stores.places import places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.aws.answer import Answer
    from unleak.model.reference import Needle
    from unleak.stores.interface import Finding, Scene

Takes: TypeAlias = tuple[tuple[str, str], ...]
"""Which parameter of a call is which field of the thing that it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """A call that says more about one thing than its list does."""

    method: str
    takes: Takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A call that lists things, and where in them a key may stand."""

    method: str
    key: str
    """The list in its answer."""
    kind: str
    """What one thing is called in a reference."""
    name: tuple[str, ...]
    """The fields that its name is made of, joined by `separator`."""
    separator: str = "/"
    parameters: tuple[tuple[str, object], ...] = ()
    takes: Takes = ()
    """For a list within another: what it takes from the thing above it."""
    detail: Detail | None = None
    """None: the list says all there is.  A thing with a call of its own has no lists within."""
    has_page_model: bool = True
    """Whether botocore knows how its pages follow one another."""
    note: str = ""
    within: tuple[Listing, ...] = ()
    """Lists that each of the things has again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A store that a few rows describe; it fits the protocol `Store`."""

    name: str
    title: str
    service: str
    needs: tuple[str, ...]
    listings: tuple[Listing, ...]

    @property
    def scope(self) -> Scope:
        """All of these services are regional."""
        return Scope.REGION

    def search(self, needle: Needle, scene: Scene) -> Iterator[Finding]:
        """Yield everything that holds the key, with the path of the field.

        Raises:
            UnleakError: nothing could be listed: the service is not there, or not for us.
        """
        look = Look(self.name, needle, scene)
        parts_of_it = {each.kind: _Rows(look, self.service, each).search for each in self.listings}
        yield from look.each(parts_of_it)
        yield look.searched()


class _Rows:
    """One listing, of one parent where it has any."""

    def __init__(
        self, look: Look, service: str, listing: Listing, above: Answer | None = None
    ) -> None:
        self._look = look
        self._service = service
        self._listing = listing
        self._above = above or {}

    def search(self) -> Iterator[Finding]:
        listing = self._listing
        listed = self._look.listed if listing.has_page_model else self._look.listed_by_token
        parameters = dict(listing.parameters) | _taken(listing.takes, self._above)
        things = listed(self._service, listing.method, listing.key, **parameters)
        if listing.detail is not None:
            yield from self._look.at_once(things, self._in_one)
            return
        for each in things:
            self._look.seen += 1
            yield from self._in_one(each)
            for inner in listing.within:
                yield from self._within(inner, each)

    def _in_one(self, thing: Answer) -> Iterator[Finding]:
        place = self._name(thing)
        detail = self._listing.detail
        if detail is not None:
            try:
                thing = self._look.ask(self._service, detail.method, **_taken(detail.takes, thing))
            except UnleakError as error:
                yield self._look.gap(place, error)
                return
        content = {name: part for name, part in thing.items() if name != "ResponseMetadata"}
        fields = tuple(places(content, self._look.needle))
        if fields:
            yield self._look.reference(self._listing.kind, place, fields, note=self._listing.note)

    def _within(self, inner: Listing, thing: Answer) -> Iterator[Finding]:
        above = {**thing, "": self._name(thing)}
        try:
            yield from _Rows(self._look, self._service, inner, above).search()
        except UnleakError as error:
            yield self._look.gap(f"{self._name(thing)} {inner.kind}", error)

    def _name(self, thing: Answer) -> str:
        names = [str(thing.get(each, "")) for each in self._listing.name]
        above = text(self._above, "")
        return self._listing.separator.join([above, *names] if above else names)


def _taken(takes: Takes, thing: Answer) -> dict[str, object]:
    """Return parameters from the fields of a thing; what it does not have is not sent."""
    return {parameter: thing[field] for parameter, field in takes if thing.get(field)}

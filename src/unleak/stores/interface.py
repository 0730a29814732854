"""What a store is: a kind of place where a long-lived key can live.

A store is found by its entry point in the group `unleak.stores`, so that others can add theirs:

    [project.entry-points."unleak.stores"]
    jenkins = "our_package.jenkins:Jenkins"

The value is a class (or a function) without arguments that returns a `Store`; one that can also be
written to is a `Destination`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from unleak.errors import NotInstalled, UnleakError
from unleak.model.frozen import dataclass
from unleak.model.reference import NotSearched, Reference, Searched
from unleak.model.rotation import Spot, Written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from unleak.model.reference import Needle
    from unleak.model.secret import Secret

Finding: TypeAlias = Reference | Searched | NotSearched
"""What a search yields: places, what was looked through, what could not be looked into."""

ENTRY_POINTS = "unleak.stores"

__all__ = [
    "ENTRY_POINTS",
    "CannotSwap",
    "CloudReader",
    "CloudWriter",
    "Destination",
    "Finding",
    "Held",
    "KeyPair",
    "Moved",
    "NotInstalled",
    "NotSetUp",
    "Reach",
    "Scene",
    "Scope",
    "Spot",
    "Store",
    "Written",
]


class Scope(StrEnum):
    """How often a store is looked through."""

    LOCAL = "local"
    """Once for each path that the person named."""
    ACCOUNT = "account"
    """Once: the service is global, or no part of AWS."""
    REGION = "region"
    """Once in each enabled region."""


class CloudReader(Protocol):
    """Reading calls to any AWS service, signed as the responder.

    Answers are botocore's parsed dictionaries; read them with `unleak.aws.answer` or as carefully.
    A call that is not a question (`get`, `list`, `describe`, `batch_get`, `lookup`, `search`) is
    refused.
    """

    @property
    def region(self) -> str:
        """The region that calls go to where none is named."""
        ...

    def ask(
        self,
        service: str,
        method: str,
        parameters: Mapping[str, object] | None = None,
        *,
        region: str | None = None,
    ) -> Mapping[str, object]:
        """Make one call; `method` is botocore's (`list_functions`).

        Raises:
            UnleakError: AWS refused, or did not answer.
        """
        ...

    def pages(
        self,
        service: str,
        method: str,
        parameters: Mapping[str, object] | None = None,
        *,
        region: str | None = None,
    ) -> Iterator[Mapping[str, object]]:
        """Make a listing call until nothing is left, and yield every answer.

        Raises:
            UnleakError: AWS refused, or did not answer.
        """
        ...


class CloudWriter(CloudReader, Protocol):
    """The same, and changing calls; only `rotate` and its engine hold one."""

    def change(
        self,
        service: str,
        method: str,
        parameters: Mapping[str, object],
        *,
        region: str | None = None,
        secrets: tuple[Secret, ...] = (),
    ) -> Mapping[str, object]:
        """Make one changing call.

        Args:
            service: botocore's name of the service.
            method: botocore's method.
            parameters: exactly what is sent.
            region: None for the session's own.
            secrets: values within the parameters that no message may show.

        Raises:
            UnleakError: AWS refused, or did not answer.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where a store looks, and with what."""

    cloud: CloudReader
    account: str | None
    region: str | None
    """The region to look in, for a store of `Scope.REGION`."""
    path: Path | None
    """The file or folder to look in, for a store of `Scope.LOCAL`."""
    environment: Mapping[str, str]
    """This process's environment: `KUBECONFIG`, `GITHUB_TOKEN`, `VAULT_ADDR` and so on."""
    targets: tuple[str, ...] = ()
    """What the person named for this store, `OWNER/REPO` for example; empty: all that it knows."""


@runtime_checkable
class Store(Protocol):
    """A kind of place where a long-lived key can live."""

    @property
    def name(self) -> str:
        """What `find --store` and `rotate --to` call it: one word, lower case."""
        ...

    @property
    def title(self) -> str:
        """What it is, in a few words: "Lambda environments"."""
        ...

    @property
    def scope(self) -> Scope:
        """How often it is looked through."""
        ...

    @property
    def needs(self) -> tuple[str, ...]:
        """The IAM actions that the search calls, `lambda:ListFunctions` for example."""
        ...

    def search(self, needle: Needle, scene: Scene) -> Iterator[Finding]:
        """Yield every place that holds the key, and say what was and was not looked into.

        Values read on the way are compared in memory and dropped.  Exactly one `Searched` is
        yielded, at the end, where the store was looked through.  What a part of the search could
        not look into is a `NotSearched`; where nothing at all could be looked into, raise.

        Raises:
            NotInstalled: the client that the store needs is not there.
            NotSetUp: there is nothing to look into: no configuration, no token.
            UnleakError: nothing of the store could be looked into.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """A new key on its way to its destinations; never written to the journal."""

    key_id: str
    secret: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a place holds now."""

    key_id: str | None
    """The id that stands there; None: none of ours, or the value cannot be read."""
    version: str | None
    """What a compare-and-set needs: a version, a hash, an ETag.  Never a secret, nor its hash."""
    is_readable: bool = True
    """Whether the pair can be read back from here, after a crash for example."""


class CannotSwap(UnleakError):
    """The place holds the old key in a way that cannot be replaced safely."""

    code = "cannot-swap"


class Moved(UnleakError):
    """Somebody else has changed the place since it was read."""

    code = "moved"


class NotSetUp(UnleakError):
    """There is no configuration or token for the store on this machine."""

    code = "not-set-up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """With what a destination is read and written."""

    cloud: CloudWriter
    account: str | None
    environment: Mapping[str, str]


@runtime_checkable
class Destination(Protocol):
    """A store that `rotate` can write a new key to."""

    @property
    def name(self) -> str:
        """As `Store.name`."""
        ...

    @property
    def changes(self) -> tuple[str, ...]:
        """The IAM actions that reading, writing and restoring call."""
        ...

    def spot(self, text: str) -> Spot:
        """Read what stands behind `--to STORE:`; `NAME@REGION` where the store is regional.

        Raises:
            WrongUse: it makes no sense.
        """
        ...

    def held(self, spot: Spot, old_key_id: str, reach: Reach) -> Held:
        """Read what the place holds now; also the read-back after a write.

        Raises:
            UnleakError: it cannot be read, or is not there.
        """
        ...

    def pair(self, spot: Spot, key_id: str, reach: Reach) -> KeyPair | None:
        """Read a pair back from the place, None where it cannot be had from there.

        After a crash the new secret is known to its destinations only.
        """
        ...

    def write(self, spot: Spot, old_key_id: str, new: KeyPair, held: Held, reach: Reach) -> Written:
        """Put the new pair in the old one's place, or make the place where there is none.

        Compare-and-set on `held.version` where the service has it, else the place is read again
        right before the write.

        Raises:
            Moved: the place is not what `held` says any more.
            CannotSwap: the old pair cannot be told from the rest.
            UnleakError: the write was refused, or got no answer.
        """
        ...

    def restore(self, spot: Spot, written: Written, reach: Reach) -> None:
        """Put back what was there before `written`.

        Raises:
            Moved: the place has been changed since.
            UnleakError: there is no way back, or it was refused.
        """
        ...

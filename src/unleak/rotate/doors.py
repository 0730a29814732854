"""What a rotation needs of the cloud and of the person, as protocols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from unleak.model.ports import Prober, Reader, Writer
    from unleak.model.rotation import RotationPlan, RotationStep
    from unleak.model.secret import Secret
    from unleak.stores.interface import CloudWriter


class KeyMaker(Protocol):
    """Creates access keys."""

    def create_key(self, user: str) -> tuple[str, Secret]:
        """Call `iam:CreateAccessKey`, at most once; return the id and the secret."""
        ...


class RotationDoors(Protocol):
    """The doors of one cloud and one responder, as a rotation uses them."""

    def reader(self) -> Reader:
        """Return the door that cannot change a thing."""
        ...

    def writer(self) -> Writer:
        """Return the door to IAM that can."""
        ...

    def prober(self) -> Prober:
        """Return the signer of harmless calls with the new key."""
        ...

    def key_maker(self) -> KeyMaker:
        """Return the maker of keys."""
        ...

    def sealed_desk(self) -> CloudWriter:
        """Return the same door, sealed: what would change something is refused."""
        ...

    def writing_desk(self) -> CloudWriter:
        """Return the door to the places in AWS that hold keys."""
        ...


class RotationPerson(Protocol):
    """Who is asked once, and told of progress."""

    def accepts_rotation(self, plan: RotationPlan) -> bool:
        """Show the plan and ask the one question."""
        ...

    def hears(self, text: str) -> None:
        """Be told of progress."""
        ...

    def sees_rotation(self, step: RotationStep) -> None:
        """Be told what a step has come to."""
        ...


class Pace(Protocol):
    """How to wait, and a clock that never goes back; tests bring their own."""

    @property
    def pause(self) -> Callable[[float], None]:
        """Sleeps that many seconds."""
        ...

    @property
    def monotonic(self) -> Callable[[], float]:
        """Seconds from some fixed point."""
        ...

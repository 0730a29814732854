"""The control plane: the one place where writes go, with the planes that follow it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from lab.lagging.access import CallerType, Session

if TYPE_CHECKING:
    from lab.lagging.clock import Clock
    from lab.lagging.estate import Holder, World
    from lab.lagging.ids import Mint
    from lab.lagging.planes import Planes
    from lab.lagging.trail import Trail

ALPHA = "us-east-1"
"""Where IAM and Organizations are decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """The last time that a key or a role was used."""

    at: datetime
    service: str
    region: str


@dataclass(slots=True, kw_only=True)
class ControlPlane:
    """All that the cloud remembers."""

    clock: Clock
    mint: Mint
    planes: Planes
    world: World
    regions: tuple[str, ...]
    trail: Trail
    sessions: dict[str, Session] = field(default_factory=dict)
    buckets: dict[str, dict[str, bytes]] = field(default_factory=dict)
    uses: dict[str, Use] = field(default_factory=dict)
    """By key id or the unique id of a role."""
    opaque: dict[str, Mapping[str, object]] = field(default_factory=dict)
    """EC2's coded messages with what they mean."""

    def write(self, world: World) -> None:
        """Take in a change: reads show it now, regions act on it later."""
        self.world = world
        self.planes.publish(world, self.clock.now())

    def open_session(
        self,
        holder: Holder,
        *,
        account: str,
        type: CallerType,  # noqa: A002 - the field's own name
        name: str,
        seconds: int,
        policy: str | None = None,
    ) -> Session:
        """Mint a session; issue times are whole seconds, as AWS's are."""
        issued = self.clock.now().astimezone(UTC).replace(microsecond=0)
        session = Session(
            key_id=self.mint.key_id("ASIA", account),
            secret=self.mint.secret(),
            token=self.mint.secret(220),
            account=account,
            holder_id=holder.unique_id,
            type=type,
            name=name,
            policy=policy,
            issued=issued,
            expires=issued + timedelta(seconds=seconds),
        )
        self.sessions[session.key_id] = session
        return session

    def last_second(self) -> datetime:
        """Return the time as IAM notes it, in whole seconds."""
        return self.clock.now().astimezone(UTC).replace(microsecond=0)

    def note_use(self, name: str, *, service: str, region: str) -> None:
        """Remember that a key or a role was used just now."""
        self.uses[name] = Use(at=self.last_second(), service=service, region=region)

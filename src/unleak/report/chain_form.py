"""What the chain of credentials is made of: nodes, links, and the state of each."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import assert_never

from unleak.model.door import DoorState
from unleak.model.frozen import dataclass


class NodeKind(StrEnum):
    """What a node is; each has a shape of its own."""

    LEAK = "leak"
    CREDENTIAL = "credential"
    PRINCIPAL = "principal"
    """A user, role, policy or provider."""
    UNKNOWN = "unknown"
    """Stands for a caller that nobody knows."""


class ChainState(StrEnum):
    """Whether it still lets somebody in, for all we know."""

    CONTAINED = "contained"
    UNPROVEN = "unproven"
    OPEN = "open"
    GONE = "gone"
    DISMISSED = "dismissed"
    UNKNOWN = "unknown"

    @property
    def words(self) -> str:
        """The state for people."""
        match self:
            case ChainState.CONTAINED:
                return "cut off"
            case ChainState.UNPROVEN:
                return "cut, not proven"
            case ChainState.OPEN:
                return "OPEN"
            case ChainState.GONE:
                return "gone"
            case ChainState.DISMISSED:
                return "honest, says a person"
            case ChainState.UNKNOWN:
                return "not known"
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One credential, or one user, role or policy."""

    id: str
    kind: NodeKind
    title: str
    owner: str | None
    """Whose it is, or its ARN."""
    state: ChainState
    facts: tuple[tuple[str, str], ...]
    is_inferred: bool = False
    """Whether only circumstances speak for it."""

    def joined(self, other: Node) -> Node:
        """Return this node with what another one, of the same name, adds to it."""
        is_leak = self.kind is NodeKind.LEAK
        known = ChainState.UNKNOWN
        return replace(
            self,
            owner=self.owner or other.owner,
            state=self.state if is_leak or other.state is known else other.state,
            facts=tuple(dict.fromkeys((*self.facts, *other.facts))),
            is_inferred=self.is_inferred and other.is_inferred,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One has led to the other."""

    source: str
    target: str
    via: str
    is_inferred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """All of it."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]


def state_of_door(state: DoorState) -> ChainState:
    """Return the state of a suspect."""
    match state:
        case DoorState.OPEN:
            return ChainState.OPEN
        case DoorState.CONTAINED:
            return ChainState.CONTAINED
        case DoorState.DISMISSED:
            return ChainState.DISMISSED
        case DoorState.GONE:
            return ChainState.GONE
        case _:
            assert_never(state)

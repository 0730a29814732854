"""The words that a record can be found by: key ids, `user/NAME`, `role/NAME`, session names."""

from __future__ import annotations

from zlib import crc32

from unleak.model.frozen import dataclass

SESSION = "as/"
"""Before a session's name, so that it cannot be taken for a key id."""


def labels_of(arn: str) -> tuple[str, ...]:
    """Return the words that an identity's ARN stands for, whatever account it is of.

    Args:
        arn: of a user, role, session, federated user or root; hostile text is no harm.
    """
    parts = arn.split(":", 5)
    if len(parts) < 6:  # noqa: PLR2004 - an ARN has six parts
        return ()
    kind, _, rest = parts[5].partition("/")
    match kind:
        case "assumed-role":
            role, _, session = rest.partition("/")
            return (f"role/{role}", SESSION + session)
        case "user" | "role":
            return (f"{kind}/{rest.rpartition('/')[2]}",)
        case "root":
            return ("root",)
        case _:
            return (f"{kind}/{rest}",)


def account_in(arn: str) -> str:
    """Return the account of an ARN; empty where it has none."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) > 5 else ""  # noqa: PLR2004 - as above


def mark(token: str) -> int:
    """Return the number that stands for a word in a file's index; two may share one."""
    return crc32(token.encode("utf-8", "surrogatepass"))


class Wanted:
    """The words that are sought, in the order in which they became known; it only grows."""

    def __init__(self, tokens: tuple[str, ...] = ()) -> None:
        self._order: list[str] = []
        self._known: set[str] = set()
        self._snapshot: frozenset[str] = frozenset()
        self.with_ids = True
        """Whether the ids of all events are wanted too, to count duplicates."""
        self.add(*tokens)

    def __len__(self) -> int:
        return len(self._order)

    def __contains__(self, token: object) -> bool:
        return token in self._known

    def add(self, *tokens: str) -> None:
        """Seek these too."""
        for token in tokens:
            if token and token not in self._known:
                self._known.add(token)
                self._order.append(token)

    def words(self) -> tuple[str, ...]:
        """Return all of them."""
        return tuple(self._order)

    def later_than(self, number: int) -> frozenset[str]:
        """Return what became known after the first `number` words."""
        if number == 0:
            if len(self._snapshot) != len(self._known):
                self._snapshot = frozenset(self._known)
            return self._snapshot
        return frozenset(self._order[number:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What one file names, as a few bytes a word."""

    marks: bytes

    def may_hold(self, tokens: frozenset[str]) -> bool:
        """Whether any of the words may be in the file; a wrong yes costs time only."""
        if not tokens or not self.marks:
            return False
        held = set(memoryview(self.marks).cast("I"))
        return any(mark(token) in held for token in tokens)

"""Where a long-lived key is in use: the places found, and the places nobody could look into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Needle:
    """What is looked for: a key id, and its secret where the person has it.

    A key id is not secret, so it may go into queries; the secret is only ever compared in memory.
    """

    key_id: str
    secret: Secret | None = None

    def is_in(self, text: str) -> bool:
        """Whether a text holds the id, or the secret by itself."""
        return self.key_id in text or (self.secret is not None and self.secret.reveal() in text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One place where a key is in use."""

    store: str
    """The store's name, `lambda` for example; `--to` knows it by the same name."""
    kind: str
    """What it is in the store's own words: `environment`, `secret`, `user-data`, `git-history`."""
    location: str
    """The place itself, as `--to STORE:LOCATION` takes it where the store can be written to."""
    account: str | None = None
    region: str | None = None
    updatable: bool = False
    """Whether `rotate` can write the new key there."""
    field: str | None = None
    """The part of the place that holds the id: a variable's or a key's name, a line."""
    note: str = ""
    """What a person has to know: who reads it when, what else has to be done there."""
    is_only_name: bool = False
    """The value cannot be read: the name alone suggests that a key lives here."""

    @property
    def where(self) -> str:
        """The place in one line, as `lambda:orders`."""
        return f"{self.store}:{self.location}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """One store, in one region where it has any, that was looked through to its end."""

    where: str
    """`lambda eu-west-1` or `git ./repo` for example."""
    seen: int
    """How many things were looked at: functions, files, commits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSearched:
    """A place that was not looked into, and why: unknown is not "nowhere"."""

    where: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Who has used a key, from CloudTrail: one source address with one user agent."""

    source: str
    user_agent: str
    services: tuple[str, ...]
    events: int
    last: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUsers:
    """Who really uses a key: the last use that IAM knows, and the callers that CloudTrail shows."""

    last_used_at: datetime | None = None
    last_service: str | None = None
    last_region: str | None = None
    uses: tuple[Use, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """All that a search has come to; an empty `references` says nothing without the other two."""

    key_id: str
    references: tuple[Reference, ...]
    searched: tuple[Searched, ...]
    not_searched: tuple[NotSearched, ...]
    users: KeyUsers | None = None
    """None: nobody asked, or nobody could."""

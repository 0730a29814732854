"""Where GitHub keeps secrets and variables, and how its API is reached."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from unleak.errors import WrongUse
from unleak.model.frozen import dataclass
from unleak.model.secret import Secret
from unleak.stores.interface import NotSetUp, Spot
from unleak.stores.rest import Rest, Service
from unleak.stores.swap import ID_NAME, SECRET_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STORE: Final = "github"
_OWNER: Final = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})"
_REPOSITORY: Final = r"(?!\.{1,2}(?:$|[@:/]))[A-Za-z0-9._-]{1,100}"
TARGET: Final = re.compile(rf"({_OWNER})(?:/({_REPOSITORY}))?")
_SPOT: Final = re.compile(
    rf"({_OWNER})/({_REPOSITORY})(?:@([^:\x00-\x1f\x7f]{{1,255}}))?(?::(\w{{1,200}}))?", re.ASCII
)
_API: Final = "https://api.github.com"
_VERSION: Final = "2022-11-28"
USAGE: Final = "github:OWNER/REPO, github:OWNER/REPO@ENVIRONMENT, either with :PREFIX"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A repository, or one environment of it; workflows of others cannot read it."""

    owner: str
    repository: str
    environment: str | None = None
    prefix: str = ""

    @property
    def root(self) -> str:
        """The path that the place's secrets and variables stand below, for the API."""
        repository = f"/repos/{quote(self.owner)}/{quote(self.repository)}"
        if self.environment is None:
            return f"{repository}/actions"
        return f"{repository}/environments/{quote(self.environment, safe='')}"

    @property
    def location(self) -> str:
        """The place as `--to github:` takes it, without a prefix."""
        at = "" if self.environment is None else f"@{self.environment}"
        return f"{self.owner}/{self.repository}{at}"

    @property
    def id_name(self) -> str:
        """The name that workflows know the key id by."""
        return self.prefix + ID_NAME

    @property
    def secret_name(self) -> str:
        """The name that workflows know the secret access key by."""
        return self.prefix + SECRET_NAME


def spot_of(text: str) -> Spot:
    """Read `OWNER/REPO[@ENVIRONMENT][:PREFIX]`; the prefix is the spot's `field`.

    Raises:
        WrongUse: it is none.
    """
    found = _SPOT.fullmatch(text)
    if found is None:
        message = f"{text[:80]!a} names no repository of GitHub"
        raise WrongUse(message, hint=USAGE)
    owner, repository, environment, prefix = found.groups()
    place = Place(owner=owner, repository=repository, environment=environment)
    return Spot(store=STORE, location=place.location, field=prefix)


def place_of(spot: Spot) -> Place:
    """Return the place that a spot names.

    Raises:
        WrongUse: it names none.
    """
    found = _SPOT.fullmatch(spot.location)
    if found is None:
        message = f"{spot.location[:80]!a} names no repository of GitHub"
        raise WrongUse(message, hint=USAGE)
    owner, repository, environment, _ = found.groups()
    prefix = spot.field or ""
    if prefix and not prefix.endswith("_"):
        prefix += "_"
    return Place(owner=owner, repository=repository, environment=environment, prefix=prefix)


def github(environment: Mapping[str, str], *, wait: Callable[[float], None]) -> Rest:
    """Return GitHub's API, signed in with `GITHUB_TOKEN` or `GH_TOKEN`.

    Enterprise servers are named by `GITHUB_API_URL`, as within their own workflows.
    Source: https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api

    Raises:
        NotSetUp: there is no token.
        WrongUse: `GITHUB_API_URL` is no HTTPS address.
    """
    token = environment.get("GITHUB_TOKEN") or environment.get("GH_TOKEN") or ""
    if not token.strip():
        message = "there is no token for GitHub"
        hint = "set GITHUB_TOKEN to one that may read (for --to: write) secrets and variables"
        raise NotSetUp(message, hint=hint)
    service = Service(
        title="GitHub",
        base=(environment.get("GITHUB_API_URL") or _API).rstrip("/"),
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token.strip()}",
            "X-GitHub-Api-Version": _VERSION,
            "User-Agent": "unleak",
        },
        token=Secret(token.strip()),
        setting="GITHUB_API_URL",
    )
    return Rest(service, environment, wait=wait)

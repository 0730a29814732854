"""Where GitLab keeps CI/CD variables, and how its API is reached."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from unleak.aws.answer import Answer, text
from unleak.errors import WrongUse
from unleak.model.frozen import dataclass
from unleak.model.secret import Secret
from unleak.stores.interface import NotSetUp, Spot
from unleak.stores.rest import Rest, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

STORE: Final = "gitlab"
GROUPS: Final = "groups/"
"""GitLab reserves this name, so no project's path starts with it."""
ALL_SCOPES: Final = "*"
PAGE: Final = {"per_page": "100"}
_PART: Final = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}"
PATH: Final = re.compile(rf"{_PART}(?:/{_PART}){{0,30}}", re.ASCII)
_SPOT: Final = re.compile(
    rf"((?:{GROUPS})?)({PATH.pattern})(?:@([\w./*{{}} $-]{{1,255}}))?", re.ASCII
)
USAGE: Final = "gitlab:GROUP/PROJECT, gitlab:groups/GROUP, either with @ENVIRONMENT-SCOPE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A project, a group, or the instance: whoever has variables."""

    path: str
    is_group: bool = False

    @property
    def variables(self) -> str:
        """The path of its variables in the API."""
        if not self.path:
            return "/admin/ci/variables"
        kind = "groups" if self.is_group else "projects"
        return f"/{kind}/{quote(self.path, safe='')}/variables"

    @property
    def location(self) -> str:
        """As `--to gitlab:` takes it, without a scope."""
        return f"{GROUPS}{self.path}" if self.is_group else self.path


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable as the API tells it."""

    told: Answer

    @property
    def key(self) -> str:
        """Its name."""
        return text(self.told, "key")

    @property
    def value(self) -> str | None:
        """Its value; None where GitLab hides it for good."""
        value = self.told.get("value")
        return value if isinstance(value, str) and not self.is_hidden else None

    @property
    def is_hidden(self) -> bool:
        """Whether it was made masked and hidden, so that nobody can read it any more."""
        return self.told.get("hidden") is True or not isinstance(self.told.get("value"), str)

    @property
    def scope(self) -> str:
        """The environments that it is for."""
        return text(self.told, "environment_scope") or ALL_SCOPES

    @property
    def flags(self) -> dict[str, object]:
        """What a change has to repeat so that nothing but the value changes."""
        names = ("variable_type", "protected", "masked", "raw")
        return {name: self.told[name] for name in names if name in self.told}


def spot_of(text: str) -> Spot:
    """Read `GROUP/PROJECT[@SCOPE]` or `groups/GROUP[@SCOPE]`; the scope is the spot's `field`.

    Raises:
        WrongUse: it is neither.
    """
    found = _SPOT.fullmatch(text)
    if found is None or (not found.group(1) and "/" not in found.group(2)):
        message = f"{text[:80]!a} names no project or group of GitLab"
        raise WrongUse(message, hint=USAGE)
    return Spot(store=STORE, location=f"{found.group(1)}{found.group(2)}", field=found.group(3))


def owner_of(spot: Spot) -> Owner:
    """Return whose variables a spot is about."""
    if spot.location.startswith(GROUPS):
        return Owner(path=spot.location.removeprefix(GROUPS), is_group=True)
    return Owner(path=spot.location)


def variables_of(rest: Rest, owner: Owner) -> Iterator[Variable]:
    """Yield all variables of a project, a group, or the instance.

    Source: https://docs.gitlab.com/api/project_level_variables/

    Raises:
        StoreRefused: GitLab said no.
        StoreSilent: it did not answer.
    """
    for answer in rest.pages(owner.variables, PAGE):
        yield from (Variable(each) for each in items(answer.body))


def items(body: object) -> tuple[dict[str, object], ...]:
    """Return a list's objects; empty where the body is no list."""
    return tuple(each for each in body if isinstance(each, dict)) if isinstance(body, list) else ()


def gitlab(environment: Mapping[str, str], *, wait: Callable[[float], None]) -> Rest:
    """Return GitLab's API, signed in with `GITLAB_TOKEN`.

    Raises:
        NotSetUp: there is no token.
        WrongUse: the address is no HTTPS address.
    """
    token = environment.get("GITLAB_TOKEN", "").strip()
    if not token:
        message = "there is no token for GitLab"
        hint = "set GITLAB_TOKEN to one with the scope api, and GITLAB_URL to your server"
        raise NotSetUp(message, hint=hint)
    named = environment.get("GITLAB_URL") or environment.get("CI_SERVER_URL")
    server = (named or "https://gitlab.com").rstrip("/")
    service = Service(
        title="GitLab",
        base=f"{server}/api/v4",
        headers={"PRIVATE-TOKEN": token, "User-Agent": "unleak"},
        token=Secret(token),
        setting="GITLAB_URL",
    )
    return Rest(service, environment, wait=wait)

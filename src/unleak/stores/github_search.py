"""Look for a key at GitHub: variables are compared, of secrets only the names can be seen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from unleak.aws.answer import parts, text
from unleak.errors import WrongUse
from unleak.evidence.clean import printable
from unleak.model.frozen import dataclass
from unleak.model.reference import NotSearched, Reference, Searched
from unleak.stores.failures import NO_SUCH_THING, StoreRefused
from unleak.stores.github_place import STORE, TARGET, Place
from unleak.stores.interface import NotSetUp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.model.reference import Needle
    from unleak.stores.interface import Finding
    from unleak.stores.rest import Rest

_LIKE_A_KEY: Final = re.compile(r"AWS|AMAZON|ACCESS_?KEY|SECRET_?KEY|S3_|_S3|ECR|ROOT_?KEY")
_PAGE: Final = {"per_page": "100"}
_ONLY_NAME: Final = "GitHub shows no values: open the place that sets it, or rotate it too"


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    """One list of secrets or variables."""

    path: str
    kind: str
    """`actions-secret`, `dependabot-secret`, `variable` and so on."""
    location: str
    to: str | None = None
    """What `--to` would take; None where it cannot be written to."""

    @property
    def is_of_variables(self) -> bool:
        return self.kind.endswith("variable")


class GitHubSearch:
    """One search of the named repositories and owners.

    Args:
        rest: GitHub, signed in.
        targets: `OWNER/REPO`, or `OWNER` for its secrets and those of all its repositories.
    """

    def __init__(self, rest: Rest, targets: tuple[str, ...]) -> None:
        self._rest = rest
        self._targets = targets
        self._seen = 0
        self._lists = 0
        self._refused: StoreRefused | None = None

    def run(self, needle: Needle) -> Iterator[Finding]:
        """Yield all places, and each list that the token may not see.

        Raises:
            NotSetUp: nothing was named to look into.
            WrongUse: a target makes no sense.
            StoreRefused: nothing at all could be listed.
            StoreSilent: GitHub does not answer.
        """
        if not self._targets:
            message = "no repository or organization of GitHub was named"
            raise NotSetUp(message, hint="name them: --in github:OWNER/REPO or --in github:OWNER")
        for target in self._targets:
            found = TARGET.fullmatch(target)
            if found is None:
                message = f"{target[:80]!a} is neither OWNER nor OWNER/REPO"
                raise WrongUse(message, hint="--in github:OWNER/REPO or --in github:OWNER")
            owner, repository = found.groups()
            if repository is not None:
                yield from self._in_repository(needle, owner, repository)
            else:
                yield from self._of_owner(needle, owner)
        if not self._lists and self._refused is not None:
            raise self._refused
        yield Searched(where=f"{STORE} {' '.join(self._targets)}", seen=self._seen)

    def _of_owner(self, needle: Needle, owner: str) -> Iterator[Finding]:
        lists = [
            _List(path=f"/orgs/{quote(owner)}/{part}", kind=kind, location=owner)
            for part, kind in _LISTS.items()
        ]
        for each in lists:
            yield from self._in_list(needle, each)
        try:
            repositories = [
                text(each, "name")
                for answer in self._rest.pages(self._repositories_of(owner), _PAGE)
                for each in _items(answer.body)
            ]
        except StoreRefused as error:
            self._refused = error
            yield NotSearched(where=f"{STORE} repositories of {owner}", why=error.message)
            return
        for repository in repositories:
            yield from self._in_repository(needle, owner, repository)

    def _repositories_of(self, owner: str) -> str:
        try:
            self._rest.ask("GET", f"/orgs/{quote(owner)}")
        except StoreRefused as error:
            if error.status != NO_SUCH_THING:
                raise
            return f"/users/{quote(owner)}/repos"
        return f"/orgs/{quote(owner)}/repos"

    def _in_repository(self, needle: Needle, owner: str, repository: str) -> Iterator[Finding]:
        place = Place(owner=owner, repository=repository)
        root = f"/repos/{quote(owner)}/{quote(repository)}"
        own = [
            _List(
                path=f"{root}/{part}",
                kind=kind,
                location=place.location,
                to=place.location if part.startswith("actions/") else None,
            )
            for part, kind in _LISTS.items()
        ]
        shared = [
            _List(
                path=f"{root}/actions/organization-{what}s",
                kind=f"organization-{what}",
                location=owner,
            )
            for what in ("secret", "variable")
        ]
        for each in (*own, *shared):
            yield from self._in_list(needle, each)
        yield from self._in_environments(needle, place, root)

    def _in_environments(self, needle: Needle, place: Place, root: str) -> Iterator[Finding]:
        try:
            names = [
                text(each, "name")
                for answer in self._rest.pages(f"{root}/environments", _PAGE)
                for each in parts(answer.fields, "environments")
            ]
        except StoreRefused as error:
            self._refused = error
            where = f"{STORE} environments of {place.location}"
            yield NotSearched(where=where, why=error.message)
            return
        for name in names:
            inner = Place(owner=place.owner, repository=place.repository, environment=name)
            for what in ("secret", "variable"):
                kind = f"environment-{what}"
                to = inner.location
                one = _List(path=f"{inner.root}/{what}s", kind=kind, location=to, to=to)
                yield from self._in_list(needle, one)

    def _in_list(self, needle: Needle, each: _List) -> Iterator[Finding]:
        what = "variables" if each.is_of_variables else "secrets"
        try:
            for answer in self._rest.pages(each.path, _PAGE):
                for item in parts(answer.fields, what):
                    self._seen += 1
                    name = text(item, "name")
                    if each.is_of_variables and needle.is_in(text(item, "value")):
                        yield _reference(each, name, is_only_name=False)
                    elif not each.is_of_variables and _LIKE_A_KEY.search(name.upper()):
                        yield _reference(each, name, is_only_name=True)
            self._lists += 1
        except StoreRefused as error:
            self._refused = error
            where = f"{STORE} {each.kind}s of {printable(each.location)}"
            yield NotSearched(where=where, why=error.message)


_LISTS: Final = {
    "actions/secrets": "actions-secret",
    "actions/variables": "actions-variable",
    "dependabot/secrets": "dependabot-secret",
    "codespaces/secrets": "codespaces-secret",
}
"""Paths below a repository or an organization.

Source: https://docs.github.com/en/rest/actions/secrets
"""


def _reference(each: _List, name: str, *, is_only_name: bool) -> Reference:
    usual = next((ending for ending in _WRITABLE if name.upper().endswith(ending)), None)
    prefix = name[: -len(usual)] if usual is not None else ""
    at = f":{prefix}" if each.to is not None and prefix else ""
    return Reference(
        store=STORE,
        kind=each.kind,
        location=printable(f"{each.location}{at}"),
        updatable=each.to is not None and usual is not None,
        field=printable(name),
        note=_ONLY_NAME if is_only_name else "",
        is_only_name=is_only_name,
    )


_WRITABLE: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def _items(body: object) -> tuple[dict[str, object], ...]:
    return tuple(each for each in body if isinstance(each, dict)) if isinstance(body, list) else ()

"""Look for a key in GitLab's CI/CD variables: of the instance, of groups, of projects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from unleak.aws.answer import text
from unleak.errors import WrongUse
from unleak.evidence.clean import printable
from unleak.model.reference import NotSearched, Reference, Searched
from unleak.stores.failures import NO_SUCH_THING, StoreRefused
from unleak.stores.gitlab_place import (
    ALL_SCOPES,
    PAGE,
    PATH,
    STORE,
    Owner,
    Variable,
    items,
    variables_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from unleak.model.reference import Needle
    from unleak.stores.interface import Finding
    from unleak.stores.rest import Rest

_LIKE_A_KEY: Final = re.compile(r"AWS|AMAZON|ACCESS_?KEY|SECRET_?KEY|S3_|_S3|ECR")
_MINE: Final = {**PAGE, "min_access_level": "40", "simple": "true"}
"""40 is Maintainer, who may see a project's variables."""
_OWNED: Final = {**PAGE, "min_access_level": "50"}
"""50 is Owner, who may see a group's variables."""
_INNER: Final = {**PAGE, "include_subgroups": "true", "simple": "true"}


class GitLabSearch:
    """One search.

    Args:
        rest: GitLab, signed in.
        targets: projects, or groups for all that is in them; empty: all that the token maintains.
    """

    def __init__(self, rest: Rest, targets: tuple[str, ...]) -> None:
        self._rest = rest
        self._targets = targets
        self._seen = 0
        self._lists = 0
        self._refused: StoreRefused | None = None
        self._done: set[Owner] = set()

    def run(self, needle: Needle) -> Iterator[Finding]:
        """Yield all places, and whatever the token may not see.

        Raises:
            WrongUse: a target makes no sense.
            StoreRefused: nothing at all could be listed.
            StoreSilent: GitLab does not answer.
        """
        if self._targets:
            for target in self._targets:
                yield from self._in_target(needle, target.strip("/"))
        else:
            yield from self._in(needle, Owner(path=""))
            yield from self._listed(needle, "/groups", _OWNED, is_group=True)
            yield from self._listed(
                needle, "/projects", {**_MINE, "membership": "true"}, is_group=False
            )
            if not self._lists and self._refused is not None:
                raise self._refused
        yield Searched(where=f"{STORE} {' '.join(self._targets)}".strip(), seen=self._seen)

    def _in_target(self, needle: Needle, target: str) -> Iterator[Finding]:
        if PATH.fullmatch(target) is None:
            message = f"{target[:80]!a} is no path of GitLab"
            raise WrongUse(message, hint="--in gitlab:GROUP/PROJECT or --in gitlab:GROUP")
        if not self._is_group(target):
            yield from self._in(needle, Owner(path=target))
        else:
            yield from self._in(needle, Owner(path=target, is_group=True))
            root = f"/groups/{quote(target, safe='')}"
            yield from self._listed(needle, f"{root}/descendant_groups", PAGE, is_group=True)
            yield from self._listed(needle, f"{root}/projects", _INNER, is_group=False)
        # Whoever is inside a group gets its variables too.
        above = target.rpartition("/")[0]
        while above:
            yield from self._in(needle, Owner(path=above, is_group=True))
            above = above.rpartition("/")[0]

    def _is_group(self, target: str) -> bool:
        try:
            self._rest.ask("GET", f"/groups/{quote(target, safe='')}", {"with_projects": "false"})
        except StoreRefused as error:
            if error.status != NO_SUCH_THING:
                raise
            return False
        return True

    def _listed(
        self, needle: Needle, path: str, query: Mapping[str, str], *, is_group: bool
    ) -> Iterator[Finding]:
        name = "full_path" if is_group else "path_with_namespace"
        try:
            owners = [
                Owner(path=text(each, name), is_group=is_group)
                for answer in self._rest.pages(path, query)
                for each in items(answer.body)
            ]
        except StoreRefused as error:
            self._refused = error
            yield NotSearched(where=f"{STORE} {printable(path)}", why=error.message)
            return
        for owner in owners:
            if owner.path:
                yield from self._in(needle, owner)

    def _in(self, needle: Needle, owner: Owner) -> Iterator[Finding]:
        if owner in self._done:
            return
        self._done.add(owner)
        where = printable(owner.location) or "variables of the instance"
        try:
            for variable in variables_of(self._rest, owner):
                self._seen += 1
                yield from _found(needle, owner, where, variable)
            self._lists += 1
        except StoreRefused as error:
            self._refused = error
            yield NotSearched(where=f"{STORE} {where}", why=error.message)


def _found(needle: Needle, owner: Owner, where: str, variable: Variable) -> Iterator[Reference]:
    is_hidden = variable.value is None
    is_like_one = is_hidden and _LIKE_A_KEY.search(variable.key.upper()) is not None
    if not is_like_one and not needle.is_in(variable.value or ""):
        return
    at = "" if variable.scope == ALL_SCOPES else f"@{variable.scope}"
    yield Reference(
        store=STORE,
        kind="variable" if owner.path else "instance-variable",
        location=printable(f"{where}{at}"),
        updatable=bool(owner.path),
        field=printable(variable.key),
        note="it is masked and hidden: nobody can read it, not even its owner" if is_hidden else "",
        is_only_name=is_hidden,
    )

"""GitLab's CI/CD variables as places where a key lives, and can be replaced."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from unleak.evidence.key_id import is_key_id
from unleak.model.frozen import dataclass
from unleak.stores.failures import NO_SUCH_THING, StoreRefused
from unleak.stores.gitlab_place import (
    ALL_SCOPES,
    STORE,
    Owner,
    Variable,
    gitlab,
    owner_of,
    spot_of,
    variables_of,
)
from unleak.stores.gitlab_search import GitLabSearch
from unleak.stores.interface import (
    CannotSwap,
    Held,
    KeyPair,
    Moved,
    Reach,
    Scene,
    Scope,
    Spot,
    Written,
)
from unleak.stores.standing_key import id_in_map, renewed
from unleak.stores.swap import pair_in_map
from unleak.stores.text_file import NoWayBack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from unleak.model.reference import Needle
    from unleak.stores.interface import Finding
    from unleak.stores.rest import Rest

_MADE: Final = "made:"
_RELOAD: Final = (
    "a job takes its variables when it starts: running jobs keep the old key until they end, and "
    "one that started in the moment between two writes cannot sign and has to be run again"
)
_ID_PART: Final = "ACCESS_KEY_ID"
_SECRET_PART: Final = "SECRET_ACCESS_KEY"  # noqa: S105 - a part of a name


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The variables of one owner for one scope of environments."""

    owner: Owner
    scope: str
    variables: tuple[Variable, ...]

    @property
    def values(self) -> dict[str, str]:
        """What can be read."""
        return {each.key: each.value for each in self.variables if each.value is not None}

    def shape(self) -> str:
        """Return what GitLab has instead of a version: names, flags, and ids; no secret.

        GitLab keeps no date and no version of a variable.
        """
        told = [
            [each.key, each.flags, each.value if is_key_id(each.value or "") else None]
            for each in self.variables
        ]
        return json.dumps(sorted(told, key=str), sort_keys=True)

    def flags_of(self, name: str) -> dict[str, object] | None:
        """Return the flags of a variable; None where there is none of the name."""
        return next((each.flags for each in self.variables if each.key == name), None)

    def hidden_partner(self, old_key_id: str) -> tuple[str, str] | None:
        """Return the names of the id and of the hidden secret that belongs to it by its name."""
        hidden = {each.key for each in self.variables if each.value is None}
        for name, value in self.values.items():
            partner = name.replace(_ID_PART, _SECRET_PART)
            if value == old_key_id and partner != name and partner in hidden:
                return name, partner
        return None


class GitLab:
    """Projects, groups and the instance of gitlab.com or one's own server.

    GitLab has no compare-and-set, so the variables are read again right before a write.  The secret
    access key is written before the id: there is no transaction, and this way the id that can be
    read tells that both are there.

    Args:
        wait: how to wait for a number of seconds, where GitLab asks for patience.
    """

    name = STORE
    title = "GitLab CI/CD variables"
    scope = Scope.ACCOUNT
    needs: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()

    def __init__(self, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._wait = wait

    def search(self, needle: Needle, scene: Scene) -> Iterator[Finding]:
        """Yield variables with the key, and names of hidden ones that may hold it.

        Raises:
            NotSetUp: there is no token.
            WrongUse: a target makes no sense.
            StoreRefused: nothing at all could be listed.
            StoreSilent: GitLab does not answer.
        """
        rest = gitlab(scene.environment, wait=self._wait)
        yield from GitLabSearch(rest, scene.targets).run(needle)

    def spot(self, text: str) -> Spot:
        """Read `GROUP/PROJECT[@SCOPE]` or `groups/GROUP[@SCOPE]`.

        Raises:
            WrongUse: it is neither.
        """
        return spot_of(text)

    def held(self, spot: Spot, old_key_id: str, reach: Reach) -> Held:
        """Read which key stands there for that scope.

        Raises:
            UnleakError: GitLab refused, or did not answer.
        """
        shelf = _shelf(self._rest(reach), spot)
        return Held(
            key_id=id_in_map(shelf.values, old_key_id),
            version=shelf.shape(),
            is_readable=all(each.value is not None for each in shelf.variables),
        )

    def pair(self, spot: Spot, key_id: str, reach: Reach) -> KeyPair | None:
        """Read the pair back, where the secret is not hidden.

        Raises:
            UnleakError: GitLab refused, or did not answer.
        """
        return pair_in_map(_shelf(self._rest(reach), spot).values, key_id)

    def write(self, spot: Spot, old_key_id: str, new: KeyPair, held: Held, reach: Reach) -> Written:
        """Change the values of the variables and nothing else, or make the two.

        Raises:
            Moved: the variables are not what `held` says any more.
            CannotSwap: the old pair cannot be told from the rest.
            UnleakError: GitLab refused, or did not answer.
        """
        rest = self._rest(reach)
        shelf = _shelf(rest, spot)
        if shelf.shape() != held.version:
            message = f"gitlab:{spot.location}: the variables were changed since they were read"
            raise Moved(message, hint="read what they hold now, then try again")
        changed = _changes(shelf, old_key_id, new)
        made = [name for name in changed if shelf.flags_of(name) is None]
        # The id last; a file that holds both parts is one write.
        for name in sorted(changed, key=lambda each: new.key_id in changed[each]):
            _put(rest, shelf, name, changed[name], new)
        after = _shelf(rest, spot)
        return Written(
            version=after.shape(),
            way_back=_MADE + json.dumps(sorted(made)) if made else None,
            reload=_RELOAD,
        )

    def restore(self, spot: Spot, written: Written, reach: Reach) -> None:
        """Take away variables that were made; GitLab keeps no former values.

        Raises:
            Moved: the variables have been changed since.
            NoWayBack: there is no way back.
            UnleakError: GitLab refused, or did not answer.
        """
        if not (written.way_back or "").startswith(_MADE):
            message = f"gitlab:{spot.location}: GitLab keeps no former values"
            raise NoWayBack(message, hint="write another key there with rotate --to")
        rest = self._rest(reach)
        shelf = _shelf(rest, spot)
        if shelf.shape() != written.version:
            message = f"gitlab:{spot.location}: the variables were changed since they were written"
            raise Moved(message, hint="look at them before anything is deleted")
        names: list[str] = json.loads((written.way_back or "").removeprefix(_MADE))
        for name in names:
            rest.ask("DELETE", f"{shelf.owner.variables}/{quote(name, safe='')}", _only(shelf))

    def _rest(self, reach: Reach) -> Rest:
        return gitlab(reach.environment, wait=self._wait)


def _shelf(rest: Rest, spot: Spot) -> _Shelf:
    owner, scope = owner_of(spot), spot.field or ALL_SCOPES
    found = tuple(each for each in variables_of(rest, owner) if each.scope == scope)
    return _Shelf(owner, scope, found)


def _changes(shelf: _Shelf, old_key_id: str, new: KeyPair) -> Mapping[str, str]:
    hidden = shelf.hidden_partner(old_key_id)
    if hidden is None:
        return renewed(shelf.values, old_key_id, new)
    name, partner = hidden
    others = [each for each in shelf.values if each != name and old_key_id in shelf.values[each]]
    if others:
        message = f"{', '.join(sorted(others))} hold the key too, beside a hidden secret"
        raise CannotSwap(message, hint="write those variables by hand")
    return {partner: new.secret.reveal(), name: new.key_id}


def _only(shelf: _Shelf) -> dict[str, str]:
    """Return what tells variables of one name apart."""
    return {"filter[environment_scope]": shelf.scope}


def _put(rest: Rest, shelf: _Shelf, name: str, value: str, new: KeyPair) -> None:
    flags = shelf.flags_of(name)
    secrets = (new.secret,)
    if flags is not None:
        path = f"{shelf.owner.variables}/{quote(name, safe='')}"
        body = {"value": value, "environment_scope": shelf.scope, **flags}
        rest.ask("PUT", path, _only(shelf), body=body, secrets=secrets)
        return
    body = {
        "key": name,
        "value": value,
        "environment_scope": shelf.scope,
        "masked": value == new.secret.reveal(),
        "raw": True,
    }
    try:
        rest.ask("POST", shelf.owner.variables, body=body, secrets=secrets)
    except StoreRefused as error:
        if error.status == NO_SUCH_THING or "already been taken" not in error.message:
            raise
        raise Moved(error.message, hint="read what they hold now, then try again") from error

"""GitHub's secrets and variables as places where a key lives, and can be replaced."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Final

from unleak.aws.answer import Answer, text
from unleak.evidence.key_id import is_key_id
from unleak.model.frozen import dataclass
from unleak.stores.failures import NO_SUCH_THING, StoreRefused, client_library
from unleak.stores.github_place import STORE, Place, github, place_of, spot_of
from unleak.stores.github_search import GitHubSearch
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
from unleak.stores.text_file import NoWayBack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from unleak.model.reference import Needle
    from unleak.stores.interface import Finding
    from unleak.stores.rest import Rest

_MADE: Final = "made"
_RELOAD: Final = (
    "a job takes its secrets when it starts: running jobs keep the old key until they end, and one "
    "that started in the moment between the two writes cannot sign and has to be run again"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What can be seen of the pair: dates of secrets, and the id where it is a plain variable."""

    secret: str
    id_secret: str
    id_variable: str
    variable: str
    """The variable's value: a key id is no secret, and some keep it in the open."""

    @property
    def version(self) -> str | None:
        """All dates; None where there is nothing."""
        dates = (self.secret, self.id_secret, self.id_variable)
        return " ".join(each or "-" for each in dates) if any(dates) else None


class GitHub:
    """Repositories and organizations at github.com or an Enterprise server.

    Values of secrets cannot be read by anybody, so a search gives their names, and a write is
    proven by the date that GitHub keeps.  The secret access key is written first and the id last:
    there is no transaction, and this way the id that a variable shows tells that both are there.

    Args:
        wait: how to wait for a number of seconds, where GitHub asks for patience.
    """

    name = STORE
    title = "GitHub secrets and variables"
    scope = Scope.ACCOUNT
    needs: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()

    def __init__(self, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._wait = wait

    def search(self, needle: Needle, scene: Scene) -> Iterator[Finding]:
        """Yield variables with the key, and names of secrets that may hold it.

        Raises:
            NotSetUp: there is no token, or nothing was named to look into.
            WrongUse: a target makes no sense.
            StoreRefused: nothing at all could be listed.
            StoreSilent: GitHub does not answer.
        """
        rest = github(scene.environment, wait=self._wait)
        yield from GitHubSearch(rest, scene.targets).run(needle)

    def spot(self, text: str) -> Spot:
        """Read `OWNER/REPO[@ENVIRONMENT][:PREFIX]`.

        Raises:
            WrongUse: it is none.
        """
        return spot_of(text)

    def held(self, spot: Spot, old_key_id: str, reach: Reach) -> Held:
        """Read the dates of the pair; the id too where it is kept as a variable.

        Raises:
            UnleakError: GitHub refused, or did not answer.
        """
        del old_key_id
        state = _state(self._rest(reach), place_of(spot))
        known = state.variable if is_key_id(state.variable) and not state.id_secret else None
        return Held(key_id=known, version=state.version, is_readable=False)

    def pair(self, spot: Spot, key_id: str, reach: Reach) -> KeyPair | None:
        """GitHub gives no secret back, so after a crash a lost one has to be made anew."""
        del spot, key_id, reach
        return None

    def write(self, spot: Spot, old_key_id: str, new: KeyPair, held: Held, reach: Reach) -> Written:
        """Seal both values with the repository's public key and store them.

        Source: https://docs.github.com/en/rest/guides/encrypting-secrets-for-the-rest-api

        Raises:
            Moved: one of the two was set since it was read.
            CannotSwap: the id is a variable that holds another key's id.
            NotInstalled: PyNaCl is missing.
            UnleakError: GitHub refused, or did not answer.
        """
        rest, place = self._rest(reach), place_of(spot)
        before = _state(rest, place)
        if before.version != held.version:
            message = f"github:{spot.location}: the key was set anew since it was read"
            raise Moved(message, hint="find out who sets it, then try again")
        is_variable = bool(before.id_variable) and not before.id_secret
        if is_variable and before.variable not in {old_key_id, new.key_id}:
            message = f"github:{spot.location}: the variable {place.id_name} is not {old_key_id}"
            raise CannotSwap(message, hint="name the prefix of the right one: OWNER/REPO:PREFIX")
        box = _Box(rest, place)
        box.put(place.secret_name, new.secret.reveal(), new)
        if is_variable:
            body = {"name": place.id_name, "value": new.key_id}
            rest.ask("PATCH", f"{place.root}/variables/{place.id_name}", body=body)
        else:
            box.put(place.id_name, new.key_id, new)
        after = _state(rest, place)
        _check(spot, before, after, new, is_variable=is_variable)
        way_back = _MADE if before.version is None else None
        return Written(version=after.version, way_back=way_back, reload=_RELOAD)

    def restore(self, spot: Spot, written: Written, reach: Reach) -> None:
        """Take away a pair that was made; what was there before cannot be read, so never put back.

        Raises:
            Moved: it has been set anew since.
            NoWayBack: there is no way back.
            UnleakError: GitHub refused, or did not answer.
        """
        if written.way_back != _MADE:
            message = f"github:{spot.location}: GitHub gives no former value back"
            raise NoWayBack(message, hint="write another key there with rotate --to")
        rest, place = self._rest(reach), place_of(spot)
        if _state(rest, place).version != written.version:
            message = f"github:{spot.location}: the key was set anew since it was written"
            raise Moved(message, hint="look at who set it before anything is deleted")
        for name in (place.id_name, place.secret_name):
            rest.ask("DELETE", f"{place.root}/secrets/{name}")

    def _rest(self, reach: Reach) -> Rest:
        return github(reach.environment, wait=self._wait)


class _Box:
    """Seals values so that only this repository can open them."""

    def __init__(self, rest: Rest, place: Place) -> None:
        self._rest = rest
        self._place = place
        told = rest.ask("GET", f"{place.root}/secrets/public-key").fields
        self._key_id = text(told, "key_id")
        self._public = text(told, "key")
        self._nacl = client_library("nacl.public", "github")

    def put(self, name: str, value: str, new: KeyPair) -> None:
        """Store one value under a name."""
        try:
            key = self._nacl.PublicKey(base64.b64decode(self._public, validate=True))
        except (ValueError, TypeError, self._nacl.exc.CryptoError):
            message = f"github:{self._place.location}: its public key makes no sense"
            raise CannotSwap(message, hint="try again; check GITHUB_API_URL") from None
        sealed: bytes = self._nacl.SealedBox(key).encrypt(value.encode())
        body = {"encrypted_value": base64.b64encode(sealed).decode(), "key_id": self._key_id}
        path = f"{self._place.root}/secrets/{name}"
        self._rest.ask("PUT", path, body=body, secrets=(new.secret,))


def _state(rest: Rest, place: Place) -> _State:
    id_secret = text(_one(rest, f"{place.root}/secrets/{place.id_name}"), "updated_at")
    # A token for secrets may well not see variables; that matters only where no secret has the id.
    variable = {} if id_secret else _one(rest, f"{place.root}/variables/{place.id_name}")
    return _State(
        secret=text(_one(rest, f"{place.root}/secrets/{place.secret_name}"), "updated_at"),
        id_secret=id_secret,
        id_variable=text(variable, "updated_at"),
        variable=text(variable, "value"),
    )


def _one(rest: Rest, path: str) -> Answer:
    """Return one secret's dates or one variable; empty where there is none.

    A repository that the token cannot see gives 404 too; then the first write says so.
    """
    try:
        return rest.ask("GET", path).fields
    except StoreRefused as error:
        if error.status != NO_SUCH_THING:
            raise
        return {}


def _check(spot: Spot, before: _State, after: _State, new: KeyPair, *, is_variable: bool) -> None:
    """Make sure that both parts have changed: nobody can read them back.

    Raises:
        StoreRefused: GitHub took them, and shows the old dates.
    """
    id_changed = (
        after.variable == new.key_id if is_variable else after.id_secret != before.id_secret
    )
    if after.secret == before.secret or not id_changed:
        message = f"github:{spot.location}: GitHub took the key, but shows no new date for it"
        hint = "look at the secrets' dates on GitHub, and write it again"
        raise StoreRefused(message, status=200, hint=hint)

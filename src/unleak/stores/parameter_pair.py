"""Two parameters of SSM that hold one key: `ssm:/app/key-id,/app/secret-key`.

There is no call that writes both, so readers may see the new secret with the old id for a moment.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from unleak.aws.answer import text
from unleak.errors import UnleakError, WrongUse
from unleak.model.rotation import Written
from unleak.model.secret import Secret
from unleak.stores.interface import CannotSwap, Held, KeyPair
from unleak.stores.parameter import put_back, put_over, read, version_of
from unleak.stores.regional import id_in, moved
from unleak.stores.swap import pair_in_map

if TYPE_CHECKING:
    from unleak.aws.answer import Answer
    from unleak.model.rotation import Spot
    from unleak.stores.interface import Reach
    from unleak.stores.look import Look


_SECRET: Final = re.compile(r"[A-Za-z0-9/+=]{40}")
"""What a secret access key looks like, so that nothing else is overwritten by mistake."""


def is_pair(spot: Spot) -> bool:
    """Whether a place is two parameters; no name of one has a comma in it."""
    return "," in spot.location


def halves(spot: Spot) -> tuple[Spot, Spot]:
    """Return the parameter of the id and that of the secret.

    Raises:
        WrongUse: these are not two names.
    """
    names = spot.location.split(",")
    if len(names) != 2 or not all(names) or names[0] == names[1]:  # noqa: PLR2004 - a pair
        message = f"{spot.label} does not name two parameters"
        raise WrongUse(message, hint="for example `--to ssm:/app/key-id,/app/secret-key`")
    return replace(spot, location=names[0]), replace(spot, location=names[1])


def neighbour(look: Look, name: str) -> str | None:
    """Return the parameter in the same folder that holds the secret of the id in `name`.

    Args:
        look: the search under way.
        name: of the parameter that holds the id and nothing else.
    """
    folder, slash, _ = name.rpartition("/")
    if not slash:
        return None
    try:
        values = {
            text(each, "Name"): text(each, "Value")
            for each in look.listed(
                "ssm",
                "get_parameters_by_path",
                "Parameters",
                Path=folder or "/",
                WithDecryption=True,
            )
        }
    except UnleakError:
        return None  # then it is told as one that has to be changed by hand
    named = {each.rsplit("/", 1)[-1]: value for each, value in values.items()}
    pair = pair_in_map(named, look.needle.key_id)
    if pair is None:
        return None
    found = [each for each, value in values.items() if value.strip() == pair.secret.reveal()]
    return found[0] if len(found) == 1 else None


def held_pair(spot: Spot, old_key_id: str, reach: Reach) -> Held:
    """Read both parameters.

    Raises:
        UnleakError: one of them cannot be read, or is not there.
    """
    identity, secret = _both(spot, reach)
    version = f"{version_of(identity)},{version_of(secret)}"
    return Held(key_id=id_in(text(identity, "Value"), old_key_id), version=version)


def read_pair(spot: Spot, key_id: str, reach: Reach) -> KeyPair | None:
    """Read the pair back from both parameters."""
    identity, secret = _both(spot, reach)
    if text(identity, "Value").strip() != key_id:
        return None
    return KeyPair(key_id=key_id, secret=Secret(text(secret, "Value").strip()))


def write_pair(spot: Spot, old_key_id: str, new: KeyPair, held: Held, reach: Reach) -> Written:
    """Put the new secret, then the new id; where that fails, the old secret is put back.

    Raises:
        Moved: one of them has been changed since.
        CannotSwap: they do not hold an id and a secret each, and nothing else.
        UnleakError: a write was refused, or got no answer.
    """
    of_id, of_secret = halves(spot)
    identity, secret = _both(spot, reach)
    if f"{version_of(identity)},{version_of(secret)}" != held.version:
        raise moved(spot)
    is_secret = _SECRET.fullmatch(text(secret, "Value").strip())
    if text(identity, "Value").strip() != old_key_id or is_secret is None:
        message = f"{spot.label} does not hold {old_key_id} and its secret, and nothing else"
        raise CannotSwap(message, hint="put the new key there by hand")
    second = put_over(of_secret, reach, secret, new.secret.reveal(), new)
    try:
        first = put_over(of_id, reach, identity, new.key_id, new)
    except UnleakError:
        if not _took(spot, new, reach):  # its answer may be all that was lost
            put_back(of_secret, reach, ours=second, before=version_of(secret))
        raise
    return Written(version=f"{first},{second}", way_back=held.version, reload="")


def _took(spot: Spot, new: KeyPair, reach: Reach) -> bool:
    """Whether the new id stands there although its write was not answered."""
    of_id, _ = halves(spot)
    identity = read(of_id, reach)
    return identity is not None and text(identity, "Value").strip() == new.key_id


def restore_pair(spot: Spot, written: Written, reach: Reach) -> None:
    """Put both values back from the history.

    Raises:
        Moved: there is a newer version of one of them than ours.
        UnleakError: it is not known what was there, or it was refused.
    """
    ours, before = (written.version or "").split(","), (written.way_back or "").split(",")
    both = list(zip(halves(spot), ours, before, strict=True))
    for half, version, _ in both:
        if version_of(read(half, reach) or {}) != version:
            raise moved(half)
    for half, version, earlier in reversed(both):
        put_back(half, reach, ours=version, before=earlier)


def _both(spot: Spot, reach: Reach) -> tuple[Answer, Answer]:
    found = []
    for half in halves(spot):
        parameter = read(half, reach)
        if parameter is None:
            message = f"there is no parameter {half.location}"
            raise UnleakError(message, hint="look at the name and the region")
        found.append(parameter)
    return found[0], found[1]

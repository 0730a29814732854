"""Places that live in one region, as the command line names them: `NAME@REGION`, or an ARN."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from unleak.errors import WrongUse
from unleak.evidence.key_id import account_of
from unleak.model.rotation import Spot
from unleak.model.secret import Secret
from unleak.stores.interface import Moved

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unleak.stores.interface import KeyPair

_AT_REGION: Final = re.compile(r"(?P<name>.+)@(?P<region>[a-z]{2,5}(?:-[a-z]+)+-\d{1,2})")
_ARN: Final = re.compile(r"arn:[^:]+:[^:]+:(?P<region>[a-z0-9-]+):\d{12}:.+")
_KEY_ID: Final = re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])")
_SHORTEST_SECRET: Final = 8


def regional_spot(store: str, text: str) -> Spot:
    """Read `NAME`, `NAME@REGION` or an ARN; an `@` that no region follows is part of the name.

    Raises:
        WrongUse: there is no name.
    """
    match = _AT_REGION.fullmatch(text)
    name, region = (match["name"], match["region"]) if match else (text, None)
    in_arn = _ARN.fullmatch(name)
    if in_arn and region is None:
        region = in_arn["region"]
    if not name.strip() or not name.isprintable():
        message = f"`--to {store}:` needs the name of a place"
        raise WrongUse(message, hint=f"for example `--to {store}:NAME` or `{store}:NAME@REGION`")
    return Spot(store=store, location=name, region=region)


def id_in(text: str, old_key_id: str) -> str | None:
    """Return the key id that stands in a place: the old one while it is there, else its successor.

    Where several others stand there, the one of the old key's account; None where that is not sure.

    Args:
        text: the whole content of the place.
        old_key_id: the key that is replaced.
    """
    if old_key_id in text:
        return old_key_id
    found = set(_KEY_ID.findall(text))
    if len(found) > 1:
        owner = account_of(old_key_id)
        found = {each for each in found if owner is not None and account_of(each) == owner}
    return found.pop() if len(found) == 1 else None


def unshown(new: KeyPair | None, values: Iterable[str]) -> tuple[Secret, ...]:
    """Return what no message about a write may show: the new secret, and what is written beside it.

    Lambda repeats an environment that is too large in its refusal; what is shorter than a password
    stays, or every `1` of a message would go.
    """
    beside = (Secret(value) for value in values if len(value) >= _SHORTEST_SECRET)
    return (*beside,) if new is None else (new.secret, *beside)


def moved(spot: Spot) -> Moved:
    """Return that somebody else has changed a place since it was read."""
    message = f"{spot.label} was changed by somebody else since it was read"
    return Moved(message, hint="nothing of theirs was overwritten; read it again and retry")

"""Which key stands in a map of names to texts: the one that is replaced, or another one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from unleak.evidence.key_id import is_key_id
from unleak.stores.interface import CannotSwap
from unleak.stores.swap import ID_NAME, SECRET_NAME, fresh_map, swap_in_map

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.stores.interface import KeyPair

_USER_KEY: Final = re.compile(r"(?<![A-Z0-9])AKIA[A-Z0-9]{16}(?![A-Z0-9])")


def id_in_map(values: Mapping[str, str], old_key_id: str) -> str | None:
    """Return the id that stands there; None where there is none, or it is not sure which counts.

    Args:
        values: an environment, or the fields of a secret.
        old_key_id: the key to replace, which counts before all others.
    """
    if any(old_key_id in value for value in values.values()):
        return old_key_id
    named = values.get(ID_NAME, "")
    if is_key_id(named):
        return named
    found = {each for value in values.values() for each in _USER_KEY.findall(value)}
    return found.pop() if len(found) == 1 else None


def renewed(values: Mapping[str, str], old_key_id: str, new: KeyPair) -> dict[str, str]:
    """Return what has to be written so that the new pair stands there: only what differs.

    Where nothing stands, the pair is added under the names that every SDK reads.

    Args:
        values: what stands there.
        old_key_id: the key to replace.
        new: what takes its place.

    Raises:
        CannotSwap: the old pair cannot be told from the rest, or another key has the names.
    """
    if any(old_key_id in value for value in values.values()):
        after = swap_in_map(values, old_key_id, new)
        return {name: value for name, value in after.items() if values[name] != value}
    taken = [name for name in (ID_NAME, SECRET_NAME) if name in values]
    if taken:
        message = f"{' and '.join(taken)} there are not {old_key_id}'s, so nothing was replaced"
        raise CannotSwap(message, hint="name a place that holds the key, or an empty one")
    return fresh_map(new)

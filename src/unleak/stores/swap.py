"""Put a new key in the place of an old one, in a text or in a map of texts; pure.

Which secret belongs to an id is decided by the reader of pastes, which knows the formats that
people and programs write; where it is not sure, nothing is replaced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from unleak.evidence.paste import extract
from unleak.stores.interface import CannotSwap, KeyPair

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.model.secret import Secret

ID_NAME: Final = "AWS_ACCESS_KEY_ID"
SECRET_NAME: Final = "AWS_SECRET_ACCESS_KEY"  # noqa: S105 - a name, no secret


def fresh_map(new: KeyPair) -> dict[str, str]:
    """Return a key under the names that every AWS SDK reads, for a place that holds nothing yet.

    Source: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html
    """
    return {ID_NAME: new.key_id, SECRET_NAME: new.secret.reveal()}


def pair_in_text(text: str, key_id: str) -> KeyPair | None:
    """Return the key with its secret as they stand in a text; None where that is not sure.

    Args:
        text: the whole content of the place.
        key_id: whose secret is wanted.
    """
    secrets = {
        each.secret
        for each in extract(text).found
        if each.access_key_id == key_id and each.secret is not None
    }
    if len(secrets) != 1:
        return None
    return KeyPair(key_id=key_id, secret=secrets.pop())


def swap_in_text(text: str, old_key_id: str, new: KeyPair) -> str:
    """Return the text with the new id and secret wherever the old ones stand.

    Args:
        text: the whole content of the place.
        old_key_id: the key to replace.
        new: what takes its place.

    Raises:
        CannotSwap: the old secret does not stand beside its id, or not in a way that is understood.
    """
    old = pair_in_text(text, old_key_id)
    if old is None:
        raise _not_sure(old_key_id)
    swapped = _replaced(text, old, new)
    # The proof that the result will be read as it is meant; a partial swap is worse than none.
    if swapped is None or pair_in_text(swapped, new.key_id) != new:
        raise _not_sure(old_key_id)
    return swapped


def pair_in_map(values: Mapping[str, str], key_id: str) -> KeyPair | None:
    """Return the key with its secret as they stand in a map of names to texts.

    Args:
        values: an environment, or the fields of a secret.
        key_id: whose secret is wanted.
    """
    return pair_in_text(_as_text(values), key_id)


def swap_in_map(values: Mapping[str, str], old_key_id: str, new: KeyPair) -> dict[str, str]:
    """Return the map with the new id and secret in every value that holds the old ones.

    Args:
        values: an environment, or the fields of a secret; names are kept, and their order.
        old_key_id: the key to replace.
        new: what takes its place.

    Raises:
        CannotSwap: which value is the old secret cannot be told.
    """
    old = pair_in_map(values, old_key_id)
    if old is None:
        raise _not_sure(old_key_id)
    swapped = {name: _replaced_part(value, old, new) for name, value in values.items()}
    if pair_in_map(swapped, new.key_id) != new:
        raise _not_sure(old_key_id)
    return swapped


def _as_text(values: Mapping[str, str]) -> str:
    return "\n".join(f"{name}={value}" for name, value in values.items())


def _replaced(text: str, old: KeyPair, new: KeyPair) -> str | None:
    """Replace both parts; None where the secret stands in a spelling that is not known here."""
    swapped = _replaced_part(text, old, new)
    return None if old.key_id in swapped or swapped == text else swapped


def _replaced_part(text: str, old: KeyPair, new: KeyPair) -> str:
    swapped = text.replace(old.key_id, new.key_id)
    for spelling in _SPELLINGS:
        swapped = swapped.replace(spelling(old.secret), spelling(new.secret))
    return swapped


def _plain(secret: Secret) -> str:
    return secret.reveal()


def _in_json(secret: Secret) -> str:
    """PHP and some other writers of JSON escape the slash, which is one in 32 characters here."""
    return secret.reveal().replace("/", "\\/")


def _in_url(secret: Secret) -> str:
    return quote(secret.reveal(), safe="")


_SPELLINGS: Final = (_plain, _in_json, _in_url)
"""How a secret may be written down; a secret without odd characters looks the same in all."""


def _not_sure(key_id: str) -> CannotSwap:
    message = f"which secret there belongs to {key_id} cannot be told, so nothing was replaced"
    hint = "put the new key there by hand, or name another place with --to"
    return CannotSwap(message, hint=hint)

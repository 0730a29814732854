"""Read a target in Vault: `vault:MOUNT/creds/ROLE`, `.../ROLE/LEASE`, `.../config/root`; pure."""

from __future__ import annotations

import re
from typing import Final

from unleak.errors import WrongUse
from unleak.evidence.clean import printable, redact
from unleak.model.vault import VaultPlace, VaultTarget

PREFIX: Final = "vault:"
_FORMS: Final = (
    "give vault:MOUNT/creds/ROLE, vault:MOUNT/sts/ROLE, either with /LEASE at the end, "
    "vault:MOUNT/static-creds/NAME or vault:MOUNT/config/root"
)
_PART: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_.@-]{0,126}[A-Za-z0-9_])?"
_MOUNT: Final = rf"(?P<mount>{_PART}(?:/{_PART}){{0,15}}?)"
_ROLE: Final = re.compile(
    rf"{_MOUNT}/(?P<place>creds|sts|static-creds)/(?P<name>{_PART})(?:/(?P<lease>{_PART}))?",
    re.ASCII,
)
_ROOT: Final = re.compile(rf"{_MOUNT}/config/root", re.ASCII)
_SHOWN: Final = 80


def is_vault(word: str) -> bool:
    """Whether a word on the command line points into Vault."""
    return word.strip().startswith(PREFIX)


def parse_vault(text: str) -> VaultTarget:
    """Return what such a word points at.

    The last part that is spelled `creds`, `sts` or `static-creds` and has a name after it is taken,
    so a mount may have slashes.  Names are Vault's own: letters, digits and `_ . @ -`.
    Source: https://developer.hashicorp.com/vault/api-docs/secret/aws

    Raises:
        WrongUse: it is none of the forms.
    """
    word = text.strip().removeprefix(PREFIX).strip("/")
    root = _ROOT.fullmatch(word)
    if root is not None:
        return VaultTarget(mount=root["mount"], place=VaultPlace.ROOT)
    role = _ROLE.fullmatch(word)
    if role is None or (role["place"] == VaultPlace.STATIC and role["lease"] is not None):
        shown = printable(redact(text), limit=_SHOWN)
        message = f"not a target in Vault: '{shown}'"
        raise WrongUse(message, hint=_FORMS)
    return VaultTarget(
        mount=role["mount"],
        place=VaultPlace(role["place"]),
        name=role["name"],
        lease=role["lease"],
    )

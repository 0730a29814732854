"""Whether Vault issued what leaked: by its own key, its static roles, and its names' leases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.credential import CredentialKind
from unleak.model.vault import VaultPlace, VaultTarget, VaultType
from unleak.vault.case import Leased, OwnKey, VaultCase
from unleak.vault.look import VaultLook
from unleak.vault.names import issued_name, leases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.model.credential import Credential
    from unleak.model.ports import Reader
    from unleak.model.vault_ports import VaultReader
    from unleak.vault.case import VaultFinding
    from unleak.vault.names import IssuedName


def names_vault(credential: Credential) -> IssuedName | None:
    """Return what the name of a user or session tells, where Vault may have made it; pure."""
    name = credential.session_name
    if name is None and credential.principal is not None:
        name = credential.principal.name
    return None if name is None else issued_name(name)


def is_worth_asking(credential: Credential) -> bool:
    """Whether Vault could know a credential: a user's key, or a name like those it makes."""
    is_key = credential.kind is CredentialKind.USER_KEY and credential.access_key_id is not None
    return is_key or names_vault(credential) is not None


class Issued:
    """Asks one Vault about what leaked.

    Args:
        vault: reads only.
        reader: tells whose a key is.
    """

    def __init__(self, vault: VaultReader, reader: Reader) -> None:
        self._vault = vault
        self._look = VaultLook(vault, reader)
        self._told: list[tuple[str, str]] = []

    def among(self, credentials: tuple[Credential, ...]) -> VaultCase:
        """Return what Vault knows of them.

        Raises:
            UnleakError: Vault does not answer at all.
        """
        asked = tuple(filter(is_worth_asking, credentials))
        mounts = self._vault.mounts() if asked else ()
        findings = tuple(
            found for each in asked for mount in mounts for found in self._at(each, mount)
        )
        return VaultCase(findings=findings, notes=self._look.notes, told=tuple(self._told))

    def _at(self, credential: Credential, mount: str) -> Iterator[VaultFinding]:
        key_id = credential.access_key_id
        if credential.kind is CredentialKind.USER_KEY and key_id is not None:
            if self._vault.root(mount).key_id == key_id:
                self._tell(credential, f"it is the key that vault:{mount} itself works with")
                yield self._own(mount, credential, key_id)
                return
            yield from self._static(mount, credential, key_id)
        issued = names_vault(credential)
        if issued is not None:
            yield from self._leased(mount, credential, issued)

    def _own(self, mount: str, credential: Credential, key_id: str) -> OwnKey:
        if credential.principal is None:
            return self._look.own_key(mount)
        trial = self._look.trial(mount)
        return OwnKey(mount=mount, user=credential.principal.name, key_id=key_id, trial=trial)

    def _static(self, mount: str, credential: Credential, key_id: str) -> Iterator[VaultFinding]:
        """Yield the static role whose key it is; one that only was its key needs no rotation."""
        user = None if credential.principal is None else credential.principal.name
        for name in self._vault.static_roles(mount):
            role = self._vault.static_role(mount, name)
            if role is None or role.user != user:
                continue
            if role.key_id == key_id:
                self._tell(credential, f"it is the key of {role.label}")
                yield self._look.static(
                    VaultTarget(mount=mount, place=VaultPlace.STATIC, name=name)
                )
            else:
                words = f"{role.label} is of the same user and has another key: it stays"
                self._tell(credential, words)

    def _leased(
        self, mount: str, credential: Credential, issued: IssuedName
    ) -> Iterator[VaultFinding]:
        for name in self._vault.roles(mount):
            role = self._vault.role(mount, name)
            if role is None or not issued.may_be_of(name):
                continue
            for place in (VaultPlace.CREDS, VaultPlace.STS):
                type_ = role.type_at(place)
                path = f"{mount}/{place}/{name}"
                fitting = leases_of(issued, self._look.leases(path) or ())
                if not fitting or not _fits(credential, type_):
                    continue
                if len(fitting) > 1:
                    which = ", ".join(f"vault:{each.id}" for each in fitting)
                    words = f"its lease is one of these, nobody can tell which: {which}"
                    self._tell(credential, words)
                    continue
                self._tell(credential, f"Vault issued it: its lease is vault:{fitting[0].id}")
                consumer = issued.consumer(name)
                yield Leased(
                    path=path,
                    type=type_,
                    lease=fitting[0].id,
                    users=(issued.name,) if type_ is VaultType.IAM_USER else (),
                    role_arns=role.role_arns,
                    consumers=() if consumer is None else (consumer,),
                    lease_count=1,
                )

    def _tell(self, credential: Credential, words: str) -> None:
        self._told.append((credential.label, words))


def _fits(credential: Credential, type_: VaultType | None) -> bool:
    """Whether a role that gives out this type can have given out this kind."""
    match credential.kind:
        case CredentialKind.USER_KEY:
            return type_ is VaultType.IAM_USER
        case CredentialKind.ROLE_SESSION:
            return type_ is VaultType.ASSUMED_ROLE
        case CredentialKind.FEDERATED_SESSION:
            return type_ is VaultType.FEDERATION_TOKEN
        case _:
            return type_ is not None

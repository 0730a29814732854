"""Look up in Vault what a target names, and in AWS whose it is; reads only."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar, assert_never

from unleak.errors import UnleakError, WrongUse
from unleak.identify.questions import Failed, Told, answer
from unleak.model.credential import Credential, CredentialKind, How
from unleak.model.principal import Principal, PrincipalType, parse_arn
from unleak.model.vault import VaultLease, VaultPlace, VaultType
from unleak.vault.case import Leased, OwnKey, Static, VaultCase
from unleak.vault.names import is_default, issued_name, users_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from unleak.model.ports import Reader
    from unleak.model.vault import VaultRole, VaultTarget
    from unleak.model.vault_ports import VaultReader
    from unleak.vault.case import VaultFinding

T = TypeVar("T")

MOST_LEASES = 500
"""Leases of one role that are looked at one by one; one call each."""


class VaultLook:
    """One look at one target.

    Args:
        vault: reads only.
        reader: tells whose a key is, and which users there are.
    """

    def __init__(self, vault: VaultReader, reader: Reader) -> None:
        self._vault = vault
        self._reader = reader
        self._notes: list[str] = []

    def at(self, target: VaultTarget) -> VaultCase:
        """Return what is there.

        Raises:
            WrongUse: there is nothing there.
            UnleakError: Vault, or AWS, does not let us look.
        """
        found, credentials = self._at(target)
        return VaultCase(findings=(found,), credentials=credentials, notes=self.notes)

    def _at(self, target: VaultTarget) -> tuple[VaultFinding, tuple[Credential, ...]]:
        match target.place:
            case VaultPlace.ROOT:
                own = self.own_key(target.mount)
                return own, (key_of(own.user, own.key_id),)
            case VaultPlace.STATIC:
                static = self.static(target)
                return static, self._of_static(static)
            case VaultPlace.CREDS | VaultPlace.STS:
                leased = self._leased(target)
                return leased, self._of_leased(leased, target.mount)
            case _:
                assert_never(target.place)

    def own_key(self, mount: str) -> OwnKey:
        """Return the key that an engine works with, and whose it is."""
        key_id = self._vault.root(mount).key_id
        if key_id is None:
            message = f"the engine vault:{mount} has no access key of its own"
            hint = "it signs in by a role or a web identity: `unleak revoke role/NAME` cuts that"
            raise WrongUse(message, hint=hint)
        user = self._reader.key_use(key_id).user
        if user is None:
            message = f"AWS does not say whose {key_id} is, the key of vault:{mount}"
            raise UnleakError(message, hint="is it a key of another account?")
        return OwnKey(mount=mount, user=user, key_id=key_id, trial=self.trial(mount))

    def static(self, target: VaultTarget) -> Static:
        """Return a static role, and how it can be rotated."""
        role = self._vault.static_role(target.mount, target.name)
        if role is None:
            raise _nothing(target)
        path = self._heard(
            lambda: self._vault.rotate_path(target.mount, target.name), "how to rotate it"
        )
        return Static(role=role, rotate_path=path)

    def leases(self, path: str) -> tuple[VaultLease, ...] | None:
        """Return the leases of a role with their times, None where they cannot be listed."""
        ids = self._heard(lambda: self._vault.leases(path), f"the leases of vault:{path}")
        if ids is None:
            return None
        if len(ids) > MOST_LEASES:
            self._notes.append(f"vault:{path} has {len(ids)} leases; {MOST_LEASES} were looked at")
        found = (
            self._heard(partial(self._vault.lease, each), f"the lease vault:{each}")
            for each in ids[:MOST_LEASES]
        )
        return tuple(each for each in found if each is not None)

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be read."""
        return tuple(dict.fromkeys(self._notes))

    def _leased(self, target: VaultTarget) -> Leased:
        role = self._vault.role(target.mount, target.name)
        if role is None:
            raise _nothing(target)
        type_ = role.type_at(target.place)
        self._notes += [
            f"Vault's role gives out '{each}', which unleak does not know"
            for each in role.unknown_types
        ]
        if target.lease is not None:
            return self._one(target, role, type_)
        prefixes, leases = self._all(target, role)
        is_user = type_ is VaultType.IAM_USER
        users, strays = self._users(role, leases or ()) if is_user else ((), ())
        self._notes += [
            f"user/{each} looks as if this role had made it, but no lease fits: look at it"
            for each in strays
        ]
        return Leased(
            path=target.path,
            type=type_,
            prefixes=prefixes,
            users=users,
            role_arns=role.role_arns,
            consumers=_consumers(users, role.name),
            lease_count=None if leases is None else len(leases),
        )

    def _one(self, target: VaultTarget, role: VaultRole, type_: VaultType | None) -> Leased:
        lease_id = f"{target.path}/{target.lease}"
        lease = self._vault.lease(lease_id)
        if lease is None:
            message = f"Vault has no lease {target.label}: it has run out, or was revoked"
            hint = f"its credentials may live on: `unleak revoke vault:{target.path}` cuts the role"
            raise WrongUse(message, hint=hint)
        users = self._users(role, (lease,))[0] if type_ is VaultType.IAM_USER else ()
        if len(users) > 1:
            self._notes.append(
                f"{' and '.join(f'user/{each}' for each in users)} were made at the time of this "
                "lease: which one is its own is not known, so AWS was not asked to cut them"
            )
            users = ()
        return Leased(
            path=target.path,
            type=type_,
            lease=lease_id,
            users=users,
            role_arns=role.role_arns,
            consumers=_consumers(users, role.name),
            lease_count=1,
        )

    def _all(
        self, target: VaultTarget, role: VaultRole
    ) -> tuple[tuple[str, ...], tuple[VaultLease, ...] | None]:
        """Return where the role's leases lie, and they; it is read at `creds` and at `sts`."""
        prefixes: list[str] = []
        listed: list[VaultLease] = []
        is_complete = True
        for place in (VaultPlace.CREDS, VaultPlace.STS):
            path = f"{role.mount}/{place}/{role.name}"
            leases = self.leases(path)
            if leases or (leases is None and place is target.place):
                prefixes.append(path)
            listed += leases or ()
            is_complete = is_complete and leases is not None
        return tuple(prefixes), tuple(listed) if is_complete else None

    def _users(
        self, role: VaultRole, leases: tuple[VaultLease, ...]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        root = self._heard(lambda: self._vault.root(role.mount), f"vault:{role.mount}/config/root")
        if root is not None and not is_default(root.username_template):
            self._notes.append(
                "Vault names its users by a template of your own, so which users are the leases' "
                "is not known: Vault deletes them, and nothing was read back"
            )
            return (), ()
        names = self._heard(self._reader.users, "the users of the account")
        return users_of(role.name, names or (), leases)

    def _of_static(self, found: Static) -> tuple[Credential, ...]:
        if found.role.key_id is None:
            self._notes.append(f"Vault has no key for {found.role.label} now")
            return ()
        return (key_of(found.role.user, found.role.key_id),)

    def _of_leased(self, found: Leased, mount: str) -> tuple[Credential, ...]:
        match found.type:
            case VaultType.IAM_USER:
                return tuple(_principal(PrincipalType.USER, each) for each in found.users)
            case VaultType.ASSUMED_ROLE:
                return tuple(filter(None, map(self._role, found.role_arns)))
            case VaultType.FEDERATION_TOKEN | VaultType.SESSION_TOKEN:
                return (_sessions_of(self.own_key(mount).user),)
            case None:
                return ()
            case _:
                assert_never(found.type)

    def _role(self, arn: str) -> Credential | None:
        """Return all sessions of a role, None where Vault names something that is no role."""
        try:
            principal = parse_arn(arn).principal
        except WrongUse as error:
            self._notes.append(f"Vault's role names what cannot be cut: {error.message}")
            return None
        return Credential(
            access_key_id=None,
            kind=CredentialKind.PRINCIPAL,
            account=principal.account,
            partition=principal.partition,
            principal=principal,
            how=(How.VAULT,),
        )

    def trial(self, mount: str) -> str | None:
        """Return a role whose credentials can be taken without asking anybody anything."""
        names = self._heard(partial(self._vault.roles, mount), f"the roles of vault:{mount}")
        for name in names or ():
            role = self._heard(partial(self._vault.role, mount, name), f"the role {name}")
            type_ = None if role is None else role.type_at(VaultPlace.CREDS)
            if role is not None and type_ in {VaultType.IAM_USER, VaultType.ASSUMED_ROLE}:
                return f"{mount}/{VaultPlace.CREDS}/{name}"
        return None

    def _heard(self, call: Callable[[], T], what: str) -> T | None:
        """Ask, and note where there was no answer."""
        told = answer(call)
        match told:
            case Told(value=value):
                return value
            case Failed(error=error):
                self._notes.append(f"{what} could not be read: {error.message}")
                return None


def key_of(user: str, key_id: str) -> Credential:
    """Return the credential that stands for a key that Vault named."""
    return Credential(
        access_key_id=key_id,
        kind=CredentialKind.USER_KEY,
        principal=Principal(type=PrincipalType.USER, name=user),
        how=(How.VAULT,),
    )


def _principal(type_: PrincipalType, name: str) -> Credential:
    return Credential(
        access_key_id=None,
        kind=CredentialKind.PRINCIPAL,
        principal=Principal(type=type_, name=name),
        how=(How.VAULT,),
    )


def _sessions_of(user: str) -> Credential:
    """Return the sessions of Vault's own user: what it federates hangs on it too.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
    """
    return Credential(
        access_key_id=None,
        kind=CredentialKind.USER_SESSION,
        principal=Principal(type=PrincipalType.USER, name=user),
        how=(How.VAULT,),
        notes=("a federation or session token of Vault's: the deny sits on Vault's own user",),
    )


def _consumers(users: tuple[str, ...], role: str) -> tuple[str, ...]:
    issued = filter(None, map(issued_name, users))
    names = (each.consumer(role) for each in issued)
    return tuple(dict.fromkeys(name for name in names if name))


def _nothing(target: VaultTarget) -> WrongUse:
    message = f"Vault has nothing at {target.label}"
    return WrongUse(
        message, hint=f"look at `vault list {target.mount}/roles`, and check VAULT_NAMESPACE"
    )

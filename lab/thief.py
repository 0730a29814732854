"""A thief with IAM rights who fights back, on the lagging cloud; for tests only.

Every few seconds he looks whether he is still in; twice a second he looks at the policies of what
he holds and undoes the responder's work, as public persistence tools do.  What he does beyond that
is switched on strategy by strategy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lab.cloud import ALLOW_ALL, compact
from lab.lagging.cloud import LaggingCloud, Refusal
from lab.wire import Keys

_HERE = "us-east-1"
POLICY_SECONDS = 0.5
ACCESS_SECONDS = 5.0
_PASSWORD = "not-a-real-one-1!"  # noqa: S105 - made up
_OWN_POLICY = "work"
"""The policy that gives the principal its power: never taken for a deny."""
_MOST = 3
"""Identities of a kind that he makes: one more changes nothing, and a run stays short."""


class Strategy(StrEnum):
    """What the thief does, beyond using what he has."""

    STRIP = "strip"
    """Deletes inline policies, detaches managed ones, deletes the boundary, leaves groups."""
    REACTIVATE = "reactivate"
    """Turns the key on again."""
    REMINT = "remint"
    """Opens new sessions of the same principal all the time."""
    KEYS = "keys"
    """Makes access keys: for the principal, and for other users."""
    USERS = "users"
    """Makes users with a key and all rights."""
    ROLES = "roles"
    """Makes roles that let him in from outside."""
    LOGIN_PROFILES = "login-profiles"
    """Gives a user a password."""
    JUGGLE = "juggle"
    """Makes two roles that may assume one another, and goes round in a circle."""
    BACKDOOR = "backdoor"
    """Makes a role that lets him in, before anybody has noticed."""


EVERYTHING = frozenset(Strategy)


@dataclass(frozen=True, slots=True)
class Loot:
    """One credential that he holds, and whose it is."""

    keys: Keys
    holder: str
    """`role/NAME` or `user/NAME`."""


@dataclass(slots=True, kw_only=True)
class Thief:
    """One thief on one cloud.

    Args:
        cloud: where he is.
        leaked: what he stole.
        holder: `role/NAME` or `user/NAME`: whose it is.
        strategies: what he does.
    """

    cloud: LaggingCloud
    leaked: Keys
    holder: str
    strategies: frozenset[Strategy]
    loot: list[Loot] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    """`user/NAME`, `role/NAME` and key ids that he has made."""
    is_active: bool = True
    bystander: str = "alice"
    """A user who was there before."""
    passwords: list[str] = field(default_factory=list)
    """Users whom he has given a password."""
    _numbers: dict[str, int] = field(default_factory=dict)
    _dead: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.loot.append(Loot(self.leaked, self.holder))

    @property
    def key_ids(self) -> frozenset[str]:
        """Every credential that he has ever held."""
        return frozenset(each.keys.access_key_id for each in self.loot)

    def start(self) -> None:
        """Make what he makes before anybody notices, and begin his loops."""
        if Strategy.BACKDOOR in self.strategies:
            self._make_role()
        self.cloud.clock.every(POLICY_SECONDS, self.fight)
        self.cloud.clock.every(ACCESS_SECONDS, self.look)

    def look(self) -> None:
        """Try everything he holds on data, and come in again from outside where he can."""
        if not self.is_active:
            return
        self._come_in()
        self._dead.clear()
        for each in self._recent():
            self._try(each.keys, "s3", "ListBuckets")

    def fight(self) -> None:
        """Undo what the responder did, then spread, with whatever still works."""
        if not self.is_active:
            return
        self._sort_out()
        for each in self._recent():
            if self._strip_all(each.keys):
                self._sort_out()
                break
        for strategy, act in (
            (Strategy.REMINT, self._remint),
            (Strategy.KEYS, self._make_key),
            (Strategy.USERS, self._make_user),
            (Strategy.ROLES, self._make_role),
            (Strategy.LOGIN_PROFILES, self._make_password),
            (Strategy.JUGGLE, self._juggle),
        ):
            if strategy in self.strategies:
                act()

    def _recent(self) -> tuple[Loot, ...]:
        """The newest first: the older a credential, the likelier it is dead; the first is kept."""
        newest = (*reversed(self.loot[-8:]), *self.loot[:1])
        return tuple(each for each in newest if each.keys.access_key_id not in self._dead)

    def _sort_out(self) -> None:
        """Leave out what is refused everything just now: asking it all again finds nothing else.

        He could find out by himself, with calls that take most of the time of a run.
        """
        self._dead.clear()
        self._dead.update(
            each.keys.access_key_id
            for each in self._recent()
            if not self.cloud.is_alive(each.keys, _HERE)
        )

    def _try(self, keys: Keys, service: str, operation: str, **parameters: object) -> bool:
        try:
            self.cloud.call(keys, service, operation, _HERE, **parameters)
        except Refusal:
            return False
        return True

    def _ask(
        self, keys: Keys, operation: str, name: str, **parameters: object
    ) -> tuple[str, ...] | None:
        """Return a list of names or of structures' names; None where he may not look."""
        try:
            found = self.cloud.call(keys, "iam", operation, _HERE, **parameters).get(name, ())
        except Refusal:
            return None
        return tuple(_name_of(each) for each in found) if isinstance(found, Iterable) else ()

    def _strip_all(self, keys: Keys) -> bool:
        """Strip the stolen principal and everything he made; False where he may not even look."""
        if not self.strategies & {Strategy.STRIP, Strategy.REACTIVATE}:
            return True
        holders = dict.fromkeys((self.holder, *(each.holder for each in self.loot)))
        return all(self._strip(keys, *label.split("/", 1)) for label in holders)

    def _strip(self, keys: Keys, kind: str, name: str) -> bool:
        who = {f"{kind.capitalize()}Name": name}
        title = kind.capitalize()
        inline = self._ask(keys, f"List{title}Policies", "PolicyNames", **who)
        if inline is None:
            return False
        if Strategy.STRIP in self.strategies:
            for policy in inline:
                if policy != _OWN_POLICY:
                    self._try(keys, "iam", f"Delete{title}Policy", PolicyName=policy, **who)
            attached = self._ask(keys, f"ListAttached{title}Policies", "AttachedPolicies", **who)
            for arn in attached or ():
                self._try(keys, "iam", f"Detach{title}Policy", PolicyArn=arn, **who)
            self._try(keys, "iam", f"Delete{title}PermissionsBoundary", **who)
        if kind == "user":
            self._free_user(keys, name)
        return True

    def _free_user(self, keys: Keys, name: str) -> None:
        if Strategy.STRIP in self.strategies:
            for group in self._ask(keys, "ListGroupsForUser", "Groups", UserName=name) or ():
                self._try(keys, "iam", "RemoveUserFromGroup", UserName=name, GroupName=group)
        if Strategy.REACTIVATE in self.strategies:
            for key_id in (
                self._ask(keys, "ListAccessKeys", "AccessKeyMetadata", UserName=name) or ()
            ):
                self._try(
                    keys,
                    "iam",
                    "UpdateAccessKey",
                    UserName=name,
                    AccessKeyId=key_id,
                    Status="Active",
                )

    def _remint(self) -> None:
        kind, name = self.holder.split("/", 1)
        for each in self._recent():
            if kind == "role":
                if self._assume(each.keys, name, self.holder):
                    return
            elif self._mint(each.keys, "GetSessionToken") or self._mint(
                each.keys, "GetFederationToken", Name="notyet", Policy=ALLOW_ALL
            ):
                return

    def _assume(self, keys: Keys, role: str, holder: str) -> bool:
        arn = f"arn:aws:iam::{self.cloud.account}:role/{role}"
        return self._mint(keys, "AssumeRole", holder=holder, RoleArn=arn, RoleSessionName="notyet")

    def _mint(
        self, keys: Keys, operation: str, *, holder: str | None = None, **parameters: object
    ) -> bool:
        try:
            answer = self.cloud.call(keys, "sts", operation, _HERE, **parameters)
        except Refusal:
            return False
        self.loot.append(Loot(_keys_of(answer["Credentials"]), holder or self.holder))
        return True

    def _make_key(self) -> None:
        """Make a key for the stolen user, and for every other one that there is."""
        if self._count("key") >= _MOST:
            return
        for each in self._recent():
            users = self._ask(each.keys, "ListUsers", "Users")
            if users is None:
                continue
            for user in users:
                if user not in {"responder", "admin"} and self._new_key(each.keys, user):
                    self._numbers["key"] = self._count("key") + 1
            return

    def _new_key(self, keys: Keys, user: str) -> bool:
        try:
            answer = self.cloud.call(keys, "iam", "CreateAccessKey", UserName=user)
        except Refusal:
            return False
        made = answer["AccessKey"]
        if not isinstance(made, Mapping):
            return False
        key = Keys(access_key_id=str(made["AccessKeyId"]), secret=str(made["SecretAccessKey"]))
        self.loot.append(Loot(key, f"user/{user}"))
        self.made.append(key.access_key_id)
        return True

    def _make_user(self) -> None:
        name = self._next("user")
        if name is None:
            return
        for each in self._recent():
            if self._try(each.keys, "iam", "CreateUser", UserName=name):
                self.made.append(f"user/{name}")
                self._try(
                    each.keys,
                    "iam",
                    "PutUserPolicy",
                    UserName=name,
                    PolicyName=_OWN_POLICY,
                    PolicyDocument=ALLOW_ALL,
                )
                self._new_key(each.keys, name)
                return
        self._numbers["user"] -= 1

    def _make_role(self, trusted: str | None = None) -> None:
        name = self._next("role")
        if name is None:
            return
        if not any(self._new_role(each.keys, name, trusted) for each in self._recent()):
            self._numbers["role"] -= 1

    def _new_role(self, keys: Keys, name: str, trusted: str | None = None) -> bool:
        principals = [trusted or "arn:aws:iam::999999999999:root", self._account_root]
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": principals},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
        if not self._try(
            keys, "iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=compact(trust)
        ):
            return False
        self.made.append(f"role/{name}")
        self._try(
            keys,
            "iam",
            "PutRolePolicy",
            RoleName=name,
            PolicyName=_OWN_POLICY,
            PolicyDocument=ALLOW_ALL,
        )
        return True

    @property
    def _account_root(self) -> str:
        return f"arn:aws:iam::{self.cloud.account}:root"

    def _come_in(self) -> None:
        """Open sessions of the roles that he made, from outside the account."""
        for label in self.made:
            if label.startswith("role/"):
                self._assume(self.cloud.outsider_keys, label.removeprefix("role/"), label)

    def _make_password(self) -> None:
        """Give the stolen user a password; who stole a role gives one to somebody else."""
        if self._count("password"):
            return
        kind, name = self.holder.split("/", 1)
        if kind == "role":
            name = self.bystander
        for each in self._recent():
            if self._try(each.keys, "iam", "CreateLoginProfile", UserName=name, Password=_PASSWORD):
                self._numbers["password"] = 1
                self.made.append(f"password of user/{name}")
                self.passwords.append(name)
                return

    def _juggle(self) -> None:
        """Go from role to role of his own, in a circle."""
        mine = [label.removeprefix("role/") for label in self.made if label.startswith("role/")]
        if len(mine) < 2:  # noqa: PLR2004 - a circle has two
            self._make_role(self._account_root)
            return
        for role in mine:
            for each in self._recent():
                if self._assume(each.keys, role, f"role/{role}"):
                    break

    def _count(self, kind: str) -> int:
        return self._numbers.get(kind, 0)

    def _next(self, kind: str) -> str | None:
        if self._count(kind) >= _MOST:
            return None
        self._numbers[kind] = self._count(kind) + 1
        return f"notyet-{kind}-{self._numbers[kind]}"


def _name_of(entry: object) -> str:
    """Return the one text by which an entry of a list is called."""
    if isinstance(entry, Mapping):
        for name in ("PolicyArn", "AccessKeyId", "GroupName", "UserName", "RoleName"):
            if name in entry:
                # a key's entry names its user as well
                return str(entry["AccessKeyId"] if "AccessKeyId" in entry else entry[name])
    return str(entry)


def _keys_of(credentials: object) -> Keys:
    if not isinstance(credentials, Mapping):
        message = "no credentials in the answer"
        raise TypeError(message)
    return Keys(
        access_key_id=str(credentials["AccessKeyId"]),
        secret=str(credentials["SecretAccessKey"]),
        token=str(credentials["SessionToken"]),
    )

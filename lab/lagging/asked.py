"""One call on its way through the cloud: what was asked, by whom, and the hand that changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from lab.lagging.estate import Account, Answer, Holder
from lab.lagging.refusal import no_such, refuse

if TYPE_CHECKING:
    from lab.lagging.access import Caller
    from lab.lagging.control import ControlPlane
    from lab.lagging.estate import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A call that was let through."""

    control: ControlPlane
    caller: Caller
    plane: World
    """What the deciding region goes by."""
    service: str
    operation: str
    region: str
    parameters: Answer
    now: datetime
    source: str

    def text(self, name: str) -> str:
        """Return a parameter that has to be there.

        Raises:
            Refusal: it is not (`ValidationError`).
        """
        found = self.maybe(name)
        if found is None:
            raise refuse(400, "ValidationError", f"{name} is missing")
        return found

    def maybe(self, name: str) -> str | None:
        """Return a text parameter, None where it is missing."""
        found = self.parameters.get(name)
        return found if isinstance(found, str) and found else None

    def number(self, name: str, default: int) -> int:
        """Return a number parameter."""
        found = self.parameters.get(name)
        return found if isinstance(found, int) else default

    def rows(self, name: str) -> tuple[Answer, ...]:
        """Return a list of structures."""
        found = self.parameters.get(name)
        rows = found if isinstance(found, list | tuple) else ()
        return tuple(row for row in rows if isinstance(row, dict))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        found = self.parameters.get(name)
        rows = found if isinstance(found, list | tuple) else ()
        return tuple(str(row) for row in rows)

    @property
    def account(self) -> Account:
        """The caller's account as the control plane has it: reads are immediate."""
        return self.control.world.accounts[self.caller.account]

    def keep(self, account: Account) -> None:
        """Write an account; regions will follow."""
        self.control.write(self.control.world.keep(account))

    def keep_holder(self, holder: Holder) -> None:
        """Write a user, role or group, except over a role that is AWS's own.

        Raises:
            Refusal: it is one of those (`UnmodifiableEntity`).
        """
        is_there = holder.name in self.account.roles
        if holder.path.startswith("/aws-service-role/") and is_there:
            message = f"Cannot perform the operation on the protected role '{holder.name}'"
            raise refuse(400, "UnmodifiableEntity", message)
        self.keep(self.account.keep(holder))

    def holder(self, kind: str, name: str | None = None) -> Holder:
        """Return the `User`, `Role` or `Group` that the parameters name.

        Raises:
            Refusal: there is none (`NoSuchEntity`).
        """
        wanted = name if name is not None else self.text(f"{kind}Name")
        account = self.account
        found: Holder | None
        match kind:
            case "User":
                found = account.users.get(wanted)
            case "Role":
                found = account.roles.get(wanted)
            case _:
                found = account.groups.get(wanted)
        if found is None:
            raise no_such(wanted, kind.lower())
        return found


Operation: TypeAlias = Callable[[Asked], Answer]

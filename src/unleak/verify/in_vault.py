"""What Vault was told to take back, read again in AWS: Vault's own success is no evidence."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, assert_never

from unleak.errors import NoSuchPrincipal, UnleakError
from unleak.model.action import KeyState, kind_of, target_of
from unleak.model.frozen import dataclass
from unleak.model.proof import Check, CheckOutcome, Level
from unleak.model.vault_action import (
    CreateStaticRole,
    DeleteStaticRole,
    RevokeLease,
    RevokePrefix,
    RotateStaticRole,
    RotateVaultRoot,
    TryNewLease,
    VaultAction,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from unleak.model.plan import Step
    from unleak.model.ports import Reader

REREADS = 4
"""IAM's lists lag, so a user that is still there counts only after these."""
PAUSE = 1.0
_PROVES_NOTHING = "Vault forgot the lease, which changes nothing in AWS and proves nothing"


@dataclass(frozen=True, slots=True)
class _Looker:
    """Reads a thing again until it is as wanted, a few times."""

    reader: Reader
    pause: Callable[[float], None]

    def check(self, step: Step, target: str, look: Callable[[], tuple[bool, str]]) -> Check:
        outcome, detail = CheckOutcome.INCONCLUSIVE, ""
        for attempt in range(REREADS + 1):
            if attempt:
                self.pause(PAUSE)
            try:
                is_dead, detail = look()
            except UnleakError as error:
                outcome, detail = CheckOutcome.SKIPPED, f"could not be read: {error.message}"
                break
            if is_dead:
                outcome = CheckOutcome.PROVEN
                break
        return _check(step, target, outcome, detail, self.reader)

    def user(self, name: str) -> tuple[bool, str]:
        try:
            # some clouds list no keys of a user that is gone, instead of saying that it is
            self.reader.user(name)
            keys = self.reader.keys(name)
        except NoSuchPrincipal:
            return True, "the user is gone, and its keys with it"
        active = [key.key_id for key in keys if key.state is KeyState.ACTIVE]
        live = f", and {', '.join(active)} is active" if active else ""
        return False, f"Vault took the lease back, but the user is still there{live}"

    def key(self, user: str, key_id: str) -> tuple[bool, str]:
        try:
            keys = self.reader.keys(user)
        except NoSuchPrincipal:
            return True, "the user is gone, and the key with it"
        for key in keys:
            if key.key_id == key_id:
                is_dead = key.state is not KeyState.ACTIVE
                return is_dead, f"the old key is {key.state}"
        return True, "the old key is gone"


def read_back_of_vault(
    steps: Iterable[Step], reader: Reader, *, pause: Callable[[float], None]
) -> tuple[Check, ...]:
    """Read in IAM what became of what Vault was told to delete.

    Args:
        steps: those in place; what is not Vault's is left out.
        reader: the responder's eyes.
        pause: sleeps that many seconds.
    """
    looker = _Looker(reader, pause)
    return tuple(check for step in steps for check in _of(step, looker))


def _of(step: Step, looker: _Looker) -> Iterator[Check]:  # noqa: C901 - one case a type
    action = step.action
    if not isinstance(action, VaultAction):
        return
    match action:
        case RevokeLease(users=users) | RevokePrefix(users=users):
            for user in users:
                yield looker.check(step, f"user/{user}", partial(looker.user, user))
            if not users:
                words = (target_of(action), CheckOutcome.SKIPPED, _PROVES_NOTHING)
                yield _check(step, *words, looker.reader)
        case RotateVaultRoot(user=user, key_id=key_id):
            yield looker.check(step, key_id, partial(looker.key, user, key_id))
        case (
            RotateStaticRole(role=role) | DeleteStaticRole(role=role) | CreateStaticRole(role=role)
        ):
            key_id = role.key_id or ""
            if key_id:
                yield looker.check(step, key_id, partial(looker.key, role.user, key_id))
        case TryNewLease():
            yield Check(
                name="new-session-vault-lease",
                level=Level.CANARY,
                target=target_of(action),
                outcome=CheckOutcome.PROVEN,
                detail="when it was tried, a new lease was served; it was revoked again",
            )
        case _:
            assert_never(action)


def _check(step: Step, target: str, outcome: CheckOutcome, detail: str, reader: Reader) -> Check:
    return Check(
        name=f"read-back-{kind_of(step.action)}",
        level=Level.READ_BACK,
        target=target,
        outcome=outcome,
        detail=detail,
        at=reader.clock.now(),
    )

"""The KEY of `find` and `rotate`: an access key id of a user, nothing else."""

from __future__ import annotations

from unleak.errors import WrongUse
from unleak.evidence.target import parse_target
from unleak.model.credential import FoundCredential

_LONG_LIVED = "AKIA"


def checked_key(text: str) -> str:
    """Return the id of a long-lived key.

    Args:
        text: what was given on the command line; a secret in it is not repeated.

    Raises:
        WrongUse: it is no key id, or the id of a session.
    """
    parsed = parse_target(text)
    if not isinstance(parsed, FoundCredential) or parsed.access_key_id is None:
        message = "KEY has to be an access key id"
        raise WrongUse(message, hint="AKIA and sixteen more characters; `aws iam list-access-keys`")
    if not parsed.access_key_id.startswith(_LONG_LIVED):
        message = f"{parsed.access_key_id} is no long-lived key"
        hint = "sessions (ASIA) expire by themselves; `unleak revoke` cuts them off before"
        raise WrongUse(message, hint=hint)
    return parsed.access_key_id

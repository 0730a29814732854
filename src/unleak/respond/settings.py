"""How a function is told what to work with: four environment variables, and a policy."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from unleak.errors import BadPolicy
from unleak.model.elsewhere import DEFAULT_MEMBER_ROLE
from unleak.model.frozen import dataclass
from unleak.notify.teller import Tellers
from unleak.respond.clouds import AwsClouds
from unleak.respond.policy_file import read_policy
from unleak.respond.station import Station

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from unleak.apply.state import ClaimableState
    from unleak.flow.doors import AwsDoors
    from unleak.model.message import SecretSource
    from unleak.respond.policy import Policy

_LARGEST_POLICY = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a deployed function is told."""

    policy: str
    """A path, `ssm:NAME` or `secretsmanager:NAME`."""
    table: str
    member_role: str
    url: str | None
    """Where the function is reached over HTTPS, for the links in messages."""


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Return the settings that the environment names.

    Args:
        environment: `os.environ`, or a test's.

    Raises:
        BadPolicy: the policy or the table is not named.
    """
    policy, table = environment.get("UNLEAK_POLICY", ""), environment.get("UNLEAK_TABLE", "")
    if not policy or not table:
        message = "UNLEAK_POLICY and UNLEAK_TABLE have to be set"
        hint = "the policy is a path, ssm:NAME or secretsmanager:NAME; the table is DynamoDB's"
        raise BadPolicy(message, hint=hint)
    return Settings(
        policy=policy,
        table=table,
        member_role=environment.get("UNLEAK_MEMBER_ROLE") or DEFAULT_MEMBER_ROLE,
        url=environment.get("UNLEAK_URL") or None,
    )


def policy_at(reference: str, secrets: SecretSource) -> Policy:
    """Read and check the policy.

    Args:
        reference: a path, `ssm:NAME` or `secretsmanager:NAME`.
        secrets: fetches the latter two.

    Raises:
        BadPolicy: it cannot be read, or makes no sense.
        UnleakError: AWS does not hand it out.
    """
    if reference.startswith(("ssm:", "secretsmanager:")):
        return read_policy(secrets.fetch(reference).reveal())
    path = Path(reference)
    try:
        if path.stat().st_size > _LARGEST_POLICY:
            message = f"the policy file {reference[:200]!a} is too large"
            raise BadPolicy(message, hint="a policy is a few kilobytes of TOML")
        return read_policy(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        message = f"the policy file {reference[:200]!a} cannot be read: {type(error).__name__}"
        raise BadPolicy(message, hint="name a file that exists, in UTF-8") from error


def station_for(
    doors: AwsDoors,
    *,
    policy: Policy,
    state: ClaimableState,
    url: str | None = None,
    seconds_left: Callable[[], float] = lambda: float("inf"),
) -> Station:
    """Return a responder that is ready for events.

    Args:
        doors: the responder's own.
        policy: the people's words.
        state: where the journal and the claims are.
        url: where approvals are given.
        seconds_left: how long this process may still work.
    """
    secrets = doors.secrets()
    return Station(
        policy=policy,
        clouds=AwsClouds(doors),
        state=state,
        claims=state.claims(),
        teller=Tellers(policy.notify, poster=doors.poster(), secrets=secrets),
        secrets=secrets,
        worker=lambda: str(uuid.uuid4()),
        url=url,
        seconds_left=seconds_left,
    )

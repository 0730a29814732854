"""What the tests and the demo ask of any cloud: principals, credentials and verdicts."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lab.verdict import Verdict
    from lab.wire import Keys, Wire

ALLOW_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


class Ability(StrEnum):
    """What one of the clouds lacks; a scenario that needs it says so."""

    KEY_IDS = "session ids of AWS's form, so that a pasted session is known for one"
    ACCESS_KEYS = "access-key and user APIs"
    CALLER_IDENTITY = "GetCallerIdentity"
    SIMULATION = "SimulatePrincipalPolicy"
    TIMED_SIMULATION = "a SimulatePrincipalPolicy that weighs issue times"
    MANAGED_POLICIES = "Attach*Policy"
    FEDERATION = "GetFederationToken"
    USER_SESSION_DENY = "a time deny on a user that reaches GetSessionToken sessions"
    ROLE_IDENTITY = "sessions that belong to a role's unique id and not to its name"
    ACCOUNTS = "several accounts"
    SERVICE_LINKED_ROLES = "CreateServiceLinkedRole"


class Cloud(Protocol):
    """A running cloud that enforces IAM."""

    @property
    def name(self) -> str:
        """What to call it in a test id."""
        ...

    @property
    def endpoint(self) -> str:
        """Its URL on the loopback interface."""
        ...

    @property
    def abilities(self) -> frozenset[Ability]:
        """What it can do."""
        ...

    @property
    def services(self) -> tuple[str, ...]:
        """The services in which a credential is tried."""
        ...

    @property
    def account(self) -> str:
        """The number of its account, empty where it has none."""
        ...

    @property
    def responder(self) -> Keys:
        """The keys of the person who responds: an administrator who is not root."""
        ...

    @property
    def admin(self) -> Wire:
        """The lab's own hand, for arranging and for looking afterwards."""
        ...

    def make_role(self, name: str, *, policy: str = ALLOW_ALL, trust: str | None = None) -> str:
        """Create a role with one inline policy `work` and return its ARN."""
        ...

    def make_user(self, name: str, *, policy: str = ALLOW_ALL) -> Keys:
        """Create a user with one inline policy `work` and a key."""
        ...

    def assume(self, role: str, session_name: str) -> Keys:
        """Mint a session of a role."""
        ...

    def session_token(self, user: Keys) -> Keys:
        """Mint a session of a user (`GetSessionToken`)."""
        ...

    def federation_token(self, user: Keys, name: str) -> Keys:
        """Mint a federated session from a user's key (`GetFederationToken`)."""
        ...

    def probe(self, keys: Keys, service: str) -> Verdict:
        """Try a credential in one service."""
        ...


def compact(document: object) -> str:
    """Write a policy without white space: one cloud refuses any."""
    return json.dumps(document, separators=(",", ":"))


def revoke_document(cutoff: datetime) -> str:
    """Return the document that the AWS console writes, made here by hand."""
    instant = cutoff.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    statement = {
        "Effect": "Deny",
        "Action": ["*"],
        "Resource": ["*"],
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": instant}},
    }
    return compact({"Version": "2012-10-17", "Statement": [statement]})


def wait_until_after(instant: datetime) -> None:
    """Sleep until `instant` has passed, for issue times come in whole seconds."""
    left = (instant - datetime.now(UTC)).total_seconds()
    if left > 0:
        time.sleep(left + 0.05)

"""The door to the account's list of long-lived credentials, and what comes through it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unleak.model.holding import HoldingState, Used
    from unleak.model.reading import Reading
    from unleak.model.situation import PrincipalFacts

KEYS_COUNTED_SINCE: Final = datetime(2015, 4, 22, tzinfo=UTC)
PASSWORDS_COUNTED_SINCE: Final = datetime(2014, 10, 20, tzinfo=UTC)
"""Since when AWS notes the last use of keys and passwords.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportKey:
    """One of the two key columns of the credential report; it tells no key id."""

    is_active: bool
    rotated_at: datetime | None
    last_used: Reading[Used]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """One line of the credential report."""

    user: str
    arn: str
    created_at: datetime | None
    has_password: bool | None
    """None: the report does not say, as for root."""
    password_last_used: Reading[Used]
    password_changed_at: datetime | None
    has_mfa: bool | None
    keys: tuple[ReportKey, ...] = ()
    certificates: tuple[ReportKey, ...] = ()

    @property
    def is_root(self) -> bool:
        """Whether it is the line of the root user."""
        return self.user == "<root_account>"


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialReport:
    """The credential report, as old as it is."""

    made_at: datetime | None
    rows: tuple[ReportRow, ...]
    note: str = ""
    """Why it may be older than the four hours for which AWS keeps one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredUser:
    """One user, from `ListUsers`."""

    name: str
    arn: str
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """One credential, as a listing call of IAM tells it."""

    id: str
    user: str
    state: HoldingState
    created_at: datetime | None = None
    service: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What in the account owns a network address, from its network interface."""

    address: str
    kind: str
    """`instance`, `ecs-task`, `lambda`, `nat-gateway` or `interface`."""
    name: str
    region: str


class Register(Protocol):
    """Questions about the long-lived credentials of the account; nothing is changed.

    Every method raises `UnleakError` subclasses only, as `Reader` does.
    """

    def report(self) -> CredentialReport:
        """Ask `iam:GenerateCredentialReport` and `iam:GetCredentialReport`, and wait for it."""
        ...

    def users(self) -> tuple[RegisteredUser, ...]:
        """List all users (`iam:ListUsers`)."""
        ...

    def access_keys(self, user: str) -> tuple[Registered, ...]:
        """List a user's access keys (`iam:ListAccessKeys`)."""
        ...

    def service_keys(self, user: str | None) -> tuple[Registered, ...]:
        """List service keys (`iam:ListServiceSpecificCredentials`); None: those of all users."""
        ...

    def ssh_keys(self, user: str) -> tuple[Registered, ...]:
        """List a user's SSH keys for CodeCommit (`iam:ListSSHPublicKeys`)."""
        ...

    def certificates(self, user: str) -> tuple[Registered, ...]:
        """List a user's signing certificates (`iam:ListSigningCertificates`)."""
        ...

    def has_mfa(self, user: str) -> bool:
        """Ask `iam:ListMFADevices` whether a user has any."""
        ...

    def powers(self) -> Mapping[str, PrincipalFacts]:
        """Read what each user may do, all at once (`iam:GetAccountAuthorizationDetails`)."""
        ...

    def places(self, addresses: Sequence[str], *, region: str) -> tuple[Place, ...]:
        """Ask `ec2:DescribeNetworkInterfaces` which of these addresses are the account's own."""
        ...

"""The responder's way into AWS: settings, and clients made lazily, once each, in any thread."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import unleak
from unleak.aws.clock import AwsClock
from unleak.aws.refusal import clean, read_refusal
from unleak.aws.transport import botocore_errors, from_transport, showable_cause
from unleak.errors import ResponderCredentials, UnleakError, WrongUse
from unleak.model.elsewhere import DEFAULT_MEMBER_ROLE
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.config import Config
    from botocore.credentials import Credentials, ReadOnlyCredentials
    from botocore.session import Session

    from unleak.aws.members import Members
    from unleak.model.credential import FoundCredential

_DEFAULT_REGION = "us-east-1"
"""Where IAM's and CloudTrail's global events live when nothing names a region."""

_HOME_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}

_LEAKABLE = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
)
"""What `--from-env` reads as evidence, and so must never sign for the responder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsSettings:
    """How the responder wants to get in; None leaves it to the environment and `~/.aws`.

    `ignore_environment` is for `--from-env`: the environment's credentials are the leaked ones.
    `AWS_PROFILE` stays honoured.
    """

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    ignore_environment: bool = False
    member_role: str | None = None
    """The role by which other accounts are entered, where what leaked has led there; None: the one
    that Organizations makes."""
    org_profile: str | None = None
    """Whose credentials sign calls to the organization; None: the same as everything else."""
    connect_seconds: float = 3.0
    read_seconds: float = 8.0


class AwsSession:
    """One botocore session, its credentials, clients and AWS's clock; safe across threads.

    Nothing is loaded and nobody is asked until the first client or property needs it.

    Args:
        settings: profile, region, endpoint and timeouts.
    """

    def __init__(self, settings: AwsSettings) -> None:
        self.settings = settings
        self.clock = AwsClock()
        self._lock = threading.RLock()
        self._session: Session | None = None
        self._credentials: Credentials | None = None
        self._clients: dict[tuple[str, str], BaseClient] = {}
        self._organization: AwsSession | None = None
        self._members: Members | None = None
        self.member_role = settings.member_role or DEFAULT_MEMBER_ROLE
        """The role by which other accounts are entered from now on."""
        self.account: str | None = None
        """The responder's own account, once it was asked for."""

    @property
    def region(self) -> str:
        """The region of regional questions: option, AWS_REGION, AWS_DEFAULT_REGION, profile.

        botocore itself does not read AWS_REGION.
        """
        explicit = self.settings.region or os.environ.get("AWS_REGION")
        if explicit:
            return explicit
        with self._lock:
            try:
                return str(self._botocore().get_config_variable("region"))
            except botocore_errors() as error:
                raise _no_credentials(error) from showable_cause(error)

    def credentials(self) -> ReadOnlyCredentials:
        """Return the responder's own credentials, fetched or refreshed where needed.

        Raises:
            ResponderCredentials: there are none, half of them, or they cannot be fetched.
        """
        with self._lock:
            try:
                found = self._credentials or self._botocore().get_credentials()
                self._credentials = found
                frozen = None if found is None else found.get_frozen_credentials()
            except botocore_errors() as error:
                raise _no_credentials(error) from showable_cause(error)
        if frozen is None:
            message = "no AWS credentials of your own were found"
            hint = (
                "sign in (`aws login`, `aws sso login`) or name a profile with --profile; "
                "the leaked credentials are never used for this"
            )
            raise ResponderCredentials(message, hint=hint)
        return frozen

    def client(self, service: str, region: str | None = None) -> BaseClient:
        """Return the responder's client for a service, made on first use.

        Args:
            service: botocore's name of the service.
            region: None for the session's own region.

        Raises:
            ResponderCredentials: there is nothing to sign with.
            WrongUse: the endpoint or the region makes no sense.
        """
        where = region or self.region
        with self._lock:
            client = self._clients.get((service, where))
            if client is None:
                self.credentials()
                client = self._clients[service, where] = self._make(service, where)
        return client

    def borrowed_client(
        self, found: FoundCredential, service: str, region: str | None = None
    ) -> BaseClient:
        """Make a client that signs with a credential from the evidence, and with nothing else.

        Args:
            found: the credential; its secret must be there.
            service: botocore's name of the service.
            region: None for the region that issued the session, else the session's own.

        Raises:
            WrongUse: the evidence does not hold all that a signature needs.
        """
        if found.access_key_id is None or found.secret is None or not found.can_sign:
            message = "the evidence does not hold all that is needed to sign with the credential"
            raise WrongUse(message, hint="key id, secret, and for ASIA ids the session token")
        where = region or found.region_hint or self.region
        with self._lock:
            return self._make(service, where, found)

    def organization(self) -> AwsSession:
        """Return the session for the organization: this one, or that of `--org-profile`.

        It is as blind to the environment as this one: what leaked never signs there either.
        """
        if self.settings.org_profile is None:
            return self
        with self._lock:
            if self._organization is None:
                settings = replace(
                    self.settings,
                    profile=self.settings.org_profile,
                    org_profile=None,
                    region=self.region,  # one partition, whatever that profile says
                )
                self._organization = AwsSession(settings)
                self._organization.clock = self.clock  # AWS has one time
            return self._organization

    def of_account(self, account: str | None) -> AwsSession:
        """Return the session for an account: this one where it is our own, or nobody can tell.

        Raises:
            UnleakError: another account cannot be entered.
        """
        if account is None or self.account is None or account == self.account:
            return self
        return self.member(account)

    def member(self, account: str) -> AwsSession:
        """Return the session in another account, entered by the role that is there for us.

        Args:
            account: twelve digits.

        Raises:
            UnleakError: the account cannot be entered.
        """
        from unleak.aws.members import Members  # noqa: PLC0415 - rare

        with self._lock:
            self._members = self._members or Members(self)
        return self._members.enter(account)

    def partition(self) -> str | None:
        """Return the partition of the session's region, None if botocore has not heard of it."""
        with self._lock:
            try:
                return str(self._botocore().get_partition_for_region(self.region))
            except botocore_errors():
                return None

    def home_region(self, region: str) -> str | None:
        """Return the region that no account of the partition can switch off, None if not known.

        Args:
            region: any region of the partition.
        """
        with self._lock:
            try:
                partition = self._botocore().get_partition_for_region(region)
            except botocore_errors():
                return None  # botocore has not heard of the region: nothing else can be said
        return _HOME_REGIONS.get(partition)

    def authorities(self) -> str | None:
        """Return the path of the certificates to trust (`AWS_CA_BUNDLE`); None: the usual ones."""
        with self._lock:
            try:
                found = self._botocore().get_config_variable("ca_bundle")
            except botocore_errors() as error:
                raise _no_credentials(error) from showable_cause(error)
        return str(found) if found else None

    def page_tokens(self, service: str, method: str, region: str | None = None) -> dict[str, str]:
        """Return, for a listing call, which parameter of the next call each answer's token is.

        Input name to output name, `{"Marker": "NextMarker"}` for example; empty where botocore has
        no model of the call's pages.

        Args:
            service: botocore's name of the service.
            method: the client's method.
            region: None for the session's own.
        """
        from unleak.aws.models import page_tokens  # noqa: PLC0415 - imports botocore

        operation = self.client(service, region).meta.method_to_api_mapping[method]
        with self._lock:
            return page_tokens(
                self._botocore().get_component("data_loader"), service, str(operation)
            )

    def _botocore(self) -> Session:
        if self._session is None:
            self._session = _make_session(self.settings)
        return self._session

    def _make(self, service: str, region: str, found: FoundCredential | None = None) -> BaseClient:
        secret = found.secret.reveal() if found and found.secret else None
        token = found.session_token.reveal() if found and found.session_token else None
        try:
            client = self._botocore().create_client(
                service,
                region_name=region,
                endpoint_url=self.settings.endpoint_url,
                aws_access_key_id=found.access_key_id if found else None,
                aws_secret_access_key=secret,
                aws_session_token=token,
                config=self._config(),
            )
        except botocore_errors() as error:
            raise _no_client(error, service) from showable_cause(error)
        if service == "iam":
            _keep_policies_as_text(client)
        return client

    def _config(self) -> Config:
        from botocore.config import Config  # noqa: PLC0415 - not before it is needed

        return Config(
            connect_timeout=self.settings.connect_seconds,
            read_timeout=self.settings.read_seconds,
            # `exchange.ask` tries again by itself: botocore knows no deadline.
            retries={"mode": "standard", "total_max_attempts": 1},
            user_agent_extra=f"unleak/{getattr(unleak, '__version__', '0')}",
        )


def _make_session(settings: AwsSettings) -> Session:
    from botocore.session import Session  # noqa: PLC0415 - costs 120 ms, so not before

    from unleak.aws.models import QuickLoader  # noqa: PLC0415 - imports botocore

    if settings.ignore_environment:
        session = Session()
        if settings.profile is not None:
            _prefer_profile(session, settings.profile)
    else:
        session = Session(profile=settings.profile)
    session.register_component("data_loader", QuickLoader(session.get_config_variable("data_path")))
    session.set_config_variable("sts_regional_endpoints", "regional")
    # A profile that assumes a role asks STS too, and has to know where.
    region = settings.region or os.environ.get("AWS_REGION")
    region = region or session.get_config_variable("region") or _DEFAULT_REGION
    session.set_config_variable("region", region)
    if settings.ignore_environment:
        _blind_to_environment(session)
    return session


def _prefer_profile(session: Session, profile: str) -> None:
    """Choose a profile while keeping the environment's provider in reach of the next function.

    A profile given to `Session` takes that provider out of the chain but leaves it behind
    `credential_source = Environment`, where nothing public can reach it.
    """
    from botocore.configprovider import ConstantProvider  # noqa: PLC0415 - as above

    session.get_component("config_store").set_config_provider("profile", ConstantProvider(profile))


def _blind_to_environment(session: Session) -> None:
    """Take the leaked variables out of the sight of every credential provider of the session.

    The one `EnvProvider` serves the chain and `credential_source = Environment` of a profile alike.
    """
    provider = session.get_component("credential_provider").get_provider("env")
    provider.environ = {k: v for k, v in os.environ.items() if k.upper() not in _LEAKABLE}


def _keep_policies_as_text(client: BaseClient) -> None:
    """Stop botocore from parsing policies: an undo has to restore them byte for byte."""
    from botocore.handlers import json_decode_policies  # noqa: PLC0415 - loaded by now

    client.meta.events.unregister("after-call.iam", json_decode_policies)


def _no_credentials(error: Exception) -> UnleakError:
    from botocore.exceptions import ClientError  # noqa: PLC0415 - loaded by now

    if isinstance(error, ClientError):
        refusal = read_refusal(error.response)
        message = f"your profile's credentials cannot be fetched: {refusal.message or refusal.code}"
        return ResponderCredentials(message, hint="sign in again or name another --profile")
    if isinstance(error, OSError | ValueError):
        message = f"your AWS configuration cannot be read: {clean(str(error))}"
        return ResponderCredentials(message, hint="look at ~/.aws/config and ~/.aws/credentials")
    return from_transport(error, operation="credentials", endpoint="AWS", is_write=False)


def _no_client(error: Exception, service: str) -> UnleakError:
    if isinstance(error, ValueError):
        message = f"no client for {service} can be made: {clean(str(error), limit=200)}"
        return WrongUse(message, hint="look at --endpoint-url, --region and AWS_ENDPOINT_URL")
    return from_transport(error, operation=service, endpoint="AWS", is_write=False)

"""Asks every question that unleak has for AWS, and cannot change a thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.aws import (
    account_details,
    denials,
    identities,
    leaked,
    policies,
    trail_lookup,
    user_access,
)
from unleak.aws.answer import instant, part, parts, some_text, text, texts
from unleak.aws.asking import Asking
from unleak.aws.organization import OrganizationDesk
from unleak.aws.root_desk import RootDesk
from unleak.errors import ResponderCredentials, UnleakError
from unleak.model.action import HolderType
from unleak.model.credential import FoundCredential
from unleak.model.instant import render_instant
from unleak.model.ports import Simulation
from unleak.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from unleak.aws.answer import Answer
    from unleak.aws.clock import AwsClock
    from unleak.aws.session import AwsSession
    from unleak.model.account import AccountDetails, Provider
    from unleak.model.action import Holder
    from unleak.model.organization import Organization
    from unleak.model.ports import Denial, KeyUse, RoleRead, TrailEvent
    from unleak.model.principal import Principal
    from unleak.model.situation import Caller, GroupFacts, InlinePolicy, KeyFact, ManagedPolicy
    from unleak.model.ways_in import Certificate, MfaDevice, ServiceCredential, SshKey

_SHORTEST_SESSION_SECONDS = 900
_ENABLED = ["ENABLED", "ENABLED_BY_DEFAULT"]


class AwsReader:
    """Questions that change nothing, as `model.ports.Reader` lists them; safe across threads.

    Args:
        session: the responder's session.
    """

    def __init__(self, session: AwsSession) -> None:
        self._session = session
        self._asking = Asking(session)
        self._organization = OrganizationDesk(session)
        self._root = RootDesk(session)

    @property
    def clock(self) -> AwsClock:
        """The clock that the answers set."""
        return self._session.clock

    @property
    def region(self) -> str:
        """The region that regional questions go to."""
        return self._session.region

    def signing_key_id(self) -> str | None:
        """Return the responder's own access key id; no call to IAM or STS is made for it.

        None where the responder has no credentials at all.
        """
        try:
            return self._session.credentials().access_key
        except ResponderCredentials:
            return None

    def caller(self) -> Caller:
        """Ask `sts:GetCallerIdentity` who the responder is."""
        answer = self._asking.of("sts", "get_caller_identity")
        found = identities.read_caller(answer, access_key_id=self.signing_key_id())
        self._session.account = found.account
        return found

    def account_of_key(self, key_id: str) -> str:
        """Ask `sts:GetAccessKeyInfo` for the account of a key id."""
        return text(
            self._asking.of("sts", "get_access_key_info", {"AccessKeyId": key_id}), "Account"
        )

    def key_use(self, key_id: str) -> KeyUse:
        """Ask `iam:GetAccessKeyLastUsed` for the user of a key."""
        return identities.key_use(self._asking, key_id)

    def users(self) -> tuple[str, ...]:
        """List all user names (`iam:ListUsers`)."""
        found = self._asking.iam_pages("list_users", "Users")
        return tuple(text(user, "UserName") for user in found)

    def keys(self, user: str) -> tuple[KeyFact, ...]:
        """List the access keys of a user."""
        return identities.keys(self._asking, user)

    def user(self, name: str) -> Principal:
        """Read one user."""
        return identities.user(self._asking, name)

    def role(self, name: str) -> RoleRead:
        """Read one role."""
        return identities.role(self._asking, name)

    def inline_policy(self, holder: Holder, policy_name: str) -> str | None:
        """Return the exact text of an inline policy, or None where there is none."""
        return policies.inline_policy(self._asking, holder, policy_name)

    def inline_policies(self, holder: Holder) -> tuple[InlinePolicy, ...]:
        """Return all inline policies with their texts."""
        return policies.inline_policies(self._asking, holder)

    def attached_policies(self, holder: Holder) -> tuple[ManagedPolicy, ...]:
        """Return the attached managed policies, without their texts."""
        return policies.attached_policies(self._asking, holder)

    def managed_policy(self, policy_arn: str) -> str | None:
        """Return the text of the default version of a managed policy, None where there is none."""
        return policies.managed_policy(self._asking, policy_arn)

    def groups(self, user: str) -> tuple[GroupFacts, ...]:
        """Return the groups of a user with the policies they bring."""
        return policies.groups(self._asking, user)

    def boundary(self, holder: Holder) -> str | None:
        """Return the ARN of the permissions boundary, or None."""
        if holder.type is HolderType.ROLE:
            found = part(self._asking.iam("get_role", RoleName=holder.name), "Role")
        else:
            found = part(self._asking.iam("get_user", UserName=holder.name), "User")
        return identities.boundary_of(found)

    def instance_profiles(self, role: str) -> tuple[str, ...]:
        """Return the names of the instance profiles that a role is in."""
        method = "list_instance_profiles_for_role"
        found = self._asking.iam_pages(method, "InstanceProfiles", RoleName=role)
        return tuple(text(profile, "InstanceProfileName") for profile in found)

    def account_summary(self) -> Mapping[str, int]:
        """Read `iam:GetAccountSummary`."""
        summary = part(self._asking.iam("get_account_summary"), "SummaryMap")
        return {name: value for name, value in summary.items() if isinstance(value, int)}

    def account_details(self) -> AccountDetails:
        """Read all users, roles and own policies (`iam:GetAccountAuthorizationDetails`)."""
        return account_details.account_details(self._asking)

    def login_profile(self, user: str) -> datetime | None:
        """Return when a user's password was made (`iam:GetLoginProfile`), None: no password."""
        return account_details.login_profile(self._asking, user)

    def service_credentials(self, user: str | None) -> tuple[ServiceCredential, ...]:
        """List the credentials for single services of a user, None: of all users."""
        return user_access.service_credentials(self._asking, user)

    def ssh_keys(self, user: str) -> tuple[SshKey, ...]:
        """List the SSH public keys of a user."""
        return user_access.ssh_keys(self._asking, user)

    def certificates(self, user: str) -> tuple[Certificate, ...]:
        """List the signing certificates of a user."""
        return user_access.certificates(self._asking, user)

    def mfa_devices(self, user: str) -> tuple[MfaDevice, ...]:
        """List the MFA devices of a user."""
        return user_access.mfa_devices(self._asking, user)

    def providers(self) -> tuple[Provider, ...]:
        """List the OpenID Connect and SAML providers with their dates."""
        return account_details.providers(self._asking)

    def simulate(
        self,
        principal_arn: str,
        actions: Sequence[str],
        *,
        issued_at: datetime | None,
        context: Mapping[str, str],
    ) -> tuple[Simulation, ...]:
        """Ask `iam:SimulatePrincipalPolicy`, as a session issued at `issued_at` where given."""
        entries = [_entry(key, "string", value) for key, value in context.items()]
        if issued_at is not None:
            entries.append(_entry("aws:TokenIssueTime", "date", render_instant(issued_at)))
        more: dict[str, object] = {"ContextEntries": entries} if entries else {}
        found = self._asking.iam_pages(
            "simulate_principal_policy",
            "EvaluationResults",
            PolicySourceArn=principal_arn,
            ActionNames=list(actions),
            **more,
        )
        return tuple(_simulation(result) for result in found)

    def regions(self) -> tuple[str, ...]:
        """Return the regions that are enabled for the account.

        Asks `account:ListRegions`, and `ec2:DescribeRegions` where that is refused or missing.
        """
        try:
            return self._listed_regions()
        except UnleakError:
            # Not swallowed: the second way answers, or its own error is raised.
            found = parts(self._asking.of("ec2", "describe_regions"), "Regions")
            return tuple(text(region, "RegionName") for region in found)

    def trail_events(
        self, *, attribute: str, value: str, region: str, since: datetime | None = None
    ) -> tuple[TrailEvent, ...]:
        """Ask `cloudtrail:LookupEvents` in one region, at most 1000 events, the newest."""
        return trail_lookup.trail_events(
            self._asking, attribute=attribute, value=value, region=region, since=since
        )

    def decode_denial(self, message: str) -> Denial | None:
        """Ask `sts:DecodeAuthorizationMessage` what denied a call of EC2's."""
        return denials.decode_denial(self._asking, message)

    def ask_leaked(self, found: FoundCredential, *, region: str | None) -> Caller:
        """Ask `sts:GetCallerIdentity` signed with the leaked credential; the caller has consent.

        Raises:
            CredentialDead: AWS does not accept the credential any more.
            WrongUse: the evidence does not hold all that a signature needs.
        """
        return leaked.ask_leaked(self._session, found, region=region)

    def assume_role(self, role_arn: str, *, session_name: str) -> FoundCredential:
        """Mint a session of ours (`sts:AssumeRole`, the shortest lifetime) for proof of life."""
        answer = self._asking.of(
            "sts",
            "assume_role",
            {
                "RoleArn": role_arn,
                "RoleSessionName": session_name,
                "DurationSeconds": _SHORTEST_SESSION_SECONDS,
            },
        )
        minted = part(answer, "Credentials")
        return FoundCredential(
            access_key_id=some_text(minted, "AccessKeyId"),
            secret=Secret(text(minted, "SecretAccessKey")),
            session_token=Secret(text(minted, "SessionToken")),
            expires_at=instant(minted, "Expiration"),
            arn=some_text(part(answer, "AssumedRoleUser"), "Arn"),
        )

    def organization(self) -> Organization:
        """Ask for the organization that the responder reaches, and who he is in it."""
        return self._organization.describe()

    def fence(self, account: str) -> str | None:
        """Return the exact text of unleak's service control policy on a member account."""
        return self._organization.fence(account)

    def fence_room(self, account: str) -> int | None:
        """Return how many more service control policies fit on the account, ours not counted."""
        return self._organization.room(account)

    def is_member(self, account: str) -> bool:
        """Ask whether an account is of our own organization."""
        return self._organization.is_member(account)

    def of_account(self, account: str | None) -> AwsReader:
        """Return the reader of an account: this one where it is our own, or nobody can tell."""
        session = self._session.of_account(account)
        return self if session is self._session else AwsReader(session)

    def root_features(self) -> frozenset[str]:
        """Ask how central root access is set up in the organization."""
        return self._root.features()

    def root_keys(self, account: str) -> tuple[KeyFact, ...]:
        """List the access keys of a member account's root user, as root for that task."""
        return self._root.keys(account)

    def _listed_regions(self) -> tuple[str, ...]:
        names: list[str] = []
        more: dict[str, object] = {"RegionOptStatusContains": _ENABLED}
        while True:
            answer = self._asking.of("account", "list_regions", more)
            names.extend(text(region, "RegionName") for region in parts(answer, "Regions"))
            token = text(answer, "NextToken")
            if not token:
                return tuple(names)
            more["NextToken"] = token


def _entry(key: str, kind: str, value: str) -> dict[str, object]:
    return {"ContextKeyName": key, "ContextKeyType": kind, "ContextKeyValues": [value]}


def _simulation(result: Answer) -> Simulation:
    statements = parts(result, "MatchedStatements")
    return Simulation(
        action=text(result, "EvalActionName"),
        decision=text(result, "EvalDecision"),
        matched=tuple(text(statement, "SourcePolicyId") for statement in statements),
        missing=texts(result, "MissingContextValues"),
    )

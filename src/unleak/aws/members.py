"""Other accounts of the organization, each entered by a role of its own, for what has to be cut.

A session there may do no more than its session policy says, whatever the role may, and that is what
unleak does in an account: look, deny, switch off, take back.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from unleak.aws.answer import part, text
from unleak.aws.exchange import ask
from unleak.aws.session import AwsSession
from unleak.errors import MissingPermission, UnleakError

if TYPE_CHECKING:
    from botocore.session import Session

SESSION_NAME: Final = "unleak"
_SECONDS: Final = 3600
"""The longest that a session may last which was opened with a session.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""
_RENEWED: Final = 2700.0
"""Seconds after which a session is opened anew, so that none ends in the middle of a change."""
_ACTIONS: Final = (
    "account:ListRegions",
    "cloudtrail:LookupEvents",
    "ec2:DescribeRegions",
    "iam:Attach*Policy",
    "iam:CreatePolicy",
    "iam:DeactivateMFADevice",
    "iam:DeleteLoginProfile",
    "iam:DeletePolicy",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DeleteUserPermissionsBoundary",
    "iam:DeleteUserPolicy",
    "iam:Detach*Policy",
    "iam:Get*",
    "iam:List*",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:PutUserPermissionsBoundary",
    "iam:PutUserPolicy",
    "iam:SimulatePrincipalPolicy",
    "iam:UpdateAccessKey",
    "iam:UpdateSSHPublicKey",
    "iam:UpdateServiceSpecificCredential",
    "iam:UpdateSigningCertificate",
    "sts:GetAccessKeyInfo",
)


def session_policy() -> str:
    """Return what a session in another account may do at most, as compact JSON."""
    statement = {"Effect": "Allow", "Action": list(_ACTIONS), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))


class MemberSession(AwsSession):
    """A session in another account; its clients sign with the role there.

    Args:
        home: the responder's own session.
        session: botocore's, with the role's credentials.
        account: where it is.
    """

    def __init__(self, home: AwsSession, session: Session, account: str) -> None:
        super().__init__(replace(home.settings, region=home.region))
        self._home = home
        self._session = session
        self.clock = home.clock  # AWS has one time
        self.account = account

    def organization(self) -> AwsSession:
        """Return the session for the organization: that of the responder."""
        return self._home.organization()

    def of_account(self, account: str | None) -> AwsSession:
        """Return the session for an account; from here the way leads over home."""
        if account is None or account == self.account:
            return self
        return self._home.of_account(account)


class Members:
    """The accounts that were entered; each is entered once, and again before its session ends.

    Args:
        home: the responder's own session.
    """

    def __init__(self, home: AwsSession) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._entered: dict[tuple[str, str], tuple[float, AwsSession]] = {}

    def enter(self, account: str) -> AwsSession:
        """Return a session in another account.

        The role is assumed with the organization's credentials (`--org-profile`) where there are
        any: the role that Organizations makes trusts the management account.

        Raises:
            MissingPermission: the role does not let us in, or there is none of that name.
            UnleakError: AWS did not answer.
        """
        role = self._home.member_role
        with self._lock:
            known = self._entered.get((account, role))
            if known is None or time.monotonic() - known[0] > _RENEWED:
                known = (time.monotonic(), self._opened(account, role))
                self._entered[account, role] = known
            return known[1]

    def _opened(self, account: str, role: str) -> AwsSession:
        from botocore.session import Session  # noqa: PLC0415 - costs 120 ms, so not before

        from unleak.aws.models import QuickLoader  # noqa: PLC0415 - imports botocore

        opener = self._home.organization()
        arn = f"arn:{opener.partition() or 'aws'}:iam::{account}:role/{role}"
        asked = {
            "RoleArn": arn,
            "RoleSessionName": SESSION_NAME,
            "DurationSeconds": _SECONDS,
            "Policy": session_policy(),
        }
        try:
            answer = ask(opener.client("sts"), "assume_role", asked, clock=opener.clock)
        except UnleakError as error:
            message = f"account {account} cannot be entered as role/{role}: {error.message}"
            hint = "name a role that trusts you with --member-role, or sign in there"
            raise MissingPermission(message, hint=hint) from error
        minted = part(answer, "Credentials")
        session = Session()
        loader = QuickLoader(session.get_config_variable("data_path"))
        session.register_component("data_loader", loader)
        session.set_config_variable("sts_regional_endpoints", "regional")
        session.set_credentials(
            text(minted, "AccessKeyId"),
            text(minted, "SecretAccessKey"),
            text(minted, "SessionToken"),
        )
        return MemberSession(self._home, session, account)

"""Makes the changes, each tried again until it is accepted or its deadline has passed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.aws.answer import part, parts, text
from unleak.aws.codes import GONE, THERE
from unleak.aws.exchange import Manner, Patience, ask
from unleak.aws.organization import OrganizationDesk
from unleak.aws.receipts import receipt_of
from unleak.aws.root_desk import RootDesk
from unleak.errors import AwsFailure
from unleak.model.action import HolderType

if TYPE_CHECKING:
    from unleak.aws.answer import Answer
    from unleak.aws.session import AwsSession
    from unleak.model.action import Holder, KeyState, RoleRecord
    from unleak.model.outcome import Receipt

_PASSING: Final = frozenset(
    {
        "ConcurrentModification",
        "ConcurrentModificationException",
        "EntityTemporarilyUnmodifiable",
        "EntityTemporarilyUnmodifiableException",
        "RoleModified",
    }
)
"""Conflicts that pass by themselves.
Source: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and the IAM model.
"""
_NONE: Final[frozenset[str]] = frozenset()


class AwsWriter:
    """The changes that unleak can make, as `model.ports.Writer` lists them.

    A change whose answer was lost is made again: every one sets a state, so twice is as good as
    once.  Where the second time says "already there" or "already gone", it was ours, and done.

    Args:
        session: the responder's session, the same that the reader uses.
        deadline_seconds: how long one change is tried before it counts as failed.
    """

    def __init__(self, session: AwsSession, *, deadline_seconds: float = 30.0) -> None:
        self._session = session
        self._patience = Patience(
            answered_seconds=deadline_seconds,
            silent_seconds=deadline_seconds,
            first_wait_seconds=0.15,
            longest_wait_seconds=1.0,
            passing_codes=_PASSING,
        )
        self._organization = OrganizationDesk(session, patience=self._patience)
        self._root = RootDesk(session, patience=self._patience)

    def into_account(self, account: str | None) -> AwsWriter:
        """Return the writer of an account: this one where it is our own, or nobody can tell."""
        session = self._session.of_account(account)
        if session is self._session:
            return self
        return AwsWriter(session, deadline_seconds=self._patience.answered_seconds)

    def set_key_status(self, *, user: str, key_id: str, state: KeyState) -> Receipt:
        """Call `iam:UpdateAccessKey`, always with the user's name."""
        return self._change(
            "update_access_key", UserName=user, AccessKeyId=key_id, Status=state.value
        )

    def delete_key(self, *, user: str, key_id: str) -> Receipt:
        """Call `iam:DeleteAccessKey`."""
        return self._remove("delete_access_key", UserName=user, AccessKeyId=key_id)

    def delete_root_key(self, *, account: str, key_id: str) -> Receipt:
        """Call `iam:DeleteAccessKey` as a member account's root user."""
        return self._root.delete_key(account, key_id)

    def put_inline_policy(self, holder: Holder, *, policy_name: str, document: str) -> Receipt:
        """Call `iam:PutRolePolicy` or `iam:PutUserPolicy`."""
        return self._change(
            f"put_{holder.type}_policy",
            **_named(holder),
            PolicyName=policy_name,
            PolicyDocument=document,
        )

    def delete_inline_policy(self, holder: Holder, *, policy_name: str) -> Receipt:
        """Call `iam:DeleteRolePolicy` or `iam:DeleteUserPolicy`."""
        return self._remove(
            f"delete_{holder.type}_policy", **_named(holder), PolicyName=policy_name
        )

    def create_policy(self, *, policy_name: str, document: str) -> Receipt:
        """Call `iam:CreatePolicy`."""
        return self._create("create_policy", PolicyName=policy_name, PolicyDocument=document)

    def delete_policy(self, policy_arn: str) -> Receipt:
        """Call `iam:DeletePolicy`."""
        return self._remove("delete_policy", PolicyArn=policy_arn)

    def attach_policy(self, holder: Holder, *, policy_arn: str) -> Receipt:
        """Call `iam:AttachRolePolicy` or `iam:AttachUserPolicy`."""
        return self._change(f"attach_{holder.type}_policy", **_named(holder), PolicyArn=policy_arn)

    def detach_policy(self, holder: Holder, *, policy_arn: str) -> Receipt:
        """Call `iam:DetachRolePolicy` or `iam:DetachUserPolicy`."""
        return self._remove(f"detach_{holder.type}_policy", **_named(holder), PolicyArn=policy_arn)

    def put_boundary(self, holder: Holder, *, policy_arn: str) -> Receipt:
        """Call `iam:PutRolePermissionsBoundary` or `iam:PutUserPermissionsBoundary`."""
        return self._change(
            f"put_{holder.type}_permissions_boundary",
            **_named(holder),
            PermissionsBoundary=policy_arn,
        )

    def delete_boundary(self, holder: Holder) -> Receipt:
        """Call `iam:DeleteRolePermissionsBoundary` or `iam:DeleteUserPermissionsBoundary`."""
        return self._remove(f"delete_{holder.type}_permissions_boundary", **_named(holder))

    def add_to_group(self, *, user: str, group: str) -> Receipt:
        """Call `iam:AddUserToGroup`."""
        return self._change("add_user_to_group", UserName=user, GroupName=group)

    def remove_from_group(self, *, user: str, group: str) -> Receipt:
        """Call `iam:RemoveUserFromGroup`."""
        return self._remove("remove_user_from_group", UserName=user, GroupName=group)

    def create_role(self, record: RoleRecord) -> Receipt:
        """Call `iam:CreateRole` with all that the record holds."""
        more: dict[str, object] = {}
        if record.boundary is not None:
            more["PermissionsBoundary"] = record.boundary
        if record.description:
            more["Description"] = record.description
        if record.tags:
            more["Tags"] = [{"Key": key, "Value": value} for key, value in record.tags]
        return self._create(
            "create_role",
            RoleName=record.name,
            Path=record.path,
            AssumeRolePolicyDocument=record.trust_policy,
            MaxSessionDuration=record.max_session_seconds,
            **more,
        )

    def delete_role(self, role: str) -> Receipt:
        """Call `iam:DeleteRole`."""
        return self._remove("delete_role", RoleName=role)

    def add_to_instance_profile(self, *, role: str, profile: str) -> Receipt:
        """Call `iam:AddRoleToInstanceProfile`.

        A profile holds one role, so AWS answers a second time with `LimitExceeded`; then it is
        looked up whether the role in it is the one that was asked for.
        """
        try:
            return self._create(
                "add_role_to_instance_profile", RoleName=role, InstanceProfileName=profile
            )
        except AwsFailure as error:
            if not error.error_code.startswith("LimitExceeded"):
                raise
            seen = self._call("get_instance_profile", _NONE, {"InstanceProfileName": profile})
            roles = parts(part(seen, "InstanceProfile"), "Roles")
            if role not in {text(found, "RoleName") for found in roles}:
                raise
            return receipt_of(seen)

    def remove_from_instance_profile(self, *, role: str, profile: str) -> Receipt:
        """Call `iam:RemoveRoleFromInstanceProfile`."""
        return self._remove(
            "remove_role_from_instance_profile", RoleName=role, InstanceProfileName=profile
        )

    def set_service_credential_status(
        self, *, user: str, credential_id: str, state: KeyState
    ) -> Receipt:
        """Call `iam:UpdateServiceSpecificCredential`, always with the user's name."""
        return self._change(
            "update_service_specific_credential",
            UserName=user,
            ServiceSpecificCredentialId=credential_id,
            Status=state.value,
        )

    def set_ssh_key_status(self, *, user: str, key_id: str, state: KeyState) -> Receipt:
        """Call `iam:UpdateSSHPublicKey`."""
        return self._change(
            "update_ssh_public_key", UserName=user, SSHPublicKeyId=key_id, Status=state.value
        )

    def set_certificate_status(self, *, user: str, certificate_id: str, state: KeyState) -> Receipt:
        """Call `iam:UpdateSigningCertificate`, always with the user's name."""
        return self._change(
            "update_signing_certificate",
            UserName=user,
            CertificateId=certificate_id,
            Status=state.value,
        )

    def delete_login_profile(self, user: str) -> Receipt:
        """Call `iam:DeleteLoginProfile`; a password that was just made may not be deleted yet.

        AWS answers `EntityTemporarilyUnmodifiable` then, and it is tried again.
        Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteLoginProfile.html
        """
        return self._remove("delete_login_profile", UserName=user)

    def deactivate_mfa(self, *, user: str, serial: str) -> Receipt:
        """Call `iam:DeactivateMFADevice`, always with the user's name."""
        return self._remove("deactivate_mfa_device", UserName=user, SerialNumber=serial)

    def set_fence(self, *, account: str, document: str) -> Receipt:
        """Write the account's own service control policy, and attach it."""
        return self._organization.set_fence(account, document)

    def remove_fence(self, account: str) -> Receipt:
        """Detach the account's own service control policy, and delete it."""
        return self._organization.remove_fence(account)

    def _change(self, method: str, **parameters: object) -> Receipt:
        return receipt_of(self._call(method, _NONE, parameters))

    def _create(self, method: str, **parameters: object) -> Receipt:
        return receipt_of(self._call(method, THERE, parameters))

    def _remove(self, method: str, **parameters: object) -> Receipt:
        return receipt_of(self._call(method, GONE, parameters))

    def _call(
        self, method: str, settled_codes: frozenset[str], parameters: dict[str, object]
    ) -> Answer:
        manner = Manner(patience=self._patience, is_write=True, settled_codes=settled_codes)
        client = self._session.client("iam")
        return ask(client, method, parameters, clock=self._session.clock, manner=manner)


def _named(holder: Holder) -> dict[str, object]:
    return {"RoleName" if holder.type is HolderType.ROLE else "UserName": holder.name}

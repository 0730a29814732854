"""What one call left behind that may still be there: users, roles, passwords, trusts, functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.model.frozen import dataclass
from unleak.trail.fields import text_at
from unleak.trail.tactics import plain_name

if TYPE_CHECKING:
    from unleak.trail.fields import Json

_USER: Final = ("userName", "UserName")
_ROLE: Final = ("roleName", "RoleName")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of thing that may persist."""

    noun: str
    named_by: tuple[str, ...]
    """The parameters that may name it, the first one that is there."""
    fix: str
    """What to do about it; `{}` is its name."""
    removed_by: tuple[str, ...] = ()
    """The calls that take it away again."""


KINDS: Final = {
    "CreateUser": Kind(
        noun="user",
        named_by=_USER,
        fix="unleak revoke user/{} --strategy deny-all",
        removed_by=("DeleteUser",),
    ),
    "CreateRole": Kind(
        noun="role",
        named_by=_ROLE,
        fix="unleak revoke role/{} --strategy deny-all",
        removed_by=("DeleteRole",),
    ),
    "CreateAccessKey": Kind(
        noun="access-key",
        named_by=_USER,
        fix="unleak revoke {}",
        removed_by=("DeleteAccessKey", "DeleteUser"),
    ),
    "CreateLoginProfile": Kind(
        noun="password",
        named_by=_USER,
        fix="aws iam delete-login-profile --user-name {}",
        removed_by=("DeleteLoginProfile", "DeleteUser"),
    ),
    "UpdateLoginProfile": Kind(
        noun="password",
        named_by=_USER,
        fix="aws iam delete-login-profile --user-name {}",
        removed_by=("DeleteLoginProfile", "DeleteUser"),
    ),
    "UpdateAssumeRolePolicy": Kind(
        noun="trust-policy",
        named_by=_ROLE,
        fix="aws iam get-role --role-name {}",
        removed_by=("DeleteRole",),
    ),
    "CreateServiceSpecificCredential": Kind(
        noun="service-credential",
        named_by=_USER,
        fix="aws iam list-service-specific-credentials --user-name {}",
    ),
    "UploadSSHPublicKey": Kind(
        noun="ssh-key", named_by=_USER, fix="aws iam list-ssh-public-keys --user-name {}"
    ),
    "UploadSigningCertificate": Kind(
        noun="certificate",
        named_by=_USER,
        fix="aws iam list-signing-certificates --user-name {}",
    ),
    "CreateOpenIDConnectProvider": Kind(
        noun="identity-provider", named_by=("url",), fix="aws iam list-open-id-connect-providers"
    ),
    "CreateSAMLProvider": Kind(
        noun="identity-provider", named_by=("name",), fix="aws iam list-saml-providers"
    ),
    "CreateTrustAnchor": Kind(
        noun="trust-anchor",
        named_by=("name",),
        fix="aws rolesanywhere list-trust-anchors",
        removed_by=("DeleteTrustAnchor",),
    ),
    "CreateProfile": Kind(
        noun="anywhere-profile",
        named_by=("name",),
        fix="aws rolesanywhere list-profiles",
        removed_by=("DeleteProfile",),
    ),
    "CreateFunction": Kind(
        noun="function",
        named_by=("functionName",),
        fix="aws lambda get-function --function-name {}",
        removed_by=("DeleteFunction",),
    ),
    "UpdateFunctionCode": Kind(
        noun="function-code",
        named_by=("functionName",),
        fix="aws lambda get-function --function-name {}",
        removed_by=("DeleteFunction",),
    ),
    "AddPermission": Kind(
        noun="function-permission",
        named_by=("functionName",),
        fix="aws lambda get-policy --function-name {}",
        removed_by=("RemovePermission", "DeleteFunction"),
    ),
    "CreateFunctionUrlConfig": Kind(
        noun="function-url",
        named_by=("functionName",),
        fix="aws lambda delete-function-url-config --function-name {}",
        removed_by=("DeleteFunctionUrlConfig", "DeleteFunction"),
    ),
    "AttachUserPolicy": Kind(
        noun="user-policy",
        named_by=_USER,
        fix="aws iam list-attached-user-policies --user-name {}",
        removed_by=("DetachUserPolicy", "DeleteUser"),
    ),
    "AttachRolePolicy": Kind(
        noun="role-policy",
        named_by=_ROLE,
        fix="aws iam list-attached-role-policies --role-name {}",
        removed_by=("DetachRolePolicy", "DeleteRole"),
    ),
    "PutUserPolicy": Kind(
        noun="user-policy",
        named_by=_USER,
        fix="aws iam list-user-policies --user-name {}",
        removed_by=("DeleteUserPolicy", "DeleteUser"),
    ),
    "PutRolePolicy": Kind(
        noun="role-policy",
        named_by=_ROLE,
        fix="aws iam list-role-policies --role-name {}",
        removed_by=("DeleteRolePolicy", "DeleteRole"),
    ),
    "CreatePolicyVersion": Kind(
        noun="policy-version",
        named_by=("policyArn",),
        fix="aws iam list-policy-versions --policy-arn {}",
    ),
    "AddUserToGroup": Kind(
        noun="group-membership",
        named_by=_USER,
        fix="aws iam list-groups-for-user --user-name {}",
        removed_by=("RemoveUserFromGroup", "DeleteUser"),
    ),
    "RunInstances": Kind(noun="instance", named_by=(), fix="aws ec2 describe-instances"),
    "CreateKeyPair": Kind(
        noun="key-pair",
        named_by=("keyName",),
        fix="aws ec2 delete-key-pair --key-name {}",
        removed_by=("DeleteKeyPair",),
    ),
    "ImportKeyPair": Kind(
        noun="key-pair",
        named_by=("keyName",),
        fix="aws ec2 delete-key-pair --key-name {}",
        removed_by=("DeleteKeyPair",),
    ),
    "PutRule": Kind(
        noun="rule",
        named_by=("name",),
        fix="aws events describe-rule --name {}",
        removed_by=("DeleteRule",),
    ),
    "CreateStack": Kind(
        noun="stack",
        named_by=("stackName",),
        fix="aws cloudformation describe-stacks --stack-name {}",
        removed_by=("DeleteStack",),
    ),
    "ModifySnapshotAttribute": Kind(
        noun="shared-snapshot",
        named_by=("snapshotId",),
        fix="aws ec2 describe-snapshot-attribute --attribute createVolumePermission"
        " --snapshot-id {}",
    ),
    "ModifyImageAttribute": Kind(
        noun="shared-image",
        named_by=("imageId",),
        fix="aws ec2 describe-image-attribute --attribute launchPermission --image-id {}",
    ),
    "PutBucketPolicy": Kind(
        noun="bucket-policy",
        named_by=("bucketName",),
        fix="aws s3api get-bucket-policy --bucket {}",
        removed_by=("DeleteBucketPolicy",),
    ),
    "AcceptDelegationRequest": Kind(
        noun="delegation",
        named_by=("delegationRequestId",),
        fix="aws iam list-delegation-requests",
    ),
    "RegisterDelegatedAdministrator": Kind(
        noun="delegated-administrator",
        named_by=("accountId",),
        fix="aws organizations list-delegated-administrators",
        removed_by=("DeregisterDelegatedAdministrator",),
    ),
}
"""What may persist, by the call that makes it; the names are CloudTrail's, which are the API's.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

_REMOVALS: Final = frozenset(name for kind in KINDS.values() for name in kind.removed_by)
_GENERIC: Final = frozenset({"CreateUser", "CreateRole", "AddUserToGroup", "CreateProfile"})
"""Names that several services share; only IAM's (and Roles Anywhere's) are meant."""
_OF_IAM: Final = frozenset({"", "iam.amazonaws.com", "rolesanywhere.amazonaws.com"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One thing that a call made, changed or took away."""

    call: str
    """The call's plain name."""
    name: str
    detail: str = ""
    """An id or ARN of it, where the answer tells one."""

    @property
    def is_removal(self) -> bool:
        """Whether it was taken away."""
        return self.call in _REMOVALS


def read_changed(document: Json, name: str, source: str) -> Changed | None:
    """Return what a call that succeeded left behind, or took away; None where neither.

    Args:
        document: the event.
        name: the call.
        source: the service, as `eventSource` has it.
    """
    call = plain_name(name)
    if call not in KINDS and call not in _REMOVALS:
        return None
    if call in _GENERIC and source not in _OF_IAM:
        return None
    fields = KINDS[call].named_by if call in KINDS else ()
    if not fields:
        kinds = (kind for kind in KINDS.values() if call in kind.removed_by)
        fields = tuple(dict.fromkeys(field for kind in kinds for field in kind.named_by))
    names = (text_at(document, "requestParameters", field) for field in fields)
    found = next((each for each in names if each), "")
    if not found and call in {"CreateAccessKey", "DeleteAccessKey"}:
        found = text_at(document, "userIdentity", "userName") or ""
    return Changed(call=call, name=found, detail=_detail(document, call))


_DETAILS: Final = {
    "CreateAccessKey": ("responseElements", "accessKey", "accessKeyId"),
    "DeleteAccessKey": ("requestParameters", "accessKeyId"),
    "CreateUser": ("responseElements", "user", "arn"),
    "CreateRole": ("responseElements", "role", "arn"),
    "AttachUserPolicy": ("requestParameters", "policyArn"),
    "AttachRolePolicy": ("requestParameters", "policyArn"),
    "DetachUserPolicy": ("requestParameters", "policyArn"),
    "DetachRolePolicy": ("requestParameters", "policyArn"),
    "PutUserPolicy": ("requestParameters", "policyName"),
    "PutRolePolicy": ("requestParameters", "policyName"),
    "AddUserToGroup": ("requestParameters", "groupName"),
    "RemoveUserFromGroup": ("requestParameters", "groupName"),
    "CreateOpenIDConnectProvider": ("responseElements", "openIDConnectProviderArn"),
    "CreateSAMLProvider": ("responseElements", "sAMLProviderArn"),
    "DeleteUserPolicy": ("requestParameters", "policyName"),
    "DeleteRolePolicy": ("requestParameters", "policyName"),
}


def _detail(document: Json, call: str) -> str:
    path = _DETAILS.get(call)
    return (text_at(document, *path) or "") if path else ""

"""Refusals before the first change: whom a deny in IAM cannot contain, and what to do instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.errors import ForeignAccount, NotEditable, OwnerUnknown, Refused, WrongUse
from unleak.model.credential import Credential, CredentialKind
from unleak.model.plan import Scope
from unleak.model.principal import Principal, PrincipalType

if TYPE_CHECKING:
    from unleak.contain.options import Options
    from unleak.model.situation import Caller

SERVICE_LINKED_PATH = "/aws-service-role/"
RESERVED_PATH = "/aws-reserved/"


def refusal(credential: Credential, *, caller: Caller, options: Options) -> Refused | None:
    """Return why this credential cannot be contained from here, or None where it can.

    Args:
        credential: what leaked, identified.
        caller: who we are; an unknown account is no reason to refuse.
        options: the chosen strategy and scope.
    """
    return (
        _foreign(credential, caller)
        or _not_in_iam(credential)
        or _no_owner(credential)
        or not_editable(holder_principal(credential))
        or _no_single_session(credential, options)
    )


def is_of_root(credential: Credential) -> bool:
    """Whether a credential is a root user's: then no policy in IAM limits it."""
    if credential.kind in (CredentialKind.ROOT_KEY, CredentialKind.ROOT_SESSION):
        return True
    return credential.principal is not None and credential.principal.type is PrincipalType.ROOT


def holder_principal(credential: Credential) -> Principal | None:
    """Return the role or user that the deny has to sit on, None where it is not known.

    A federated session has no policies of its own: its parent user's are asked at each call.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getfederationtoken.html
    """
    principal = credential.principal
    if principal is not None and principal.type is PrincipalType.FEDERATED_USER:
        return credential.parent
    return principal


def _foreign(credential: Credential, caller: Caller) -> Refused | None:
    account = credential.account
    if account is None or caller.account is None or account == caller.account:
        return None
    message = (
        f"{credential.label} belongs to account {account}, "
        f"but you are signed in to {caller.account}"
    )
    hint = (
        f"sign in to {account} (--profile) and run the same command again; if it is not yours, "
        "tell the owner of that account, or AWS Support"
    )
    return ForeignAccount(message, hint=hint)


def _not_in_iam(credential: Credential) -> Refused | None:
    match credential.kind:
        case CredentialKind.ROOT_KEY | CredentialKind.ROOT_SESSION:
            message = f"{credential.label} is the root user's, and no policy in IAM can limit root"
            hint = (
                "sign in as root now: delete the access key, change the password, check the MFA "
                "devices and the e-mail account, then open a support case; root sessions end "
                "within an hour; an organization's service control policy holds a member's root"
                " meanwhile"
            )
            return NotEditable(message, hint=hint)
        case CredentialKind.SERVICE_KEY if not _can_be_turned_off(credential):
            message = f"{credential.label} is a service's own credential, not an access key"
            hint = (
                "name its IAM user (--owner user/NAME, or user/NAME instead): then it is turned "
                "off; a token of STS (ABIA) dies with the session that asked for it"
            )
            return NotEditable(message, hint=hint)
        case _:
            return None


def _can_be_turned_off(credential: Credential) -> bool:
    """Whether it is one of a user's: only STS's bearer tokens (`ABIA`) are on no list."""
    key_id = credential.access_key_id or ""
    owner = credential.principal
    is_users = owner is not None and owner.type is PrincipalType.USER
    return is_users and not key_id.startswith("ABIA")


def _no_owner(credential: Credential) -> Refused | None:
    if holder_principal(credential) is not None:
        return None
    if credential.kind is CredentialKind.FEDERATED_SESSION:
        message = f"the IAM user behind the federated session {credential.label} is not known"
        hint = (
            "name it: --owner user/NAME; CloudTrail's GetFederationToken event for this key id "
            "shows it under userIdentity"
        )
        return OwnerUnknown(message, hint=hint)
    message = f"nothing that you may read tells whose {credential.label} is"
    hint = (
        "name it: --owner role/NAME or user/NAME; to find it, look for the key id in CloudTrail's "
        "event history, in the program that showed it, or let unleak ask the credential itself "
        "(--ask-leaked, it shows in CloudTrail)"
    )
    return OwnerUnknown(message, hint=hint)


def not_editable(principal: Principal | None) -> Refused | None:
    """Return why nobody can put a deny on a role in IAM, with what to do instead; None: one can.

    Args:
        principal: the role, with its ARN where that is known; None and a user can be edited.
    """
    if principal is None:
        return None
    if principal.type is PrincipalType.ROOT:
        return _not_in_iam(Credential(access_key_id=None, kind=CredentialKind.ROOT_SESSION))
    if principal.type is not PrincipalType.ROLE:
        return None
    arn = principal.arn or ""
    if f":role{SERVICE_LINKED_PATH}" in arn or principal.name.startswith("AWSServiceRoleFor"):
        message = f"{principal.label} is a service-linked role: only its AWS service can change it"
        hint = (
            "stop what the service does with it (or delete the resource that it serves); in an "
            "organization not even a service control policy binds it"
        )
        return NotEditable(message, hint=hint)
    if f":role{RESERVED_PATH}" in arn or principal.name.startswith("AWSReservedSSO_"):
        message = f"{principal.label} is managed by IAM Identity Center and cannot be edited in IAM"
        hint = (
            "put the deny into the permission set's inline policy (DateLessThan "
            "aws:TokenIssueTime, StringEquals identitystore:UserId) and provision it, or use a "
            "service control policy; ending the portal session or removing the user leaves role "
            "sessions alive up to 12 h"
        )
        return NotEditable(message, hint=hint)
    return None


def _no_single_session(credential: Credential, options: Options) -> Refused | None:
    if options.scope is not Scope.SESSION:
        return None
    if credential.session_name is not None or credential.kind is CredentialKind.FEDERATED_SESSION:
        return None
    message = (
        f"{credential.label} names no single session, so --scope session has nothing to aim at"
    )
    hint = "use --scope principal, or name the session: session/ROLE/SESSION-NAME"
    return WrongUse(message, hint=hint)

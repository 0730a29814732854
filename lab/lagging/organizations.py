"""Organizations, as its management account and delegated administrators may use it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lab.lagging.estate import ControlPolicy, Organization
from lab.lagging.refusal import refuse

if TYPE_CHECKING:
    from lab.lagging.asked import Asked, Operation
    from lab.lagging.estate import Answer

SIZE: Final = 5120
ATTACHED_MOST: Final = 5
_TOO_MANY: Final = "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
_TOO_FEW: Final = "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
_TOO_LONG: Final = "POLICY_CONTENT_LIMIT_EXCEEDED"
_KIND: Final = "SERVICE_CONTROL_POLICY"
_MANAGEMENT_ONLY: Final = frozenset({"EnablePolicyType"})


def _describe(asked: Asked) -> Answer:
    """Serve members too: every account may ask which organization it is in."""
    org = _org(asked)
    arn = f"arn:aws:organizations::{org.management}:organization/{org.id}"
    kinds = [{"Type": _KIND, "Status": "ENABLED"}]
    return {
        "Organization": {
            "Id": org.id,
            "Arn": arn,
            "FeatureSet": "ALL",
            "MasterAccountArn": _account_arn(org, org.management),
            "MasterAccountId": org.management,
            "MasterAccountEmail": "management@example.com",
            "AvailablePolicyTypes": kinds if org.is_enabled else [],
        }
    }


def _list_roots(asked: Asked) -> Answer:
    org = _administered(asked)
    kinds = [{"Type": _KIND, "Status": "ENABLED"}] if org.is_enabled else []
    arn = f"arn:aws:organizations::{org.management}:root/{org.id}/{org.root_id}"
    return {"Roots": [{"Id": org.root_id, "Arn": arn, "Name": "Root", "PolicyTypes": kinds}]}


def _list_parents(asked: Asked) -> Answer:
    org = _administered(asked)
    child = asked.text("ChildId")
    if child not in _accounts(org):
        message = f"You specified a child that doesn't exist: {child}"
        raise refuse(400, "ChildNotFoundException", message)
    return {"Parents": [{"Id": org.root_id, "Type": "ROOT"}]}


def _list_accounts(asked: Asked) -> Answer:
    org = _administered(asked)
    return {"Accounts": [_account(org, number) for number in _accounts(org)]}


def _describe_account(asked: Asked) -> Answer:
    org, number = _administered(asked), asked.text("AccountId")
    if number not in _accounts(org):
        message = "You specified an account that doesn't exist."
        raise refuse(400, "AccountNotFoundException", message)
    return {"Account": _account(org, number)}


def _list_policies(asked: Asked) -> Answer:
    return {"Policies": [_summary(one) for one in _administered(asked).policies.values()]}


def _list_for_target(asked: Asked) -> Answer:
    org = _administered(asked)
    return {"Policies": [_summary(org.policies[one]) for one in org.attached[_target(asked, org)]]}


def _list_targets(asked: Asked) -> Answer:
    org = _administered(asked)
    policy = _policy(asked, org)
    return {
        "Targets": [
            {
                "TargetId": target,
                "Arn": _target_arn(org, target),
                "Name": target,
                "Type": "ROOT" if target == org.root_id else "ACCOUNT",
            }
            for target, policies in org.attached.items()
            if policy.id in policies
        ]
    }


def _describe_policy(asked: Asked) -> Answer:
    return {"Policy": _whole(_policy(asked, _administered(asked)))}


def _create_policy(asked: Asked) -> Answer:
    org, name = _administered(asked), asked.text("Name")
    content = _content(asked)
    if name in {one.name for one in org.policies.values()}:
        raise refuse(400, "DuplicatePolicyException", "A policy with the same name already exists.")
    policy_id = "p-" + asked.control.mint.word(8)
    policy = ControlPolicy(
        id=policy_id,
        name=name,
        arn=f"arn:aws:organizations::{org.management}:policy/{org.id}/service_control_policy/{policy_id}",
        document=content,
        description=asked.maybe("Description") or "",
    )
    _keep(asked, replace(org, policies={**org.policies, policy_id: policy}))
    return {"Policy": _whole(policy)}


def _update_policy(asked: Asked) -> Answer:
    org = _administered(asked)
    policy = _own(asked, org)
    changed = replace(
        policy,
        name=asked.maybe("Name") or policy.name,
        description=asked.maybe("Description") or policy.description,
        document=_content(asked) if asked.maybe("Content") else policy.document,
    )
    _keep(asked, replace(org, policies={**org.policies, policy.id: changed}))
    return {"Policy": _whole(changed)}


def _delete_policy(asked: Asked) -> Answer:
    org = _administered(asked)
    policy = _own(asked, org)
    if any(policy.id in policies for policies in org.attached.values()):
        message = "The policy is attached to one or more entities."
        raise refuse(400, "PolicyInUseException", message)
    left = {one: policy for one, policy in org.policies.items() if one != asked.text("PolicyId")}
    _keep(asked, replace(org, policies=left))
    return {}


def _attach(asked: Asked) -> Answer:
    org = _administered(asked)
    policy, target = _policy(asked, org), _target(asked, org)
    attached = org.attached[target]
    if not org.is_enabled:
        message = "The specified policy type is not enabled in this root."
        raise refuse(400, "PolicyTypeNotEnabledException", message)
    if policy.id in attached:
        message = "The policy is already attached to the specified target."
        raise refuse(400, "DuplicatePolicyAttachmentException", message)
    if len(attached) >= ATTACHED_MOST:
        raise _constraint(_TOO_MANY)
    _keep(asked, replace(org, attached={**org.attached, target: (*attached, policy.id)}))
    return {}


def _detach(asked: Asked) -> Answer:
    org = _administered(asked)
    policy, target = _policy(asked, org), _target(asked, org)
    attached = org.attached[target]
    if policy.id not in attached:
        message = "The policy isn't attached to the specified target."
        raise refuse(400, "PolicyNotAttachedException", message)
    if len(attached) == 1:
        raise _constraint(_TOO_FEW)
    left = tuple(one for one in attached if one != policy.id)
    _keep(asked, replace(org, attached={**org.attached, target: left}))
    return {}


def _enable(asked: Asked) -> Answer:
    org = _administered(asked)
    if org.is_enabled:
        message = "The specified policy type is already enabled."
        raise refuse(400, "PolicyTypeAlreadyEnabledException", message)
    _keep(asked, replace(org, is_enabled=True))
    return {"Root": {"Id": org.root_id}}


def _list_delegated(asked: Asked) -> Answer:
    org = _administered(asked)
    rows = [_account(org, number) for number in org.delegated]
    return {"DelegatedAdministrators": rows}


def _org(asked: Asked) -> Organization:
    org = asked.control.world.organization
    if org is None or asked.caller.account not in _accounts(org):
        message = "Your account is not a member of an organization."
        raise refuse(400, "AWSOrganizationsNotInUseException", message)
    return org


def _administered(asked: Asked) -> Organization:
    """Return the organization, to its management account or a delegated administrator only."""
    org, number = _org(asked), asked.caller.account
    delegated = () if asked.operation in _MANAGEMENT_ONLY else org.delegated
    if number != org.management and number not in delegated:
        message = "You don't have permissions to access this resource."
        raise refuse(400, "AccessDeniedException", message)
    return org


def _accounts(org: Organization) -> tuple[str, ...]:
    return (org.management, *org.members)


def _account_arn(org: Organization, number: str) -> str:
    return f"arn:aws:organizations::{org.management}:account/{org.id}/{number}"


def _target_arn(org: Organization, target: str) -> str:
    if target == org.root_id:
        return f"arn:aws:organizations::{org.management}:root/{org.id}/{target}"
    return _account_arn(org, target)


def _account(org: Organization, number: str) -> Answer:
    return {
        "Id": number,
        "Arn": _account_arn(org, number),
        "Email": f"{number}@example.com",
        "Name": "management" if number == org.management else "member",
        "Status": "ACTIVE",
    }


def _summary(policy: ControlPolicy) -> Answer:
    return {
        "Id": policy.id,
        "Arn": policy.arn,
        "Name": policy.name,
        "Description": policy.description,
        "Type": _KIND,
        "AwsManaged": policy.is_aws_managed,
    }


def _whole(policy: ControlPolicy) -> Answer:
    return {"PolicySummary": _summary(policy), "Content": policy.document}


def _policy(asked: Asked, org: Organization) -> ControlPolicy:
    found = org.policies.get(asked.text("PolicyId"))
    if found is None:
        message = "You specified a policy that doesn't exist."
        raise refuse(400, "PolicyNotFoundException", message)
    return found


def _own(asked: Asked, org: Organization) -> ControlPolicy:
    policy = _policy(asked, org)
    if policy.is_aws_managed:
        message = "The policy is managed by AWS and can't be changed."
        raise refuse(400, "PolicyChangesInProgressException", message)
    return policy


def _target(asked: Asked, org: Organization) -> str:
    target = asked.text("TargetId")
    if target not in org.attached:
        message = "You specified a target that doesn't exist."
        raise refuse(400, "TargetNotFoundException", message)
    return target


def _content(asked: Asked) -> str:
    content = asked.text("Content")
    try:
        json.loads(content)
    except ValueError as error:
        message = "The provided policy document does not meet the requirements."
        raise refuse(400, "MalformedPolicyDocumentException", message) from error
    if len(content) > SIZE:
        raise _constraint(_TOO_LONG)
    return content


def _constraint(reason: str) -> Exception:
    message = f"You have exceeded a limit of the organization: {reason}"
    refusal = refuse(400, "ConstraintViolationException", message)
    refusal.more = {"Reason": reason}
    return refusal


def _keep(asked: Asked, org: Organization) -> None:
    asked.control.write(replace(asked.control.world, organization=org))


OPERATIONS: Mapping[str, Operation] = {
    "DescribeOrganization": _describe,
    "ListRoots": _list_roots,
    "ListParents": _list_parents,
    "ListAccounts": _list_accounts,
    "DescribeAccount": _describe_account,
    "ListPolicies": _list_policies,
    "ListPoliciesForTarget": _list_for_target,
    "ListTargetsForPolicy": _list_targets,
    "DescribePolicy": _describe_policy,
    "CreatePolicy": _create_policy,
    "UpdatePolicy": _update_policy,
    "DeletePolicy": _delete_policy,
    "AttachPolicy": _attach,
    "DetachPolicy": _detach,
    "EnablePolicyType": _enable,
    "ListDelegatedAdministrators": _list_delegated,
}

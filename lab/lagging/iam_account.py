"""IAM's answers about a whole account, and its simulator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lab.lagging.authorization import boundary_sources, decide_by, identity_sources
from lab.lagging.iam_holdings import ATTACHED_MOST, INLINE_SIZE
from lab.lagging.iam_people import GROUPS_PER_USER, KEYS_PER_USER
from lab.lagging.iam_policies import SIZE, VERSIONS_MOST
from lab.lagging.iam_views import detail, view_policy, view_version
from lab.lagging.refusal import no_such

if TYPE_CHECKING:
    from lab.lagging.asked import Asked, Operation
    from lab.lagging.authorization import Decision
    from lab.lagging.estate import Answer, Holder


def _get_account_summary(asked: Asked) -> Answer:
    account = asked.account
    numbers = {
        "Users": len(account.users),
        "Roles": len(account.roles),
        "Groups": len(account.groups),
        "Policies": len(account.policies),
        "Providers": len(account.providers),
        "AccessKeysPerUserQuota": KEYS_PER_USER,
        "GroupsPerUserQuota": GROUPS_PER_USER,
        "UserPolicySizeQuota": INLINE_SIZE["User"],
        "RolePolicySizeQuota": INLINE_SIZE["Role"],
        "GroupPolicySizeQuota": INLINE_SIZE["Group"],
        "PolicySizeQuota": SIZE,
        "VersionsPerPolicyQuota": VERSIONS_MOST,
        "AttachedPoliciesPerUserQuota": ATTACHED_MOST,
        "AttachedPoliciesPerRoleQuota": ATTACHED_MOST,
        "AttachedPoliciesPerGroupQuota": ATTACHED_MOST,
        "AssumeRolePolicySizeQuota": 2048,
        "PoliciesQuota": 1500,
        # the lab's own hand is root's key, and no part of the account that is looked at
        "AccountAccessKeysPresent": 0,
        "AccountMFAEnabled": 1,
    }
    return {"SummaryMap": numbers}


def _get_authorization_details(asked: Asked) -> Answer:
    account = asked.account
    wanted = set(asked.texts("Filter")) or {"User", "Role", "Group", "LocalManagedPolicy"}
    return {
        "UserDetailList": _details(asked, account.users) if "User" in wanted else [],
        "RoleDetailList": _details(asked, account.roles) if "Role" in wanted else [],
        "GroupDetailList": _details(asked, account.groups) if "Group" in wanted else [],
        "Policies": _policies(asked) if "LocalManagedPolicy" in wanted else [],
        "IsTruncated": False,
    }


def _details(asked: Asked, holders: Mapping[str, Holder]) -> list[Answer]:
    rows: list[Answer] = []
    for holder in holders.values():
        shown = dict(detail(asked.account, holder))
        use = asked.control.uses.get(holder.unique_id)
        if use is not None and "RoleLastUsed" in shown:
            shown["RoleLastUsed"] = {"LastUsedDate": use.at, "Region": use.region}
        rows.append(shown)
    return rows


def _policies(asked: Asked) -> list[Answer]:
    return [
        {
            **view_policy(asked.account, policy),
            "PolicyVersionList": [view_version(policy, version) for version in policy.versions],
        }
        for policy in asked.account.policies.values()
    ]


def simulate(asked: Asked) -> Answer:
    """Judge what the control plane has: a simulation knows no lag, and no organization here."""
    account, holder = asked.account, _by_arn(asked, asked.text("PolicySourceArn"))
    groups = [identity_sources(account, holder)]
    if holder.boundary is not None:
        groups.append(boundary_sources(account, holder))
    context = {
        str(row["ContextKeyName"]).lower(): _values(row) for row in asked.rows("ContextEntries")
    }
    rows = [
        _result(action, decide_by(tuple(groups), action, context))
        for action in asked.texts("ActionNames")
    ]
    return {"EvaluationResults": rows, "IsTruncated": False}


def _values(row: Answer) -> tuple[str, ...]:
    values = row["ContextKeyValues"]
    return tuple(str(one) for one in values) if isinstance(values, list | tuple) else ()


def _by_arn(asked: Asked, arn: str) -> Holder:
    account = asked.account
    for holder in (*account.users.values(), *account.roles.values(), *account.groups.values()):
        if holder.arn == arn:
            return holder
    raise no_such(arn, "entity")


def _result(action: str, decision: Decision) -> Answer:
    word = "implicitDeny"
    if decision.is_allowed or decision.is_explicit:
        word = "allowed" if decision.is_allowed else "explicitDeny"
    return {
        "EvalActionName": action,
        "EvalResourceName": "*",
        "EvalDecision": word,
        "MatchedStatements": [
            {"SourcePolicyId": hit.source.name, "SourcePolicyType": "IAM Policy"}
            for hit in decision.matched
        ],
        "MissingContextValues": [],
    }


OPERATIONS: Mapping[str, Operation] = {
    "GetAccountSummary": _get_account_summary,
    "GetAccountAuthorizationDetails": _get_authorization_details,
    "SimulatePrincipalPolicy": simulate,
}

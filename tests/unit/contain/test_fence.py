"""Drawing a fence: whom it shuts out, whom it spares, and when there is none."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from fakes.fences import (
    ACCOUNT,
    MANAGEMENT,
    ORGANIZATION,
    caller,
    facts,
    fenced_in,
    role,
    spared_in,
    user,
)
from unleak.contain.deny_policy import Unmergeable
from unleak.contain.fence import (
    fence_document,
    plan_fence,
    refenced,
    without_freeze,
    without_principals,
)
from unleak.contain.fence_statement import FREEZE_ACTIONS, FenceFull, Unfenceable
from unleak.contain.replan import merged_anew
from unleak.model.action import SetFence
from unleak.model.plan import Stage, StepState
from unleak.model.principal import Principal, PrincipalType
from unleak.model.reading import NOT_LOOKED_AT, Absent, Gap, Known, Unknown

if TYPE_CHECKING:
    from unleak.contain.sessions import Draft
    from unleak.model.organization import FenceFacts
    from unleak.model.plan import Step
    from unleak.model.reading import Reading
    from unleak.model.situation import Caller

CUTOFF = datetime(2026, 11, 24, 7, tzinfo=UTC)
APP = role("app", arn=f"arn:aws:iam::{ACCOUNT}:role/team/app")
BOB = user("bob")
FOREIGN = {"Sid": "Theirs", "Effect": "Deny", "Action": "ec2:*", "Resource": "*"}


def fence(
    *principals: Principal,
    existing: str | None = None,
    responder: Caller | None = None,
    freeze: bool = False,
) -> str:
    return fence_document(
        existing, principals=principals, responder=responder or caller(), freeze=freeze
    )


def draft(
    *principals: Principal,
    read: FenceFacts | None = None,
    responder: Caller | None = None,
    freeze: bool = False,
    account: str | None = ACCOUNT,
) -> Draft:
    return plan_fence(
        read or facts(),
        account=account,
        principals=principals,
        responder=responder or caller(),
        cutoff=CUTOFF,
        freeze=freeze,
    )


def only_step(planned: Draft) -> Step:
    (step,) = planned.steps
    return step


def test_a_role_is_shut_out_by_its_arn_and_its_sessions_by_theirs() -> None:
    assert fenced_in(fence(APP)) == [
        f"arn:aws:iam::{ACCOUNT}:role/team/app",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/app/*",
    ]


def test_a_role_whose_path_is_not_known_is_shut_out_under_any() -> None:
    assert fenced_in(fence(role("app"))) == [
        f"arn:aws:iam::{ACCOUNT}:role/app",
        f"arn:aws:iam::{ACCOUNT}:role/*/app",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/app/*",
    ]


def test_with_a_user_every_federated_session_is_shut_out() -> None:
    assert fenced_in(fence(BOB)) == [
        f"arn:aws:iam::{ACCOUNT}:user/bob",
        f"arn:aws:sts::{ACCOUNT}:federated-user/*",
    ]


def test_a_members_root_is_shut_out() -> None:
    root = Principal(type=PrincipalType.ROOT, name="root", account=ACCOUNT, partition="aws")

    assert fenced_in(fence(root)) == [f"arn:aws:iam::{ACCOUNT}:root"]


def test_a_federated_user_is_shut_out_by_name() -> None:
    federated = Principal(type=PrincipalType.FEDERATED_USER, name="fed")

    assert fenced_in(fence(federated)) == [f"arn:aws:sts::{ACCOUNT}:federated-user/fed"]


def test_an_identity_center_user_has_no_arn_to_be_shut_out_by() -> None:
    person = Principal(type=PrincipalType.IDENTITY_CENTER_USER, name="ann")

    with pytest.raises(Unfenceable, match="no ARN"):
        fence(person)


def test_the_account_and_partition_come_from_the_responder_where_nothing_else_tells() -> None:
    responder = caller("arn:aws-us-gov:iam::210987654321:user/responder")
    bare = Principal(type=PrincipalType.ROLE, name="app")

    assert fenced_in(fence(bare, responder=responder))[0] == (
        "arn:aws-us-gov:iam::210987654321:role/app"
    )


def test_everything_is_denied_to_the_fenced_and_to_nobody_else() -> None:
    (statement,) = json.loads(fence(APP))["Statement"]

    assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Deny", "*", "*")
    assert set(statement["Condition"]) == {"ArnLike", "ArnNotLike"}


@pytest.mark.parametrize(
    ("arn", "spared"),
    [
        (f"arn:aws:iam::{ACCOUNT}:user/ir/ann", [f"arn:aws:iam::{ACCOUNT}:user/ir/ann"]),
        (f"arn:aws:iam::{ACCOUNT}:root", [f"arn:aws:iam::{ACCOUNT}:root"]),
        (
            f"arn:aws:sts::{ACCOUNT}:assumed-role/ir/ann",
            [f"arn:aws:iam::{ACCOUNT}:role/ir", f"arn:aws:iam::{ACCOUNT}:role/*/ir"],
        ),
    ],
)
def test_the_responder_is_spared(arn: str, spared: list[str]) -> None:
    assert spared_in(fence(APP, responder=caller(arn))) == spared


@pytest.mark.parametrize(
    "arn",
    [
        None,
        "arn:aws:sts::123456789012:federated-user/ann",
        "no arn at all",
    ],
)
def test_who_cannot_be_spared_by_name_draws_no_fence(arn: str | None) -> None:
    with pytest.raises(Unfenceable):
        fence(APP, responder=caller(arn))


@pytest.mark.parametrize("principal", [APP, role("app")])
def test_a_responder_who_works_as_the_fenced_role_draws_no_fence(principal: Principal) -> None:
    own = caller(f"arn:aws:sts::{ACCOUNT}:assumed-role/app/me")

    with pytest.raises(Unfenceable, match="shut you out"):
        fence(principal, responder=own)


def test_a_responder_whom_an_earlier_incident_fenced_draws_no_fence() -> None:
    earlier = fence(user("ann"))

    with pytest.raises(Unfenceable, match="shut you out"):
        fence(APP, existing=earlier, responder=caller(f"arn:aws:iam::{ACCOUNT}:user/ann"))


def test_an_earlier_responder_who_is_fenced_now_is_spared_no_longer() -> None:
    ann = f"arn:aws:sts::{ACCOUNT}:assumed-role/ir/ann"
    earlier = fence(APP, responder=caller(ann), freeze=True)

    later = fence(role("ir", arn=f"arn:aws:iam::{ACCOUNT}:role/x/ir"), existing=earlier)

    assert f"arn:aws:iam::{ACCOUNT}:role/*/ir" not in spared_in(later)
    assert f"arn:aws:iam::{ACCOUNT}:role/*/ir" not in spared_in(later, "UnleakFreezeIam")


def test_earlier_responders_stay_spared() -> None:
    earlier = fence(APP, responder=caller(f"arn:aws:iam::{ACCOUNT}:user/ann"))

    later = fence(BOB, existing=earlier)

    assert spared_in(later) == [
        f"arn:aws:iam::{ACCOUNT}:user/ann",
        f"arn:aws:iam::{ACCOUNT}:user/responder",
    ]


def test_a_freeze_spares_the_responder_and_service_linked_roles_alone() -> None:
    frozen = fence(APP, freeze=True)

    assert spared_in(frozen, "UnleakFreezeIam") == [
        f"arn:aws:iam::{ACCOUNT}:user/responder",
        "arn:*:iam::*:role/aws-service-role/*",
    ]


@pytest.mark.parametrize(
    "call",
    [
        "iam:AttachUserPolicy",
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:CreatePolicyVersion",
        "iam:CreateRole",
        "iam:CreateUser",
        "iam:DeleteRolePermissionsBoundary",
        "iam:DeleteUserPolicy",
        "iam:DetachRolePolicy",
        "iam:PutUserPolicy",
        "iam:RemoveUserFromGroup",
        "iam:SetDefaultPolicyVersion",
        "iam:UpdateAccessKey",
        "iam:UpdateAssumeRolePolicy",
        "organizations:LeaveOrganization",
        "rolesanywhere:CreateTrustAnchor",
        "sts:GetFederationToken",
    ],
)
def test_a_freeze_refuses_what_makes_identities_or_strips_controls(call: str) -> None:
    assert any(call == each or call.startswith(each.removesuffix("*")) for each in FREEZE_ACTIONS)


@pytest.mark.parametrize("call", ["iam:GetUser", "iam:ListRoles", "iam:PassRole", "sts:AssumeRole"])
def test_a_freeze_lets_programs_run_and_people_look(call: str) -> None:
    assert not any(call.startswith(each.removesuffix("*")) for each in FREEZE_ACTIONS)


def test_wildcards_stand_at_the_end_only() -> None:
    assert not [each for each in FREEZE_ACTIONS if "*" in each.removesuffix("*")]


def test_a_freeze_of_an_earlier_incident_stays() -> None:
    later = fence(BOB, existing=fence(APP, freeze=True))

    assert "UnleakFreezeIam" in later


def test_thawing_leaves_the_fence() -> None:
    assert without_freeze(fence(APP, freeze=True)) == fence(APP)


def test_a_statement_that_somebody_edited_is_his_and_stays() -> None:
    edited = json.loads(fence(BOB))
    edited["Statement"][0]["Condition"]["Bool"] = {"aws:ViaAWSService": "false"}

    later = json.loads(fence(APP, existing=json.dumps(edited)))

    assert later["Statement"][0] == edited["Statement"][0]
    assert len(later["Statement"]) == 2


@pytest.mark.parametrize("sid", ["UnleakFence", "UnleakFreezeIam"])
def test_a_statement_of_our_name_and_another_shape_is_not_ours(sid: str) -> None:
    theirs = {**FOREIGN, "Sid": sid}
    existing = json.dumps({"Version": "2012-10-17", "Statement": [theirs]})

    assert json.loads(fence(APP, existing=existing, freeze=True))["Statement"][0] == theirs


def test_letting_a_principal_in_leaves_the_others_out() -> None:
    both = fence(BOB, existing=fence(APP))

    assert without_principals(both, [BOB]) == fence(APP)


def test_federated_sessions_stay_out_while_any_user_is_fenced() -> None:
    both = fence(user("ann"), BOB)

    left = without_principals(both, [BOB])

    assert left is not None
    assert fenced_in(left) == [
        f"arn:aws:iam::{ACCOUNT}:user/ann",
        f"arn:aws:sts::{ACCOUNT}:federated-user/*",
    ]


def test_a_role_is_let_in_again_however_it_was_named() -> None:
    assert without_principals(fence(role("app")), [APP, role("other", account=None)]) is None


def test_letting_the_last_one_in_leaves_what_others_wrote() -> None:
    existing = json.dumps({"Version": "2012-10-17", "Statement": [FOREIGN]})

    left = without_principals(fence(APP, existing=existing), [APP])

    assert left is not None
    assert json.loads(left)["Statement"] == [FOREIGN]


def test_where_it_is_tight_the_sessions_own_names_are_left_out() -> None:
    many = [role(f"{number:03}" + "x" * 60, account=ACCOUNT) for number in range(45)]

    document = fence(*many)

    assert len(document) <= 10_240
    assert not any("assumed-role" in arn for arn in fenced_in(document))


def test_too_many_are_refused_rather_than_some_forgotten() -> None:
    many = [role(f"{number:03}" + "x" * 60, account=ACCOUNT) for number in range(90)]

    with pytest.raises(FenceFull, match="10240"):
        fence(*many)


def test_partitions_where_the_quota_is_not_known_to_have_grown_get_the_old_one() -> None:
    responder = caller("arn:aws-iso:iam::123456789012:user/responder")
    many = [replace(role(f"{number:03}" + "x" * 60), partition="aws-iso") for number in range(45)]

    with pytest.raises(FenceFull, match="5120"):
        fence(*many, responder=responder)


def test_what_is_no_policy_is_not_overwritten() -> None:
    with pytest.raises(Unmergeable):
        fence(APP, existing="not a policy")


def test_a_weakened_fence_is_mended_without_pushing_others_out() -> None:
    ours, theirs = fence(APP, freeze=True), fence(BOB)

    mended = refenced(theirs, ours)

    assert fenced_in(mended) == [*fenced_in(theirs), *fenced_in(ours)]
    assert "UnleakFreezeIam" in mended


def test_a_fence_that_is_gone_is_mended_as_it_was() -> None:
    ours = fence(APP, freeze=True)

    assert refenced(None, ours) == ours


def test_two_full_fences_are_not_mended_into_one() -> None:
    full = [fence(*(role(mark * 50 + f"{each}") for each in range(50))) for mark in "ab"]

    with pytest.raises(FenceFull):
        refenced(full[0], full[1])


def test_a_fence_that_waited_is_merged_with_what_came_meanwhile() -> None:
    step = only_step(draft(APP))

    anew = merged_anew(step, current=fence(BOB), cutoff=CUTOFF + timedelta(hours=1))

    assert isinstance(anew.action, SetFence)
    assert anew.action.before == fence(BOB)
    assert fenced_in(anew.action.after or "") == [*fenced_in(fence(BOB)), *fenced_in(fence(APP))]
    assert anew.safe_date == CUTOFF + timedelta(hours=37)


def test_a_fence_that_cannot_be_merged_with_what_came_meanwhile_fails_loudly() -> None:
    step = only_step(draft(APP))

    assert merged_anew(step, current="theirs", cutoff=CUTOFF).state is StepState.FAILED


def test_the_step_says_what_it_writes_and_until_when() -> None:
    step = only_step(draft(APP))

    assert step.action == SetFence(account=ACCOUNT, before=None, after=fence(APP))
    assert step.safe_date == CUTOFF + timedelta(hours=12)
    assert (step.stage, step.reversible, step.is_temporary) == (Stage.CONTAIN, True, False)


def test_a_fence_with_a_user_stands_as_long_as_his_longest_session() -> None:
    assert only_step(draft(APP, BOB)).safe_date == CUTOFF + timedelta(hours=36)


def test_the_plan_tells_whom_a_frozen_fence_around_a_user_hits() -> None:
    impact = only_step(draft(BOB, freeze=True)).impact

    assert "everybody who works as user/bob" in impact
    assert "every federated session" in impact
    assert "nobody in 123456789012 but you can change" in impact


def test_a_fence_that_stands_already_is_no_work() -> None:
    standing = facts(document=Known(fence(APP)))

    assert only_step(draft(APP, read=standing)).state is StepState.ALREADY


def test_where_both_do_not_fit_the_fence_goes_before_the_freeze() -> None:
    many = [role(f"{number:02}" + "x" * 60) for number in range(50)]

    planned = draft(*many, freeze=True)

    assert planned.warnings == ("the fence has no room left, so IAM is not frozen",)
    assert isinstance(action := only_step(planned).action, SetFence)
    assert "UnleakFreezeIam" not in (action.after or "")


DELEGATE = replace(ORGANIZATION, is_management=False)
DENIED = Unknown(Gap.DENIED, "not allowed to call ListPoliciesForTarget")


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (facts(organization=Absent()), "there is no organization"),
        (facts(organization=NOT_LOOKED_AT), "nobody looked"),
        (
            facts(organization=Known(replace(ORGANIZATION, management_account=ACCOUNT))),
            "is the management account of o-example",
        ),
    ],
)
def test_what_nobody_can_help_is_a_warning(read: FenceFacts, words: str) -> None:
    planned = draft(APP, read=read)

    assert (planned.steps, planned.manual) == ((), ())
    assert words in planned.warnings[0]


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (facts(organization=DENIED), "--org-profile"),
        (
            facts(organization=Known(replace(ORGANIZATION, are_scps_enabled=False))),
            "enable-policy-type --root-id r-root",
        ),
        (facts(organization=Known(DELEGATE), document=DENIED), "--org-profile"),
        (facts(room=0), "as many service control policies attached as fit"),
        (facts(document=Known("not a policy")), "no policy that can be read"),
    ],
)
def test_what_a_person_can_help_is_work_for_him(read: FenceFacts, words: str) -> None:
    planned = draft(APP, read=read)

    assert (planned.steps, planned.warnings) == ((), ())
    assert words in planned.manual[0]


@pytest.mark.parametrize("document", [Absent(), Known(fence(BOB))])
def test_a_delegate_with_the_right_may_draw_one(document: Reading[str]) -> None:
    read = facts(organization=Known(DELEGATE), document=document)

    assert only_step(draft(APP, read=read)).state is StepState.PLANNED


def test_a_full_account_does_not_matter_where_the_fence_is_attached_already() -> None:
    read = facts(document=Known(fence(BOB)), room=0)

    assert only_step(draft(APP, read=read)).state is StepState.PLANNED


def test_an_account_that_is_not_known_gets_no_fence() -> None:
    assert "which account" in draft(APP, account=None).warnings[0]


def test_a_service_linked_role_gets_no_fence() -> None:
    linked = role("AWSServiceRoleForX", arn=f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x/y")

    assert "service-linked" in draft(linked).warnings[0]


def test_the_responder_who_would_be_shut_out_is_told_so() -> None:
    own = caller(f"arn:aws:sts::{ACCOUNT}:assumed-role/app/me")

    assert "shut you out" in draft(APP, responder=own).warnings[0]


def test_the_management_account_as_responder_is_spared_like_anybody() -> None:
    responder = caller(f"arn:aws:iam::{MANAGEMENT}:user/ann")

    assert spared_in(fence(APP, responder=responder)) == [f"arn:aws:iam::{MANAGEMENT}:user/ann"]

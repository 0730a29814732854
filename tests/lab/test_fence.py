"""The fence on a cloud that enforces service control policies, late: set, bitten, lifted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lab.lagging.cloud import Refusal
from lab.lagging.doors import LaggingDoors
from lab.lagging.founding import MANAGEMENT
from unleak.apply.perform import perform
from unleak.apply.reality import Standing, look
from unleak.contain.fence import plan_fence, without_freeze
from unleak.errors import MissingPermission
from unleak.identify.organization import read_fence
from unleak.model.action import SetFence, inverse
from unleak.model.principal import Principal, PrincipalType
from unleak.model.reading import Absent, Gap, Known, Unknown

if TYPE_CHECKING:
    from lab.lagging.cloud import LaggingCloud
    from unleak.contain.sessions import Draft


@pytest.fixture
def doors(cloud: LaggingCloud) -> LaggingDoors:
    return LaggingDoors(cloud, org_keys=cloud.org_admin_keys)


def principal(doors: LaggingDoors, label: str) -> Principal:
    kind, name = label.split("/")
    return doors.reader().role(name).principal if kind == "role" else doors.reader().user(name)


def planned(doors: LaggingDoors, *labels: str, freeze: bool = False) -> Draft:
    reader = doors.reader()
    now = reader.clock.now() or doors.cloud.clock.now()
    return plan_fence(
        read_fence(reader, doors.cloud.account),
        account=doors.cloud.account,
        principals=[principal(doors, label) for label in labels],
        responder=reader.caller(),
        cutoff=now,
        freeze=freeze,
    )


def fenced(doors: LaggingDoors, *labels: str, freeze: bool = False) -> SetFence:
    """Fence principals through unleak's own doors and wait until it is enforced everywhere."""
    (step,) = planned(doors, *labels, freeze=freeze).steps
    assert isinstance(step.action, SetFence)
    perform(step.action, doors.writer())
    doors.cloud.clock.advance(30)
    return step.action


def test_the_fenced_role_is_refused_and_everybody_else_is_served(
    cloud: LaggingCloud, doors: LaggingDoors
) -> None:
    cloud.make_role("app")
    cloud.make_role("other")
    thief, honest = cloud.assume("app", "thief"), cloud.assume("other", "honest")
    assert cloud.is_alive(thief)

    fenced(doors, "role/app")

    assert not cloud.is_alive(thief)
    assert not cloud.is_alive(cloud.assume("app", "anew"))
    assert cloud.is_alive(honest)
    assert cloud.is_alive(cloud.responder_keys)


def test_a_fenced_user_is_refused_with_his_sessions_and_federated_ones(
    cloud: LaggingCloud, doors: LaggingDoors
) -> None:
    bob, ann = cloud.make_user("bob"), cloud.make_user("ann")
    stolen = [bob, cloud.session_token(bob), cloud.federation_token(bob, "fed")]
    assert all(cloud.is_alive(each) for each in stolen)

    fenced(doors, "user/bob")

    assert [cloud.is_alive(each) for each in stolen] == [False, False, False]
    assert cloud.is_alive(ann)
    assert cloud.is_alive(cloud.responder_keys)


def test_the_fence_bites_when_the_lag_has_passed_and_is_read_at_once(
    cloud: LaggingCloud, doors: LaggingDoors
) -> None:
    bob = cloud.make_user("bob")
    (step,) = planned(doors, "user/bob").steps

    perform(step.action, doors.writer())

    assert look(step.action, doors.reader()).standing is Standing.AFTER
    assert cloud.is_alive(bob)
    cloud.clock.advance(30)
    assert not cloud.is_alive(bob)


def test_all_rights_of_the_account_do_not_help_the_thief(
    cloud: LaggingCloud, doors: LaggingDoors
) -> None:
    bob = cloud.make_user("bob")
    assert cloud.may(bob, "iam:CreateUser")

    fenced(doors, "user/bob")

    with pytest.raises(Refusal) as refused:
        cloud.call(bob, "iam", "CreateUser", UserName="second")
    assert "service control policy" in refused.value.message


def test_nobody_but_the_responder_can_leave_the_organization_while_iam_is_frozen(
    cloud: LaggingCloud, doors: LaggingDoors
) -> None:
    cloud.make_role("app")
    second = cloud.make_user("second")
    everybody = (second, cloud.admin_keys, cloud.responder_keys)
    assert all(cloud.may(each, "organizations:LeaveOrganization") for each in everybody)

    fenced(doors, "role/app", freeze=True)

    left = [cloud.may(each, "organizations:LeaveOrganization") for each in everybody]
    assert left == [False, False, True]


def test_a_freeze_stops_a_second_identity_from_making_a_third(
    cloud: LaggingCloud, doors: LaggingDoors
) -> None:
    cloud.make_role("app")
    second = cloud.make_user("second")

    fenced(doors, "role/app", freeze=True)

    assert cloud.is_alive(second)
    with pytest.raises(Refusal) as refused:
        cloud.call(second, "iam", "CreateAccessKey", UserName="second")
    assert "service control policy" in refused.value.message
    cloud.call(cloud.responder_keys, "iam", "CreateUser", UserName="made-by-the-responder")


def test_thawing_lets_others_work_and_the_thief_stay_out(
    cloud: LaggingCloud, doors: LaggingDoors
) -> None:
    cloud.make_role("app")
    thief, second = cloud.assume("app", "thief"), cloud.make_user("second")
    frozen = fenced(doors, "role/app", freeze=True).after or ""

    doors.writer().set_fence(account=cloud.account, document=without_freeze(frozen))
    cloud.clock.advance(30)

    cloud.call(second, "iam", "CreateAccessKey", UserName="second")
    assert not cloud.is_alive(thief)


def test_a_second_incident_is_merged_and_its_undo_leaves_the_first(
    cloud: LaggingCloud, doors: LaggingDoors
) -> None:
    cloud.make_role("app")
    bob, thief = cloud.make_user("bob"), cloud.assume("app", "thief")
    fenced(doors, "role/app")
    second = fenced(doors, "user/bob")
    assert not cloud.is_alive(bob)
    back = inverse(second)
    assert back is not None

    perform(back, doors.writer())
    cloud.clock.advance(30)

    assert cloud.is_alive(bob)
    assert not cloud.is_alive(thief)


def test_undo_lifts_it_and_leaves_nothing_behind(cloud: LaggingCloud, doors: LaggingDoors) -> None:
    cloud.make_role("app")
    thief = cloud.assume("app", "thief")
    back = inverse(fenced(doors, "role/app"))
    assert back is not None

    perform(back, doors.writer())
    cloud.clock.advance(30)

    assert cloud.is_alive(thief)
    assert look(back, doors.reader()).standing is Standing.AFTER
    listed = cloud.call(
        cloud.org_admin_keys, "organizations", "ListPolicies", Filter="SERVICE_CONTROL_POLICY"
    )
    assert "UnleakFence" not in str(listed)


def test_setting_it_twice_changes_nothing(cloud: LaggingCloud, doors: LaggingDoors) -> None:
    cloud.make_role("app")
    action = fenced(doors, "role/app")

    perform(action, doors.writer())

    assert look(action, doors.reader()).standing is Standing.AFTER


def test_a_fence_that_was_only_detached_is_found_again(
    cloud: LaggingCloud, doors: LaggingDoors
) -> None:
    cloud.make_role("app")
    thief = cloud.assume("app", "thief")
    action = fenced(doors, "role/app")
    listed = cloud.call(
        cloud.org_admin_keys,
        "organizations",
        "ListPoliciesForTarget",
        TargetId=cloud.account,
        Filter="SERVICE_CONTROL_POLICY",
    )["Policies"]
    assert isinstance(listed, list)
    (ours,) = (str(each["Id"]) for each in listed if "UnleakFence" in str(each))
    parameters = {"PolicyId": ours, "TargetId": cloud.account}
    cloud.call(cloud.org_admin_keys, "organizations", "DetachPolicy", **parameters)
    assert look(action, doors.reader()).standing is Standing.BEFORE

    perform(action, doors.writer())
    cloud.clock.advance(30)

    assert look(action, doors.reader()).standing is Standing.AFTER
    assert not cloud.is_alive(thief)


def test_a_member_account_alone_sees_the_organization_and_may_not_fence(
    cloud: LaggingCloud,
) -> None:
    cloud.make_role("app")
    alone = LaggingDoors(cloud)

    found = read_fence(alone.reader(), cloud.account)

    assert isinstance(found.organization, Known)
    assert not found.organization.value.is_management
    assert isinstance(found.document, Unknown)
    assert found.document.gap is Gap.DENIED
    assert "--org-profile" in planned(alone, "role/app").manual[0]
    with pytest.raises(MissingPermission):
        alone.writer().set_fence(account=cloud.account, document="{}")


def test_a_delegated_administrator_needs_no_other_credentials(cloud: LaggingCloud) -> None:
    cloud.make_role("app")
    thief = cloud.assume("app", "thief")
    cloud.delegate_to(cloud.account)

    fenced(LaggingDoors(cloud), "role/app")

    assert not cloud.is_alive(thief)


def test_the_organization_is_told_with_its_management_account(doors: LaggingDoors) -> None:
    found = doors.reader().organization()

    assert (found.management_account, found.is_management) == (MANAGEMENT, True)
    assert found.are_scps_enabled is True


def test_the_management_account_gets_no_fence(doors: LaggingDoors) -> None:
    facts = read_fence(doors.reader(), MANAGEMENT)

    draft = plan_fence(
        facts,
        account=MANAGEMENT,
        principals=[Principal(type=PrincipalType.ROLE, name="app", account=MANAGEMENT)],
        responder=doors.reader().caller(),
        cutoff=doors.cloud.clock.now() + timedelta(seconds=1),
        freeze=False,
    )

    assert draft.steps == ()
    assert "no service control policy ever binds" in draft.warnings[0]


def test_an_account_without_an_organization_is_told_so(cloud: LaggingCloud) -> None:
    outside = LaggingDoors(cloud, keys=cloud.outsider_keys)

    assert read_fence(outside.reader(), cloud.account).organization == Absent()

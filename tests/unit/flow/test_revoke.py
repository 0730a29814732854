"""The main job on an account in memory: one question, one cut, and a way in for every quota."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fakes.cloud import Call, FakeCloud, refusal
from fakes.cutoffs import policy_cutoff
from fakes.people import FakeDoors, FakePerson
from unleak.contain.deny_policy import merge_cutoff
from unleak.contain.options import Options
from unleak.errors import ForeignAccount, NoConsent, NoSuchPrincipal, OwnerUnknown, StateFolder
from unleak.evidence.target import NamedTarget, parse_target
from unleak.flow.history import incident, incidents
from unleak.flow.plan import plan
from unleak.flow.request import Measuring, Request
from unleak.flow.revoke import revoke
from unleak.identify.consent import Consent
from unleak.model.action import (
    AttachPolicy,
    DetachPolicy,
    Holder,
    HolderType,
    KeyState,
    SetBoundary,
)
from unleak.model.credential import FoundCredential
from unleak.model.outcome import Status
from unleak.model.plan import Scope, StepState, Strategy
from unleak.model.principal import Principal, PrincipalType
from unleak.model.proof import Level
from unleak.model.situation import Caller

KEY = "AKIALEAKEDUSERKEY001"
ROLE_DEPLOY = Holder(type=HolderType.ROLE, name="deploy")
QUICKLY = Measuring(wanted=Level.READ_BACK, timeout_seconds=0)


def named(text: str, *, assume_yes: bool = True, options: Options | None = None) -> Request:
    """Return the wish to cut off whom `text` names, content with a read-back."""
    target = parse_target(text)
    assert isinstance(target, NamedTarget)
    return Request(
        named=target,
        options=options or Options(),
        consent=Consent.FORBIDDEN,
        assume_yes=assume_yes,
        measuring=QUICKLY,
    )


def leaked_key(*, assume_yes: bool = True, owner: Principal | None = None) -> Request:
    """Return the wish to cut off one user key of which nothing but the id is known."""
    return Request(
        found=(FoundCredential(access_key_id=KEY),),
        owner=owner,
        consent=Consent.FORBIDDEN,
        assume_yes=assume_yes,
        measuring=QUICKLY,
    )


@pytest.fixture
def cloud() -> FakeCloud:
    """An account with a role and a user whose key leaked."""
    made = FakeCloud()
    made.add_role("deploy")
    made.add_user("ci", keys=[KEY])
    return made


def test_a_role_is_cut_off_and_the_journal_knows(cloud: FakeCloud, tmp_path: Path) -> None:
    response = revoke(named("role/deploy"), FakeDoors(cloud), FakePerson(), home=tmp_path)

    assert response.status is Status.CONTAINED
    assert [call.method for call in cloud.calls] == ["put_inline_policy"]
    assert [each.id for each in incidents(home=tmp_path)] == [response.incident.id]
    assert incident("latest", home=tmp_path).status is Status.CONTAINED


def test_an_event_that_names_key_and_session_cuts_this_session_alone(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    wanted = replace(
        named("session/deploy/ci-42", options=Options(scope=Scope.SESSION)),
        found=(FoundCredential(access_key_id="ASIALEAKEDSESSION001"),),
    )

    response = revoke(wanted, FakeDoors(cloud), FakePerson(), home=tmp_path)

    written = json.loads(next(iter(cloud.at(ROLE_DEPLOY).inline.values())))
    conditions = [statement["Condition"] for statement in written["Statement"]]
    assert all(":ci-42" in json.dumps(each) for each in conditions)
    assert [each.access_key_id for each in response.incident.credentials] == [
        "ASIALEAKEDSESSION001"
    ]


def test_a_user_key_is_turned_off_and_its_sessions_are_denied(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    response = revoke(leaked_key(), FakeDoors(cloud), FakePerson(), home=tmp_path)

    user = cloud.principals["user/ci"]
    assert response.status is Status.CONTAINED
    assert user.keys[KEY] is KeyState.INACTIVE
    assert policy_cutoff(user.inline["AWSRevokeOlderSessions"]) == response.incident.plan.cutoff


def test_saying_no_changes_nothing_and_makes_no_incident(cloud: FakeCloud, tmp_path: Path) -> None:
    doors = FakeDoors(cloud)

    with pytest.raises(NoConsent):
        revoke(named("role/deploy", assume_yes=False), doors, FakePerson(yes=False), home=tmp_path)

    assert cloud.calls == []
    assert "writer" not in doors.opened
    assert incidents(home=tmp_path) == ()


def test_planning_never_opens_the_writer(cloud: FakeCloud) -> None:
    doors = FakeDoors(cloud)

    made = plan(named("role/deploy", assume_yes=False), doors, FakePerson())

    assert set(doors.opened) == {"reader"}
    assert len(made.abilities) == 3
    assert [step.state for step in made.steps] == [StepState.PLANNED]


def test_a_cutoff_that_somebody_set_while_the_person_was_thinking_is_kept(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    later = datetime(2026, 11, 24, 7, 10, tzinfo=UTC)
    theirs = '{"Effect":"Deny","Action":"s3:*","Resource":"*"}'

    def console() -> None:
        document = json.loads(merge_cutoff(None, later).document)
        document["Statement"].append(json.loads(theirs))
        cloud.principals["role/deploy"].inline["AWSRevokeOlderSessions"] = json.dumps(document)

    revoke(
        named("role/deploy", assume_yes=False),
        FakeDoors(cloud),
        FakePerson(meanwhile=console),
        home=tmp_path,
    )

    document = cloud.principals["role/deploy"].inline["AWSRevokeOlderSessions"]
    assert policy_cutoff(document) == later
    assert json.loads(theirs) in json.loads(document)["Statement"]


def test_the_cutoff_is_taken_after_the_question_not_before(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    def think() -> None:
        cloud.fake_clock.move(timedelta(minutes=3))

    person = FakePerson(meanwhile=think)
    response = revoke(
        named("role/deploy", assume_yes=False), FakeDoors(cloud), person, home=tmp_path
    )

    before, after = person.shown[0].cutoff, response.incident.plan.cutoff
    assert before is not None
    assert after == before + timedelta(minutes=3)


def test_a_full_inline_quota_sends_the_deny_into_a_managed_policy(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    cloud.failing["put_inline_policy"] = refusal(code="LimitExceeded", operation="PutRolePolicy")

    response = revoke(named("role/deploy"), FakeDoors(cloud), FakePerson(), home=tmp_path)

    (attached,) = cloud.principals["role/deploy"].attached
    assert response.status is Status.CONTAINED
    assert policy_cutoff(cloud.policies[attached]) == response.incident.plan.cutoff
    first = response.incident.plan.steps[0]
    assert first.state is StepState.SKIPPED
    assert any("managed policy" in warning for warning in response.incident.plan.warnings)


def test_where_no_policy_can_be_attached_the_boundary_denies(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    cloud.failing["put_inline_policy"] = refusal(code="LimitExceeded", operation="PutRolePolicy")
    cloud.failing["attach_policy"] = refusal(code="LimitExceeded", operation="AttachRolePolicy")

    response = revoke(named("role/deploy"), FakeDoors(cloud), FakePerson(), home=tmp_path)

    boundary = cloud.principals["role/deploy"].boundary
    assert boundary is not None
    assert policy_cutoff(cloud.policies[boundary]) == response.incident.plan.cutoff
    done = [s.action for s in response.incident.plan.steps if s.state is StepState.DONE]
    assert any(isinstance(action, SetBoundary) for action in done)
    assert response.status is Status.CONTAINED


def test_the_last_rung_detaches_what_can_be_detached(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.principals["role/deploy"].attached.append("arn:aws:iam::aws:policy/PowerUserAccess")
    for method, operation in (
        ("put_inline_policy", "PutRolePolicy"),
        ("create_policy", "CreatePolicy"),
        ("put_boundary", "PutRolePermissionsBoundary"),
    ):
        cloud.failing[method] = refusal(code="LimitExceeded", operation=operation)

    response = revoke(named("role/deploy"), FakeDoors(cloud), FakePerson(), home=tmp_path)

    assert cloud.principals["role/deploy"].attached == []
    kinds = {type(step.action) for step in response.incident.plan.steps}
    assert DetachPolicy in kinds
    assert AttachPolicy in kinds


def test_when_every_rung_is_refused_the_word_is_failed(cloud: FakeCloud, tmp_path: Path) -> None:
    for method in ("put_inline_policy", "create_policy", "put_boundary"):
        cloud.failing[method] = refusal(code="LimitExceeded", operation=method)

    response = revoke(named("role/deploy"), FakeDoors(cloud), FakePerson(), home=tmp_path)

    assert response.status is Status.FAILED


def test_a_deny_that_fails_does_not_stop_the_key_from_being_turned_off(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    cloud.failing["put_inline_policy"] = refusal(code="ServiceFailure", operation="PutUserPolicy")

    response = revoke(leaked_key(), FakeDoors(cloud), FakePerson(), home=tmp_path)

    assert cloud.principals["user/ci"].keys[KEY] is KeyState.INACTIVE
    assert response.status is Status.PARTIAL


def test_an_owner_that_nobody_knows_is_asked_for(cloud: FakeCloud, tmp_path: Path) -> None:
    session = FoundCredential(access_key_id="ASIALEAKEDSESSION001")
    request = replace(leaked_key(assume_yes=False), found=(session,))
    owner = Principal(type=PrincipalType.ROLE, name="deploy")

    response = revoke(request, FakeDoors(cloud), FakePerson(owner=owner), home=tmp_path)

    assert response.incident.credentials[0].principal is not None
    assert response.incident.credentials[0].principal.unique_id is not None
    assert "AWSRevokeOlderSessions" in cloud.principals["role/deploy"].inline


def test_an_owner_that_nobody_knows_at_all_is_refused_before_any_change(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    session = FoundCredential(access_key_id="ASIALEAKEDSESSION001")

    with pytest.raises(OwnerUnknown) as refused:
        revoke(
            replace(leaked_key(), found=(session,)), FakeDoors(cloud), FakePerson(), home=tmp_path
        )

    assert "--owner" in refused.value.hint
    assert cloud.calls == []


def test_a_role_of_another_account_is_not_looked_for_in_ours(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    with pytest.raises(ForeignAccount):
        revoke(
            named("arn:aws:iam::999999999999:role/deploy"),
            FakeDoors(cloud),
            FakePerson(),
            home=tmp_path,
        )

    assert cloud.calls == []


def test_a_role_that_does_not_exist_is_refused(cloud: FakeCloud, tmp_path: Path) -> None:
    with pytest.raises(NoSuchPrincipal):
        revoke(named("role/nosuch"), FakeDoors(cloud), FakePerson(), home=tmp_path)


def test_without_a_place_for_the_journal_nothing_is_begun(cloud: FakeCloud, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    doors = FakeDoors(cloud)

    with pytest.raises(StateFolder):
        revoke(named("role/deploy"), doors, FakePerson(), home=in_the_way)

    assert doors.opened == []


def test_the_responders_own_role_is_cut_last_and_said(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.identity = Caller(
        account=cloud.account,
        arn=f"arn:aws:sts::{cloud.account}:assumed-role/deploy/night",
        unique_id="AROA0000000000000001:night",
        access_key_id="ASIARESPONDERSESSION",
    )
    target = replace(leaked_key(), named=None)
    both = replace(
        target, found=(*target.found, FoundCredential(access_key_id="ASIALEAKEDSESSION001"))
    )
    owner = Principal(type=PrincipalType.ROLE, name="deploy")

    response = revoke(both, FakeDoors(cloud), FakePerson(owner=owner), home=tmp_path)

    assert response.incident.plan.self_lockout
    assert cloud.calls[-1].target.startswith("role/deploy")


def test_the_blunt_ways_reach_the_account(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.principals["role/deploy"].inline["app"] = '{"Version":"2012-10-17","Statement":[]}'
    cloud.principals["role/deploy"].attached.append("arn:aws:iam::aws:policy/PowerUserAccess")
    options = Options(strategy=Strategy.STRIP_PERMISSIONS)

    response = revoke(
        named("role/deploy", options=options), FakeDoors(cloud), FakePerson(), home=tmp_path
    )

    role = cloud.principals["role/deploy"]
    assert (role.inline, role.attached) == ({}, [])
    assert response.status is Status.CONTAINED


def test_two_at_once_on_one_role_wait_for_each_other_and_move_nothing_back(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    first_is_done = threading.Event()
    earlier = named("role/deploy", options=Options(cutoff=cloud.fake_clock.at))
    second = threading.Thread(
        target=revoke,
        args=(earlier, FakeDoors(cloud), FakePerson()),
        kwargs={"home": tmp_path},
    )

    def second_begins(_call: Call) -> None:
        if second.ident is None:
            second.start()
            second.join(0.3)
        else:
            first_is_done.wait(5)

    cloud.on_call = second_begins
    first = revoke(named("role/deploy"), FakeDoors(cloud), FakePerson(), home=tmp_path)
    first_is_done.set()
    second.join()

    document = cloud.principals["role/deploy"].inline["AWSRevokeOlderSessions"]
    assert policy_cutoff(document) == first.incident.plan.cutoff

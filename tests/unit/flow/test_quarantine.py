"""AWS's own quarantine: told, never taken for a containment, and taken off last."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import FakeCloud
from fakes.people import FakeDoors, FakePerson
from fakes.timing import FakeTime
from unleak.contain.options import Options
from unleak.evidence.target import NamedTarget, parse_target
from unleak.flow.identify import identify_leak
from unleak.flow.plan import plan
from unleak.flow.request import Measuring, Request
from unleak.flow.resume import resume
from unleak.flow.revoke import revoke
from unleak.flow.undo import undo
from unleak.identify.consent import Consent
from unleak.model.action import AttachPolicy, DetachPolicy, Holder, HolderType, KeyState
from unleak.model.outcome import Status
from unleak.model.plan import Stage, StepState, Strategy
from unleak.model.policy_names import is_quarantine
from unleak.model.proof import Level

if TYPE_CHECKING:
    from unleak.flow.response import Response

KEY = "AKIALEAKEDUSERKEY001"
USER = Holder(type=HolderType.USER, name="ci")
V3 = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
MINE = "arn:aws:iam::123456789012:policy/AWSCompromisedKeyQuarantineV3"
OWN = "arn:aws:iam::123456789012:policy/own"
MAKES_USERS = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:CreateUser",'
    '"Resource":"*"}]}'
)
DENIES_IT = MAKES_USERS.replace("Allow", "Deny")


@pytest.fixture
def cloud() -> FakeCloud:
    """An account with a user whom AWS has quarantined."""
    made = FakeCloud()
    made.at(made.add_user("ci", keys=[KEY])).attached += [OWN, V3]
    made.policies[OWN] = MAKES_USERS
    made.policies[V3] = DENIES_IT
    return made


def wanted(
    *,
    detach: bool = False,
    assume_yes: bool = True,
    strategy: Strategy = Strategy.REVOKE_SESSIONS,
    level: Level = Level.READ_BACK,
) -> Request:
    target = parse_target("user/ci")
    assert isinstance(target, NamedTarget)
    return Request(
        named=target,
        options=Options(detach_quarantine=detach, strategy=strategy, hold_seconds=0),
        consent=Consent.FORBIDDEN,
        assume_yes=assume_yes,
        measuring=Measuring(wanted=level, timeout_seconds=0),
    )


def cut(cloud: FakeCloud, request: Request, home: Path) -> Response:
    return revoke(request, FakeDoors(cloud), FakePerson(), home=home, timing=FakeTime(cloud).timing)


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantine", True),
        ("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2", True),
        (V3, True),
        ("arn:aws-us-gov:iam::aws:policy/AWSCompromisedKeyQuarantineV3", True),
        ("arn:aws:iam::aws:policy/AWSExposedCredentialPolicy_DO_NOT_REMOVE", True),
        ("arn:aws:iam::aws:policy/AdministratorAccess", False),
        (MINE, False),
    ],
)
def test_only_what_is_aws_s_own_is_a_quarantine(arn: str, *, expected: bool) -> None:
    assert is_quarantine(arn) is expected


def test_plan_and_identify_say_what_it_does_not_block(cloud: FakeCloud) -> None:
    made = plan(wanted(assume_yes=False), FakeDoors(cloud), FakePerson())
    (credential,) = identify_leak(wanted(), FakeDoors(cloud), FakePerson())

    for lines in (made.warnings, credential.notes):
        (line,) = [each for each in lines if "quarantine" in each]
        assert "no containment" in line
        assert "sts:AssumeRole" in line
        assert "--detach-quarantine" in line


def test_the_old_one_may_be_an_inline_policy(cloud: FakeCloud) -> None:
    user = cloud.principals["user/ci"]
    user.attached.remove(V3)
    user.inline["AWSExposedCredentialPolicy_DO_NOT_REMOVE"] = DENIES_IT

    made = plan(wanted(assume_yes=False), FakeDoors(cloud), FakePerson())

    assert any("AWSExposedCredentialPolicy_DO_NOT_REMOVE" in each for each in made.warnings)


def test_it_contains_nothing_so_all_is_done_as_without_it(cloud: FakeCloud, tmp_path: Path) -> None:
    cut(cloud, wanted(), tmp_path)

    user = cloud.principals["user/ci"]
    assert user.keys[KEY] is KeyState.INACTIVE
    assert "AWSRevokeOlderSessions" in user.inline
    assert V3 in user.attached


def test_what_it_denies_now_could_be_done_before_so_it_is_searched_for(cloud: FakeCloud) -> None:
    made_since = cloud.add_user("fresh")
    cloud.at(made_since).created_at = cloud.fake_clock.at or cloud.at(made_since).created_at
    request = wanted(assume_yes=False)
    early = replace(
        request,
        options=replace(
            request.options, since=cloud.at(made_since).created_at - timedelta(hours=1)
        ),
    )

    made = plan(early, FakeDoors(cloud), FakePerson())

    assert [door.target for door in made.doors] == ["user/fresh"]


def test_stripping_takes_every_policy_but_this(cloud: FakeCloud, tmp_path: Path) -> None:
    cut(cloud, wanted(strategy=Strategy.STRIP_PERMISSIONS), tmp_path)

    assert cloud.principals["user/ci"].attached == [V3]


def test_a_policy_of_a_thief_under_its_name_is_stripped(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.policies[MINE] = MAKES_USERS
    cloud.principals["user/ci"].attached.append(MINE)

    cut(cloud, wanted(strategy=Strategy.STRIP_PERMISSIONS), tmp_path)

    assert cloud.principals["user/ci"].attached == [V3]


@pytest.mark.parametrize("assume_yes", [True, False])
def test_it_goes_last_when_asked_and_once_all_else_is_proven(
    cloud: FakeCloud, tmp_path: Path, *, assume_yes: bool
) -> None:
    response = cut(cloud, wanted(detach=True, assume_yes=assume_yes), tmp_path)

    assert response.status is Status.CONTAINED
    assert cloud.calls[-1].method == "detach_policy"
    assert V3 not in cloud.principals["user/ci"].attached
    detach = DetachPolicy(holder=USER, policy_arn=V3)
    (step,) = [each for each in response.incident.plan.steps if each.action == detach]
    assert (step.stage, step.state) == (Stage.LAST, StepState.DONE)


def test_it_stays_while_the_containment_is_not_proven_and_resume_tries_again(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    first = cut(cloud, wanted(detach=True, level=Level.LIVE), tmp_path)
    stays = V3 in cloud.principals["user/ci"].attached
    second = resume(
        "latest",
        FakeDoors(cloud),
        FakePerson(),
        assume_yes=True,
        measuring=Measuring(wanted=Level.READ_BACK, timeout_seconds=0),
        home=tmp_path,
        timing=FakeTime(cloud).timing,
    )

    assert (first.status, stays) == (Status.UNPROVEN, True)
    assert second.status is Status.CONTAINED
    assert V3 not in cloud.principals["user/ci"].attached


def test_undo_puts_it_on_again(cloud: FakeCloud, tmp_path: Path) -> None:
    cut(cloud, wanted(detach=True), tmp_path)
    cloud.fake_clock.move(timedelta(days=3))

    undo("latest", FakeDoors(cloud), FakePerson(), assume_yes=True, home=tmp_path)

    assert V3 in cloud.principals["user/ci"].attached


def test_asked_for_where_there_is_none_it_is_told(cloud: FakeCloud) -> None:
    cloud.principals["user/ci"].attached.remove(V3)

    made = plan(wanted(detach=True, assume_yes=False), FakeDoors(cloud), FakePerson())

    assert not any(isinstance(each.action, DetachPolicy | AttachPolicy) for each in made.steps)
    assert any("no quarantine of AWS's is attached" in each for each in made.warnings)

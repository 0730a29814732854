"""A leak of a user is more than one key: what is turned off, what is listed, what is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import LONG_AGO, START, FakeCloud, refusal
from fakes.people import FakeDoors, FakePerson
from fakes.timing import FakeTime
from fakes.ways_in import ALL, BEDROCK, CERTIFICATE, NEW_DEVICE, OLD_DEVICE, SSH
from unleak.contain.options import Options
from unleak.errors import MissingPermission
from unleak.evidence.target import NamedTarget, parse_target
from unleak.flow.plan import plan
from unleak.flow.request import Measuring, Request
from unleak.flow.resume import resume
from unleak.flow.revoke import revoke
from unleak.flow.undo import undo
from unleak.identify.consent import Consent
from unleak.model.action import Action, KeyState, kind_of
from unleak.model.credential import FoundCredential
from unleak.model.door import DoorKind, DoorState
from unleak.model.outcome import Status
from unleak.model.plan import Stage, StepState, Strategy
from unleak.model.policy_names import CONSOLE_POLICY
from unleak.model.proof import Level
from unleak.model.user_action import DeactivateMfa, DeleteLoginProfile

if TYPE_CHECKING:
    from unleak.flow.response import Response

KEY = "AKIALEAKEDUSERKEY001"
OTHER_KEY = "AKIAOTHERUSERKEY0002"
REST = {
    "update-service-specific-credential",
    "update-ssh-public-key",
    "update-signing-certificate",
    "delete-login-profile",
    "deactivate-mfa-device",
}
QUICKLY = Measuring(wanted=Level.READ_BACK, timeout_seconds=0)


@pytest.fixture
def cloud() -> FakeCloud:
    """An account with a user who has everything that a user can have."""
    made = FakeCloud()
    made.at(made.add_user("ci", keys=[KEY, OTHER_KEY])).password_made_at = LONG_AGO
    made.principals["user/ci"].inline["own"] = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*",'
        '"iam:CreateServiceSpecificCredential","iam:EnableMFADevice"],"Resource":"*"}]}'
    )
    made.rest_of("ci").add(*ALL)
    return made


def named(*, assume_yes: bool = True, options: Options | None = None) -> Request:
    target = parse_target("user/ci")
    assert isinstance(target, NamedTarget)
    return Request(
        named=target,
        options=options or Options(hold_seconds=0),
        consent=Consent.FORBIDDEN,
        assume_yes=assume_yes,
        measuring=QUICKLY,
    )


def one_key(*, assume_yes: bool = True, options: Options | None = None) -> Request:
    return replace(
        named(assume_yes=assume_yes, options=options),
        named=None,
        found=(FoundCredential(access_key_id=KEY),),
    )


def cut(cloud: FakeCloud, request: Request, home: Path) -> Response:
    return revoke(request, FakeDoors(cloud), FakePerson(), home=home, timing=FakeTime(cloud).timing)


def kinds(actions: list[Action]) -> set[str]:
    return {kind_of(each) for each in actions}


@pytest.mark.parametrize("assume_yes", [True, False])
def test_a_named_user_loses_everything_that_it_signs_in_with(
    cloud: FakeCloud, tmp_path: Path, *, assume_yes: bool
) -> None:
    response = cut(cloud, named(assume_yes=assume_yes), tmp_path)

    rest, user = cloud.rest_of("ci"), cloud.principals["user/ci"]
    assert set(user.keys.values()) == {KeyState.INACTIVE}
    assert user.password_made_at is None
    assert {each.state for each in rest.services.values()} == {KeyState.INACTIVE}
    assert {each.state for each in rest.ssh_keys.values()} == {KeyState.INACTIVE}
    assert {each.state for each in rest.certificates.values()} == {KeyState.INACTIVE}
    assert list(rest.devices) == [OLD_DEVICE.serial]
    assert CONSOLE_POLICY in user.inline
    assert response.status is Status.CONTAINED


def test_the_deny_leaves_before_anything_else_of_the_user_is_read(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    asked_before: list[str] = []
    cloud.on_call = lambda _: asked_before.extend([] if asked_before else cloud.asked)

    cut(cloud, named(), tmp_path)

    late = ("service_credentials", "ssh_keys", "certificates", "mfa_devices", "login_profile")
    assert asked_before
    assert [each for each in asked_before if each.split()[0] in late] == []
    assert {name for name in late if any(each.startswith(name) for each in cloud.asked)} == set(
        late
    )


def test_where_one_key_leaked_the_rest_that_was_there_before_is_told_and_left_alone(
    cloud: FakeCloud,
) -> None:
    del cloud.rest_of("ci").devices[NEW_DEVICE.serial]

    made = plan(one_key(assume_yes=False), FakeDoors(cloud), FakePerson())

    assert kinds([step.action for step in made.steps]) & REST == set()
    assert made.doors == ()
    (line,) = [each for each in made.warnings if "also has" in each]
    assert "1 console password, 1 service-specific credential, 1 SSH key" in line
    assert "unleak revoke user/ci" in line


def test_where_one_key_leaked_what_was_made_since_is_an_open_door(cloud: FakeCloud) -> None:
    cloud.rest_of("ci").add(replace(BEDROCK, made_at=START - timedelta(hours=1)))

    made = plan(one_key(assume_yes=False), FakeDoors(cloud), FakePerson())

    assert {(door.kind, door.target, door.state) for door in made.doors} == {
        (DoorKind.SERVICE_CREDENTIAL, BEDROCK.credential_id, DoorState.OPEN),
        (DoorKind.MFA_DEVICE, NEW_DEVICE.serial, DoorState.OPEN),
    }


def test_with_cascade_what_was_made_since_is_closed_and_nothing_older(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    cloud.rest_of("ci").add(replace(BEDROCK, made_at=START - timedelta(hours=1)))
    options = Options(hold_seconds=0, cascade=True)

    response = cut(cloud, one_key(options=options), tmp_path)

    rest = cloud.rest_of("ci")
    assert rest.services[BEDROCK.credential_id].state is KeyState.INACTIVE
    assert list(rest.devices) == [OLD_DEVICE.serial]
    assert rest.ssh_keys[SSH.key_id].state is KeyState.ACTIVE
    assert cloud.principals["user/ci"].password_made_at == LONG_AGO
    assert {door.state for door in response.incident.plan.doors} == {DoorState.CONTAINED}


def test_a_named_user_s_new_things_are_closed_once_and_are_no_open_doors(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    cloud.rest_of("ci").add(replace(BEDROCK, made_at=START - timedelta(hours=1)))
    options = Options(hold_seconds=0, cascade=True)

    response = cut(cloud, named(assume_yes=False, options=options), tmp_path)

    calls = [call.method for call in cloud.calls]
    assert calls.count("set_service_credential_status") == 1
    assert calls.count("deactivate_mfa") == 1
    assert response.incident.plan.open_doors == ()


def test_only_devices_that_were_put_on_since_are_taken_off(cloud: FakeCloud) -> None:
    since = NEW_DEVICE.made_at
    assert since is not None
    late = Options(hold_seconds=0, since=since + timedelta(minutes=1))

    early = plan(named(assume_yes=False), FakeDoors(cloud), FakePerson())
    later = plan(named(assume_yes=False, options=late), FakeDoors(cloud), FakePerson())

    off = DeactivateMfa(user="ci", serial=NEW_DEVICE.serial)
    assert [step.action for step in early.steps if isinstance(step.action, DeactivateMfa)] == [off]
    assert not any(isinstance(step.action, DeactivateMfa) for step in later.steps)
    assert any(OLD_DEVICE.serial in each and "stays on" in each for each in early.warnings)


def test_the_plan_says_that_the_only_device_goes(cloud: FakeCloud) -> None:
    del cloud.rest_of("ci").devices[OLD_DEVICE.serial]

    made = plan(named(assume_yes=False), FakeDoors(cloud), FakePerson())

    (step,) = [each for each in made.steps if isinstance(each.action, DeactivateMfa)]
    assert "the only one" in step.impact


def test_what_has_no_way_back_says_so_and_is_not_undone(cloud: FakeCloud, tmp_path: Path) -> None:
    cut(cloud, named(), tmp_path)
    cloud.fake_clock.move(timedelta(days=3))

    undo("latest", FakeDoors(cloud), FakePerson(), assume_yes=True, force=True, home=tmp_path)

    rest, user = cloud.rest_of("ci"), cloud.principals["user/ci"]
    assert rest.services[BEDROCK.credential_id].state is KeyState.ACTIVE
    assert rest.ssh_keys[SSH.key_id].state is KeyState.ACTIVE
    assert rest.certificates[CERTIFICATE.certificate_id].state is KeyState.ACTIVE
    assert user.password_made_at is None
    assert NEW_DEVICE.serial not in rest.devices


def test_without_force_a_leaked_credential_is_never_turned_on_again(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    cut(cloud, named(), tmp_path)
    cloud.fake_clock.move(timedelta(days=3))

    undo("latest", FakeDoors(cloud), FakePerson(), assume_yes=True, home=tmp_path)

    rest = cloud.rest_of("ci")
    assert rest.services[BEDROCK.credential_id].state is KeyState.INACTIVE
    assert rest.ssh_keys[SSH.key_id].state is KeyState.INACTIVE


def test_a_failed_step_is_finished_by_resume_and_the_others_are_not_made_twice(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    cloud.failing["delete_login_profile"] = refusal(
        code="EntityTemporarilyUnmodifiable", operation="DeleteLoginProfile", status=409
    )
    first = cut(cloud, named(), tmp_path)
    made = len(cloud.calls)
    cloud.failing.clear()

    second = resume(
        "latest",
        FakeDoors(cloud),
        FakePerson(),
        assume_yes=True,
        measuring=QUICKLY,
        home=tmp_path,
        timing=FakeTime(cloud).timing,
    )

    assert first.status is Status.PARTIAL
    assert second.status is Status.CONTAINED
    assert [call.method for call in cloud.calls[made:]].count("delete_login_profile") == 1
    assert not any(call.method.startswith("set_") for call in cloud.calls[made:])


def test_what_could_not_be_read_of_a_named_user_is_not_contained(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    cloud.failing["ssh_keys"] = MissingPermission("iam:ListSSHPublicKeys is denied")

    response = cut(cloud, named(), tmp_path)

    assert response.status is Status.UNPROVEN
    assert any("SSH keys of user/ci" in each for each in response.incident.plan.unswept)


def test_a_cloud_without_such_things_leaves_nothing_open(cloud: FakeCloud, tmp_path: Path) -> None:
    for method in ("ssh_keys", "certificates", "service_credentials"):
        cloud.failing[method] = refusal(code="Unsupported", operation=method)

    response = cut(cloud, named(), tmp_path)

    assert response.status is Status.CONTAINED


def test_a_key_that_sends_mail_is_told_before_mail_stops(cloud: FakeCloud) -> None:
    cloud.key_services[KEY] = "ses"

    made = plan(one_key(assume_yes=False), FakeDoors(cloud), FakePerson())

    assert any(KEY in each and "mail stops" in each for each in made.warnings)


def test_a_user_of_the_mail_console_is_known_by_its_name() -> None:
    cloud = FakeCloud()
    cloud.add_user("ses-smtp-user.20260101-120000", keys=[KEY])

    made = plan(one_key(assume_yes=False), FakeDoors(cloud), FakePerson())

    assert any("mail stops" in each for each in made.warnings)


def test_a_thief_who_turns_a_credential_on_again_is_seen_while_it_is_held(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    turned: list[str] = []

    def thief() -> None:
        kept = cloud.rest_of("ci").services
        if not turned and kept[BEDROCK.credential_id].state is KeyState.INACTIVE:
            turned.append(BEDROCK.credential_id)
            kept[BEDROCK.credential_id] = BEDROCK

    response = revoke(
        named(options=Options(hold_seconds=20)),
        FakeDoors(cloud),
        FakePerson(),
        home=tmp_path,
        timing=FakeTime(cloud, thief).timing,
    )

    assert turned
    assert cloud.rest_of("ci").services[BEDROCK.credential_id].state is KeyState.INACTIVE
    assert response.status is Status.CONTESTED


def test_the_password_goes_with_the_cut_and_not_before_the_person_said_yes(
    cloud: FakeCloud,
) -> None:
    made = plan(named(assume_yes=False), FakeDoors(cloud), FakePerson())

    (step,) = [each for each in made.steps if isinstance(each.action, DeleteLoginProfile)]
    assert (step.stage, step.reversible, step.state) == (Stage.CONTAIN, False, StepState.PLANNED)
    assert "new password" in step.impact
    assert cloud.calls == []


@pytest.mark.parametrize("strategy", [Strategy.DENY_ALL, Strategy.STRIP_PERMISSIONS])
def test_whatever_the_strategy_the_rest_goes_too(
    cloud: FakeCloud, tmp_path: Path, strategy: Strategy
) -> None:
    options = Options(hold_seconds=0, strategy=strategy)

    response = cut(cloud, named(options=options), tmp_path)

    assert kinds([step.action for step in response.incident.plan.steps]) >= REST


def test_the_cutoff_moves_past_the_death_of_the_password(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.principals["user/ci"].keys.clear()

    response = cut(cloud, named(), tmp_path)

    cutoff = response.incident.plan.cutoff
    assert cutoff is not None
    assert cutoff > START + timedelta(seconds=1)


def test_a_new_service_credential_of_another_user_is_an_open_door_that_cascade_closes(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    cloud.add_user("eve")
    planted = replace(BEDROCK, credential_id="ACCAPLANTEDPLANTED01", user="eve")
    cloud.rest_of("eve").add(replace(planted, made_at=START - timedelta(hours=1)))

    made = plan(one_key(assume_yes=False), FakeDoors(cloud), FakePerson())
    cut(cloud, one_key(options=Options(hold_seconds=0, cascade=True)), tmp_path)

    assert planted.credential_id in {door.target for door in made.open_doors}
    assert cloud.rest_of("eve").services[planted.credential_id].state is KeyState.INACTIVE


def test_where_those_of_all_users_may_not_be_listed_nothing_is_called_clean(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    cloud.failing["service_credentials"] = MissingPermission("not allowed")

    response = cut(cloud, one_key(), tmp_path)

    assert any("service-specific" in each for each in response.incident.plan.unswept)

"""The preflight: each thing that a response rests on, and what nobody could look at."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import FakeClock, FakeCloud
from fakes.people import FakeDoors
from unleak.errors import ClockSkew, MissingPermission, ResponderCredentials, Unreachable
from unleak.flow.doctor import doctor
from unleak.flow.doctor_extras import EXTRAS
from unleak.flow.doctor_powers import actions_of
from unleak.model.organization import Organization
from unleak.model.ports import Simulation
from unleak.model.preflight import Fitness
from unleak.report.doctor_words import doctor_page
from unleak.report.json_doctor import doctor_document
from unleak.report.page import Headline

if TYPE_CHECKING:
    from unleak.model.preflight import Preflight, PreflightCheck

PYPROJECT = Path(__file__).resolve().parents[3] / "pyproject.toml"
DENIED = MissingPermission("not allowed to call SimulatePrincipalPolicy")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state" / "unleak"
    monkeypatch.setenv("UNLEAK_HOME", str(folder))
    return folder


def able_cloud() -> FakeCloud:
    """An account whose simulator allows the responder everything."""
    cloud = FakeCloud()
    cloud.simulations = tuple(
        Simulation(action=action, decision="allowed", matched=("p",))
        for action in (*actions_of("revoke"), *actions_of("respond"))
    )
    return cloud


def deciding(
    cloud: FakeCloud, action: str, decision: str, *, missing: tuple[str, ...] = ()
) -> None:
    """Let the simulator decide otherwise about one action."""
    cloud.simulations = tuple(
        replace(each, decision=decision, missing=missing) if each.action == action else each
        for each in cloud.simulations
    )


def as_role(cloud: FakeCloud, name: str, trust: str) -> None:
    """Let the responder be a session of a role that trusts as told."""
    record = cloud.at(cloud.add_role(name)).record
    assert record is not None
    cloud.principals[f"role/{name}"].record = replace(record, trust_policy=trust)
    cloud.identity = replace(
        cloud.identity,
        arn=f"arn:aws:sts::{cloud.account}:assumed-role/{name}/me",
        access_key_id="ASIARESPONDERRESPOND",
    )


def look(cloud: FakeCloud, *, names_organization: bool = False) -> Preflight:
    return doctor(FakeDoors(cloud), names_organization=names_organization)


def check(preflight: Preflight, name: str) -> PreflightCheck:
    return next(each for each in preflight.checks if each.name == name)


def test_a_responder_with_all_that_is_needed_is_able() -> None:
    preflight = look(able_cloud())

    assert preflight.is_able
    assert check(preflight, "deny-permissions").outcome is Fitness.OK


def test_nothing_is_written_and_no_folder_is_made(home: Path) -> None:
    cloud = able_cloud()

    preflight = look(cloud)

    assert cloud.calls == []
    assert not home.exists()
    assert check(preflight, "state").outcome is Fitness.OK


def test_a_deny_that_may_not_be_written_fails_and_says_how_to_get_it() -> None:
    cloud = able_cloud()
    deciding(cloud, "iam:PutRolePolicy", "implicitDeny")

    preflight = look(cloud)

    found = check(preflight, "deny-permissions")
    assert found.outcome is Fitness.FAILED
    assert "iam:PutRolePolicy" in found.detail
    assert "unleak permissions revoke" in found.fix
    assert not preflight.is_able


def test_a_permission_that_only_helps_is_a_warning() -> None:
    cloud = able_cloud()
    deciding(cloud, "iam:ListGroupPolicies", "explicitDeny")

    preflight = look(cloud)

    assert check(preflight, "other-permissions").outcome is Fitness.WARNING
    assert preflight.is_able


def test_a_refusal_that_rests_on_an_untold_condition_is_unknown_not_no() -> None:
    cloud = able_cloud()
    deciding(cloud, "iam:PutRolePolicy", "implicitDeny", missing=("aws:MultiFactorAuthPresent",))

    preflight = look(cloud)

    assert check(preflight, "deny-permissions").outcome is Fitness.UNKNOWN
    assert not preflight.is_able
    assert preflight.lacking == ()


def test_a_simulator_that_refuses_or_says_nothing_is_unknown_not_no() -> None:
    refusing, silent = able_cloud(), FakeCloud()
    refusing.failing["simulate"] = DENIED

    outcomes = {check(look(each), "deny-permissions").outcome for each in (refusing, silent)}

    assert outcomes == {Fitness.UNKNOWN}


def test_a_role_session_is_simulated_as_its_role_with_the_path() -> None:
    cloud = able_cloud()
    cloud.add_role("responder", path="/security/")
    cloud.identity = replace(
        cloud.identity, arn=f"arn:aws:sts::{cloud.account}:assumed-role/responder/me"
    )

    look(cloud)

    arn = f"arn:aws:iam::{cloud.account}:role/security/responder"
    assert f"simulate {arn}" in cloud.asked


def test_root_is_warned_of_and_never_simulated() -> None:
    cloud = able_cloud()
    cloud.identity = replace(cloud.identity, arn=f"arn:aws:iam::{cloud.account}:root")

    preflight = look(cloud)

    assert check(preflight, "credentials").outcome is Fitness.WARNING
    assert not any(each.startswith("simulate") for each in cloud.asked)
    assert preflight.is_able


@pytest.mark.parametrize(
    ("key_id", "outcome"),
    [("AKIARESPONDERRESPOND", Fitness.WARNING), ("ASIARESPONDERRESPOND", Fitness.OK)],
)
def test_a_long_lived_key_is_warned_of_and_a_session_is_not(key_id: str, outcome: Fitness) -> None:
    cloud = able_cloud()
    cloud.identity = replace(cloud.identity, access_key_id=key_id)

    assert check(look(cloud), "credentials").outcome is outcome


@pytest.mark.parametrize(
    ("principal", "outcome"),
    [
        ('{"Service":"ec2.amazonaws.com"}', Fitness.WARNING),
        ('{"AWS":"arn:aws:iam::123456789012:root"}', Fitness.WARNING),
        ('"*"', Fitness.WARNING),
        ('{"AWS":"arn:aws:iam::123456789012:user/me"}', Fitness.OK),
    ],
)
def test_a_role_that_others_can_use_too_is_one_to_be_locked_out_of(
    principal: str, outcome: Fitness
) -> None:
    cloud = able_cloud()
    statement = f'{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}'
    as_role(cloud, "app", f'{{"Statement":[{statement}]}}')

    assert check(look(cloud), "own-role").outcome is outcome


@pytest.mark.parametrize(
    ("skew", "outcome"),
    [
        (0.4, Fitness.OK),
        (-90.0, Fitness.WARNING),
        (280.0, Fitness.FAILED),
        (None, Fitness.UNKNOWN),
    ],
)
def test_the_clock_is_compared_with_aws(skew: float | None, outcome: Fitness) -> None:
    cloud = able_cloud()
    cloud.fake_clock = FakeClock(skew=skew)

    assert check(look(cloud), "clock").outcome is outcome


def test_what_only_helps_is_a_warning_where_it_is_refused_and_unknown_where_it_is_silent() -> None:
    cloud = able_cloud()
    cloud.failing["trail_events"] = DENIED
    cloud.failing["regions"] = Unreachable("no answer")

    preflight = look(cloud)

    assert check(preflight, "cloudtrail").outcome is Fitness.WARNING
    assert check(preflight, "regions").outcome is Fitness.UNKNOWN
    assert preflight.is_able


def test_an_organization_is_needed_only_where_its_profile_was_named() -> None:
    cloud = able_cloud()

    without, named = look(cloud), look(cloud, names_organization=True)

    assert check(without, "organization").outcome is Fitness.WARNING
    assert without.is_able
    assert check(named, "organization").outcome is Fitness.FAILED
    assert not named.is_able


def test_an_organization_with_its_policies_on_is_ok() -> None:
    cloud = able_cloud()
    cloud.over = Organization(
        id="o-1",
        management_account=cloud.account,
        caller_account=cloud.account,
        is_management=True,
        are_scps_enabled=True,
    )

    assert check(look(cloud), "organization").outcome is Fitness.OK


@pytest.mark.parametrize(
    "error", [ResponderCredentials("expired", hint="sign in"), Unreachable("no answer")]
)
def test_where_nothing_can_be_asked_the_rest_is_unknown_and_this_machine_is_looked_at(
    error: ResponderCredentials | Unreachable,
) -> None:
    cloud = able_cloud()
    cloud.failing["caller"] = error

    preflight = look(cloud)

    assert check(preflight, "credentials").outcome is Fitness.FAILED
    assert check(preflight, "deny-permissions").outcome is Fitness.UNKNOWN
    assert check(preflight, "state").outcome is Fitness.OK
    assert not preflight.is_able


def test_a_clock_that_aws_refuses_is_the_clock_s_fault() -> None:
    cloud = able_cloud()
    cloud.failing["caller"] = ClockSkew("an hour ahead", hint="set the clock")

    preflight = look(cloud)

    assert [each.name for each in preflight.lacking] == ["clock"]
    assert check(preflight, "clock").fix == "set the clock"
    assert check(preflight, "credentials").outcome is Fitness.UNKNOWN


def test_a_state_that_names_no_table_is_the_state_s_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNLEAK_HOME", "dynamodb:no table")

    preflight = look(able_cloud())

    assert [each.name for each in preflight.lacking] == ["state"]


def test_a_state_folder_that_is_a_file_fails_with_a_fix(home: Path) -> None:
    home.parent.mkdir(parents=True)
    home.write_text("in the way", encoding="utf-8")

    found = check(look(able_cloud()), "state")

    assert found.outcome is Fitness.FAILED
    assert "UNLEAK_HOME" in found.fix


def test_the_extras_are_those_of_the_package() -> None:
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]

    assert {each.name for each in EXTRAS} == set(project["optional-dependencies"])


def test_the_page_begins_with_the_verdict_and_the_document_has_every_check() -> None:
    cloud = able_cloud()
    deciding(cloud, "iam:PutRolePolicy", "implicitDeny")
    preflight = look(cloud)

    page, document = doctor_page(preflight), doctor_document(preflight)

    assert isinstance(page[0], Headline)
    assert "cannot respond" in page[0].text
    assert document["able"] is False
    checks = document["checks"]
    assert isinstance(checks, list)
    assert len(checks) == len(preflight.checks)

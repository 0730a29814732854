"""Leaks that Vault issued: cut in AWS and in Vault, in an order in which each can work."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import START, FakeCloud, refusal
from fakes.people import FakeDoors, FakePerson
from fakes.timing import FakeTime
from fakes.vault import SECRET, TOKEN, CloudIam, VaultDoors
from fakes.vault_hand import VaultHand
from lab.cloud import ALLOW_ALL
from lab.stores.loopback import serve
from lab.stores.vault_aws import VaultAwsLab
from unleak.contain.options import Options
from unleak.errors import NoConsent, WouldRevive, WrongUse
from unleak.evidence.vault_target import parse_vault
from unleak.flow.history import incident
from unleak.flow.identify import identify_leak
from unleak.flow.in_vault import of_leak
from unleak.flow.plan import plan
from unleak.flow.request import Measuring, Request
from unleak.flow.resume import resume
from unleak.flow.revoke import revoke
from unleak.flow.undo import undo
from unleak.identify.consent import Consent
from unleak.model.action import Holder, HolderType, KeyState, kind_of
from unleak.model.credential import FoundCredential
from unleak.model.outcome import Status
from unleak.model.plan import StepState
from unleak.model.proof import Level
from unleak.model.secret import Secret
from unleak.model.situation import Caller
from unleak.vault.look import key_of
from unleak.verify.classify import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from unleak.flow.response import Response
    from unleak.model.plan import Plan, Step

ROLE_ARN = "arn:aws:iam::123456789012:role/deploy"
QUICKLY = Measuring(wanted=Level.READ_BACK, timeout_seconds=0)


@pytest.fixture
def cloud() -> FakeCloud:
    """An account with Vault's own user, a role and a user of a static role."""
    made = FakeCloud()
    made.add_user("vault-root", keys=["AKIAVAULTSOWNKEY0001"])
    made.add_role("deploy")
    made.add_user("ci")
    return made


@pytest.fixture
def vault(cloud: FakeCloud) -> VaultAwsLab:
    return VaultAwsLab(
        token=TOKEN,
        iam=CloudIam(cloud),
        root_key="AKIAVAULTSOWNKEY0001",
        now=lambda: START,
        roles={
            "app": {"credential_type": "iam_user"},
            "deploy": {"credential_type": "assumed_role", "role_arns": [ROLE_ARN]},
            "fed": {"credential_type": "federation_token"},
        },
    )


@pytest.fixture
def doors(cloud: FakeCloud, vault: VaultAwsLab) -> Iterator[VaultDoors]:
    with serve(vault) as url:
        yield VaultDoors(cloud, url)


def at(text: str, *, assume_yes: bool = True) -> Request:
    """Return the wish to cut off what a place in Vault gave out."""
    return Request(
        vault=parse_vault(text),
        consent=Consent.FORBIDDEN,
        assume_yes=assume_yes,
        measuring=QUICKLY,
    )


def leaked(key_id: str, *, assume_yes: bool = True) -> Request:
    """Return the wish to cut off a key of which nothing but the id is known."""
    return Request(
        found=(FoundCredential(access_key_id=key_id),),
        consent=Consent.FORBIDDEN,
        assume_yes=assume_yes,
        measuring=QUICKLY,
    )


def states(of: Response | Plan) -> dict[str, str]:
    """Return what became of each kind of step."""
    steps = of.steps if hasattr(of, "steps") else of.incident.plan.steps
    return {kind_of(step.action): str(step.state) for step in steps}


def keys_of(cloud: FakeCloud, user: str) -> dict[str, KeyState]:
    return cloud.at(Holder(type=HolderType.USER, name=user)).keys


def test_every_user_of_a_role_is_cut_and_then_deleted_by_vault(
    cloud: FakeCloud, vault: VaultAwsLab, doors: VaultDoors, tmp_path: Path
) -> None:
    leases = [vault.issue("app", display="token-a"), vault.issue("app", display="token-b")]
    users = [vault.leases[each].user for each in leases]

    done = revoke(at("vault:aws/creds/app"), doors, FakePerson(), home=tmp_path)

    assert done.status is Status.CONTAINED, done.incident.outcomes
    assert states(done)["vault-revoke-prefix"] == "done"
    assert states(done)["vault-try-new-lease"] == "done"
    assert vault.leases == {}
    assert not [each for each in cloud.principals if each.startswith("user/vault-token")]
    checks = done.incident.verification.checks if done.incident.verification else ()
    told = {each.target: each.detail for each in checks if "vault-revoke" in each.name}
    assert told == {f"user/{user}": "the user is gone, and its keys with it" for user in users}
    assert "token-a, token-b" in done.incident.plan.next[0]


def test_the_key_is_dead_before_vault_is_asked(
    cloud: FakeCloud, vault: VaultAwsLab, doors: VaultDoors, tmp_path: Path
) -> None:
    lease = vault.issue("app")
    seen: list[str] = []
    delete = vault.iam.delete_user

    def watched(name: str) -> None:
        seen.extend(str(state) for state in keys_of(cloud, name).values())
        delete(name)

    vault.iam.delete_user = watched  # type: ignore[method-assign]  # watches the order

    revoke(at(f"vault:{lease}"), doors, FakePerson(), home=tmp_path)

    assert seen[0] == "Inactive"


def test_a_leaked_key_of_vaults_is_recognised_by_its_users_name(
    vault: VaultAwsLab, cloud: FakeCloud, doors: VaultDoors, tmp_path: Path
) -> None:
    lease = vault.issue("app")
    vault.leases["aws/creds/app/older"] = vault.leases[vault.issue("app")]
    user = str(vault.leases[lease].user)
    vault.leases = {lease: vault.leases[lease]}
    key = next(iter(keys_of(cloud, user)))

    done = revoke(leaked(key), doors, FakePerson(), home=tmp_path)

    assert states(done)["vault-revoke-lease"] == "done"
    assert lease not in vault.leases
    assert f"user/{user}" not in cloud.principals


def test_of_several_leases_that_fit_none_is_revoked(
    vault: VaultAwsLab, cloud: FakeCloud, doors: VaultDoors, tmp_path: Path
) -> None:
    leases = {vault.issue("app"), vault.issue("app")}
    key = next(iter(keys_of(cloud, str(vault.leases[min(leases)].user))))

    done = revoke(leaked(key), doors, FakePerson(), home=tmp_path)
    told = identify_leak(leaked(key), doors, FakePerson())

    assert set(vault.leases) == leases
    assert "vault-revoke-lease" not in states(done)
    assert any("nobody can tell which" in note for note in told[0].notes)


def test_a_session_type_is_cut_on_the_role_and_the_lease_is_said_to_prove_nothing(
    vault: VaultAwsLab, cloud: FakeCloud, doors: VaultDoors, tmp_path: Path
) -> None:
    vault.issue("deploy")

    done = revoke(at("vault:aws/creds/deploy"), doors, FakePerson(), home=tmp_path)

    assert states(done)["put-role-policy"] == "done"
    assert states(done)["vault-revoke-prefix"] == "done"
    assert "AWSRevokeOlderSessions" in cloud.at(Holder(type=HolderType.ROLE, name="deploy")).inline
    assert any("makes no call to AWS" in each for each in done.incident.plan.warnings)
    checks = done.incident.verification.checks if done.incident.verification else ()
    assert [str(each.outcome) for each in checks if "vault-revoke" in each.name] == ["skipped"]


def test_a_federation_token_is_cut_on_vaults_own_user_whose_key_goes_on(
    vault: VaultAwsLab, cloud: FakeCloud, doors: VaultDoors, tmp_path: Path
) -> None:
    vault.issue("fed", place="sts")

    done = revoke(at("vault:aws/sts/fed"), doors, FakePerson(), home=tmp_path)

    assert states(done)["put-user-policy"] == "done"
    assert keys_of(cloud, "vault-root") == {"AKIAVAULTSOWNKEY0001": KeyState.ACTIVE}


def test_vaults_own_key_is_rotated_first_and_never_made_inactive_before(
    vault: VaultAwsLab, cloud: FakeCloud, doors: VaultDoors, tmp_path: Path
) -> None:
    done = revoke(at("vault:aws/config/root"), doors, FakePerson(), home=tmp_path)

    assert done.status is Status.CONTAINED, states(done)
    assert "update-access-key" not in states(done)
    assert states(done)["vault-rotate-root"] == "done"
    assert states(done)["put-user-policy"] == "done"
    assert keys_of(cloud, "vault-root") == {vault.root_key: KeyState.ACTIVE}
    assert vault.root_key != "AKIAVAULTSOWNKEY0001"


def test_vaults_own_key_is_recognised_by_its_id_alone(
    vault: VaultAwsLab, cloud: FakeCloud, doors: VaultDoors, tmp_path: Path
) -> None:
    done = revoke(leaked("AKIAVAULTSOWNKEY0001"), doors, FakePerson(), home=tmp_path)

    assert states(done)["vault-rotate-root"] == "done"
    assert keys_of(cloud, "vault-root") == {vault.root_key: KeyState.ACTIVE}


def test_an_old_root_key_that_vault_leaves_active_is_made_inactive(
    vault: VaultAwsLab, cloud: FakeCloud, doors: VaultDoors, tmp_path: Path
) -> None:
    vault.keeps_old_root_key = True

    done = revoke(
        at("vault:aws/config/root"),
        doors,
        FakePerson(),
        home=tmp_path,
        timing=FakeTime(cloud).timing,
    )

    assert states(done)["vault-rotate-root"] == "failed"
    assert states(done)["update-access-key"] == "done"
    assert keys_of(cloud, "vault-root")["AKIAVAULTSOWNKEY0001"] is KeyState.INACTIVE
    assert keys_of(cloud, "vault-root")[vault.root_key] is KeyState.ACTIVE
    assert done.status is Status.PARTIAL


def test_an_inactive_second_root_key_makes_room(
    vault: VaultAwsLab, cloud: FakeCloud, doors: VaultDoors, tmp_path: Path
) -> None:
    keys_of(cloud, "vault-root")["AKIAFORGOTTENKEY0001"] = KeyState.INACTIVE

    done = revoke(at("vault:aws/config/root"), doors, FakePerson(), home=tmp_path)

    assert states(done)["delete-access-key"] == "done"
    assert states(done)["vault-rotate-root"] == "done"
    assert keys_of(cloud, "vault-root") == {vault.root_key: KeyState.ACTIVE}


def test_an_active_second_root_key_leaves_no_room_and_that_is_said(
    cloud: FakeCloud, doors: VaultDoors
) -> None:
    keys_of(cloud, "vault-root")["AKIASOMEBODYSKEY0001"] = KeyState.ACTIVE

    planned = plan(at("vault:aws/config/root"), doors, FakePerson())

    assert "vault-rotate-root" not in states(planned)
    assert states(planned)["update-access-key"] == "planned"
    assert any("cannot rotate its own key" in each for each in planned.manual)


@pytest.mark.parametrize("has_endpoint", [False, True])
def test_a_static_role_gets_a_new_key_and_the_leaked_one_is_dead(
    vault: VaultAwsLab,
    cloud: FakeCloud,
    doors: VaultDoors,
    tmp_path: Path,
    has_endpoint: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    vault.has_rotate_role = has_endpoint
    vault.static["ci"] = {"username": "ci", "rotation_period": 3600}
    vault.static_keys["ci"] = vault.iam.create_key("ci")
    old = vault.static_keys["ci"][0]

    done = revoke(at("vault:aws/static-creds/ci"), doors, FakePerson(), home=tmp_path)

    assert done.status is Status.CONTAINED, states(done)
    new = vault.static_keys["ci"][0]
    assert new != old
    assert keys_of(cloud, "ci").get(old, KeyState.INACTIVE) is KeyState.INACTIVE
    assert keys_of(cloud, "ci")[new] is KeyState.ACTIVE
    assert vault.static["ci"] == {"username": "ci", "rotation_period": 3600}


@pytest.mark.parametrize("has_endpoint", [False, True])
def test_an_older_good_key_outlives_the_rotation_of_a_newer_leaked_one(
    vault: VaultAwsLab,
    cloud: FakeCloud,
    doors: VaultDoors,
    tmp_path: Path,
    has_endpoint: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    vault.has_rotate_role = has_endpoint
    good = vault.iam.create_key("ci")[0]
    vault.static["ci"] = {"username": "ci", "rotation_period": 3600}
    vault.static_keys["ci"] = vault.iam.create_key("ci")
    old = vault.static_keys["ci"][0]

    revoke(at("vault:aws/static-creds/ci"), doors, FakePerson(), home=tmp_path)

    assert keys_of(cloud, "ci")[good] is KeyState.ACTIVE
    assert old not in keys_of(cloud, "ci")
    assert keys_of(cloud, "ci")[vault.static_keys["ci"][0]] is KeyState.ACTIVE


def test_what_vault_has_done_cannot_be_undone_and_that_is_said(
    vault: VaultAwsLab, doors: VaultDoors, tmp_path: Path
) -> None:
    lease = vault.issue("app")
    revoke(at(f"vault:{lease}"), doors, FakePerson(), home=tmp_path)

    with pytest.raises(WouldRevive) as caught:
        undo("latest", doors, FakePerson(), home=tmp_path, assume_yes=True)

    assert "Vault has no way back from it" in caught.value.message


def test_a_silent_vault_does_not_stop_the_cut_in_aws_and_resume_finishes(
    vault: VaultAwsLab, cloud: FakeCloud, doors: VaultDoors, tmp_path: Path
) -> None:
    lease = vault.issue("app")
    user = str(vault.leases[lease].user)
    vault.forbidden.add("sys/leases/revoke")

    first = revoke(at(f"vault:{lease}"), doors, FakePerson(), home=tmp_path)
    held = dict(keys_of(cloud, user))
    vault.forbidden.clear()
    second = resume("latest", doors, FakePerson(), home=tmp_path, measuring=QUICKLY)

    assert first.status is Status.PARTIAL
    assert set(held.values()) == {KeyState.INACTIVE}
    assert states(second)["vault-revoke-lease"] == "done"
    assert f"user/{user}" not in cloud.principals


def test_a_role_of_vaults_that_names_no_role_of_aws_is_said_to_be_uncut(
    vault: VaultAwsLab, doors: VaultDoors
) -> None:
    vault.roles["deploy"]["role_arns"] = [ROLE_ARN, "arn:aws:s3:::bucket\x1b[2J"]

    planned = plan(at("vault:aws/creds/deploy"), doors, FakePerson())

    assert states(planned)["put-role-policy"] == "planned"
    assert any("names what cannot be cut" in each for each in planned.warnings)
    assert not [each for each in planned.warnings if "\x1b" in each]


def test_a_vault_that_never_answers_does_not_keep_the_deny_waiting(cloud: FakeCloud) -> None:
    forever = threading.Event()

    class Silent(VaultHand):
        def mounts(self) -> tuple[str, ...]:
            forever.wait()
            return ()

    class SilentDoors(FakeDoors):
        def vault(self) -> VaultHand:
            return Silent()

    case = of_leak((key_of("vault-root", "AKIAVAULTSOWNKEY0001"),), SilentDoors(cloud), patience=0)
    forever.set()

    assert case.findings == ()
    assert case.notes == ("whether Vault issued it is not known: no answer in 0 s",)


class Killed(BaseException):
    """The process is gone: nothing of it gets a chance to tidy up."""


@pytest.mark.parametrize("deed", ["vault-delete-static-role", "vault-create-static-role"])
def test_a_crash_in_a_rotation_of_a_static_role_is_finished_without_another_one(
    vault: VaultAwsLab, cloud: FakeCloud, doors: VaultDoors, tmp_path: Path, deed: str
) -> None:
    vault.static["ci"] = {"username": "ci", "rotation_period": 3600}
    vault.static_keys["ci"] = vault.iam.create_key("ci")
    old = vault.static_keys["ci"][0]
    person = FakePerson()

    def dies(step: str, state: StepState) -> None:
        """Die when the deed was made and before anything more is."""
        done = [each for each in incident("latest", home=tmp_path).plan.steps if each.id == step]
        if state is StepState.DONE and kind_of(done[0].action) == deed:
            raise Killed

    person.sees_step = lambda step, state: dies(step.id, state)  # type: ignore[method-assign]
    with pytest.raises(Killed):
        revoke(at("vault:aws/static-creds/ci"), doors, person, home=tmp_path)
    done = resume("latest", doors, FakePerson(), home=tmp_path, measuring=QUICKLY)

    assert done.status is Status.CONTAINED, states(done)
    assert old not in keys_of(cloud, "ci")
    assert list(keys_of(cloud, "ci").values()) == [KeyState.ACTIVE]


def test_a_lost_answer_of_a_rotation_is_looked_up_and_not_sent_again(
    vault: VaultAwsLab, cloud: FakeCloud, doors: VaultDoors, tmp_path: Path
) -> None:
    cloud.failing["put_inline_policy"] = refusal(code="Throttling", operation="PutUserPolicy")
    person = FakePerson()

    def dies(step: Step, state: StepState) -> None:
        del step
        if state is StepState.FAILED:
            raise Killed

    person.sees_step = dies  # type: ignore[method-assign]
    with pytest.raises(Killed):
        revoke(at("vault:aws/config/root"), doors, person, home=tmp_path)
    new = vault.root_key
    cloud.failing.clear()

    resume("latest", doors, FakePerson(), home=tmp_path, measuring=QUICKLY)

    assert vault.root_key == new
    assert keys_of(cloud, "vault-root") == {new: KeyState.ACTIVE}


def test_a_dry_run_changes_nothing_in_vault_and_opens_no_writer(
    vault: VaultAwsLab, doors: VaultDoors
) -> None:
    vault.issue("app")

    planned = plan(at("vault:aws/creds/app"), doors, FakePerson())

    assert states(planned)["vault-revoke-prefix"] == "planned"
    assert "vault_writer" not in doors.opened
    assert {each.method for each in vault.asked} <= {"GET", "LIST", "POST"}
    assert {each.path for each in vault.asked if each.method == "POST"} == {"/v1/sys/leases/lookup"}


def test_a_new_lease_that_is_refused_is_a_failed_step_and_is_given_back(
    vault: VaultAwsLab, cloud: FakeCloud, doors: VaultDoors, tmp_path: Path
) -> None:
    vault.issue("app")
    refusing = VaultDoors(cloud, doors.url, served=lambda _: Verdict.DEAD_KEY)

    done = revoke(at("vault:aws/creds/app"), refusing, FakePerson(), home=tmp_path)

    assert states(done)["vault-try-new-lease"] == "failed"
    assert done.status is Status.PARTIAL
    assert vault.leases == {}


def test_no_secret_that_vault_made_is_written_down(
    vault: VaultAwsLab, doors: VaultDoors, tmp_path: Path
) -> None:
    vault.issue("app")

    revoke(at("vault:aws/creds/app"), doors, FakePerson(), home=tmp_path)

    held = b"".join(each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())
    assert SECRET.encode() not in held
    assert TOKEN.encode() not in held


def test_a_place_where_vault_has_nothing_is_refused(doors: VaultDoors) -> None:
    with pytest.raises(WrongUse):
        plan(at("vault:aws/creds/nobody"), doors, FakePerson())
    with pytest.raises(WrongUse):
        plan(at("vault:aws/creds/app/expired"), doors, FakePerson())


def test_without_a_vault_a_name_of_vaults_is_said_to_be_unasked(
    vault: VaultAwsLab, cloud: FakeCloud
) -> None:
    lease = vault.issue("app")
    key = next(iter(keys_of(cloud, str(vault.leases[lease].user))))

    told = identify_leak(leaked(key), FakeDoors(cloud), FakePerson())

    assert any("Vault was not asked" in note for note in told[0].notes)


def test_a_vault_that_refuses_leaves_open_whether_it_issued_the_key(
    vault: VaultAwsLab, cloud: FakeCloud, doors: VaultDoors, tmp_path: Path
) -> None:
    lease = vault.issue("app")
    key = next(iter(keys_of(cloud, str(vault.leases[lease].user))))
    vault.forbidden.add("sys/internal/ui/mounts")

    done = revoke(leaked(key), doors, FakePerson(), home=tmp_path)

    assert states(done)["update-access-key"] == "done"
    assert any(
        "whether Vault issued it is not known" in each for each in done.incident.plan.warnings
    )


def test_a_person_sees_vaults_steps_before_the_one_question(
    vault: VaultAwsLab, cloud: FakeCloud, doors: VaultDoors, tmp_path: Path
) -> None:
    vault.issue("app")
    person = FakePerson()

    done = revoke(at("vault:aws/creds/app", assume_yes=False), doors, person, home=tmp_path)

    assert len(person.shown) == 1
    assert states(person.shown[0])["vault-revoke-prefix"] == "planned"
    assert done.status is Status.CONTAINED, states(done)
    assert not [each for each in cloud.principals if "-app-" in each]


def test_who_says_no_keeps_every_lease(
    vault: VaultAwsLab, doors: VaultDoors, tmp_path: Path
) -> None:
    lease = vault.issue("app")
    request = at("vault:aws/creds/app", assume_yes=False)

    with pytest.raises(NoConsent):
        revoke(request, doors, FakePerson(yes=False), home=tmp_path)

    assert list(vault.leases) == [lease]
    assert "vault_writer" not in doors.opened


def test_a_session_that_vault_issued_is_recognised_by_its_name(
    vault: VaultAwsLab, cloud: FakeCloud, doors: VaultDoors, tmp_path: Path
) -> None:
    lease = vault.issue("deploy")
    name = f"vault-token-deploy-{int(START.timestamp())}-AbCdEfGh"
    cloud.leaked_identity = Caller(
        account=cloud.account,
        arn=f"arn:aws:sts::{cloud.account}:assumed-role/deploy/{name}",
        unique_id=f"AROA0000000000000002:{name}",
        access_key_id="ASIALEAKEDSESSION001",
    )
    found = FoundCredential(
        access_key_id="ASIALEAKEDSESSION001",
        secret=Secret("leaked"),
        session_token=Secret("leaked-token"),
    )
    request = Request(found=(found,), consent=Consent.GRANTED, assume_yes=True, measuring=QUICKLY)

    done = revoke(request, doors, FakePerson(), home=tmp_path)

    assert states(done)["put-role-policy"] == "done"
    assert states(done)["vault-revoke-lease"] == "done"
    assert lease not in vault.leases


def test_a_user_that_vault_did_not_delete_is_not_taken_for_gone(
    vault: VaultAwsLab, cloud: FakeCloud, doors: VaultDoors, tmp_path: Path
) -> None:
    lease = vault.issue("app")
    user = str(vault.leases[lease].user)
    vault.leases[lease].user = None  # as if Vault had lost track of it

    done = revoke(
        at(f"vault:{lease}"), doors, FakePerson(), home=tmp_path, timing=FakeTime(cloud).timing
    )

    checks = done.incident.verification.checks if done.incident.verification else ()
    told = {each.name: str(each.outcome) for each in checks if each.target == f"user/{user}"}
    assert told["read-back-vault-revoke-lease"] == "inconclusive"
    assert set(keys_of(cloud, user).values()) == {KeyState.INACTIVE}


def test_resuming_without_vault_leaves_its_steps_undone_and_says_so(
    vault: VaultAwsLab, cloud: FakeCloud, doors: VaultDoors, tmp_path: Path
) -> None:
    lease = vault.issue("app")
    vault.forbidden.add("sys/leases/revoke")
    revoke(at(f"vault:{lease}"), doors, FakePerson(), home=tmp_path)

    person = FakePerson()

    done = resume("latest", FakeDoors(cloud), person, home=tmp_path, measuring=QUICKLY)

    assert done.status is Status.PARTIAL
    assert states(done)["vault-revoke-lease"] == "failed"
    assert any("what Vault has to do is left" in each for each in person.heard)


def test_vaults_own_user_is_frozen_only_after_its_key_is_rotated_and_tried_when_it_is_free(
    vault: VaultAwsLab, cloud: FakeCloud, doors: VaultDoors, tmp_path: Path
) -> None:
    cloud.at(Holder(type=HolderType.USER, name="vault-root")).inline["work"] = ALLOW_ALL
    at_rotation: list[str] = []
    at_trial: list[set[str]] = []
    create_key, create_user = vault.iam.create_key, vault.iam.create_user

    def rotating(user: str) -> tuple[str, str]:
        at_rotation.extend(call.target for call in cloud.calls if user == "vault-root")
        return create_key(user)

    def trying(name: str) -> None:
        at_trial.append(set(cloud.at(Holder(type=HolderType.USER, name="vault-root")).inline))
        create_user(name)

    vault.iam.create_key = rotating  # type: ignore[method-assign]  # watches the order
    vault.iam.create_user = trying  # type: ignore[method-assign]  # as above
    wish = at("vault:aws/config/root", assume_yes=False)
    request = replace(wish, options=Options(hold_seconds=3))

    done = revoke(request, doors, FakePerson(), home=tmp_path, timing=FakeTime(cloud).timing)

    frozen = [call.target for call in cloud.calls if "UnleakFreeze" in call.target]
    assert frozen, states(done)
    assert not [each for each in at_rotation if "UnleakFreeze" in each]
    assert at_trial == [{"work", "AWSRevokeOlderSessions"}], states(done)
    assert states(done)["vault-try-new-lease"] == "done"
    assert keys_of(cloud, "vault-root") == {vault.root_key: KeyState.ACTIVE}

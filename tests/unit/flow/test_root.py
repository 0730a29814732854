"""A leaked root key from the question to the verdict, on an account in memory."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import Call, FakeCloud, refusal
from fakes.fences import MANAGEMENT, ORGANIZATION
from fakes.people import FakeDoors, FakePerson
from fakes.timing import FakeTime
from unleak.contain.options import Options
from unleak.errors import NotEditable, Unreachable, WouldRevive
from unleak.flow.request import Measuring, Request
from unleak.flow.resume import resume
from unleak.flow.revoke import revoke
from unleak.flow.undo import undo
from unleak.identify.consent import Consent
from unleak.model.action import DeleteRootKey, KeyState, SetFence
from unleak.model.credential import FoundCredential
from unleak.model.outcome import Status
from unleak.model.plan import StepState
from unleak.model.ports import ProbeAnswer
from unleak.model.proof import Level
from unleak.model.secret import Secret
from unleak.model.situation import Caller

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "123456789012"
KEY = "AKIALEAKEDROOTKEY001"
ARN = f"arn:aws:iam::{ACCOUNT}:root"
BOTH = frozenset({"RootCredentialsManagement", "RootSessions"})
FOUND = FoundCredential(access_key_id=KEY, secret=Secret("made-up-secret-of-root-00000000000000"))


def request(*, wanted: Level | None = Level.READ_BACK, yes: bool = True) -> Request:
    return Request(
        found=(FOUND,),
        options=Options(hold_seconds=0),
        consent=Consent.GRANTED,
        assume_yes=yes,
        measuring=Measuring(wanted=wanted, timeout_seconds=0),
    )


class DeadKeys:
    """A cloud that knows root's key no more."""

    services = ("s3", "sts")

    def probe(self, credential: FoundCredential, *, service: str, region: str) -> ProbeAnswer:
        del credential
        return ProbeAnswer(
            service=service,
            operation="X",
            region=region,
            ok=False,
            error_code="InvalidAccessKeyId" if service == "s3" else "InvalidClientTokenId",
            status=403,
        )


@pytest.fixture
def cloud() -> FakeCloud:
    """A member account whose root key leaked, under an organization that may act as its root."""
    made = FakeCloud()
    made.over = ORGANIZATION
    made.central_root = BOTH
    made.held_by_root[ACCOUNT] = {KEY: KeyState.ACTIVE}
    made.leaked_identity = Caller(account=ACCOUNT, arn=ARN, unique_id=ACCOUNT, access_key_id=KEY)
    return made


def test_a_members_root_is_fenced_and_its_key_is_deleted(cloud: FakeCloud, tmp_path: Path) -> None:
    response = revoke(request(), FakeDoors(cloud), FakePerson(), home=tmp_path)

    assert {call.method for call in cloud.calls} == {"set_fence", "delete_root_key"}
    assert cloud.held_by_root[ACCOUNT] == {}
    steps = response.incident.plan.steps
    assert [type(each.action) for each in steps] == [SetFence, DeleteRootKey]
    assert {each.state for each in steps} == {StepState.DONE}


def test_a_key_that_was_read_back_as_deleted_is_no_proof_yet(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    response = revoke(request(wanted=None), FakeDoors(cloud), FakePerson(), home=tmp_path)

    assert response.status is Status.UNPROVEN


def test_a_key_that_aws_knows_no_more_is_contained(cloud: FakeCloud, tmp_path: Path) -> None:
    doors = FakeDoors(cloud, DeadKeys())
    patient = replace(request(), measuring=Measuring(wanted=Level.LIVE, timeout_seconds=9))

    response = revoke(patient, doors, FakePerson(), home=tmp_path, timing=FakeTime(cloud).timing)

    assert response.status is Status.CONTAINED


def test_a_deletion_that_fails_is_partial_and_the_fence_stands(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    cloud.failing["delete_root_key"] = refusal(code="ServiceFailure", operation="DeleteAccessKey")

    response = revoke(request(), FakeDoors(cloud), FakePerson(), home=tmp_path)

    assert response.status is Status.PARTIAL
    assert ARN in cloud.fences[ACCOUNT]


def test_from_the_management_account_a_members_root_is_reached(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    cloud.identity = replace(
        cloud.identity, account=MANAGEMENT, arn=f"arn:aws:iam::{MANAGEMENT}:user/responder"
    )

    response = revoke(request(), FakeDoors(cloud), FakePerson(), home=tmp_path)

    assert cloud.held_by_root[ACCOUNT] == {}
    assert any(MANAGEMENT in line for line in response.incident.plan.unswept)
    assert response.status is not Status.CONTAINED


def test_the_plan_that_is_asked_about_says_what_has_no_way_back(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    person = FakePerson()

    revoke(request(yes=False), FakeDoors(cloud), person, home=tmp_path)

    (shown,) = person.shown
    deletion = next(each for each in shown.steps if isinstance(each.action, DeleteRootKey))
    assert not deletion.reversible
    assert any("support case" in line for line in shown.manual)


def test_the_management_accounts_own_root_is_left_to_a_person(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    cloud.over = replace(ORGANIZATION, management_account=ACCOUNT)

    with pytest.raises(NotEditable) as raised:
        revoke(request(), FakeDoors(cloud), FakePerson(), home=tmp_path)

    assert "no service control policy ever binds" in raised.value.hint
    assert cloud.calls == []


def test_what_was_killed_between_fence_and_deletion_is_finished_by_resume(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    class Gone(BaseException):
        """The machine stops."""

    def stop(call: Call) -> None:
        if call.method == "delete_root_key":
            raise Gone

    cloud.on_call = stop
    with suppress(Gone):
        revoke(request(), FakeDoors(cloud), FakePerson(), home=tmp_path)
    cloud.on_call = None
    cloud.held_by_root[ACCOUNT] = {KEY: KeyState.ACTIVE}

    response = resume(
        "latest",
        FakeDoors(cloud),
        FakePerson(),
        home=tmp_path,
        measuring=Measuring(wanted=Level.READ_BACK, timeout_seconds=0),
        timing=FakeTime(cloud).timing,
    )

    deletion = next(
        each for each in response.incident.plan.steps if isinstance(each.action, DeleteRootKey)
    )
    assert deletion.state in {StepState.DONE, StepState.ALREADY}
    assert cloud.held_by_root[ACCOUNT] == {}


def test_a_deletion_whose_outcome_was_lost_is_not_made_again(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    response = revoke(request(), FakeDoors(cloud), FakePerson(), home=tmp_path)
    cloud.calls.clear()

    again = resume(response.incident.id, FakeDoors(cloud), FakePerson(), home=tmp_path)

    assert "delete_root_key" not in {call.method for call in cloud.calls}
    assert again.incident.id == response.incident.id


def test_a_fence_over_a_root_key_is_not_lifted_without_force(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    response = revoke(request(), FakeDoors(cloud), FakePerson(), home=tmp_path)

    with suppress(WouldRevive):
        undo(response.incident.id, FakeDoors(cloud), FakePerson(), home=tmp_path)

    assert ARN in cloud.fences[ACCOUNT]


@pytest.mark.parametrize("has_landed", [False, True])
def test_a_deletion_whose_answer_was_lost_is_finished_by_resume(
    cloud: FakeCloud,
    tmp_path: Path,
    has_landed: bool,  # noqa: FBT001 - a case
) -> None:
    cloud.failing["delete_root_key"] = Unreachable("the answer was lost")
    first = revoke(request(), FakeDoors(cloud), FakePerson(), home=tmp_path)
    del cloud.failing["delete_root_key"]
    if has_landed:
        cloud.held_by_root[ACCOUNT] = {}
    cloud.calls.clear()

    response = resume(
        "latest", FakeDoors(cloud), FakePerson(), home=tmp_path, timing=FakeTime(cloud).timing
    )

    deletion = next(
        each for each in response.incident.plan.steps if isinstance(each.action, DeleteRootKey)
    )
    assert first.status is Status.PARTIAL
    assert deletion.state in {StepState.DONE, StepState.ALREADY}
    assert cloud.held_by_root[ACCOUNT] == {}
    assert ("delete_root_key" in {call.method for call in cloud.calls}) is not has_landed

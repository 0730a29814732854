"""A credential of one service leaked: whose it is, and that it alone is turned off."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import FakeCloud, refusal
from fakes.people import FakeDoors, FakePerson
from fakes.timing import FakeTime
from fakes.ways_in import BEDROCK
from unleak.contain.options import Options
from unleak.errors import ForeignAccount, MissingPermission, NotEditable, OwnerUnknown
from unleak.evidence.paste import extract
from unleak.flow.identify import identify_leak
from unleak.flow.plan import plan
from unleak.flow.request import Measuring, Request
from unleak.flow.revoke import revoke
from unleak.flow.undo import undo
from unleak.identify.consent import Consent
from unleak.model.action import KeyState
from unleak.model.credential import CredentialKind, CredentialStatus, FoundCredential
from unleak.model.outcome import Status
from unleak.model.plan import Grip
from unleak.model.policy_names import BEARER_POLICY
from unleak.model.principal import Principal, PrincipalType
from unleak.model.proof import Level

if TYPE_CHECKING:
    from unleak.flow.response import Response

ACCOUNT = "123456789012"
MINE = BEDROCK.credential_id
OTHER = replace(BEDROCK, credential_id="ACCAOTHEROTHEROTHER1", alias=f"ci+1-at-{ACCOUNT}")
GIT = replace(
    BEDROCK, credential_id="ACCAGITGITGITGITGIT1", service="codecommit.amazonaws.com", alias=None
)


def api_key(alias: str) -> FoundCredential:
    """Return what a paste of a long-term Bedrock key is read as."""
    secret = "KptDfBnXg8ugVx0Hqm8CDIPsbXU4KTcmHWc2ZFl3ofS6sRQXXzi2"
    word = base64.b64encode(f"{alias}:{secret}".encode()).decode()
    (found,) = extract(f"AWS_BEARER_TOKEN_BEDROCK=ABSK{word}").found
    return found


def leaked(
    found: FoundCredential, *, owner: Principal | None = None, level: Level = Level.READ_BACK
) -> Request:
    return Request(
        found=(found,),
        owner=owner,
        options=Options(),
        consent=Consent.FORBIDDEN,
        assume_yes=True,
        measuring=Measuring(wanted=level, timeout_seconds=0),
    )


def cut(cloud: FakeCloud, request: Request, home: Path) -> Response:
    return revoke(request, FakeDoors(cloud), FakePerson(), home=home, timing=FakeTime(cloud).timing)


@pytest.fixture
def cloud() -> FakeCloud:
    """An account with an administrator who has two Bedrock keys and one for CodeCommit."""
    made = FakeCloud()
    made.add_user("eve")
    made.at(made.add_user("ci")).inline["own"] = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    )
    made.rest_of("ci").add(BEDROCK, OTHER, GIT)
    return made


def states(cloud: FakeCloud) -> dict[str, KeyState]:
    return {name: each.state for name, each in cloud.rest_of("ci").services.items()}


@pytest.mark.parametrize(
    "found", [FoundCredential(access_key_id=MINE), api_key(f"ci-at-{ACCOUNT}")], ids=["id", "key"]
)
def test_it_alone_is_turned_off_and_bearer_tokens_are_denied(
    cloud: FakeCloud, tmp_path: Path, found: FoundCredential
) -> None:
    response = cut(cloud, leaked(found), tmp_path)

    user = cloud.principals["user/ci"]
    assert states(cloud) == {
        MINE: KeyState.INACTIVE,
        OTHER.credential_id: KeyState.ACTIVE,
        GIT.credential_id: KeyState.ACTIVE,
    }
    (statement,) = json.loads(user.inline[BEARER_POLICY])["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Deny", ["bedrock:CallWithBearerToken"])
    assert response.status is Status.CONTAINED


def test_that_it_was_turned_off_is_read_back_and_no_more_is_claimed(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    request = leaked(FoundCredential(access_key_id=MINE), level=Level.SIMULATED)

    assert cut(cloud, request, tmp_path).status is Status.UNPROVEN


def test_the_deny_of_bearer_tokens_goes_with_the_services_that_take_them(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    cut(cloud, leaked(FoundCredential(access_key_id=GIT.credential_id)), tmp_path)

    assert states(cloud)[GIT.credential_id] is KeyState.INACTIVE
    assert BEARER_POLICY not in cloud.principals["user/ci"].inline


def test_it_makes_no_identities_so_nobody_else_is_locked_out(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    response = cut(cloud, leaked(FoundCredential(access_key_id=MINE)), tmp_path)

    made = response.incident.plan
    assert (made.grip, made.hold_seconds, made.doors) == (Grip.NO, 0.0, ())
    assert "account_details" not in cloud.asked


def test_its_owner_is_found_in_one_question(cloud: FakeCloud) -> None:
    (credential,) = identify_leak(
        leaked(FoundCredential(access_key_id=MINE)), FakeDoors(cloud), FakePerson()
    )

    assert credential.kind is CredentialKind.SERVICE_KEY
    assert credential.principal is not None
    assert credential.principal.label == "user/ci"
    assert (credential.status, credential.service) == (CredentialStatus.ACTIVE, BEDROCK.service)
    assert "users" not in cloud.asked


def test_where_not_all_users_are_listed_at_once_each_is_asked(cloud: FakeCloud) -> None:
    class Older(FakeCloud):
        def service_credentials(self, user: str | None) -> object:  # type: ignore[override]  # the same, or an error
            if user is None:
                raise refusal(code="InvalidInput", operation="ListServiceSpecificCredentials")
            return super().service_credentials(user)

    older = Older()
    older.principals, older.rests = cloud.principals, cloud.rests

    (credential,) = identify_leak(
        leaked(FoundCredential(access_key_id=MINE)), FakeDoors(older), FakePerson()
    )

    assert credential.principal is not None
    assert credential.principal.label == "user/ci"


def test_an_id_that_nobody_holds_is_refused_with_what_to_do(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    with pytest.raises(NotEditable) as raised:
        cut(cloud, leaked(FoundCredential(access_key_id="ACCANOBODYNOBODYNOBO")), tmp_path)

    assert "--owner" in raised.value.hint
    assert cloud.calls == []


def test_a_token_of_sts_is_on_no_list(cloud: FakeCloud, tmp_path: Path) -> None:
    owner = Principal(type=PrincipalType.USER, name="ci")

    with pytest.raises((NotEditable, OwnerUnknown)):
        cut(
            cloud,
            leaked(FoundCredential(access_key_id="ABIANOBODYNOBODYNOBO"), owner=owner),
            tmp_path,
        )


def test_a_key_of_another_account_is_not_looked_for_here(cloud: FakeCloud, tmp_path: Path) -> None:
    with pytest.raises(ForeignAccount):
        cut(cloud, leaked(api_key("ci-at-999988887777")), tmp_path)


def test_where_the_list_may_not_be_read_an_id_and_its_owner_are_enough(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    cloud.failing["service_credentials"] = MissingPermission("not allowed")
    owner = Principal(type=PrincipalType.USER, name="ci")

    cut(cloud, leaked(FoundCredential(access_key_id=MINE), owner=owner), tmp_path)

    assert states(cloud)[MINE] is KeyState.INACTIVE


def test_where_the_list_may_not_be_read_a_key_without_an_id_is_denied_and_not_called_dead(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    cloud.failing["service_credentials"] = MissingPermission("not allowed")

    response = cut(cloud, leaked(api_key(f"ci-at-{ACCOUNT}")), tmp_path)

    assert BEARER_POLICY in cloud.principals["user/ci"].inline
    assert response.status is Status.UNPROVEN
    assert any(
        "set the one that leaked to Inactive" in each for each in response.incident.plan.manual
    )


def test_a_key_that_carries_no_name_that_fits_takes_all_of_its_service_along(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    kept = cloud.rest_of("ci").services
    kept[MINE] = replace(kept[MINE], alias=None)

    cut(cloud, leaked(api_key(f"ci-at-{ACCOUNT}")), tmp_path)

    assert states(cloud) == {
        MINE: KeyState.INACTIVE,
        OTHER.credential_id: KeyState.INACTIVE,
        GIT.credential_id: KeyState.ACTIVE,
    }


def test_one_that_is_off_already_is_left_as_it_is(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.rest_of("ci").add(replace(BEDROCK, state=KeyState.INACTIVE))

    cut(cloud, leaked(FoundCredential(access_key_id=MINE)), tmp_path)

    assert "set_service_credential_status" not in {call.method for call in cloud.calls}


def test_undo_takes_the_deny_away_past_its_date_and_leaves_the_key_off(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    response = cut(cloud, leaked(FoundCredential(access_key_id=MINE)), tmp_path)
    dates = [step.safe_date for step in response.incident.plan.steps if step.safe_date is not None]
    cloud.fake_clock.at = max(dates)

    undo("latest", FakeDoors(cloud), FakePerson(), assume_yes=True, home=tmp_path)

    assert BEARER_POLICY not in cloud.principals["user/ci"].inline
    assert states(cloud)[MINE] is KeyState.INACTIVE


def test_the_plan_says_what_the_owner_has_besides(cloud: FakeCloud) -> None:
    made = plan(leaked(FoundCredential(access_key_id=MINE)), FakeDoors(cloud), FakePerson())

    assert any("3 service-specific credentials" in each for each in made.warnings)

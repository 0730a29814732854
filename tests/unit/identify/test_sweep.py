"""What the sweep reads, and what it says where it could not look."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fakes.cloud import LONG_AGO, START, FakeCloud, refusal
from fakes.swept import BOB, BOB_KEY, access, swept, user
from unleak.errors import MissingPermission, WrongUse
from unleak.identify.leak import LOOK_BACK, leak_since
from unleak.identify.sweep import Depth, gather_sweep
from unleak.model.account import AccountDetails, Provider
from unleak.model.action import KeyState
from unleak.model.credential import Credential, CredentialKind
from unleak.model.reading import Gap, Known, Unknown

NOW = START + timedelta(hours=3)
DENIED = MissingPermission("no", hint="ask")
KEY = Credential(access_key_id=BOB_KEY, kind=CredentialKind.USER_KEY, principal=BOB)


@pytest.fixture
def cloud() -> FakeCloud:
    cloud = FakeCloud()
    cloud.add_role("app")
    cloud.at(cloud.add_user("bob", keys=("AKIAONE",))).keys_made_at["AKIAONE"] = LONG_AGO
    cloud.at(cloud.add_user("eve", keys=("AKIATWO",))).password_made_at = START
    cloud.identity_providers.append(Provider(arn="arn:aws:iam::1:saml-provider/x"))
    return cloud


def test_the_whole_sweep_reads_every_user_s_ways_in(cloud: FakeCloud) -> None:
    seen = gather_sweep(cloud)

    assert seen.is_whole
    assert isinstance(seen.access, Known)
    assert {each.user for each in seen.access.value} == {"bob", "eve"}
    keys = seen.keys_of("bob")
    assert keys is not None
    assert [(each.key_id, each.state, each.created_at) for each in keys] == [
        ("AKIAONE", KeyState.ACTIVE, LONG_AGO)
    ]
    assert [each.password for each in seen.access.value if each.user == "eve"] == [Known(START)]
    assert isinstance(seen.providers, Known)


def test_the_light_sweep_asks_once_and_calls_nothing_unread(cloud: FakeCloud) -> None:
    seen = gather_sweep(cloud, depth=Depth.LIGHT)

    assert cloud.asked == ["account_details"]
    assert seen.is_whole
    assert seen.keys_of("bob") is None


def test_without_the_details_the_keys_are_found_by_the_list_of_users(cloud: FakeCloud) -> None:
    cloud.failing["account_details"] = DENIED

    seen = gather_sweep(cloud)

    assert seen.keys_of("bob") is not None
    assert seen.unread == (
        "users, roles and policies: iam:GetAccountAuthorizationDetails is not allowed for us",
    )


def test_a_reason_is_said_once_and_of_how_many(cloud: FakeCloud) -> None:
    cloud.failing["login_profile"] = DENIED

    seen = gather_sweep(cloud)

    why = "iam:GetLoginProfile is not allowed for us"
    assert seen.unread == (f"passwords: {why} (of 2 of 2 users)",)


def test_where_nothing_may_be_read_everything_is_unknown(cloud: FakeCloud) -> None:
    for method in ("account_details", "users", "providers"):
        cloud.failing[method] = refusal(code="Unsupported", operation=method)

    seen = gather_sweep(cloud)

    assert isinstance(seen.details, Unknown)
    assert seen.details.gap is Gap.UNSUPPORTED
    assert isinstance(seen.access, Unknown)
    assert len(seen.unread) == 3


class Vanishing(FakeCloud):
    """A cloud whose user eve goes right after the account was read."""

    def account_details(self) -> AccountDetails:
        details = super().account_details()
        self.principals.pop("user/eve", None)
        return details


def test_a_user_who_goes_meanwhile_is_no_gap() -> None:
    cloud = Vanishing()
    cloud.add_user("eve", keys=("AKIATWO",))

    seen = gather_sweep(cloud)

    assert seen.keys_of("eve") == ()
    assert seen.is_whole


def test_what_the_person_says_wins() -> None:
    told = NOW - timedelta(days=9, microseconds=5)

    since = leak_since((KEY,), swept(), now=NOW, told=told)

    assert since == told.replace(microsecond=0)


def test_a_time_in_the_future_is_refused() -> None:
    with pytest.raises(WrongUse, match="future"):
        leak_since((KEY,), swept(), now=NOW, told=NOW + timedelta(seconds=1))


def test_the_earliest_issue_time_counts() -> None:
    early, late = NOW - timedelta(hours=30), NOW - timedelta(hours=1)
    sessions = tuple(
        Credential(access_key_id=f"ASIA{n}", kind=CredentialKind.ROLE_SESSION, issued_at=at)
        for n, at in enumerate((late, early))
    )

    assert leak_since(sessions, swept(), now=NOW, told=None) == early


def test_an_old_key_may_have_leaked_a_day_ago() -> None:
    assert leak_since((KEY,), swept(), now=NOW, told=None) == NOW - LOOK_BACK


def test_a_young_key_leaked_no_earlier_than_it_was_made() -> None:
    made_at = NOW - timedelta(hours=2)
    account = swept(ways_in=(access("bob", {BOB_KEY: made_at}),))

    assert leak_since((KEY,), account, now=NOW, told=None) == made_at


def test_what_a_principal_made_is_no_older_than_itself() -> None:
    made_at = NOW - timedelta(hours=2)
    named = Credential(access_key_id=None, kind=CredentialKind.PRINCIPAL, principal=BOB)

    assert leak_since((named,), swept(user("bob", created_at=made_at)), now=NOW, told=None) == (
        made_at
    )

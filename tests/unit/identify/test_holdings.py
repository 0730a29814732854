"""The inventory: listings and report together, and nothing that could not be seen left unsaid."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fakes.cloud import START, FakeCloud
from fakes.holdings import KEY, days_ago, used
from fakes.register import FakeRegister, user
from unleak.errors import AwsFailure, MissingPermission, ResponderCredentials, Throttled, WrongUse
from unleak.identify.holdings import inventory
from unleak.model.holding import Holding, HoldingKind, HoldingState
from unleak.model.ports import KeyUse
from unleak.model.reading import NOT_LOOKED_AT, Absent, Known
from unleak.model.register import CredentialReport, Registered, ReportKey, ReportRow

DENIED = MissingPermission("not allowed to call ListAccessKeys: no")
NOTHING = ReportKey(is_active=False, rotated_at=None, last_used=NOT_LOOKED_AT)


def row(
    name: str = "ci",
    *,
    has_password: bool | None = False,
    keys: tuple[ReportKey, ...] = (NOTHING, NOTHING),
    certificates: tuple[ReportKey, ...] = (NOTHING, NOTHING),
) -> ReportRow:
    return ReportRow(
        user=name,
        arn=f"arn:aws:iam::123456789012:user/{name}",
        created_at=days_ago(400),
        has_password=has_password,
        password_last_used=used(3),
        password_changed_at=days_ago(100),
        has_mfa=False,
        keys=keys,
        certificates=certificates,
    )


def report(*rows: ReportRow, note: str = "") -> CredentialReport:
    return CredentialReport(made_at=START - timedelta(hours=2), rows=rows, note=note)


def made(name: str = "ci", *, key_id: str = KEY, age: int = 30) -> Registered:
    return Registered(id=key_id, user=name, state=HoldingState.ACTIVE, created_at=days_ago(age))


def calm() -> FakeCloud:
    """A cloud whose root user has nothing."""
    cloud = FakeCloud()
    cloud.summary = {"AccountPasswordPresent": 0, "AccountAccessKeysPresent": 0}
    return cloud


def held(register: FakeRegister, cloud: FakeCloud | None = None) -> tuple[Holding, ...]:
    return inventory(register, cloud or FakeCloud()).holdings


def of_users(holdings: tuple[Holding, ...]) -> list[Holding]:
    return [each for each in holdings if not each.is_root]


def test_a_key_gets_its_last_use_from_the_column_of_its_date() -> None:
    column = ReportKey(is_active=True, rotated_at=days_ago(30), last_used=used(2))
    register = FakeRegister(
        listed=(user("ci"),),
        told=report(row(keys=(column, NOTHING))),
        held_keys={"ci": (made(),)},
    )

    (key,) = of_users(held(register))

    assert (key.id, key.last_used) == (KEY, used(2))


class Asked(FakeCloud):
    """Tells a use, and counts how often it was asked."""

    questions = 0
    use = KeyUse(user="ci", last_used_at=days_ago(5), service="sqs", region="eu-west-1")

    def key_use(self, key_id: str) -> KeyUse:
        del key_id
        self.questions += 1
        return self.use


def test_a_key_that_no_column_fits_is_asked_about() -> None:
    cloud = Asked()
    twins = ReportKey(is_active=True, rotated_at=days_ago(30), last_used=used(2))
    register = FakeRegister(
        listed=(user("ci"),),
        told=report(row(keys=(twins, twins))),
        held_keys={"ci": (made(),)},
    )

    (key,) = of_users(held(register, cloud))

    assert isinstance(key.last_used, Known)
    assert key.last_used.value.service == "sqs"
    assert cloud.questions == 1


def test_a_use_that_iam_does_not_know_is_never_for_a_key_of_our_times() -> None:
    cloud = Asked()
    cloud.use = KeyUse(user="ci")
    register = FakeRegister(listed=(user("ci"),), held_keys={"ci": (made(),)})

    (key,) = of_users(held(register, cloud))

    assert key.last_used == Absent()


def test_a_password_comes_from_the_report() -> None:
    register = FakeRegister(listed=(user("eve"),), told=report(row("eve", has_password=True)))

    (password,) = of_users(held(register))

    assert password.kind is HoldingKind.PASSWORD
    assert (password.created_at, password.has_mfa) == (days_ago(100), False)


def test_a_user_newer_than_the_report_is_asked_about() -> None:
    cloud = calm()
    cloud.at(cloud.add_user("new")).password_made_at = days_ago(0)
    register = FakeRegister(
        listed=(user("new"),), told=report(), held_certificates={"new": (made(key_id="CERT"),)}
    )

    found = of_users(held(register, cloud))

    assert {each.kind for each in found} == {HoldingKind.PASSWORD, HoldingKind.CERTIFICATE}


def test_certificates_are_listed_only_where_the_report_shows_one() -> None:
    shown = ReportKey(is_active=True, rotated_at=days_ago(9), last_used=NOT_LOOKED_AT)
    certificate = made(key_id="CERT")
    register = FakeRegister(
        listed=(user("a"), user("b")),
        told=report(row("a"), row("b", certificates=(shown, NOTHING))),
        held_certificates={"b": (certificate,)},
    )

    found = of_users(held(register))

    assert [(each.owner, each.kind) for each in found] == [("b", HoldingKind.CERTIFICATE)]
    assert register.asked.count("certificates") == 1


def test_service_keys_of_all_users_are_asked_for_once() -> None:
    bedrock = Registered(
        id="ACCA1",
        user="bot",
        state=HoldingState.ACTIVE,
        created_at=days_ago(3),
        service="bedrock.amazonaws.com",
    )
    register = FakeRegister(
        listed=(user("bot"), user("x")),
        told=report(row("bot"), row("x")),
        held_service_keys=(bedrock,),
    )

    (key,) = of_users(held(register))

    assert (key.kind, key.service, key.owner) == (
        HoldingKind.SERVICE_KEY,
        "bedrock.amazonaws.com",
        "bot",
    )
    assert "service_keys" not in register.asked


def test_where_not_all_users_can_be_asked_at_once_each_is() -> None:
    bedrock = Registered(id="ACCA1", user="bot", state=HoldingState.ACTIVE)
    register = FakeRegister(
        listed=(user("bot"), user("x")),
        told=report(row("bot"), row("x")),
        held_service_keys=(bedrock,),
        failing={"service_keys of all": WrongUse("Unknown parameter in input: AllUsers")},
    )

    found = inventory(register, calm())

    assert [each.id for each in of_users(found.holdings)] == ["ACCA1"]
    assert found.not_audited == ()


def test_what_one_user_refuses_is_not_asked_of_five_thousand() -> None:
    names = tuple(user(f"u{number}") for number in range(5000))
    register = FakeRegister(listed=names, failing={"ssh_keys": DENIED})

    found = inventory(register, calm())

    assert register.asked.count("ssh_keys") < 50
    assert [each.where for each in found.not_audited if "SSH" in each.where] == ["SSH public keys"]
    assert found.users_seen == 5000


def test_a_throttled_user_is_named_and_the_others_are_looked_at() -> None:
    slow = Throttled("slow down", error_code="Throttling", operation="ListAccessKeys")
    register = FakeRegister(
        listed=(user("a"), user("b")),
        told=report(row("a"), row("b")),
        failing={"access_keys": slow},
    )

    found = inventory(register, calm())

    assert sorted(each.where for each in found.not_audited) == [
        "access keys of user/a",
        "access keys of user/b",
    ]


def test_keys_that_may_not_be_listed_are_known_from_the_report_without_ids() -> None:
    column = ReportKey(is_active=True, rotated_at=days_ago(30), last_used=used(2))
    register = FakeRegister(
        listed=(user("ci"),),
        told=report(row(keys=(column, NOTHING))),
        failing={"access_keys": DENIED},
    )

    found = inventory(register, calm())

    assert [(each.id, each.last_used) for each in of_users(found.holdings)] == [(None, used(2))]
    assert [each.where for each in found.not_audited] == ["access keys"]


def test_users_that_may_not_be_listed_are_known_from_the_report() -> None:
    register = FakeRegister(told=report(row("eve", has_password=True)), failing={"users": DENIED})

    found = inventory(register, calm())

    assert [each.owner for each in of_users(found.holdings)] == ["eve"]
    assert [each.where for each in found.not_audited] == ["users"]


def test_without_a_report_passwords_are_asked_for_one_by_one() -> None:
    cloud = calm()
    cloud.at(cloud.add_user("eve")).password_made_at = days_ago(7)
    no_report = AwsFailure("none", error_code="ReportNotPresent", operation="GetCredentialReport")
    register = FakeRegister(
        listed=(user("eve"),), failing={"report": no_report}, with_mfa=frozenset({"eve"})
    )

    found = inventory(register, cloud)

    (password,) = found.holdings
    assert (password.created_at, password.has_mfa) == (days_ago(7), True)
    assert found.report_at is None
    assert [each.where for each in found.not_audited] == ["credential report"]


def test_a_note_about_the_age_of_the_report_is_passed_on() -> None:
    register = FakeRegister(told=report(note="no new one could be made: denied"))

    found = inventory(register, calm())

    assert "no new one could be made" in found.not_audited[0].why


def test_a_dead_responder_ends_it() -> None:
    register = FakeRegister(failing={"report": ResponderCredentials("expired")})

    with pytest.raises(ResponderCredentials):
        inventory(register, calm())

"""The audit as a whole: inventory, power, callers, replacements, and the gaps of each."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import START, FakeCloud
from fakes.holdings import KEY, days_ago
from fakes.register import FakeRegister, user
from unleak.errors import MissingPermission, UnleakError
from unleak.flow.audit import AuditWish, audit_account
from unleak.flow.timing import Timing
from unleak.model.holding import HoldingState, ReplacementKind, Risk, Rule
from unleak.model.plan import Grip
from unleak.model.ports import TrailEvent
from unleak.model.principal import Principal, PrincipalType
from unleak.model.reading import Absent, Known
from unleak.model.register import Place, Registered
from unleak.model.situation import InlinePolicy, PrincipalFacts

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.holding import AuditResult

ADMIN = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
OTHER = "AKIAY34FZKBOOTHEROTH"


def powers(name: str, document: str | None = None) -> PrincipalFacts:
    inline = () if document is None else (InlinePolicy(name="p", document=document),)
    return PrincipalFacts(
        principal=Principal(type=PrincipalType.USER, name=name),
        inline=Known(inline),
        attached=Known(()),
        groups=Known(()),
        boundary=Absent(),
    )


class Trailed(FakeCloud):
    """A cloud in whose trail one key was used, in one region; another region refuses to tell."""

    def __init__(self) -> None:
        super().__init__()
        self.summary = {"AccountPasswordPresent": 0}
        self.asked_about: list[tuple[str, str]] = []
        self.refusing: frozenset[str] = frozenset()

    def regions(self) -> tuple[str, ...]:
        return ("eu-west-1", "us-east-1")

    def trail_events(
        self, *, attribute: str, value: str, region: str, since: datetime | None = None
    ) -> tuple[TrailEvent, ...]:
        del attribute, since
        self.asked_about.append((value, region))
        if region in self.refusing:
            message = "not allowed to call LookupEvents"
            raise MissingPermission(message)
        if (value, region) != (KEY, "eu-west-1"):
            return ()
        document = json.dumps(
            {
                "userIdentity": {"accessKeyId": KEY},
                "sourceIPAddress": "198.51.100.7",
                "userAgent": "Boto3/1.40 os/linux",
                "eventSource": "sqs.amazonaws.com",
                "eventTime": "2026-11-20T00:00:00Z",
            }
        )
        event = TrailEvent(
            event_id="e", event_name="SendMessage", region=region, at=START, document=document
        )
        return (event,)


class Doors:
    def __init__(self, register: FakeRegister, cloud: FakeCloud) -> None:
        self._register, self._cloud = register, cloud

    def reader(self) -> FakeCloud:
        return self._cloud

    def register(self) -> FakeRegister:
        return self._register


def key(name: str, key_id: str) -> Registered:
    return Registered(id=key_id, user=name, state=HoldingState.ACTIVE, created_at=days_ago(30))


def account() -> FakeRegister:
    return FakeRegister(
        listed=(user("boss"), user("ci")),
        held_keys={"boss": (key("boss", OTHER),), "ci": (key("ci", KEY),)},
        facts={"boss": powers("boss", ADMIN), "ci": powers("ci")},
    )


def run(
    register: FakeRegister, cloud: FakeCloud, wish: AuditWish | None = None
) -> tuple[AuditResult, list[float]]:
    waits: list[float] = []
    timing = Timing(pause=waits.append, monotonic=lambda: 0.0)
    return audit_account(wish or AuditWish(), Doors(register, cloud), timing=timing), waits


def test_who_can_take_the_account_over_stands_first() -> None:
    result, _ = run(account(), Trailed())

    first, second = result.findings
    assert (first.holding.owner, first.risk, first.power) == ("boss", Risk.HIGH, Grip.YES)
    assert first.reasons[0].rule is Rule.ADMIN
    assert (second.holding.owner, second.power) == ("ci", Grip.NO)


def test_callers_are_told_and_an_address_of_the_account_decides_what_fits() -> None:
    register = account()
    here = Place(address="198.51.100.7", kind="instance", name="i-1", region="us-east-1")
    register.interfaces = (here,)

    result, _ = run(register, Trailed())

    ci = next(each for each in result.findings if each.holding.owner == "ci")
    assert ci.users is not None
    assert [use.source for use in ci.users.uses] == ["198.51.100.7"]
    assert ci.replacements[0].kind is ReplacementKind.INSTANCE_PROFILE


def test_cloudtrail_is_asked_about_the_riskiest_alone_and_in_every_region() -> None:
    cloud = Trailed()

    result, waits = run(account(), cloud, AuditWish(ask_who=1))

    assert sorted(cloud.asked_about) == [(OTHER, "eu-west-1"), (OTHER, "us-east-1")]
    assert [each.users is not None for each in result.findings] == [True, False]
    assert waits == []


def test_questions_about_several_keys_keep_to_the_pace_of_cloudtrail() -> None:
    _, waits = run(account(), Trailed())

    assert waits == [0.5]


def test_nobody_is_asked_where_nobody_is_to_be() -> None:
    cloud = Trailed()

    run(account(), cloud, AuditWish(ask_who=0))

    assert cloud.asked_about == []


def test_one_region_may_be_named() -> None:
    cloud = Trailed()

    run(account(), cloud, AuditWish(regions=("eu-west-1",)))

    assert {region for _, region in cloud.asked_about} == {"eu-west-1"}


def test_a_region_that_refuses_is_a_gap_and_told_once() -> None:
    cloud = Trailed()
    cloud.refusing = frozenset({"us-east-1"})

    result, _ = run(account(), cloud)

    assert "cloudtrail us-east-1" in [each.where for each in result.not_audited]
    assert len({(each.where, each.why) for each in result.not_audited}) == len(result.not_audited)


@pytest.mark.parametrize(
    ("failing", "where"),
    [("powers", "what users may do"), ("places", "network addresses eu-west-1")],
)
def test_what_fails_is_told_and_the_rest_goes_on(failing: str, where: str) -> None:
    register = account()
    register.failing[failing] = MissingPermission("no")

    result, _ = run(register, Trailed())

    assert len(result.findings) == 2
    assert where in [each.where for each in result.not_audited]


def test_unread_power_is_no_low_risk() -> None:
    register = account()
    register.failing["powers"] = UnleakError("no")

    result, _ = run(register, Trailed())

    assert {each.risk for each in result.findings} == {Risk.MEDIUM}


def test_the_account_and_partition_are_those_of_the_caller() -> None:
    result, _ = run(account(), Trailed())

    assert (result.account, result.partition) == ("123456789012", "aws")


def test_five_thousand_users_are_one_round_each() -> None:
    names = tuple(user(f"u{number}") for number in range(5000))
    register = FakeRegister(
        listed=names,
        held_keys={
            each.name: (key(each.name, f"AKIA{number:016d}"),) for number, each in enumerate(names)
        },
        facts={each.name: powers(each.name) for each in names},
    )

    result, _ = run(register, Trailed(), AuditWish(ask_who=2))

    assert len(result.findings) == 5000
    assert register.asked.count("access_keys") == 5000
    assert result.at - timedelta(days=30) == result.findings[0].holding.created_at

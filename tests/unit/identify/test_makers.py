"""Who made what, in the shapes of AWS and of an emulator, and from hostile text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from fakes.cloud import START, FakeCloud, refusal
from unleak.errors import MissingPermission
from unleak.identify.makers import Makers, is_late_enough, read_makers
from unleak.identify.making_event import Making, read_making
from unleak.model.door import DoorKind
from unleak.model.ports import TrailEvent

ACCOUNT = "123456789012"
KEY = "AKIABOBBOBBOBBOBBOBB"
IAM = "iam.amazonaws.com"
AT = "2026-11-24T07:05:00Z"
BOB = {
    "type": "IAMUser",
    "arn": f"arn:aws:iam::{ACCOUNT}:user/bob",
    "userName": "bob",
    "accessKeyId": KEY,
}
SESSION = {
    "type": "AssumedRole",
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/x",
    "accessKeyId": "ASIAXXXXXXXXXXXXXXXX",
    "sessionContext": {"sessionIssuer": {"arn": f"arn:aws:iam::{ACCOUNT}:role/team/app"}},
}


def event(
    name: str,
    asked: Mapping[str, object],
    *,
    by: Mapping[str, object] | None = None,
    answered: Mapping[str, object] | None = None,
    **more: str,
) -> TrailEvent:
    document = {
        "eventName": name,
        "eventSource": IAM,
        "eventTime": AT,
        "userIdentity": BOB if by is None else by,
        "requestParameters": asked,
        "responseElements": answered,
        **more,
    }
    return TrailEvent(
        event_id="e", event_name=name, region="us-east-1", at=START, document=json.dumps(document)
    )


def emulated(action: str, *, by: str = KEY, **asked: object) -> TrailEvent:
    arn = f"arn:aws:iam::000000000000:user/{by}"
    identity = {"type": "IAMUser", "arn": arn, "accessKeyId": by, "userName": by}
    return event("POST.iam", {"Action": action, **asked}, by=identity)


def understood(one: TrailEvent) -> Making:
    making = read_making(one)
    assert making is not None
    return making


@pytest.mark.parametrize(
    ("name", "asked", "kind", "target"),
    [
        ("CreateUser", {"userName": "evil"}, DoorKind.USER, "evil"),
        ("CreateRole", {"roleName": "evil"}, DoorKind.ROLE, "evil"),
        ("CreateLoginProfile", {"userName": "evil"}, DoorKind.LOGIN_PROFILE, "evil"),
        ("UpdateLoginProfile", {"userName": "eve"}, DoorKind.LOGIN_PROFILE, "eve"),
        ("UpdateAssumeRolePolicy", {"roleName": "app"}, DoorKind.TRUST_POLICY, "app"),
        ("CreatePolicyVersion", {"policyArn": "arn:p"}, DoorKind.POLICY_VERSION, "arn:p"),
        ("SetDefaultPolicyVersion", {"policyArn": "arn:p"}, DoorKind.POLICY_VERSION, "arn:p"),
        ("CreateSAMLProvider", {"name": "idp"}, DoorKind.PROVIDER, "saml-provider/idp"),
        (
            "CreateOpenIDConnectProvider",
            {"url": "https://a.example/"},
            DoorKind.PROVIDER,
            "oidc-provider/a.example",
        ),
    ],
)
def test_each_event_names_what_it_made(
    name: str, asked: dict[str, object], kind: DoorKind, target: str
) -> None:
    making = understood(event(name, asked))

    assert (making.kind, making.name) == (kind, target)
    assert making.maker.access_key_id == KEY
    assert making.maker.principal is not None
    assert making.maker.principal.label == "user/bob"


def test_the_maker_behind_a_session_is_the_role() -> None:
    making = understood(event("CreateUser", {"userName": "evil"}, by=SESSION))

    assert making.maker.principal is not None
    assert making.maker.principal.label == "role/app"


def test_a_key_is_named_by_the_answer() -> None:
    answer = {"accessKey": {"accessKeyId": "AKIANEW", "userName": "evil"}}

    making = understood(event("CreateAccessKey", {"userName": "x"}, answered=answer))

    assert (making.name, making.key_of) == ("AKIANEW", "evil")


def test_a_service_credential_is_named_by_the_answer() -> None:
    answer = {"serviceSpecificCredential": {"serviceSpecificCredentialId": "ACCANEW"}}
    name = "CreateServiceSpecificCredential"

    making = understood(event(name, {"userName": "eve"}, answered=answer))

    assert (making.kind, making.name) == (DoorKind.SERVICE_CREDENTIAL, "ACCANEW")
    assert read_making(event(name, {"userName": "eve"})) is None


def test_a_key_without_a_user_is_the_caller_s_own() -> None:
    assert understood(event("CreateAccessKey", {})).key_of == "bob"


def test_an_emulator_s_event_tells_the_key_and_no_principal() -> None:
    making = understood(emulated("CreateUser", UserName="evil"))

    assert (making.kind, making.name) == (DoorKind.USER, "evil")
    assert making.maker.access_key_id == KEY
    assert making.maker.principal is None


@pytest.mark.parametrize(
    "one",
    [
        event("CreateUser", {"userName": "evil"}, errorCode="AccessDenied"),
        event("CreateUser", {"userName": "evil"}, eventSource="transfer.amazonaws.com"),
        event("CreateUser", {}),
        event("CreateUser", {"userName": {"deep": 1}}),
        event("ListUsers", {}),
        event("AssumeRole", {}),
        event("CreateSAMLProvider", {}),
        event("DeleteAccessKey", {}),
        TrailEvent(event_id="", event_name="CreateUser", region="", at=None, document="{"),
        TrailEvent(event_id="", event_name="CreateUser", region="", at=None, document="[" * 99999),
    ],
)
def test_what_failed_or_makes_no_sense_made_nothing(one: TrailEvent) -> None:
    assert read_making(one) is None


@pytest.mark.parametrize("arn", ["arn:aws:iam::1:user/x", "nonsense", None])
def test_a_maker_that_cannot_be_read_is_nobody(arn: str | None) -> None:
    making = understood(
        event("CreateUser", {"userName": "evil"}, by={"type": "IAMUser", "arn": arn})
    )

    assert making.maker.principal is None


def ask(cloud: FakeCloud, *key_ids: str) -> Makers:
    return read_makers(cloud, since=START, region="us-east-1", key_ids=key_ids)


def test_every_kind_of_event_is_asked_for_and_the_old_ones_are_left_out() -> None:
    cloud = FakeCloud()
    old = event("CreateUser", {"userName": "older"}, eventTime="2026-11-24T06:00:00Z")
    cloud.events += [event("CreateUser", {"userName": "evil"}), old]

    makers = ask(cloud)

    assert [each.access_key_id for each in makers.of(DoorKind.USER, "EVIL")] == [KEY]
    assert makers.of(DoorKind.USER, "older") == ()
    assert len([each for each in cloud.asked if "EventName=" in each]) == 12


def test_an_emulator_is_asked_for_its_one_name_and_tells_deleted_keys() -> None:
    class Emulator(FakeCloud):
        def trail_events(
            self, *, attribute: str, value: str, region: str, since: datetime | None = None
        ) -> tuple[TrailEvent, ...]:
            del region, since
            return tuple(self.events) if (attribute, value) == ("EventName", "POST.iam") else ()

    cloud = Emulator()
    cloud.events += [
        emulated("CreateUser", UserName="evil"),
        emulated("DeleteAccessKey", AccessKeyId="AKIAGONE"),
        emulated("AssumeRole", RoleArn="arn:aws:iam::1:role/app", by="ASIASOMEBODY"),
    ]

    makers = ask(cloud)

    assert len(makers.of(DoorKind.USER, "evil")) == 1
    assert makers.deleted_keys == {"AKIAGONE"}
    assert makers.of(DoorKind.ROLE_SESSION, "app") == ()


def test_sessions_are_followed_from_the_leak_on() -> None:
    cloud = FakeCloud()
    first = {"credentials": {"accessKeyId": "ASIAFIRST"}}
    child = {**SESSION, "accessKeyId": "ASIAFIRST"}
    sts = "sts.amazonaws.com"
    arn = f"arn:aws:iam::{ACCOUNT}:role/"
    cloud.events += [
        event("AssumeRole", {"roleArn": f"{arn}app"}, answered=first, eventSource=sts),
        event("AssumeRole", {"roleArn": f"{arn}admin"}, by=child, eventSource=sts),
    ]

    makers = ask(cloud, KEY)

    assert makers.session_ids == {"ASIAFIRST"}
    assert len(makers.of(DoorKind.ROLE_SESSION, "app")) == 1
    assert len(makers.of(DoorKind.ROLE_SESSION, "admin")) == 1


def test_a_trail_that_may_not_be_read_is_said_once() -> None:
    cloud = FakeCloud()
    cloud.failing["trail_events"] = MissingPermission("no", hint="ask")

    makers = ask(cloud)

    assert makers.unread == ("who made what: cloudtrail:LookupEvents is not allowed for us",)


def test_a_cloud_without_a_trail_is_said_too() -> None:
    cloud = FakeCloud()
    cloud.failing["trail_events"] = refusal(code="Unsupported", operation="LookupEvents")

    assert ask(cloud).unread == ("who made what: this cloud has no cloudtrail:LookupEvents",)


def test_an_event_from_before_a_thing_was_made_is_of_another_one() -> None:
    assert is_late_enough(START, START + timedelta(seconds=2))
    assert not is_late_enough(START, START + timedelta(seconds=3))
    assert not is_late_enough(None, START)
    assert is_late_enough(START, None)

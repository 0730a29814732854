"""The sweep on a cloud that enforces IAM: the thief's identities are found, honest ones are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lab.ministack import trusting
from lab.wire import Wire
from unleak.aws.reader import AwsReader
from unleak.aws.session import AwsSession, AwsSettings
from unleak.identify.facts import gather
from unleak.identify.leak import Leak
from unleak.identify.makers import read_makers
from unleak.identify.suspects import suspects
from unleak.identify.sweep import Depth, gather_sweep
from unleak.model.door import DoorKind
from unleak.model.principal import Principal, PrincipalType

if TYPE_CHECKING:
    from lab.scene import Scene
    from lab.wire import Keys
    from unleak.model.door import Door

pytestmark = pytest.mark.clouds


@pytest.fixture
def reader(aws: Scene, monkeypatch: pytest.MonkeyPatch) -> AwsReader:
    """A reader of the responder's."""
    for name, value in aws.cloud.responder.environment.items():
        monkeypatch.setenv(name, value)
    return AwsReader(AwsSession(AwsSettings(endpoint_url=aws.cloud.endpoint, region="us-east-1")))


def leak_of_key(reader: AwsReader, user: str, keys: Keys) -> Leak:
    """Return the leak of a user's key, from when the key was made."""
    owner = Principal(type=PrincipalType.USER, name=user)
    facts = gather(owner, reader=reader, quick=False)
    made_at = next(
        each.created_at for each in reader.keys(user) if each.key_id == keys.access_key_id
    )
    assert made_at is not None
    return Leak(
        principals=(facts.principal,),
        key_ids=frozenset({keys.access_key_id}),
        since=made_at,
        caller=reader.caller(),
        facts=(facts,),
    )


def of(found: tuple[Door, ...], *targets: str) -> dict[str, tuple[DoorKind, int]]:
    return {each.target: (each.kind, each.weight) for each in found if each.target in targets}


def test_what_a_thief_made_with_a_leaked_key_is_found_and_the_trail_names_him(
    aws: Scene, reader: AwsReader
) -> None:
    bob, leaked = aws.user()
    thief = Wire(endpoint=aws.cloud.endpoint, keys=leaked)
    evil, honest = aws.name("evil"), aws.name("honest")
    thief.call("iam", "create_user", UserName=evil)
    made = thief.call("iam", "create_access_key", UserName=evil)
    thief.call("iam", "create_role", RoleName=evil, AssumeRolePolicyDocument=trusting())
    aws.cloud.make_role(honest)
    key_id = made.text("AccessKey", "AccessKeyId")
    leak = leak_of_key(reader, bob, leaked)

    makers = read_makers(reader, since=leak.since, region="us-east-1", key_ids=sorted(leak.key_ids))
    swept = gather_sweep(reader)
    before = suspects(swept, leak)
    after = suspects(swept, replace(leak, makers=makers))

    assert swept.unread == ()
    mine = (f"user/{evil}", key_id, f"role/{evil}", f"role/{honest}", f"user/{bob}")
    assert of(before, *mine) == {
        f"user/{evil}": (DoorKind.USER, 2),
        key_id: (DoorKind.ACCESS_KEY, 2),
        f"role/{evil}": (DoorKind.ROLE, 2),
        f"role/{honest}": (DoorKind.ROLE, 2),
    }
    assert of(after, *mine) == {
        f"user/{evil}": (DoorKind.USER, 3),
        key_id: (DoorKind.ACCESS_KEY, 3),
        f"role/{evil}": (DoorKind.ROLE, 3),
    }


def test_one_light_look_shows_a_new_user_at_once(aws: Scene, reader: AwsReader) -> None:
    bob, leaked = aws.user()
    leak = leak_of_key(reader, bob, leaked)
    evil = aws.name("evil")
    Wire(endpoint=aws.cloud.endpoint, keys=leaked).call("iam", "create_user", UserName=evil)

    found = suspects(gather_sweep(reader, depth=Depth.LIGHT), leak)

    assert of(found, f"user/{evil}") == {f"user/{evil}": (DoorKind.USER, 2)}


def test_a_session_that_the_leak_opened_is_told_by_the_trail(aws: Scene, reader: AwsReader) -> None:
    admin = aws.role("admin")
    bob, leaked = aws.user()
    leak = leak_of_key(reader, bob, leaked)
    arn = f"arn:aws:iam::000000000000:role/{admin}"
    thief = Wire(endpoint=aws.cloud.endpoint, keys=leaked)
    thief.call("sts", "assume_role", RoleArn=arn, RoleSessionName="thief")

    makers = read_makers(reader, since=leak.since, region="us-east-1", key_ids=sorted(leak.key_ids))
    later = leak.since + timedelta(hours=1)  # so that the role is older than the leak
    found = suspects(gather_sweep(reader), replace(leak, since=later, makers=makers))

    assert of(found, f"role/{admin}") == {f"role/{admin}": (DoorKind.ROLE_SESSION, 3)}

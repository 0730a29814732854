"""What a thief mints on a cloud is found in that cloud's own event history, hop by hop."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from lab.command_line import CommandLine
from lab.lagging.clock import RealClock
from lab.lagging.cloud import Lag, LaggingCloud
from lab.scene import Scene
from lab.wire import Keys, Wire

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.clouds


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Scene]:
    """The lab's own cloud, whose event history is without delay here."""
    cloud = LaggingCloud(lag=Lag(seconds=0), clock=RealClock(), latency=0, trail_delay=0)
    with cloud.serve():
        yield staged(cloud, tmp_path)


def staged(cloud: LaggingCloud, folder: Path) -> Scene:
    home = folder / "home"
    home.mkdir()
    shell = CommandLine(home=home, endpoint=cloud.endpoint, keys=cloud.responder)
    return Scene(cloud=cloud, shell=shell, tag=uuid.uuid4().hex[:8])


def become(stage: Scene, keys: Keys, role: str) -> Keys:
    wire = Wire(endpoint=stage.cloud.endpoint, keys=keys)
    arn = f"arn:aws:iam::{stage.cloud.account}:role/{role}"
    return wire.call("sts", "assume_role", RoleArn=arn, RoleSessionName="thief").keys()


def make_key(stage: Scene, keys: Keys, user: str) -> Keys:
    wire = Wire(endpoint=stage.cloud.endpoint, keys=keys)
    made = wire.call("iam", "create_access_key", UserName=user)
    return Keys(
        access_key_id=made.text("AccessKey", "AccessKeyId"),
        secret=made.text("AccessKey", "SecretAccessKey"),
    )


def test_a_chain_through_two_roles_to_a_new_key_is_found_in_the_event_history(
    lab: Scene,
) -> None:
    stage = lab
    _user, leaked = stage.user("ci")
    spare, _ = stage.user("spare")
    first, second = stage.name("first"), stage.name("second")
    stage.cloud.make_role(first)
    stage.cloud.make_role(second)
    a = become(stage, leaked, first)
    b = become(stage, a, second)
    made = make_key(stage, b, spare)

    done = stage.shell.run("trace", leaked.access_key_id, "--json")

    links = {
        (row.text("minted_by"), row.text("access_key_id"), row.text("via"))
        for row in done.document.rows("credentials")
    }
    assert links == {
        (leaked.access_key_id, a.access_key_id, "AssumeRole"),
        (a.access_key_id, b.access_key_id, "AssumeRole"),
        (b.access_key_id, made.access_key_id, "CreateAccessKey"),
    }, str(done)
    (thing,) = done.document.rows("persistence")
    assert (thing.text("now"), thing.text("now_detail")) == ("there", "Active")


def test_each_call_of_the_key_and_no_other_is_counted_on_another_recorder(
    ministack_scene: Scene,
) -> None:
    """MiniStack's recorder names no answers and calls every call `POST.sts`: no chain is in it."""
    stage = ministack_scene
    _user, leaked = stage.user("ci")
    _spare, honest = stage.user("spare")
    role = stage.name("first")
    stage.cloud.make_role(role)
    for keys in (leaked, leaked, honest):
        become(stage, keys, role)

    done = stage.shell.run("trace", leaked.access_key_id, "--json")

    items = done.document.part("timeline").rows("items")
    assert [row.text("access_key_id") for row in items] == [leaked.access_key_id] * 2, str(done)
    assert done.document.rows("credentials") == ()

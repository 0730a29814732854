"""The account in memory fits the ports: mypy says so here, the calls show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.cloud import FakeCloud
from unleak.model.action import KeyState

if TYPE_CHECKING:
    from unleak.model.ports import Reader, Writer


def test_what_the_writer_changed_is_what_the_reader_sees() -> None:
    cloud = FakeCloud()
    holder = cloud.add_user("bob", keys=["AKIABOBBOBBOBBOBBOBB"])
    reader: Reader = cloud
    writer: Writer = cloud

    writer.set_key_status(user="bob", key_id="AKIABOBBOBBOBBOBBOBB", state=KeyState.INACTIVE)
    writer.put_inline_policy(holder, policy_name="P", document="{}")

    assert reader.keys("bob")[0].state is KeyState.INACTIVE
    assert reader.inline_policy(holder, "P") == "{}"

"""The prober of fights answers as unleak's own does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lab.arena import found
from lab.cloud import revoke_document
from lab.lagging.doors import LaggingDoors
from lab.lagging.quick_prober import QuickProber
from unleak.aws.prober import AwsProber
from unleak.aws.session import AwsSession, AwsSettings
from unleak.model.action import Holder, HolderType

if TYPE_CHECKING:
    from lab.lagging.cloud import LaggingCloud
    from lab.wire import Keys
    from unleak.model.ports import ProbeAnswer

SERVICES = AwsProber(AwsSession(AwsSettings())).services


def both(cloud: LaggingCloud, keys: Keys, service: str) -> list[ProbeAnswer]:
    """Return both answers; the coded message is drawn anew each time."""
    real = LaggingDoors(cloud).prober()
    assert isinstance(real, AwsProber)
    answers = [
        prober.probe(found(keys), service=service, region="us-west-2")
        for prober in (real, QuickProber(cloud, real))
    ]
    coded = [each.encoded is not None for each in answers]
    assert coded[0] == coded[1]
    return [replace(each, encoded=None) for each in answers]


@pytest.fixture
def still(quick: LaggingCloud) -> LaggingCloud:
    """A cloud whose clock stands still."""
    quick.latency = 0
    quick.make_role("app")
    return quick


@pytest.mark.parametrize("service", SERVICES)
def test_a_served_call_is_answered_alike(still: LaggingCloud, service: str) -> None:
    real, quick = both(still, still.assume("app", "honest"), service)

    assert quick == real
    assert quick.ok


@pytest.mark.parametrize("service", SERVICES)
def test_a_denied_call_is_answered_alike(still: LaggingCloud, service: str) -> None:
    keys = still.assume("app", "thief")
    still.clock.advance(2)
    document = revoke_document(still.clock.now())
    role = Holder(type=HolderType.ROLE, name="app")
    LaggingDoors(still).writer().put_inline_policy(role, policy_name="cut", document=document)

    real, quick = both(still, keys, service)

    assert quick == real
    assert quick.ok is (service == "sts")


@pytest.mark.parametrize("service", SERVICES)
def test_a_key_that_is_gone_is_answered_alike(still: LaggingCloud, service: str) -> None:
    bob = still.make_user("bob")
    still.call(
        still.admin_keys, "iam", "DeleteAccessKey", UserName="bob", AccessKeyId=bob.access_key_id
    )

    real, quick = both(still, bob, service)

    assert quick == real
    assert not quick.ok

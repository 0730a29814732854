"""The organization over an account: known, absent or unknown, and never a raised error."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fakes.cloud import FakeCloud
from fakes.fences import ACCOUNT, ORGANIZATION
from unleak.errors import MissingPermission, NoOrganization, Unreachable
from unleak.identify.organization import read_fence, read_organization
from unleak.model.reading import NOT_LOOKED_AT, Absent, Gap, Known, Unknown


@pytest.fixture
def cloud() -> FakeCloud:
    cloud = FakeCloud()
    cloud.over = ORGANIZATION
    return cloud


def test_an_organization_is_known(cloud: FakeCloud) -> None:
    assert read_organization(cloud) == Known(ORGANIZATION)


def test_no_organization_is_absent() -> None:
    assert read_organization(FakeCloud()) == Absent()


def test_what_we_may_not_ask_is_unknown(cloud: FakeCloud) -> None:
    cloud.failing["organization"] = MissingPermission("not you")

    assert read_organization(cloud) == Unknown(Gap.DENIED, "not you")


def test_an_account_without_a_fence_tells_how_much_room_there_is(cloud: FakeCloud) -> None:
    found = read_fence(cloud, ACCOUNT)

    assert (found.document, found.room) == (Absent(), Known(9))


def test_an_account_with_a_fence_needs_no_room(cloud: FakeCloud) -> None:
    cloud.fences[ACCOUNT] = "{}"

    found = read_fence(cloud, ACCOUNT)

    assert (found.document, found.room) == (Known("{}"), NOT_LOOKED_AT)


def test_nothing_is_asked_of_the_management_accounts_policies(cloud: FakeCloud) -> None:
    cloud.over = replace(ORGANIZATION, management_account=ACCOUNT)

    read_fence(cloud, ACCOUNT)

    assert cloud.asked == ["organization"]


def test_nothing_more_is_asked_where_there_is_no_organization() -> None:
    cloud = FakeCloud()

    found = read_fence(cloud, ACCOUNT)

    assert (found.organization, found.document) == (Absent(), NOT_LOOKED_AT)
    assert cloud.asked == ["organization"]


def test_a_member_of_another_organization_is_no_empty_fence(cloud: FakeCloud) -> None:
    cloud.failing["fence"] = NoOrganization("no member")

    assert read_fence(cloud, ACCOUNT).document == Unknown(Gap.FAILED, "no member")


def test_room_that_cannot_be_read_is_unknown(cloud: FakeCloud) -> None:
    cloud.failing["fence_room"] = Unreachable("silence")

    assert read_fence(cloud, ACCOUNT).room == Unknown(Gap.UNREACHABLE, "silence")

"""What is read before a member's root is contained."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fakes.cloud import FakeCloud
from fakes.fences import ACCOUNT, MANAGEMENT, ORGANIZATION
from unleak.errors import MissingPermission, NoOrganization
from unleak.identify.root_access import read_root
from unleak.model.action import KeyState
from unleak.model.reading import NOT_LOOKED_AT, Absent, Gap, Known, Unknown

BOTH = frozenset({"RootCredentialsManagement", "RootSessions"})
KEY = "AKIALEAKEDROOTKEY001"


@pytest.fixture
def cloud() -> FakeCloud:
    made = FakeCloud()
    made.over = ORGANIZATION
    made.central_root = BOTH
    made.held_by_root[ACCOUNT] = {KEY: KeyState.ACTIVE}
    return made


def test_the_keys_of_root_are_listed_where_central_root_access_is_whole(cloud: FakeCloud) -> None:
    facts = read_root(cloud, ACCOUNT)

    assert isinstance(facts.keys, Known)
    assert [each.key_id for each in facts.keys.value] == [KEY]
    assert facts.features == Known(BOTH)


def test_nobody_becomes_root_where_central_root_access_is_not_whole(cloud: FakeCloud) -> None:
    cloud.central_root = frozenset({"RootSessions"})

    facts = read_root(cloud, ACCOUNT)

    assert facts.keys == NOT_LOOKED_AT
    assert "root_keys" not in {each.split()[0] for each in cloud.asked}


def test_the_management_account_is_not_asked_about(cloud: FakeCloud) -> None:
    cloud.over = replace(ORGANIZATION, management_account=ACCOUNT)

    facts = read_root(cloud, ACCOUNT)

    assert isinstance(facts.features, Unknown)
    assert "management account" in facts.features.detail


def test_without_an_organization_nothing_more_is_asked() -> None:
    facts = read_root(FakeCloud(), ACCOUNT)

    assert facts.fence.organization == Absent()
    assert isinstance(facts.features, Unknown)
    assert "--org-profile" in facts.features.detail


def test_what_fails_is_unknown_with_its_reason(cloud: FakeCloud) -> None:
    cloud.failing["root_keys"] = MissingPermission("not allowed to call AssumeRoot")

    facts = read_root(cloud, ACCOUNT)

    assert facts.keys == Unknown(Gap.DENIED, "not allowed to call AssumeRoot")


def test_features_that_cannot_be_read_are_unknown(cloud: FakeCloud) -> None:
    cloud.failing["root_features"] = NoOrganization("not the management account")

    facts = read_root(cloud, ACCOUNT)

    assert isinstance(facts.features, Unknown)
    assert MANAGEMENT not in facts.features.detail

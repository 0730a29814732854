"""Which regions are probed, and what is said where the enabled ones cannot be listed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fakes import examples
from fakes.cloud import FakeCloud
from unleak.errors import MissingPermission
from unleak.flow.regions import RegionList
from unleak.model.credential import FoundCredential
from unleak.model.proof import EVERY_REGION, CheckOutcome
from unleak.report.rungs import region_line

HINTED = FoundCredential(access_key_id="ASIAX", region_hint="ap-south-1")


def test_every_enabled_region_is_probed_and_nothing_is_noted() -> None:
    cloud = FakeCloud()
    cloud.enabled_regions = ("us-east-1", "eu-west-1", "sa-east-1", "ap-south-1")
    heard: list[str] = []
    regions = RegionList(cloud, (), hears=heard.append)

    names = regions.names()

    assert names == cloud.enabled_regions
    assert regions.noted(examples.live_verification()) == examples.live_verification()
    assert heard == []


@pytest.mark.parametrize("is_refused", [True, False])
def test_a_list_that_cannot_be_had_is_said_and_a_few_regions_are_asked(
    is_refused: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    cloud = FakeCloud()
    cloud.enabled_regions = ()
    if is_refused:
        cloud.failing["regions"] = MissingPermission("not allowed")
    heard: list[str] = []
    regions = RegionList(cloud, (HINTED,), hears=heard.append)

    names = regions.names()
    noted = regions.noted(examples.live_verification())

    assert names == ("us-east-1", "ap-south-1", "eu-west-1")
    assert len(heard) == 1
    (check,) = [each for each in noted.checks if each.name == EVERY_REGION]
    assert check.outcome is CheckOutcome.SKIPPED
    assert "only us-east-1, ap-south-1, eu-west-1 were asked" in check.detail
    assert "regions that were asked" in region_line(noted)
    assert replace(noted, checks=()) == replace(examples.live_verification(), checks=())

"""A drill on an account in memory: what it makes, measures, keeps, and takes away again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import Call, refusal
from fakes.drills import DrillCloud, DrillFakeDoors, DrillFakePerson, DrillProber, drill_roles
from fakes.timing import FakeTime
from unleak.apply.drill_book import DrillBook
from unleak.apply.lock import hold
from unleak.cli.drill_person import drill_exit
from unleak.errors import (
    ExitCode,
    IncidentBusy,
    Interrupted,
    MissingPermission,
    NoConsent,
    NoSuchPrincipal,
    Refused,
    UnleakError,
)
from unleak.flow.cleanup import cleanup
from unleak.flow.drill import LOCK, DrillResult, DrillWish, drill, plan_drill
from unleak.flow.drill_clean import clean, leftovers
from unleak.model.action import RoleRecord
from unleak.model.drill import PATH, TAG
from unleak.model.outcome import Status
from unleak.report.drill_words import clean_page, drill_page, drill_plan_page
from unleak.report.json_drill import drill_document
from unleak.report.plain import lay_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from unleak.model.ports import RoleRead

YES = DrillWish(regions=("us-east-1", "eu-west-1"), timeout_seconds=5, assume_yes=True)


@pytest.fixture
def cloud() -> DrillCloud:
    return DrillCloud()


def rehearse(
    cloud: DrillCloud,
    home: Path,
    *,
    wish: DrillWish = YES,
    person: DrillFakePerson | None = None,
    deaf: frozenset[str] = frozenset(),
) -> DrillResult:
    """Drill with time that passes only by waiting."""
    return drill(
        wish,
        DrillFakeDoors(cloud, DrillProber(cloud, deaf=deaf)),
        person or DrillFakePerson(),
        home=home,
        timing=FakeTime(cloud).timing,
    )


def leave(cloud: DrillCloud, name: str, *, tag: str | None, age: timedelta) -> None:
    """Put a role under the path of drills."""
    cloud.create_role(
        RoleRecord(
            name=name,
            path=PATH,
            trust_policy="{}",
            description="",
            max_session_seconds=3600,
            boundary=None,
            tags=() if tag is None else ((TAG, tag),),
        )
    )
    assert cloud.fake_clock.at is not None
    cloud.principals[f"role/{name}"].created_at = cloud.fake_clock.at - age


def on_call(method: str, act: Callable[[], None]) -> Callable[[Call], None]:
    """Return a hook that acts at the first write of a name."""
    done: list[str] = []

    def hook(call: Call) -> None:
        if call.method == method and not done:
            done.append(method)
            act()

    return hook


def test_a_drill_bites_everywhere_and_leaves_no_role(cloud: DrillCloud, tmp_path: Path) -> None:
    result = rehearse(cloud, tmp_path)

    assert result.drill.status is Status.CONTAINED
    assert result.drill.new_sessions_work is True
    assert {each.region for each in result.drill.regions} == {"us-east-1", "eu-west-1"}
    assert all(each.was_served and each.lasting is not None for each in result.drill.regions)
    assert result.leftover is None
    assert drill_roles(cloud) == []
    assert drill_exit(result) is ExitCode.DONE


def test_the_role_trusts_the_responder_alone_and_may_make_one_harmless_call(
    cloud: DrillCloud, tmp_path: Path
) -> None:
    seen: list[tuple[RoleRecord, dict[str, str]]] = []

    def look() -> None:
        (label,) = drill_roles(cloud)
        found = cloud.principals[label]
        assert found.record is not None
        seen.append((found.record, dict(found.inline)))

    cloud.on_call = on_call("delete_inline_policy", look)

    rehearse(cloud, tmp_path)

    record, policies = seen[0]
    statement = json.loads(record.trust_policy)["Statement"][0]
    assert statement["Principal"] == {"AWS": cloud.identity.arn}
    assert record.path == PATH
    assert dict(record.tags).keys() == {TAG}
    assert json.loads(policies["UnleakDrill"])["Statement"][0]["Action"] == "sqs:ListQueues"


def test_a_session_of_a_role_is_trusted_by_its_role(cloud: DrillCloud) -> None:
    cloud.add_role("responder", path="/security/")
    cloud.identity = replace(
        cloud.identity, arn=f"arn:aws:sts::{cloud.account}:assumed-role/responder/me"
    )

    plan = plan_drill(YES, DrillFakeDoors(cloud), DrillFakePerson())

    assert plan.trusted == f"arn:aws:iam::{cloud.account}:role/security/responder"


def test_root_cannot_play_the_thief(cloud: DrillCloud, tmp_path: Path) -> None:
    cloud.identity = replace(cloud.identity, arn=f"arn:aws:iam::{cloud.account}:root")

    with pytest.raises(Refused, match="cannot assume roles"):
        rehearse(cloud, tmp_path)

    assert cloud.calls == []


def test_no_means_that_nothing_is_made(cloud: DrillCloud, tmp_path: Path) -> None:
    person = DrillFakePerson(yes=False)

    with pytest.raises(NoConsent):
        rehearse(cloud, tmp_path, wish=replace(YES, assume_yes=False), person=person)

    assert len(person.drills) == 1
    assert cloud.calls == []


def test_the_role_is_written_down_before_it_is_made(cloud: DrillCloud, tmp_path: Path) -> None:
    written: list[str] = []

    def look() -> None:
        written.extend(each.role for each in DrillBook(tmp_path).drills())

    cloud.on_call = on_call("create_role", look)
    result = rehearse(cloud, tmp_path)

    assert written == [result.drill.role]


def test_a_session_is_asked_for_again_until_sts_knows_the_role(
    cloud: DrillCloud, tmp_path: Path
) -> None:
    cloud.refusals = [MissingPermission("not allowed to call AssumeRole")] * 3

    result = rehearse(cloud, tmp_path)

    assert result.drill.status is Status.CONTAINED


def test_a_region_that_does_not_refuse_in_time_is_told_and_the_drill_is_unproven(
    cloud: DrillCloud, tmp_path: Path
) -> None:
    result = rehearse(cloud, tmp_path, deaf=frozenset({"eu-west-1"}))

    lasting = {each.region: each.lasting for each in result.drill.regions}
    assert lasting["eu-west-1"] is None
    assert lasting["us-east-1"] is not None
    assert result.drill.seconds_to_bite is None
    assert drill_exit(result) is ExitCode.UNPROVEN
    assert drill_roles(cloud) == []


@pytest.mark.parametrize("target", ["UnleakDrill", "AWSRevokeOlderSessions"])
def test_ctrl_c_in_the_middle_removes_the_role(
    cloud: DrillCloud, tmp_path: Path, target: str
) -> None:
    def press(call: Call) -> None:
        if call.method == "put_inline_policy" and call.target.endswith(target):
            raise KeyboardInterrupt

    cloud.on_call = press

    with pytest.raises(Interrupted, match="was removed"):
        rehearse(cloud, tmp_path)

    assert any(call.method == "create_role" for call in cloud.calls)
    assert drill_roles(cloud) == []


def test_a_failure_in_the_middle_removes_the_role_and_is_told(
    cloud: DrillCloud, tmp_path: Path
) -> None:
    cloud.refusals = [UnleakError("STS is out of order")]

    with pytest.raises(UnleakError, match="out of order"):
        rehearse(cloud, tmp_path)

    assert drill_roles(cloud) == []
    assert [each.is_removed for each in DrillBook(tmp_path).drills()] == [True]


def test_a_role_that_cannot_be_deleted_is_told_and_removed_by_clean(
    cloud: DrillCloud, tmp_path: Path
) -> None:
    cloud.failing["delete_role"] = refusal(code="ServiceFailure", operation="DeleteRole")

    result = rehearse(cloud, tmp_path)
    del cloud.failing["delete_role"]
    cleaned = clean(
        DrillFakeDoors(cloud),
        DrillFakePerson(),
        assume_yes=True,
        home=tmp_path,
        timing=FakeTime(cloud).timing,
    )

    assert result.leftover is not None
    assert drill_exit(result) is ExitCode.PARTIAL
    assert cleaned.removed == (result.drill.role,)
    assert drill_roles(cloud) == []
    assert [each.is_removed for each in DrillBook(tmp_path).drills()] == [True]


def test_a_role_that_iam_does_not_show_yet_is_not_taken_for_gone(tmp_path: Path) -> None:
    class Late(DrillCloud):
        """Its first two answers about a role of a drill are older than the role."""

        stale = 2

        def role(self, name: str) -> RoleRead:
            if self.calls and self.stale:
                self.stale -= 1
                raise NoSuchPrincipal(name)
            return super().role(name)

    cloud = Late()
    cloud.refusals = [UnleakError("STS is out of order")]

    with pytest.raises(UnleakError, match="out of order"):
        rehearse(cloud, tmp_path)

    assert cloud.stale == 0
    assert drill_roles(cloud) == []


def test_clean_leaves_alone_what_no_drill_made_and_what_may_be_under_way_elsewhere(
    cloud: DrillCloud, tmp_path: Path
) -> None:
    leave(cloud, "unleak-drill-old", tag="of-another-machine", age=timedelta(hours=2))
    leave(cloud, "unleak-drill-new", tag="of-another-machine", age=timedelta(minutes=5))
    leave(cloud, "unleak-drill-untagged", tag=None, age=timedelta(days=9))
    leave(cloud, "app", tag="of-another-machine", age=timedelta(days=9))

    found = leftovers(DrillFakeDoors(cloud), home=tmp_path)
    done = clean(
        DrillFakeDoors(cloud),
        DrillFakePerson(),
        assume_yes=True,
        home=tmp_path,
        timing=FakeTime(cloud).timing,
    )

    assert found.roles == done.removed == ("unleak-drill-old",)
    assert {each.role for each in done.not_ours} == {
        "unleak-drill-new",
        "unleak-drill-untagged",
        "app",
    }
    assert set(drill_roles(cloud)) == {"role/unleak-drill-new", "role/unleak-drill-untagged"}


def test_clean_asks_once_and_no_means_that_nothing_is_removed(
    cloud: DrillCloud, tmp_path: Path
) -> None:
    leave(cloud, "unleak-drill-old", tag="x", age=timedelta(hours=2))
    person = DrillFakePerson(yes=False)

    with pytest.raises(NoConsent):
        clean(DrillFakeDoors(cloud), person, assume_yes=False, home=tmp_path)

    assert person.cleans == [("unleak-drill-old",)]
    assert drill_roles(cloud) == ["role/unleak-drill-old"]


def test_clean_waits_for_no_drill_that_is_under_way(cloud: DrillCloud, tmp_path: Path) -> None:
    with hold(tmp_path, LOCK), pytest.raises(IncidentBusy):
        clean(DrillFakeDoors(cloud), DrillFakePerson(), assume_yes=True, home=tmp_path)


def test_a_later_cleanup_is_not_confused_by_the_incident_of_a_drill(
    cloud: DrillCloud, tmp_path: Path
) -> None:
    result = rehearse(cloud, tmp_path)
    cloud.fake_clock.move(timedelta(days=2))
    before = len(cloud.calls)

    response = cleanup(
        DrillFakeDoors(cloud),
        DrillFakePerson(),
        home=tmp_path,
        assume_yes=True,
        is_dry_run=False,
    )

    assert result.drill.incident is not None
    assert response.status is not Status.FAILED
    assert len(cloud.calls) == before


def test_the_second_drill_is_compared_with_the_first_and_both_have_words(
    cloud: DrillCloud, tmp_path: Path
) -> None:
    first = rehearse(cloud, tmp_path)
    second = rehearse(cloud, tmp_path)

    assert first.comparison is None
    assert second.comparison is not None
    assert second.comparison.of == 1
    page = drill_page(second.drill, second.comparison, second.leftover, second.unreadable)
    text = lay_out(page, width=80)
    assert "slower than the last one" in text
    assert "drill-secret" not in text + json.dumps(
        drill_document(second.drill, second.comparison, None)
    )


def test_the_plan_names_role_trust_and_leftovers(cloud: DrillCloud) -> None:
    leave(cloud, "unleak-drill-old", tag="x", age=timedelta(hours=2))

    plan = plan_drill(YES, DrillFakeDoors(cloud), DrillFakePerson())

    text = lay_out(drill_plan_page(plan), width=200)
    assert plan.role in text
    assert plan.trusted in text
    assert "unleak-drill-old" in text


def test_the_page_of_a_cleaning_says_what_is_still_there() -> None:
    page = clean_page(("a",), (("b", "refused"),), (("c", "not ours"),), is_dry=False)

    text = lay_out(page, width=80)

    assert "1 role could not be removed" in text
    assert "b: refused" in text
    assert "c: not ours" in text

"""The role by which other accounts are entered is said once: the incident remembers it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fakes.cloud import START, FakeCloud
from fakes.people import FakeDoors, FakePerson
from fakes.timing import FakeTime
from unleak.apply.journal import Journal
from unleak.contain.options import Options
from unleak.flow.cleanup import cleanup
from unleak.flow.request import Measuring, Request
from unleak.flow.resume import resume, what_is_left
from unleak.flow.revoke import revoke
from unleak.flow.undo import undo
from unleak.flow.verify import verify_incident
from unleak.identify.consent import Consent
from unleak.model.credential import FoundCredential
from unleak.model.proof import Level

LEAK = "AKIAQNZGKIQYLEAKED01"
BRIEFLY = Measuring(wanted=Level.READ_BACK, timeout_seconds=0)


@pytest.fixture
def cloud() -> FakeCloud:
    made = FakeCloud()
    made.add_user("ci", keys=[LEAK])
    return made


def doors(cloud: FakeCloud, *, named: str | None = None) -> FakeDoors:
    made = FakeDoors(cloud)
    made.named_role = named
    return made


@pytest.fixture
def home(cloud: FakeCloud, tmp_path: Path) -> Path:
    """The state folder of an incident that began with a role of its own."""
    request = Request(
        found=(FoundCredential(access_key_id=LEAK),),
        options=Options(hold_seconds=0),
        consent=Consent.FORBIDDEN,
        assume_yes=True,
        measuring=BRIEFLY,
    )
    there = doors(cloud, named="rescue")
    revoke(request, there, FakePerson(), home=tmp_path, timing=FakeTime(cloud).timing)
    return tmp_path


def test_resume_enters_by_the_role_that_the_incident_began_with(
    cloud: FakeCloud, home: Path
) -> None:
    later, shown = doors(cloud), doors(cloud)

    resume("latest", later, FakePerson(), assume_yes=True, measuring=BRIEFLY, home=home)
    what_is_left("latest", shown, home=home)

    assert later.entered_by == ["rescue"]
    assert shown.entered_by == ["rescue"]


def test_verify_enters_by_it(cloud: FakeCloud, home: Path) -> None:
    later = doors(cloud)

    verify_incident("latest", later, FakePerson(), measuring=BRIEFLY, home=home)

    assert later.entered_by == ["rescue"]


def test_undo_enters_by_it(cloud: FakeCloud, home: Path) -> None:
    later = doors(cloud)

    undo("latest", later, FakePerson(), assume_yes=True, force=True, home=home)

    assert later.entered_by == ["rescue"]


def test_cleanup_enters_by_it(cloud: FakeCloud, home: Path) -> None:
    cloud.fake_clock.move(timedelta(days=3))
    later = doors(cloud)

    cleanup(later, FakePerson(), assume_yes=True, home=home)

    assert later.entered_by == ["rescue"]


def test_a_role_that_is_named_now_takes_its_place_and_is_remembered(
    cloud: FakeCloud, home: Path
) -> None:
    now = doors(cloud, named="other")

    resume(
        "latest",
        now,
        FakePerson(),
        assume_yes=True,
        measuring=BRIEFLY,
        home=home,
        options=Options(hold_seconds=0, cascade=False),
        timing=FakeTime(cloud).timing,
    )

    with Journal.open(home, now=lambda: START) as journal:
        incident = journal.incident("latest")
    assert now.entered_by == ["other"]
    assert incident.plan.member_role == "other"

"""The state in a DynamoDB table: one of many wins, the next takes over, the stale one is fenced."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakes.plans import CALLER, CUTOFF, deny, plan, step
from lab.command_line import CommandLine
from lab.ministack import MiniStack
from lab.proxy import Proxy, Rule
from lab.scene import REVOKE_POLICY, Scene
from lab.trouble import After
from lab.wire import REGION, Wire
from unleak.apply.journal import Journal
from unleak.aws.dynamo_items import DynamoItems
from unleak.aws.leases import Pace
from unleak.aws.session import AwsSession, AwsSettings
from unleak.aws.state_table import TableState
from unleak.errors import IncidentBusy, TakenOver

if TYPE_CHECKING:
    from unleak.aws.state_table import OpenTable
    from unleak.model.claim import Claim

pytestmark = pytest.mark.clouds

TESTS = Path(__file__).resolve().parents[1]
SUBJECT = "000000000000/AKIALEAKEDLEAKEDLEAK"
KILLED = -9 if sys.platform != "win32" else 1
PACE = Pace(lease_seconds=1.0, beat_seconds=0.3)
HOLDER = """
    import sys
    from fakes.plans import CALLER, CUTOFF, deny, plan, step
    from unleak.apply.journal import Journal
    from unleak.aws.dynamo_items import DynamoItems
    from unleak.aws.leases import Pace
    from unleak.aws.session import AwsSession, AwsSettings
    from unleak.aws.state_table import TableState

    session = AwsSession(AwsSettings(region=sys.argv[1], endpoint_url=sys.argv[2]))
    pace = Pace(lease_seconds=1.0, beat_seconds=0.3)
    state = TableState(DynamoItems(session, sys.argv[3]), pace=pace)
    claims = state.claims()
    claim = claims.take(sys.argv[4], owner="holder", seconds=1.0, alert="finding")
    with claims.keeping(claim, seconds=1.0), state.bound_to(claim).open() as worker:
        journal = Journal(worker.entries, now=lambda: CUTOFF)
        incident = journal.create(plan(step("s1", deny())), CALLER, sys.argv[1])
        with worker.hold(incident):
            print(incident, flush=True)
            sys.stdin.read()
"""


@pytest.fixture(scope="module")
def cloud() -> Iterator[MiniStack]:
    """One for all tests here: each has a table of its own."""
    with MiniStack() as cloud:
        yield cloud


@pytest.fixture
def table(cloud: MiniStack) -> str:
    return make_table(cloud.admin)


@pytest.fixture
def items(
    cloud: MiniStack, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> DynamoItems:
    for name, value in cloud.responder.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    session = AwsSession(AwsSettings(region=REGION, endpoint_url=cloud.endpoint))
    return DynamoItems(session, table)


@pytest.fixture
def state(items: DynamoItems) -> TableState:
    return TableState(items, pace=PACE)


def make_table(wire: Wire) -> str:
    name = f"unleak-{uuid.uuid4().hex[:8]}"
    keys = {"pk": "HASH", "sk": "RANGE"}
    wire.call(
        "dynamodb",
        "create_table",
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in keys],
        KeySchema=[{"AttributeName": each, "KeyType": kind} for each, kind in keys.items()],
    )
    return name


def start_holder(cloud: MiniStack, table: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter and our own lines
        [sys.executable, "-c", textwrap.dedent(HOLDER), REGION, cloud.endpoint, table, SUBJECT],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def journal_of(worker: OpenTable) -> Journal:
    return Journal(worker.entries, now=lambda: CUTOFF)


def take(state: TableState, owner: str, seconds: float = 60) -> Claim:
    return state.claims().take(SUBJECT, owner=owner, seconds=seconds, alert="finding")


def begin(journal: Journal) -> str:
    return journal.create(plan(step("s1", deny())), CALLER, REGION)


def test_of_a_hundred_deliveries_one_gets_the_claim(state: TableState) -> None:
    start = threading.Barrier(100)

    def deliver(number: int) -> bool:
        start.wait()
        return take(state, f"worker-{number}").is_ours

    with ThreadPoolExecutor(100) as pool:
        won = list(pool.map(deliver, range(100)))

    claim = state.claims().look(SUBJECT)
    assert won.count(True) == 1
    assert claim is not None
    assert claim.deliveries == 100


def test_a_killed_worker_is_followed_by_the_next_with_its_incident(
    cloud: MiniStack, table: str, state: TableState
) -> None:
    with start_holder(cloud, table) as holder:
        assert holder.stdout is not None
        incident = holder.stdout.readline().strip()
        early = take(state, "too early")
        with state.open() as worker, pytest.raises(IncidentBusy), worker.hold(incident):
            pytest.fail("the lock was given twice")
        holder.kill()
        holder.communicate(timeout=30)

    with state.open() as worker, worker.hold(incident, wait_seconds=30):
        claim = wait_for_claim(state)
        journal_of(worker).note(incident, "taken over")
        found = journal_of(worker).incident(incident)

    assert (early.is_ours, early.owner) == (False, "holder")
    assert (claim.is_ours, claim.incident) == (True, incident)
    assert found.entries[-1].summary == "taken over"


def wait_for_claim(state: TableState) -> Claim:
    """Deliver again until the dead one's claim has lapsed."""
    for number in range(60):
        claim = take(state, f"next-{number}", seconds=60)
        if claim.is_ours:
            return claim
        threading.Event().wait(0.25)
    pytest.fail("the claim of a dead worker never lapsed")


def test_a_stale_worker_appends_nothing(items: DynamoItems) -> None:
    sleepy = TableState(items, pace=Pace(lease_seconds=0.2, beat_seconds=600))
    fresh = TableState(items, pace=PACE)
    with sleepy.open() as stale, fresh.open() as next_one:
        incident = begin(journal_of(stale))
        with stale.hold(incident), next_one.hold(incident, wait_seconds=30):
            with pytest.raises(TakenOver):
                journal_of(stale).note(incident, "late")
            journal_of(next_one).note(incident, "in time")

        found = journal_of(next_one).incident(incident)

    assert [each.summary for each in found.entries[2:]] == ["in time"]


def test_a_plan_larger_than_an_item_comes_back(state: TableState) -> None:
    noise = os.urandom(600_000).hex()
    with state.open() as worker:
        journal = journal_of(worker)
        large = plan(replace(step("s1", deny()), reason=noise))

        incident = journal.create(large, CALLER, REGION)

        found = journal.incident(incident)
    assert found.plan == large


def test_many_incidents_are_listed_over_several_pages(state: TableState) -> None:
    with state.open() as worker:
        journal = journal_of(worker)
        names = [begin(journal) for _ in range(5)]
        for _ in range(4):
            journal.note(names[0], os.urandom(300_000).hex())

        found = journal.incident(names[0])
        listed = journal.incidents()

    assert len(found.entries) == 6
    assert {each.id for each in listed} == set(names)


def test_a_run_that_was_killed_is_finished_from_another_machine(
    cloud: MiniStack, table: str, tmp_path: Path
) -> None:
    scene = scene_over(cloud, table, tmp_path / "first")
    elsewhere = replace(scene.shell, home=tmp_path / "second")
    role = scene.role()
    thief = cloud.assume(role, "thief")
    with Proxy(upstream=cloud.endpoint) as proxy:
        shell = scene.shell.behind(proxy.endpoint)
        proxy.rules.append(Rule(action="PutRolePolicy", trouble=After(hook=shell.kill), times=1))
        killed = shell.run("revoke", f"role/{role}", "--yes", "--json")

    listed = elsewhere.run("incidents", "--json")
    (row,) = listed.document.rows("incidents")
    incident = row.text("incident")
    busy = elsewhere.run("resume", incident, "--yes", "--json")
    let_locks_lapse(cloud.admin, table)
    resumed = elsewhere.run("resume", incident, "--yes", "--json")
    report = elsewhere.run("report", incident)

    assert killed.code == KILLED, str(killed)
    assert (busy.code, busy.document.text("error", "code")) == (2, "incident-busy"), str(busy)
    assert resumed.code in {0, 3}, str(resumed)
    assert scene.policies(f"role/{role}") == {"work", REVOKE_POLICY}
    scene.assert_refused(thief)
    assert incident in report.stdout
    assert not list((tmp_path / "first").iterdir())
    assert not list((tmp_path / "second").iterdir())


def let_locks_lapse(wire: Wire, table: str) -> None:
    """Do to the locks what half a minute does; that they lapse by themselves is tested above."""
    locks = wire.call(
        "dynamodb",
        "query",
        TableName=table,
        KeyConditionExpression="pk = :lock",
        ExpressionAttributeValues={":lock": {"S": "lock"}},
    ).rows("Items")
    assert locks
    for lock in locks:
        wire.call(
            "dynamodb",
            "update_item",
            TableName=table,
            Key={"pk": {"S": "lock"}, "sk": {"S": lock.text("sk", "S")}},
            UpdateExpression="SET #until = :past",
            ExpressionAttributeNames={"#until": "until"},
            ExpressionAttributeValues={":past": {"N": "0"}},
        )


def test_a_table_that_is_not_there_is_a_refusal_before_any_change(
    cloud: MiniStack, tmp_path: Path
) -> None:
    scene = scene_over(cloud, "nowhere", tmp_path / "home")
    role = scene.role()

    refused = scene.shell.run("revoke", f"role/{role}", "--yes", "--json")
    listed = scene.shell.run("incidents")

    assert (refused.code, refused.document.text("error", "code")) == (2, "state-folder")
    assert "docs/state-table.md" in refused.document.text("error", "hint")
    assert scene.policies(f"role/{role}") == {"work"}
    assert listed.code == 2


def scene_over(cloud: MiniStack, table: str, home: Path) -> Scene:
    """Return a stage whose shell keeps its state in a table."""
    home.mkdir()
    (home.parent / "second").mkdir(exist_ok=True)
    shell = CommandLine(
        home=home,
        endpoint=cloud.endpoint,
        keys=cloud.responder,
        extra={"UNLEAK_HOME": f"dynamodb:{table}"},
    )
    return Scene(cloud=cloud, shell=shell, tag=uuid.uuid4().hex[:8])

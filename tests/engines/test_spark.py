"""The engine `spark` on local[2] gives the answers of the local one; `make spark` runs these."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakes.trails import SHAPES, Event, assume, call, create_key, delivered, key_of, written
from unleak.errors import UnleakError, WrongUse
from unleak.trail.local import LocalTrail
from unleak.trail.seeds import key_seed
from unleak.trail.spark import SparkTrail
from unleak.trail.tracing import trace

if TYPE_CHECKING:
    from unleak.model.trace import Trace

PROJECT = Path(__file__).resolve().parents[2]
TRAILS = Path(os.environ.get("UNLEAK_TRAILS") or PROJECT.parent / "shared" / "trails")
SEED = key_of(0)
DEPTH = 6

pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(find_spec("pyspark") is None, reason="pyspark is not installed"),
    pytest.mark.skipif(shutil.which("java") is None, reason="there is no Java"),
]


@pytest.fixture(scope="module", autouse=True)
def spark() -> Iterator[None]:
    """A session of two executors' threads; the engine takes the one that it finds."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession  # type: ignore[import-not-found]  # noqa: PLC0415

    builder = SparkSession.builder.master("local[2]").appName("unleak")
    session = builder.config("spark.ui.enabled", "false").getOrCreate()
    yield
    session.stop()


def events_of(number: int) -> list[Event]:
    """Return the events of one file: links of the chain are in files far from their parents'."""
    some = [
        call(1_000 + 10 * number + each, "ListBuckets", key_of(500 + each)) for each in range(5)
    ]
    link = DEPTH - number
    if 0 <= link < DEPTH:
        some.append(assume(link, key_of(link), key_of(link + 1)))
    return [*some, call(100 + number, "RunInstances", key_of(number % (DEPTH + 1)))]


@pytest.fixture
def trail(tmp_path: Path) -> Path:
    """Files of every shape, the chain's last link first, with a cycle, copies and a broken one."""
    folder = tmp_path / "trail"
    for number in range(60):
        shape = SHAPES[number % len(SHAPES)]
        written(folder, f"{number:03}.json", shape(events_of(number)))
    written(folder, "cycle.json", delivered([assume(90, key_of(DEPTH), SEED)]))
    written(folder, "copies.json.gz", delivered(events_of(3)))
    written(folder, "key.json", delivered([create_key(91, key_of(2), key_of(70, "AKIA"))]))
    written(folder, "broken.json.gz", delivered(events_of(4))[:-20])
    (folder / "CloudTrail-Digest").mkdir()
    written(folder / "CloudTrail-Digest", "digest.json", b'{"digest": 1}')
    return folder


def by_place(found: Trace) -> Trace:
    """Return the trace with what was left out named by its file, and in one order."""
    skipped = [replace(each, path=Path(each.path).name) for each in found.coverage.skipped]
    ordered = tuple(sorted(skipped, key=lambda each: each.path))
    return replace(found, coverage=replace(found.coverage, skipped=ordered, notes=()))


@pytest.mark.parametrize("slab", [7, 4_000])
def test_the_answer_is_that_of_the_local_engine(trail: Path, slab: int) -> None:
    local = trace((key_seed(SEED),), [LocalTrail((trail,))])

    found = trace((key_seed(SEED),), [SparkTrail((str(trail),), slab=slab)])

    assert len(local.credentials) == DEPTH + 1
    assert found == local


def test_what_spark_itself_reads_comes_to_the_same(trail: Path) -> None:
    local = trace((key_seed(SEED),), [LocalTrail((trail,))])

    found = trace((key_seed(SEED),), [SparkTrail((f"file://{trail}",))])

    assert by_place(found) == by_place(local)


def test_an_address_without_files_is_refused_without_a_stack_trace(tmp_path: Path) -> None:
    with pytest.raises(UnleakError, match="Spark failed") as raised:
        list(trace((key_seed(SEED),), [SparkTrail((f"file://{tmp_path}/not-there",))]).credentials)

    assert "\tat " not in raised.value.message


def test_an_address_with_credentials_in_it_is_refused_and_not_repeated() -> None:
    with pytest.raises(WrongUse) as raised:
        SparkTrail(("s3a://AKIAEXAMPLE:secretsecret@bucket/AWSLogs",))

    assert "secretsecret" not in raised.value.message + raised.value.hint


@pytest.mark.skipif(not TRAILS.is_dir(), reason="the real trails are not at hand")
@pytest.mark.parametrize(
    ("folder", "seed"),
    [("invictus", "AKIATFQR7NSC8Q4X20BJ"), ("otrf", "ASIA5FLZVX4OPVKKVBMX")],
)
def test_real_attacks_come_to_the_same(folder: str, seed: str) -> None:
    local = trace((key_seed(seed),), [LocalTrail((TRAILS / folder,))])

    found = trace((key_seed(seed),), [SparkTrail((str(TRAILS / folder),), slab=20)])

    assert found == local
    assert found.timeline.events > 0


def test_the_command_line_starts_spark_by_itself(trail: Path) -> None:
    command = [sys.executable, "-m", "unleak", "trace", SEED, "--engine", "spark", "--json"]

    done = subprocess.run(  # noqa: S603 - our own command
        [*command, "--trail", str(trail)],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYSPARK_SUBMIT_ARGS": "--master local[2] pyspark-shell"},
    )

    assert done.returncode == 0
    assert done.stdout.startswith("{")
    assert key_of(DEPTH) in done.stdout

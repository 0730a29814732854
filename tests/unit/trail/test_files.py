"""Files of a trail: whole, damaged, huge, strange; none is left out in silence."""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import zstandard

from fakes.trails import Event, assume, call, delivered, key_of, lines, written
from unleak.errors import WrongUse
from unleak.trail.inflate import Damaged, unpacked
from unleak.trail.local import LocalTrail
from unleak.trail.seeds import key_seed
from unleak.trail.tracing import trace

if TYPE_CHECKING:
    from pathlib import Path

    from unleak.model.trace import Trace

SEED = key_of(0)


def traced(*paths: Path) -> Trace:
    return trace((key_seed(SEED),), [LocalTrail(paths)])


def chain(length: int) -> list[Event]:
    """Return events in which each session opens the next one, and makes one more call."""
    made = [assume(number, key_of(number), key_of(number + 1)) for number in range(length)]
    return [*made, *(call(100 + n, "ListBuckets", key_of(n)) for n in range(length + 1))]


def test_a_chain_is_followed_though_each_link_is_in_another_file_in_the_wrong_order(
    tmp_path: Path,
) -> None:
    for number, event in enumerate(reversed(chain(6))):
        written(tmp_path, f"{number:02}.json.gz", delivered([event]))

    found = traced(tmp_path)

    assert [each.minted_by for each in found.credentials] == [key_of(n) for n in range(6)]
    assert found.timeline.events == 13
    assert found.coverage.files == 13
    assert found.coverage.duplicates == 0


def test_many_files_are_read_by_several_processes_to_the_same_end(tmp_path: Path) -> None:
    dice = random.Random(7)  # noqa: S311 - the same noise each time
    for number, event in enumerate(reversed(chain(6))):
        noise = call(1_000 + number, "Noise", key_of(77), userAgent=dice.randbytes(300_000).hex())
        written(tmp_path, f"{number:02}.json.gz", delivered([noise, event]))

    found = traced(tmp_path)

    assert [each.minted_by for each in found.credentials] == [key_of(n) for n in range(6)]
    assert (found.timeline.events, found.coverage.events) == (13, 26)


def test_a_truncated_file_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    whole = delivered(chain(1))
    written(tmp_path, "a.json.gz", whole)
    written(tmp_path, "b.json.gz", whole[: len(whole) // 2])

    found = traced(tmp_path)

    (skipped,) = found.coverage.skipped
    assert skipped.path.endswith("b.json.gz")
    assert "cut off" in skipped.why
    assert len(found.credentials) == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\x1f\x8b\x08" + bytes(40), "damaged"),
        (b'{"Records":[{"eventName":"A"', "no whole JSON"),
        (b'{"some": "thing"}', "no CloudTrail events"),
        (b"[" * 100_000, "no whole JSON"),
        (b"\x28\xb5\x2f\xfd" + bytes(3), "cut off"),
    ],
)
def test_a_damaged_file_says_what_is_wrong_with_it(
    content: bytes, why: str, tmp_path: Path
) -> None:
    path = written(tmp_path, "trail.json", content)

    (skipped,) = traced(path).coverage.skipped

    assert why in skipped.why


def test_a_bad_line_loses_no_other(tmp_path: Path) -> None:
    first, second = chain(1)[:2]
    path = written(tmp_path, "t.json", lines([first]) + b'\n{"eventNa\n' + lines([second]))

    coverage = traced(path).coverage

    assert coverage.events == 2
    assert "line 2" in coverage.skipped[0].why


def test_a_bomb_ends_at_the_bound() -> None:
    bomb = gzip.compress(bytes(4_000_000))

    with pytest.raises(Damaged, match="more than 1 MB"):
        unpacked(bomb, most=1024 * 1024)


def test_a_zstandard_bomb_ends_at_the_bound() -> None:
    bomb = zstandard.ZstdCompressor().compress(bytes(4_000_000))

    with pytest.raises(Damaged, match="more than 1 MB"):
        unpacked(bomb, most=1024 * 1024)


def test_zstandard_and_gzip_of_several_parts_are_unpacked(tmp_path: Path) -> None:
    one, two = (lines([event]) + b"\n" for event in chain(1)[:2])
    written(tmp_path, "a.json.zst", zstandard.ZstdCompressor().compress(one))
    written(tmp_path, "b.json.gz", gzip.compress(one) + gzip.compress(two))

    coverage = traced(tmp_path).coverage

    assert (coverage.events, coverage.duplicates, coverage.skipped) == (3, 1, ())


def test_what_is_no_log_by_its_name_is_noted_unless_it_is_named_itself(tmp_path: Path) -> None:
    path = written(tmp_path, "trail.txt", lines(chain(1)))

    assert traced(tmp_path).coverage.notes == (
        "1 file is no log by name, and left out, such as trail.txt",
    )
    assert traced(path).coverage.events == 3


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="no trail at"):
        traced(tmp_path / "nowhere")


def test_an_empty_trail_is_no_damage(tmp_path: Path) -> None:
    written(tmp_path, "a.json", json.dumps({"Records": []}).encode())

    coverage = traced(tmp_path).coverage

    assert (coverage.files, coverage.events, coverage.skipped) == (1, 0, ())


WITHOUT_EXTRAS = """
import sys
sys.modules["isal"] = sys.modules["msgspec"] = sys.modules["zstandard"] = None
from pathlib import Path
from unleak.trail.local import LocalTrail
from unleak.trail.seeds import key_seed
from unleak.trail.tracing import trace
found = trace((key_seed(sys.argv[1]),), [LocalTrail((Path(sys.argv[2]),))])
print(len(found.credentials), found.timeline.events, *[each.why for each in found.coverage.skipped])
"""


def test_without_the_extras_it_finds_the_same_and_says_what_zstandard_needs(tmp_path: Path) -> None:
    written(tmp_path, "a.json.gz", delivered(chain(3)))
    written(tmp_path, "b.json.zst", zstandard.ZstdCompressor().compress(lines(chain(1))))

    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", WITHOUT_EXTRAS, SEED, str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout.startswith("3 7 it is packed with Zstandard")
    assert "pip install 'unleak[trail]'" in done.stdout

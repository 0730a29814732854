"""The bench counts what it says it counts."""

from __future__ import annotations

import socket
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.haystack import make_history, make_tree
from benchmarks.measure import BenchError, Cpu, Race, accepted_deny
from benchmarks.relay import Exchange, Relay, rounds_before
from benchmarks.results import Facts, Measured, page
from benchmarks.search_race import Field, Seeker, Sought, race_seekers
from benchmarks.search_results import search_part
from fakes.local import Findings
from unleak.stores.file import File
from unleak.stores.git import Git


def call(
    started: float, ended: float, action: str = "GetRolePolicy", status: int = 200
) -> Exchange:
    return Exchange(action=action, status=status, started=started, ended=ended)


def race(seconds: float) -> Race:
    return Race(to_deny=seconds, to_end=seconds * 2, rounds_before_deny=1, code=0)


def test_calls_that_overlap_are_one_round_trip() -> None:
    together = [call(0, 3), call(1, 2), call(1, 4)]

    assert rounds_before(together, instant=5) == 1


def test_calls_that_wait_for_one_another_are_counted_one_by_one() -> None:
    in_turn = [call(4, 5), call(0, 1), call(2, 3)]

    assert rounds_before(in_turn, instant=6) == 3


def test_calls_that_end_after_the_deny_was_sent_do_not_count() -> None:
    assert rounds_before([call(0, 1), call(2, 9)], instant=5) == 1


def test_a_refused_deny_is_not_taken_for_an_accepted_one() -> None:
    refused, accepted = call(0, 1, "PutRolePolicy", 503), call(2, 3, "PutRolePolicy")

    assert accepted_deny([accepted, refused]) is accepted
    with pytest.raises(BenchError):
        accepted_deny([refused, call(4, 5)])


def test_the_relay_passes_bytes_on_and_notes_the_call_with_its_status() -> None:
    request = b"POST / HTTP/1.1\r\nContent-Length: 27\r\n\r\nAction=PutRolePolicy&x=1234"
    answer = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
    received: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            received.append(connection.recv(65_536))
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, args=(listener,))
        server.start()
        with Relay(port=listener.getsockname()[1]) as relay:
            host, port = relay.endpoint.removeprefix("http://").split(":")
            with socket.create_connection((host, int(port))) as client:
                client.sendall(request)
                heard = client.recv(65_536)
        server.join()

    (seen,) = relay.exchanges
    assert (received, heard) == ([request], answer)
    assert (seen.action, seen.status) == ("PutRolePolicy", 403)
    assert seen.started <= seen.ended


@pytest.mark.parametrize(("ours", "verdict"), [(0.65, "0.65, met"), (0.66, "0.66, **missed**")])
def test_the_page_says_honestly_whether_the_aim_was_met(ours: float, verdict: str) -> None:
    races = {"unleak": [race(ours)] * 3, "aws": [race(1.0)] * 3}
    cpu = {"unleak --help": [Cpu(user=0.09, wall=0.1)], "python": [Cpu(user=0.01, wall=0.01)]}
    facts = Facts(at=datetime(2026, 11, 24, tzinfo=UTC), versions={"unleak": "0.1.0"})

    slow = {name: runs[0] for name, runs in races.items()}

    text = page(Measured(races=races, slow=slow, cpu=cpu), facts)

    assert f"Measured: {verdict}" in text
    assert "| `unleak --help` | 1 | 90 ms | 90 to 90 ms | 9.0 |" in text


def seeker(name: str, prints: str) -> Seeker:
    return Seeker(name=name, command=["printf", prints], shows=("a place",))


def test_a_search_that_misses_a_place_fails_the_bench() -> None:
    with pytest.raises(BenchError, match="blind missed"):
        race_seekers([seeker("blind", "nothing")], 1)


def test_the_round_that_warms_the_caches_does_not_count() -> None:
    runs = race_seekers([seeker("ours", "a place"), seeker("rg", "in a place")], 3)

    assert {name: len(each) for name, each in runs.items()} == {"ours": 3, "rg": 3}


@pytest.mark.parametrize(("wall", "verdict"), [(1.5, "1.50, met"), (1.6, "1.60, **missed**")])
def test_the_page_says_whether_the_search_was_fast_enough(wall: float, verdict: str) -> None:
    runs = {"unleak": [Sought(wall=wall, cpu=2)] * 3, "rg": [Sought(wall=1, cpu=1)] * 3}

    text = "\n".join(search_part([Field(title="A key", aim=1.5, runs=runs)]))

    assert f"Measured: {verdict}" in text
    assert "Not measured" in "\n".join(search_part([]))


def test_what_the_bench_searches_holds_the_key_where_it_says(tmp_path: Path) -> None:
    make_tree(tmp_path / "tree", 2_000_000)
    make_history(tmp_path / "history", 30)

    in_tree = Findings(File(), tmp_path / "tree")
    in_history = Findings(Git(), tmp_path / "history")

    assert len(in_tree.references) == 2
    assert in_history.locations == {f"{tmp_path}/history:deploy.env"}

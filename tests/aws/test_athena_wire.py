"""`unleak trace` against something that speaks Athena's protocol, from the command line on."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from fakes.sql import SqlStore
from fakes.trails import START, Event, assume, call, key_of, lines, written
from unleak.cli.main import run
from unleak.trail.ddl import NEEDED

SEED = key_of(0)
EVENTS = [
    *(assume(number, key_of(number), key_of(number + 1)) for number in range(4)),
    *(call(20 + number, "ListBuckets", key_of(number % 5)) for number in range(9)),
]
PAGE = 4


class Athena:
    """Answers as Athena does, short pages and throttling included, from tables in DuckDB."""

    def __init__(self) -> None:
        self.store = SqlStore(EVENTS)
        self.calls: list[str] = []
        self._results: dict[str, list[list[str | None]]] = {}
        self._looks: dict[str, int] = {}

    def answer(self, call_name: str, asked: dict[str, str]) -> tuple[int, Event]:
        self.calls.append(call_name)
        query = asked.get("QueryExecutionId", "")
        match call_name:
            case "GetTableMetadata":
                columns = [{"Name": name, "Type": "string"} for name in sorted(NEEDED)]
                keys = [{"Name": "day", "Type": "string"}]
                told = {"projection.day.format": "yyyy/MM/dd"}
                table = {"Columns": columns, "PartitionKeys": keys, "Parameters": told}
                return 200, {"TableMetadata": {"Name": "trail", **table}}
            case "StartQueryExecution" if self.calls.count(call_name) == 1:
                return 400, {"__type": "TooManyRequestsException", "Message": "slow down"}
            case "StartQueryExecution":
                query = f"q-{len(self._results)}"
                self._results[query] = self._run(asked["QueryString"])
                return 200, {"QueryExecutionId": query}
            case "GetQueryExecution":
                self._looks[query] = self._looks.get(query, 0) + 1
                state = "SUCCEEDED" if self._looks[query] > 1 else "QUEUED"
                result = {"OutputLocation": f"s3://results/ir/{query}.csv"}
                execution = {"Status": {"State": state}, "ResultConfiguration": result}
                scanned = {"DataScannedInBytes": 10**12}
                return 200, {"QueryExecution": {**execution, "Statistics": scanned}}
            case _:
                return 200, self._page(query, int(asked.get("NextToken", "0")))

    def _run(self, statement: str) -> list[list[str | None]]:
        rows = list(self.store.run(statement).rows)
        names = list(dict.fromkeys(name for row in rows for name in row))
        return [list(names), *([row.get(name) for name in names] for row in rows)]

    def _page(self, query: str, start: int) -> Event:
        rows = self._results[query]
        shown = [
            {"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]}
            for row in rows[start : start + PAGE]
        ]
        more: Event = {"NextToken": str(start + PAGE)} if start + PAGE < len(rows) else {}
        return {"ResultSet": {"Rows": shown}, **more}


@contextmanager
def served(athena: Athena) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            name = self.headers["X-Amz-Target"].rpartition(".")[2]
            status, answer = athena.answer(name, json.loads(body))
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.usefixtures("own_aws_files")
def test_a_table_comes_to_what_the_files_come_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unleak.aws.querying.time.sleep", lambda _: None)
    path = written(tmp_path, "events.json", lines(EVENTS))
    athena = Athena()
    since = ["--since", f"{START:%Y-%m-%dT%H:%M:%SZ}", "--json"]

    local_code = run(["trace", SEED, "--trail", str(path), *since])
    local = json.loads(capsys.readouterr().out)
    with served(athena) as url:
        where = ["--trail", "athena:db.trail?workgroup=ir", "--endpoint-url", url]
        code = run(["trace", SEED, *where, "--engine", "athena", *since])
    found = json.loads(capsys.readouterr().out)

    assert (local_code, code) == (0, 0)
    assert len(found["credentials"]) == 4
    assert found["coverage"]["skipped"] == []
    assert {key: found[key] for key in found if key != "coverage"} == {
        key: local[key] for key in local if key != "coverage"
    }
    assert "2 queries read 2.00 TB, 10.00 USD" in str(found["coverage"]["notes"])
    assert "stay in s3://results/ir" in str(found["coverage"]["notes"])
    assert athena.calls.count("StartQueryExecution") == 3
    assert athena.calls.count("GetQueryResults") > 4

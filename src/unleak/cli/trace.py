"""`unleak trace`: what the leak minted and what was done with it, from CloudTrail."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unleak.cli import options
from unleak.cli.bundle import bundled
from unleak.cli.evidence_input import read_evidence
from unleak.cli.output import print_json, screen
from unleak.errors import ExitCode
from unleak.model.frozen import dataclass
from unleak.model.instant import parse_instant

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from unleak.flow.doors import AwsDoors
    from unleak.model.bucket import Bucket
    from unleak.model.ports import Reader
    from unleak.model.query import AthenaDesk, AthenaPlace, LakePlace, Querier
    from unleak.model.trace import Trace

EPILOG = """
\b
Examples:
  unleak trace AKIAY34FZKBOKMUTVV7A
  unleak trace AKIAY34FZKBOKMUTVV7A --trail ./trail-copy --json
  unleak trace role/deploy --trail ./trail-copy --since 2026-11-24T00:00:00Z
  unleak trace AKIAY34FZKBOKMUTVV7A --trail ./trail-copy --rows thief.duckdb
  unleak trace ASIAY34FZKBOA7QHM5TE --trail thief.duckdb
  unleak trace AKIAY34FZKBOKMUTVV7A --trail s3://my-trail/AWSLogs --since 2026-11-20T00:00:00Z
  unleak trace AKIAY34FZKBOKMUTVV7A --trail athena:security.cloudtrail --since 2026-11-20T00:00:00Z
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trails:
    """Where to read, and which time, as the command line spells it."""

    trails: tuple[str, ...]
    since: str | None
    until: str | None
    engine: str
    check: bool

    def span(self) -> tuple[datetime | None, datetime | None]:
        """Return the time that counts.

        Raises:
            WrongUse: one of the two is no time.
        """
        since = None if self.since is None else parse_instant(self.since)
        return since, None if self.until is None else parse_instant(self.until)


trail_options = bundled(
    "trails",
    Trails,
    click.option(
        "--trail",
        "trails",
        multiple=True,
        metavar="PATH|s3://...|lookup|athena:...|lake:...",
        help=(
            "A file or folder of CloudTrail logs, here or in a bucket; a file that --rows wrote;"
            " `lookup`: AWS's event history of 90 days (default);"
            " athena:[CATALOG.]DATABASE.TABLE[?workgroup=NAME&output=s3://...]: a table of a"
            " trail; lake:ID: an event data store. The last two cost money for what they read."
            " Repeatable."
        ),
    ),
    click.option("--since", metavar="TIME", help="Leave out what happened before TIME."),
    click.option("--until", metavar="TIME", help="Leave out what happened after TIME."),
    click.option(
        "--engine",
        type=click.Choice(["local", "spark", "athena"]),
        default="local",
        show_default=True,
        help="Where to read: files on this machine or on Spark; athena takes queried trails only.",
    ),
    click.option(
        "--check/--no-check",
        default=True,
        show_default=True,
        help="Ask IAM whether what was made is still there, where it is of your own account.",
    ),
)


class _LateDoors:
    """The doors to AWS, which a trace of files alone never opens: loading botocore takes time."""

    def __init__(self, responder: options.Responder, *, leaked_shell: bool) -> None:
        self._responder = responder
        self._leaked_shell = leaked_shell
        self._doors: AwsDoors | None = None

    def reader(self) -> Reader:
        return self._opened().reader()

    def trail_bucket(self, name: str) -> Bucket:
        return self._opened().trail_bucket(name)

    def athena(self, place: AthenaPlace) -> AthenaDesk:
        return self._opened().athena(place)

    def lake(self, place: LakePlace) -> Querier:
        return self._opened().lake(place)

    def _opened(self) -> AwsDoors:
        if self._doors is None:
            self._doors = self._responder.doors(leaked_shell=self._leaked_shell)
        return self._doors


@click.command(name="trace", epilog=EPILOG)
@click.argument("target", required=False, metavar="TARGET")
@options.source_options
@trail_options
@click.option(
    "--rows",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=(
        "Write what is found to FILE.duckdb, which --trail reads, or its timeline to FILE.parquet."
        " An older file of rows is replaced, nothing else is."
    ),
)
@click.option(
    "--print-athena-ddl",
    "bucket",
    metavar="S3-ADDRESS",
    help=(
        "Print the statement that makes a table of a trail's bucket for Athena, and end:"
        " s3://BUCKET[/PREFIX]?accounts=ID,...&regions=NAME,...&from=YYYY/MM/DD[&organization=ID]"
    ),
)
@options.responder_options
@options.json_option
def command(
    *,
    bucket: str | None,
    target: str | None,
    source: options.Source,
    trails: Trails,
    rows: Path | None,
    responder: options.Responder,
    as_json: bool,
) -> int:
    """Say which further credentials the leak minted, and what was done with all of them.

    Follows each credential to those that it made, in any number of steps, and lists what may
    still be there. What could not be read is part of the answer. Changes nothing.
    """
    if bucket is not None:
        return _print_ddl(bucket, as_json=as_json)
    since, until = trails.span()
    evidence, named = read_evidence(target, path=source.path, from_env=source.from_env)
    from unleak.flow.trace import Engine, TraceWish, trace_leak  # noqa: PLC0415 - not for --help

    wish = TraceWish(
        found=evidence.found,
        named=named,
        trails=trails.trails,
        since=since,
        until=until,
        engine=Engine(trails.engine),
        rows=rows,
    )
    doors = _LateDoors(responder, leaked_shell=source.from_env)
    result = trace_leak(wish, doors, hears=_progress())
    if trails.check:
        from unleak.flow.persistence import looked_at  # noqa: PLC0415 - as above

        result = looked_at(result, doors)
    return _show(result, as_json=as_json)


def _show(result: Trace, *, as_json: bool) -> int:
    if as_json:
        from unleak.report.json_trace import trace_document  # noqa: PLC0415 - only with --json

        print_json(trace_document(result))
    else:
        screen().traced(result)
    return ExitCode.DONE


def _print_ddl(bucket: str, *, as_json: bool) -> int:
    from unleak.trail.ddl import parse_bucket, table_statement  # noqa: PLC0415 - seldom wanted

    statement = table_statement(parse_bucket(bucket))
    if as_json:
        print_json({"statement": statement})
    else:
        click.echo(statement, nl=False)
    return ExitCode.DONE


def _progress() -> Callable[[str], None]:
    """Return what tells of a long reading, on a terminal only."""
    if not sys.stderr.isatty():
        return lambda _: None
    return screen().progress

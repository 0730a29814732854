"""A real Trino server on the loopback: the released jars, fetched once by `make trino`.

Athena's engine and CloudTrail Lake's SQL are Trino's; the catalog, the reader of CloudTrail's files
and the permissions around them are AWS's own, and not here.
Source: https://docs.aws.amazon.com/athena/latest/ug/engine-versions-reference-0003.html
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.server import ServerFailed, plain_environment
from lab.trino_sql import Trino

FOLDER = Path(__file__).resolve().parents[1] / ".lab" / "trino"
_PATIENCE_SECONDS = 180


def is_there() -> bool:
    """Whether the jars were fetched, and there is a Java."""
    return (FOLDER / ".ready").is_file() and shutil.which("java") is not None


@contextmanager
def running(folder: Path) -> Iterator[Trino]:
    """Run a server until the block ends.

    Args:
        folder: for its log and its address.

    Raises:
        ServerFailed: it ended, or did not come up.
    """
    told, log = folder / "url", folder / "trino.log"
    path = f"{FOLDER / 'classes'}:{FOLDER / 'jars'}/*"
    command = ["java", "-Xmx1g", "-cp", path, "unleak.lab.TrinoServer", str(told)]
    with (
        log.open("wb") as words,
        subprocess.Popen(  # noqa: S603 - the lab's own command, no shell
            command,
            stdin=subprocess.PIPE,
            stdout=words,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=plain_environment(),
        ) as process,
    ):
        try:
            _wait(process, told, log)
            yield Trino(told.read_text(encoding="utf-8"))
        finally:
            process.terminate()


def _wait(process: subprocess.Popen[bytes], told: Path, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not told.is_file():
        if process.poll() is not None or time.monotonic() > deadline:
            end = log.read_text(encoding="utf-8", errors="replace")[-2000:]
            message = f"Trino did not come up\n{end}"
            raise ServerFailed(message)
        time.sleep(0.2)

"""How long the function takes to load before its first event: `make cold-start`.

Processor seconds and not those of a clock, as the machine may be busy; the best of some runs.
Lambda gives a function the processor time that its memory pays for: one whole core at 1769 MiB.
Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from lab.lambda_archive import fresh
from lab.lambda_runtime import VENV, make_writable, unpack

RUNS = 5
STEPS = {
    "Python alone": "",
    "the handler": "import unleak; unleak.lambda_handler",
    "a client of AWS": (
        "from botocore.session import get_session as s; s().create_client('iam', 'us-east-1')"
    ),
    "a message by apprise": "import apprise; apprise.Apprise().add('json://localhost')",
}


def seconds(code: Path, program: str) -> float:
    """Return the processor seconds that a fresh process takes for a program."""
    return min(_once(code, program) for _ in range(RUNS))


def _once(code: Path, program: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(  # noqa: S603 - our own interpreter and programs
        [str(VENV / "bin" / "python"), "-B", "-c", program],
        check=True,
        env={"PYTHONPATH": str(code)},
        cwd=code,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main() -> None:
    """Print a line for each step, every one in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="unleak-cold-") as folder:
        code = unpack(fresh(), Path(folder) / "code")
        for name, program in STEPS.items():
            sys.stdout.write(f"{name:22} {seconds(code, program):.2f} s\n")
        make_writable(code)


if __name__ == "__main__":
    main()

"""The panic path stays small: what needs no AWS call and draws nothing loads none of their code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

HEAVY = frozenset({"asyncio", "boto3", "botocore", "importlib.metadata", "platformdirs", "rich"})
KEY_ID = "AKIAQNZGKIQYWXYZ2345"
ACCOUNT = "029608264753"
"""What KEY_ID decodes to, without a network."""

DRIVER = """
import json, runpy, sys
before = set(sys.modules)
code = 0
try:
    if sys.argv[1] == "import":
        __import__(sys.argv[2])
    else:
        sys.argv = ["unleak", *sys.argv[2:]]
        runpy.run_module("unleak", run_name="__main__", alter_sys=True)
except SystemExit as end:
    code = end.code or 0
print("\\n" + json.dumps({"code": code, "loaded": sorted(set(sys.modules) - before)}))
"""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one fresh interpreter did."""

    code: int
    loaded: frozenset[str]
    output: str


def run(*arguments: str, home: Path) -> Run:
    """Run in a fresh interpreter with no credentials, no configuration and no network to need."""
    kept = ("PATH", "SYSTEMROOT", "TEMP", "TMP")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "UNLEAK_HOME": str(home / "state"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    done = subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", DRIVER, *arguments],
        check=False,
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        env=environment,
        cwd=home,
    )
    assert done.returncode == 0, done.stderr
    output, _, report = done.stdout.strip().rpartition("\n")
    told = json.loads(report)
    return Run(code=told["code"], loaded=frozenset(told["loaded"]), output=output)


def test_importing_unleak_loads_no_aws_code(tmp_path: Path) -> None:
    seen = run("import", "unleak", home=tmp_path)

    assert "unleak" in seen.loaded
    assert seen.loaded & HEAVY == frozenset()


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("revoke", "--help"), ("identify", "--help"), ("incidents", "--help")],
    ids=" ".join,
)
def test_help_loads_no_aws_code_and_draws_nothing(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    seen = run("run", *arguments, home=tmp_path)

    assert seen.code == 0
    assert "Usage: unleak" in seen.output
    assert seen.loaded & HEAVY == frozenset()


def test_a_key_id_is_decoded_offline_without_aws_code(tmp_path: Path) -> None:
    seen = run("run", "identify", KEY_ID, home=tmp_path)

    assert seen.code == 0
    assert ACCOUNT in seen.output
    assert seen.loaded & HEAVY == frozenset()


def test_a_key_id_is_decoded_offline_as_json_too(tmp_path: Path) -> None:
    seen = run("run", "identify", KEY_ID, "--json", home=tmp_path)

    (credential,) = json.loads(seen.output)["credentials"]
    assert (seen.code, credential["account"]) == (0, ACCOUNT)
    assert seen.loaded & HEAVY == frozenset()


def test_the_driver_notices_heavy_modules(tmp_path: Path) -> None:
    seen = run("import", "asyncio", home=tmp_path)

    assert "asyncio" in seen.loaded

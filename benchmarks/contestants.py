"""Who runs: the same deny on the same role, by three programs, each as people call it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
BENCH_BIN = PROJECT / ".lab" / "bench-venv" / "bin"
OWN_BIN = Path(sys.executable).parent
BARE = PROJECT / "benchmarks" / "bare_boto3.py"
POLICY = "AWSRevokeOlderSessions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """One program that writes the deny."""

    name: str
    command: Callable[[str, str], list[str]]
    """From the role's name and the document of the deny (unleak makes its own)."""
    good_codes: frozenset[int] = frozenset({0})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sprint:
    """One command that makes no AWS call and is measured in user CPU."""

    name: str
    command: list[str]


def unleak(role: str, document: str) -> list[str]:
    """Return unleak's command; it reads, merges, journals and verifies as always."""
    del document
    return [str(OWN_BIN / "unleak"), "revoke", f"role/{role}", "--yes", "--hold", "0"]


def aws_cli(role: str, document: str) -> list[str]:
    """Return the AWS CLI's command: one put, no look."""
    names = ["--role-name", role, "--policy-name", POLICY]
    aws = str(BENCH_BIN / "aws")
    return [aws, "iam", "put-role-policy", *names, "--policy-document", document]


def bare_boto3(role: str, document: str) -> list[str]:
    """Return the command of the bare script: one look, one put."""
    return [str(BENCH_BIN / "python"), str(BARE), role, document]


CONTESTANTS = (
    # 3: the deny is in place, its effect not proven; what counts here is checked by the bench
    Contestant(name="unleak revoke --yes", command=unleak, good_codes=frozenset({0, 3})),
    Contestant(name="aws iam put-role-policy", command=aws_cli),
    Contestant(name="bare boto3, list and put", command=bare_boto3),
)

SPRINTS = (
    Sprint(name="unleak --help", command=[str(OWN_BIN / "unleak"), "--help"]),
    Sprint(
        name="unleak identify AKIA...",
        command=[str(OWN_BIN / "unleak"), "identify", "AKIAQNZGKIQYWXYZ2345"],
    ),
    Sprint(name="python -c pass", command=[sys.executable, "-c", "pass"]),
)

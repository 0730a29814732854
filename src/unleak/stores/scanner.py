"""Reports of gitleaks and TruffleHog: where these have seen the key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from unleak.evidence.clean import printable
from unleak.evidence.key_id import is_key_id
from unleak.model.reference import NotSearched, Reference, Searched
from unleak.stores.interface import Finding, Scope
from unleak.stores.scanner_reports import (
    MalformedReport,
    ScannerFinding,
    looks_like_report,
    read_report,
)
from unleak.stores.shown_path import shown_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from unleak.model.reference import Needle
    from unleak.stores.interface import Scene

_LARGEST: Final = 64 * 1024 * 1024
_HEAD: Final = 64
_SHORT: Final = 10
_KEY_ID: Final = re.compile(r"(?<![A-Z0-9])A[A-Z]{3}[A-Z0-9]{16}(?![A-Z0-9])")


class Scanner:
    """Read a report that was named; the places in it may be on other machines."""

    @property
    def name(self) -> str:
        """`scanner`."""
        return "scanner"

    @property
    def title(self) -> str:
        """What it is."""
        return "reports of gitleaks and TruffleHog"

    @property
    def scope(self) -> Scope:
        """Once for each path."""
        return Scope.LOCAL

    @property
    def needs(self) -> tuple[str, ...]:
        """No IAM action."""
        return ()

    def search(self, needle: Needle, scene: Scene) -> Iterator[Finding]:
        """Yield each finding for the key where the path is a report; nothing where it is none.

        Args:
            needle: what to look for.
            scene: its path is read where it is a file.
        """
        if scene.path is None or (content := _report(scene.path)) is None:
            return
        where = f"scanner {shown_path(scene.path)}"
        if not content:
            why = f"it may be a report, but is larger than {_LARGEST // 1024**2} MB"
            yield NotSearched(where=where, why=why)
            return
        try:
            findings = read_report(content)
        except MalformedReport as trouble:
            yield NotSearched(where=where, why=trouble.message)
            return
        each_once = dict.fromkeys(
            _reference(finding)
            for finding in findings
            if any(needle.is_in(each) for each in finding.texts)
        )
        yield from each_once
        if redacted := sum(finding.is_redacted for finding in findings):
            why = f"{redacted} findings in it are redacted, so they cannot be told from one another"
            yield NotSearched(where=where, why=why)
        yield Searched(where=where, seen=len(findings))


def key_ids_in_report(path: Path) -> tuple[str, ...]:
    """Return the key ids that a report names, each once; none where it is no report.

    Args:
        path: the file.

    Raises:
        MalformedReport: it looks like a report but cannot be read as one.
    """
    content = _report(path)
    if not content:
        return ()
    ids = (
        matched
        for finding in read_report(content)
        for each in finding.texts
        for matched in _KEY_ID.findall(each)
    )
    return tuple(dict.fromkeys(each for each in ids if is_key_id(each)))


def _report(path: Path) -> bytes | None:
    """Return the file's content, empty where it is too large; None where it is no report."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            head = file.read(_HEAD)
            if head.lstrip()[:1] not in {b"[", b"{"}:
                return None
            content = head + file.read(_LARGEST)
    except OSError:
        return None  # the store `file` tells that it cannot be read
    if not looks_like_report(content):
        return None
    return content if len(content) <= _LARGEST else b""


def _reference(finding: ScannerFinding) -> Reference:
    parts = []
    if finding.line is not None:
        parts.append(f"line {finding.line}")
    if finding.commit:
        parts.append(f"commit {printable(finding.commit, _SHORT + 1)[:_SHORT]}")
    return Reference(
        store="scanner",
        kind=finding.scanner.value,
        location=printable(finding.file, 1_000) or "a place that the report does not name",
        field=", ".join(parts) or None,
        note=f"found by the rule {printable(finding.rule, 80)}",
    )

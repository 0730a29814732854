"""Read the reports of gitleaks and TruffleHog, which anybody may have written; pure.

Sources: https://github.com/gitleaks/gitleaks#report, https://github.com/trufflesecurity/trufflehog
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from unleak.aws.answer import Answer, part, text
from unleak.errors import UnleakError
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DEEPEST: Final = 8
_MOST_TEXTS: Final = 200
_GITLEAKS: Final = frozenset({"RuleID", "File"})
_TRUFFLEHOG: Final = frozenset({"SourceMetadata", "DetectorName"})
_REDACTED: Final = frozenset({"REDACTED", "***", ""})


class ScannerName(StrEnum):
    """Who wrote a report."""

    GITLEAKS = "gitleaks"
    TRUFFLEHOG = "trufflehog"


class MalformedReport(UnleakError):
    """What looks like a scanner's report cannot be read as one."""

    code = "malformed-report"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerFinding:
    """One finding; `texts` may hold secrets, so it is compared and dropped."""

    scanner: ScannerName
    file: str
    line: int | None
    commit: str
    rule: str
    texts: tuple[str, ...]
    is_redacted: bool

    def __repr__(self) -> str:
        return f"ScannerFinding({self.scanner}, {self.file!r}, {self.line})"


def looks_like_report(content: bytes) -> bool:
    """Whether a file is worth reading as a report: JSON with the words of one of the scanners.

    Args:
        content: the file.
    """
    return content.lstrip()[:1] in {b"[", b"{"} and (
        (b'"RuleID"' in content and b'"File"' in content)
        or (b'"SourceMetadata"' in content and b'"DetectorName"' in content)
    )


def read_report(content: bytes) -> tuple[ScannerFinding, ...]:
    """Return the findings of a report: a JSON array, one object, or one object a line.

    Args:
        content: the file.

    Raises:
        MalformedReport: it is no JSON, or none of its entries is a finding.
    """
    findings = tuple(
        finding for entry in _entries(content) if (finding := _finding(entry)) is not None
    )
    if not findings:
        message = "no entry in it is a finding of gitleaks or TruffleHog"
        raise MalformedReport(message)
    return findings


def _entries(content: bytes) -> Iterator[Answer]:
    try:
        whole: object = json.loads(content)
    except (ValueError, RecursionError):
        whole = None
    if whole is None:
        yield from _lines(content)
    elif isinstance(whole, list):
        yield from (entry for entry in whole if isinstance(entry, dict))
    elif isinstance(whole, dict):
        yield whole


def _lines(content: bytes) -> Iterator[Answer]:
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            entry: object = json.loads(line)
        except (ValueError, RecursionError) as error:
            message = f"line {number} of it is no JSON"
            raise MalformedReport(message) from error
        if isinstance(entry, dict):
            yield entry


def _finding(entry: Answer) -> ScannerFinding | None:
    if entry.keys() >= _GITLEAKS:
        return _gitleaks(entry)
    if entry.keys() >= _TRUFFLEHOG:
        return _trufflehog(entry)
    return None


def _gitleaks(entry: Answer) -> ScannerFinding:
    return ScannerFinding(
        scanner=ScannerName.GITLEAKS,
        file=text(entry, "File"),
        line=_line(entry, "StartLine"),
        commit=text(entry, "Commit"),
        rule=text(entry, "RuleID"),
        texts=tuple(text(entry, name) for name in ("Secret", "Match", "Line")),
        is_redacted=text(entry, "Secret") in _REDACTED,
    )


def _trufflehog(entry: Answer) -> ScannerFinding:
    data = part(part(entry, "SourceMetadata"), "Data")
    source: Mapping[str, object] = next((part(data, kind) for kind in data), {})
    names = ("file", "path", "key", "link", "repository", "image")
    return ScannerFinding(
        scanner=ScannerName.TRUFFLEHOG,
        file=next((found for name in names if (found := text(source, name))), ""),
        line=_line(source, "line"),
        commit=text(source, "commit"),
        rule=text(entry, "DetectorName"),
        texts=tuple(_texts(entry, _DEEPEST))[:_MOST_TEXTS],
        is_redacted=text(entry, "Raw") in _REDACTED,
    )


def _texts(value: object, depth: int) -> Iterator[str]:
    """Yield every text within a value: where TruffleHog puts the id has changed over time."""
    if isinstance(value, str):
        yield value
    elif depth > 0 and isinstance(value, dict):
        for each in value.values():
            yield from _texts(each, depth - 1)
    elif depth > 0 and isinstance(value, list):
        for each in value:
            yield from _texts(each, depth - 1)


def _line(entry: Answer, name: str) -> int | None:
    value = entry.get(name)
    return value if isinstance(value, int) and value > 0 else None

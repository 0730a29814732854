"""What an audit means for a pipeline: its exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.errors import ExitCode

if TYPE_CHECKING:
    from unleak.model.holding import AuditResult, Risk


def gate(result: AuditResult, fail_on: Risk | None) -> ExitCode:
    """Return the exit code: a pipeline must not pass because somebody could not look.

    Args:
        result: what was seen, and what was not.
        fail_on: the least risk that fails; None: the audit was only to be shown.
    """
    if fail_on is None:
        return ExitCode.DONE
    if any(finding.risk.rank >= fail_on.rank for finding in result.findings):
        return ExitCode.FAILED
    return ExitCode.UNPROVEN if result.not_audited else ExitCode.DONE

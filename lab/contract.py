"""The shapes of unleak's JSON as the contract has them: every key present, null where unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.wire import Answer

CREDENTIAL = frozenset(
    {
        "access_key_id",
        "kind",
        "account",
        "partition",
        "principal",
        "session_name",
        "issued_at",
        "expires_at",
        "status",
        "how",
        "notes",
    }
)
ACTION = frozenset(
    {
        "id",
        "kind",
        "target",
        "account",
        "reason",
        "impact",
        "reversible",
        "safe_date",
        "state",
    }
)
PLAN = frozenset({"version", "credentials", "actions", "warnings", "manual", "self_lockout"})
RESPONSE = frozenset(
    {
        "version",
        "incident",
        "status",
        "credentials",
        "cutoff",
        "actions",
        "verification",
        "manual",
        "next",
    }
)
VERIFICATION = frozenset(
    {
        "level",
        "effective",
        "seconds_to_effect",
        "new_sessions_work",
        "checks",
        "regions",
        "rungs",
    }
)
CHECK = frozenset({"name", "level", "target", "region", "outcome", "detail"})
STATES = frozenset({"planned", "done", "already", "skipped", "failed", "undone"})
STATUSES = frozenset({"contained", "unproven", "contested", "partial", "failed"})
LEVELS = frozenset({"none", "read-back", "simulated", "canary", "live"})


def check_identify(document: Answer) -> None:
    """Assert the shape of `identify --json`."""
    _holds(document, frozenset({"version", "credentials"}))
    _check_credentials(document)


def check_plan(document: Answer) -> None:
    """Assert the shape of `plan --json`."""
    _holds(document, PLAN)
    _check_credentials(document)
    _check_actions(document)


def check_response(document: Answer) -> None:
    """Assert the shape of `revoke --json` and of all that answer in its shape."""
    _holds(document, RESPONSE)
    _one_of(document.text("status"), STATUSES)
    _check_credentials(document)
    _check_actions(document)
    if document.fields["verification"] is not None:
        verification = document.part("verification")
        _holds(verification, VERIFICATION)
        _one_of(verification.text("level"), LEVELS)
        for check in verification.rows("checks"):
            _holds(check, CHECK)
            _one_of(check.text("level"), LEVELS)


def check_incidents(document: Answer) -> None:
    """Assert the shape of `incidents --json`."""
    _holds(document, frozenset({"version", "incidents"}))
    for row in document.rows("incidents"):
        _holds(row, frozenset({"incident", "status", "created_at", "credentials"}))


def check_error(document: Answer) -> None:
    """Assert the shape of an error with `--json`."""
    _holds(document, frozenset({"error"}))
    _holds(document.part("error"), frozenset({"code", "message", "hint"}))


def _check_credentials(document: Answer) -> None:
    for credential in document.rows("credentials"):
        _holds(credential, CREDENTIAL)
        if credential.fields["principal"] is not None:
            _holds(credential.part("principal"), frozenset({"type", "arn", "name"}))


def _check_actions(document: Answer) -> None:
    for action in document.rows("actions"):
        _holds(action, ACTION)
        _one_of(action.text("state"), STATES)


def _holds(answer: Answer, keys: frozenset[str]) -> None:
    lacking = keys - answer.fields.keys()
    if lacking:
        message = f"keys of the contract are missing: {sorted(lacking)} in {dict(answer.fields)}"
        raise AssertionError(message)


def _one_of(word: str, words: frozenset[str]) -> None:
    if word not in words:
        message = f"{word!r} is none of {sorted(words)}"
        raise AssertionError(message)

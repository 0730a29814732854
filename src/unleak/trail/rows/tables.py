"""The tables of a file of rows: one definition, by which they are made, filled and read."""

from __future__ import annotations

from typing import Final

FORMAT: Final = "1"
"""Raised when an older unleak could not read the file any more."""
MARK: Final = "unleak-rows"
"""What a file says that it is, with its format."""

_TEXT: Final = "VARCHAR"
_TIME: Final = "TIMESTAMP"
_NUMBER: Final = "BIGINT"

CALLS: Final = {
    "event_time": _TIME,
    "key_id": _TEXT,
    "name": _TEXT,
    "source": _TEXT,
    "region": _TEXT,
    "tactic": _TEXT,
    "outcome": _TEXT,
    "error_code": _TEXT,
    "source_ip": _TEXT,
    "user_agent": _TEXT,
    "target": _TEXT,
    "account": _TEXT,
    "arn": _TEXT,
    "identity_type": _TEXT,
    "role_arn": _TEXT,
    "event_id": _TEXT,
    "shared_id": _TEXT,
    "invoked_by": _TEXT,
    "signed_in": "BOOLEAN",
    "compute": "VARCHAR[]",
    "minted": _TEXT,
    "changed": _TEXT,
    "words": "VARCHAR[]",
}
"""Every call that holds a word that was sought; times are UTC."""

TABLES: Final = {
    "about": {"name": _TEXT, "value": _TEXT},
    "sought": {"word": _TEXT},
    "keys": {"key_id": _TEXT, "standing": _TEXT},
    "calls": CALLS,
    "credentials": {
        "access_key_id": _TEXT,
        "kind": _TEXT,
        "principal": _TEXT,
        "minted_by": _TEXT,
        "via": _TEXT,
        "event_id": _TEXT,
        "event_time": _TIME,
        "expires_at": _TIME,
        "confidence": _TEXT,
        "reason": _TEXT,
        "events": _NUMBER,
    },
    "principals": {
        "name": _TEXT,
        "type": _TEXT,
        "arn": _TEXT,
        "via": _TEXT,
        "event_id": _TEXT,
        "event_time": _TIME,
        "confidence": _TEXT,
    },
    "persistence": {
        "what": _TEXT,
        "via": _TEXT,
        "region": _TEXT,
        "by_key": _TEXT,
        "event_id": _TEXT,
        "event_time": _TIME,
        "was_used": "BOOLEAN",
        "removed_at": _TIME,
        "fix": _TEXT,
    },
    "skipped": {"path": _TEXT, "why": _TEXT},
    "notes": {"note": _TEXT},
}

TIMELINE: Final = """
CREATE VIEW timeline AS
SELECT keys.standing, calls.* EXCLUDE (words, minted, changed, compute)
FROM calls JOIN keys USING (key_id)
ORDER BY event_time, event_id
"""
"""The calls of the closure: `standing` is `proven` or `inferred`."""


def create(table: str) -> str:
    """Return the statement that makes a table."""
    columns = ", ".join(f"{name} {kind}" for name, kind in TABLES[table].items())
    return f"CREATE TABLE {table} ({columns})"


def load(table: str) -> str:
    """Return the statement that fills a table from lines of JSON; the file is its parameter."""
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in TABLES[table].items())
    return (
        f"INSERT INTO {table} SELECT * FROM read_json(?, format='newline_delimited',"  # noqa: S608 - our own names
        f" columns={{{columns}}})"
    )


COPY: Final = (
    f"COPY timeline TO ? (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{'{MARK}': '{FORMAT}'}})"
)
"""The statement that writes the timeline as Parquet; the file is its parameter."""

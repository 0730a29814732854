"""The JSON document of `unleak find`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.evidence.clean import redact
from unleak.model.instant import render_instant
from unleak.report.json_v1 import VERSION

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.reference import KeyUsers, Reference, SearchResult
    from unleak.report.json_v1 import Document, Json


def find_document(result: SearchResult) -> Document:
    """Return the document: places, what was looked through, and what was not."""
    return {
        "version": VERSION,
        "key_id": result.key_id,
        "references": [_reference(each) for each in result.references],
        "searched": [{"where": each.where, "seen": each.seen} for each in result.searched],
        "not_searched": [
            {"where": each.where, "why": redact(each.why)} for each in result.not_searched
        ],
        "used_by": None if result.users is None else _users(result.users),
    }


def _reference(reference: Reference) -> Json:
    return {
        "where": reference.where,
        "kind": reference.kind,
        "account": reference.account,
        "region": reference.region,
        "location": reference.location,
        "updatable": reference.updatable,
        "store": reference.store,
        "field": reference.field,
        "note": reference.note,
        "only_name": reference.is_only_name,
    }


def _users(users: KeyUsers) -> Json:
    return {
        "last_used_at": _instant(users.last_used_at),
        "last_service": users.last_service,
        "last_region": users.last_region,
        "callers": [
            {
                "source": use.source,
                "user_agent": use.user_agent,
                "services": list(use.services),
                "events": use.events,
                "last": _instant(use.last),
            }
            for use in users.uses
        ],
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else render_instant(at)

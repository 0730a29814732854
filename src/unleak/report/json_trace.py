"""The JSON document of `unleak trace`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.evidence.clean import printable, redact
from unleak.evidence.key_id import is_key_id
from unleak.model.instant import render_instant
from unleak.report.json_v1 import VERSION

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.principal import Principal
    from unleak.model.trace import (
        Coverage,
        Persisting,
        Timeline,
        TimelineItem,
        Trace,
        TracedCredential,
        TracedPrincipal,
    )
    from unleak.report.json_v1 import Document, Json


def trace_document(trace: Trace) -> Document:
    """Return the document: what was minted, what was done, and how much was read."""
    return {
        "version": VERSION,
        "seeds": list(trace.seeds),
        "credentials": [_credential(each) for each in trace.credentials],
        "principals": [_principal(each) for each in trace.principals],
        "persistence": [_persisting(each) for each in trace.persistence],
        "timeline": _timeline(trace.timeline),
        "coverage": _coverage(trace.coverage),
    }


def _credential(credential: TracedCredential) -> Json:
    return {
        "access_key_id": credential.access_key_id,
        "kind": str(credential.kind),
        "principal": _owner(credential.principal),
        "minted_by": _key(credential.minted_by),
        "via": printable(credential.via),
        "event_id": printable(credential.event_id),
        "time": _instant(credential.at),
        "expires_at": _instant(credential.expires_at),
        "confidence": str(credential.confidence),
        "reason": printable(credential.reason) or None,
        "events": credential.events,
    }


def _owner(principal: Principal | None) -> Json:
    if principal is None:
        return None
    return {
        "type": str(principal.type),
        "arn": None if principal.arn is None else printable(principal.arn),
        "name": printable(principal.name),
    }


def _principal(principal: TracedPrincipal) -> Json:
    return {
        "arn": None if principal.arn is None else printable(principal.arn),
        "type": principal.type,
        "name": printable(principal.name),
        "via": printable(principal.via),
        "event_id": printable(principal.event_id),
        "time": _instant(principal.at),
        "confidence": str(principal.confidence),
    }


def _persisting(thing: Persisting) -> Json:
    return {
        "what": thing.what,
        "via": printable(thing.via),
        "region": thing.region,
        "event_id": thing.event_id,
        "time": _instant(thing.at),
        "by": _key(thing.by),
        "was_used": thing.was_used,
        "removed_at": _instant(thing.removed_at),
        "now": str(thing.now),
        "now_detail": printable(redact(thing.now_detail)) or None,
        "fix": thing.fix,
    }


def _timeline(timeline: Timeline) -> Json:
    return {
        "first": _instant(timeline.first),
        "last": _instant(timeline.last),
        "events": timeline.events,
        "inferred_events": timeline.inferred_events,
        "denied": timeline.denied,
        "by_tactic": {
            str(tactic): {
                "attempted": count.attempted,
                "succeeded": count.succeeded,
                "denied": count.denied,
                "failed": count.failed,
            }
            for tactic, count in timeline.by_tactic.items()
        },
        "items": [_item(each) for each in timeline.items],
        "inferred_items": [_item(each) for each in timeline.inferred_items],
        "items_left_out": timeline.items_left_out,
        "regions": dict(timeline.regions),
        "new_regions": (
            None
            if timeline.new_regions is None
            else [printable(each, limit=40) for each in timeline.new_regions]
        ),
        "tampering": [_item(each) for each in timeline.tampering],
        "costs": dict(timeline.costs),
        "data": dict(timeline.data),
        "fixes": dict(timeline.fixes),
        "quarantine": [_item(each) for each in timeline.quarantine],
    }


def _item(item: TimelineItem) -> Json:
    return {
        "time": _instant(item.at),
        "event_id": item.event_id,
        "name": item.name,
        "source": item.source,
        "region": item.region,
        "access_key_id": _key(item.key_id),
        "tactic": str(item.tactic),
        "outcome": str(item.outcome),
        "error_code": item.error_code,
        "source_ip": item.source_ip,
        "user_agent": item.user_agent,
        "target": item.target,
        "confidence": str(item.confidence),
    }


def _coverage(coverage: Coverage) -> Json:
    return {
        "files": coverage.files,
        "events": coverage.events,
        "duplicates": coverage.duplicates,
        "skipped": [{"path": each.path, "why": each.why} for each in coverage.skipped],
        "from": _instant(coverage.first),
        "to": _instant(coverage.last),
        "regions": list(coverage.regions),
        "notes": list(coverage.notes),
    }


def _key(key_id: str | None) -> str | None:
    """Return a key id; what stands in an id's place and is none is hostile text."""
    return key_id if key_id is not None and is_key_id(key_id) else None


def _instant(at: datetime | None) -> str | None:
    return None if at is None else render_instant(at)

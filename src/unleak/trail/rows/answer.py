"""The answer of a trace as rows: whose the calls are, what was made, how much was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.trail.rows.row import cleaned, time_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from unleak.model.trace import (
        Coverage,
        Persisting,
        Trace,
        TracedCredential,
        TracedPrincipal,
    )
    from unleak.trail.closure import Closed
    from unleak.trail.fields import Json


def tables_of(
    answer: Trace, closed: Closed, words: Sequence[str], about: Mapping[str, str]
) -> dict[str, Iterable[Mapping[str, Json]]]:
    """Return the rows of each table but `calls`.

    Args:
        answer: what the trace has come to.
        closed: whose calls belong to it.
        words: all words that were sought.
        about: what the file is, and which time it tells of.
    """
    coverage = answer.coverage
    told = {**about, "seeds": ", ".join(answer.seeds), **_numbers(coverage)}
    return {
        "about": [{"name": name, "value": cleaned(value)} for name, value in told.items()],
        "sought": [{"word": cleaned(each)} for each in words],
        "keys": _standings(closed),
        "credentials": (_credential(each) for each in answer.credentials),
        "principals": (_principal(each) for each in answer.principals),
        "persistence": (_persisting(each) for each in answer.persistence),
        "skipped": [
            {"path": cleaned(each.path), "why": cleaned(each.why)} for each in coverage.skipped
        ],
        "notes": [{"note": cleaned(each)} for each in coverage.notes],
    }


def _numbers(coverage: Coverage) -> dict[str, str]:
    return {
        "files": str(coverage.files),
        "events": str(coverage.events),
        "duplicates": str(coverage.duplicates),
        "first": time_text(coverage.first) or "",
        "last": time_text(coverage.last) or "",
        "regions": ", ".join(coverage.regions),
    }


def _standings(closed: Closed) -> Iterator[Mapping[str, Json]]:
    for standing, keys in (("proven", closed.proven), ("inferred", closed.inferred)):
        for each in sorted(keys):
            yield {"key_id": cleaned(each), "standing": standing}


def _credential(each: TracedCredential) -> Mapping[str, Json]:
    return {
        "access_key_id": cleaned(each.access_key_id),
        "kind": each.kind,
        "principal": None if each.principal is None else cleaned(each.principal.label),
        "minted_by": cleaned(each.minted_by),
        "via": cleaned(each.via),
        "event_id": cleaned(each.event_id),
        "event_time": time_text(each.at),
        "expires_at": time_text(each.expires_at),
        "confidence": each.confidence,
        "reason": cleaned(each.reason),
        "events": each.events,
    }


def _principal(each: TracedPrincipal) -> Mapping[str, Json]:
    return {
        "name": cleaned(each.name),
        "type": each.type,
        "arn": cleaned(each.arn),
        "via": cleaned(each.via),
        "event_id": cleaned(each.event_id),
        "event_time": time_text(each.at),
        "confidence": each.confidence,
    }


def _persisting(each: Persisting) -> Mapping[str, Json]:
    return {
        "what": cleaned(each.what),
        "via": cleaned(each.via),
        "region": cleaned(each.region),
        "by_key": cleaned(each.by),
        "event_id": cleaned(each.event_id),
        "event_time": time_text(each.at),
        "was_used": each.was_used,
        "removed_at": time_text(each.removed_at),
        "fix": cleaned(each.fix),
    }

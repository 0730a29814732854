"""The JSON document of `unleak report`: the response, its journal, its chain and its times.

`docs/schema/report-v1.json` is its schema, and a test holds the two together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.evidence.clean import redact
from unleak.model.instant import render_instant
from unleak.report.chain import chain_of
from unleak.report.json_trace import trace_document
from unleak.report.json_v1 import response_document
from unleak.report.response_times import response_times

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.incident import Incident, JournalEntry
    from unleak.model.outcome import Status
    from unleak.model.trace import Trace
    from unleak.report.chain_form import Chain
    from unleak.report.json_v1 import Document, Json
    from unleak.report.response_times import Span


def report_document(
    incident: Incident,
    *,
    status: Status,
    next_steps: tuple[str, ...] = (),
    trace: Trace | None = None,
) -> Document:
    """Return the document of `report --format json`.

    Args:
        incident: the response as the journal tells it.
        status: the word for it.
        next_steps: what the flow has to say; where empty, what the plan says.
        trace: what CloudTrail shows, where the person has given it.
    """
    document = response_document(incident, status=status, next_steps=next_steps)
    document["entries"] = [_entry(each) for each in incident.entries]
    document["times"] = {each.name: _span(each) for each in response_times(incident, trace)}
    document["chain"] = _chain(chain_of(incident, trace))
    document["trace"] = None if trace is None else trace_document(trace)
    return document


def _entry(entry: JournalEntry) -> Json:
    return {
        "number": entry.number,
        "at": _instant(entry.at),
        "kind": entry.kind,
        "step": entry.step_id,
        "summary": redact(entry.summary),
    }


def _span(span: Span) -> Json:
    return {
        "seconds": span.seconds,
        "began": _instant(span.began),
        "ended": _instant(span.ended),
        "why": span.why,
    }


def _chain(chain: Chain) -> Json:
    return {
        "nodes": [
            {
                "id": node.id,
                "kind": str(node.kind),
                "owner": node.owner,
                "state": str(node.state),
                "confidence": "inferred" if node.is_inferred else "proven",
                "facts": [[name, text] for name, text in node.facts],
            }
            for node in chain.nodes
        ],
        "links": [
            {
                "source": link.source,
                "target": link.target,
                "via": link.via,
                "confidence": "inferred" if link.is_inferred else "proven",
            }
            for link in chain.links
        ],
    }


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else render_instant(moment)

"""The data of the HTML report that its script draws: the chain, and the timeline.

Texts of events repeat, so each stands once in a list and an event is a row of numbers: 50,000
events stay a file that a browser opens.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from unleak.evidence.clean import redact
from unleak.model.trace import Confidence, Tactic
from unleak.report.chain_layout import places
from unleak.report.wording import clean

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.incident import Incident, JournalEntry
    from unleak.model.trace import TimelineItem, Trace
    from unleak.report.chain_form import Chain

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

RESPONSE = "response"
"""The tactic of what we did ourselves."""
TACTICS = (RESPONSE, *(str(each) for each in Tactic))
OUTCOMES = ("succeeded", "denied", "failed", "note")
FIELDS = ("name", "target", "key", "source", "region", "address", "agent", "error", "event")
"""The texts of a row, in order, behind the time, the tactic, the outcome and whether inferred."""

_STATES = {"done": "succeeded", "already": "succeeded", "failed": "failed"}
_DANGEROUS = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def embedded(value: Json) -> str:
    """Return JSON that is inert between script tags: pure ASCII, and no `<`, `>` or `&` in it.

    So it can neither end the element nor open a comment, and U+2028 stands as an escape.
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.translate(_DANGEROUS)


def graph_data(chain: Chain) -> Json:
    """Return the chain with the place of each node."""
    where = places(chain)
    return {
        "nodes": [
            {
                "id": node.id,
                "kind": str(node.kind),
                "title": node.title,
                "owner": node.owner or "",
                "state": str(node.state),
                "words": node.state.words,
                "inferred": node.is_inferred,
                "facts": [[name, text] for name, text in node.facts],
                "x": where[node.id][0],
                "y": where[node.id][1],
            }
            for node in chain.nodes
        ],
        "links": [
            {
                "source": link.source,
                "target": link.target,
                "via": link.via,
                "inferred": link.is_inferred,
            }
            for link in chain.links
        ],
    }


def timeline_data(incident: Incident, trace: Trace | None) -> Json:
    """Return what was done with the leak and what we did, the earliest first."""
    rows = _Rows()
    for entry in incident.entries:
        rows.entry(entry)
    if trace is not None:
        for item in (*trace.timeline.items, *trace.timeline.inferred_items):
            rows.item(item)
    return {
        "tactics": list(TACTICS),
        "outcomes": list(OUTCOMES),
        "fields": list(FIELDS),
        "texts": list(rows.texts),
        "rows": [list(each) for each in sorted(rows.rows, key=_when)],
    }


class _Rows:
    """The rows so far, and the texts that they point at."""

    def __init__(self) -> None:
        self.texts: dict[str, int] = {"": 0}
        self.rows: list[tuple[int | None, ...]] = []
        self._cleaned: dict[str, int] = {}

    def entry(self, entry: JournalEntry) -> None:
        """Add one line of the journal."""
        summary = redact(entry.summary)
        state = _STATES.get(summary.partition(":")[0], "note")
        outcome = state if entry.kind.endswith("outcome") else "note"
        texts = (f"unleak: {entry.kind}", summary, entry.step_id or "")
        self._add(entry.at, RESPONSE, outcome, texts, inferred=0)

    def item(self, item: TimelineItem) -> None:
        """Add one call of the trace."""
        self._add(
            item.at,
            str(item.tactic),
            str(item.outcome),
            (
                item.name,
                item.target,
                item.key_id or "",
                item.source,
                item.region,
                item.source_ip,
                item.user_agent,
                item.error_code or "",
                item.event_id,
            ),
            inferred=int(item.confidence is Confidence.INFERRED),
        )

    def _add(
        self,
        at: datetime | None,
        tactic: str,
        outcome: str,
        texts: tuple[str, ...],
        *,
        inferred: int,
    ) -> None:
        numbers = [self._number(each) for each in texts]
        numbers += [0] * (len(FIELDS) - len(numbers))
        moment = None if at is None else int(at.timestamp() * 1000)
        place = (TACTICS.index(tactic), OUTCOMES.index(outcome), inferred)
        self.rows.append((moment, *place, *numbers))

    def _number(self, text: str) -> int:
        number = self._cleaned.get(text)
        if number is None:
            number = self.texts.setdefault(clean(text), len(self.texts))
            self._cleaned[text] = number
        return number


def _when(row: tuple[int | None, ...]) -> tuple[bool, int]:
    """What has no time comes last."""
    return row[0] is None, row[0] or 0

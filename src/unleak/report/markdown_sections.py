"""What the HTML report draws, as Markdown: the chain, the times, the policies, the tactics."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from unleak.report.action_words import imperative
from unleak.report.chain import chain_of
from unleak.report.markdown_text import bullets, code, escape, table
from unleak.report.policy_diff import policy_diff
from unleak.report.response_times import duration_words, response_times
from unleak.report.wording import count_words

if TYPE_CHECKING:
    from unleak.model.incident import Incident
    from unleak.model.trace import Trace
    from unleak.report.policy_diff import DiffLine

_MOST = 100
"""Rows of one table in a ticket; the HTML report and the JSON have them all."""


def chain_section(incident: Incident, trace: Trace | None) -> list[str]:
    """Return what the leak has led to; nothing where that is the leak alone."""
    chain = chain_of(incident, trace)
    if not chain.links:
        return []
    sources: dict[str, list[str]] = {}
    for link in chain.links:
        sources.setdefault(link.target, []).append(f"{code(link.source)} {escape(link.via)}")
    rows = [
        (
            code(node.title),
            code(node.owner or ""),
            ", ".join(sources.get(node.id, [])),
            escape(node.state.words),
            "inferred" if node.is_inferred else "proven",
        )
        for node in chain.nodes[:_MOST]
    ]
    left = len(chain.nodes) - len(rows)
    more = [f"{left} more are in the HTML report and the JSON.", ""] if left else []
    titles = ("what", "whose", "from", "state", "how sure")
    return ["## The chain of credentials", "", *table(titles, rows), *more]


def policy_section(incident: Incident) -> list[str]:
    """Return each policy that was changed, line by line."""
    lines = []
    for step in incident.plan.steps:
        diff = policy_diff(step.action)
        if diff:
            lines += [f"{code(step.id)}: {escape(imperative(step.action))}", "", *_fenced(diff)]
    return ["### The policies, line by line", "", *lines] if lines else []


def times_section(incident: Incident, trace: Trace | None) -> list[str]:
    """Return how long it took."""
    rows = [
        (span.title, duration_words(span.seconds), escape(span.why))
        for span in response_times(incident, trace)
    ]
    return ["## How long it took", "", *table(("", "time", "measured"), rows)]


def trace_section(trace: Trace | None) -> list[str]:
    """Return what was done with the leak, counted by tactic; nothing without a trace."""
    if trace is None:
        return []
    line = trace.timeline
    rows = [
        (str(tactic), *(str(each) for each in (count.succeeded, count.denied, count.failed)))
        for tactic, count in line.by_tactic.items()
    ]
    said = [f"{count_words(line.events, 'call')}, {line.denied} of them denied."]
    said += [
        f"Not read, and may hold more: {escape(f'{gap.path}: {gap.why}')}"
        for gap in trace.coverage.skipped[:_MOST]
    ]
    body = table(("tactic", "succeeded", "denied", "failed"), rows) if rows else []
    return ["## What was done with it", "", *bullets(said), *body]


def _fenced(diff: tuple[DiffLine, ...]) -> list[str]:
    """Return the lines in a fence that nothing in them can close."""
    lines = [f"{line.mark}{line.text}" for line in diff]
    longest = max((len(each) for each in re.findall("`+", "\n".join(lines))), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}diff", *lines, fence, ""]

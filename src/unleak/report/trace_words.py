"""What a trace has come to, in words: the credentials, what may still be there, what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.trace import Confidence, Presence, Tactic
from unleak.report.page import Bullets, Facts, Grid, Heading, Headline, Paragraph, Tone
from unleak.report.wording import clean, count_words, instant, join_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from unleak.model.trace import Coverage, Persisting, Timeline, Trace, TracedCredential
    from unleak.report.page import Block, Page

_MOST = 40
"""Rows of one table on screen; `--json` has them all."""


def trace_page(trace: Trace) -> Page:
    """Return what a trace has come to, as a page."""
    blocks: list[Block] = [_headline(trace)]
    if trace.credentials:
        blocks += [Heading("Credentials it has led to"), _credentials(trace.credentials)]
    blocks += _persisting(trace.persistence)
    blocks += _timeline(trace.timeline)
    blocks += [Heading("How much was read"), Facts(_coverage(trace.coverage))]
    if trace.coverage.skipped:
        blocks.append(Heading("Not read: it may hold more"))
        gaps = (clean(f"{each.path}: {each.why}") for each in trace.coverage.skipped)
        blocks.append(Bullets(tuple(_some(gaps, len(trace.coverage.skipped))), Tone.BAD))
    blocks += [Heading("Next"), Bullets(_next(trace))]
    return tuple(blocks)


def _headline(trace: Trace) -> Headline:
    who = join_words([clean(each) for each in trace.seeds])
    proven = sum(each.confidence is Confidence.PROVEN for each in trace.credentials)
    guessed = len(trace.credentials) - proven
    if not trace.timeline.events and not trace.credentials:
        return Headline(f"{who} does not show in what was read", Tone.CAREFUL)
    text = f"{who} has led to {count_words(proven, 'further credential')}"
    if guessed:
        text += f", and probably to {guessed} more"
    text += f"; {count_words(trace.timeline.events, 'call')} were made with them"
    return Headline(text, Tone.CAREFUL)


def _credentials(credentials: tuple[TracedCredential, ...]) -> Grid:
    rows = tuple(
        (
            each.access_key_id,
            "none" if each.principal is None else clean(each.principal.label),
            clean(each.via),
            str(each.events),
            str(each.confidence),
            clean(each.reason) or f"by {clean(each.minted_by or 'a caller without a key')}",
        )
        for each in credentials[:_MOST]
    )
    return Grid(("key id", "whose", "made by", "calls", "how sure", "why"), rows)


def _persisting(things: tuple[Persisting, ...]) -> list[Block]:
    """Say what is there for sure first, then what may be; what IAM says is gone is not listed."""
    there = [each for each in things if each.now is Presence.THERE]
    maybe = [
        each
        for each in things
        if each.now in {Presence.UNKNOWN, Presence.NOT_LOOKED_AT} and each.removed_at is None
    ]
    blocks: list[Block] = []
    if there:
        heading = Heading("Still there: IAM says so")
        blocks += [heading, Bullets(tuple(_things(there)), Tone.BAD)]
    if maybe:
        blocks += [Heading("May still be there"), Bullets(tuple(_things(maybe)), Tone.CAREFUL)]
    whys = dict.fromkeys(each.now_detail for each in maybe if each.now_detail)
    if whys:
        blocks.append(Paragraph(f"Not sure, because: {clean(join_words([*whys][:5]))}", Tone.QUIET))
    return blocks


def _things(things: list[Persisting]) -> Iterable[str]:
    lines = (
        clean(f"{each.what}{', and it was used' if each.was_used else ''}: {each.fix}")
        for each in things
    )
    return _some(lines, len(things))


def _timeline(timeline: Timeline) -> list[Block]:
    if not timeline.events:
        return []
    rows = tuple(
        (
            str(tactic),
            str(timeline.by_tactic[tactic].attempted),
            str(timeline.by_tactic[tactic].succeeded),
            str(timeline.by_tactic[tactic].denied),
        )
        for tactic in Tactic
        if tactic in timeline.by_tactic and timeline.by_tactic[tactic].attempted
    )
    span = f"From {instant(timeline.first)} to {instant(timeline.last)}."
    blocks: list[Block] = [Heading("What was done"), Paragraph(span)]
    blocks.append(Grid(("tactic", "attempted", "succeeded", "denied"), rows))
    facts = [
        ("regions", _counts(timeline.regions)),
        ("never used before", ", ".join(clean(each) for each in timeline.new_regions or ())),
        ("cost money", _counts(timeline.costs)),
        ("data taken", _counts(timeline.data)),
    ]
    blocks.append(Facts(tuple(each for each in facts if each[1])))
    if timeline.tampering:
        names = sorted({each.name for each in timeline.tampering})
        blocks.append(
            Paragraph(f"Logs or detectors were tampered with: {clean(join_words(names))}", Tone.BAD)
        )
    if timeline.fixes:
        lines = (f"{clean(name)}: {line}" for name, line in timeline.fixes.items())
        blocks += [Heading("To be mended"), Bullets(tuple(_some(lines, len(timeline.fixes))))]
    if timeline.quarantine:
        blocks.append(Paragraph("AWS itself put its quarantine policy on the user.", Tone.QUIET))
    return blocks


def _counts(counts: Mapping[str, int]) -> str:
    shown = [f"{clean(name)} ({number})" for name, number in list(counts.items())[:8]]
    more = len(counts) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _coverage(coverage: Coverage) -> tuple[tuple[str, str], ...]:
    rows = [
        ("read", f"{count_words(coverage.events, 'event')} in {coverage.files} files or answers"),
        ("span", f"{instant(coverage.first)} to {instant(coverage.last)}"),
        ("regions", ", ".join(coverage.regions) or "none"),
    ]
    if coverage.duplicates:
        rows.append(("twice", count_words(coverage.duplicates, "event")))
    rows += [("note", clean(each)) for each in coverage.notes]
    return tuple(rows)


def _some(lines: Iterable[str], total: int) -> Iterable[str]:
    for number, line in enumerate(lines):
        if number == _MOST:
            yield f"and {total - _MOST} more: see --json"
            return
        yield line


def _next(trace: Trace) -> tuple[str, ...]:
    steps = [
        f"`unleak revoke {each.access_key_id}` cuts off that one; so does its role or user by name"
        for each in trace.credentials[:1]
    ]
    steps.append("`--json` has every call, one by one")
    if trace.coverage.skipped:
        steps.append("read again what could not be read: a link that is missed stays alive")
    return tuple(steps)

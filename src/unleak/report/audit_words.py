"""An audit in words: the riskiest first, what to use instead, and what nobody could look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.holding import ReplacementKind, Risk
from unleak.model.instant import render_instant
from unleak.report.audit_facts import counts, last_use_words, report_age_seconds, sources, what
from unleak.report.page import (
    Bullets,
    Entry,
    Grid,
    Heading,
    Headline,
    Paragraph,
    Tone,
    Verbatim,
)
from unleak.report.wording import clean, count_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.model.holding import AuditResult, Finding, Replacement
    from unleak.report.page import Block, Page

_TONES = {Risk.HIGH: Tone.BAD, Risk.MEDIUM: Tone.CAREFUL, Risk.LOW: Tone.PLAIN}
_MOST_NAMED = 8
_MOST_SOURCES = 5
_HOUR = 3600


def audit_page(result: AuditResult) -> Page:
    """Return what an audit has come to, as a page."""
    blocks: list[Block] = [_headline(result), Paragraph(_basis(result), Tone.QUIET)]
    if result.findings:
        blocks += [Heading("Long-lived credentials, the riskiest first"), _grid(result)]
    callers = [each for each in result.findings if each.users is not None and each.users.uses]
    if callers:
        blocks.append(Heading("Who uses them, from CloudTrail"))
        blocks += [
            Entry("", clean(each.holding.label), (("from", "; ".join(_callers(each))),))
            for each in callers
        ]
    if result.findings:
        blocks += [Heading("What to use instead"), *_instead(result)]
    if result.not_audited:
        blocks.append(Heading("Not looked at: there may be more"))
        gaps = tuple(clean(f"{each.where}: {each.why}") for each in result.not_audited)
        blocks.append(Bullets(gaps, Tone.CAREFUL))
    blocks += [Heading("Next"), Bullets(_next(result))]
    return tuple(blocks)


def _headline(result: AuditResult) -> Headline:
    account = result.account or "this account"
    total = len(result.findings)
    if not total:
        if result.not_audited:
            text = f"{account}: no long-lived credential was seen, but not all could be looked at"
            return Headline(text, Tone.CAREFUL)
        return Headline(f"{account} has no long-lived credentials", Tone.GOOD)
    by_risk = ", ".join(f"{number} {risk}" for risk, number in counts(result).items() if number)
    words = count_words(total, "long-lived credential")
    return Headline(f"{words} in {account}: {by_risk} risk", _TONES[result.findings[0].risk])


def _basis(result: AuditResult) -> str:
    users = count_words(result.users_seen, "user")
    age = report_age_seconds(result)
    if age is None or result.report_at is None:
        return f"{users} looked at, without a credential report."
    old = f"{age // _HOUR} h" if age >= _HOUR else f"{age // 60} min"
    return (
        f"{users} looked at. Passwords, second factors and last uses are of the credential report "
        f"of {render_instant(result.report_at)}, {old} old; what changed since is not in it."
    )


def _grid(result: AuditResult) -> Grid:
    rows = [
        (str(each.risk), clean(each.holding.label), clean(_why(each))) for each in result.findings
    ]
    return Grid(("risk", "credential", "why"), tuple(rows))


def _why(finding: Finding) -> str:
    facts = [what(finding.holding), *(each.words for each in finding.reasons[:-1])]
    if len(finding.reasons) == 1:
        facts.append(finding.reasons[0].words)
    return "; ".join([*facts, last_use_words(finding.holding.last_used)])


def _callers(finding: Finding) -> tuple[str, ...]:
    found = sources(finding)
    more = len(found) - _MOST_SOURCES
    shown = tuple(clean(each) for each in found[:_MOST_SOURCES])
    return (*shown, f"{more} more") if more > 0 else shown


def _instead(result: AuditResult) -> Iterator[Block]:
    """Show each kind of replacement once, with all that it is for, and its lines for the first."""
    by_kind: dict[ReplacementKind, list[tuple[Finding, Replacement]]] = {}
    for finding in result.findings:
        best = finding.replacements[0] if finding.replacements else None
        if best is not None:
            by_kind.setdefault(best.kind, []).append((finding, best))
    for number, listed in enumerate(by_kind.values(), start=1):
        finding, best = listed[0]
        facts = [("for", _named([each.holding.label for each, _ in listed])), ("why", best.why)]
        if best.link:
            facts.append(("more", best.link))
        yield Entry(f"{number}.", clean(best.title), tuple((a, clean(b)) for a, b in facts))
        for snippet in best.snippets:
            yield Paragraph(f"   {snippet.title}:", Tone.QUIET)
            yield Verbatim(tuple(snippet.text.splitlines()))
        if len(listed) > 1 and best.snippets:
            yield Paragraph(
                f"   (these lines are for {clean(finding.holding.label)}; --json has all)",
                Tone.QUIET,
            )


def _named(labels: list[str]) -> str:
    more = len(labels) - _MOST_NAMED
    shown = ", ".join(labels[:_MOST_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown


def _next(result: AuditResult) -> tuple[str, ...]:
    lines = []
    if any(each.holding.id for each in result.findings):
        lines.append("where a key lives: `unleak find KEY`")
        lines.append("a new key without downtime, where it has to stay: `unleak rotate KEY`")
    if result.not_audited:
        lines.append("what you have to be allowed: `unleak permissions audit`")
    lines.append("all of it, for a pipeline: `unleak audit --json` or `--format sarif`")
    return tuple(lines)

"""Where a key is in use, in words: the places, who uses it, and what nobody could look into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.instant import render_instant
from unleak.report.page import Bullets, Entry, Heading, Headline, Paragraph, Tone
from unleak.report.wording import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from unleak.model.reference import KeyUsers, NotSearched, Reference, SearchResult, Use
    from unleak.report.page import Block, Page

_MANY = 3
"""So many places with the same reason are told as one."""


def find_page(result: SearchResult) -> Page:
    """Return what a search has come to, as a page."""
    blocks: list[Block] = [_headline(result)]
    if result.references:
        blocks.append(Heading("In use at"))
        blocks.extend(
            _entry(number, each) for number, each in enumerate(result.references, start=1)
        )
    if result.users is not None:
        blocks += [Heading("Who uses it"), Bullets(_users(result.users))]
    if result.searched:
        seen = sum(each.seen for each in result.searched)
        places = ", ".join(_grouped(each.where for each in result.searched))
        blocks += [Heading("Looked through"), Paragraph(f"{seen} things in: {places}", Tone.QUIET)]
    if result.not_searched:
        blocks.append(Heading("Not looked into: it may be there too"))
        blocks.append(Bullets(tuple(gap_lines(result.not_searched)), Tone.CAREFUL))
    blocks += [Heading("Next"), Bullets(_next(result))]
    return tuple(blocks)


def _headline(result: SearchResult) -> Headline:
    places = len(result.references)
    if places:
        what = "1 place" if places == 1 else f"{places} places"
        return Headline(f"{result.key_id} is in use at {what}", Tone.CAREFUL)
    if result.not_searched:
        return Headline(
            f"{result.key_id} was not found, but not everything could be looked into", Tone.CAREFUL
        )
    return Headline(f"{result.key_id} was not found anywhere that was looked into", Tone.PLAIN)


def _entry(number: int, reference: Reference) -> Entry:
    facts = [("kind", reference.kind)]
    if reference.field:
        facts.append(("in", reference.field))
    if reference.account:
        facts.append(("account", reference.account))
    if reference.region:
        facts.append(("region", reference.region))
    if reference.is_only_name:
        facts.append(("careful", "only its name is readable: whether it is this key is not known"))
    facts.append(("rotate", _updating(reference)))
    if reference.note:
        facts.append(("note", clean(reference.note)))
    return Entry(f"{number}.", clean(reference.where), tuple(facts))


def _updating(reference: Reference) -> str:
    if not reference.updatable:
        return "by hand: unleak cannot write there"
    at = f"@{reference.region}" if reference.region else ""
    return f"unleak rotate KEY --to '{clean(reference.where)}{at}'"


def _users(users: KeyUsers) -> tuple[str, ...]:
    if users.last_used_at is None:
        last = "IAM knows of no use (its record is some hours late)"
    else:
        at = render_instant(users.last_used_at)
        where = " ".join(filter(None, (users.last_service, users.last_region)))
        last = f"last used {at} {where}".rstrip() + " (from IAM, some hours late)"
    return (last, *(_use(each) for each in users.uses))


def _use(use: Use) -> str:
    at = "" if use.last is None else f", last {render_instant(use.last)}"
    calls = "1 call" if use.events == 1 else f"{use.events} calls"
    services = ", ".join(use.services)
    return clean(f"{use.source} with {use.user_agent}: {calls} to {services}{at}")


def gap_lines(gaps: Sequence[NotSearched]) -> Iterable[str]:
    """Yield what was not looked into, the same reason in many regions once."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for gap in gaps:
        store = gap.where.partition(" ")[0]
        by_reason.setdefault((store, gap.why), []).append(gap.where)
    for (store, why), places in by_reason.items():
        if len(places) < _MANY:
            where = ", ".join(places)
        else:
            where = f"{store} in {len(places)} places ({_rest(places[0])}, {_rest(places[1])}, ...)"
        yield clean(f"{where}: {why}")


def _rest(where: str) -> str:
    return where.partition(" ")[2] or where


def _grouped(places: Iterable[str]) -> Iterable[str]:
    by_store: dict[str, list[str]] = {}
    for place in places:
        store, _, rest = place.partition(" ")
        by_store.setdefault(store, []).append(rest)
    for store, rests in by_store.items():
        if len(rests) < _MANY:
            yield from (clean(f"{store} {rest}".rstrip()) for rest in rests)
        else:
            yield clean(f"{store} ({len(rests)} regions or paths)")


def _next(result: SearchResult) -> tuple[str, ...]:
    steps = []
    if any(each.updatable for each in result.references):
        steps.append(
            f"`unleak rotate {result.key_id} --everywhere --dry-run` shows how it would be replaced"
        )
    if result.not_searched:
        steps.append("look by hand where unleak could not, before you deactivate the key")
    steps.append(f"`unleak revoke {result.key_id}` cuts it off at once where it has leaked")
    return tuple(steps)

"""Read the JSON of `unleak trace --json` back into a trace, so that a report can show it.

The file may come from somebody else: whatever does not fit is named and refused, and every text in
it counts as hostile until it is shown.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from unleak.errors import WrongUse
from unleak.model.credential import CredentialKind
from unleak.model.principal import Principal, PrincipalType
from unleak.model.trace import (
    Confidence,
    Coverage,
    Outcome,
    Persisting,
    Presence,
    Skipped,
    Tactic,
    TacticCount,
    Timeline,
    TimelineItem,
    Trace,
    TracedCredential,
    TracedPrincipal,
)
from unleak.report.json_place import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

_E = TypeVar("_E", bound=StrEnum)
_HINT = "give a file that `unleak trace TARGET --json` wrote"


def read_trace(text: str) -> Trace:
    """Return the trace that the JSON document tells.

    Args:
        text: what `unleak trace --json` printed.

    Raises:
        WrongUse: it is no such document; the message names the place that does not fit.
    """
    try:
        whole: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = "the trace is no JSON document"
        raise WrongUse(message, hint=_HINT) from error
    place = Place(whole, "", hint=_HINT)
    if place.at("version").number() != 1:
        wanted = "version 1"
        raise place.at("version").unfit(wanted)
    return Trace(
        seeds=tuple(each.text() for each in place.at("seeds").items()),
        credentials=tuple(_credential(each) for each in place.at("credentials").items()),
        principals=tuple(_principal(each) for each in place.at("principals").items()),
        persistence=tuple(_persisting(each) for each in place.at("persistence").items()),
        timeline=_timeline(place.at("timeline")),
        coverage=_coverage(place.at("coverage")),
    )


def _credential(place: Place) -> TracedCredential:
    owner = place.at("principal")
    return TracedCredential(
        access_key_id=place.at("access_key_id").text(),
        kind=_word(place.at("kind"), CredentialKind),
        principal=None if owner.is_null else _owner(owner),
        minted_by=place.at("minted_by").text_or_none(),
        via=place.at("via").text(),
        event_id=place.at("event_id").text(),
        at=place.at("time").instant_or_none(),
        expires_at=place.at("expires_at").instant_or_none(),
        confidence=_word(place.at("confidence"), Confidence),
        reason=place.at("reason").text_or_none() or "",
        events=place.at("events").number(),
    )


def _owner(place: Place) -> Principal:
    return Principal(
        type=_word(place.at("type"), PrincipalType),
        name=place.at("name").text(),
        arn=place.at("arn").text_or_none(),
    )


def _principal(place: Place) -> TracedPrincipal:
    return TracedPrincipal(
        name=place.at("name").text(),
        type=place.at("type").text(),
        arn=place.at("arn").text_or_none(),
        via=place.at("via").text(),
        event_id=place.at("event_id").text(),
        at=place.at("time").instant_or_none(),
        confidence=_word(place.at("confidence"), Confidence),
    )


def _persisting(place: Place) -> Persisting:
    return Persisting(
        via=place.at("via").text(),
        what=place.at("what").text(),
        region=place.at("region").text(),
        event_id=place.at("event_id").text(),
        at=place.at("time").instant_or_none(),
        by=place.at("by").text_or_none(),
        fix=place.at("fix").text(),
        was_used=place.at("was_used").truth(),
        removed_at=place.at("removed_at").instant_or_none(),
        now=_word(place.at("now"), Presence),
        now_detail=place.at("now_detail").text_or_none() or "",
    )


def _timeline(place: Place) -> Timeline:
    regions = place.at("new_regions")
    return Timeline(
        first=place.at("first").instant_or_none(),
        last=place.at("last").instant_or_none(),
        events=place.at("events").number(),
        inferred_events=place.at("inferred_events").number(),
        denied=place.at("denied").number(),
        by_tactic=_tactics(place.at("by_tactic")),
        items=_items(place.at("items")),
        inferred_items=_items(place.at("inferred_items")),
        items_left_out=place.at("items_left_out").number(),
        regions=_counts(place.at("regions")),
        new_regions=None if regions.is_null else tuple(each.text() for each in regions.items()),
        tampering=_items(place.at("tampering")),
        costs=_counts(place.at("costs")),
        data=_counts(place.at("data")),
        fixes={name: each.text() for name, each in place.at("fixes").members()},
        quarantine=_items(place.at("quarantine")),
    )


def _tactics(place: Place) -> Mapping[Tactic, TacticCount]:
    return {
        _word(Place(name, f"{place.path}.{name}", hint=_HINT), Tactic): TacticCount(
            succeeded=each.at("succeeded").number(),
            denied=each.at("denied").number(),
            failed=each.at("failed").number(),
        )
        for name, each in place.members()
    }


def _items(place: Place) -> tuple[TimelineItem, ...]:
    return tuple(_item(each) for each in place.items())


def _item(place: Place) -> TimelineItem:
    return TimelineItem(
        at=place.at("time").instant_or_none(),
        event_id=place.at("event_id").text(),
        name=place.at("name").text(),
        source=place.at("source").text(),
        region=place.at("region").text(),
        key_id=place.at("access_key_id").text_or_none(),
        tactic=_word(place.at("tactic"), Tactic),
        outcome=_word(place.at("outcome"), Outcome),
        error_code=place.at("error_code").text_or_none(),
        source_ip=place.at("source_ip").text(),
        user_agent=place.at("user_agent").text(),
        target=place.at("target").text(),
        confidence=_word(place.at("confidence"), Confidence),
    )


def _coverage(place: Place) -> Coverage:
    return Coverage(
        files=place.at("files").number(),
        events=place.at("events").number(),
        duplicates=place.at("duplicates").number(),
        skipped=tuple(
            Skipped(path=each.at("path").text(), why=each.at("why").text())
            for each in place.at("skipped").items()
        ),
        first=place.at("from").instant_or_none(),
        last=place.at("to").instant_or_none(),
        regions=tuple(each.text() for each in place.at("regions").items()),
        notes=tuple(each.text() for each in place.at("notes").items()),
    )


def _counts(place: Place) -> Mapping[str, int]:
    return {name: each.number() for name, each in place.members()}


def _word(place: Place, words: type[_E]) -> _E:
    """Return the member of the enumeration that the text names."""
    try:
        return words(place.text())
    except ValueError as error:
        wanted = f"one of {', '.join(words)}"
        raise place.unfit(wanted) from error

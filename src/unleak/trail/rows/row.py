"""A record as a row, and back: as much as a trace needs, and no secret."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from unleak.evidence.clean import printable, redact
from unleak.model.credential import CredentialKind
from unleak.model.principal import Principal, PrincipalType
from unleak.trail.fields import members, text_at
from unleak.trail.glance import tokens_of
from unleak.trail.made import Changed
from unleak.trail.minted import Minted
from unleak.trail.record import Record
from unleak.trail.tactics import tactic_of
from unleak.trail.tally import outcome_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.trail.fields import Json

_READ: Final = 4_000
_LONGEST: Final = 1_000
_PLAIN: Final = 36
"""Up to here a text is too short for a secret access key, which has forty characters."""


def row_of(record: Record) -> dict[str, Json]:
    """Return a record's row, by column."""
    return {
        "event_time": time_text(record.at),
        "key_id": cleaned(record.key_id),
        "name": cleaned(record.name),
        "source": cleaned(record.source),
        "region": cleaned(record.region),
        "tactic": tactic_of(record.name),
        "outcome": outcome_of(record),
        "error_code": cleaned(record.error_code),
        "source_ip": cleaned(record.source_ip),
        "user_agent": cleaned(record.user_agent),
        "target": cleaned(record.target),
        "account": cleaned(record.account),
        "arn": cleaned(record.arn),
        "identity_type": cleaned(record.identity_type),
        "role_arn": cleaned(record.role_arn),
        "event_id": cleaned(record.event_id),
        "shared_id": cleaned(record.shared_id),
        "invoked_by": cleaned(record.invoked_by),
        "signed_in": record.signed_in,
        "compute": [cleaned(each) for each in record.compute],
        "minted": _minted_text(record.minted),
        "changed": _changed_text(record.changed),
        "words": sorted({_cleaned(each) for each in tokens_of(record)}),
    }


def record_of(row: Mapping[str, Json]) -> Record:
    """Return the record that a row was made of.

    Args:
        row: by column; a field of another type is read as if it were not there.
    """
    at = row.get("event_time")
    return Record(
        event_id=text_at(row, "event_id") or "",
        name=text_at(row, "name") or "",
        source=text_at(row, "source") or "",
        region=text_at(row, "region") or "",
        at=at.replace(tzinfo=UTC) if isinstance(at, datetime) else None,
        error_code=text_at(row, "error_code"),
        source_ip=text_at(row, "source_ip") or "",
        user_agent=text_at(row, "user_agent") or "",
        key_id=text_at(row, "key_id"),
        identity_type=text_at(row, "identity_type") or "",
        arn=text_at(row, "arn"),
        account=text_at(row, "account"),
        shared_id=text_at(row, "shared_id"),
        invoked_by=text_at(row, "invoked_by"),
        minted=_read_minted(text_at(row, "minted")),
        changed=_read_changed(text_at(row, "changed")),
        compute=tuple(each for each in members(row, "compute") if isinstance(each, str)),
        role_arn=text_at(row, "role_arn"),
        signed_in=row.get("signed_in") is True,
        target=text_at(row, "target") or "",
    )


def time_text(at: datetime | None) -> str | None:
    """Return a time as DuckDB reads one without a zone: in UTC."""
    return None if at is None else at.astimezone(UTC).replace(tzinfo=None).isoformat()


def cleaned(text: str | None) -> str | None:
    """Return hostile text fit to be kept: no escapes, nothing that looks like a secret."""
    return None if text is None else _cleaned(text)


@lru_cache(maxsize=8_192)
def _cleaned(text: str) -> str:
    if text.isascii() and text.isprintable() and len(text) <= _PLAIN:
        return text
    text = text[:_READ].encode("utf-8", "replace").decode()
    if text.startswith("arn:"):  # the name of a service, `secretsmanager`, labels no secret
        return printable(":".join(redact(part) for part in text.split(":")), limit=_LONGEST)
    return printable(redact(text), limit=_LONGEST)


def _minted_text(minted: tuple[Minted, ...]) -> str | None:
    if not minted:
        return None
    return json.dumps(
        [
            {
                "key_id": cleaned(each.key_id),
                "kind": each.kind,
                "expires_at": time_text(each.expires_at),
                "principal": _principal_node(each.principal),
            }
            for each in minted
        ]
    )


def _principal_node(principal: Principal | None) -> Json:
    if principal is None:
        return None
    return {
        "type": principal.type,
        "name": cleaned(principal.name),
        "arn": cleaned(principal.arn),
        "account": cleaned(principal.account),
        "partition": cleaned(principal.partition),
        "unique_id": cleaned(principal.unique_id),
    }


def _changed_text(changed: Changed | None) -> str | None:
    if changed is None:
        return None
    return json.dumps(
        {
            "call": cleaned(changed.call),
            "name": cleaned(changed.name),
            "detail": cleaned(changed.detail),
        }
    )


def _parsed(text: str | None) -> Json:
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        return None


def _read_minted(text: str | None) -> tuple[Minted, ...]:
    node = {"minted": _parsed(text)}
    return tuple(
        Minted(
            key_id=text_at(each, "key_id") or "",
            kind=_kind(text_at(each, "kind")),
            principal=_read_principal(each),
            expires_at=_read_time(text_at(each, "expires_at")),
        )
        for each in members(node, "minted")
    )


def _kind(text: str | None) -> CredentialKind:
    return next((each for each in CredentialKind if each == text), CredentialKind.UNKNOWN_SESSION)


def _read_principal(node: Json) -> Principal | None:
    kind, name = text_at(node, "principal", "type"), text_at(node, "principal", "name")
    if name is None or kind not in set(PrincipalType):
        return None
    return Principal(
        type=PrincipalType(kind),
        name=name,
        arn=text_at(node, "principal", "arn"),
        account=text_at(node, "principal", "account"),
        partition=text_at(node, "principal", "partition"),
        unique_id=text_at(node, "principal", "unique_id"),
    )


def _read_changed(text: str | None) -> Changed | None:
    node = _parsed(text)
    call = text_at(node, "call")
    if call is None:
        return None
    return Changed(
        call=call, name=text_at(node, "name") or "", detail=text_at(node, "detail") or ""
    )


def _read_time(text: str | None) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None

"""Read a trail's file in the quick way: a parser that makes nothing of what it need not look at.

It is a whole JSON parser (msgspec), so the order of fields, escapes and white space are no matter.
What is not exactly of the shape below is refused, and then read with the standard library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

Text: TypeAlias = bytes | memoryview


class Identity(msgspec.Struct, gc=False, rename={"key_id": "accessKeyId"}):
    """Who called."""

    arn: str | None = None
    key_id: str | None = None


class Key(msgspec.Struct, gc=False, rename={"key_id": "accessKeyId"}):
    """A credential in an answer; its secret and token are passed over."""

    key_id: str | None = None


class KeyMember(msgspec.Struct, gc=False):
    """One of several credentials in an answer."""

    credentials: Key | None = None


class ServiceKey(msgspec.Struct, gc=False, rename={"key_id": "serviceSpecificCredentialId"}):
    """A credential of one service in an answer."""

    key_id: str | None = None


class Answer(
    msgspec.Struct,
    gc=False,
    rename={
        "key": "accessKey",
        "several": "credentialSet",
        "service_key": "serviceSpecificCredential",
    },
):
    """What of an answer tells of new credentials."""

    credentials: Key | None = None
    key: Key | None = None
    several: list[KeyMember] | None = None
    service_key: ServiceKey | None = None


class Asked(msgspec.Struct, gc=False, rename={"role_arn": "roleArn"}):
    """What of the parameters is sought."""

    role_arn: str | None = None


class Sketch(
    msgspec.Struct,
    gc=False,
    rename={
        "identity": "userIdentity",
        "time": "eventTime",
        "name": "eventName",
        "region": "awsRegion",
        "asked": "requestParameters",
        "answer": "responseElements",
    },
    kw_only=True,
):
    """One event, as far as the index needs it; AWS's order of fields is the quickest.

    Each field costs: one more is made per event, and one more is compared with each that is not
    wanted.  So there are as few as can be, and the classes below for who needs more.
    """

    identity: Identity | None = None
    time: str | None = None
    name: Annotated[str, msgspec.Meta(min_length=1)]
    region: str | None = None
    asked: Asked | None = None
    answer: Answer | None = None


class Numbered(Sketch, gc=False, rename={"event_id": "eventID"}, kw_only=True):
    """One event where duplicates are counted."""

    event_id: str | None = None


class Stamp(msgspec.Struct, gc=False, rename={"time": "eventTime", "stamp": "@timestamp"}):
    """When an event was, in a file in which some have no `eventTime`."""

    time: str | None = None
    stamp: str | None = None


class _Delivered(msgspec.Struct, gc=False, forbid_unknown_fields=True, rename={"all": "Records"}):
    all: list[Sketch]


class _DeliveredNumbered(
    msgspec.Struct, gc=False, forbid_unknown_fields=True, rename={"all": "Records"}
):
    all: list[Numbered]


class _DeliveredStamps(msgspec.Struct, gc=False, rename={"all": "Records"}):
    all: list[Stamp]


class _DeliveredRaw(msgspec.Struct, gc=False, rename={"all": "Records"}):
    all: list[msgspec.Raw]


_WHOLE: Final = msgspec.json.Decoder(_Delivered)
_WHOLE_NUMBERED: Final = msgspec.json.Decoder(_DeliveredNumbered)
_WHOLE_STAMPS: Final = msgspec.json.Decoder(_DeliveredStamps)
_WHOLE_RAW: Final = msgspec.json.Decoder(_DeliveredRaw)
_ARRAY: Final = msgspec.json.Decoder(list[Sketch])
_ARRAY_NUMBERED: Final = msgspec.json.Decoder(list[Numbered])
_ARRAY_STAMPS: Final = msgspec.json.Decoder(list[Stamp])
_ARRAY_RAW: Final = msgspec.json.Decoder(list[msgspec.Raw])
_LINE: Final = msgspec.json.Decoder(Sketch)
_LINE_NUMBERED: Final = msgspec.json.Decoder(Numbered)
_LINE_STAMP: Final = msgspec.json.Decoder(Stamp)
_LINE_RAW: Final = msgspec.json.Decoder(msgspec.Raw)
_START: Final = b'{"Records":'
_REFUSED: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def sketches(raw: Text) -> Sequence[Sketch] | None:
    """Return all events of a file; None where it is of another shape than the usual two.

    Args:
        raw: the content of one file.
    """
    try:
        if raw[:1] == b"[":
            return _ARRAY.decode(raw)
        if _is_delivered(raw):
            return _WHOLE.decode(raw).all
        return _LINE.decode_lines(raw) if raw[:1] == b"{" else None
    except _REFUSED:
        return None


def numbered(raw: Text) -> Sequence[Numbered] | None:
    """Return the same with the ids of the events.

    Args:
        raw: the content of one file.
    """
    try:
        if raw[:1] == b"[":
            return _ARRAY_NUMBERED.decode(raw)
        if _is_delivered(raw):
            return _WHOLE_NUMBERED.decode(raw).all
        return _LINE_NUMBERED.decode_lines(raw) if raw[:1] == b"{" else None
    except _REFUSED:
        return None


def times(raw: Text) -> list[str | None] | None:
    """Return when each event of a file was, in the same order; None where that is no text.

    Args:
        raw: the content of a file that `sketches` took.
    """
    try:
        if raw[:1] == b"[":
            found = _ARRAY_STAMPS.decode(raw)
        elif _is_delivered(raw):
            found = _WHOLE_STAMPS.decode(raw).all
        else:
            found = _LINE_STAMP.decode_lines(raw)
    except _REFUSED:
        return None
    return [each.time or each.stamp for each in found]


def texts(raw: Text) -> list[msgspec.Raw]:
    """Return the texts of the same events, in the same order, of a file that `sketches` took."""
    if raw[:1] == b"[":
        return _ARRAY_RAW.decode(raw)
    if _is_delivered(raw):
        return _WHOLE_RAW.decode(raw).all
    return _LINE_RAW.decode_lines(raw)


def _is_delivered(raw: Text) -> bool:
    return raw[: len(_START)] == _START

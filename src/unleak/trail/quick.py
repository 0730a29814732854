"""Read a trail's file in the quick way: a parser that makes nothing of what it need not look at.

It is a whole JSON parser (msgspec), so the order of fields, escapes and white space are no matter.
What is not exactly of the shape below is refused, and then read with the standard library.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec


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
        "stamp": "@timestamp",
        "name": "eventName",
        "region": "awsRegion",
        "asked": "requestParameters",
        "answer": "responseElements",
        "event_id": "eventID",
    },
    kw_only=True,
):
    """One event, as far as the index needs it; AWS's order of fields is the quickest."""

    identity: Identity | None = None
    time: str | None = None
    stamp: str | None = None
    name: Annotated[str, msgspec.Meta(min_length=1)]
    region: str | None = None
    asked: Asked | None = None
    answer: Answer | None = None
    event_id: str | None = None


class _Delivered(msgspec.Struct, gc=False, forbid_unknown_fields=True, rename={"all": "Records"}):
    all: list[Sketch]


class _DeliveredRaw(msgspec.Struct, gc=False, rename={"all": "Records"}):
    all: list[msgspec.Raw]


_WHOLE: Final = msgspec.json.Decoder(_Delivered)
_WHOLE_RAW: Final = msgspec.json.Decoder(_DeliveredRaw)
_LINE: Final = msgspec.json.Decoder(Sketch)
_LINE_RAW: Final = msgspec.json.Decoder(msgspec.Raw)


def sketches(raw: bytes | memoryview) -> list[Sketch] | None:
    """Return all events of a file; None where it is of another shape than the usual two.

    Args:
        raw: the content of one file.
    """
    try:
        if _is_delivered(raw):
            return _WHOLE.decode(raw).all
        if raw[:1] == b"{":
            return _LINE.decode_lines(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return None


def texts(raw: bytes | memoryview) -> list[msgspec.Raw]:
    """Return the texts of the same events, in the same order, of a file that `sketches` took."""
    if _is_delivered(raw):
        return _WHOLE_RAW.decode(raw).all
    return _LINE_RAW.decode_lines(raw)


def _is_delivered(raw: bytes | memoryview) -> bool:
    return raw[: len(_START)] == _START


_START: Final = b'{"Records":'

"""Read whatever a person pastes: bytes to text, text to the credentials in it."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from unleak.evidence import doubts
from unleak.evidence.api_keys import api_keys
from unleak.evidence.found import Evidence
from unleak.evidence.key_id import account_of, is_base32, is_placeholder
from unleak.evidence.owners import arns_of, expiries_of, read_arn
from unleak.evidence.pairing import Pairing, pair
from unleak.evidence.presigned import signer_notes
from unleak.evidence.scan import LIMIT, scan
from unleak.evidence.scopes import lay_out
from unleak.evidence.session_token import hints_of
from unleak.evidence.sightings import SECRET_LENGTH, Part, Sighting
from unleak.evidence.sign_in import sign_in
from unleak.evidence.surface import plain
from unleak.evidence.target import NamedTarget
from unleak.evidence.wrapped import is_own_token, looks_cut
from unleak.model.credential import FoundCredential
from unleak.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from unleak.evidence.api_keys import ApiKeys
    from unleak.evidence.scopes import Layout

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LOOKED_AT = 4096
_MANY_NULS = 3
_LAST_CHARACTER = 3
_DOCUMENTATION = "wJalrXUtn", "EXAMPLEKEY"
_BLOTTED = 5
"""A secret of at most this many different characters was blotted out, not drawn."""


def decode(raw: bytes) -> str:
    """Return the text of a file or a pipe, whatever its encoding; never fails.

    UTF-8, UTF-16 (with a mark, or as PowerShell leaves it without), UTF-32, else Latin-1, in which
    every byte is a character.  A last character cut in half is dropped.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(encoding, errors="replace")
    head = raw[:_LOOKED_AT]
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        every_other = head[offset::2]
        if every_other and every_other.count(0) * _MANY_NULS > len(every_other) * 2:
            return raw.decode(encoding, errors="replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(raw) - _LAST_CHARACTER:
            return raw[: error.start].decode("utf-8")
        return raw.decode("latin-1")


def extract(text: str) -> Evidence:
    """Return the credentials in a text, each once, in the order in which their ids first appear.

    Linear in the length of the text, and it never raises: `notes` tell what is not understood.

    Args:
        text: what was pasted, piped or read; hostile.
    """
    shown = plain(text)
    signed_in = sign_in(shown)
    opened = api_keys(signed_in.text)
    evidence = _joined(opened)
    found, notes = evidence.found, signed_in.notes
    if len(found) == 1:  # then what is said of the sign-in is said of its session
        found, notes = (replace(found[0], notes=(*found[0].notes, *notes)),), ()
    return replace(
        evidence,
        found=found,
        notes=(*notes, *opened.notes, *evidence.notes),
        is_portal=signed_in.is_portal,
        is_empty=not shown.strip(),
    )


def _joined(opened: ApiKeys) -> Evidence:
    """Return what a text holds whose API keys have been opened."""
    words = opened.text
    scanned = scan(words)
    sightings = scanned.sightings
    layout = lay_out(words, sightings)
    pairing = pair(sightings, layout)
    ids = _by_value(sightings)
    found = (*_credentials(ids, pairing, sightings, layout, words), *opened.found)
    misses = doubts.near_misses(words)
    unique_ids = () if found else doubts.unique_ids(words)
    return Evidence(
        found=found,
        placeholders=_placeholders(ids, sightings),
        named=None if found else _named(sightings),
        notes=(
            *(miss.note for miss in misses),
            *(doubts.unique_id_note(unique_id) for unique_id in unique_ids),
            *_notes(words, pairing, has_found=bool(found), is_cut=scanned.is_cut),
        ),
        near_misses=tuple(miss.text for miss in misses),
        unique_ids=unique_ids,
    )


def _credentials(
    ids: dict[str, list[Sighting]],
    pairing: Pairing,
    sightings: Sequence[Sighting],
    layout: Layout,
    words: str,
) -> tuple[FoundCredential, ...]:
    signers = signer_notes(words)
    arns = arns_of(sightings, layout, words)
    expiries = expiries_of(
        sightings,
        layout,
        {k: [*own, *pairing.secrets[k], *pairing.tokens[k]] for k, own in ids.items()},
    )
    return tuple(
        _credential(
            key_id,
            own,
            pairing,
            arn=arns.get(key_id),
            expires_at=expiries.get(key_id),
            told=signers.get(key_id, ()),
        )
        for key_id, own in ids.items()
        if not is_placeholder(key_id)
    )


def _by_value(sightings: Sequence[Sighting]) -> dict[str, list[Sighting]]:
    ids: dict[str, list[Sighting]] = {}
    for each in sightings:
        if each.part is Part.ID and each.is_usable:
            ids.setdefault(each.value, []).append(each)
    return ids


@dataclass(slots=True)
class _Choice:
    """The one value among several sightings, and a note where there is not one."""

    value: str | None
    note: str | None = None


def _chosen(key_id: str, sightings: list[Sighting], *, what: str) -> _Choice:
    values = sorted({each.value for each in sightings if not _is_example(each.value)}, key=len)
    if not values:
        return _Choice(None)
    longest = values[-1]
    if all(longest.startswith(value) for value in values):
        return _Choice(longest)
    note = f"{len(values)} different {what}s stand with {key_id}; none was taken"
    return _Choice(None, note)


def _is_example(secret: str) -> bool:
    start, end = _DOCUMENTATION
    return (secret.startswith(start) and secret.endswith(end)) or (
        len(secret) >= SECRET_LENGTH and len(set(secret)) <= _BLOTTED
    )


def _credential(
    key_id: str,
    seen: list[Sighting],
    pairing: Pairing,
    *,
    arn: str | None,
    expires_at: datetime | None,
    told: tuple[str, ...],
) -> FoundCredential:
    secret = _chosen(key_id, pairing.secrets[key_id], what="secret")
    token = _chosen(key_id, pairing.tokens[key_id], what="session token")
    hints = hints_of(token.value or "")
    account = account_of(key_id) or hints.account
    regions = {each.region for each in seen if each.region is not None}
    named = None if arn is None else read_arn(arn)
    is_foreign = named is not None and account is not None and named.account != account
    notes = [*told, secret.note, token.note, *_credential_notes(key_id, secret.value, token.value)]
    if is_foreign:
        notes.append(f"the ARN that stands with {key_id} is of another account; it was not taken")
    return FoundCredential(
        access_key_id=key_id,
        secret=Secret(secret.value) if secret.value else None,
        session_token=Secret(token.value) if token.value else None,
        account_hint=account,
        region_hint=hints.region or (next(iter(regions)) if len(regions) == 1 else None),
        expires_at=expires_at,
        arn=None if is_foreign else arn,
        notes=tuple(note for note in notes if note is not None),
    )


def _credential_notes(key_id: str, secret: str | None, token: str | None) -> list[str]:
    notes = []
    if secret is not None and len(secret) != SECRET_LENGTH:
        notes.append(
            f"the secret of {key_id} has {len(secret)} characters, AWS's have {SECRET_LENGTH}:"
            " it may be cut"
        )
    if token is not None and looks_cut(token):
        notes.append(f"the session token of {key_id} is cut: copy it again, to its end")
    if key_id.startswith("ASIA") and secret is not None and token is None:
        notes.append(
            f"no session token with {key_id}: it cannot be tried out, but CloudTrail can tell"
            " whose it is"
        )
    if not is_base32(key_id):
        notes.append(
            f"{key_id} is not of AWS's own alphabet (A-Z, 2-7), so it tells no account: if it was"
            " typed off a picture, look for O and 0, I and 1 again; emulators draw such ids"
        )
    return notes


def _placeholders(ids: dict[str, list[Sighting]], sightings: Sequence[Sighting]) -> tuple[str, ...]:
    placeholders = [key_id for key_id in ids if is_placeholder(key_id)]
    if any(each.part is Part.SECRET and _is_example(each.value) for each in sightings):
        placeholders.append("the example secret of the AWS documentation")
    return tuple(placeholders)


def _named(sightings: Sequence[Sighting]) -> NamedTarget | None:
    texts = {each.value for each in sightings if each.part is Part.ARN}
    arns = [arn for arn in map(read_arn, sorted(texts)) if arn is not None]
    if len(arns) != 1:
        return None
    return NamedTarget(principal=arns[0].principal, session_name=arns[0].session_name)


def _notes(words: str, pairing: Pairing, *, has_found: bool, is_cut: bool) -> tuple[str, ...]:
    notes = _unpaired(pairing, has_found=has_found)
    told = [doubts.masked_note(words)]
    if not has_found:
        told.append(doubts.encoded_note(words))
    if not has_found and not notes:
        told.append(doubts.lone_secret_note(words))
    notes += [note for note in told if note is not None]
    if is_cut:
        notes.append(
            f"the text shows more than {LIMIT} keys, secrets or tokens; only the first were read:"
            " divide it and look at each part"
        )
    return tuple(dict.fromkeys(notes))


def _unpaired(pairing: Pairing, *, has_found: bool) -> list[str]:
    notes = []
    if pairing.doubtful:
        notes.append(
            f"{len(pairing.doubtful)} of the secrets and tokens could belong to more than one key"
            " id and were joined to none: paste each credential alone to have it tried out"
        )
    secrets = [
        each for each in pairing.loose if each.part is Part.SECRET and not _is_example(each.value)
    ]
    if secrets:
        where = "that stands with it" if has_found else "in the text: paste the AKIA or ASIA id too"
        notes.append(f"a secret access key without a key id {where}")
    tokens = (each for each in pairing.loose if each.part is Part.TOKEN)
    surely = [
        each.value
        for each in tokens
        if is_own_token(each.value) or (each.is_labelled and not each.is_weak)
    ]
    return notes + [_loose_token(token) for token in surely]


def _loose_token(token: str) -> str:
    hints = hints_of(token)
    told = [f"account {hints.account}"] if hints.account else []
    told += [f"region {hints.region}"] if hints.region else []
    whose = f" (it tells {', '.join(told)})" if told else ""
    return f"a session token without its key id{whose}: paste the ASIA id that stood beside it"

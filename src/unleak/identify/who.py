"""Whose is what leaked?  What can be asked at once is; a later round asks what is missing.

Round one: who we are, the account and user of each key, and, with consent decidable offline, the
leaked credential itself.  Round two: what only the answers of round one made possible.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from unleak.evidence.key_id import account_of
from unleak.identify.caller import caller_or_unknown
from unleak.identify.case import Case
from unleak.identify.consent import Asking, Consent, may_sign
from unleak.identify.naming import noted, with_claim, with_owner
from unleak.identify.offline import known_offline, offline_account
from unleak.identify.questions import Round
from unleak.model.credential import CredentialKind
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from unleak.model.credential import Credential, FoundCredential
    from unleak.model.ports import Reader
    from unleak.model.principal import Principal
    from unleak.model.situation import Caller


_CROWD = 4
"""So many credentials are searched for in CloudTrail at once; a log may name hundreds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """Who we are, and whose the leaked credentials are."""

    caller: Caller
    credentials: tuple[Credential, ...]
    """One for each found credential, in the same order."""
    signed_with: tuple[str, ...]
    """The key ids of leaked credentials that we made a call with: it shows in CloudTrail."""
    consented: tuple[FoundCredential, ...]
    """Those that later probes may sign with."""
    notes: tuple[str, ...]


def identify_offline(found: tuple[FoundCredential, ...]) -> tuple[Credential, ...]:
    """Say what the evidence alone tells: kinds and accounts; no call is made."""
    return tuple(with_claim(known_offline(one), one.arn) for one in found)


def identify(
    found: tuple[FoundCredential, ...],
    *,
    reader: Reader,
    asking: Asking,
    owner: Principal | None,
    quick: bool,
) -> Identified:
    """Find out whose the credentials are, in as few round trips as possible.

    A question that fails becomes a note; AWS's word wins over the person's and the evidence's.

    Args:
        found: the credentials of the evidence; empty: only the caller is asked.
        reader: reads only, with the responder's credentials.
        asking: whether a leaked credential may sign `GetCallerIdentity`.
        owner: the principal that the person named, for what AWS does not tell.
        quick: whether to ask only what a deny needs.

    Raises:
        ResponderCredentials: our own credentials are missing, expired or not accepted.
        ClockSkew: our clock is too far off.
        Unreachable: the endpoint does not answer.
    """
    own_offline = _decoded(reader)
    consents = [_offline_consent(one, asking, own_offline) for one in found]
    cases = tuple(
        Case(
            found=one,
            credential=known_offline(one),
            reader=reader,
            quick=quick,
            is_named=owner is not None,
            is_crowd=len(found) > _CROWD,
            may_sign=consent,
        )
        for one, consent in zip(found, consents, strict=True)
    )
    return _settle(cases, reader, asking, owner, own_offline)


def _offline_consent(one: FoundCredential, asking: Asking, own_account: str | None) -> bool | None:
    return may_sign(
        one, asking=asking, leaked_account=offline_account(one), own_account=own_account
    )


def _settle(
    cases: tuple[Case, ...],
    reader: Reader,
    asking: Asking,
    owner: Principal | None,
    own_offline: str | None,
) -> Identified:
    """Ask round after round, until nothing is left that could be asked."""
    caller, note = _first_round(cases, reader)
    for case in cases:
        _settle_consent(case, asking, own_account=caller.account or own_offline)
    _later_rounds(cases)
    return Identified(
        caller=caller,
        credentials=tuple(_close(case, owner, asking) for case in cases),
        signed_with=tuple(
            case.key_id for case in cases if case.has_signed and case.key_id is not None
        ),
        consented=tuple(case.found for case in cases if case.may_sign),
        notes=() if note is None else (note,),
    )


def _decoded(reader: Reader) -> str | None:
    key_id = reader.signing_key_id()
    return None if key_id is None else account_of(key_id)


def _first_round(cases: tuple[Case, ...], reader: Reader) -> tuple[Caller, str | None]:
    if not cases:
        return caller_or_unknown(reader)
    with Round() as first:
        told = first.run(partial(caller_or_unknown, reader))
        for case in cases:
            case.ask_first(first)
    # a dead responder or endpoint is raised from here, before anything else is read
    caller, note = told.result()
    for case in cases:
        case.hear_first(caller)
    return caller, note


def _later_rounds(cases: tuple[Case, ...]) -> None:
    """Ask what is still missing; each case goes its own way, all at the same time."""
    open_cases = [case for case in cases if case.wants_more]
    if not open_cases:
        return
    with Round(_CROWD) as more:
        ends = [more.run(case.pursue) for case in open_cases]
    for end in ends:
        end.result()


def _settle_consent(case: Case, asking: Asking, *, own_account: str | None) -> None:
    """Decide again with the accounts that AWS told: a decode that it contradicts is void."""
    if asking.consent is not Consent.IF_OWN_ACCOUNT or not case.found.can_sign:
        return
    case.may_sign = may_sign(
        case.found,
        asking=asking,
        leaked_account=case.credential.account,
        own_account=own_account,
    )


def _close(case: Case, owner: Principal | None, asking: Asking) -> Credential:
    """Fill what is still unknown from the person's word, then from the evidence's."""
    credential = case.credential
    if owner is not None:
        credential = with_owner(credential, owner)
    credential = with_claim(credential, case.found.arn)
    foreign = case.own_account is not None and credential.account not in {None, case.own_account}
    if foreign:
        note = f"it belongs to account {credential.account}; you are signed in to"
        credential = noted(credential, f"{note} {case.own_account}")
    if credential.principal is not None:
        return credential
    if case.found.can_sign and not case.has_signed:
        credential = noted(credential, _unasked(asking))
    return noted(credential, *_how_to_find(credential, case.found))


def _unasked(asking: Asking) -> str:
    match asking.consent:
        case Consent.IF_OWN_ACCOUNT:
            why = "its account is not known to be yours"
        case Consent.FORBIDDEN:
            why = "that was not allowed (--ask-leaked allows it)"
        case _:
            why = "there was no consent"
    return f"it was not asked whose it is with its own signature: {why}"


def _how_to_find(credential: Credential, found: FoundCredential) -> tuple[str, ...]:
    if credential.kind is CredentialKind.USER_KEY:
        return ("its user is unknown: if you know who holds it, name it with user/NAME",)
    if credential.kind.is_session and not found.can_sign:
        return ("with its secret and session token it could be asked itself: paste all three",)
    return ()

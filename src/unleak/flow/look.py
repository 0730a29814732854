"""Find out who we are, what leaked and whose it is, in as few round trips as can be; reads only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.contain.guards import holder_principal, is_of_root
from unleak.errors import NoSuchPrincipal, UnleakError
from unleak.flow.request import credential_of
from unleak.identify.caller import caller_or_unknown
from unleak.identify.consent import Asking
from unleak.identify.facts import Need, gather
from unleak.identify.naming import with_owner
from unleak.model.credential import CredentialKind, CredentialStatus
from unleak.model.frozen import dataclass
from unleak.model.plan import Scope, Strategy
from unleak.model.principal import PrincipalType
from unleak.model.reading import Known
from unleak.model.situation import PrincipalFacts, Situation

if TYPE_CHECKING:
    from collections.abc import Callable

    from unleak.contain.options import Options
    from unleak.flow.person import Person
    from unleak.flow.request import Request
    from unleak.model.credential import Credential, FoundCredential
    from unleak.model.ports import Reader
    from unleak.model.principal import Principal
    from unleak.model.situation import RootFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Who we are, what leaked, and what we may sign with."""

    situation: Situation
    consented: tuple[FoundCredential, ...] = ()
    """Leaked credentials that may sign harmless calls."""
    signed_with: tuple[str, ...] = ()


def unclaimed(principal: Principal) -> None:
    """Claim nothing: for those who only look."""
    del principal


def look(
    request: Request,
    reader: Reader,
    person: Person,
    *,
    quick: bool,
    claim: Callable[[Principal], None] = unclaimed,
) -> Looked:
    """Identify what leaked and gather the facts about whose it is.

    Args:
        request: the evidence and what may be asked of it.
        reader: the door that changes nothing.
        person: asked for consent, or for an owner that nobody else knows.
        quick: read only what the deny needs.
        claim: called with each role or user before it is read.
    """
    needs = needs_of(request.options) if quick else frozenset({Need.EVERYTHING})
    if request.named is not None and not request.found and not request.known:
        return _look_at_named(request, reader, needs, claim)
    return _look_at_found(request, reader, person, _Reading(needs, claim, quick))


@dataclass(frozen=True, slots=True)
class _Reading:
    """How to read the facts about a principal."""

    needs: frozenset[Need]
    claim: Callable[[Principal], None]
    is_quick: bool


def _look_at_named(
    request: Request,
    reader: Reader,
    needs: frozenset[Need],
    claim: Callable[[Principal], None],
) -> Looked:
    """A principal was named, so who we are and what it has are one round trip."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - not for offline commands

    assert request.named is not None  # noqa: S101 - for mypy; the caller looked
    credential = credential_of(request.named, request.owner)
    holder = holder_principal(credential)
    if holder is None or holder.type is PrincipalType.ROOT:
        caller, note = caller_or_unknown(reader)
        return Looked(
            situation=Situation(
                caller=caller,
                credentials=(credential,),
                principals=(),
                notes=_notes(note),
                roots=_roots((credential,), reader, caller.account),
            )
        )
    claim(holder)
    with ThreadPoolExecutor(max_workers=1) as pool:
        asked = pool.submit(caller_or_unknown, reader)
        missing: NoSuchPrincipal | None = None
        try:
            facts = gather(holder, reader=reader, quick=True, needs=needs)
        except NoSuchPrincipal as error:
            facts, missing = PrincipalFacts(principal=holder), error
        caller, note = asked.result()
    _check_exists(missing, credential, caller.account)
    credential = _enriched(credential, facts)
    return Looked(
        situation=Situation(
            caller=caller, credentials=(credential,), principals=(facts,), notes=_notes(note)
        )
    )


def _look_at_found(request: Request, reader: Reader, person: Person, reading: _Reading) -> Looked:
    from unleak.identify.who import identify  # noqa: PLC0415 - not for offline commands

    owner = request.owner
    if owner is None and request.named is not None:
        owner = request.named.principal
    identified = identify(
        request.found,
        reader=reader,
        asking=Asking(consent=request.consent, ask=person.allows_asking),
        owner=owner,
        quick=reading.is_quick,
    )
    credentials = tuple(
        _with_session(_with_owner(each, person), request) for each in identified.credentials
    )
    credentials = (*credentials, *_unfound(request.known, credentials))
    reading = replace(reading, needs=reading.needs | needs_for(credentials))
    facts, lost = _gather_all(credentials, reader, reading, identified.caller.account)
    kept = tuple(each for each in credentials if holder_principal(each) not in lost)
    if not kept and lost:
        raise next(iter(lost.values()))
    by_name = {(each.principal.type, each.principal.name): each for each in facts}
    notes = (
        *request.notes,
        *identified.notes,
        *(f"{error.message}: left out" for error in lost.values()),
    )
    return Looked(
        situation=Situation(
            caller=identified.caller,
            credentials=tuple(_enriched_from(each, by_name) for each in kept),
            principals=facts,
            notes=notes,
            roots=_roots(kept, reader, identified.caller.account),
        ),
        consented=identified.consented,
        signed_with=identified.signed_with,
    )


def _unfound(
    known: tuple[Credential, ...], found: tuple[Credential, ...]
) -> tuple[Credential, ...]:
    """Return what Vault named and the evidence does not hold."""
    ids = {each.access_key_id for each in found} - {None}
    return tuple(each for each in known if each.access_key_id not in ids)


def _roots(
    credentials: tuple[Credential, ...], reader: Reader, own: str | None
) -> tuple[RootFacts, ...]:
    """Read what an organization can do, where a root user leaked; else nothing is asked."""
    leaked = (each.account or own for each in credentials if is_of_root(each))
    accounts = dict.fromkeys(each for each in leaked if each is not None)
    if not accounts:
        return ()
    from unleak.identify.root_access import read_root  # noqa: PLC0415 - rare

    return tuple(read_root(reader, account) for account in accounts)


def _gather_all(
    credentials: tuple[Credential, ...],
    reader: Reader,
    reading: _Reading,
    account: str | None,
) -> tuple[tuple[PrincipalFacts, ...], dict[Principal, UnleakError]]:
    """Gather for each role or user once, all at the same time; a foreign one is not asked for."""
    holders: dict[tuple[PrincipalType, str], Principal] = {}
    for credential in credentials:
        holder = holder_principal(credential)
        is_foreign = None not in (account, credential.account) and account != credential.account
        if holder is None or is_foreign:
            continue
        if holder.type in (PrincipalType.ROLE, PrincipalType.USER):
            holders.setdefault((holder.type, holder.name), holder)
    for label in sorted(holders):  # in one order everywhere, so that two never wait crosswise
        reading.claim(holders[label])
    facts: list[PrincipalFacts] = []
    lost: dict[Principal, UnleakError] = {}
    wanted = tuple(holders.values())
    for holder, read in zip(wanted, _at_once(wanted, reader, reading.needs), strict=True):
        if isinstance(read, NoSuchPrincipal):
            lost[holder] = read
        else:
            facts.append(read)
    return tuple(facts), lost


def _at_once(
    holders: tuple[Principal, ...], reader: Reader, needs: frozenset[Need]
) -> tuple[PrincipalFacts | NoSuchPrincipal, ...]:
    """Return the facts of each, or the error that says it does not exist."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - not for offline commands

    def read(holder: Principal) -> PrincipalFacts | NoSuchPrincipal:
        try:
            return gather(holder, reader=reader, quick=True, needs=needs)
        except NoSuchPrincipal as error:
            return error

    if len(holders) < 2:  # noqa: PLR2004 - one is read here, without a thread
        return tuple(map(read, holders))
    with ThreadPoolExecutor(max_workers=min(8, len(holders))) as pool:
        return tuple(pool.map(read, holders))


def _with_owner(credential: Credential, person: Person) -> Credential:
    """Ask the person where nobody else knows: a role, a user, the user behind a federated name."""
    if holder_principal(credential) is not None or credential.kind in (
        CredentialKind.ROOT_KEY,
        CredentialKind.ROOT_SESSION,
        CredentialKind.SERVICE_KEY,
    ):
        return credential
    named = person.names_owner(credential)
    return credential if named is None else with_owner(credential, named)


def _with_session(credential: Credential, request: Request) -> Credential:
    """Add the session's name where an event names it beside the key id, and nobody else does."""
    named = request.named
    if named is None or named.session_name is None or credential.session_name is not None:
        return credential
    owner = credential.principal
    if owner is None or owner.label != named.principal.label:
        return credential
    if credential.kind is not CredentialKind.ROLE_SESSION:
        return credential
    return replace(credential, session_name=named.session_name)


def _check_exists(
    missing: NoSuchPrincipal | None, credential: Credential, account: str | None
) -> None:
    """A name of another account is missing here for that reason, and the guard says it better."""
    if missing is None:
        return
    is_foreign = None not in (account, credential.account) and account != credential.account
    if not is_foreign:
        raise missing


def _enriched_from(
    credential: Credential, by_name: dict[tuple[PrincipalType, str], PrincipalFacts]
) -> Credential:
    holder = holder_principal(credential)
    facts = None if holder is None else by_name.get((holder.type, holder.name))
    return credential if facts is None else _enriched(credential, facts)


def _enriched(credential: Credential, facts: PrincipalFacts) -> Credential:
    """Return the credential with what reading its principal told: ARN, unique id, key status."""
    status = credential.status
    if isinstance(facts.keys, Known) and credential.kind is CredentialKind.USER_KEY:
        states = {key.key_id: key.state for key in facts.keys.value}
        state = states.get(credential.access_key_id or "")
        status = CredentialStatus.DELETED if state is None else CredentialStatus(state.lower())
    if credential.kind is CredentialKind.FEDERATED_SESSION:
        return replace(credential, parent=facts.principal, status=status)
    return replace(
        credential,
        principal=facts.principal,
        account=credential.account or facts.principal.account,
        partition=credential.partition or facts.principal.partition,
        status=status,
    )


def needs_of(options: Options) -> frozenset[Need]:
    """Return what has to be read of a principal before its deny can be written."""
    match options.strategy:
        case Strategy.DENY_ALL:
            return frozenset({Need.DENY_ALL_POLICY, Need.KEYS})
        case Strategy.STRIP_PERMISSIONS | Strategy.DELETE:
            return frozenset({Need.EVERYTHING})
        case Strategy.REVOKE_SESSIONS:
            pass
    if options.scope is Scope.SESSION:
        return frozenset({Need.OWN_POLICY, Need.KEYS})
    return frozenset({Need.REVOKE_POLICY, Need.KEYS})


def needs_for(credentials: tuple[Credential, ...]) -> frozenset[Need]:
    """Return what has to be read beside that, because of what leaked."""
    is_service = any(each.kind is CredentialKind.SERVICE_KEY for each in credentials)
    return frozenset({Need.SERVICE_CREDENTIALS}) if is_service else frozenset()


def _notes(note: str | None) -> tuple[str, ...]:
    return () if note is None else (note,)

"""Which credentials a leak has led to: the edges between records, followed to a fixpoint."""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from unleak.evidence.key_id import is_key_id, kind_of
from unleak.model.credential import CredentialKind
from unleak.model.frozen import dataclass
from unleak.model.trace import Confidence, TracedCredential, TracedPrincipal
from unleak.trail.seeds import principal_in
from unleak.trail.tokens import SESSION, account_in, labels_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from unleak.trail.minted import Minted
    from unleak.trail.record import Record
    from unleak.trail.seeds import Seed

LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
_LOGINS: Final = frozenset({"CreateLoginProfile", "UpdateLoginProfile"})
_TRUSTS: Final = frozenset({"CreateRole", "UpdateAssumeRolePolicy"})
_OUTSIDE: Final = frozenset({"AWSAccount", "SAMLUser", "WebIdentityUser"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The closure."""

    seed_keys: frozenset[str]
    """The key ids that were named, and those that a named user, role or session used."""
    credentials: tuple[TracedCredential, ...]
    principals: tuple[TracedPrincipal, ...]

    @property
    def proven(self) -> frozenset[str]:
        """The key ids that are the leak's beyond doubt."""
        more = (c.access_key_id for c in self.credentials if c.confidence is Confidence.PROVEN)
        return self.seed_keys | frozenset(more)

    @property
    def inferred(self) -> frozenset[str]:
        """The key ids that only circumstances speak for."""
        return frozenset(
            c.access_key_id for c in self.credentials if c.confidence is Confidence.INFERRED
        )


class Closing:
    """One computation of the closure from all records that are known.

    Args:
        records: each event once, in any order.
        seeds: what leaked.
    """

    def __init__(self, records: Iterable[Record], seeds: tuple[Seed, ...]) -> None:
        self._records = sorted(records, key=when)
        self._seeds = seeds
        self._by_key: dict[str, list[Record]] = defaultdict(list)
        self._by_label: dict[str, list[Record]] = defaultdict(list)
        self._by_shared: dict[str, list[Record]] = defaultdict(list)
        for record in self._records:
            if record.key_id is not None:
                self._by_key[record.key_id].append(record)
            for label in labels_of(record.arn or ""):
                self._by_label[label].append(record)
            if record.shared_id is not None:
                self._by_shared[record.shared_id].append(record)
        self._mints = {m.key_id: (r, m) for r in reversed(self._records) for m in r.minted}
        self._found: dict[str, TracedCredential] = {}
        self._principals: dict[tuple[str, str], TracedPrincipal] = {}
        self._trust: dict[str, Record] = {}
        self._seed_keys: set[str] = set()
        self._confidence: dict[str, Confidence] = {}
        self._waiting: deque[str] = deque()
        self.sought: set[str] = set()
        """The words to look for beside the key ids."""

    def run(self) -> Closed:
        """Return the closure."""
        for seed in self._seeds:
            self._plant(seed)
        self._follow()
        while self._infer():
            self._follow()
        self.sought |= set(self._found) | self._seed_keys
        return Closed(
            seed_keys=frozenset(self._seed_keys),
            credentials=tuple(sorted(self._found.values(), key=_credential_order)),
            principals=tuple(self._principals.values()),
        )

    def _plant(self, seed: Seed) -> None:
        self.sought.add(seed.token)
        if seed.is_key:
            self._own(seed.token)
            return
        for record in self._records:
            if seed.is_caller(record) and record.key_id is not None and not record.invoked_by:
                self._own(record.key_id)
            for minted in record.minted:
                if seed.owns(minted):
                    self._own(minted.key_id)

    def _own(self, key_id: str) -> None:
        if key_id not in self._seed_keys:
            self._seed_keys.add(key_id)
            self._confidence[key_id] = Confidence.PROVEN
            self._waiting.append(key_id)

    def _follow(self) -> None:
        while self._waiting:
            key_id = self._waiting.popleft()
            for record in self._by_key.get(key_id, ()):
                if record.is_success:
                    self._children(record, key_id)

    def _children(self, record: Record, key_id: str) -> None:
        confidence = self._confidence[key_id]
        for minted in record.minted or self._in_the_other_copy(record):
            self._add(record, minted, confidence)
        changed = record.changed
        if changed is None or not changed.name:
            return
        if changed.call == "CreateUser":
            self._take(record, "user", confidence)
            for used in self._used_by(f"user/{changed.name}", record):
                self._add_used(used, record, "CreateUser", confidence)
        elif changed.call in _LOGINS:
            self._take(record, "user", confidence)
            self._sign_in(record, changed.name)
        elif changed.call in _TRUSTS:
            self._take(record, "role", confidence)
            self._trust.setdefault(f"role/{changed.name}", record)
            self.sought.add(f"role/{changed.name}")

    def _in_the_other_copy(self, record: Record) -> tuple[Minted, ...]:
        """Return what the other account's copy of the same call tells, where ours does not."""
        if record.shared_id is None or record.role_arn is None:
            return ()
        self.sought.update(labels_of(record.role_arn))
        return tuple(m for r in self._by_shared[record.shared_id] for m in r.minted)

    def _add(
        self,
        record: Record,
        minted: Minted,
        confidence: Confidence,
        *,
        parent: str | None = None,
        reason: str = "",
    ) -> None:
        key_id = minted.key_id
        if key_id in self._seed_keys or self._is_no_better(key_id, confidence):
            return
        self._found[key_id] = TracedCredential(
            access_key_id=key_id,
            kind=minted.kind,
            principal=minted.principal,
            minted_by=record.key_id or parent,
            via=record.name,
            event_id=record.event_id,
            at=record.at,
            expires_at=minted.expires_at,
            confidence=confidence,
            reason=reason,
            events=len(self._by_key.get(key_id, ())),
        )
        self._confidence[key_id] = confidence
        self._waiting.append(key_id)

    def _is_no_better(self, key_id: str, confidence: Confidence) -> bool:
        before = self._confidence.get(key_id)
        return before is Confidence.PROVEN or before is confidence

    def _add_used(
        self, used: Record, cause: Record, via: str, confidence: Confidence, reason: str = ""
    ) -> None:
        """Add a credential that was seen in use, whatever is known of how it was made."""
        key_id = used.key_id
        if key_id is None or not is_key_id(key_id):
            return
        if key_id in self._seed_keys or self._is_no_better(key_id, confidence):
            return
        mint = self._mints.get(key_id)
        kind = mint[1].kind if mint else _kind_in_use(used)
        self._found[key_id] = TracedCredential(
            access_key_id=key_id,
            kind=kind,
            principal=mint[1].principal if mint else principal_in(used.arn),
            minted_by=cause.key_id,
            via=via,
            event_id=cause.event_id,
            at=mint[0].at if mint else used.at,
            expires_at=mint[1].expires_at if mint else None,
            confidence=confidence,
            reason=reason,
            events=len(self._by_key.get(key_id, ())),
        )
        self._confidence[key_id] = confidence
        self._waiting.append(key_id)

    def _take(self, record: Record, kind: str, confidence: Confidence) -> None:
        changed = record.changed
        if changed is None:
            return
        label = (kind, changed.name)
        account = account_in(record.arn or "") or record.account or ""
        arn = changed.detail if changed.detail.startswith("arn:") else None
        if arn is None and account and record.arn:
            arn = f"{':'.join(record.arn.split(':', 2)[:2])}:iam::{account}:{kind}/{changed.name}"
        self.sought.add(f"{kind}/{changed.name}")
        if label not in self._principals:
            self._principals[label] = TracedPrincipal(
                name=changed.name,
                type=kind,
                arn=arn,
                via=record.name,
                event_id=record.event_id,
                at=record.at,
                confidence=confidence,
            )

    def _used_by(self, label: str, since: Record) -> Iterator[Record]:
        """Yield what a user or role did with its own credentials after it was made."""
        account = account_in(since.arn or "")
        for record in self._by_label.get(label, ()):
            if record.invoked_by or record.key_id is None or not _is_after(record, since):
                continue
            if not account or account_in(record.arn or "") in {"", account}:
                yield record

    def _sign_in(self, record: Record, name: str) -> None:
        """Follow a password that the thief set into the console's sessions."""
        label = f"user/{name}"
        came = next(
            (r for r in self._by_label.get(label, ()) if r.signed_in and _is_after(r, record)), None
        )
        if came is None:
            return
        reason = f"a session of {label} after a sign-in with the password that was set"
        for used in self._used_by(label, came):
            if (used.key_id or "").startswith("ASIA"):
                self._add_used(used, came, "ConsoleLogin", Confidence.INFERRED, reason)

    def _infer(self) -> bool:
        """Look for sessions that circumstances speak for; return whether there were new ones."""
        before = len(self._found)
        own = [r for key in list(self._confidence) for r in self._by_key.get(key, ())]
        places = {r.source_ip for r in own if _is_a_place(r.source_ip)}
        agents = {r.user_agent for r in own if _is_a_place(r.user_agent)}
        entered: dict[str, list[Record]] = defaultdict(list)
        for record in own:
            for each in record.compute:
                entered[each].append(record)
                self.sought.add(SESSION + each)
        for name, causes in entered.items():
            causes.sort(key=when)
            for used in self._by_label.get(SESSION + name, ()):
                by = _same(used, places, agents)
                if by:
                    # the last one before the use: who came in, rather than who switched it on
                    earlier = [each for each in causes if _is_after(used, each)]
                    cause = (earlier or causes)[-1]
                    reason = f"of {name}, which the thief started or entered, used from {by}"
                    self._add_used(used, cause, cause.name, Confidence.INFERRED, reason)
        self._through_trust(places)
        return len(self._found) > before

    def _through_trust(self, places: set[str]) -> None:
        """Add sessions of a role whose door the thief opened, asked for from outside."""
        for label, cause in self._trust.items():
            for record in self._records:
                if not record.minted or label not in labels_of(record.role_arn or ""):
                    continue
                is_strange = record.identity_type in _OUTSIDE or record.source_ip in places
                if is_strange and _is_after(record, cause):
                    reason = f"of {label}, whose trust the thief wrote, asked for from outside"
                    for minted in record.minted:
                        self._add(
                            record,
                            minted,
                            Confidence.INFERRED,
                            parent=cause.key_id,
                            reason=reason,
                        )


def close(records: Iterable[Record], seeds: tuple[Seed, ...]) -> tuple[Closed, set[str]]:
    """Return the closure, and the words that have to be looked for to complete it.

    Args:
        records: each event once, in any order.
        seeds: what leaked.
    """
    closing = Closing(records, seeds)
    closed = closing.run()
    return closed, closing.sought


def when(record: Record) -> tuple[datetime, str]:
    """Return what puts records into the order of time; the same on every run."""
    return (record.at or LONG_AGO, record.event_id)


def _kind_in_use(record: Record) -> CredentialKind:
    match record.identity_type:
        case "AssumedRole":
            return CredentialKind.ROLE_SESSION
        case "FederatedUser":
            return CredentialKind.FEDERATED_SESSION
        case "IAMUser" if (record.key_id or "").startswith("ASIA"):
            return CredentialKind.USER_SESSION
        case "Root" if (record.key_id or "").startswith("ASIA"):
            return CredentialKind.ROOT_SESSION
        case _:
            return kind_of(record.key_id or "") or CredentialKind.UNKNOWN_SESSION


def _is_after(record: Record, other: Record) -> bool:
    return record.at is None or other.at is None or record.at >= other.at


def _is_a_place(text: str) -> bool:
    """Whether an address or user agent is somebody's own, not a service's."""
    return bool(text) and not text.endswith(".amazonaws.com") and text != "AWS Internal"


def _same(record: Record, places: set[str], agents: set[str]) -> str:
    if record.source_ip in places:
        return "the thief's address"
    return "the thief's user agent" if record.user_agent in agents else ""


def _credential_order(credential: TracedCredential) -> tuple[datetime, str]:
    return (credential.at or LONG_AGO, credential.access_key_id)

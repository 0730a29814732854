"""The chain of credentials: what leaked, what it has led to, and which of it still stands open.

It is drawn from the journal's suspects alone, or from those and a trace.  What only circumstances
speak for is marked so, and what nobody looked at is unknown, never cut off.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.evidence.clean import redact
from unleak.evidence.key_id import is_key_id
from unleak.model.outcome import Status
from unleak.report.advice import undone_steps
from unleak.report.chain_form import Chain, ChainState, Link, Node, NodeKind, state_of_door
from unleak.report.credential_words import status_words
from unleak.report.door_words import door_advice, door_title
from unleak.report.wording import clean, instant, kind_words, sentence

if TYPE_CHECKING:
    from unleak.model.credential import Credential
    from unleak.model.door import Door
    from unleak.model.incident import Incident
    from unleak.model.trace import Trace, TracedCredential, TracedPrincipal

_UNKNOWN_CALLER = "unknown-caller"
_NAMED = 3
"""The weight of a suspicion where the trail itself names the leak as the maker."""


def chain_of(incident: Incident, trace: Trace | None = None) -> Chain:
    """Return the chain.

    Args:
        incident: the response as the journal tells it.
        trace: what CloudTrail shows, where the person has given it.
    """
    weaver = _Weaver(incident, trace)
    for credential in incident.credentials:
        weaver.leak(credential)
    if trace is not None:
        for traced in trace.credentials:
            weaver.traced(traced)
        for principal in trace.principals:
            weaver.principal(principal)
    for door in sorted(incident.plan.doors, key=lambda each: each.depth):
        weaver.door(door)
    return weaver.chain()


class _Weaver:
    """Puts nodes and links together; what is named twice becomes one node."""

    def __init__(self, incident: Incident, trace: Trace | None) -> None:
        self._incident = incident
        self._nodes: dict[str, Node] = {}
        self._links: dict[tuple[str, str], Link] = {}
        self._makers: dict[str, str | None] = {}
        if trace is not None:
            self._makers = {each.event_id: each.by for each in trace.persistence}

    def chain(self) -> Chain:
        """Return what was put together."""
        for link in self._links.values():
            if link.source not in self._nodes:
                self._put(_maker(link.source))
        return Chain(nodes=tuple(self._nodes.values()), links=tuple(self._links.values()))

    def leak(self, credential: Credential) -> None:
        """Take in one of the credentials that leaked."""
        rows = [
            ("kind", kind_words(credential.kind)),
            ("status when found", status_words(credential.status)),
            ("issued", instant(credential.issued_at)),
            ("expires", instant(credential.expires_at)),
        ]
        if credential.session_name is not None:
            rows.append(("session", credential.session_name))
        self._put(
            Node(
                id=credential.label,
                kind=NodeKind.LEAK,
                title=credential.label,
                owner=None if credential.principal is None else credential.principal.label,
                state=self._leak_state(),
                facts=tuple(rows),
            )
        )

    def traced(self, found: TracedCredential) -> None:
        """Take in a credential of which CloudTrail tells."""
        rows = [
            ("kind", kind_words(found.kind)),
            ("made by", found.via),
            ("made", instant(found.at)),
            ("expires", instant(found.expires_at)),
            ("calls", str(found.events)),
            ("how sure", str(found.confidence)),
            ("event", found.event_id),
        ]
        if found.reason:
            rows.append(("why", sentence(found.reason)))
        is_inferred = found.confidence == "inferred"
        self._put(
            Node(
                id=found.access_key_id,
                kind=NodeKind.CREDENTIAL,
                title=found.access_key_id,
                owner=None if found.principal is None else found.principal.label,
                state=self._traced_state(found),
                facts=tuple(rows),
                is_inferred=is_inferred,
            )
        )
        source = self._source(found.minted_by)
        self._link(source, found.access_key_id, found.via, is_inferred=is_inferred)

    def principal(self, found: TracedPrincipal) -> None:
        """Take in a user or role of which CloudTrail tells that it was made or changed."""
        name = f"{found.type}/{found.name}"
        is_inferred = found.confidence == "inferred"
        rows = (
            ("how", found.via),
            ("when", instant(found.at)),
            ("how sure", str(found.confidence)),
            ("event", found.event_id),
        )
        self._put(
            Node(
                id=name,
                kind=NodeKind.PRINCIPAL,
                title=name,
                owner=found.arn,
                state=ChainState.UNKNOWN,
                facts=rows,
                is_inferred=is_inferred,
            )
        )
        source = self._source(self._makers.get(found.event_id))
        self._link(source, name, found.via, is_inferred=is_inferred)

    def door(self, door: Door) -> None:
        """Take in a suspect; where the trail names its credentials, those are the nodes."""
        facts = [("suspect", door_title(door)), ("why", sentence(door.reason))]
        if door.is_open:
            facts.append(("to close it", sentence(door.by_hand or door_advice(door))))
        owner = None if door.holder is None else door.holder.label
        owner = None if owner == door.target else owner
        is_named = door.weight >= _NAMED
        for name in door.key_ids or (door.target,):
            is_key = is_key_id(name)
            self._put(
                Node(
                    id=name,
                    kind=NodeKind.CREDENTIAL if is_key else NodeKind.PRINCIPAL,
                    title=name,
                    owner=door.target if door.key_ids and name != door.target else owner,
                    state=state_of_door(door.state),
                    facts=tuple(facts),
                    is_inferred=door.is_inferred or not is_named,
                )
            )
            if not self._has_source(name):
                via = door.via or ("made by it" if is_named else "suspected")
                source = self._door_source(owner)
                self._link(source, name, via, is_inferred=door.is_inferred or not is_named)

    def _door_source(self, owner: str | None) -> str | None:
        """A key or password hangs on its user, where that is a suspect too; else on the leak."""
        if owner is not None and owner in self._nodes:
            return owner
        return self._source(None)

    def _traced_state(self, found: TracedCredential) -> ChainState:
        """What had expired before the response began lets nobody in; of the rest nobody knows."""
        is_over = found.expires_at is not None and found.expires_at <= self._incident.created_at
        return ChainState.GONE if is_over else ChainState.UNKNOWN

    def _leak_state(self) -> ChainState:
        if undone_steps(self._incident):
            return ChainState.OPEN
        match self._incident.status:
            case Status.CONTAINED:
                return ChainState.CONTAINED
            case Status.UNPROVEN:
                return ChainState.UNPROVEN
            case _:
                return ChainState.OPEN

    def _source(self, key_id: str | None) -> str | None:
        """Return the node that something comes from; the only leak where nothing tells."""
        if key_id is not None:
            return key_id
        leaks = [each.id for each in self._nodes.values() if each.kind is NodeKind.LEAK]
        if len(leaks) == 1:
            return leaks[0]
        self._put(
            Node(
                id=_UNKNOWN_CALLER,
                kind=NodeKind.UNKNOWN,
                title="not known by which",
                owner=None,
                state=ChainState.UNKNOWN,
                facts=(("note", "Which of the leaked credentials led to these is not known."),),
            )
        )
        for leak in leaks:
            self._link(leak, _UNKNOWN_CALLER, "one of these", is_inferred=True)
        return _UNKNOWN_CALLER

    def _has_source(self, name: str) -> bool:
        kind = self._nodes[clean(name)].kind
        return kind is NodeKind.LEAK or any(target == clean(name) for _, target in self._links)

    def _put(self, node: Node) -> None:
        """Add the node; what is known of it already stays, a suspect's state counts."""
        node = replace(
            node,
            id=clean(node.id),
            title=clean(node.title),
            owner=None if node.owner is None else clean(node.owner),
            facts=tuple((name, clean(redact(text))) for name, text in node.facts),
        )
        known = self._nodes.get(node.id)
        self._nodes[node.id] = node if known is None else known.joined(node)

    def _link(self, source: str | None, target: str, via: str, *, is_inferred: bool) -> None:
        if source is None or clean(source) == clean(target):
            return
        pair = (clean(source), clean(target))
        link = Link(source=pair[0], target=pair[1], via=clean(via), is_inferred=is_inferred)
        self._links.setdefault(pair, link)


def _maker(name: str) -> Node:
    """Return the node of a credential that is only named as the maker of another one."""
    return Node(
        id=name,
        kind=NodeKind.CREDENTIAL,
        title=name,
        owner=None,
        state=ChainState.UNKNOWN,
        facts=(("note", "Named as the maker of another one; nothing else is known of it."),),
    )

"""The texts of attached managed policies: each read once, however many times it is attached."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from unleak.identify.questions import Failed, Round, Told, unknown
from unleak.model.reading import Absent, Known

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from unleak.model.ports import Reader
    from unleak.model.reading import Listing, Reading
    from unleak.model.situation import ManagedPolicy, PrincipalFacts


def with_texts(facts: PrincipalFacts, *, reader: Reader) -> PrincipalFacts:
    """Read the texts of all policies attached to the principal, its groups and its boundary.

    Args:
        facts: as read so far; what is Unknown in them stays so.
        reader: reads only.
    """
    arns = tuple(dict.fromkeys(_arns(facts)))
    if not arns:
        return facts
    with Round() as asking:
        asked = {arn: asking.ask(partial(reader.managed_policy, arn)) for arn in arns}
    texts: dict[str, Reading[str]] = {}
    for arn, told in asked.items():
        match told.result():
            case Told(value=None):
                texts[arn] = Absent()
            case Told(value=str() as text):
                texts[arn] = Known(text)
            case Failed(error=error):
                texts[arn] = unknown(error, operation="iam:GetPolicyVersion")
    boundary = facts.boundary
    groups = facts.groups
    if isinstance(boundary, Known):
        boundary = Known(_filled(boundary.value, texts))
    if isinstance(groups, Known):
        groups = Known(
            tuple(
                replace(group, attached=_texts_of(group.attached, texts)) for group in groups.value
            )
        )
    attached = _texts_of(facts.attached, texts)
    return replace(facts, attached=attached, boundary=boundary, groups=groups)


def _arns(facts: PrincipalFacts) -> Iterator[str]:
    yield from _unread(facts.attached)
    if isinstance(facts.boundary, Known):
        yield facts.boundary.value.arn
    if isinstance(facts.groups, Known):
        for group in facts.groups.value:
            yield from _unread(group.attached)


def _unread(policies: Listing[tuple[ManagedPolicy, ...]]) -> Iterator[str]:
    if isinstance(policies, Known):
        yield from (
            policy.arn for policy in policies.value if not isinstance(policy.document, Known)
        )


def _texts_of(
    policies: Listing[tuple[ManagedPolicy, ...]], texts: Mapping[str, Reading[str]]
) -> Listing[tuple[ManagedPolicy, ...]]:
    if not isinstance(policies, Known):
        return policies
    return Known(tuple(_filled(policy, texts) for policy in policies.value))


def _filled(policy: ManagedPolicy, texts: Mapping[str, Reading[str]]) -> ManagedPolicy:
    text = texts.get(policy.arn)
    if text is None or isinstance(policy.document, Known):
        return policy
    return replace(policy, document=text)

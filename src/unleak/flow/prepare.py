"""Gather the facts and make the plan: everything that happens before the question, reads only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.contain.planner import make_plan
from unleak.errors import ClockSkew
from unleak.flow.in_vault import at_target, of_leak, with_vault
from unleak.flow.look import look, needs_for, needs_of, unclaimed
from unleak.identify.facts import gather
from unleak.model.frozen import dataclass
from unleak.model.reading import Unknown
from unleak.vault.case import VaultCase

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from unleak.contain.options import Options
    from unleak.flow.closer_look import CloserLook
    from unleak.flow.doors import Doors
    from unleak.flow.person import Person
    from unleak.flow.request import Request
    from unleak.model.credential import FoundCredential
    from unleak.model.plan import Plan
    from unleak.model.ports import Reader
    from unleak.model.principal import Principal
    from unleak.model.situation import PrincipalFacts, Situation

NO_VAULT = VaultCase()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A plan with what it rests on."""

    situation: Situation
    plan: Plan
    consented: tuple[FoundCredential, ...]
    signed_with: tuple[str, ...]
    look: CloserLook | None = None
    """The closer look; None on the quick way, where it comes after the first deny."""
    vault: VaultCase = NO_VAULT
    """What the leak has to do with Vault."""


def prepare(
    request: Request,
    doors: Doors,
    person: Person,
    *,
    quick: bool,
    claim: Callable[[Principal], None] = unclaimed,
) -> Prepared:
    """Find out what leaked and whose it is, read what a plan needs, and make the plan.

    Args:
        request: what is wanted.
        doors: the cloud, to read.
        person: asked for consent, or for an owner that nobody else knows.
        quick: read only what the deny needs, because the thief's clock runs.
        claim: called with each role or user before it is read.

    Raises:
        UnleakError: nothing can be contained from here; nothing was changed.
    """
    reader = doors.reader()
    request, vault = at_target(request, doors)
    looked = look(request, reader, person, quick=quick, claim=claim)
    if request.vault is None:
        vault = of_leak(looked.situation.credentials, doors)
    plan = make_plan(looked.situation, request.options, now=aws_now(reader, request.options))
    prepared = Prepared(
        situation=looked.situation,
        plan=plan,
        consented=looked.consented,
        signed_with=looked.signed_with,
        vault=vault,
    )
    if not quick and looked.situation.credentials:
        prepared = _looked_closer(prepared, request, doors, person)
    return replace(prepared, plan=with_vault(prepared.plan, vault, prepared.situation))


def _looked_closer(prepared: Prepared, request: Request, doors: Doors, person: Person) -> Prepared:
    from unleak.flow.closer_look import (  # noqa: PLC0415 - not before the deny
        look_closer,
        with_abilities,
    )

    look = look_closer(prepared.plan, prepared.situation, options=request.options, doors=doors)
    if look.chase is not None:
        person.hears("following in CloudTrail what it has led to")
        look.chase.begin()
    look = replace(look, suspects=look.sweeper.first())
    if look.chase is not None:
        look.chase.first()
    plan = with_abilities(prepared.plan, look.situation, doors.reader())
    return replace(
        prepared,
        situation=look.situation,
        plan=look.reinforced(plan, request.options),
        look=look,
    )


def refresh(prepared: Prepared, request: Request, reader: Reader) -> Prepared:
    """Read again what the deny is merged with and plan anew: a person took his time to answer."""
    needs = needs_of(request.options) | needs_for(prepared.situation.credentials)
    principals = tuple(
        _overlay(facts, gather(facts.principal, reader=reader, quick=True, needs=needs))
        for facts in prepared.situation.principals
    )
    situation = replace(prepared.situation, principals=principals)
    plan = make_plan(situation, request.options, now=aws_now(reader, request.options))
    plan = replace(plan, abilities=prepared.plan.abilities)
    if prepared.look is not None:
        plan = prepared.look.reinforced(plan, request.options)
    plan = with_vault(plan, prepared.vault, situation)
    return replace(prepared, situation=situation, plan=plan)


def aws_now(reader: Reader, options: Options) -> datetime:
    """Return an upper bound of AWS's time; the local clock is never asked.

    Raises:
        ClockSkew: no answer carried a date, so no cut-off can be chosen.
    """
    now = reader.clock.now()
    if now is not None:
        return now
    if options.cutoff is not None:
        return options.cutoff
    message = "the endpoint's answers carry no Date header, so AWS's time is not known"
    raise ClockSkew(message, hint="give the cut-off yourself: --cutoff 2026-11-24T07:00:00Z")


def _overlay(before: PrincipalFacts, now: PrincipalFacts) -> PrincipalFacts:
    """Return the earlier facts with the later ones on top, where those were looked at."""
    if not isinstance(now.attached, Unknown):
        return now
    return replace(
        before,
        principal=now.principal,
        revoke_policy=now.revoke_policy,
        own_policy=now.own_policy,
        deny_all_policy=now.deny_all_policy,
        keys=now.keys,
        service_credentials=now.service_credentials,
        bearer_policy=now.bearer_policy,
    )

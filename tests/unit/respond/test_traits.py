"""What a plan costs where the alarm was false, asked of the plans that the planner makes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fakes.examples import user_key_plan
from fakes.ways_in import BEDROCK
from unleak.contain.braces import braces
from unleak.contain.options import Options
from unleak.contain.planner import make_plan
from unleak.model.action import DeleteKey, Holder, HolderType, KeyState, SetFence, SetInlinePolicy
from unleak.model.credential import Credential, CredentialKind
from unleak.model.plan import Plan, Scope, StepState, Strategy
from unleak.model.principal import Principal, PrincipalType
from unleak.model.reading import Absent, Known
from unleak.model.situation import Caller, KeyFact, PrincipalFacts, Situation
from unleak.respond.traits import traits_of

NOW = datetime(2026, 11, 25, 7, tzinfo=UTC)
ACCOUNT = "210987654321"
KEY_ID = "AKIALEAKEDUSERKEY001"
ROLE = Principal(
    type=PrincipalType.ROLE, name="deploy", account=ACCOUNT, unique_id="AROAEXAMPLEROLE000001"
)
USER = Principal(
    type=PrincipalType.USER, name="ci", account=ACCOUNT, unique_id="AIDAEXAMPLEUSER000001"
)
ON_ROLE = Holder(type=HolderType.ROLE, name="deploy")
ON_USER = Holder(type=HolderType.USER, name="ci")
CALLER = Caller(
    account=ACCOUNT,
    arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/responder/night",
    unique_id="AROAEXAMPLERESPOND001:night",
    access_key_id="ASIARESPONDERKEY0001",
)
KEY = Credential(
    access_key_id=KEY_ID, kind=CredentialKind.USER_KEY, account=ACCOUNT, principal=USER
)
SESSION = Credential(
    access_key_id="ASIALEAKEDSESSION001",
    kind=CredentialKind.ROLE_SESSION,
    account=ACCOUNT,
    principal=ROLE,
    session_name="build-7",
)
KEYS = (
    KeyFact(key_id=KEY_ID, state=KeyState.ACTIVE),
    KeyFact(key_id="AKIASECONDKEYOFUSE02", state=KeyState.ACTIVE),
)
USER_FACTS = PrincipalFacts(
    principal=USER,
    revoke_policy=Absent(),
    keys=Known(KEYS),
    inline=Known(()),
    attached=Known(()),
    boundary=Absent(),
)
ROLE_FACTS = PrincipalFacts(
    principal=ROLE,
    revoke_policy=Absent(),
    own_policy=Absent(),
    inline=Known(()),
    attached=Known(()),
    boundary=Absent(),
)


def planned(
    credential: Credential,
    options: Options | None = None,
    *,
    facts: PrincipalFacts = USER_FACTS,
) -> Plan:
    situation = Situation(caller=CALLER, credentials=(credential,), principals=(facts, ROLE_FACTS))
    return make_plan(situation, options or Options(), now=NOW)


def braced(plan: Plan, facts: PrincipalFacts, holder: Holder) -> Plan:
    extra = braces(facts, holder, cutoff=NOW, caller=CALLER, strategy=Strategy.REVOKE_SESSIONS)
    assert extra
    return plan.with_steps((*plan.steps, *extra))


def test_a_users_key_is_narrow_and_comes_back() -> None:
    traits = traits_of(planned(KEY))

    assert (traits.is_narrow, traits.is_reversible) == (True, True)


def test_a_services_key_is_narrow_together_with_its_siblings_of_that_service() -> None:
    leaked = Credential(
        access_key_id=BEDROCK.credential_id,
        kind=CredentialKind.SERVICE_KEY,
        account=ACCOUNT,
        principal=USER,
        service=BEDROCK.service,
    )
    facts = replace(USER_FACTS, service_credentials=Known((BEDROCK,)), bearer_policy=Absent())

    plan = planned(leaked, facts=facts)

    assert {type(each.action).__name__ for each in plan.steps} == {
        "SetServiceCredentialStatus",
        "SetInlinePolicy",
    }
    assert traits_of(plan).is_narrow


def test_one_session_by_its_name_is_narrow_and_all_of_the_role_are_not() -> None:
    one = traits_of(planned(SESSION, Options(scope=Scope.SESSION)))
    every = traits_of(planned(SESSION))

    assert (one.is_narrow, every.is_narrow) == (True, False)
    assert one.is_reversible


def test_a_user_that_was_named_is_not_narrow() -> None:
    named = Credential(access_key_id=None, kind=CredentialKind.PRINCIPAL, principal=USER)

    assert not traits_of(planned(named)).is_narrow


@pytest.mark.parametrize("strategy", [Strategy.DENY_ALL, Strategy.DELETE])
def test_a_blunt_strategy_is_not_narrow(strategy: Strategy) -> None:
    assert not traits_of(planned(KEY, Options(strategy=strategy))).is_narrow


def test_suspects_make_it_wide() -> None:
    assert not traits_of(planned(KEY, Options(cascade=True))).is_narrow


def test_locks_on_the_leaked_user_that_go_by_themselves_are_narrow() -> None:
    assert traits_of(braced(planned(KEY), USER_FACTS, ON_USER)).is_narrow


def test_the_same_locks_on_a_role_hit_everybody_who_works_as_it() -> None:
    plan = planned(SESSION, Options(scope=Scope.SESSION))

    assert not traits_of(braced(plan, ROLE_FACTS, ON_ROLE)).is_narrow


def test_the_second_key_of_the_user_is_not_the_leaked_one() -> None:
    plan = planned(KEY)
    other = replace(plan.credentials[0], access_key_id="AKIASECONDKEYOFUSE02")

    assert not traits_of(replace(plan, credentials=(other,))).is_narrow


def test_a_lock_of_the_organization_hits_the_account() -> None:
    step = replace(planned(KEY).steps[0], action=SetFence(account=ACCOUNT, before=None, after="{}"))

    assert not traits_of(planned(KEY).with_steps((step,))).is_narrow


@pytest.mark.parametrize(
    "document",
    [
        '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"]}]}',
        "not a policy",
        None,
    ],
)
def test_a_change_without_a_dated_deny_is_not_narrow(document: str | None) -> None:
    plan = planned(KEY)
    action = SetInlinePolicy(holder=ON_USER, policy_name="x", before=None, after=document)

    assert not traits_of(plan.with_steps((replace(plan.steps[0], action=action),))).is_narrow


def test_what_aws_cannot_take_back_is_not_reversible() -> None:
    plan = planned(KEY)
    step = replace(plan.steps[0], action=DeleteKey(user="ci", key_id=KEY_ID))

    assert not traits_of(plan.with_steps((step,))).is_reversible


def test_a_step_that_is_in_place_already_costs_nothing() -> None:
    plan = planned(KEY)
    step = replace(
        plan.steps[0],
        action=DeleteKey(user="ci", key_id=KEY_ID),
        state=StepState.ALREADY,
    )

    assert traits_of(plan.with_steps((step,))).is_reversible


@pytest.mark.parametrize(
    "plan",
    [
        user_key_plan().with_steps(()),
        replace(user_key_plan(), not_contained=("one of them: no way",)),
    ],
)
def test_a_plan_that_contains_nothing_for_sure_is_neither(plan: Plan) -> None:
    traits = traits_of(plan)

    assert (traits.is_narrow, traits.is_reversible) == (False, False)


def test_whoever_would_lock_himself_out_is_asked() -> None:
    assert not traits_of(replace(planned(KEY), self_lockout=True)).is_narrow

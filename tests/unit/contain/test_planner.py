"""Plans are compared as data: what is cut, in which order, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from unleak.contain.options import Options
from unleak.contain.planner import make_plan
from unleak.errors import ForeignAccount, NotEditable, OwnerUnknown, Refused, WrongUse
from unleak.model.action import (
    DeleteKey,
    DeleteRole,
    DetachPolicy,
    Holder,
    HolderType,
    KeyState,
    LeaveInstanceProfile,
    RoleRecord,
    SetInlinePolicy,
    SetKeyStatus,
)
from unleak.model.credential import Credential, CredentialKind
from unleak.model.plan import Scope, Stage, StepState, Strategy
from unleak.model.principal import Principal, PrincipalType
from unleak.model.reading import Absent, Gap, Known, Unknown
from unleak.model.situation import (
    Caller,
    InlinePolicy,
    KeyFact,
    ManagedPolicy,
    PrincipalFacts,
    Situation,
)

NOW = datetime(2026, 11, 24, 7, 0, 0, 250_000, tzinfo=UTC)
ACCOUNT = "210987654321"
ROLE = Principal(
    type=PrincipalType.ROLE,
    name="deploy",
    arn=f"arn:aws:iam::{ACCOUNT}:role/deploy",
    account=ACCOUNT,
    partition="aws",
    unique_id="AROAEXAMPLEROLE000001",
)
USER = Principal(
    type=PrincipalType.USER,
    name="ci",
    arn=f"arn:aws:iam::{ACCOUNT}:user/ci",
    account=ACCOUNT,
    partition="aws",
    unique_id="AIDAEXAMPLEUSER000001",
)
ON_ROLE = Holder(type=HolderType.ROLE, name="deploy")
ON_USER = Holder(type=HolderType.USER, name="ci")
SOMEBODY = Caller(
    account=ACCOUNT,
    arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/responder/night",
    unique_id="AROAEXAMPLERESPOND001:night",
    access_key_id="ASIARESPONDERKEY0001",
)
SESSION = Credential(
    access_key_id="ASIALEAKEDSESSION001",
    kind=CredentialKind.ROLE_SESSION,
    account=ACCOUNT,
    principal=ROLE,
    session_name="build-7",
)
KEY = Credential(
    access_key_id="AKIALEAKEDUSERKEY001",
    kind=CredentialKind.USER_KEY,
    account=ACCOUNT,
    principal=USER,
)
ROLE_FACTS = PrincipalFacts(principal=ROLE, revoke_policy=Absent(), own_policy=Absent())
USER_FACTS = PrincipalFacts(
    principal=USER,
    revoke_policy=Absent(),
    keys=Known((KeyFact(key_id="AKIALEAKEDUSERKEY001", state=KeyState.ACTIVE),)),
)


def situation(
    *credentials: Credential, caller: Caller = SOMEBODY, facts: PrincipalFacts | None = None
) -> Situation:
    """Return the facts about one leak; the role's or the user's, whichever it needs."""
    return Situation(
        caller=caller,
        credentials=credentials,
        principals=(facts,) if facts is not None else (ROLE_FACTS, USER_FACTS),
    )


def test_a_leaked_role_session_gets_the_consoles_cutoff_after_the_present_second() -> None:
    plan = make_plan(situation(SESSION), Options(), now=NOW)

    (step,) = plan.steps
    assert isinstance(step.action, SetInlinePolicy)
    assert step.action.holder == ON_ROLE
    assert step.action.policy_name == "AWSRevokeOlderSessions"
    assert step.action.before is None
    assert plan.cutoff == datetime(2026, 11, 24, 7, 0, 2, tzinfo=UTC)
    assert '"2026-11-24T07:00:02.000Z"' in (step.action.after or "")
    assert step.safe_date == plan.cutoff + timedelta(hours=12)
    assert not plan.self_lockout


def test_a_leaked_user_key_is_deactivated_and_its_sessions_are_denied_at_the_same_time() -> None:
    plan = make_plan(situation(KEY), Options(), now=NOW)

    assert plan.cutoff is not None
    deny, key = plan.steps
    assert isinstance(deny.action, SetInlinePolicy)
    assert deny.action.holder == ON_USER
    assert deny.safe_date == plan.cutoff + timedelta(hours=36)
    assert key.action == SetKeyStatus(
        user="ci",
        key_id="AKIALEAKEDUSERKEY001",
        before=KeyState.ACTIVE,
        after=KeyState.INACTIVE,
    )
    assert key.revives_leak
    assert key.safe_date is None
    assert {deny.stage, key.stage} == {Stage.CONTAIN}


def test_a_key_that_is_inactive_already_is_not_touched() -> None:
    dead = (KeyFact(key_id="AKIALEAKEDUSERKEY001", state=KeyState.INACTIVE),)

    plan = make_plan(
        situation(KEY, facts=replace(USER_FACTS, keys=Known(dead))), Options(), now=NOW
    )

    assert [step.state for step in plan.steps] == [StepState.PLANNED, StepState.ALREADY]


def test_keys_that_cannot_be_listed_are_deactivated_all_the_same() -> None:
    facts = replace(USER_FACTS, keys=Unknown(Gap.DENIED, "iam:ListAccessKeys is not allowed"))

    plan = make_plan(situation(KEY, facts=facts), Options(), now=NOW)

    assert any(isinstance(step.action, SetKeyStatus) for step in plan.steps)


def test_naming_a_user_cuts_off_all_of_his_keys() -> None:
    keys = (
        KeyFact(key_id="AKIAFIRSTKEYOFUSER01", state=KeyState.ACTIVE),
        KeyFact(key_id="AKIASECONDKEYOFUSE02", state=KeyState.ACTIVE),
    )
    named = Credential(access_key_id=None, kind=CredentialKind.PRINCIPAL, principal=USER)

    plan = make_plan(
        situation(named, facts=replace(USER_FACTS, keys=Known(keys))), Options(), now=NOW
    )

    cut = {step.action.key_id for step in plan.steps if isinstance(step.action, SetKeyStatus)}
    assert cut == {"AKIAFIRSTKEYOFUSER01", "AKIASECONDKEYOFUSE02"}


def test_the_scope_of_one_session_is_aimed_by_user_id_and_issue_time() -> None:
    plan = make_plan(situation(SESSION), Options(scope=Scope.SESSION), now=NOW)

    (step,) = plan.steps
    assert isinstance(step.action, SetInlinePolicy)
    assert step.action.policy_name == "UnleakDenySessions"
    assert '"aws:userid":"AROAEXAMPLEROLE000001:build-7"' in (step.action.after or "")
    assert "TokenIssueTime" in (step.action.after or "")


def test_an_unreadable_policy_is_never_overwritten() -> None:
    facts = replace(ROLE_FACTS, revoke_policy=Unknown(Gap.DENIED, "not allowed"))

    plan = make_plan(situation(SESSION, facts=facts), Options(), now=NOW)

    (step,) = plan.steps
    assert isinstance(step.action, SetInlinePolicy)
    assert step.action.policy_name == "UnleakRevoke-20261124T070002Z"
    assert any("could not be read" in warning for warning in plan.warnings)


def test_two_credentials_of_one_role_need_one_deny() -> None:
    other = replace(SESSION, access_key_id="ASIALEAKEDSESSION002", session_name="build-8")

    plan = make_plan(situation(SESSION, other), Options(), now=NOW)

    assert len(plan.steps) == 1


def test_the_responders_own_session_is_cut_last() -> None:
    own = replace(SOMEBODY, arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/night")

    plan = make_plan(situation(SESSION, KEY, caller=own), Options(), now=NOW)

    assert plan.self_lockout
    assert isinstance(plan.steps[-1].action, SetInlinePolicy)
    assert plan.steps[-1].action.holder == ON_ROLE
    assert plan.steps[-1].stage is Stage.OWN_SESSION
    assert any("what you are signed in with" in warning for warning in plan.warnings)


def test_another_session_name_of_the_own_role_is_no_lockout() -> None:
    own = replace(
        SOMEBODY,
        arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/night",
        unique_id="AROAEXAMPLEROLE000001:night",
    )

    plan = make_plan(situation(SESSION, caller=own), Options(scope=Scope.SESSION), now=NOW)

    assert not plan.self_lockout


def test_the_own_long_lived_key_is_not_hit_by_the_cutoff_but_by_deactivation() -> None:
    own = Caller(
        account=ACCOUNT,
        arn=f"arn:aws:iam::{ACCOUNT}:user/ci",
        unique_id=USER.unique_id,
        access_key_id="AKIALEAKEDUSERKEY001",
    )

    plan = make_plan(situation(KEY, caller=own), Options(), now=NOW)

    stages = {type(step.action): step.stage for step in plan.steps}
    assert stages == {SetInlinePolicy: Stage.CONTAIN, SetKeyStatus: Stage.OWN_SESSION}
    assert isinstance(plan.steps[-1].action, SetKeyStatus)


@pytest.mark.parametrize(
    ("credential", "expected"),
    [
        (replace(SESSION, account="999999999999"), ForeignAccount),
        (replace(SESSION, principal=None, kind=CredentialKind.UNKNOWN_SESSION), OwnerUnknown),
        (replace(SESSION, kind=CredentialKind.ROOT_KEY), NotEditable),
        (replace(SESSION, kind=CredentialKind.SERVICE_KEY), NotEditable),
        (
            replace(SESSION, principal=replace(ROLE, name="AWSServiceRoleForSupport")),
            NotEditable,
        ),
        (
            replace(SESSION, principal=replace(ROLE, name="AWSReservedSSO_Admin_0123456789abcdef")),
            NotEditable,
        ),
        (
            replace(
                SESSION,
                principal=replace(
                    ROLE, arn=f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x/deploy"
                ),
            ),
            NotEditable,
        ),
    ],
)
def test_what_cannot_be_contained_is_refused_with_something_to_do_instead(
    credential: Credential, expected: type[Refused]
) -> None:
    with pytest.raises(expected) as refused:
        make_plan(situation(credential), Options(), now=NOW)

    assert refused.value.hint


def test_one_credential_that_cannot_be_contained_does_not_stop_the_other() -> None:
    foreign = replace(KEY, account="999999999999")

    plan = make_plan(situation(SESSION, foreign), Options(), now=NOW)

    assert len(plan.steps) == 1
    assert len(plan.not_contained) == 1
    assert "999999999999" in plan.not_contained[0]


def test_a_cutoff_that_spares_the_leaked_session_is_refused() -> None:
    session = replace(SESSION, issued_at=NOW - timedelta(minutes=5))
    options = Options(cutoff=NOW - timedelta(hours=1))

    with pytest.raises(WrongUse, match="would leave ASIALEAKEDSESSION001 alive"):
        make_plan(situation(session), options, now=NOW)


def test_a_cutoff_far_in_the_future_is_refused() -> None:
    with pytest.raises(WrongUse, match="in the future"):
        make_plan(situation(SESSION), Options(cutoff=NOW + timedelta(hours=1)), now=NOW)


def test_a_chosen_cutoff_is_rounded_up_to_the_second() -> None:
    plan = make_plan(situation(SESSION), Options(cutoff=NOW - timedelta(hours=1)), now=NOW)

    assert plan.cutoff == datetime(2026, 11, 24, 6, 0, 1, tzinfo=UTC)


def test_the_scope_of_one_session_needs_a_session_name() -> None:
    with pytest.raises(WrongUse, match="names no single session"):
        make_plan(situation(KEY), Options(scope=Scope.SESSION), now=NOW)


def test_a_federated_session_is_denied_on_its_parent_user() -> None:
    federated = Credential(
        access_key_id="ASIAFEDERATEDLEAK001",
        kind=CredentialKind.FEDERATED_SESSION,
        account=ACCOUNT,
        principal=Principal(type=PrincipalType.FEDERATED_USER, name="guest", account=ACCOUNT),
        parent=USER,
    )

    whole = make_plan(situation(federated), Options(), now=NOW)
    single = make_plan(situation(federated), Options(scope=Scope.SESSION), now=NOW)

    (step,) = whole.steps
    assert isinstance(step.action, SetInlinePolicy)
    assert step.action.holder == ON_USER
    assert isinstance(single.steps[0].action, SetInlinePolicy)
    assert f'"{ACCOUNT}:guest"' in (single.steps[0].action.after or "")


def test_deny_all_spares_nobody() -> None:
    plan = make_plan(
        situation(SESSION, facts=replace(ROLE_FACTS, deny_all_policy=Absent())),
        Options(strategy=Strategy.DENY_ALL),
        now=NOW,
    )

    (step,) = plan.steps
    assert isinstance(step.action, SetInlinePolicy)
    assert "Condition" not in (step.action.after or "")
    assert "everything that runs on it is down" in step.impact


FULL_ROLE = replace(
    ROLE_FACTS,
    attached=Known((ManagedPolicy(arn="arn:aws:iam::aws:policy/ReadOnlyAccess", name="Read"),)),
    inline=Known((InlinePolicy(name="app", document="{}"),)),
    instance_profiles=Known(("web",)),
    record=Known(
        RoleRecord(
            name="deploy",
            path="/",
            trust_policy="{}",
            description="",
            max_session_seconds=3600,
            boundary=None,
            tags=(),
        )
    ),
)


def test_stripping_records_every_permission_that_it_takes() -> None:
    plan = make_plan(
        situation(SESSION, facts=FULL_ROLE), Options(strategy=Strategy.STRIP_PERMISSIONS), now=NOW
    )

    assert [step.action for step in plan.steps] == [
        DetachPolicy(holder=ON_ROLE, policy_arn="arn:aws:iam::aws:policy/ReadOnlyAccess"),
        SetInlinePolicy(holder=ON_ROLE, policy_name="app", before="{}", after=None),
    ]


def test_a_role_is_deleted_only_after_it_was_emptied() -> None:
    plan = make_plan(
        situation(SESSION, facts=FULL_ROLE), Options(strategy=Strategy.DELETE), now=NOW
    )

    assert isinstance(plan.steps[0].action, LeaveInstanceProfile)
    assert isinstance(plan.steps[-1].action, DeleteRole)
    assert plan.steps[-1].stage is Stage.AFTER_CONTAIN


def test_a_user_key_is_deleted_only_after_it_was_deactivated() -> None:
    plan = make_plan(situation(KEY), Options(strategy=Strategy.DELETE), now=NOW)

    assert [type(step.action) for step in plan.steps] == [SetInlinePolicy, SetKeyStatus, DeleteKey]
    assert not plan.steps[-1].reversible


def test_nobody_deletes_the_role_that_he_works_as() -> None:
    own = replace(SOMEBODY, arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/night")

    with pytest.raises(NotEditable, match="would stop half-way"):
        make_plan(
            situation(SESSION, caller=own, facts=FULL_ROLE),
            Options(strategy=Strategy.DELETE),
            now=NOW,
        )


def test_a_cloud_that_does_not_tell_who_we_are_gets_a_warning() -> None:
    nobody = Caller(account=None, arn=None, unique_id=None, access_key_id=None)

    plan = make_plan(situation(SESSION, caller=nobody), Options(), now=NOW)

    assert any("does not tell who you are" in warning for warning in plan.warnings)


def test_a_crowded_principal_is_said_before_the_question() -> None:
    crowd = InlinePolicy(name="app", document='{"Statement":"' + "x" * 10_200 + '"}')
    facts = replace(ROLE_FACTS, inline=Known((crowd,)))

    crowded = make_plan(situation(SESSION, facts=facts), Options(), now=NOW)
    roomy = make_plan(situation(SESSION, facts=FULL_ROLE), Options(), now=NOW)

    assert any("nearly full" in warning for warning in crowded.warnings)
    assert not any("nearly full" in warning for warning in roomy.warnings)

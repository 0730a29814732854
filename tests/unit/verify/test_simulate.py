"""What a simulator's verdicts are worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from unit.verify.world import (
    CUTOFF,
    POLICY,
    ROLE,
    World,
    deny_step,
    deny_text,
    role_session,
    step_of,
)
from unleak.errors import AwsFailure, MissingPermission
from unleak.model.action import (
    DetachPolicy,
    Holder,
    HolderType,
    KeyState,
    SetInlinePolicy,
    SetKeyStatus,
)
from unleak.model.credential import Credential, CredentialKind
from unleak.model.ports import Simulation
from unleak.model.principal import Principal, PrincipalType
from unleak.model.proof import Check, CheckOutcome, Level
from unleak.verify.level import claims_of, reached
from unleak.verify.simulate import simulate
from unleak.verify.subject import Subject

OURS = f"role_app_{POLICY}"
Answer = Callable[[datetime | None], tuple[str, tuple[str, ...]]]


class Simulator(World):
    """Answers every action alike, by issue time."""

    def set(self, decide: Answer) -> None:
        self.decide = decide
        self.asked_for: list[tuple[datetime | None, dict[str, str]]] = []

    def simulate(
        self,
        principal_arn: str,
        actions: Sequence[str],
        *,
        issued_at: datetime | None,
        context: Mapping[str, str],
    ) -> tuple[Simulation, ...]:
        self._ask("simulate", principal_arn)
        self.asked_for.append((issued_at, dict(context)))
        decision, matched = self.decide(issued_at)
        return tuple(
            Simulation(action=action, decision=decision, matched=matched) for action in actions
        )


def simulator(decide: Answer) -> Simulator:
    made = Simulator()
    made.set(decide)
    return made


def honest(issued_at: datetime | None) -> tuple[str, tuple[str, ...]]:
    is_old = issued_at is not None and issued_at < CUTOFF
    return ("explicitDeny", (OURS,)) if is_old else ("allowed", ("role_app_Grant",))


def subject(*credentials: Credential, text: str | None = None) -> Subject:
    return Subject(
        credentials=credentials or (role_session(),), steps=(deny_step(text),), cutoff=CUTOFF
    )


def outcomes(checks: Sequence[Check]) -> list[CheckOutcome]:
    return [check.outcome for check in checks]


def test_an_old_session_denied_and_a_new_one_spared_is_proven() -> None:
    checks = simulate(subject(), simulator(honest))

    assert outcomes(checks) == [CheckOutcome.PROVEN, CheckOutcome.PROVEN]
    assert reached(checks, claims_of(subject())) == (Level.SIMULATED, True)


def test_the_youngest_known_issue_time_is_the_one_that_is_simulated() -> None:
    first = replace(role_session(), issued_at=CUTOFF - timedelta(hours=2))
    second = replace(role_session("ASIASECONDSECONDSECO"), issued_at=CUTOFF - timedelta(minutes=3))
    cloud = simulator(honest)

    simulate(subject(first, second), cloud)

    assert cloud.asked_for[0][0] == CUTOFF - timedelta(minutes=3)


def test_a_session_issued_after_the_cut_off_is_seen_to_escape() -> None:
    late = replace(role_session(), issued_at=CUTOFF + timedelta(seconds=5))

    checks = simulate(subject(late), simulator(honest))

    assert checks[0].outcome is CheckOutcome.REFUTED
    assert reached(checks, claims_of(subject(late))) == (Level.NONE, False)


def test_a_simulator_that_allows_without_a_statement_evaluates_nothing() -> None:
    checks = simulate(subject(), simulator(lambda _: ("allowed", ())))

    assert outcomes(checks) == [CheckOutcome.INCONCLUSIVE, CheckOutcome.INCONCLUSIVE]
    assert reached(checks, claims_of(subject())) == (Level.NONE, None)


def test_an_old_session_allowed_by_a_statement_is_refuted() -> None:
    checks = simulate(subject(), simulator(lambda _: ("allowed", ("role_app_Grant",))))

    assert checks[0].outcome is CheckOutcome.REFUTED


def test_a_deny_that_hits_old_and_new_and_is_not_ours_proves_nothing() -> None:
    checks = simulate(subject(), simulator(lambda _: ("explicitDeny", ("MfaOrNothing",))))

    assert outcomes(checks) == [CheckOutcome.INCONCLUSIVE, CheckOutcome.INCONCLUSIVE]


def test_a_deny_that_only_old_sessions_meet_is_the_cut_off_whatever_its_name() -> None:
    def nameless(issued_at: datetime | None) -> tuple[str, tuple[str, ...]]:
        decision, _ = honest(issued_at)
        return decision, ("PolicyInputList.1",)

    assert simulate(subject(), simulator(nameless))[0].outcome is CheckOutcome.PROVEN


def test_a_new_session_that_is_denied_does_not_count_as_the_leak_being_alive() -> None:
    checks = simulate(subject(), simulator(lambda _: ("explicitDeny", (OURS,))))

    assert outcomes(checks) == [CheckOutcome.PROVEN, CheckOutcome.INCONCLUSIVE]
    assert reached(checks, claims_of(subject())) == (Level.SIMULATED, True)


def test_an_implicit_denial_is_not_our_deny() -> None:
    checks = simulate(subject(), simulator(lambda _: ("implicitDeny", ())))

    assert checks[0].outcome is CheckOutcome.INCONCLUSIVE


def test_a_missing_api_is_skipped_with_its_reason() -> None:
    for error in (
        MissingPermission("iam:SimulatePrincipalPolicy is not allowed"),
        AwsFailure("no such call", error_code="Unsupported", operation="SimulatePrincipalPolicy"),
    ):
        cloud = simulator(honest)
        cloud.failing["simulate"] = error

        (check,) = simulate(subject(), cloud)

        assert check.outcome is CheckOutcome.SKIPPED
        assert error.message in check.detail


def test_the_deny_of_one_session_is_simulated_as_that_session() -> None:
    cloud = simulator(honest)
    text = deny_text(user_id="AROAAPP:thief")

    checks = simulate(subject(text=text), cloud)

    assert {each[1]["aws:userid"] for each in cloud.asked_for} == {"AROAAPP:thief"}
    assert checks[0].target == "session/app/thief"
    assert reached(checks, claims_of(subject(text=text))) == (Level.SIMULATED, True)


def test_the_deny_of_somebody_else_s_session_says_nothing_about_ours() -> None:
    cloud = simulator(honest)
    earlier = subject(text=deny_text(user_id="AROAAPP:earlier-incident"))

    checks = simulate(earlier, cloud)

    assert outcomes(checks) == [CheckOutcome.SKIPPED]
    assert cloud.asked_for == []


def test_new_sessions_are_not_simulated_where_they_are_not_to_be_spared() -> None:
    strip = step_of(DetachPolicy(holder=ROLE, policy_arn="arn:x"), number=2)
    given = replace(subject(), steps=(deny_step(), strip))

    checks = simulate(given, simulator(honest))

    assert [check.name for check in checks] == ["simulate-old-session"]


def test_a_key_is_not_proven_dead_by_the_simulation_of_its_sessions() -> None:
    user = Principal(type=PrincipalType.USER, name="bob", arn="arn:aws:iam::123456789012:user/bob")
    key = Credential(access_key_id="AKIABOB", kind=CredentialKind.USER_KEY, principal=user)
    bob = Holder(type=HolderType.USER, name="bob")
    off = SetKeyStatus(
        user="bob", key_id="AKIABOB", before=KeyState.ACTIVE, after=KeyState.INACTIVE
    )
    given = Subject(credentials=(key,), steps=(step_of(off), deny_step(holder=bob)), cutoff=CUTOFF)

    checks = simulate(given, simulator(honest))

    assert checks[0].outcome is CheckOutcome.PROVEN
    assert "sessions" in checks[0].detail
    assert reached(checks, claims_of(given))[1] is None


BOB = Holder(type=HolderType.USER, name="bob")
USER = Principal(type=PrincipalType.USER, name="bob", arn="arn:aws:iam::123456789012:user/bob")
OFF = step_of(
    SetKeyStatus(user="bob", key_id="AKIABOB", before=KeyState.ACTIVE, after=KeyState.INACTIVE)
)
EVERYTHING = '{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}'


def proven(level: Level, target: str) -> Check:
    return Check(name="seen", level=level, target=target, outcome=CheckOutcome.PROVEN, detail="")


def test_a_dead_key_whose_sessions_are_seen_to_escape_is_not_the_end_of_it() -> None:
    key = Credential(access_key_id="AKIABOB", kind=CredentialKind.USER_KEY, principal=USER)
    given = Subject(credentials=(key,), steps=(OFF, deny_step(holder=BOB)), cutoff=CUTOFF)

    checks = simulate(given, simulator(lambda _: ("allowed", ("user_bob_Grant",))))

    assert reached([*checks, proven(Level.LIVE, "AKIABOB")], claims_of(given)) == (
        Level.LIVE,
        False,
    )


def test_an_unconditional_deny_is_proven_for_the_key_as_well() -> None:
    key = Credential(access_key_id="AKIABOB", kind=CredentialKind.USER_KEY, principal=USER)
    given = Subject(
        credentials=(key,), steps=(OFF, deny_step(EVERYTHING, holder=BOB)), cutoff=CUTOFF
    )

    checks = simulate(given, simulator(lambda _: ("explicitDeny", (OURS,))))

    assert reached(checks, claims_of(given)) == (Level.SIMULATED, True)


def test_a_user_named_bare_is_no_more_proven_than_his_keys() -> None:
    named = Credential(access_key_id=None, kind=CredentialKind.PRINCIPAL, principal=USER)
    given = Subject(credentials=(named,), steps=(OFF, deny_step(holder=BOB)), cutoff=CUTOFF)

    checks = simulate(given, simulator(honest))
    read = [proven(Level.READ_BACK, "AKIABOB"), proven(Level.READ_BACK, "user/bob")]

    assert checks[0].outcome is CheckOutcome.PROVEN
    assert reached([*checks, *read], claims_of(given)) == (Level.READ_BACK, None)


def test_a_deny_that_another_one_covers_is_not_simulated_again() -> None:
    weaker = step_of(
        SetInlinePolicy(
            holder=ROLE,
            policy_name="Older",
            before=None,
            after=deny_text(CUTOFF - timedelta(hours=1)),
        ),
        number=2,
    )
    for steps in ((weaker, deny_step()), (deny_step(), weaker)):
        cloud = simulator(honest)

        simulate(replace(subject(), steps=steps), cloud)

        assert [each[0] for each in cloud.asked_for] == [
            CUTOFF - timedelta(seconds=1),
            CUTOFF + timedelta(minutes=1),
        ]

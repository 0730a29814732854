"""Ready-made plans, incidents and credentials for tests that read what people read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from unleak.model.action import Holder, HolderType, KeyState, SetInlinePolicy, SetKeyStatus, inverse
from unleak.model.credential import Credential, CredentialKind, CredentialStatus, How
from unleak.model.door import Door, DoorKind, DoorState
from unleak.model.incident import Incident, IncidentSummary, JournalEntry
from unleak.model.outcome import Outcome, Receipt, Status
from unleak.model.plan import Plan, Scope, Stage, Step, StepState, Strategy
from unleak.model.principal import Principal, PrincipalType
from unleak.model.proof import Check, CheckOutcome, Level, RegionProof, Verification
from unleak.model.situation import Caller

ACCOUNT = "123456789012"
CUTOFF = datetime(2026, 11, 24, 7, 0, 0, tzinfo=UTC)
INCIDENT = "20261124-070002-k3fz"
ROLE = Principal(
    type=PrincipalType.ROLE,
    name="deploy",
    arn=f"arn:aws:iam::{ACCOUNT}:role/ci/deploy",
    account=ACCOUNT,
    partition="aws",
    unique_id="AROA2E0A8F3B244C99861",
)
USER = Principal(
    type=PrincipalType.USER,
    name="alice",
    arn=f"arn:aws:iam::{ACCOUNT}:user/alice",
    account=ACCOUNT,
    partition="aws",
    unique_id="AIDA2E0A8F3B244C99862",
)
RESPONDER = Caller(
    account=ACCOUNT,
    arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/responder/oncall",
    unique_id="AROA2E0A8F3B244C99863:oncall",
    access_key_id="ASIA2E0A8F3B244C9980",
)
CUTOFF_DOCUMENT = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"],'
    '"Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-11-24T07:00:00.000Z"}}}]}'
)


def role_session() -> Credential:
    """A role session that CloudTrail knows."""
    return Credential(
        access_key_id="ASIA2E0A8F3B244C9986",
        kind=CredentialKind.ROLE_SESSION,
        account=ACCOUNT,
        partition="aws",
        principal=ROLE,
        session_name="ci-4211",
        issued_at=CUTOFF - timedelta(minutes=41),
        expires_at=CUTOFF + timedelta(minutes=19),
        status=CredentialStatus.ACTIVE,
        how=(How.OFFLINE, How.CLOUDTRAIL),
    )


def user_key() -> Credential:
    """A long-lived key of a user."""
    return Credential(
        access_key_id="AKIA2E0A8F3B244C9987",
        kind=CredentialKind.USER_KEY,
        account=ACCOUNT,
        partition="aws",
        principal=USER,
        status=CredentialStatus.ACTIVE,
        how=(How.OFFLINE, How.IAM),
        notes=("last used 2026-11-24T06:48:00Z, s3 in us-east-1",),
    )


def unknown_session() -> Credential:
    """A session of which nothing is known but its id."""
    return Credential(access_key_id="ASIA2E0A8F3B244C9988", kind=CredentialKind.UNKNOWN_SESSION)


def deny_step(holder: Holder, step_id: str = "a1", *, hours: int = 12) -> Step:
    """The conditional deny on a role or user."""
    return Step(
        id=step_id,
        action=SetInlinePolicy(
            holder=holder,
            policy_name="AWSRevokeOlderSessions",
            before=None,
            after=CUTOFF_DOCUMENT,
        ),
        account=ACCOUNT,
        reason=(
            "temporary credentials cannot be invalidated, only denied: this refuses every session "
            f"of {holder.label} issued before 2026-11-24T07:00:00Z"
        ),
        impact=(
            f"everybody who uses {holder.label} now, thief or honest, is refused until the program "
            "fetches new credentials; restart what does not do so by itself"
        ),
        reversible=True,
        safe_date=CUTOFF + timedelta(hours=hours),
    )


def key_step(step_id: str = "a1") -> Step:
    """The deactivation of the user's key."""
    return Step(
        id=step_id,
        action=SetKeyStatus(
            user="alice",
            key_id="AKIA2E0A8F3B244C9987",
            before=KeyState.ACTIVE,
            after=KeyState.INACTIVE,
        ),
        account=ACCOUNT,
        reason="an inactive key signs nothing",
        impact=(
            "every program that signs with AKIA2E0A8F3B244C9987 stops at once and stays down until "
            "it gets another key"
        ),
        reversible=True,
        safe_date=None,
        revives_leak=True,
    )


def role_session_plan() -> Plan:
    """The default plan for a leaked role session."""
    return Plan(
        credentials=(role_session(),),
        steps=(deny_step(Holder(type=HolderType.ROLE, name="deploy")),),
        cutoff=CUTOFF,
        strategy=Strategy.REVOKE_SESSIONS,
        scope=Scope.PRINCIPAL,
        abilities=(
            "not an administrator; cannot edit IAM, so it cannot lift its own containment",
            "can open sessions of role/artifacts (sts:AssumeRole)",
            "reads and writes data in s3 and dynamodb; can start ec2 instances",
        ),
        manual=(
            (
                "sessions that the leaked credential opened in other roles or accounts live on: "
                "look in CloudTrail for AssumeRole by its key id, and run unleak on each of them"
            ),
        ),
        next=(
            "restart the programs that use it, so that they fetch new credentials",
            "close the way it leaked, and take the secret out of where it was seen",
        ),
    )


def user_key_plan() -> Plan:
    """The default plan for a leaked key of a user."""
    return Plan(
        credentials=(user_key(),),
        steps=(key_step(), deny_step(Holder(type=HolderType.USER, name="alice"), "a2", hours=36)),
        cutoff=CUTOFF,
        strategy=Strategy.REVOKE_SESSIONS,
        scope=Scope.PRINCIPAL,
        abilities=(
            "administrator: it can do everything in this account, lift its own containment too",
        ),
        warnings=(
            (
                "user/alice has another key, AKIA2E0A8F3B244C9981, that stays as it is: look "
                "whether it leaked too"
            ),
        ),
        manual=(
            (
                "console password, MFA devices, SSH keys and service-specific credentials of a "
                "user are not touched: look at them in the IAM console"
            ),
        ),
        next=("give the programs that used the key something new: a role where they can",),
    )


def doors() -> tuple[Door, ...]:
    """What a thief leaves behind, strongest suspicion first."""
    since = "made since the leak"
    evil = Holder(type=HolderType.USER, name="aws-support")
    return (
        Door(
            kind=DoorKind.USER,
            target="user/aws-support",
            reason=(
                f"{since}, and the trail names the leak as its maker: AKIA2E0A8F3B244C9987 of"
                " user/alice"
            ),
            weight=3,
            holder=evil,
            made_at=CUTOFF - timedelta(minutes=12),
        ),
        Door(
            kind=DoorKind.ACCESS_KEY,
            target="AKIA2E0A8F3B244C9982",
            reason=f"{since}; CloudTrail does not say by whom",
            weight=2,
            holder=evil,
            made_at=CUTOFF - timedelta(minutes=11),
            state=DoorState.CONTAINED,
        ),
        Door(
            kind=DoorKind.POLICY_VERSION,
            target=f"arn:aws:iam::{ACCOUNT}:policy/deploy",
            reason="what it allows was changed since the leak; CloudTrail does not say by whom",
            weight=2,
            made_at=CUTOFF - timedelta(minutes=9),
        ),
        Door(
            kind=DoorKind.ROLE_SESSION,
            target="role/admin",
            reason=(
                "used since the leak, and the leaked principal may open sessions of it: a session"
                " of it may be the thief's"
            ),
            weight=1,
            holder=Holder(type=HolderType.ROLE, name="admin"),
        ),
    )


def doors_plan() -> Plan:
    """A plan for a key whose thief has made himself other ways in."""
    since = CUTOFF - timedelta(hours=24)
    return replace(user_key_plan(), doors=doors(), swept_since=since)


def doors_incident() -> Incident:
    """A contained key, with the thief's other ways in still open."""
    return incident(doors_plan(), status=Status.UNPROVEN, verification=None)


def self_lockout_plan() -> Plan:
    """A plan that cuts off the responder as well."""
    plan = role_session_plan()
    steps = tuple(replace(step, stage=Stage.OWN_SESSION) for step in plan.steps)
    return replace(plan, steps=steps, self_lockout=True)


def unknown_facts_plan() -> Plan:
    """A plan made in a hurry, on a cloud that tells little."""
    plan = role_session_plan()
    return replace(
        plan,
        credentials=(replace(unknown_session(), principal=replace(ROLE, arn=None)),),
        abilities=(),
        warnings=(
            (
                "this cloud does not tell who you are, so it is not known whether your own session "
                "is among those cut off"
            ),
        ),
    )


def live_verification() -> Verification:
    """Proven with the leaked credential itself."""
    return Verification(
        level=Level.LIVE,
        effective=True,
        seconds_to_effect=1.24,
        new_sessions_work=True,
        checks=(
            Check(
                name="read-back-put-role-policy",
                level=Level.READ_BACK,
                target="role/deploy",
                outcome=CheckOutcome.PROVEN,
                detail="the policy is in place as written",
            ),
            Check(
                name="simulate-old-session",
                level=Level.SIMULATED,
                target="role/deploy",
                outcome=CheckOutcome.PROVEN,
                detail="explicitly denied in all 4 simulated calls",
            ),
            *(live_check(service) for service in ("s3", "sqs", "dynamodb")),
            Check(
                name="live-ec2",
                level=Level.LIVE,
                target="ASIA2E0A8F3B244C9986",
                outcome=CheckOutcome.INCONCLUSIVE,
                detail="refused, but nothing shows that it was served before the cut",
                region="us-east-1",
            ),
            Check(
                name="new-session-served",
                level=Level.CANARY,
                target="role/deploy",
                outcome=CheckOutcome.PROVEN,
                detail="s3 and sqs served a session from after the cut-off",
            ),
        ),
        regions=(
            RegionProof(region="us-east-1", outcome=CheckOutcome.PROVEN, seconds_to_effect=1.24),
            RegionProof(region="eu-west-1", outcome=CheckOutcome.PROVEN, seconds_to_effect=2.5),
            RegionProof(region="me-south-1", outcome=CheckOutcome.SKIPPED),
        ),
    )


def live_check(service: str, outcome: CheckOutcome = CheckOutcome.PROVEN) -> Check:
    """One probe with the leaked credential."""
    detail = {
        CheckOutcome.PROVEN: "refused 3 times in a row (AccessDenied): an explicit deny",
        CheckOutcome.REFUTED: "still served",
    }
    return Check(
        name=f"live-{service}",
        level=Level.LIVE,
        target="ASIA2E0A8F3B244C9986",
        outcome=outcome,
        detail=detail.get(outcome, "throttled until the end"),
        region="us-east-1",
        at=CUTOFF + timedelta(seconds=4),
    )


def incident(plan: Plan, *, status: Status | None, verification: Verification | None) -> Incident:
    """An incident whose steps are all done; tests change what they are about."""
    plan = plan.with_steps(tuple(replace(step, state=StepState.DONE) for step in plan.steps))
    return Incident(
        id=INCIDENT,
        created_at=CUTOFF + timedelta(seconds=2),
        status=status,
        caller=RESPONDER,
        region="us-east-1",
        credentials=plan.credentials,
        plan=plan,
        outcomes=tuple(done(step.id) for step in plan.steps),
        verification=verification,
        asked_leaked=(),
        entries=entries(),
        is_interrupted=False,
    )


def done(step_id: str) -> Outcome:
    """A step that AWS accepted."""
    receipt = Receipt(request_id="7f2c9d0e-0001", at=CUTOFF + timedelta(seconds=3))
    return Outcome(step_id=step_id, state=StepState.DONE, receipt=receipt)


def failed(step_id: str) -> Outcome:
    """A step that AWS refused."""
    return Outcome(
        step_id=step_id,
        state=StepState.FAILED,
        detail="you may not call iam:UpdateAccessKey on user/alice",
        error_code="AccessDenied",
    )


def entries() -> tuple[JournalEntry, ...]:
    """A short journal."""
    told = (
        ("created", None, "plan of 1 step for ASIA2E0A8F3B244C9986"),
        ("intent", "a1", "put-role-policy on role/deploy"),
        ("outcome", "a1", "done"),
        ("verified", None, "live"),
        ("closed", None, "contained"),
    )
    return tuple(
        JournalEntry(
            number=number,
            at=CUTOFF + timedelta(seconds=number + 1),
            kind=kind,
            step_id=step_id,
            summary=summary,
        )
        for number, (kind, step_id, summary) in enumerate(told, start=1)
    )


def contained_incident() -> Incident:
    """A role session, proven dead with the credential itself."""
    found = incident(role_session_plan(), status=Status.CONTAINED, verification=live_verification())
    return replace(found, asked_leaked=("ASIA2E0A8F3B244C9986",))


def unproven_incident() -> Incident:
    """A role session: read back, simulation not allowed, nothing else possible."""
    checks = (
        live_verification().checks[0],
        Check(
            name="simulate-old-session",
            level=Level.SIMULATED,
            target="role/deploy",
            outcome=CheckOutcome.SKIPPED,
            detail="not simulated: you may not call iam:SimulatePrincipalPolicy",
        ),
    )
    verification = Verification(
        level=Level.READ_BACK,
        effective=None,
        seconds_to_effect=None,
        new_sessions_work=None,
        checks=checks,
    )
    return incident(role_session_plan(), status=Status.UNPROVEN, verification=verification)


def still_alive_incident() -> Incident:
    """The changes are in place and the leaked session was served all the same."""
    checks = (
        *live_verification().checks[:2],
        live_check("s3", CheckOutcome.REFUTED),
        live_check("sqs"),
    )
    verification = Verification(
        level=Level.SIMULATED,
        effective=False,
        seconds_to_effect=None,
        new_sessions_work=False,
        checks=checks,
    )
    return incident(role_session_plan(), status=Status.UNPROVEN, verification=verification)


def contested_incident() -> Incident:
    """Somebody took the deny away while it was watched."""
    removed = Check(
        name="read-back-put-role-policy",
        level=Level.READ_BACK,
        target="role/deploy",
        outcome=CheckOutcome.REFUTED,
        detail="changed since: the policy is gone",
    )
    verification = Verification(
        level=Level.NONE,
        effective=None,
        seconds_to_effect=None,
        new_sessions_work=None,
        checks=(removed,),
    )
    return incident(role_session_plan(), status=Status.CONTESTED, verification=verification)


def partial_incident() -> Incident:
    """The deny is there, the key could not be turned off."""
    found = incident(user_key_plan(), status=Status.PARTIAL, verification=None)
    states = (StepState.FAILED, StepState.DONE)
    steps = tuple(
        replace(step, state=state) for step, state in zip(found.plan.steps, states, strict=True)
    )
    return replace(found, plan=found.plan.with_steps(steps), outcomes=(failed("a1"), done("a2")))


def failed_incident() -> Incident:
    """Nothing could be changed."""
    found = incident(user_key_plan(), status=Status.FAILED, verification=None)
    steps = tuple(replace(step, state=StepState.FAILED) for step in found.plan.steps)
    return replace(found, plan=found.plan.with_steps(steps), outcomes=(failed("a1"), failed("a2")))


def cleanup_incident() -> Incident:
    """A cleanup that took one deny away; its step is the inverse, under incident and step id."""
    step = deny_step(Holder(type=HolderType.ROLE, name="deploy"))
    found = inverse(step.action)
    assert found is not None
    step_id = f"{INCIDENT}/a1"
    removal = replace(step, id=step_id, action=found, reason="undoes a1", state=StepState.UNDONE)
    return replace(
        contained_incident(),
        id="cleanup",
        credentials=(),
        plan=replace(role_session_plan(), credentials=(), steps=(removal,), next=(), manual=()),
        outcomes=(Outcome(step_id=step_id, state=StepState.UNDONE),),
        verification=None,
        asked_leaked=(),
        entries=(),
    )


def summaries() -> tuple[IncidentSummary, ...]:
    """Three incidents, not in order."""
    older = CUTOFF - timedelta(days=3)
    return (
        IncidentSummary(
            id="20261121-070002-aaaa",
            created_at=older,
            status=Status.PARTIAL,
            key_ids=("AKIA2E0A8F3B244C9987", "ASIA2E0A8F3B244C9985"),
            principals=("user/alice",),
        ),
        IncidentSummary(
            id=INCIDENT,
            created_at=CUTOFF,
            status=Status.CONTAINED,
            key_ids=("ASIA2E0A8F3B244C9986",),
            principals=("role/deploy",),
        ),
        IncidentSummary(
            id="20261122-101500-bbbb",
            created_at=older + timedelta(days=1),
            status=None,
            key_ids=(),
            principals=("role/artifacts",),
        ),
    )

"""The rungs above an inline policy that does not fit."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from fakes.cutoffs import policy_cutoff
from unleak.contain.deny_policy import merge_cutoff
from unleak.contain.ladder import Rung, climb
from unleak.model.action import (
    AttachPolicy,
    CreatePolicy,
    DetachPolicy,
    Holder,
    HolderType,
    SetBoundary,
    SetInlinePolicy,
)
from unleak.model.plan import Stage, Step
from unleak.model.principal import Principal, PrincipalType
from unleak.model.reading import Absent, Gap, Known, Unknown
from unleak.model.situation import ManagedPolicy, PrincipalFacts, Quotas

CUTOFF = datetime(2026, 11, 24, 7, 0, 0, tzinfo=UTC)
HOLDER = Holder(type=HolderType.ROLE, name="deploy")
STEP = Step(
    id="a1",
    action=SetInlinePolicy(
        holder=HOLDER,
        policy_name="AWSRevokeOlderSessions",
        before=None,
        after=merge_cutoff(None, CUTOFF).document,
    ),
    account="210987654321",
    reason="",
    impact="",
    reversible=True,
    safe_date=CUTOFF,
)
ATTACHED = tuple(
    ManagedPolicy(arn=f"arn:aws:iam::aws:policy/P{number}", name=f"P{number}")
    for number in range(10)
)
FACTS = PrincipalFacts(
    principal=Principal(type=PrincipalType.ROLE, name="deploy"),
    attached=Known(ATTACHED[:3]),
    boundary=Absent(),
)
ARN = "arn:aws-cn:iam::210987654321:policy/UnleakRevoke-i1-a1"


def rung(above: Rung, facts: PrincipalFacts) -> object:
    """Climb from `above` in the partition `aws-cn`."""
    return climb(STEP, above=above, facts=facts, quotas=Quotas(), incident="i1", partition="aws-cn")


def test_a_managed_policy_comes_first_and_follows_the_partition() -> None:
    found = climb(
        STEP, above=Rung.INLINE, facts=FACTS, quotas=Quotas(), incident="i1", partition="aws-cn"
    )

    assert found is not None
    create, attach = found.steps
    assert isinstance(create.action, CreatePolicy)
    assert create.action.policy_arn == ARN
    assert policy_cutoff(create.action.document) == CUTOFF
    assert attach.action == AttachPolicy(holder=HOLDER, policy_arn=ARN)
    assert attach.stage is Stage.AFTER_CONTAIN
    assert {create.is_fallback_of, attach.is_fallback_of} == {"a1"}


def test_where_no_policy_can_be_attached_the_boundary_allows_all_and_denies() -> None:
    full = replace(FACTS, attached=Known(ATTACHED))

    found = climb(
        STEP, above=Rung.INLINE, facts=full, quotas=Quotas(), incident="i1", partition="aws-cn"
    )

    assert found is not None
    assert found.rung is Rung.BOUNDARY
    create, swap = found.steps
    assert isinstance(create.action, CreatePolicy)
    effects = [each["Effect"] for each in json.loads(create.action.document)["Statement"]]
    assert effects == ["Allow", "Deny"]
    assert swap.action == SetBoundary(holder=HOLDER, before=None, after=f"{ARN}-boundary")


def test_an_existing_boundary_is_kept_inside_the_new_one() -> None:
    old = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    boundary = ManagedPolicy(arn="arn:aws-cn:iam::1:policy/old", name="old", document=Known(old))

    found = climb(
        STEP,
        above=Rung.MANAGED,
        facts=replace(FACTS, boundary=Known(boundary)),
        quotas=Quotas(),
        incident="i1",
        partition="aws-cn",
    )

    assert found is not None
    create, swap = found.steps
    assert isinstance(create.action, CreatePolicy)
    statements = json.loads(create.action.document)["Statement"]
    assert statements[0] == {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    assert statements[1]["Effect"] == "Deny"
    assert swap.action == SetBoundary(holder=HOLDER, before=boundary.arn, after=f"{ARN}-boundary")


def test_a_boundary_that_cannot_be_read_is_not_replaced() -> None:
    facts = replace(FACTS, boundary=Unknown(Gap.DENIED, "not allowed"))

    found = climb(
        STEP, above=Rung.MANAGED, facts=facts, quotas=Quotas(), incident="i1", partition="aws-cn"
    )

    assert found is not None
    assert found.rung is Rung.DETACH
    assert {type(step.action) for step in found.steps} == {DetachPolicy}


def test_without_a_partition_no_arn_is_made_up() -> None:
    found = climb(
        STEP, above=Rung.INLINE, facts=FACTS, quotas=Quotas(), incident="i1", partition=None
    )

    assert found is not None
    assert found.rung is Rung.DETACH


def test_the_ladder_ends() -> None:
    assert rung(Rung.DETACH, FACTS) is None
    assert rung(Rung.BOUNDARY, replace(FACTS, attached=Known(()))) is None

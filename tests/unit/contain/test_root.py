"""What an organization can do about a member's root, and what is left for a person."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from fakes.cloud import START
from fakes.fences import ACCOUNT, MANAGEMENT, caller, facts
from unleak.contain.fence import fence_document, refenced
from unleak.contain.options import Options
from unleak.contain.planner import make_plan
from unleak.contain.root import NEEDED_FEATURES, SESSION_LIFETIME, plan_root
from unleak.contain.root_fence import read_root, root_statement, with_root
from unleak.errors import NotEditable
from unleak.model.action import DeleteRootKey, KeyState, SetFence
from unleak.model.credential import Credential, CredentialKind
from unleak.model.organization import FenceFacts
from unleak.model.plan import StepState
from unleak.model.principal import Principal, PrincipalType
from unleak.model.reading import Absent, Gap, Known, Unknown
from unleak.model.situation import KeyFact, RootFacts, Situation
from unleak.verify.fences import still_fences

KEY, OTHER = "AKIALEAKEDROOTKEY001", "AKIAOTHERROOTKEY0001"
ARN = f"arn:aws:iam::{ACCOUNT}:root"
ROOT = Principal(type=PrincipalType.ROOT, name="root", arn=ARN, account=ACCOUNT, partition="aws")
LEAK = Credential(
    access_key_id=KEY,
    kind=CredentialKind.ROOT_KEY,
    account=ACCOUNT,
    partition="aws",
    principal=ROOT,
)
SESSION = replace(LEAK, kind=CredentialKind.ROOT_SESSION, access_key_id="ASIALEAKEDROOTSESS01")
RESPONDER = caller()


def key(key_id: str) -> KeyFact:
    return KeyFact(key_id=key_id, state=KeyState.ACTIVE)


def known(
    *keys: str, features: frozenset[str] = NEEDED_FEATURES, fence: FenceFacts | None = None
) -> RootFacts:
    return RootFacts(
        account=ACCOUNT,
        fence=fence or facts(),
        features=Known(features),
        keys=Known(tuple(map(key, keys))),
    )


def actions_of(root: RootFacts, *leaked: Credential) -> list[object]:
    draft = plan_root(leaked or (LEAK,), root, caller=RESPONDER, now=START)
    return [step.action for step in draft.steps]


def test_a_member_is_fenced_and_its_leaked_key_is_deleted() -> None:
    fence, deletion = actions_of(known(KEY))

    assert isinstance(fence, SetFence)
    assert deletion == DeleteRootKey(account=ACCOUNT, key_id=KEY)


def test_the_fence_shuts_root_out_and_lets_the_organizations_own_sessions_through() -> None:
    fence, _ = actions_of(known(KEY))

    assert isinstance(fence, SetFence)
    assert json.loads(fence.after or "")["Statement"] == [
        {
            "Sid": "UnleakFenceRoot",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {
                "ArnLike": {"aws:PrincipalArn": [ARN]},
                "Null": {"aws:AssumedRoot": "true"},
            },
        }
    ]


def test_a_deletion_has_no_way_back_and_a_fence_over_a_key_no_date() -> None:
    draft = plan_root((LEAK,), known(KEY), caller=RESPONDER, now=START)

    fence, deletion = draft.steps
    assert (deletion.reversible, deletion.safe_date) == (False, None)
    assert (fence.reversible, fence.safe_date, fence.revives_leak) == (True, None, True)


def test_a_fence_over_a_session_may_go_when_the_session_is_dead() -> None:
    draft = plan_root((SESSION,), known(), caller=RESPONDER, now=START)

    (fence,) = draft.steps
    assert (fence.safe_date, fence.revives_leak) == (START + SESSION_LIFETIME, False)


def test_only_the_leaked_key_is_deleted_and_the_other_is_told() -> None:
    draft = plan_root((LEAK,), known(KEY, OTHER), caller=RESPONDER, now=START)

    deleted = [each.action for each in draft.steps if isinstance(each.action, DeleteRootKey)]
    assert deleted == [DeleteRootKey(account=ACCOUNT, key_id=KEY)]
    assert any(OTHER in line for line in draft.warnings)


def test_a_key_that_is_gone_already_is_not_deleted_again() -> None:
    draft = plan_root((LEAK,), known(OTHER), caller=RESPONDER, now=START)

    assert draft.steps[1].state is StepState.ALREADY


def test_nothing_is_deleted_that_could_not_be_listed() -> None:
    unseen = replace(known(), keys=Unknown(Gap.DENIED, "not allowed to call AssumeRoot"))

    draft = plan_root((LEAK,), unseen, caller=RESPONDER, now=START)

    assert [type(each.action) for each in draft.steps] == [SetFence]
    assert any("nothing is deleted unseen" in line for line in draft.manual)


@pytest.mark.parametrize(
    ("features", "command"),
    [
        (frozenset[str](), "enable-organizations-root-credentials-management"),
        (frozenset({"RootCredentialsManagement"}), "enable-organizations-root-sessions"),
    ],
)
def test_without_central_root_access_the_fence_holds_and_a_person_deletes(
    features: frozenset[str], command: str
) -> None:
    draft = plan_root((LEAK,), known(features=features), caller=RESPONDER, now=START)

    assert [type(each.action) for each in draft.steps] == [SetFence]
    assert any(command in line for line in draft.manual)
    assert any(f"deactivate {KEY}, then delete it" in line for line in draft.manual)


def test_where_the_key_is_deleted_the_list_leaves_that_out_and_keeps_the_rest() -> None:
    draft = plan_root((LEAK,), known(KEY), caller=RESPONDER, now=START)

    text = " ".join(draft.manual)
    assert "deactivate" not in text
    for word in ("password", "MFA", "e-mail", "alternate contacts", "support case"):
        assert word in text


def test_a_fence_of_earlier_incidents_is_added_to() -> None:
    principal = Principal(type=PrincipalType.ROLE, name="app", account=ACCOUNT, partition="aws")
    before = fence_document(None, principals=(principal,), responder=RESPONDER, freeze=False)

    after = with_root(before, ARN, limit=10_240)

    sids = [each["Sid"] for each in json.loads(after)["Statement"]]
    assert sids == ["UnleakFence", "UnleakFenceRoot"]
    assert with_root(after, ARN, limit=10_240) == after


def test_a_fence_that_is_there_already_is_not_written_again() -> None:
    there = with_root(None, ARN, limit=10_240)

    draft = plan_root(
        (SESSION,), known(fence=facts(document=Known(there))), caller=RESPONDER, now=START
    )

    assert [each.state for each in draft.steps] == [StepState.ALREADY]


def test_the_responder_who_is_this_root_is_not_shut_out() -> None:
    draft = plan_root((LEAK,), known(KEY), caller=caller(ARN), now=START)

    assert [type(each.action) for each in draft.steps] == [DeleteRootKey]
    assert any("you are signed in as this very root" in line for line in draft.warnings)


def test_a_statement_of_root_is_read_back_only_as_we_write_it() -> None:
    written = root_statement(ARN)
    edited = root_statement(ARN)
    edited["Action"] = ["s3:*"]

    assert read_root(written) == ARN
    assert read_root(edited) is None


def test_a_weakened_fence_gets_its_statement_of_root_back() -> None:
    wanted = with_root(None, ARN, limit=10_240)
    current = '{"Version":"2012-10-17","Statement":[]}'

    assert json.loads(refenced(current, wanted)) == json.loads(wanted)


def test_a_fence_around_root_is_known_again_and_a_hole_in_it_is_seen() -> None:
    wanted = with_root(None, ARN, limit=10_240)
    hole = wanted.replace('"aws:AssumedRoot": "true"', '"x": "y"').replace(
        '"aws:AssumedRoot":"true"', '"aws:MultiFactorAuthAge":"true"'
    )

    assert still_fences(wanted, wanted)
    assert not still_fences(hole, wanted)


def situation(*roots: RootFacts) -> Situation:
    return Situation(caller=RESPONDER, credentials=(LEAK,), principals=(), roots=roots)


def test_the_plan_of_a_leaked_root_key_is_the_fence_and_the_deletion() -> None:
    plan = make_plan(situation(known(KEY)), Options(), now=START)

    assert [step.id for step in plan.steps] == ["a1", "a2"]
    assert plan.not_contained == ()


def test_a_root_of_another_account_is_reached_through_the_organization() -> None:
    abroad = replace(
        situation(known(KEY)),
        caller=replace(RESPONDER, account=MANAGEMENT, arn=f"arn:aws:iam::{MANAGEMENT}:role/ir"),
    )

    plan = make_plan(abroad, Options(), now=START)

    assert [type(step.action) for step in plan.steps] == [SetFence, DeleteRootKey]


@pytest.mark.parametrize(
    ("organization", "words"),
    [
        (Absent(), "no organization"),
        (Known(replace(facts().organization.value, management_account=ACCOUNT)), "management"),  # type: ignore[union-attr]  # the fake's is Known
    ],
)
def test_where_no_organization_helps_it_is_refused_with_the_exact_list(
    organization: Absent | Known[object], words: str
) -> None:
    fence = FenceFacts(organization=organization)  # type: ignore[arg-type]  # one of two cases
    out = RootFacts(account=ACCOUNT, fence=fence, features=Unknown(Gap.UNSUPPORTED, "no"))

    with pytest.raises(NotEditable) as raised:
        make_plan(situation(out), Options(), now=START)

    assert words in raised.value.hint
    assert f"deactivate {KEY}, then delete it" in raised.value.hint


def test_where_nobody_looked_it_is_refused_too() -> None:
    with pytest.raises(NotEditable, match="no policy in IAM can limit root"):
        make_plan(situation(), Options(), now=START)

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes import examples
from fakes.fences import ACCOUNT, caller, role, user
from unleak.contain.fence import fence_document
from unleak.errors import Interrupted, WrongUse
from unleak.model.action import (
    Action,
    AttachPolicy,
    CreatePolicy,
    CreateRole,
    DeleteKey,
    DeletePolicy,
    DeleteRole,
    DetachPolicy,
    Holder,
    HolderType,
    JoinGroup,
    JoinInstanceProfile,
    KeyState,
    LeaveGroup,
    LeaveInstanceProfile,
    RoleRecord,
    SetBoundary,
    SetFence,
    SetInlinePolicy,
    SetKeyStatus,
    inverse,
)
from unleak.model.credential import CredentialKind, CredentialStatus, How
from unleak.model.outcome import Status
from unleak.model.plan import Scope, StepState, Strategy
from unleak.model.proof import Check, CheckOutcome, Level, Verification
from unleak.report.action_words import before_and_after, imperative
from unleak.report.advice import advice, way_back_lines
from unleak.report.credential_words import identified_page, status_words
from unleak.report.error_words import error_page
from unleak.report.plain import lay_out
from unleak.report.plan_words import plan_page, question
from unleak.report.proof_words import level_words, proof_lines, unclear_lines
from unleak.report.result_words import incidents_page, result_page, status_headline
from unleak.report.step_words import finished_entry, way_back
from unleak.report.wording import how_words, join_words, kind_words, sentence

if TYPE_CHECKING:
    from unleak.model.incident import Incident
    from unleak.report.page import Page

ROLE = Holder(type=HolderType.ROLE, name="deploy")
FENCE = fence_document(
    None, principals=[role("deploy"), user("bob")], responder=caller(), freeze=True
)
RECORD = RoleRecord(
    name="deploy",
    path="/",
    trust_policy="{}",
    description="",
    max_session_seconds=3600,
    boundary=None,
    tags=(),
)
ARN = f"arn:aws:iam::{examples.ACCOUNT}:policy/unleak-x"
KEY = "AKIA2E0A8F3B244C9987"
DENY_ALL = '{"Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"]}]}'
ONE_SESSION = (
    '{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":'
    '{"StringEquals":{"aws:userid":"AROA:x"},"DateLessThan":{"aws:TokenIssueTime":"Z"}}}}'
)
ALLOW = '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


def inline(after: str | None, before: str | None = None) -> SetInlinePolicy:
    return SetInlinePolicy(holder=ROLE, policy_name="p", before=before, after=after)


WORDS: list[tuple[Action, str]] = [
    (
        SetKeyStatus(user="a", key_id=KEY, before=KeyState.ACTIVE, after=KeyState.INACTIVE),
        f"Turn off access key {KEY} of user/a",
    ),
    (
        SetKeyStatus(user="a", key_id=KEY, before=KeyState.INACTIVE, after=KeyState.ACTIVE),
        f"Turn access key {KEY} of user/a on again",
    ),
    (DeleteKey(user="a", key_id=KEY), f"Delete access key {KEY} of user/a for good"),
    (inline(examples.CUTOFF_DOCUMENT), "Deny the old sessions of role/deploy (policy p)"),
    (inline(ONE_SESSION), "Deny single sessions of role/deploy (policy p)"),
    (inline(DENY_ALL), "Deny everything to role/deploy (policy p)"),
    (inline(ALLOW), "Write the inline policy p on role/deploy"),
    (inline(ALLOW, DENY_ALL), "Change the inline policy p on role/deploy"),
    (inline("no JSON"), "Write the inline policy p on role/deploy"),
    (inline("[]"), "Write the inline policy p on role/deploy"),
    (inline('{"Statement":[]}'), "Write the inline policy p on role/deploy"),
    (
        inline('{"Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}'),
        "Write the inline policy p on role/deploy",
    ),
    (inline(None, ALLOW), "Remove the inline policy p from role/deploy"),
    (
        CreatePolicy(policy_arn=ARN, policy_name="unleak-x", document="{}"),
        "Create the managed policy unleak-x",
    ),
    (
        DeletePolicy(policy_arn=ARN, policy_name="unleak-x", document="{}"),
        "Delete the managed policy unleak-x",
    ),
    (AttachPolicy(holder=ROLE, policy_arn=ARN), f"Attach the policy {ARN} to role/deploy"),
    (DetachPolicy(holder=ROLE, policy_arn=ARN), f"Detach the policy {ARN} from role/deploy"),
    (
        SetBoundary(holder=ROLE, before=None, after=ARN),
        f"Set the permissions boundary of role/deploy to {ARN}",
    ),
    (
        SetBoundary(holder=ROLE, before=ARN, after=None),
        "Remove the permissions boundary of role/deploy",
    ),
    (LeaveGroup(user="a", group="g"), "Take user/a out of group/g"),
    (JoinGroup(user="a", group="g"), "Put user/a back into group/g"),
    (DeleteRole(record=RECORD), "Delete role/deploy"),
    (CreateRole(record=RECORD), "Create role/deploy again"),
    (
        LeaveInstanceProfile(role="deploy", profile="web"),
        "Take role/deploy out of the instance profile web",
    ),
    (
        JoinInstanceProfile(role="deploy", profile="web"),
        "Put role/deploy back into the instance profile web",
    ),
    (
        SetFence(account="123456789012", before=None, after="{}"),
        "Put a fence around account 123456789012 (service control policy UnleakFence-123456789012)",
    ),
    (
        SetFence(account="123456789012", before="{}", after=FENCE),
        f"Change the fence of account {ACCOUNT} (service control policy UnleakFence-{ACCOUNT})",
    ),
    (
        SetFence(account="123456789012", before="{}", after=None),
        "Lift the fence of account 123456789012 (service control policy UnleakFence-123456789012)",
    ),
]
INCIDENTS = [
    examples.contained_incident(),
    examples.unproven_incident(),
    examples.still_alive_incident(),
    examples.contested_incident(),
    examples.partial_incident(),
    examples.failed_incident(),
]


def text_of(page: Page) -> str:
    return lay_out(page, width=400)


def proven(level: Level, **more: bool | None) -> Verification:
    check = Check(
        name=f"{level}-x",
        level=level,
        target="role/deploy",
        outcome=CheckOutcome.PROVEN,
        detail="",
    )
    return Verification(
        level=level,
        effective=more.get("effective", True),
        seconds_to_effect=None,
        new_sessions_work=more.get("new_sessions_work"),
        checks=(check,),
    )


def with_proof(verification: Verification | None) -> Incident:
    return replace(examples.contained_incident(), verification=verification)


@pytest.mark.parametrize(("action", "words"), WORDS, ids=[words for _, words in WORDS])
def test_every_action_is_an_order_that_names_what_it_changes(action: Action, words: str) -> None:
    assert imperative(action) == words


@pytest.mark.parametrize("action", [action for action, _ in WORDS], ids=lambda each: str(each)[:40])
def test_undoing_an_action_turns_before_and_after_round(action: Action) -> None:
    undone = inverse(action)

    before, after = before_and_after(action)
    assert before != after
    if undone is not None and not isinstance(action, DeleteRole | CreateRole):
        assert before_and_after(undone) == (after, before)


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda each: status_headline(each, each.status))
def test_every_result_opens_with_its_status_and_has_a_next_step(incident: Incident) -> None:
    assert incident.status is not None
    page = text_of(result_page(incident, incident.status))

    opening = {
        Status.CONTAINED: "CONTAINED",
        Status.UNPROVEN: "NOT ",
        Status.CONTESTED: "CONTESTED",
        Status.PARTIAL: "PARTLY DONE",
        Status.FAILED: "FAILED",
    }
    assert page.startswith(opening[incident.status])
    assert "1. " in page.partition("What to do next")[2].partition("The way back")[0]
    assert examples.INCIDENT in page


@pytest.mark.parametrize("level", [Level.NONE, Level.READ_BACK, Level.SIMULATED, Level.CANARY])
def test_below_live_nobody_claims_that_the_leaked_credential_was_refused(level: Level) -> None:
    page = text_of(result_page(with_proof(proven(level)), Status.CONTAINED))

    assert "The leaked credential itself was refused" not in page
    assert "Tried for real and refused" not in page


def test_the_time_to_effect_is_told_only_where_it_was_measured() -> None:
    measured = text_of(result_page(examples.contained_incident(), Status.CONTAINED))
    unmeasured = text_of(result_page(with_proof(proven(Level.LIVE)), Status.CONTAINED))

    assert "1.2 s after the deny was accepted" in measured
    assert "after the deny was accepted" not in unmeasured


@pytest.mark.parametrize(
    ("works", "words"),
    [
        (True, "New sessions work: one"),
        (False, "New sessions do NOT work"),
        (None, "not known whether they work"),
    ],
)
def test_new_sessions_are_told_as_they_were_seen(works: bool | None, words: str) -> None:  # noqa: FBT001 - a parameter of the table above
    verification = proven(Level.CANARY, new_sessions_work=works)

    page = text_of(result_page(with_proof(verification), Status.CONTAINED))

    assert words in page


def test_a_spared_new_session_is_never_told_as_a_refusal() -> None:
    control = Check(
        name="new-session-simulated",
        level=Level.SIMULATED,
        target="role/deploy",
        outcome=CheckOutcome.PROVEN,
        detail="a session from after the cut-off meets no explicit deny",
    )
    verification = replace(proven(Level.READ_BACK), checks=(control,))

    assert proof_lines(verification)[0] == "No check showed anything."


def test_a_refutation_comes_before_all_that_was_proven() -> None:
    lines = proof_lines(examples.still_alive_incident().verification)

    assert lines[0].startswith("The leaked credential itself STILL WORKS")


@pytest.mark.parametrize(
    ("verification", "words"),
    [
        (None, "AWS accepted the changes"),
        (proven(Level.SIMULATED, effective=False), "seen to work still"),
        (proven(Level.CANARY), "The proof ends at canary"),
        (proven(Level.READ_BACK, effective=None), "nothing shows yet"),
    ],
)
def test_not_proven_says_how_far_the_proof_went(
    verification: Verification | None, words: str
) -> None:
    assert words in status_headline(with_proof(verification), Status.UNPROVEN)


def test_a_response_that_was_put_back_is_not_called_contained() -> None:
    incident = examples.contained_incident()
    steps = tuple(replace(step, state=StepState.UNDONE) for step in incident.plan.steps)
    incident = replace(incident, plan=incident.plan.with_steps(steps))

    page = text_of(result_page(incident, Status.CONTAINED))

    assert page.startswith("PUT BACK. 1 change undone, 0 still in place.")
    assert "CONTAINED" not in page
    assert "nothing left to undo" in page


def test_an_interrupted_response_says_how_to_go_on() -> None:
    incident = replace(examples.contained_incident(), is_interrupted=True)

    page = text_of(result_page(incident, Status.PARTIAL))

    assert f"interrupted before its end: `unleak resume {examples.INCIDENT}` goes on" in page


def test_what_cannot_be_contained_from_here_is_an_alarm_in_the_result() -> None:
    incident = examples.contained_incident()
    plan = replace(incident.plan, not_contained=("ASIA2E0A8F3B244C9990: of another account",))

    page = text_of(result_page(replace(incident, plan=plan), Status.PARTIAL))

    assert "Not contained: ASIA2E0A8F3B244C9990" in page.partition("How we know")[0]


def test_a_result_without_steps_says_that_nothing_was_changed() -> None:
    incident = examples.contained_incident()
    incident = replace(incident, plan=incident.plan.with_steps(()), outcomes=())

    page = text_of(result_page(incident, Status.FAILED))

    assert "Nothing was changed." in page
    assert "nothing to undo" in page


def test_a_command_that_the_flow_names_already_is_not_said_twice() -> None:
    given = (f"unleak verify {examples.INCIDENT} in ten minutes",)

    lines = advice(examples.unproven_incident(), Status.UNPROVEN, given)

    assert len([line for line in lines if "unleak verify" in line]) == 1
    assert "Until that says contained, treat the credential as alive." in lines


@pytest.mark.parametrize("status", Status)
def test_there_is_always_something_to_do_next(status: Status) -> None:
    incident = examples.contained_incident()
    incident = replace(incident, plan=replace(incident.plan, next=()))

    assert advice(incident, status)


def test_the_way_back_tells_the_last_safe_date_and_that_a_leaked_key_stays_off() -> None:
    plan = examples.user_key_plan()
    incident = examples.incident(plan, status=Status.CONTAINED, verification=None)

    lines = " ".join(way_back_lines(incident))

    assert "Safe from 2026-11-25T19:00:00Z on" in lines
    assert "--force" in lines


def test_steps_without_a_date_and_without_a_leak_are_simply_put_back() -> None:
    plan = examples.role_session_plan()
    step = replace(plan.steps[0], safe_date=None)
    incident = examples.incident(plan.with_steps((step,)), status=None, verification=None)

    assert way_back_lines(incident) == (
        f"`unleak undo {examples.INCIDENT}` puts back what was changed.",
    )
    assert way_back(step) == "`unleak undo`. No date makes that safe by itself."


def test_what_was_deleted_for_good_has_no_way_back() -> None:
    plan = examples.user_key_plan()
    step = replace(plan.steps[0], reversible=False, revives_leak=False)
    incident = examples.incident(plan.with_steps((step,)), status=None, verification=None)

    assert way_back_lines(incident) == ("What was deleted for good cannot be put back.",)
    assert way_back(step) == "None. This cannot be undone."


def test_a_plan_that_cuts_off_the_responder_says_so_before_anything_else() -> None:
    page = text_of(plan_page(examples.self_lockout_plan()))

    lines = page.splitlines()
    assert lines[0].startswith("PLAN to cut off")
    assert lines[2].startswith("THIS CUTS YOU OFF TOO")
    assert "You will be cut off too." in question(examples.self_lockout_plan())


def test_a_plan_without_abilities_takes_the_worst_for_granted() -> None:
    page = text_of(plan_page(examples.unknown_facts_plan()))

    assert "Not looked at, so take it for everything its owner may do." in page


def test_a_plan_with_nothing_left_to_do_says_so() -> None:
    plan = examples.role_session_plan()
    steps = tuple(replace(step, state=StepState.ALREADY) for step in plan.steps)

    page = text_of(plan_page(plan.with_steps(steps)))

    assert page.startswith("PLAN. There is nothing left to change")
    assert "0 changes; 1 in place already" in page
    assert "nothing to do, it is so already" in page


def test_a_plan_without_steps_says_that_no_change_would_help() -> None:
    plan = replace(examples.role_session_plan(), steps=(), cutoff=None)

    assert "no change of ours would help" in text_of(plan_page(plan))


@pytest.mark.parametrize("strategy", Strategy)
def test_every_strategy_is_told_in_words(strategy: Strategy) -> None:
    plan = replace(examples.role_session_plan(), strategy=strategy, scope=Scope.SESSION)

    page = text_of(plan_page(plan))

    assert ("one session name only" in page) == (strategy is Strategy.REVOKE_SESSIONS)


def test_the_question_counts_the_changes_and_names_what_is_cut_off() -> None:
    assert question(examples.user_key_plan()) == f"Make 2 changes now to cut off {KEY}?"


def test_nothing_found_says_what_to_name_instead() -> None:
    page = text_of(identified_page(()))

    assert page.startswith("No AWS credential was found.")
    assert "unleak plan role/NAME" in page


def test_a_federated_session_tells_who_opened_it() -> None:
    credential = replace(
        examples.role_session(), kind=CredentialKind.FEDERATED_SESSION, parent=examples.USER
    )

    assert "opened by" in text_of(identified_page((credential,)))


def test_no_incidents_is_said_with_what_to_do() -> None:
    assert "unleak revoke" in text_of(incidents_page(()))


def test_an_unknown_status_is_not_told_as_dead() -> None:
    assert status_words(None) == "not known: take it for alive"


@pytest.mark.parametrize("kind", CredentialKind)
def test_every_kind_of_credential_has_words(kind: CredentialKind) -> None:
    assert kind_words(kind)


@pytest.mark.parametrize("status", CredentialStatus)
def test_every_status_has_words(status: CredentialStatus) -> None:
    assert str(status) in status_words(status)


@pytest.mark.parametrize("level", Level)
def test_every_level_is_named_and_explained(level: Level) -> None:
    assert level_words(level).startswith(f"Level of proof: {level}. ")


def test_every_source_of_a_fact_has_words() -> None:
    assert how_words(tuple(How)).count(";") == len(How) - 1
    assert how_words(()) == "not known"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("", ""),
        ("sign in again", "Sign in again."),
        ("role/x is gone", "role/x is gone."),
        ("administrator: it may do everything", "Administrator: it may do everything."),
        ("Done!", "Done!"),
        ("unleak resume latest", "unleak resume latest"),
        ("s3 said no", "s3 said no."),
    ],
)
def test_a_sentence_begins_and_ends_as_one_and_names_keep_their_case(raw: str, said: str) -> None:
    assert sentence(raw) == said


@settings(deadline=None)
@given(st.text(max_size=60))
def test_making_a_sentence_twice_changes_nothing_more(text: str) -> None:
    assert sentence(sentence(text)) == sentence(text)


def test_words_are_joined_as_people_join_them() -> None:
    assert [join_words(each) for each in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (StepState.PLANNED, "NOT DONE"),
        (StepState.DONE, "done"),
        (StepState.ALREADY, "was so already"),
        (StepState.SKIPPED, "skipped"),
        (StepState.FAILED, "FAILED"),
        (StepState.UNDONE, "undone"),
    ],
)
def test_a_step_is_told_with_its_state_first(state: StepState, words: str) -> None:
    step = replace(examples.key_step(), state=state)

    entry = finished_entry(step, None)

    assert entry.mark == f"[{words}]"
    assert entry.facts == ()


def test_steps_that_were_never_tried_are_counted_in_the_result() -> None:
    incident = examples.incident(examples.user_key_plan(), status=None, verification=None)
    steps = tuple(replace(step, state=StepState.PLANNED) for step in incident.plan.steps)
    incident = replace(incident, plan=incident.plan.with_steps(steps), outcomes=())

    page = text_of(result_page(incident, Status.PARTIAL))

    assert "2 changes not tried yet." in page
    assert page.startswith("PARTLY DONE. 0 of 2 changes in place.")


def test_the_answer_to_a_self_lockout_is_in_the_result_too() -> None:
    incident = examples.incident(
        examples.self_lockout_plan(), status=Status.CONTAINED, verification=None
    )

    assert "sign in again to go on" in text_of(result_page(incident, Status.CONTAINED))


def test_an_interrupted_run_says_that_nothing_is_lost() -> None:
    page = text_of(error_page(Interrupted("you pressed Ctrl-C", hint="unleak resume latest")))

    assert "What was done so far is written down; nothing is lost." in page
    assert "unleak resume latest" in page


def test_a_refusal_without_a_hint_points_to_the_help() -> None:
    page = text_of(error_page(WrongUse("that makes no sense")))

    assert "Nothing was changed." in page
    assert "unleak --help" in page


def test_checks_that_tell_nothing_are_counted_on_screen_and_told_in_the_report() -> None:
    verification = examples.live_verification()

    brief, full = proof_lines(verification, is_brief=True), proof_lines(verification)

    assert brief[-1] == "1 more check: no answer that tells (see the report)."
    assert "ec2 (us-east-1)" in full[-1]


def test_checks_that_tell_nothing_are_told_on_screen_where_nothing_else_proves_it() -> None:
    lines = proof_lines(examples.unproven_incident().verification, is_brief=True)

    assert "iam:SimulatePrincipalPolicy" in lines[-1]


def test_probes_of_several_regions_name_their_credential_once() -> None:
    first = examples.live_check("s3")
    verification = replace(proven(Level.LIVE), checks=(first, replace(first, region="eu-west-1")))

    lines = proof_lines(verification)

    assert lines[0] == (
        "The leaked credential itself was refused: ASIA2E0A8F3B244C9986 in s3 (us-east-1), "
        "s3 (eu-west-1)."
    )


def test_a_sentence_names_three_regions_and_counts_the_others() -> None:
    places = ("us-east-1", "eu-west-1", "sa-east-1", "eu-west-2", "eu-west-3")
    checks = tuple(replace(examples.live_check("s3"), region=each) for each in places)

    lines = proof_lines(replace(proven(Level.LIVE), checks=checks))

    assert lines[0].endswith("s3 (sa-east-1) and 2 more regions.")


def test_a_probe_that_was_not_possible_at_all_is_told_as_real_calls() -> None:
    check = replace(examples.live_check("s3", CheckOutcome.SKIPPED), name="live", region=None)

    (line,) = unclear_lines(replace(proven(Level.LIVE), checks=(check,)))

    assert line.startswith("Not tried (ASIA2E0A8F3B244C9986 in real calls): ")


def test_a_fence_says_whom_it_shuts_out() -> None:
    action = SetFence(account=ACCOUNT, before=None, after=FENCE)

    assert before_and_after(action) == (
        "no service control policy UnleakFence-123456789012",
        "UnleakFence-123456789012 shuts out role/deploy, user/bob, IAM is frozen",
    )


def test_a_long_fence_is_cut_short_in_words() -> None:
    many = [user(f"u{number}") for number in range(7)]
    document = fence_document(None, principals=many, responder=caller(), freeze=False)

    _, after = before_and_after(SetFence(account=ACCOUNT, before=None, after=document))

    assert after.endswith("user/u0, user/u1, user/u2, user/u3, user/u4 and 2 more")


@pytest.mark.parametrize("document", ["not JSON", "[]", '{"Statement":{"Sid":"UnleakFence"}}'])
def test_a_fence_that_cannot_be_read_is_said_so(document: str) -> None:
    before, _ = before_and_after(SetFence(account=ACCOUNT, before=document, after=None))

    assert before == "UnleakFence-123456789012 shuts out nobody that can be read from it"

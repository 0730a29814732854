"""The three lines about what a credential can do: nothing rounded up, nothing rounded down."""

from __future__ import annotations

import json

import pytest

from fakes.cloud import FakeCloud
from unleak.errors import MissingPermission
from unleak.identify.policy_eval import Verdict
from unleak.identify.reach import ASKED, abilities, can_edit_own_containment, simulated_abilities
from unleak.model.policy_names import CONSOLE_POLICY, DENY_ALL_POLICY
from unleak.model.ports import Simulation
from unleak.model.principal import Principal, PrincipalType
from unleak.model.reading import NOT_LOOKED_AT, Absent, Gap, Known, Unknown
from unleak.model.situation import GroupFacts, InlinePolicy, ManagedPolicy, PrincipalFacts

ROLE_ARN = "arn:aws:iam::123456789012:role/app"
ROLE = Principal(type=PrincipalType.ROLE, name="app", arn=ROLE_ARN)
USER = Principal(type=PrincipalType.USER, name="bob", arn="arn:aws:iam::123456789012:user/bob")


def text(*actions: str, effect: str = "Allow", resource: str = "*", condition: bool = False) -> str:
    statement: dict[str, object] = {"Effect": effect, "Action": actions, "Resource": resource}
    if condition:
        statement["Condition"] = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def role(*documents: str, **inline: str) -> PrincipalFacts:
    policies = [InlinePolicy(name=f"p{at}", document=each) for at, each in enumerate(documents)]
    policies += [InlinePolicy(name=name, document=each) for name, each in inline.items()]
    return PrincipalFacts(
        principal=ROLE, inline=Known(tuple(policies)), attached=Known(()), boundary=Absent()
    )


def managed(name: str) -> ManagedPolicy:
    return ManagedPolicy(arn=f"arn:aws:iam::aws:policy/{name}", name=name)


def test_everything_on_everything_is_an_administrator() -> None:
    control, data, spend = abilities(role(text("*")), NOT_LOOKED_AT)

    assert control.startswith("Control: administrator;")
    assert "can edit its own containment: yes" in control
    assert "Secrets Manager secrets" in data
    assert "EC2 instances" in spend


def test_everything_but_iam_is_no_administrator() -> None:
    facts = PrincipalFacts(
        principal=ROLE,
        inline=Known(()),
        attached=Known((managed("PowerUserAccess"),)),
        boundary=Absent(),
    )

    control, _, spend = abilities(facts, NOT_LOOKED_AT)

    assert "everything but IAM by the name of PowerUserAccess" in control
    assert "can edit its own containment: no" in control
    assert "EC2 instances" in spend


def test_a_customers_policy_is_not_judged_by_an_aws_name() -> None:
    own = ManagedPolicy(
        arn="arn:aws:iam::123456789012:policy/AdministratorAccess", name="AdministratorAccess"
    )
    facts = PrincipalFacts(
        principal=ROLE, inline=Known(()), attached=Known((own,)), boundary=Absent()
    )

    control, _, _ = abilities(facts, NOT_LOOKED_AT)

    assert "whether it is an administrator is not known" in control
    assert "Not read: AdministratorAccess (its text could not be read)" in control


def test_no_policy_at_all_is_nothing() -> None:
    control, data, spend = abilities(role(), NOT_LOOKED_AT)

    assert "not an administrator; can edit IAM: no" in control
    assert data == "Data: nothing, by its policies."
    assert spend == "Spend: nothing, by its policies."


def test_what_was_not_looked_at_is_said_in_every_line() -> None:
    lines = abilities(PrincipalFacts(principal=ROLE), NOT_LOOKED_AT)

    assert all("Not read:" in line for line in lines)
    assert not any("nothing" in line for line in lines)
    assert can_edit_own_containment(PrincipalFacts(principal=ROLE)) is Verdict.UNKNOWN


def test_a_condition_is_told_as_maybe() -> None:
    _, data, _ = abilities(role(text("s3:*", condition=True)), NOT_LOOKED_AT)

    assert data == "Data: can read S3 objects (maybe, under conditions)."


def test_an_earlier_cut_off_does_not_lessen_what_it_can_do() -> None:
    facts = role(text("*"), **{CONSOLE_POLICY: text("*", effect="Deny", condition=True)})

    control, _, _ = abilities(facts, NOT_LOOKED_AT)

    assert control.startswith("Control: administrator;")


def test_a_deny_of_everything_leaves_nothing() -> None:
    facts = role(text("*"), **{DENY_ALL_POLICY: text("*", effect="Deny")})

    _, data, _ = abilities(facts, NOT_LOOKED_AT)

    assert data == "Data: nothing, by its policies."


def test_a_group_counts_and_a_user_always_mints_sessions_of_itself() -> None:
    group = GroupFacts(
        name="admins",
        inline=Known((InlinePolicy(name="all", document=text("*")),)),
        attached=Known(()),
    )
    facts = PrincipalFacts(
        principal=USER,
        inline=Known(()),
        attached=Known(()),
        groups=Known((group,)),
        boundary=Absent(),
    )

    control, _, _ = abilities(facts, NOT_LOOKED_AT)

    assert control.startswith("Control: administrator;")
    assert "GetSessionToken needs no permission" in control


def test_groups_that_could_not_be_read_are_named() -> None:
    facts = PrincipalFacts(
        principal=USER,
        inline=Known(()),
        attached=Known(()),
        groups=Unknown(Gap.DENIED, "iam:ListGroupsForUser is not allowed for us"),
        boundary=Absent(),
    )

    control, data, _ = abilities(facts, NOT_LOOKED_AT)

    assert "Not read: groups (iam:ListGroupsForUser is not allowed for us)." in control
    assert "not known" in data


def test_a_boundary_takes_away() -> None:
    bound = ManagedPolicy(
        arn="arn:aws:iam::123456789012:policy/b", name="b", document=Known(text("s3:*"))
    )
    facts = PrincipalFacts(
        principal=ROLE,
        inline=Known((InlinePolicy(name="all", document=text("*")),)),
        attached=Known(()),
        boundary=Known(bound),
    )

    control, data, spend = abilities(facts, NOT_LOOKED_AT)

    assert "not an administrator" in control
    assert data == "Data: can read S3 objects."
    assert spend == "Spend: nothing, by its policies."


@pytest.mark.parametrize(
    ("document", "verdict"),
    [
        (text("iam:DeleteRolePolicy", resource=ROLE_ARN), Verdict.YES),
        (text("iam:DeleteRolePolicy", resource=ROLE_ARN + "-other"), Verdict.NO),
        (text("iam:*Role*", resource="arn:aws:iam::*:role/*"), Verdict.YES),
        (text("iam:DeleteRolePolicy", condition=True), Verdict.MAYBE),
        (text("iam:DeleteUserPolicy"), Verdict.NO),
        ("no policy", Verdict.UNKNOWN),
    ],
)
def test_whether_it_can_take_the_deny_off_itself(document: str, verdict: Verdict) -> None:
    assert can_edit_own_containment(role(document)) is verdict


def test_a_user_that_may_manage_itself_by_variable_can_edit_its_containment() -> None:
    own = text("iam:*AccessKey*", resource="arn:aws:iam::*:user/${aws:username}")
    facts = PrincipalFacts(
        principal=USER,
        inline=Known((InlinePolicy(name="self", document=own),)),
        attached=Known(()),
        groups=Known(()),
        boundary=Absent(),
    )

    assert can_edit_own_containment(facts) is Verdict.YES


def test_root_can_do_everything() -> None:
    root = PrincipalFacts(principal=Principal(type=PrincipalType.ROOT, name="root"))

    assert "root" in abilities(root, NOT_LOOKED_AT)[0]
    assert can_edit_own_containment(root) is Verdict.YES


def simulated(decision: str, *matched: str) -> Known[tuple[Simulation, ...]]:
    return Known(
        tuple(Simulation(action=each, decision=decision, matched=matched) for each in ASKED)
    )


def test_a_simulator_that_allows_everything_and_names_no_statement_is_not_believed() -> None:
    assert abilities(role(), simulated("allowed")) == abilities(role(), NOT_LOOKED_AT)


def test_the_simulator_knows_what_we_could_not_read() -> None:
    _, data, _ = abilities(PrincipalFacts(principal=ROLE), simulated("allowed", "policy-1"))

    assert data.startswith("Data: can read Secrets Manager secrets, SSM parameters")


def test_an_explicit_deny_of_the_simulator_beats_our_yes() -> None:
    _, data, _ = abilities(role(text("*")), simulated("explicitDeny", "organization"))

    assert data == "Data: nothing, by its policies."


def test_nothing_is_simulated_without_the_true_arn() -> None:
    cloud = FakeCloud()

    told = simulated_abilities(cloud, Principal(type=PrincipalType.ROLE, name="app"))

    assert isinstance(told, Unknown)
    assert cloud.asked == []


def test_a_simulation_that_is_not_allowed_is_a_gap() -> None:
    cloud = FakeCloud()
    cloud.failing["simulate"] = MissingPermission("no")

    told = simulated_abilities(cloud, ROLE)

    assert isinstance(told, Unknown)
    assert told.gap is Gap.DENIED

"""A cascade on a cloud that enforces IAM: every hop of a chain is refused, honest work goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from clouds.thief import Thief, Trail
from lab.ministack import ACCOUNT, OTHER_ACCOUNT, trusting
from lab.scene import REVOKE_POLICY
from lab.wire import Wire

if TYPE_CHECKING:
    from pathlib import Path

    from lab.scene import Scene

pytestmark = pytest.mark.clouds

OTHER = OTHER_ACCOUNT.access_key_id


def test_every_hop_of_a_chain_is_refused_and_an_honest_new_session_is_served(
    aws: Scene, tmp_path: Path
) -> None:
    alpha, beta = aws.role("alpha"), aws.role("beta")
    spare, _ = aws.user("spare")
    aws.wait_for_next_second()
    bob, leaked = aws.user()
    thief = Thief(aws, Trail(tmp_path))
    a = thief.become(leaked, f"arn:aws:iam::{ACCOUNT}:user/{bob}", alpha)
    b = thief.become(a, f"arn:aws:sts::{ACCOUNT}:assumed-role/{alpha}/thief", beta)
    key = thief.make_key(b, f"arn:aws:sts::{ACCOUNT}:assumed-role/{beta}/thief", spare)
    fed = thief.federate(aws, key, f"arn:aws:iam::{ACCOUNT}:user/{spare}")
    honest = aws.cloud.assume(beta, "honest")
    for each in (a, b, key, honest):
        aws.assert_served(each)

    told = ("--cascade", "--trail", str(tmp_path / "trail.json"), "--hold", "0")
    done = aws.revoke("-", *told, stdin=leaked.export_lines)

    for each in (leaked, a, b, key, fed, honest):
        aws.assert_refused(each)
    aws.assert_new_session_served(beta, done)
    aws.expect(done, code=0, status="contained")
    targets = {action.text("target") for action in done.document.rows("actions")}
    assert {f"role/{alpha}", f"role/{beta}", f"user/{spare}", key.access_key_id} <= targets


def test_a_hop_into_another_account_is_cut_there_and_nowhere_else_and_taken_back_there(
    aws: Scene, tmp_path: Path
) -> None:
    there = Wire(endpoint=aws.cloud.endpoint, keys=OTHER_ACCOUNT)
    for name, trust in (("deploy", trusting()), ("rescue", trusting())):
        there.call("iam", "create_role", RoleName=name, AssumeRolePolicyDocument=trust)
        document = (
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
        )
        there.call(
            "iam", "put_role_policy", RoleName=name, PolicyName="work", PolicyDocument=document
        )
    aws.cloud.make_role("deploy")  # of the same name, and none of the thief's business
    aws.wait_for_next_second()
    bob, leaked = aws.user()
    thief = Thief(aws, Trail(tmp_path))
    far = thief.become(leaked, f"arn:aws:iam::{ACCOUNT}:user/{bob}", "deploy", account=OTHER)
    aws.assert_served(far)

    done = aws.revoke(
        leaked.access_key_id,
        "--cascade",
        "--trail",
        str(tmp_path / "trail.json"),
        "--account",
        OTHER,
        "--member-role",
        "rescue",
        "--hold",
        "0",
    )

    aws.assert_refused(far)
    names = there.call("iam", "list_role_policies", RoleName="deploy")
    assert REVOKE_POLICY in str(names)
    assert aws.policies("role/deploy") == {"work"}, str(done)
    accounts = {
        action.text("account")
        for action in done.document.rows("actions")
        if action.text("target") == "role/deploy"
    }
    assert accounts == {OTHER}

    undone = aws.shell.run("undo", done.incident, "--force", "--yes", "--json")

    assert undone.code == 0, str(undone)
    assert REVOKE_POLICY not in str(there.call("iam", "list_role_policies", RoleName="deploy"))

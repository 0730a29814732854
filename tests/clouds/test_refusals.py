"""What cannot be done is said, with the right exit code, before anything is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lab.cloud import Ability
from lab.contract import check_error
from lab.proxy import Proxy, Rule
from lab.scene import REVOKE_POLICY, Scene
from lab.server import HOST, free_port
from lab.trouble import Reply
from lab.wire import Keys, Wire

if TYPE_CHECKING:
    from lab.command_line import Finished
    from lab.lagging.cloud import LaggingCloud
    from lab.ministack import MiniStack

pytestmark = pytest.mark.clouds


def assert_error(done: Finished, *, code: int, word: str) -> None:
    """Assert the exit code, the shape of the error and its word."""
    assert done.code == code, str(done)
    check_error(done.document)
    assert done.document.text("error", "code") == word, str(done)
    assert done.document.text("error", "message"), str(done)
    assert done.document.text("error", "hint"), str(done)


def test_nobody_to_ask_and_no_yes_makes_no_call_at_all(scene: Scene, proxy: Proxy) -> None:
    role = scene.role()

    done = scene.shell.behind(proxy.endpoint).run("revoke", f"role/{role}", "--json")

    assert_error(done, code=2, word="no-consent")
    assert proxy.changes == []
    assert scene.policies(f"role/{role}") == {"work"}


@pytest.mark.parametrize("scope", ["principal", "session"])
def test_dry_run_makes_no_changing_call_and_leaves_no_incident(
    scene: Scene, proxy: Proxy, scope: str
) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")
    shell = scene.shell.behind(proxy.endpoint)

    done = shell.run(
        "revoke", f"session/{role}/thief", "--scope", scope, "--yes", "--dry-run", "--json"
    )

    assert done.code == 0, str(done)
    assert [row.text("state") for row in done.document.rows("actions")] == ["planned"]
    assert proxy.seen != []
    assert proxy.changes == []
    scene.assert_served(thief)
    listed = shell.run("incidents", "--json")
    assert listed.document.rows("incidents") == ()


def test_dry_run_of_a_pasted_key_with_every_strategy_changes_nothing(
    aws: Scene, aws_proxy: Proxy
) -> None:
    _, key = aws.user()
    shell = aws.shell.behind(aws_proxy.endpoint)

    for strategy in ("revoke-sessions", "deny-all", "strip-permissions", "delete"):
        done = shell.run(
            "revoke", "-", "--strategy", strategy, "--yes", "--dry-run", stdin=key.export_lines
        )
        assert done.code == 0, str(done)

    assert aws_proxy.changes == []
    aws.assert_served(key)


def test_a_role_that_does_not_exist(scene: Scene, proxy: Proxy) -> None:
    shell = scene.shell.behind(proxy.endpoint)

    done = shell.run("revoke", "role/nobody-at-all", "--yes", "--json")

    assert_error(done, code=2, word="no-such-principal")
    assert [seen.action for seen in proxy.changes if seen.status == 200] == []


def test_a_service_linked_role(aws: Scene, aws_proxy: Proxy) -> None:
    made = aws.cloud.admin.call(
        "iam", "create_service_linked_role", AWSServiceName="autoscaling.amazonaws.com"
    )
    name = made.text("Role", "RoleName")

    done = aws.shell.behind(aws_proxy.endpoint).run("revoke", f"role/{name}", "--yes", "--json")

    assert_error(done, code=2, word="not-editable")
    assert aws_proxy.changes == []


def test_a_key_of_somebody_elses_account(
    aws: Scene, aws_cloud: MiniStack | LaggingCloud, aws_proxy: Proxy
) -> None:
    foreign = Wire(endpoint=aws.cloud.endpoint, keys=aws_cloud.outsider_keys)
    account = foreign.call("sts", "get_caller_identity").text("Account")
    foreign.call("iam", "create_user", UserName=aws.name("stranger"))
    made = foreign.call("iam", "create_access_key", UserName=aws.name("stranger"))
    key = Keys(
        access_key_id=made.text("AccessKey", "AccessKeyId"),
        secret=made.text("AccessKey", "SecretAccessKey"),
    )

    shell = aws.shell.behind(aws_proxy.endpoint)
    done = shell.run("revoke", "-", "--yes", "--json", stdin=key.export_lines)

    assert_error(done, code=2, word="foreign-account")
    assert account in done.document.text("error", "message")
    assert aws_proxy.changes == []
    asked = [seen for seen in aws_proxy.seen if seen.key_id == key.access_key_id]
    assert asked == [], "a foreign credential signed a call, though --yes implies none"


def test_a_role_arn_of_somebody_elses_account(aws: Scene, aws_proxy: Proxy) -> None:
    shell = aws.shell.behind(aws_proxy.endpoint)

    done = shell.run("revoke", "arn:aws:iam::222222222222:role/app", "--yes", "--json")

    assert_error(done, code=2, word="foreign-account")
    assert aws_proxy.changes == []


def test_a_deleted_key(aws: Scene, aws_proxy: Proxy) -> None:
    user, key = aws.user()
    aws.cloud.admin.call("iam", "delete_access_key", UserName=user, AccessKeyId=key.access_key_id)

    shell = aws.shell.behind(aws_proxy.endpoint)
    done = shell.run("revoke", key.access_key_id, "--yes", "--json")

    assert done.code == 2, str(done)
    check_error(done.document)
    # MiniStack decodes the id of a key that it does not know, and its ids are not drawn from
    # base32: for one in three it tells the account of nobody
    codes = {"no-such-principal", "owner-unknown", "foreign-account"}
    assert done.document.text("error", "code") in codes
    assert aws_proxy.changes == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "unreadable-evidence"),
        ("nothing to see here\n", "unreadable-evidence"),
        ("AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n", "unreadable-evidence"),
        ("AWS_SECRET_ACCESS_KEY=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\n", "unreadable-evidence"),
        ("\x00\x01\x02\x7f\ufffd" * 50, "unreadable-evidence"),
    ],
    ids=["empty", "prose", "placeholder", "secret without id", "binary"],
)
def test_evidence_that_is_none(aws: Scene, aws_proxy: Proxy, text: str, word: str) -> None:
    shell = aws.shell.behind(aws_proxy.endpoint)

    done = shell.run("revoke", "-", "--yes", "--json", stdin=text)

    assert_error(done, code=2, word=word)
    assert aws_proxy.changes == []


@pytest.mark.parametrize("target", ["rolle/app", "role/", "AKIA123", "arn:aws:s3:::bucket", "a b"])
def test_targets_that_are_none(aws: Scene, aws_proxy: Proxy, target: str) -> None:
    done = aws.shell.behind(aws_proxy.endpoint).run("revoke", target, "--yes", "--json")

    assert_error(done, code=2, word="wrong-use")
    assert aws_proxy.seen == []


def test_an_endpoint_that_nobody_answers(aws: Scene) -> None:
    shell = aws.shell.behind(f"http://{HOST}:{free_port()}")

    done = shell.run("revoke", "role/app", "--yes", "--json", "--timeout", "5", seconds=45)

    assert_error(done, code=1, word="unreachable")


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch"])
def test_responder_credentials_that_are_not_accepted(
    aws: Scene, aws_proxy: Proxy, code: str
) -> None:
    role = aws.role()
    aws_proxy.rules.append(Rule(action="*", trouble=Reply(status=403, code=code)))

    done = aws.shell.behind(aws_proxy.endpoint).run("revoke", f"role/{role}", "--yes", "--json")

    assert_error(done, code=2, word="responder-credentials")
    assert aws.policies(f"role/{role}") == {"work"}


def test_no_responder_credentials_at_all(aws: Scene, aws_proxy: Proxy) -> None:
    shell = aws.shell.behind(aws_proxy.endpoint)
    shell.extra = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}

    done = shell.run("revoke", "role/app", "--yes", "--json")

    assert_error(done, code=2, word="responder-credentials")
    assert aws_proxy.seen == []


def test_a_responder_who_may_not_write_policies(aws: Scene) -> None:
    role = aws.role()
    reader = aws.cloud.make_user(
        aws.name("reader"),
        policy='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":'
        '["iam:Get*","iam:List*","sts:*"],"Resource":"*"}]}',
    )
    aws.shell.keys = reader

    done = aws.shell.run("revoke", f"role/{role}", "--yes", "--json")

    assert done.code in {1, 2}, str(done)
    assert "PutRolePolicy" in done.stdout
    assert aws.policies(f"role/{role}") == {"work"}


def test_a_state_folder_that_cannot_be_written(aws: Scene, aws_proxy: Proxy) -> None:
    role = aws.role()
    blocked = aws.shell.home / "a-file"
    blocked.write_text("not a folder")
    shell = aws.shell.behind(aws_proxy.endpoint)
    shell.extra = {"UNLEAK_HOME": str(blocked)}

    done = shell.run("revoke", f"role/{role}", "--yes", "--json")

    assert_error(done, code=2, word="state-folder")
    assert aws_proxy.changes == []


@pytest.mark.parametrize("command", ["undo", "resume", "verify", "report"])
def test_an_incident_that_nobody_knows(aws: Scene, command: str) -> None:
    flags = [] if command in {"verify", "report"} else ["--yes"]

    done = aws.shell.run(command, "no-such-incident", *flags, "--json")

    assert_error(done, code=2, word="no-such-incident")


@pytest.mark.needs(Ability.CALLER_IDENTITY)
def test_a_responder_who_is_in_the_leaked_role_is_told_and_cut_off_last(scene: Scene) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")
    scene.assert_served(thief)
    own = scene.cloud.assume(role, "me")
    scene.shell.keys = own

    planned = scene.shell.run("plan", f"role/{role}", "--json")
    done = scene.revoke(f"role/{role}")

    assert planned.document.value("self_lockout") is True, str(planned)
    assert planned.document.names("warnings") != ()
    assert done.code in {0, 3}, str(done)
    assert REVOKE_POLICY in scene.policies(f"role/{role}")
    scene.assert_refused(thief)
    scene.assert_refused(own)
    scene.assert_new_session_served(role, done)

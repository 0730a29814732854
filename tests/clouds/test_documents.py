"""Every command's JSON has the shape of the contract, and every command is usable without it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lab.cloud import Ability
from lab.contract import check_identify, check_incidents, check_plan, check_response

if TYPE_CHECKING:
    from lab.proxy import Proxy
    from lab.scene import Scene

pytestmark = pytest.mark.clouds


@pytest.mark.needs(Ability.CALLER_IDENTITY)
def test_identify_tells_whose_a_pasted_session_is_and_changes_nothing(
    scene: Scene, proxy: Proxy
) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")

    done = scene.shell.behind(proxy.endpoint).run(
        "identify", "-", "--ask-leaked", "--json", stdin=thief.export_lines
    )

    assert done.code == 0, str(done)
    check_identify(done.document)
    (credential,) = done.document.rows("credentials")
    assert credential.text("kind") == "role-session"
    assert credential.text("access_key_id") == thief.access_key_id
    assert credential.text("principal", "type") == "role"
    assert credential.text("principal", "name") == role
    assert credential.text("session_name") == "thief"
    assert credential.text("account") == scene.cloud.account
    assert proxy.changes == []


@pytest.mark.needs(Ability.ACCESS_KEYS)
def test_identify_tells_whose_a_key_is_without_using_it(scene: Scene, proxy: Proxy) -> None:
    user, key = scene.user()

    done = scene.shell.behind(proxy.endpoint).run("identify", key.access_key_id, "--json")

    assert done.code == 0, str(done)
    check_identify(done.document)
    (credential,) = done.document.rows("credentials")
    assert credential.text("kind") == "user-key"
    assert credential.text("principal", "name") == user
    assert credential.text("status") == "active"
    assert [seen for seen in proxy.seen if seen.key_id == key.access_key_id] == []


def test_identify_asks_nothing_of_a_leaked_session_when_told_not_to(
    aws: Scene, aws_proxy: Proxy
) -> None:
    role = aws.role()
    thief = aws.cloud.assume(role, "thief")

    done = aws.shell.behind(aws_proxy.endpoint).run(
        "identify", "-", "--no-ask-leaked", "--json", stdin=thief.export_lines
    )

    assert done.code in {0, 2}, str(done)
    assert [seen for seen in aws_proxy.seen if seen.key_id == thief.access_key_id] == []


def test_revoke_signs_nothing_with_the_leak_when_told_not_to(aws: Scene, aws_proxy: Proxy) -> None:
    role = aws.role()
    thief = aws.cloud.assume(role, "thief")
    aws.assert_served(thief)

    done = aws.shell.behind(aws_proxy.endpoint).run(
        "revoke",
        "-",
        "--no-ask-leaked",
        "--owner",
        f"role/{role}",
        "--yes",
        "--json",
        stdin=thief.export_lines,
    )

    assert [seen for seen in aws_proxy.seen if seen.key_id == thief.access_key_id] == []
    aws.assert_refused(thief)
    assert done.document.text("verification", "level") == "canary", str(done)


def test_a_bare_session_id_that_nothing_tells_the_owner_of_can_be_given_one(
    aws: Scene, aws_proxy: Proxy
) -> None:
    role = aws.role()
    thief = aws.cloud.assume(role, "thief")
    aws.assert_served(thief)
    shell = aws.shell.behind(aws_proxy.endpoint)

    # this cloud's CloudTrail calls the session a user of that name, whom nobody has ever seen
    lost = shell.run("revoke", thief.access_key_id, "--yes", "--json")
    assert lost.code == 2, str(lost)
    assert lost.document.text("error", "code") in {"owner-unknown", "no-such-principal"}
    assert "--owner" in lost.document.text("error", "hint"), str(lost)
    assert aws_proxy.changes == []
    done = aws.revoke(thief.access_key_id, "--owner", f"role/{role}")

    aws.assert_refused(thief)
    aws.expect(done, code=0, status="contained")
    assert "named" in done.document.rows("credentials")[0].names("how")


def test_plan_shows_what_revoke_would_do_and_changes_nothing(scene: Scene, proxy: Proxy) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")
    shell = scene.shell.behind(proxy.endpoint)

    done = shell.run("plan", f"role/{role}", "--json")
    in_words = shell.run("plan", f"role/{role}")

    assert done.code == 0, str(done)
    check_plan(done.document)
    action, *braces = done.document.rows("actions")
    assert all(each.value("temporary") for each in braces)
    assert action.text("kind") == "put-role-policy"
    assert action.text("target") == f"role/{role}"
    assert action.text("state") == "planned"
    assert action.value("reversible") is True
    assert action.text("safe_date").endswith("Z")
    assert done.document.value("self_lockout") is False
    assert in_words.code == 0, str(in_words)
    assert role in in_words.stdout
    assert proxy.changes == []
    scene.assert_served(thief)


def test_plan_needs_the_rights_of_a_reader_only(aws: Scene) -> None:
    role = aws.role()
    aws.shell.keys = aws.cloud.make_user(
        aws.name("reader"),
        policy='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":'
        '["iam:Get*","iam:List*","iam:Simulate*"],"Resource":"*"}]}',
    )

    done = aws.shell.run("plan", f"role/{role}", "--json")

    assert done.code == 0, str(done)
    check_plan(done.document)


def test_incidents_are_listed_newest_first_and_shown(scene: Scene) -> None:
    first = scene.revoke(f"role/{scene.role('one')}")
    second = scene.revoke(f"role/{scene.role('two')}")

    listed = scene.shell.run("incidents", "--json")
    shown = scene.shell.run("incidents", "show", first.incident, "--json")
    in_words = scene.shell.run("incidents")

    check_incidents(listed.document)
    ids = [row.text("incident") for row in listed.document.rows("incidents")]
    assert ids == [second.incident, first.incident]
    check_response(shown.document)
    assert shown.incident == first.incident
    assert first.incident in in_words.stdout


def test_no_incidents_is_an_empty_list(aws: Scene) -> None:
    listed = aws.shell.run("incidents", "--json")

    assert listed.code == 0, str(listed)
    check_incidents(listed.document)
    assert listed.document.rows("incidents") == ()


def test_verify_measures_again_and_notices_that_the_deny_is_gone(
    scene: Scene, proxy: Proxy
) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")
    made = scene.revoke(f"role/{role}")
    shell = scene.shell.behind(proxy.endpoint)

    still = shell.run("verify", made.incident, "--json")
    assert proxy.changes == []
    scene.cloud.admin.call(
        "iam", "delete_role_policy", RoleName=role, PolicyName="AWSRevokeOlderSessions"
    )
    gone = shell.run("verify", made.incident, "--json")

    assert still.code in {0, 3}, str(still)
    check_response(still.document)
    check_response(gone.document)
    assert gone.code in {1, 4}, str(gone)
    assert gone.document.text("status") in {"failed", "contested"}
    assert gone.document.value("verification", "effective") is not True
    scene.assert_served(thief)


@pytest.mark.parametrize("form", ["md", "json"])
def test_a_report_is_written(scene: Scene, form: str) -> None:
    role = scene.role()
    made = scene.revoke(f"role/{role}")
    path = scene.shell.home / f"report.{form}"

    shown = scene.shell.run("report", made.incident, "--format", form)
    written = scene.shell.run("report", made.incident, "--format", form, "--output", str(path))

    assert shown.code == 0, str(shown)
    assert written.code == 0, str(written)
    assert role in shown.stdout
    assert path.read_text(encoding="utf-8").strip() == shown.stdout.strip()
    if form == "json":
        check_response(shown.document)


def test_the_words_name_what_was_done_and_what_comes_next(scene: Scene) -> None:
    role = scene.role()

    done = scene.shell.run("revoke", f"role/{role}", "--yes")

    assert done.code == 0, str(done)
    told = done.stdout + done.stderr
    assert "contained" in told.lower()
    assert f"role/{role}" in told
    assert "\x1b" not in told, "piped output has no colours"
    assert "Traceback" not in told


def test_hostile_text_in_the_evidence_never_reaches_the_terminal(aws: Scene) -> None:
    role = aws.role()
    thief = aws.cloud.assume(role, "thief")
    hostile = "\x1b]0;owned\x07\x1b[2J\u202egnp.exe\u200b\x9b31m"
    leaked = f"{hostile}{thief.export_lines}{hostile}\nAKIA{hostile}"

    runs = [
        aws.shell.run(*arguments, stdin=leaked)
        for arguments in (
            ("identify", "-"),
            ("plan", "-"),
            ("revoke", "-", "--yes"),
            ("identify", "-", "--json"),
            ("revoke", "-", "--yes", "--json"),
            ("revoke", f"role/{hostile}", "--yes"),
        )
    ]

    for done in runs:
        told = done.stdout + done.stderr
        found = [mark for mark in ("\x1b", "\x07", "\x9b", "\u202e", "\u200b") if mark in told]
        assert found == [], (found, done.arguments, ascii(told))
        assert "a bug in unleak" not in told
    aws.assert_refused(thief)


def test_json_is_the_only_thing_on_stdout(scene: Scene) -> None:
    role = scene.role()

    for arguments in (
        ("plan", f"role/{role}"),
        ("revoke", f"role/{role}", "--yes"),
        ("incidents",),
        ("revoke", "role/nobody-at-all", "--yes"),
    ):
        done = scene.shell.run(*arguments, "--json")
        parsed = json.loads(done.stdout)
        assert isinstance(parsed, dict), str(done)

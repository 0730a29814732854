"""Undo and cleanup put back exactly what was there, and never what would revive the leak."""

from __future__ import annotations

import pytest

from lab.cloud import compact
from lab.contract import check_error, check_response
from lab.proxy import Proxy
from lab.scene import REVOKE_POLICY, Scene

pytestmark = pytest.mark.clouds

LONG_AGO = "2020-01-01T00:00:00Z"
ODD = """{ "Version":"2012-10-17",
  "Statement":[ {"Effect":"Deny", "Action":"s3:DeleteBucket", "Resource":"*"} ] }"""


def test_undo_past_the_safe_date_takes_our_policy_away(scene: Scene) -> None:
    role = scene.role()
    made = scene.revoke(f"role/{role}", "--cutoff", LONG_AGO, "--proof", "read-back")
    assert REVOKE_POLICY in scene.policies(f"role/{role}")

    done = scene.shell.run("undo", made.incident, "--yes", "--json")

    assert done.code == 0, str(done)
    check_response(done.document)
    assert scene.policies(f"role/{role}") == {"work"}
    assert [row.text("state") for row in done.document.rows("actions")] == ["undone"]


def test_undo_restores_a_policy_byte_for_byte(aws: Scene) -> None:
    role = aws.role()
    aws.put_policy(f"role/{role}", REVOKE_POLICY, ODD)
    before = aws.policy(f"role/{role}")
    made = aws.revoke(f"role/{role}", "--cutoff", LONG_AGO, "--proof", "read-back")
    assert aws.policy(f"role/{role}") != before

    done = aws.shell.run("undo", made.incident, "--yes", "--json")

    assert done.code == 0, str(done)
    assert aws.policy(f"role/{role}") == before


def test_undo_twice_does_nothing_more(scene: Scene) -> None:
    role = scene.role()
    made = scene.revoke(f"role/{role}", "--cutoff", LONG_AGO, "--proof", "read-back")
    scene.shell.run("undo", made.incident, "--yes", "--json")

    with Proxy(upstream=scene.cloud.endpoint) as proxy:
        again = scene.shell.behind(proxy.endpoint).run("undo", made.incident, "--yes", "--json")

    assert again.code == 0, str(again)
    assert proxy.changes == []


def test_undo_before_the_safe_date_is_refused_and_changes_nothing(scene: Scene) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")
    scene.assert_served(thief)
    made = scene.revoke(f"role/{role}")
    cut = scene.policy(f"role/{role}")

    with Proxy(upstream=scene.cloud.endpoint) as proxy:
        done = scene.shell.behind(proxy.endpoint).run("undo", made.incident, "--yes", "--json")

    assert done.code == 2, str(done)
    check_error(done.document)
    assert done.document.text("error", "code") == "would-revive"
    assert proxy.changes == []
    assert scene.policy(f"role/{role}") == cut
    scene.assert_refused(thief)


def test_undo_never_brings_a_leaked_key_back_without_force(aws: Scene) -> None:
    user, key = aws.user()
    aws.assert_served(key)
    made = aws.revoke("-", stdin=key.export_lines)
    aws.assert_dead(key)

    refused = aws.shell.run("undo", made.incident, "--yes", "--json")

    assert refused.code == 2, str(refused)
    assert aws.status_of_key(user, key) == "Inactive"
    aws.assert_dead(key)


def test_undo_with_force_brings_back_exactly_what_was(aws: Scene) -> None:
    user, key = aws.user()
    made = aws.revoke("-", stdin=key.export_lines)
    aws.assert_dead(key)

    done = aws.shell.run("undo", made.incident, "--force", "--yes", "--json")

    assert done.code == 0, str(done)
    assert aws.status_of_key(user, key) == "Active"
    assert aws.policies(f"user/{user}") == {"work"}
    aws.assert_served(key)


def test_undo_of_one_session_deny_leaves_the_other_in_place(scene: Scene) -> None:
    role = scene.role()
    one, two = scene.cloud.assume(role, "one"), scene.cloud.assume(role, "two")
    first = scene.revoke(f"session/{role}/one", "--scope", "session")
    scene.revoke(f"session/{role}/two", "--scope", "session")
    scene.assert_refused(one)
    scene.assert_refused(two)

    scene.shell.run("undo", first.incident, "--force", "--yes", "--json")

    scene.assert_refused(two)


def test_undo_does_not_overwrite_what_somebody_changed_since(scene: Scene) -> None:
    role = scene.role()
    made = scene.revoke(f"role/{role}", "--cutoff", LONG_AGO, "--proof", "read-back")
    statement = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    theirs = compact({"Version": "2012-10-17", "Statement": [statement]})
    scene.put_policy(f"role/{role}", REVOKE_POLICY, theirs)

    done = scene.shell.run("undo", made.incident, "--yes", "--json")

    assert scene.policy(f"role/{role}") == theirs
    assert done.code != 0, str(done)


def test_undo_dry_run_changes_nothing(scene: Scene) -> None:
    role = scene.role()
    made = scene.revoke(f"role/{role}", "--cutoff", LONG_AGO, "--proof", "read-back")

    with Proxy(upstream=scene.cloud.endpoint) as proxy:
        done = scene.shell.behind(proxy.endpoint).run("undo", made.incident, "--dry-run", "--json")

    assert done.code == 0, str(done)
    assert proxy.changes == []
    assert REVOKE_POLICY in scene.policies(f"role/{role}")


def test_cleanup_takes_away_what_is_past_its_safe_date_and_leaves_the_rest(scene: Scene) -> None:
    old, new = scene.role("old"), scene.role("new")
    thief = scene.cloud.assume(new, "thief")
    scene.wait_for_next_second()
    scene.revoke(f"role/{old}", "--cutoff", LONG_AGO, "--proof", "read-back")
    scene.revoke(f"role/{new}")

    done = scene.shell.run("cleanup", "--yes", "--json")

    assert done.code == 0, str(done)
    assert scene.policies(f"role/{old}") == {"work"}
    assert scene.policies(f"role/{new}") == {"work", REVOKE_POLICY}
    scene.assert_refused(thief)


def test_cleanup_dry_run_and_cleanup_without_anybody_to_ask_change_nothing(scene: Scene) -> None:
    old = scene.role("old")
    scene.revoke(f"role/{old}", "--cutoff", LONG_AGO, "--proof", "read-back")

    with Proxy(upstream=scene.cloud.endpoint) as proxy:
        shell = scene.shell.behind(proxy.endpoint)
        preview = shell.run("cleanup", "--dry-run", "--json")
        unasked = shell.run("cleanup", "--json")

    assert preview.code == 0, str(preview)
    assert unasked.code == 2, str(unasked)
    assert proxy.changes == []
    assert REVOKE_POLICY in scene.policies(f"role/{old}")


def test_cleanup_with_nothing_to_do_is_no_failure(aws: Scene) -> None:
    done = aws.shell.run("cleanup", "--yes", "--json")

    assert done.code == 0, str(done)

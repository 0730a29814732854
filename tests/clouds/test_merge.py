"""What is already on the principal is kept: cut-offs never move back, foreign statements stay."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from lab.cloud import compact, revoke_document
from lab.scene import REVOKE_POLICY, Scene

pytestmark = pytest.mark.clouds

FOREIGN = {
    "Sid": "NobodyDeletesBuckets",
    "Effect": "Deny",
    "Action": "s3:DeleteBucket",
    "Resource": "*",
}


def statements(document: str) -> list[dict[str, object]]:
    """Return the statements of a policy document."""
    found = json.loads(document)["Statement"]
    assert isinstance(found, list)
    return found


def test_a_later_cut_off_of_somebody_else_is_not_moved_back(scene: Scene) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")
    scene.assert_served(thief)
    later = revoke_document(datetime.now(UTC) + timedelta(hours=1))
    scene.put_policy(f"role/{role}", REVOKE_POLICY, later)

    done = scene.revoke(f"role/{role}")

    scene.assert_refused(thief)
    assert scene.policy(f"role/{role}") == later
    assert [row.text("state") for row in done.document.rows("actions")] == ["already"]
    assert done.document.value("verification", "new_sessions_work") is not True


def test_an_earlier_cut_off_is_moved_forward(scene: Scene) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")
    earlier = revoke_document(datetime.now(UTC) - timedelta(hours=1))
    scene.put_policy(f"role/{role}", REVOKE_POLICY, earlier)
    scene.assert_served(thief)

    done = scene.revoke(f"role/{role}")

    scene.assert_refused(thief)
    assert len(statements(scene.policy(f"role/{role}"))) == 1
    scene.assert_new_session_served(role, done)


def test_foreign_statements_under_the_same_name_are_kept(scene: Scene) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")
    scene.assert_served(thief)
    scene.put_policy(
        f"role/{role}", REVOKE_POLICY, compact({"Version": "2012-10-17", "Statement": [FOREIGN]})
    )

    done = scene.revoke(f"role/{role}")

    scene.assert_refused(thief)
    kept = statements(scene.policy(f"role/{role}"))
    assert FOREIGN in kept
    assert len(kept) == 2
    scene.assert_new_session_served(role, done)


def test_a_second_revocation_moves_the_cut_off_forward_and_adds_no_statement(scene: Scene) -> None:
    role = scene.role()
    first = scene.revoke(f"role/{role}")
    scene.assert_new_session_served(role, first)
    thief = scene.cloud.assume(role, "thief-again")
    scene.assert_served(thief)

    second = scene.revoke(f"role/{role}")

    scene.assert_refused(thief)
    assert second.cutoff > first.cutoff
    assert len(statements(scene.policy(f"role/{role}"))) == 1


def test_two_session_denies_share_one_document(scene: Scene) -> None:
    role = scene.role()
    one, two, worker = (scene.cloud.assume(role, name) for name in ("one", "two", "worker"))
    for keys in (one, two, worker):
        scene.assert_served(keys)

    scene.revoke(f"session/{role}/one", "--scope", "session")
    scene.assert_refused(one)
    scene.assert_served(two)
    scene.revoke(f"session/{role}/two", "--scope", "session")

    scene.assert_refused(one)
    scene.assert_refused(two)
    scene.assert_served(worker)
    own = scene.policies(f"role/{role}") - {"work"}
    assert len(own) == 1
    assert REVOKE_POLICY not in own


def test_a_session_deny_and_a_role_deny_live_side_by_side(scene: Scene) -> None:
    role = scene.role()
    one, worker = scene.cloud.assume(role, "one"), scene.cloud.assume(role, "worker")
    scene.revoke(f"session/{role}/one", "--scope", "session")
    scene.assert_refused(one)
    scene.assert_served(worker)

    done = scene.revoke(f"role/{role}")

    scene.assert_refused(one)
    scene.assert_refused(worker)
    assert len(scene.policies(f"role/{role}")) == 3
    scene.assert_new_session_served(role, done)

"""The preflight on a cloud with policies of its own: it says what the policies say."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lab.scene import Scene
    from lab.wire import Answer

pytestmark = pytest.mark.clouds


def outcomes(document: Answer) -> dict[str, str]:
    return {row.text("name"): row.text("outcome") for row in document.rows("checks")}


def test_a_responder_who_may_do_everything_is_able(aws: Scene) -> None:
    done = aws.shell.run("doctor", "--json")

    assert done.code == 0, str(done)
    found = outcomes(done.document)
    assert found["deny-permissions"] == "ok"
    assert found["credentials"] == "warning"
    assert json.loads(done.stdout)["able"] is True


def test_a_responder_without_the_deny_is_told_which_permission_is_missing(aws: Scene) -> None:
    name, keys = aws.user("weak")
    statement = {"Effect": "Deny", "Action": "iam:PutRolePolicy", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws.put_policy(f"user/{name}", "less", document)
    before = aws.policies(f"user/{name}")

    done = replace(aws.shell, keys=keys).run("doctor", "--json")

    assert done.code == 1, str(done)
    assert outcomes(done.document)["deny-permissions"] == "failed"
    assert "iam:PutRolePolicy" in done.stdout
    assert aws.policies(f"user/{name}") == before


def test_keys_that_are_not_accepted_are_a_failed_check_and_no_error(aws: Scene) -> None:
    keys = replace(aws.shell.keys, access_key_id="AKIANOBODYNOBODYNOBO")

    done = replace(aws.shell, keys=keys).run("doctor", "--json")

    assert done.code == 1, str(done)
    assert outcomes(done.document)["credentials"] == "failed"
    assert keys.secret not in done.stdout + done.stderr

"""One list of scenarios, one table of verdicts, and every cloud agrees with it.

This is what the lagging cloud stands on: the same kills end the same credentials on an AWS double
and on a production server that others wrote.  Where a cloud cannot play a scenario, its abilities
say why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from lab.cloud import Ability, compact, revoke_document, wait_until_after
from lab.verdict import Ruling

if TYPE_CHECKING:
    from lab.scene import Scene
    from lab.wire import Keys

pytestmark = pytest.mark.clouds

SERVED, REFUSED = "served", "refused"
DENY_ALL = compact(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is done, to whom, and what has to become of each credential."""

    play: Callable[[Scene], dict[str, Keys]]
    verdicts: dict[str, str]
    needs: frozenset[Ability] = frozenset()


def next_second() -> datetime:
    """Return the second that comes: issue times are whole seconds, and a cut-off is strict."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)


def time_cut_off(scene: Scene) -> dict[str, Keys]:
    """An old session is denied by its issue time, a new one is not."""
    role = scene.role()
    old, cutoff = scene.cloud.assume(role, "old-one"), next_second()
    scene.put_policy(f"role/{role}", "cut", revoke_document(cutoff))
    wait_until_after(cutoff)
    return {"old session": old, "new session": scene.cloud.assume(role, "new-one")}


def strict_second(scene: Scene) -> dict[str, Keys]:
    """A cut-off spares the session of its own second: "less than" is strict."""
    role = scene.role()
    earlier = scene.cloud.assume(role, "earlier")
    wait_until_after(next_second())
    issued = datetime.now(UTC).replace(microsecond=0)
    in_it = scene.cloud.assume(role, "in-it")
    scene.put_policy(f"role/{role}", "cut", revoke_document(issued))
    return {"session before": earlier, "session of that second": in_it}


def one_session(scene: Scene) -> dict[str, Keys]:
    """`aws:userid` names one session of a role."""
    role = scene.role()
    thief, worker = scene.cloud.assume(role, "thief"), scene.cloud.assume(role, "worker")
    role_id = scene.cloud.admin.call("iam", "get_role", RoleName=role).text("Role", "RoleId")
    condition = {"StringEquals": {"aws:userid": f"{role_id}:thief"}}
    statement = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    document = compact({"Version": "2012-10-17", "Statement": [statement]})
    scene.put_policy(f"role/{role}", "cut", document)
    return {"thief": thief, "worker": worker}


def deny_removed(scene: Scene) -> dict[str, Keys]:
    """A deny ends nothing for good: without it the session lives again."""
    role = scene.role()
    old = scene.cloud.assume(role, "old-one")
    scene.put_policy(f"role/{role}", "cut", revoke_document(next_second()))
    scene.cloud.admin.call("iam", "delete_role_policy", RoleName=role, PolicyName="cut")
    return {"old session": old}


def role_deleted(scene: Scene) -> dict[str, Keys]:
    """Sessions of a deleted role are over."""
    role = scene.role()
    old = scene.cloud.assume(role, "old-one")
    scene.cloud.admin.call("iam", "delete_role_policy", RoleName=role, PolicyName="work")
    scene.cloud.admin.call("iam", "delete_role", RoleName=role)
    return {"old session": old}


def role_made_again(scene: Scene) -> dict[str, Keys]:
    """A new role of the same name is another role: it does not revive the old one's sessions."""
    role = scene.role()
    old = scene.cloud.assume(role, "old-one")
    scene.cloud.admin.call("iam", "delete_role_policy", RoleName=role, PolicyName="work")
    scene.cloud.admin.call("iam", "delete_role", RoleName=role)
    scene.cloud.make_role(role)
    return {"old session": old, "new session": scene.cloud.assume(role, "new-one")}


def family(scene: Scene) -> tuple[str, dict[str, Keys]]:
    """Return a user with its key and a session of each kind."""
    user, key = scene.user()
    session, federated = scene.cloud.session_token(key), scene.cloud.federation_token(key, "fed")
    return user, {"key": key, "session": session, "federated": federated}


def user_time_deny(scene: Scene) -> dict[str, Keys]:
    """A time deny on a user ends its sessions of both kinds and spares the key."""
    user, all_keys = family(scene)
    scene.put_policy(f"user/{user}", "cut", revoke_document(next_second()))
    return all_keys


def user_deny_all(scene: Scene) -> dict[str, Keys]:
    """A plain deny on a user ends everything."""
    user, all_keys = family(scene)
    scene.put_policy(f"user/{user}", "cut", DENY_ALL)
    return all_keys


def inactive_key(scene: Scene) -> dict[str, Keys]:
    """An inactive key is dead, and its sessions live on."""
    user, all_keys = family(scene)
    scene.cloud.admin.call(
        "iam",
        "update_access_key",
        UserName=user,
        AccessKeyId=all_keys["key"].access_key_id,
        Status="Inactive",
    )
    return all_keys


def boundary(scene: Scene) -> dict[str, Keys]:
    """A boundary that denies everything ends a role's sessions, new ones too."""
    role = scene.role()
    old = scene.cloud.assume(role, "old-one")
    scene.cloud.admin.call(
        "iam",
        "put_role_permissions_boundary",
        RoleName=role,
        PermissionsBoundary=managed(scene),
    )
    return {"old session": old, "new session": scene.cloud.assume(role, "new-one")}


def managed_deny(scene: Scene) -> dict[str, Keys]:
    """An attached deny ends a role's sessions."""
    role = scene.role()
    old = scene.cloud.assume(role, "old-one")
    arn = managed(scene)
    scene.cloud.admin.call("iam", "attach_role_policy", RoleName=role, PolicyArn=arn)
    return {"old session": old}


def group_deny(scene: Scene) -> dict[str, Keys]:
    """A deny on a group reaches its members: key and sessions."""
    user, all_keys = family(scene)
    group = scene.name("quarantine")
    admin = scene.cloud.admin
    admin.call("iam", "create_group", GroupName=group)
    admin.call(
        "iam", "put_group_policy", GroupName=group, PolicyName="cut", PolicyDocument=DENY_ALL
    )
    admin.call("iam", "add_user_to_group", GroupName=group, UserName=user)
    return all_keys


def managed(scene: Scene) -> str:
    """Create a managed policy that denies everything and return its ARN."""
    made = scene.cloud.admin.call(
        "iam", "create_policy", PolicyName=scene.name("none"), PolicyDocument=DENY_ALL
    )
    return made.text("Policy", "Arn")


USERS = frozenset({Ability.ACCESS_KEYS, Ability.FEDERATION, Ability.USER_SESSION_DENY})
MANAGED = frozenset({Ability.MANAGED_POLICIES})
ALL_REFUSED = {"key": REFUSED, "session": REFUSED, "federated": REFUSED}
SCENARIOS = [
    Scenario(play=time_cut_off, verdicts={"old session": REFUSED, "new session": SERVED}),
    Scenario(
        play=strict_second,
        verdicts={"session before": REFUSED, "session of that second": SERVED},
    ),
    Scenario(play=one_session, verdicts={"thief": REFUSED, "worker": SERVED}),
    Scenario(play=deny_removed, verdicts={"old session": SERVED}),
    Scenario(play=role_deleted, verdicts={"old session": REFUSED}),
    Scenario(
        play=role_made_again,
        verdicts={"old session": REFUSED, "new session": SERVED},
        needs=frozenset({Ability.ROLE_IDENTITY}),
    ),
    Scenario(
        play=user_time_deny,
        verdicts={"key": SERVED, "session": REFUSED, "federated": REFUSED},
        needs=USERS,
    ),
    Scenario(play=user_deny_all, verdicts=ALL_REFUSED, needs=USERS),
    Scenario(
        play=inactive_key,
        verdicts={"key": REFUSED, "session": SERVED, "federated": SERVED},
        needs=USERS,
    ),
    Scenario(play=group_deny, verdicts=ALL_REFUSED, needs=USERS),
    Scenario(
        play=boundary,
        verdicts={"old session": REFUSED, "new session": REFUSED},
        needs=MANAGED,
    ),
    Scenario(play=managed_deny, verdicts={"old session": REFUSED}, needs=MANAGED),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.play.__name__)
def test_every_cloud_gives_the_verdict_of_the_table(scene: Scene, scenario: Scenario) -> None:
    lacking = scenario.needs - scene.cloud.abilities
    if lacking:
        pytest.skip(f"{scene.cloud.name} has no " + ", ".join(sorted(lacking)))

    credentials = scenario.play(scene)

    found = {name: verdicts(scene, keys) for name, keys in credentials.items()}
    assert found == {name: {wanted} for name, wanted in scenario.verdicts.items()}


def verdicts(scene: Scene, keys: Keys) -> set[str]:
    """Return what all services of a cloud do with a credential: one word if they agree."""
    rulings = [scene.cloud.probe(keys, service).ruling for service in scene.cloud.services]
    return {SERVED if ruling is Ruling.ALLOWED else REFUSED for ruling in rulings}

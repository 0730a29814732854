"""The real command line over HTTP against a thief who fights back, on a slow cloud."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lab.cloud import ALLOW_ALL, wait_until_after
from lab.command_line import CommandLine
from lab.lagging.clock import RealClock
from lab.lagging.cloud import Lag, LaggingCloud, Refusal, trusting
from lab.wire import REGION

if TYPE_CHECKING:
    from lab.command_line import Finished
    from lab.wire import Answer, Keys

pytestmark = pytest.mark.clouds

LAG = 1.5
STRIPPED_EVERY = 0.5
WORK = "work"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A cloud behind an endpoint, a shell on it, and a leaked session of an admin's role."""

    cloud: LaggingCloud
    shell: CommandLine
    leaked: Keys

    def revoke(self, *options: str, shell: CommandLine | None = None) -> Finished:
        """Revoke what leaked; the shell says how long to hold."""
        return (shell or self.shell).run(
            "revoke", "-", "--yes", "--json", *options, stdin=self.leaked.export_lines, seconds=150
        )

    def resume(self, *options: str) -> Finished:
        """Take the newest incident up again."""
        return self.shell.run("resume", "latest", "--yes", "--json", *options, seconds=150)

    @property
    def policies(self) -> set[str]:
        """The inline policies of the leaked role now."""
        return set(self.cloud.control.world.accounts[self.cloud.account].roles["deploy"].inline)

    @property
    def attached(self) -> tuple[str, ...]:
        """The managed policies of the leaked role now."""
        return self.cloud.control.world.accounts[self.cloud.account].roles["deploy"].attached

    def is_dead_everywhere(self, keys: Keys) -> bool:
        """Whether a credential is refused in every region, when all is enforced."""
        self.cloud.settle()
        return not any(self.cloud.is_alive(keys, region) for region in self.cloud.control.regions)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    cloud = LaggingCloud(lag=Lag(seconds=LAG), clock=RealClock(), latency=0.005, trail_delay=1)
    cloud.make_role("deploy")
    cloud.make_user("alice")
    with cloud.serve() as endpoint:
        shell = CommandLine(home=tmp_path, endpoint=endpoint, keys=cloud.responder_keys, hold="8")
        yield Stage(cloud=cloud, shell=shell, leaked=cloud.assume("deploy", "worker"))


@contextmanager
def a_stripping_thief(stage: Stage) -> Iterator[None]:
    """Take off twice a second what the responder puts on, until the block ends."""
    over = threading.Event()

    def loop() -> None:
        while not over.wait(STRIPPED_EVERY):
            strip(stage)

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def strip(stage: Stage) -> None:
    """Take everything off that is not the role's own, as far as he may."""
    for name in stage.policies - {WORK}:
        attempt(stage, "DeleteRolePolicy", PolicyName=name)
    for arn in stage.attached:
        attempt(stage, "DetachRolePolicy", PolicyArn=arn)
    attempt(stage, "DeleteRolePermissionsBoundary")


def attempt(stage: Stage, operation: str, **parameters: str) -> bool:
    try:
        stage.cloud.call(stage.leaked, "iam", operation, REGION, RoleName="deploy", **parameters)
    except Refusal:
        return False
    return True


def make_backdoor(stage: Stage) -> None:
    """Make a role that lets its maker in from outside, with the leak, well before the cut.

    IAM dates in whole seconds: what is made in the second of the cut counts as made after it.
    """
    trust = trusting("999999999999", stage.cloud.account)
    call = stage.cloud.call
    call(stage.leaked, "iam", "CreateRole", RoleName="backdoor", AssumeRolePolicyDocument=trust)
    call(
        stage.leaked,
        "iam",
        "PutRolePolicy",
        RoleName="backdoor",
        PolicyName=WORK,
        PolicyDocument=ALLOW_ALL,
    )
    wait_until_after(stage.cloud.clock.now() + timedelta(seconds=2))
    stage.cloud.settle()


def door(done: Finished, target: str) -> Answer:
    """Return the one door of a name."""
    (found,) = (each for each in done.document.rows("doors") if each.text("target") == target)
    return found


def expect(done: Finished, *, code: int, status: str) -> None:
    assert (done.code, done.document.text("status")) == (code, status), str(done)


def test_a_quiet_leak_is_contained_and_the_braces_are_lifted_again(stage: Stage) -> None:
    assert stage.cloud.is_alive(stage.leaked)

    done = stage.revoke()

    expect(done, code=0, status="contained")
    assert done.document.text("can_edit_own_containment") == "yes"
    assert done.document.value("hold_seconds") == 8
    assert done.document.value("verification", "new_sessions_work") is True
    braces = [each for each in done.document.rows("actions") if each.value("temporary")]
    assert braces
    assert {each.text("state") for each in braces} == {"undone"}
    assert stage.policies == {WORK, "AWSRevokeOlderSessions"}
    assert stage.attached == ()
    assert stage.is_dead_everywhere(stage.leaked)
    assert stage.cloud.is_alive(stage.cloud.assume("deploy", "anew"))


def test_a_thief_who_strips_is_contested_and_when_he_stops_resume_contains_him(
    stage: Stage,
) -> None:
    with a_stripping_thief(stage):
        fought = stage.revoke("--timeout", "3")
    resumed = stage.resume("--hold", "8")

    expect(fought, code=4, status="contested")
    watch = fought.document.part("verification").part("watch")
    assert watch.value("contested") is True
    assert {each.text("target") for each in watch.rows("touches")} == {"role/deploy"}
    expect(resumed, code=0, status="contained")
    assert stage.is_dead_everywhere(stage.leaked)


def test_a_backdoor_keeps_the_word_contained_away_until_it_is_closed(stage: Stage) -> None:
    make_backdoor(stage)

    left = stage.revoke()
    closed = stage.resume("--cascade", "--hold", "6")

    expect(left, code=5, status="partial")
    found = door(left, "role/backdoor")
    assert (found.text("kind"), found.text("state")) == ("role", "open")
    assert found.text("reason")
    expect(closed, code=0, status="contained")
    assert door(closed, "role/backdoor").text("state") == "contained"
    assert stage.is_dead_everywhere(stage.cloud.assume("backdoor", "thief"))


def test_a_backdoor_that_a_person_knows_is_dismissed(stage: Stage) -> None:
    make_backdoor(stage)
    left = stage.revoke()

    dismissed = stage.resume("--dismiss", "role/backdoor", "--hold", "6")

    expect(left, code=5, status="partial")
    expect(dismissed, code=0, status="contained")
    assert door(dismissed, "role/backdoor").text("state") == "dismissed"
    stage.cloud.settle()
    assert stage.cloud.is_alive(stage.cloud.assume("backdoor", "its owner"))


def test_behind_an_scp_the_thief_who_strips_loses_and_undo_lifts_it(stage: Stage) -> None:
    shell = with_organization(stage)

    with a_stripping_thief(stage):
        done = stage.revoke("--org-profile", "org", shell=shell)
    fenced = fences(stage.cloud)
    dead = stage.is_dead_everywhere(stage.leaked)
    undone = shell.run("undo", "latest", "--force", "--yes", "--json", "--org-profile", "org")

    expect(done, code=0, status="contained")
    assert "create-service-control-policy" in {
        each.text("kind") for each in done.document.rows("actions")
    }
    assert fenced
    assert dead
    assert undone.code == 0, str(undone)
    assert not fences(stage.cloud)


def with_organization(stage: Stage) -> CommandLine:
    """Return the shell with a profile `org` of the organization's administrator."""
    keys = stage.cloud.org_admin_keys
    config = stage.shell.home / "config"
    config.write_text(
        f"[profile org]\naws_access_key_id={keys.access_key_id}\n"
        f"aws_secret_access_key={keys.secret}\n",
        encoding="utf-8",
    )
    return replace(stage.shell, extra={"AWS_CONFIG_FILE": str(config)})


def fences(cloud: LaggingCloud) -> list[str]:
    """Return unleak's own service control policies."""
    organization = cloud.control.world.organization
    assert organization is not None
    return [one.name for one in organization.policies.values() if "nleak" in one.name]


def test_who_responds_on_the_leaked_role_cuts_himself_off_last_and_others_finish(
    stage: Stage,
) -> None:
    own = replace(stage.shell, keys=stage.cloud.assume("deploy", "responder"))

    alone = stage.revoke(shell=own)
    finished = stage.resume("--hold", "6")

    assert alone.document.value("self_lockout") is True
    expect(alone, code=3, status="unproven")
    assert alone.document.value("verification", "watch") is None
    assert not [each for each in alone.document.rows("actions") if each.value("temporary")]
    assert alone.document.rows("actions")[-1].text("kind") == "put-role-policy"
    expect(finished, code=0, status="contained")
    assert stage.is_dead_everywhere(stage.leaked)

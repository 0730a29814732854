"""A cascade that is killed between two hops: `resume` cuts the rest off, and nobody else."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from clouds.thief import Thief, Trail
from lab.contract import check_response
from lab.ministack import ACCOUNT
from lab.proxy import Proxy, Rule
from lab.scene import REVOKE_POLICY
from lab.trouble import After, Drop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab.command_line import Finished
    from lab.scene import Scene
    from lab.trouble import Trouble
    from lab.wire import Keys

pytestmark = pytest.mark.clouds

KILLED = -9 if sys.platform != "win32" else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Heist:
    """What a thief went through, and beside him people who did nothing but work."""

    aws: Scene
    folder: Path
    bob: str
    alpha: str
    beta: str
    spare: str
    leaked: Keys
    stolen: tuple[Keys, ...]
    """All that he came to, one from another."""
    made: Keys
    """The last of them: a key of somebody else."""
    payroll: str
    honest: tuple[Keys, ...]

    @property
    def cascade(self) -> tuple[str, ...]:
        """The command that follows him."""
        return ("revoke", "-", "--cascade", "--trail", str(self.folder / "trail.json"))

    @property
    def hops(self) -> tuple[str, ...]:
        """Whoever he was on the way."""
        users = (f"user/{self.bob}", f"user/{self.spare}")
        return (*users, f"role/{self.alpha}", f"role/{self.beta}")

    def assert_contained(self) -> None:
        """Assert it of every hop, as a client tells that is not unleak's."""
        for each in (self.leaked, *self.stolen):
            self.aws.assert_refused(each)
        for holder in self.hops:
            assert self.aws.policies(holder) == {"work", REVOKE_POLICY}
        assert self.aws.status_of_key(self.bob, self.leaked) == "Inactive"
        assert self.aws.status_of_key(self.spare, self.made) == "Inactive"

    def assert_honest_untouched(self, proxy: Proxy) -> None:
        """Assert that whoever is not in the trail works on, and that nothing was sent about him."""
        for each in self.honest:
            self.aws.assert_served(each)
        assert self.aws.policies(f"role/{self.payroll}") == {"work"}
        about = [seen for seen in proxy.changes if self.payroll in seen.parameters.values()]
        assert about == []

    def assert_nothing_made_twice(self, proxy: Proxy) -> None:
        """Assert that keys were switched off once, and cut-offs went nowhere but forward."""
        for key in (self.leaked, self.made):
            assert len(reached(proxy, "UpdateAccessKey", key.access_key_id)) == 1
        for role in (self.alpha, self.beta):
            puts = reached(proxy, "PutRolePolicy", role)
            denies = [cutoff_of(each) for each in puts]
            assert denies == sorted(denies)
            # the one that cuts it off, and those that move past what was minted meanwhile
            assert len(set(denies)) == len(denies)


def reached(proxy: Proxy, action: str, about: str) -> list[dict[str, str]]:
    """Return the parameters of the calls that came through to AWS."""
    return [
        seen.parameters
        for seen in proxy.named(action)
        if seen.reached and about in seen.parameters.values()
    ]


def cutoff_of(parameters: dict[str, str]) -> str:
    """Return the instant before which a policy denies sessions."""
    document = json.loads(parameters["PolicyDocument"])
    (statement,) = document["Statement"]
    cutoff: str = statement["Condition"]["DateLessThan"]["aws:TokenIssueTime"]
    return cutoff


@pytest.fixture
def heist(aws: Scene, tmp_path: Path) -> Heist:
    """Bob leaks, becomes alpha, becomes beta, makes a key of spare; payroll is not concerned."""
    alpha, beta, payroll = aws.role("alpha"), aws.role("beta"), aws.role("payroll")
    spare, _ = aws.user("spare")
    _, carols = aws.user("carol")
    aws.wait_for_next_second()
    bob, leaked = aws.user()
    thief = Thief(aws, Trail(tmp_path))
    a = thief.become(leaked, f"arn:aws:iam::{ACCOUNT}:user/{bob}", alpha)
    b = thief.become(a, f"arn:aws:sts::{ACCOUNT}:assumed-role/{alpha}/thief", beta)
    made = thief.make_key(b, f"arn:aws:sts::{ACCOUNT}:assumed-role/{beta}/thief", spare)
    honest = (aws.cloud.assume(payroll, "monthly"), carols)
    for each in (leaked, a, b, made, *honest):
        aws.assert_served(each)
    return Heist(
        aws=aws,
        folder=tmp_path,
        bob=bob,
        alpha=alpha,
        beta=beta,
        spare=spare,
        leaked=leaked,
        stolen=(a, b, made),
        made=made,
        payroll=payroll,
        honest=honest,
    )


def lost(hook: Callable[[], None]) -> Trouble:
    """Its intent is in the journal, and the call never arrives."""
    return Drop(hook=hook)


def unheard(hook: Callable[[], None]) -> Trouble:
    """AWS has done it, and the outcome is not in the journal."""
    return After(hook=hook)


def run_killed(heist: Heist, proxy: Proxy, command: tuple[str, ...], moment: Moment) -> None:
    """Run a command and kill it at one call."""
    shell = heist.aws.shell.behind(proxy.endpoint)
    about = {"alpha": heist.alpha, "beta": heist.beta}[moment.word]
    rule = Rule(action=moment.call, about=about, trouble=moment.trouble(shell.kill), times=1)
    proxy.rules.append(rule)
    done = shell.run(*command, "--yes", "--json", stdin=heist.leaked.export_lines)
    assert done.code == KILLED, str(done)
    assert rule.times == 0, proxy.actions


def resume(heist: Heist, proxy: Proxy) -> Finished:
    """Finish it, with nothing said about the trail: the journal knows."""
    shell = heist.aws.shell.behind(proxy.endpoint)
    return shell.run("resume", "latest", "--yes", "--json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """At which call, about which hop, and how far that came."""

    call: str
    word: str
    trouble: Callable[[Callable[[], None]], Trouble]


LOOKING = Moment(call="GetRole", word="alpha", trouble=lost)
FIRST_INTENDED = Moment(call="PutRolePolicy", word="alpha", trouble=lost)
FIRST_UNHEARD = Moment(call="PutRolePolicy", word="alpha", trouble=unheard)
SECOND_INTENDED = Moment(call="PutRolePolicy", word="beta", trouble=lost)
SECOND_UNHEARD = Moment(call="PutRolePolicy", word="beta", trouble=unheard)


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(LOOKING, id="leak cut and hops not yet looked at"),
        pytest.param(FIRST_INTENDED, id="leak cut and first hop only intended"),
        pytest.param(SECOND_INTENDED, id="parent cut and child only intended"),
        pytest.param(SECOND_UNHEARD, id="parent cut and child cut but not heard"),
    ],
)
def test_a_cascade_killed_between_two_hops_is_finished_by_resume(
    heist: Heist, aws_proxy: Proxy, moment: Moment
) -> None:
    run_killed(heist, aws_proxy, heist.cascade, moment)

    resumed = resume(heist, aws_proxy)

    check_response(resumed.document)
    assert resumed.code in {0, 3}, str(resumed)
    heist.assert_contained()
    heist.assert_nothing_made_twice(aws_proxy)
    heist.assert_honest_untouched(aws_proxy)
    for role in (heist.alpha, heist.beta):
        heist.aws.assert_new_session_served(role, resumed)


def test_a_cascade_may_be_killed_again_and_again_and_undo_still_knows_the_beginning(
    heist: Heist, aws_proxy: Proxy
) -> None:
    run_killed(heist, aws_proxy, heist.cascade, FIRST_UNHEARD)
    # the last one dies where the first hop's cut-off moves past what was minted meanwhile
    for moment in (SECOND_INTENDED, SECOND_UNHEARD, FIRST_INTENDED):
        run_killed(heist, aws_proxy, ("resume", "latest"), moment)

    resumed = resume(heist, aws_proxy)

    assert resumed.code in {0, 3}, str(resumed)
    heist.assert_contained()
    heist.assert_nothing_made_twice(aws_proxy)
    heist.assert_honest_untouched(aws_proxy)
    undone = heist.aws.shell.run("undo", "latest", "--force", "--yes", "--json")
    assert undone.code == 0, str(undone)
    for holder in heist.hops:
        assert heist.aws.policies(holder) == {"work"}, holder
    assert heist.aws.status_of_key(heist.spare, heist.made) == "Active"

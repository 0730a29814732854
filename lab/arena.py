"""One fight: a thief of some strategy against a defence on a cloud of some lag, and who won.

The verdict never leans on unleak's own word: after the response the thief goes on for two minutes
more, and every call of his that is served counts against the defence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from lab.cloud import revoke_document
from lab.lagging.clock import VirtualClock
from lab.lagging.cloud import Lag, LaggingCloud, keys_in
from lab.lagging.doors import LaggingDoors
from lab.lagging.quick_prober import QuickProber
from lab.thief import Strategy, Thief
from unleak.aws.prober import AwsProber
from unleak.contain.options import Options
from unleak.flow.person import Nobody
from unleak.flow.request import Measuring, Request
from unleak.flow.revoke import revoke
from unleak.flow.timing import Timing
from unleak.identify.consent import Consent
from unleak.model.credential import FoundCredential
from unleak.model.secret import Secret

if TYPE_CHECKING:
    from lab.wire import Keys
    from unleak.flow.response import Response
    from unleak.model.outcome import Status
    from unleak.model.ports import Prober

LATENCY = 0.01
"""Seconds that each call of the responder takes: eight are under way at once, 80 ms each."""
AFTERWARDS = 120.0
"""Seconds that the thief goes on after the response has ended."""
HEAD_START = 20.0
"""Seconds that he works before anybody notices, unless the fight says otherwise."""
_ALWAYS_SERVED = frozenset({"sts:GetCallerIdentity"})


class FightDoors(LaggingDoors):
    """unleak's doors with the prober of fights."""

    def prober(self) -> Prober:
        """Return the quick prober."""
        return QuickProber(self.cloud, AwsProber(self._opened()))


class Start(StrEnum):
    """What he stole."""

    ROLE_SESSION = "role session"
    USER_KEY = "user key"


class Defence(StrEnum):
    """Who responds."""

    CONSOLE = "console, one-off"
    UNLEAK = "unleak"
    UNLEAK_SCP = "unleak with an SCP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fight:
    """One cell of the table."""

    start: Start
    strategies: frozenset[Strategy]
    defence: Defence
    lag: float
    jitter: float = 0.0
    cascade: bool = True
    head_start: float = HEAD_START
    """Seconds that the thief works before anybody notices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a fight ended."""

    status: Status | None
    """unleak's own word; None for the console, which says nothing."""
    served_after_cut: int
    """Calls of the thief that were served after the first cut."""
    served_afterwards: int
    """Calls of the thief that were served after the response had ended."""
    seconds_had: float
    """From the first cut to his last call that was served."""
    open_passwords: tuple[str, ...]
    """Users whom he gave a password that lets him do something; the lab has no console to sign in
    to, so nobody is seen to use them."""
    thief: Thief
    response: Response | None = None

    @property
    def is_contained(self) -> bool:
        """Whether he could do nothing any more once the response had ended: the cloud's word."""
        return self.served_afterwards == 0 and not self.open_passwords

    @property
    def alive(self) -> tuple[str, ...]:
        """What he holds that would still be served somewhere: `KEY of HOLDER in REGION`."""
        cloud = self.thief.cloud
        return tuple(
            f"{each.keys.access_key_id} of {each.holder} in {region}"
            for each in self.thief.loot
            for region in cloud.control.regions
            if cloud.is_alive(each.keys, region)
        )


def play(fight: Fight, *, home: Path, seed: int = 1, latency: float = LATENCY) -> Outcome:
    """Let a thief and a defence fight it out.

    Args:
        fight: who against whom, and how slow the cloud is.
        home: a state folder.
        seed: draws the jitter.
        latency: seconds that each call of the responder takes.
    """
    clock = VirtualClock()
    cloud = LaggingCloud(
        lag=Lag(seconds=fight.lag, jitter=fight.jitter), clock=clock, latency=latency, seed=seed
    )
    holder, leaked = _stage(cloud, fight)
    thief = Thief(cloud=cloud, leaked=leaked, holder=holder, strategies=fight.strategies)
    thief.start()
    clock.advance(fight.head_start)
    began = clock.now()
    response = _respond(cloud, fight, holder, leaked, home)
    ended = clock.now()
    clock.advance(AFTERWARDS)
    served = _served(cloud, thief)
    after = [instant for instant in served if instant > began]
    return Outcome(
        status=None if response is None else response.status,
        served_after_cut=len(after),
        served_afterwards=sum(instant > ended for instant in after),
        seconds_had=max(((each - began).total_seconds() for each in after), default=0.0),
        open_passwords=_open_passwords(cloud, thief),
        thief=thief,
        response=response,
    )


def _open_passwords(cloud: LaggingCloud, thief: Thief) -> tuple[str, ...]:
    """Try each user with a key made just now: denied to that, a console session is denied too."""
    thief.is_active = False
    return tuple(name for name in thief.passwords if _is_served(cloud, name))


def _is_served(cloud: LaggingCloud, user: str) -> bool:
    account = cloud.control.world.accounts[cloud.account]
    if user not in account.users or account.users[user].login_profile is None:
        return False
    for key_id in account.users[user].keys:
        cloud.call(cloud.admin_keys, "iam", "DeleteAccessKey", UserName=user, AccessKeyId=key_id)
    made = keys_in(cloud.call(cloud.admin_keys, "iam", "CreateAccessKey", UserName=user))
    cloud.settle()
    return cloud.is_alive(made)


def _stage(cloud: LaggingCloud, fight: Fight) -> tuple[str, Keys]:
    """An account with a past: everything in it is older than the leak."""
    cloud.make_user("alice")
    cloud.make_role("honest")
    if fight.start is Start.USER_KEY:
        return "user/ci", cloud.make_user("ci")
    cloud.make_role("deploy")
    return "role/deploy", cloud.assume("deploy", "worker")


def _respond(
    cloud: LaggingCloud, fight: Fight, holder: str, leaked: Keys, home: Path
) -> Response | None:
    if fight.defence is Defence.CONSOLE:
        _console(cloud, holder, leaked)
        return None
    with_scp = fight.defence is Defence.UNLEAK_SCP
    doors = FightDoors(
        cloud, keys=cloud.responder_keys, org_keys=cloud.org_admin_keys if with_scp else None
    )
    request = Request(
        found=(found(leaked),),
        options=Options(cascade=fight.cascade),
        consent=Consent.IF_OWN_ACCOUNT,
        assume_yes=True,
        measuring=Measuring(),
    )
    return revoke(request, doors, Nobody(), home=home, timing=timing_of(cloud))


def found(keys: Keys) -> FoundCredential:
    """Return a credential as the evidence would show it."""
    return FoundCredential(
        access_key_id=keys.access_key_id,
        secret=Secret(keys.secret),
        session_token=None if keys.token is None else Secret(keys.token),
    )


def timing_of(cloud: LaggingCloud) -> Timing:
    """Return waiting and counting on the cloud's own clock."""
    start = cloud.clock.now()
    return Timing(
        pause=cloud.clock.advance,
        monotonic=lambda: (cloud.clock.now() - start).total_seconds(),  # noqa: PLW0108 - now changes
    )


def _console(cloud: LaggingCloud, holder: str, leaked: Keys) -> None:
    """What the console's button and its key page do: one deny, one key turned off, no look back."""
    kind, name = holder.split("/", 1)
    who = {f"{kind.capitalize()}Name": name}
    cloud.call(
        cloud.responder_keys,
        "iam",
        f"Put{kind.capitalize()}Policy",
        PolicyName="AWSRevokeOlderSessions",
        PolicyDocument=revoke_document(cloud.clock.now() + timedelta(seconds=1)),
        **who,
    )
    if kind == "user":
        cloud.call(
            cloud.responder_keys,
            "iam",
            "UpdateAccessKey",
            AccessKeyId=leaked.access_key_id,
            Status="Inactive",
            **who,
        )


def _served(cloud: LaggingCloud, thief: Thief) -> tuple[datetime, ...]:
    """Return when calls with anything that he ever held were served; from outside is outside."""
    held = thief.key_ids
    return tuple(
        call.instant
        for call in cloud.calls
        if call.allowed and call.access_key_id in held and call.action not in _ALWAYS_SERVED
    )


def fights(
    *,
    strategies: Iterable[frozenset[Strategy]],
    defences: Iterable[Defence],
    lags: Iterable[float],
    starts: Iterable[Start] = tuple(Start),
    fits: Callable[[Fight], bool] = lambda _: True,
) -> tuple[Fight, ...]:
    """Return every combination that makes sense."""
    everything = (
        Fight(start=start, strategies=chosen, defence=defence, lag=lag)
        for start in starts
        for chosen in strategies
        for defence in defences
        for lag in lags
    )
    return tuple(each for each in everything if fits(each))

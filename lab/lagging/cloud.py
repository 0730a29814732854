"""The lagging cloud itself: what tests and thieves hold in their hands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from lab.cloud import ALLOW_ALL, Ability, compact
from lab.lagging import http
from lab.lagging.access import Signature
from lab.lagging.clock import Clock, VirtualClock
from lab.lagging.control import ControlPlane
from lab.lagging.data_services import HARMLESS
from lab.lagging.founding import found
from lab.lagging.gate import Call, Wanted, carry_out, judge, let_in, permit
from lab.lagging.ids import Mint
from lab.lagging.planes import Lag, Planes
from lab.lagging.refusal import Refusal
from lab.lagging.trail import Trail
from lab.lagging.verdicts import verdict_of
from lab.verdict import Ruling, Verdict, rule
from lab.wire import REGION, Keys, Wire

if TYPE_CHECKING:
    from lab.lagging.access import Caller
    from lab.lagging.estate import Answer, Role, User

__all__ = ["Lag", "LaggingCloud", "Refusal"]

ACCOUNT: Final = "111122223333"
REGIONS: Final = ("us-east-1", "us-west-2", "eu-west-1")


class LaggingCloud:
    """An AWS double whose enforcement is late.

    Args:
        lag: how late.
        clock: a virtual one of its own unless given.
        latency: seconds that each call through HTTP or `LaggingDoors` takes before it is decided.
        trail_delay: seconds until CloudTrail shows an event.
        regions: the regions that the account has switched on.
        seed: makes ids and jitter the same in every run.
        account: the number of the account that tests are about.
    """

    name = "lagging"
    abilities = frozenset(Ability)
    services = ("s3", "sqs", "dynamodb", "ec2", "lambda", "secretsmanager", "ssm", "kms", "sns")

    def __init__(
        self,
        *,
        lag: Lag | None = None,
        clock: Clock | None = None,
        latency: float = 0.05,
        trail_delay: float = 300.0,
        regions: tuple[str, ...] = REGIONS,
        seed: int = 1,
        account: str = ACCOUNT,
    ) -> None:
        self.clock: Clock = VirtualClock() if clock is None else clock
        self.latency = latency
        self.account = account
        self.calls: list[Call] = []
        self.trail = Trail(delay=trail_delay)
        self.served_at: str | None = None
        mint = Mint(seed)
        first = found(mint, account, self.clock.now())
        self.admin_keys = first.root
        self.responder_keys = first.responder
        self.org_admin_keys = first.org_admin
        self.outsider_keys = first.outsider
        self.control = ControlPlane(
            clock=self.clock,
            mint=mint,
            planes=Planes(lag or Lag(), first.world, seed),
            world=first.world,
            regions=regions,
            trail=self.trail,
        )

    @property
    def endpoint(self) -> str:
        """Its URL on the loopback interface, while it is served.

        Raises:
            RuntimeError: it is not.
        """
        if self.served_at is None:
            message = "the cloud has no endpoint: use `with cloud.serve()`"
            raise RuntimeError(message)
        return self.served_at

    @property
    def responder(self) -> Keys:
        """The keys of the person who responds."""
        return self.responder_keys

    @property
    def admin(self) -> Wire:
        """The lab's own hand over HTTP."""
        return Wire(endpoint=self.endpoint, keys=self.admin_keys)

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Serve it on a free loopback port until the block ends; gives the URL."""
        with http.serve(self) as endpoint:
            self.served_at = endpoint
            try:
                yield endpoint
            finally:
                self.served_at = None

    def call(
        self,
        keys: Keys,
        service: str,
        operation: str,
        region: str = REGION,
        **parameters: object,
    ) -> Answer:
        """Make one call, `cloud.call(keys, "iam", "CreateUser", UserName="x")`; it takes no time.

        Policy documents in answers are plain text.

        Raises:
            Refusal: the cloud refused.
        """
        return self.serve_call(_wanted(keys, service, operation, region, parameters))

    def serve_call(self, wanted: Wanted) -> Answer:
        """Decide a call now, carry it out if it may be, and write it down.

        Raises:
            Refusal: the cloud refused.
        """
        with self.clock.lock:
            caller: Caller | None = None
            try:
                caller = let_in(self.control, wanted)
                permit(self.control, wanted, caller)
                answer = carry_out(self.control, wanted, caller)
            except Refusal as refusal:
                self._write_down(wanted, caller, refusal.code)
                raise
            self._write_down(wanted, caller, answer)
            return answer

    def is_alive(self, keys: Keys, region: str = REGION, service: str = "s3") -> bool:
        """Whether a call that policies decide would be served there now; leaves no trace."""
        wanted = _wanted(keys, service, HARMLESS[service], region, {})
        with self.clock.lock:
            try:
                permit(self.control, wanted, let_in(self.control, wanted))
            except Refusal:
                return False
            return True

    def may(self, keys: Keys, action: str, resource: str = "*", region: str = REGION) -> bool:
        """Whether one IAM action on one resource would be allowed there now; leaves no trace."""
        service, operation = action.split(":", 1)
        wanted = _wanted(keys, service, operation, region, {})
        with self.clock.lock:
            try:
                caller = let_in(self.control, wanted)
            except Refusal:
                return False
            return judge(self.control, wanted, caller, resource=resource).is_allowed

    def settle(self) -> None:
        """Let every region know at once all that is written: for arranging, not within a race."""
        with self.clock.lock:
            self.control.planes.settle(self.control.world)

    def delegate_to(self, account: str) -> None:
        """Make an account a delegated administrator of the organization."""
        with self.clock.lock:
            world = self.control.world
            if world.organization is not None:
                organization = replace(world.organization, delegated=(account,))
                self.control.world = replace(world, organization=organization)
                self.settle()

    def make_role(
        self,
        name: str,
        *,
        policy: str = ALLOW_ALL,
        trust: str | None = None,
        days_old: float = 30,
    ) -> str:
        """Create a role with one inline policy `work` that is known everywhere; return its ARN."""
        trusted = trust or trusting(self.account)
        self._arrange("CreateRole", RoleName=name, AssumeRolePolicyDocument=trusted)
        self._arrange("PutRolePolicy", RoleName=name, PolicyName="work", PolicyDocument=policy)
        with self.clock.lock:
            account = self.control.world.accounts[self.account]
            role: Role = account.roles[name]
            aged = replace(role, created=role.created - timedelta(days=days_old))
            self.control.world = self.control.world.keep(account.keep(aged))
            self.settle()
            return aged.arn

    def make_user(self, name: str, *, policy: str = ALLOW_ALL, days_old: float = 30) -> Keys:
        """Create a user with one inline policy `work` and a key that work everywhere."""
        self._arrange("CreateUser", UserName=name)
        self._arrange("PutUserPolicy", UserName=name, PolicyName="work", PolicyDocument=policy)
        self._arrange("CreateAccessKey", UserName=name)
        with self.clock.lock:
            account = self.control.world.accounts[self.account]
            user: User = account.users[name]
            (key,) = user.keys.values()
            created = user.created - timedelta(days=days_old)
            aged = replace(user, created=created, keys={key.key_id: replace(key, created=created)})
            self.control.world = self.control.world.keep(account.keep(aged))
            self.settle()
            return Keys(access_key_id=key.key_id, secret=key.secret)

    def assume(self, role: str, session_name: str) -> Keys:
        """Mint a session of a role, by the lab's own hand."""
        arn = self.control.world.accounts[self.account].roles[role].arn
        return keys_in(
            self.call(
                self.admin_keys, "sts", "AssumeRole", RoleArn=arn, RoleSessionName=session_name
            )
        )

    def session_token(self, user: Keys) -> Keys:
        """Mint a session of a user (`GetSessionToken`)."""
        return keys_in(self.call(user, "sts", "GetSessionToken"))

    def federation_token(self, user: Keys, name: str) -> Keys:
        """Mint a federated session from a user's key (`GetFederationToken`)."""
        return keys_in(self.call(user, "sts", "GetFederationToken", Name=name, Policy=ALLOW_ALL))

    def probe(self, keys: Keys, service: str) -> Verdict:
        """Try a credential in one service."""
        if self.served_at is not None:
            return rule(self.served_at, keys, service)
        try:
            self.call(keys, service, HARMLESS[service])
        except Refusal as refusal:
            return verdict_of(refusal)
        return Verdict(ruling=Ruling.ALLOWED)

    def _arrange(self, operation: str, **parameters: object) -> None:
        wanted = _wanted(self.admin_keys, "iam", operation, REGION, parameters)
        with self.clock.lock:
            carry_out(self.control, wanted, let_in(self.control, wanted))

    def _write_down(self, wanted: Wanted, caller: Caller | None, outcome: Answer | str) -> None:
        now = self.clock.now()
        self.calls.append(
            Call(
                instant=now,
                access_key_id=wanted.signature.key_id,
                principal="" if caller is None else caller.arn,
                action=wanted.action,
                region=wanted.region,
                allowed=not isinstance(outcome, str),
                code=outcome if isinstance(outcome, str) else "",
            )
        )
        if caller is not None:
            event_id = self.control.mint.uuid()
            self.trail.record(wanted, caller, event_id=event_id, at=now, outcome=outcome)


def trusting(*principals: str) -> str:
    """Return a trust policy that lets accounts or ARNs in."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": [_principal(one) for one in principals]},
        "Action": "sts:AssumeRole",
    }
    return compact({"Version": "2012-10-17", "Statement": [statement]})


def _principal(word: str) -> str:
    return f"arn:aws:iam::{word}:root" if word.isdigit() else word


def keys_in(answer: Mapping[str, object]) -> Keys:
    """Read `Credentials` (of STS) or `AccessKey` (of IAM)."""
    found = answer.get("Credentials") or answer.get("AccessKey")
    if not isinstance(found, dict):
        message = "the answer holds no credentials"
        raise TypeError(message)
    token = found.get("SessionToken")
    return Keys(
        access_key_id=str(found["AccessKeyId"]),
        secret=str(found["SecretAccessKey"]),
        token=None if token is None else str(token),
    )


def _wanted(keys: Keys, service: str, operation: str, region: str, parameters: Answer) -> Wanted:
    signature = Signature(
        key_id=keys.access_key_id,
        token=keys.token,
        proves=lambda secret: secret == keys.secret,
    )
    return Wanted(
        service=service,
        operation=operation,
        region=region,
        parameters=parameters,
        signature=signature,
    )

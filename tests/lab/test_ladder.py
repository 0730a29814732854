"""The ladder of proof, through all of botocore, on a cloud that enforces late and by region."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fakes.people import FakePerson
from lab.lagging.cloud import Lag, LaggingCloud, Refusal
from lab.lagging.doors import LaggingDoors
from unleak.contain.deny_policy import merge_cutoff
from unleak.flow.watch import watch_trail
from unleak.model.action import Holder, HolderType, SetInlinePolicy
from unleak.model.credential import Credential, CredentialKind, FoundCredential
from unleak.model.incident import Incident
from unleak.model.plan import Plan, Scope, Step, StepState, Strategy
from unleak.model.policy_names import CONSOLE_POLICY
from unleak.model.principal import Principal, PrincipalType
from unleak.model.proof import Check, CheckOutcome, Level, Verification
from unleak.model.secret import Secret
from unleak.model.situation import Caller
from unleak.verify.ladder import verify
from unleak.verify.subject import Subject

if TYPE_CHECKING:
    from lab.wire import Keys

ROLE = Holder(type=HolderType.ROLE, name="app")


class Leak:
    """A leaked session of a role, and the deny that cuts it off."""

    def __init__(self, cloud: LaggingCloud) -> None:
        self.cloud = cloud
        self.arn = cloud.make_role("app")
        self.keys: Keys = cloud.assume("app", "thief")
        cloud.settle()
        cloud.clock.advance(60)
        self.doors = LaggingDoors(cloud)
        self.cutoff = cloud.clock.now() + timedelta(seconds=2)
        text = merge_cutoff(None, self.cutoff).document
        self.step = Step(
            id="a1",
            action=SetInlinePolicy(
                holder=ROLE, policy_name=CONSOLE_POLICY, before=None, after=text
            ),
            account=cloud.account,
            reason="",
            impact="",
            reversible=True,
            safe_date=None,
            state=StepState.DONE,
        )
        self.doors.writer().put_inline_policy(ROLE, policy_name=CONSOLE_POLICY, document=text)
        self.accepted_at = self.monotonic()

    @property
    def credential(self) -> Credential:
        """The session, identified."""
        principal = Principal(
            type=PrincipalType.ROLE, name="app", arn=self.arn, account=self.cloud.account
        )
        return Credential(
            access_key_id=self.keys.access_key_id,
            kind=CredentialKind.ROLE_SESSION,
            principal=principal,
            session_name="thief",
        )

    def monotonic(self) -> float:
        """Return the cloud's seconds."""
        return self.cloud.clock.now().timestamp()

    def climb(self, *, timeout: float = 60.0) -> Verification:
        """Verify on the cloud's own time."""
        found = FoundCredential(
            access_key_id=self.keys.access_key_id,
            secret=Secret(self.keys.secret),
            session_token=Secret(self.keys.token or ""),
        )
        subject = Subject(
            credentials=(self.credential,),
            steps=(self.step,),
            cutoff=self.cutoff,
            leaked=(found,),
            may_mint=False,
        )
        reader = self.doors.reader()
        return verify(
            subject,
            reader=reader,
            prober=self.doors.prober(),
            regions=("us-east-1",),
            more_regions=reader.regions,
            wanted=None,
            timeout_seconds=timeout,
            accepted_at=self.accepted_at,
            baseline=None,
            pause=self.cloud.clock.advance,
            monotonic=self.monotonic,
        )

    def incident(self) -> Incident:
        """Return the incident that stands for the cut."""
        plan = Plan(
            credentials=(self.credential,),
            steps=(self.step,),
            cutoff=self.cutoff,
            strategy=Strategy.REVOKE_SESSIONS,
            scope=Scope.PRINCIPAL,
        )
        return Incident(
            id="20261124-0700-a1b2c3",
            created_at=self.cutoff,
            status=None,
            caller=Caller(account=self.cloud.account, arn=None, unique_id=None, access_key_id=None),
            region="us-east-1",
            credentials=plan.credentials,
            plan=plan,
            outcomes=(),
            verification=None,
            asked_leaked=(),
            entries=(),
            is_interrupted=False,
        )


def late_in(region: str, seconds: float) -> LaggingCloud:
    """Return a cloud two seconds behind, and one region much more."""
    return LaggingCloud(lag=Lag(seconds=2, per_region={region: seconds}))


def test_a_region_that_lags_longer_than_home_is_alive_until_the_deny_bites() -> None:
    leak = Leak(late_in("eu-west-1", 20))

    found = leak.climb()

    by_region = {each.region: each for each in found.regions}
    assert {each.outcome for each in found.regions} == {CheckOutcome.PROVEN}
    assert set(by_region) == {"us-east-1", "us-west-2", "eu-west-1"}
    late, home = by_region["eu-west-1"], by_region["us-east-1"]
    assert late.seconds_to_effect is not None
    assert home.seconds_to_effect is not None
    assert home.seconds_to_effect < 5
    assert late.seconds_to_effect >= 20
    assert (found.level, found.effective) == (Level.LIVE, True)


def test_a_region_that_lags_past_the_timeout_makes_it_alive() -> None:
    leak = Leak(late_in("eu-west-1", 300))

    found = leak.climb(timeout=20)

    outcomes = {each.region: each.outcome for each in found.regions}
    assert outcomes["eu-west-1"] is CheckOutcome.REFUTED
    assert outcomes["us-east-1"] is CheckOutcome.PROVEN
    assert found.effective is False


def test_the_decoded_denial_of_ec2_names_our_own_statement() -> None:
    leak = Leak(LaggingCloud(lag=Lag(seconds=2)))

    found = leak.climb()

    (seen,) = [each for each in found.checks if each.name == "live-ec2"]
    assert seen.outcome is CheckOutcome.PROVEN
    assert "by our own statement UnleakOlderSessions" in seen.detail


def watch(leak: Leak) -> tuple[Check, ...]:
    """Watch the trail on the cloud's own time."""
    nothing = Verification(
        level=Level.NONE, effective=None, seconds_to_effect=None, new_sessions_work=None
    )
    found = watch_trail(
        leak.incident(),
        nothing,
        leak.doors.reader(),
        FakePerson(),
        pause=leak.cloud.clock.advance,
        monotonic=leak.monotonic,
    )
    return found.checks


def test_the_thiefs_refused_attempts_show_when_cloudtrail_has_caught_up() -> None:
    leak = Leak(LaggingCloud(lag=Lag(seconds=2), trail_delay=120))
    leak.cloud.clock.advance(100)
    with pytest.raises(Refusal):
        leak.cloud.call(leak.keys, "s3", "ListBuckets", region="eu-west-1")
    assert is_silent_now(leak)

    names = {each.name: each for each in watch(leak) if each.target == leak.keys.access_key_id}

    assert set(names) == {"trail-attempts", "trail-silence"}
    assert "the thief still tries: 1 refused attempt, last ListBuckets" in (
        names["trail-attempts"].detail
    )
    assert names["trail-silence"].outcome is CheckOutcome.PROVEN


def is_silent_now(leak: Leak) -> bool:
    """Whether the trail shows nothing of the leaked key yet."""
    return not leak.doors.reader().trail_events(
        attribute="AccessKeyId", value=leak.keys.access_key_id, region="eu-west-1"
    )


def test_a_call_that_was_served_after_all_is_found_in_the_region_where_it_was_made() -> None:
    leak = Leak(late_in("eu-west-1", 600))
    leak.cloud.clock.advance(100)
    leak.cloud.call(leak.keys, "s3", "ListBuckets", region="eu-west-1")

    served = [each for each in watch(leak) if each.outcome is CheckOutcome.REFUTED]

    assert {each.name for each in served} == {"trail-served"}
    assert {each.region for each in served} == {"eu-west-1"}

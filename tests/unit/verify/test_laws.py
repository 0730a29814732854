"""Laws over whole climbs: any sequence of answers, in any order."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from unit.verify.world import (
    EXPLICIT,
    IMPLICIT,
    THIEF,
    World,
    answer,
    deny_step,
    role_session,
    session_of,
)
from unleak.model.proof import CheckOutcome, Level, Verification
from unleak.verify.classify import Verdict, classify
from unleak.verify.ladder import verify
from unleak.verify.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unleak.model.credential import FoundCredential
    from unleak.model.ports import ProbeAnswer

SAID = {
    "allowed": ("", "", 200),
    "explicit": ("AccessDenied", EXPLICIT, 403),
    "implicit": ("AccessDenied", IMPLICIT, 403),
    "silent": ("AccessDenied", "", 403),
    "dead": ("InvalidClientTokenId", "", 403),
    "expired": ("ExpiredToken", "", 400),
    "signature": ("SignatureDoesNotMatch", "", 403),
    "throttled": ("Throttling", "", 400),
    "unreachable": ("Unreachable", "", 0),
    "unsupported": ("MethodNotAllowed", "", 405),
    "odd": ("InternalError", "", 500),
}
scripts = st.dictionaries(
    st.sampled_from(["s3", "sqs", "sts"]),
    st.lists(st.sampled_from(sorted(SAID)), min_size=1, max_size=6),
    min_size=1,
)


class Scripted(World):
    """Tells each service's lines in turn, the last one for ever, and remembers them."""

    def follow(self, script: dict[str, list[str]]) -> None:
        self.services = tuple(script)
        self.said: dict[str, list[ProbeAnswer]] = defaultdict(list)

        def tell(credential: FoundCredential, service: str, region: str) -> ProbeAnswer | None:
            if credential.access_key_id != THIEF:
                return None
            lines = script[service]
            line = lines[min(len(self.said[service]), len(lines) - 1)]
            code, message, status = SAID[line]
            given = answer(service, region, code, message, status=status)
            self.said[service].append(given)
            return given

        self.answers = tell


def climb(script: dict[str, list[str]], *, may_mint: bool) -> tuple[Scripted, Verification]:
    world = Scripted()
    world.follow(script)
    world.deny()
    found = verify(
        Subject(
            credentials=(role_session(),),
            steps=(deny_step(),),
            cutoff=None,
            leaked=(session_of(THIEF),),
            may_mint=may_mint,
        ),
        reader=world,
        prober=world,
        regions=("us-east-1",),
        wanted=None,
        timeout_seconds=20,
        accepted_at=0.0,
        baseline=None,
        pause=world.pause,
        monotonic=world.monotonic,
    )
    return world, found


def telling(answers: Sequence[ProbeAnswer]) -> list[Verdict]:
    verdicts = [classify(each) for each in answers]
    return [each for each in verdicts if each.is_refusal or each is Verdict.ALLOWED]


@settings(max_examples=150, deadline=None)
@given(script=scripts, may_mint=st.booleans())
def test_nothing_is_effective_while_a_service_had_the_last_word_and_served(
    *, script: dict[str, list[str]], may_mint: bool
) -> None:
    world, found = climb(script, may_mint=may_mint)

    for service in ("s3", "sqs"):
        heard = telling(world.said[service])
        if heard and heard[-1] is Verdict.ALLOWED:
            assert found.effective is not True


@settings(max_examples=150, deadline=None)
@given(script=scripts, may_mint=st.booleans())
def test_a_live_proof_is_three_refusals_in_a_row_at_the_end(
    *, script: dict[str, list[str]], may_mint: bool
) -> None:
    world, found = climb(script, may_mint=may_mint)

    for check in found.checks:
        if check.level is Level.LIVE and check.outcome is CheckOutcome.PROVEN:
            last = telling(world.said[check.name.removeprefix("live-")])[-3:]
            assert len(last) == 3
            assert all(each.is_refusal for each in last)


@settings(max_examples=150, deadline=None)
@given(script=scripts, may_mint=st.booleans())
def test_the_climb_always_ends_in_time_and_level_and_verdict_agree(
    *, script: dict[str, list[str]], may_mint: bool
) -> None:
    world, found = climb(script, may_mint=may_mint)

    assert world.monotonic() <= 20 + 3 + 2
    if found.effective:
        assert found.level.rank > Level.READ_BACK.rank
    if found.level is Level.LIVE:
        assert any(
            each.level is Level.LIVE and each.outcome is CheckOutcome.PROVEN
            for each in found.checks
        )
    if found.seconds_to_effect is not None:
        assert 0 <= found.seconds_to_effect <= world.monotonic()


@settings(max_examples=60, deadline=None)
@given(scripts)
def test_noise_alone_proves_nothing(script: dict[str, list[str]]) -> None:
    noise = {"signature", "throttled", "unreachable", "unsupported", "odd"}
    quiet = {
        service: [line if line in noise else "odd" for line in lines]
        for service, lines in script.items()
    }

    _, found = climb(quiet, may_mint=True)

    assert (found.level, found.effective) == (Level.READ_BACK, None)

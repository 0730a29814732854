"""The watch of a drill: one question a region, counted from the deny's acceptance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from unleak.model.credential import FoundCredential
from unleak.model.ports import ProbeAnswer
from unleak.verify.region_watch import RegionWatch

CODES = {
    "ok": "",
    "no": "AccessDenied",
    "busy": "SlowDown",
    "scp": "AccessDenied",
    "gone": "Unreachable",
}
BY_SCP = "User: x is not authorized to perform: y with an explicit deny in a service control policy"


@dataclass
class Scripted:
    """Plays one word a question, and the last one for ever; a second passes with each."""

    scripts: dict[str, list[str]]
    services: tuple[str, ...] = ("sqs",)
    seconds: float = 0.0
    asked: dict[str, int] = field(default_factory=dict)

    def probe(self, credential: FoundCredential, *, service: str, region: str) -> ProbeAnswer:
        del credential
        self.seconds += 1.0
        script = self.scripts[region]
        word = script.pop(0) if len(script) > 1 else script[0]
        return ProbeAnswer(
            service=service,
            operation="ListQueues",
            region=region,
            ok=word == "ok",
            error_code=CODES[word],
            message=BY_SCP if word == "scp" else "",
            status=200 if word == "ok" else 403,
        )


def watching(prober: Scripted) -> RegionWatch:
    return RegionWatch(
        FoundCredential(access_key_id="ASIAWATCHWATCHWATCHW"),
        prober=prober,
        service="sqs",
        regions=tuple(prober.scripts),
        pause=_no_pause,
        monotonic=_clock(prober),
    )


def _no_pause(seconds: float) -> None:
    del seconds


def _clock(prober: Scripted) -> Callable[[], float]:
    return lambda: prober.seconds


def test_a_role_that_has_not_arrived_is_waited_for() -> None:
    prober = Scripted({"r": ["no", "no", "ok"]})

    missing = watching(prober).warm_up(60)

    assert missing == ()
    assert prober.seconds == 5


def test_a_region_that_never_serves_is_named_and_its_refusals_tell_nothing() -> None:
    watch = watching(Scripted({"home": ["ok"], "off": ["no"]}))

    missing = watch.warm_up(10)

    assert missing == ("off",)
    assert {each.region: each.was_served for each in watch.bites(0.0)} == {
        "home": True,
        "off": False,
    }


@pytest.mark.parametrize("word", ["scp", "gone"])
def test_a_region_that_is_forbidden_or_out_of_reach_is_not_waited_for(word: str) -> None:
    prober = Scripted({"home": ["ok"], "forbidden": [word]})
    watch = watching(prober)

    missing = watch.warm_up(1_000)
    watch.finish(0)

    assert missing == ("forbidden",)
    assert prober.seconds == 6
    forbidden = watch.bites(0.0)[1]
    assert (forbidden.was_served, forbidden.first_refusal) == (False, None)


def test_a_run_of_refusals_counts_from_the_acceptance_and_noise_does_not_break_it() -> None:
    prober = Scripted({"r": ["ok", "ok", "ok", "ok", "no", "busy", "no", "no"]})
    watch = watching(prober)
    watch.warm_up(60)

    watch.finish(60)

    (bite,) = watch.bites(3.0)
    assert bite.first_refusal == 2.0
    assert bite.lasting == 5.0
    assert bite.relapses == 0


def test_a_region_that_serves_again_has_relapsed_and_is_not_done() -> None:
    prober = Scripted({"r": ["ok", "ok", "ok", "no", "no", "ok", "no"]})
    watch = watching(prober)
    watch.warm_up(60)

    watch.finish(60)

    (bite,) = watch.bites(3.0)
    assert bite.relapses == 1
    assert bite.first_refusal == 1.0
    assert bite.lasting == 6.0


def test_what_does_not_refuse_in_time_has_no_lasting_refusal() -> None:
    watch = watching(Scripted({"r": ["ok"]}))
    watch.warm_up(60)

    watch.finish(5)

    (bite,) = watch.bites(3.0)
    assert (bite.first_refusal, bite.lasting) == (None, None)


def test_a_refusal_that_overtakes_the_answer_to_the_deny_came_at_once() -> None:
    watch = watching(Scripted({"r": ["ok", "ok", "ok", "no"]}))
    watch.warm_up(60)
    watch.finish(60)

    (bite,) = watch.bites(100.0)

    assert bite.first_refusal == 0.0


def test_the_background_asks_until_it_is_stopped() -> None:
    prober = Scripted({"r": ["ok", "ok", "ok", "no"]})
    watch = watching(prober)
    watch.warm_up(60)

    watch.start()
    watch.finish(60)
    after = prober.seconds

    (bite,) = watch.bites(3.0)
    assert bite.lasting is not None
    assert bite.asked >= 3
    assert prober.seconds == after

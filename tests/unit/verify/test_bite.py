"""What a hold asks: whether the denies bite, and since when nothing was served."""

from __future__ import annotations

from unit.verify.world import THIEF, World, session_of
from unleak.model.proof import Level
from unleak.verify.bite import Bite
from unleak.verify.panel import Suspect


def asked(world: World, *, rounds: int) -> Bite:
    """Return what a thief's session was told in so many rounds, one a second."""
    suspect = Suspect(credential=session_of(THIEF), target="role/app", level=Level.LIVE)
    bite = Bite([suspect], prober=world, regions=("us-east-1",), monotonic=world.monotonic)
    for _ in range(rounds):
        bite.ask()
        world.pause(1)
    return bite


def test_refusals_are_counted_from_the_first_after_the_last_served_call() -> None:
    world = World(lag={("s3", "us-east-1"): 4.0, ("sqs", "us-east-1"): 4.0})
    world.deny()

    bite = asked(world, rounds=8)

    assert bite.bites
    assert bite.refused_since == 4.0


def test_a_change_that_begins_the_count_anew_does_not_make_the_lag_look_short() -> None:
    world = World(lag={("s3", "us-east-1"): 4.0, ("sqs", "us-east-1"): 4.0})
    world.deny()
    bite = asked(world, rounds=8)

    bite.forget()

    assert not bite.bites
    assert bite.refused_since == 4.0


def test_what_is_served_was_not_refused_since_any_time() -> None:
    world = World()

    bite = asked(world, rounds=3)

    assert bite.served_in == ("us-east-1",)
    assert bite.refused_since is None

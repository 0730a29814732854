"""`unleak rotate`: a new key everywhere, the old one retired, without downtime."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from unleak.cli import options
from unleak.cli.bundle import bundled
from unleak.cli.key_argument import checked_key
from unleak.cli.output import print_json, screen
from unleak.cli.rotation_person import RotationPerson, refuse_mixed_output, rotation_exit
from unleak.cli.terminal_person import at_terminal
from unleak.errors import ExitCode
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from unleak.flow.doors import AwsDoors
    from unleak.model.rotation import RotationPlan, Spot
    from unleak.rotate.plan import RotationWish

EPILOG = """
\b
Examples:
  unleak rotate AKIAY34FZKBOKMUTVV7A --everywhere --dry-run
  unleak rotate AKIAY34FZKBOKMUTVV7A --to secretsmanager:orders --to lambda:orders
  unleak rotate AKIAY34FZKBOKMUTVV7A --to ~/.aws/credentials --silence 0
  unleak rotate AKIAY34FZKBOKMUTVV7A --to ssm:/orders/key --leaked --yes
\b
PLACE is one of:
  ~/.aws/credentials[#PROFILE]   secretsmanager:NAME[@REGION]   ssm:/NAME[@REGION]
  lambda:FUNCTION[@REGION]       ecs:CLUSTER/SERVICE[@REGION]   codebuild:PROJECT[@REGION]
  github:OWNER/REPO              gitlab:GROUP/PROJECT           k8s:NAMESPACE/secret/NAME
  vault-kv:MOUNT/PATH            file:PATH                      stdout
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to rotate, as the command line spells it."""

    to: tuple[str, ...]
    everywhere: bool
    leaked: bool
    silence: float
    patience: float
    grace: float
    deletes: bool
    reloads: bool


way_options = bundled(
    "way",
    Way,
    click.option(
        "--to", multiple=True, metavar="PLACE", help="Where the new key goes; repeatable."
    ),
    click.option(
        "--everywhere", is_flag=True, help="Every place that `unleak find` finds and can write to."
    ),
    click.option(
        "--leaked", is_flag=True, help="It has leaked: deactivate it first, then replace it."
    ),
    click.option(
        "--silence",
        type=click.FloatRange(min=0),
        default=900.0,
        show_default=True,
        metavar="SECONDS",
        help="How long nobody may have used the old key before it is deactivated; 0: do not look.",
    ),
    click.option(
        "--patience",
        type=click.FloatRange(min=0),
        default=3600.0,
        show_default=True,
        metavar="SECONDS",
        help="How long to wait for that silence; `resume` goes on waiting.",
    ),
    click.option(
        "--grace",
        type=click.FloatRange(min=0),
        default=86400.0,
        show_default=True,
        metavar="SECONDS",
        help="With --delete: how long it stays inactive before that.",
    ),
    click.option(
        "--delete", "deletes", is_flag=True, help="Delete the old key in the end. No way back."
    ),
    click.option(
        "--reload/--no-reload",
        "reloads",
        default=True,
        show_default=True,
        help="Start anew what reads a place only when it starts: deployments, services of ECS.",
    ),
)


@click.command(name="rotate", epilog=EPILOG)
@click.argument("key", metavar="KEY")
@way_options
@options.changing_options
@options.responder_options
@options.json_option
def command(
    *,
    key: str,
    way: Way,
    changing: options.Changing,
    responder: options.Responder,
    as_json: bool,
) -> int:
    """Give a long-lived key a successor, write it wherever the old one is used, retire the old one.

    KEY is the access key id.  The new secret exists in memory and at its destinations only. After
    a crash `unleak resume` goes on at the same step.
    """
    may_ask = at_terminal(changing)
    from unleak.flow.rotate import RotationSetting, plan, rotate_key  # noqa: PLC0415 - as above

    key_id, doors = checked_key(key), responder.doors()
    wish = _wish(key_id, way, doors)
    refuse_mixed_output(wish.spots, as_json=as_json and not changing.dry_run)
    setting = RotationSetting(
        doors=doors,
        person=RotationPerson(may_ask=may_ask, quiet=as_json),
        environment=dict(os.environ),
    )
    if changing.dry_run:
        return _show(plan(key_id, wish, setting, is_leaked=way.leaked), as_json=as_json)
    rotation = rotate_key(
        key_id, wish, setting, is_leaked=way.leaked, assume_yes=changing.assume_yes
    )
    return rotation_exit(rotation, as_json=as_json)


def _show(proposed: RotationPlan, *, as_json: bool) -> int:
    if as_json:
        from unleak.report.json_rotation import rotation_plan_document  # noqa: PLC0415 - only --json

        print_json(rotation_plan_document(proposed))
    else:
        screen().rotation_plan(proposed)
    return ExitCode.DONE


def _wish(key_id: str, way: Way, doors: AwsDoors) -> RotationWish:
    from unleak.flow.destinations import found_spots, in_order, spots_of  # noqa: PLC0415
    from unleak.flow.find import FindWish, find_key  # noqa: PLC0415 - not for --help
    from unleak.model.reference import Needle  # noqa: PLC0415 - not for --help
    from unleak.rotate.plan import RotationWish  # noqa: PLC0415 - not for --help
    from unleak.stores.registry import installed  # noqa: PLC0415 - not for --help

    registry = installed()
    spots = spots_of(way.to, registry)
    by_hand: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    found: tuple[Spot, ...] = ()
    if way.everywhere:
        looked = find_key(
            FindWish(
                needle=Needle(key_id=key_id),
                targets={},
                asks_who=False,
                environment=dict(os.environ),
            ),
            doors,
            registry=registry,
        )
        found, holders, by_hand = found_spots(looked, registry)
        spots = in_order([*spots, *found])
    return RotationWish(
        spots=spots,
        found=frozenset(found) - frozenset(spots_of(way.to, registry)),
        holders=holders,
        by_hand=by_hand,
        silence_seconds=way.silence,
        patience_seconds=way.patience,
        grace_seconds=way.grace if way.deletes else 0.0,
        deletes=way.deletes,
        reloads=way.reloads,
    )

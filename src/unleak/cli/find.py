"""`unleak find`: where a long-lived key is in use."""

from __future__ import annotations

import os
from pathlib import Path

import click

from unleak.cli import options
from unleak.cli.bundle import bundled
from unleak.cli.key_argument import checked_key
from unleak.cli.output import print_json, screen
from unleak.cli.progress import one_line
from unleak.errors import ExitCode, WrongUse
from unleak.model.frozen import dataclass

EPILOG = """
\b
Examples:
  unleak find AKIAY34FZKBOKMUTVV7A
  unleak find AKIAY34FZKBOKMUTVV7A . ~/work --local
  unleak find AKIAY34FZKBOKMUTVV7A --store lambda --store ssm --in-region eu-west-1
  unleak find AKIAY34FZKBOKMUTVV7A --in github:OWNER/REPO --json
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where to look, as the command line spells it."""

    stores: tuple[str, ...]
    regions: tuple[str, ...]
    targets: tuple[str, ...]
    is_local: bool
    asks_who: bool

    def by_store(self) -> dict[str, tuple[str, ...]]:
        """Return what was named in each store.

        Raises:
            WrongUse: something is not `STORE:TARGET`.
        """
        found: dict[str, tuple[str, ...]] = {}
        for each in self.targets:
            store, colon, target = each.partition(":")
            if not colon or not store or not target:
                message = f"--in {each[:60]!a} is not STORE:TARGET"
                raise WrongUse(message, hint="for example --in github:OWNER/REPO")
            found[store] = (*found.get(store, ()), target)
        return found


where_options = bundled(
    "where",
    Where,
    click.option(
        "--store", "stores", multiple=True, metavar="NAME", help="Only this kind of place."
    ),
    click.option(
        "--in-region", "regions", multiple=True, metavar="REGION", help="Only this region."
    ),
    click.option(
        "--in",
        "targets",
        multiple=True,
        metavar="STORE:TARGET",
        help="What to look through in a store, github:OWNER/REPO for example.",
    ),
    click.option(
        "--local", "is_local", is_flag=True, help="Look on this machine only; ask nobody."
    ),
    click.option(
        "--who/--no-who",
        "asks_who",
        default=True,
        help="Ask IAM and CloudTrail who uses the key (default).",
    ),
)


@click.command(name="find", epilog=EPILOG)
@click.argument("key", metavar="KEY")
@click.argument(
    "paths", metavar="[PATH]...", nargs=-1, type=click.Path(exists=True, path_type=Path)
)
@where_options
@options.responder_options
@options.json_option
def command(
    *,
    key: str,
    paths: tuple[Path, ...],
    where: Where,
    responder: options.Responder,
    as_json: bool,
) -> int:
    """Look for a long-lived key: in files and git history, in AWS, and in other services.

    KEY is the access key id; PATH is a file or folder.  What was not searched, and why, is part of
    the answer.  Values that are read on the way are compared in memory and dropped.
    """
    from unleak.flow.find import FindWish, find_key  # noqa: PLC0415 - not for --help
    from unleak.model.reference import Needle  # noqa: PLC0415 - as above

    wish = FindWish(
        needle=Needle(key_id=checked_key(key)),
        paths=paths,
        stores=where.stores,
        regions=where.regions,
        targets=where.by_store(),
        is_local=where.is_local,
        asks_who=where.asks_who,
        environment=dict(os.environ),
    )
    result = find_key(wish, responder.doors(), hears=one_line())
    if as_json:
        from unleak.report.json_find import find_document  # noqa: PLC0415 - only with --json

        print_json(find_document(result))
    else:
        screen().found(result)
    return ExitCode.DONE

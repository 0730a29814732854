"""What the commands on an existing incident share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

F = TypeVar("F", bound=Callable[..., object])


def incident_argument(function: F) -> F:
    """Add INCIDENT: its id, the start of it, or `latest`."""
    return click.argument("incident", metavar="INCIDENT")(function)


def changing_options(function: F) -> F:
    """Add `--yes` and `--dry-run`."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Show what would be done; change nothing."),
        click.option("--yes", "assume_yes", is_flag=True, help="Do not ask."),
    ):
        function = option(function)
    return function

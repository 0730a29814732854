"""The options that several commands share, and the settings they make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

import click

from unleak.model.instant import parse_instant
from unleak.model.plan import Scope, Strategy
from unleak.model.proof import Level

if TYPE_CHECKING:
    from unleak.flow.doors import AwsDoors
    from unleak.model.principal import Principal

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Responder:
    """Where the responder's own credentials come from."""

    profile: str | None
    region: str | None
    endpoint_url: str | None
    from_env: bool = False

    def doors(self) -> AwsDoors:
        """Return the doors of this responder's cloud; loads botocore."""
        from unleak.aws.session import AwsSettings  # noqa: PLC0415 - not for offline commands
        from unleak.flow.doors import AwsDoors  # noqa: PLC0415 - not for offline commands

        return AwsDoors(
            AwsSettings(
                profile=self.profile,
                region=self.region,
                endpoint_url=self.endpoint_url,
                ignore_environment=self.from_env,
            )
        )


def aws_options(function: F) -> F:
    """Add `--profile`, `--region`, `--endpoint-url`: the responder's side."""
    for option in (
        click.option("--endpoint-url", metavar="URL", help="Send every AWS call to this URL."),
        click.option("--region", metavar="REGION", help="Your AWS region."),
        click.option(
            "--profile", metavar="NAME", help="Your own AWS profile (not the leaked one)."
        ),
    ):
        function = option(function)
    return function


def json_option(function: F) -> F:
    """Add `--json`."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON document on stdout."
    )(function)


def evidence_options(function: F) -> F:
    """Add the ways in for evidence that are no argument."""
    for option in (
        click.option(
            "--from-env",
            is_flag=True,
            help="What leaked is in this shell's own AWS_* variables; give --profile for yourself.",
        ),
        click.option(
            "--file",
            "path",
            type=click.Path(exists=True, dir_okay=False),
            help="Read the evidence from a file.",
        ),
    ):
        function = option(function)
    return function


def asking_options(function: F) -> F:
    """Add what may be asked of the leaked credential, and of the person."""
    for option in (
        click.option(
            "--ask-leaked/--no-ask-leaked",
            default=None,
            help="May the leaked credential sign harmless read-only calls? CloudTrail shows them.",
        ),
        click.option(
            "--owner",
            metavar="role/NAME|user/NAME",
            help="Whose it is, where nothing else tells.",
        ),
    ):
        function = option(function)
    return function


def plan_options(function: F) -> F:
    """Add how to cut it off."""
    for option in (
        click.option(
            "--cutoff", metavar="TIME", help="Deny sessions issued before TIME; default: now."
        ),
        click.option(
            "--scope",
            type=click.Choice([str(each) for each in Scope]),
            default=str(Scope.PRINCIPAL),
            help="One session name, or every session of the principal (default).",
        ),
        click.option(
            "--strategy",
            type=click.Choice([str(each) for each in Strategy]),
            default=str(Strategy.REVOKE_SESSIONS),
            help="How bluntly; the default spares new sessions.",
        ),
    ):
        function = option(function)
    return function


def proof_options(function: F) -> F:
    """Add how much proof is asked for, and for how long to try."""
    for option in (
        click.option(
            "--timeout",
            type=click.FloatRange(min=0, max=3600),
            default=60.0,
            show_default=True,
            metavar="SECONDS",
            help="How long to go on measuring.",
        ),
        click.option(
            "--proof",
            type=click.Choice([str(each) for each in Level if each is not Level.NONE]),
            help="The least level that exit code 0 asks for; default: the best that is possible.",
        ),
    ):
        function = option(function)
    return function


def parse_time(text: str | None) -> datetime | None:
    """Return the instant of `--cutoff`, None where it was not given."""
    return None if text is None else parse_instant(text)


def parse_owner(text: str | None) -> Principal | None:
    """Return the principal of `--owner`, None where it was not given.

    Raises:
        WrongUse: it names no role or user.
    """
    if text is None:
        return None
    from unleak.flow.wish import owner_of  # noqa: PLC0415 - rarely needed

    return owner_of(text)

"""`unleak identify`: what leaked, of which account, whose it is, how we know; changes nothing."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unleak.cli import options
from unleak.cli.request_input import read_request
from unleak.cli.show import show_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping

EPILOG = """
\b
Examples:
  unleak identify AKIA2E0A8F3B244C9986
  pbpaste | unleak identify - --json
  unleak identify ASIA2E0A8F3B244C9986 --offline
"""


@click.command(name="identify", epilog=EPILOG)
@click.argument("evidence", required=False, metavar="[EVIDENCE]")
@options.source_options
@options.asking_options
@click.option(
    "--online/--offline",
    "online",
    default=None,
    help="Ask AWS, or make no call at all; default: ask where you have credentials configured.",
)
@options.responder_options
@options.json_option
def command(
    *,
    evidence: str | None,
    source: options.Source,
    asking: options.Asking,
    online: bool | None,
    responder: options.Responder,
    as_json: bool,
) -> int:
    """Say what leaked, of which account it is, whose it is, and how we know.

    Asks AWS where it can; without credentials of your own it tells what the id itself says.
    """
    may_ask = sys.stdin.isatty()
    request = read_request(evidence, source, asking, may_ask=may_ask)
    if request.vault is not None:
        online = True  # only Vault and AWS know what it stands for
    if online is None:
        own = is_configured(os.environ, from_env=source.from_env)
        online = own or responder.profile is not None
    if not online:
        from unleak.flow.offline import identify_offline  # noqa: PLC0415 - not for --help

        return show_credentials(identify_offline(request), as_json=as_json)
    from unleak.cli.terminal_person import TerminalPerson  # noqa: PLC0415 - not when offline
    from unleak.flow.identify import identify_leak  # noqa: PLC0415 - not when offline

    person = TerminalPerson(may_ask=may_ask, quiet=as_json)
    doors = responder.doors(leaked_shell=source.from_env)
    return show_credentials(identify_leak(request, doors, person), as_json=as_json)


def is_configured(environment: Mapping[str, str], *, from_env: bool) -> bool:
    """Whether the responder seems to have AWS credentials; looked up without loading botocore.

    Credentials that only an instance's metadata service gives are not seen: that takes a call.

    Args:
        environment: the process's environment variables.
        from_env: the variables hold what leaked, so they do not count.
    """
    names = ["AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI"]
    names.append("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
    if not from_env:
        names.append("AWS_ACCESS_KEY_ID")
    if any(environment.get(name) for name in names):
        return True
    home = Path.home() / ".aws"
    files = (
        environment.get("AWS_SHARED_CREDENTIALS_FILE") or home / "credentials",
        environment.get("AWS_CONFIG_FILE") or home / "config",
    )
    return any(Path(file).is_file() for file in files)

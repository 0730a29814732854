"""`unleak audit`: the long-lived credentials of the account, and what to use instead."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from unleak.cli import options
from unleak.cli.bundle import bundled
from unleak.cli.output import screen
from unleak.cli.private_file import write_private
from unleak.cli.progress import one_line
from unleak.errors import WrongUse
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from unleak.model.holding import AuditResult

EPILOG = """
\b
Examples:
  unleak audit
  unleak audit --who 50 --in-region eu-west-1
  unleak audit --format sarif --output unleak.sarif --fail-on high
  unleak audit --format csv --output keys.csv
  unleak audit --json
"""
_TEXT_WIDTH = 100
_NOBODY = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """How far to look."""

    who: int
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """In which form, where to, and what it means for a pipeline."""

    form: str | None
    path: str | None
    fail_on: str

    def chosen(self, *, as_json: bool) -> str:
        """Return the form.

        Raises:
            WrongUse: `--json` and another `--format` are both asked for.
        """
        if as_json and self.form not in (None, "json"):
            message = f"--json and --format {self.form} are two forms"
            raise WrongUse(message, hint="give one of them")
        return "json" if as_json else self.form or "text"


looking_options = bundled(
    "looking",
    Looking,
    click.option(
        "--who",
        type=click.IntRange(min=0),
        default=10,
        show_default=True,
        metavar="N",
        help="Ask CloudTrail who uses the N riskiest keys; about a second each.",
    ),
    click.option(
        "--in-region",
        "regions",
        multiple=True,
        metavar="REGION",
        help="Ask CloudTrail in this region only.",
    ),
)
telling_options = bundled(
    "telling",
    Telling,
    click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json", "csv", "sarif"]),
        default=None,
        help="In which form; text is the default.",
    ),
    click.option(
        "--output", "path", metavar="PATH", help="Write to this file (mode 0600), not to stdout."
    ),
    click.option(
        "--fail-on",
        type=click.Choice(["high", "medium", "low", _NOBODY]),
        default=_NOBODY,
        show_default=True,
        help="Exit with 1 at this risk or above, with 3 where not all could be looked at.",
    ),
)


@click.command(name="audit", epilog=EPILOG)
@looking_options
@telling_options
@options.responder_options
@options.json_option
def command(
    *, looking: Looking, telling: Telling, responder: options.Responder, as_json: bool
) -> int:
    """List every long-lived credential of the account, the riskiest first, and what to use instead.

    Access keys, console passwords, keys for one service (Bedrock, CloudWatch Logs, CodeCommit,
    Keyspaces), SSH keys and signing certificates of all users, and what root has.  Nothing is
    changed, except that IAM is asked to make its credential report.
    """
    from unleak.audit.gate import gate  # noqa: PLC0415 - not for --help
    from unleak.flow.audit import AuditWish, audit_account  # noqa: PLC0415 - as above
    from unleak.model.holding import Risk  # noqa: PLC0415 - as above

    form = telling.chosen(as_json=as_json)
    wish = AuditWish(ask_who=looking.who, regions=looking.regions)
    result = audit_account(wish, responder.doors(), hears=one_line())
    if telling.path is not None:
        write_private(telling.path, _text(result, form))
    elif form == "text":
        screen().audited(result)
    else:
        sys.stdout.write(_text(result, form))
        sys.stdout.flush()
    return gate(result, None if telling.fail_on == _NOBODY else Risk(telling.fail_on))


def _text(result: AuditResult, form: str) -> str:
    match form:
        case "csv":
            from unleak.report.csv_audit import audit_csv  # noqa: PLC0415 - only this form

            return audit_csv(result)
        case "json":
            from unleak.report.json_audit import audit_document  # noqa: PLC0415 - only this form
            from unleak.report.json_v1 import to_text  # noqa: PLC0415 - as above

            return to_text(audit_document(result)) + "\n"
        case "sarif":
            from unleak.report.json_v1 import to_text  # noqa: PLC0415 - only this form
            from unleak.report.sarif_audit import audit_sarif  # noqa: PLC0415 - as above

            return to_text(audit_sarif(result)) + "\n"
        case _:
            from unleak.report.audit_words import audit_page  # noqa: PLC0415 - only this form
            from unleak.report.plain import lay_out  # noqa: PLC0415 - as above

            return lay_out(audit_page(result), width=_TEXT_WIDTH)

"""The outermost frame: find the command, run it, turn errors into words and an exit code."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from typing import NoReturn

import click

from unleak import __version__
from unleak.errors import ExitCode, Interrupted, UnleakError, WrongUse

COMMANDS = {
    "identify": "What leaked, of which account, whose it is.",
    "plan": "What `revoke` would do, and what it would cost.",
    "revoke": "Cut off what leaked, and prove that it is dead.",
    "verify": "Measure an incident's effect again.",
    "resume": "Finish what was interrupted.",
    "undo": "Put back what was changed, where that revives nothing.",
    "cleanup": "Take away denies that are past their safe date.",
    "trace": "What the leak minted and did, from CloudTrail.",
    "find": "Where a long-lived key is in use.",
    "rotate": "A new key in the old one's place, without downtime.",
    "respond": "Answer an alarm event as the policy file says.",
    "incidents": "List the incidents on this machine.",
    "report": "Write the report of an incident.",
    "audit": "The long-lived credentials of the account, and what to use instead.",
    "drill": "Rehearse on a throw-away role, and measure how long a deny takes.",
    "permissions": "The least-privilege policy that you need.",
    "doctor": "Am I able to respond? A preflight with a fix for each failure.",
}
"""Every command with its one line of help, so that listing them imports none of them."""

EPILOG = """
Something leaked? Run `unleak revoke`, paste what leaked (it stays hidden), read the plan, say yes.
"""


class LazyGroup(click.Group):
    """A group that imports a command's module when that command is asked for, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of an incident, not of the alphabet."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        found = import_module(f"unleak.cli.{cmd_name}").command
        if not isinstance(found, click.Command):
            message = f"unleak.cli.{cmd_name} has no command"
            raise TypeError(message)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _print_version(ctx: click.Context, _param: click.Parameter, value: object) -> None:
    if not value or ctx.resilient_parsing:
        return
    click.echo(f"unleak {__version__}")
    ctx.exit()


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """Cut off leaked AWS credentials without taking the business down, and prove they are dead."""


def main() -> NoReturn:
    """Run the command line and exit with the contract's exit code."""
    # A run lives for seconds and makes few cycles: collecting while modules load costs a tenth of
    # the time to the deny.
    gc.set_threshold(200_000, 50, 50)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; never raises.

    Args:
        arguments: the command line without the program's name.
    """
    as_json = "--json" in arguments
    try:
        result = cli.main(arguments, prog_name="unleak", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return ExitCode.REFUSED
    except BrokenPipeError:
        sys.stderr.close()  # nobody reads any more; Python would complain at exit
        return ExitCode.FAILED
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the outermost frame
        return _fail(_situation(error), as_json=as_json)
    return int(result) if isinstance(result, int) else ExitCode.DONE


def _situation(error: BaseException) -> UnleakError:
    """Return what happened as an error that a person can act on; what we do not know is our bug."""
    match error:
        case UnleakError():
            return error
        case click.Abort() | KeyboardInterrupt():
            hint = "`unleak incidents` shows whether anything was begun"
            return Interrupted("interrupted", hint=hint)
        case click.ClickException():
            context = error.ctx if isinstance(error, click.UsageError) else None
            path = "unleak" if context is None else context.command_path
            return WrongUse(error.format_message(), hint=f"see `{path} --help`")
        case _:
            return _bug(error)


def _fail(error: UnleakError, *, as_json: bool) -> int:
    from unleak.cli.output import show_error  # noqa: PLC0415 - only where something failed

    show_error(error, as_json=as_json)
    return error.exit_code


def _bug(error: BaseException) -> UnleakError:
    """Say that it is our fault: the place and the type, never the values, which may be secret."""
    trace = error.__traceback__
    place = "?"
    while trace is not None:
        code = trace.tb_frame.f_code
        if "unleak" in code.co_filename:
            place = f"{code.co_name}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return UnleakError(
        f"a bug in unleak: {type(error).__name__} in {place}",
        hint=(
            "what was begun is in the journal: `unleak incidents`, then `unleak resume`. Please "
            "report this line; it holds no secret"
        ),
    )

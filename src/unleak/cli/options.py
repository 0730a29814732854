"""The options that several commands share, each group as one object."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from unleak.cli.bundle import Command, bundled
from unleak.contain.options import Options
from unleak.model.elsewhere import DEFAULT_MEMBER_ROLE
from unleak.model.frozen import dataclass
from unleak.model.instant import parse_instant
from unleak.model.plan import Scope, Strategy
from unleak.model.proof import Level

if TYPE_CHECKING:
    from unleak.flow.doors import AwsDoors
    from unleak.flow.request import Measuring
    from unleak.model.principal import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Responder:
    """Where the responder's own credentials come from."""

    profile: str | None
    region: str | None
    endpoint_url: str | None
    org_profile: str | None = None
    member_role: str | None = None

    def doors(self, *, leaked_shell: bool = False) -> AwsDoors:
        """Return the doors of this responder's cloud; loads botocore.

        Args:
            leaked_shell: whether this shell's own variables are what leaked: then they are never
                the way in.
        """
        from unleak.aws.session import AwsSettings  # noqa: PLC0415 - not for offline commands
        from unleak.flow.doors import AwsDoors  # noqa: PLC0415 - not for offline commands

        return AwsDoors(
            AwsSettings(
                profile=self.profile,
                region=self.region,
                endpoint_url=self.endpoint_url,
                org_profile=self.org_profile,
                member_role=self.member_role,
                ignore_environment=leaked_shell,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the evidence is, when it is no argument."""

    path: str | None
    from_env: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to cut it off, as the command line spells it."""

    strategy: str
    scope: str
    cutoff: str | None
    since: str | None
    detach_quarantine: bool = False

    def options(self) -> Options:
        """Return it parsed.

        Raises:
            WrongUse: the cut-off, or since when it may have leaked, is no time.
        """
        return Options(
            strategy=Strategy(self.strategy),
            scope=Scope(self.scope),
            cutoff=None if self.cutoff is None else parse_instant(self.cutoff),
            since=None if self.since is None else parse_instant(self.since),
            detach_quarantine=self.detach_quarantine,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fight:
    """What to do against a thief who fights back, as the command line spells it."""

    hold: float | None
    cascade: bool
    dismiss: tuple[str, ...]
    trails: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()

    @property
    def is_given(self) -> bool:
        """Whether any of it was said."""
        more = self.dismiss or self.trails or self.accounts
        return self.hold is not None or self.cascade or bool(more)

    def onto(self, options: Options) -> Options:
        """Return the options with this on top.

        Raises:
            WrongUse: a trail is not there, or an account is no account.
        """
        from unleak.cli.trails import check_accounts, check_trails  # noqa: PLC0415 - not for --help

        if self.trails or self.accounts:
            check_trails(self.trails)
            check_accounts(self.accounts)
        return replace(
            options,
            hold_seconds=self.hold,
            cascade=self.cascade or bool(self.trails or self.accounts),
            trails=self.trails,
            accounts=self.accounts,
            dismissed=frozenset(self.dismiss),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How much proof is asked for, and for how long to try."""

    proof: str | None
    timeout: float

    def measuring(self) -> Measuring:
        """Return it parsed."""
        from unleak.flow.request import Measuring  # noqa: PLC0415 - not for --help

        wanted = None if self.proof is None else Level(self.proof)
        return Measuring(wanted=wanted, timeout_seconds=self.timeout)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What may be asked of the leaked credential, and whose it is."""

    ask_leaked: bool | None
    owner: str | None

    def principal(self) -> Principal | None:
        """Return the owner that the person named, None where none was.

        Raises:
            WrongUse: it names no role or user.
        """
        if self.owner is None:
            return None
        from unleak.flow.wish import owner_of  # noqa: PLC0415 - loads the reader of pastes

        return owner_of(self.owner)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changing:
    """Whether to ask, and whether to change anything."""

    assume_yes: bool
    dry_run: bool


def json_option(command: Command) -> Command:
    """Add `--json`."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON document on stdout."
    )(command)


def incident_argument(command: Command) -> Command:
    """Add INCIDENT: its id, the start of it, or `latest`."""
    return click.argument("incident", metavar="INCIDENT")(command)


responder_options = bundled(
    "responder",
    Responder,
    click.option("--profile", metavar="NAME", help="Your own AWS profile (not the leaked one)."),
    click.option("--region", metavar="REGION", help="Your AWS region."),
    click.option("--endpoint-url", metavar="URL", help="Send every AWS call to this URL."),
    click.option(
        "--org-profile",
        metavar="NAME",
        help="An AWS profile of your organization's management or delegated account, for a fence.",
    ),
    click.option(
        "--member-role",
        metavar="NAME",
        help=(
            "The role by which --cascade enters other accounts of your organization. Default: the"
            f" one that the incident began with, else {DEFAULT_MEMBER_ROLE}."
        ),
    ),
)
"""The responder's side."""

source_options = bundled(
    "source",
    Source,
    click.option(
        "--file",
        "path",
        type=click.Path(exists=True, dir_okay=False),
        help="Read the evidence from a file.",
    ),
    click.option(
        "--from-env",
        is_flag=True,
        help="What leaked is in this shell's own AWS_* variables; give --profile for yourself.",
    ),
)
"""The ways in for evidence that are no argument."""

way_options = bundled(
    "way",
    Way,
    click.option(
        "--strategy",
        type=click.Choice([str(each) for each in Strategy]),
        default=str(Strategy.REVOKE_SESSIONS),
        help="How bluntly; the default spares new sessions.",
    ),
    click.option(
        "--scope",
        type=click.Choice([str(each) for each in Scope]),
        default=str(Scope.PRINCIPAL),
        help="One session name, or every session of the principal (default).",
    ),
    click.option(
        "--cutoff", metavar="TIME", help="Deny sessions issued before TIME; default: now."
    ),
    click.option(
        "--since",
        metavar="TIME",
        help=(
            "When it may have leaked; identities made after it are suspects."
            " Default: when it was issued, else 24 hours ago."
        ),
    ),
    click.option(
        "--detach-quarantine",
        is_flag=True,
        help="Take AWS's own quarantine off the user too: last, once the rest is proven.",
    ),
)
"""How to cut it off."""

fight_options = bundled(
    "fight",
    Fight,
    click.option(
        "--hold",
        type=click.FloatRange(min=0, max=3600),
        metavar="SECONDS",
        help="Watch the containment and put it back; default: 60 where the thief could undo it.",
    ),
    click.option(
        "--cascade",
        is_flag=True,
        help=(
            "Follow what leaked through CloudTrail, and contain what it has led to and what the"
            " thief may have made."
        ),
    ),
    click.option(
        "--dismiss",
        multiple=True,
        metavar="NAME",
        help="This suspect is honest: user/NAME, role/NAME, a key id or an ARN. Repeatable.",
    ),
    click.option(
        "--trail",
        "trails",
        multiple=True,
        metavar="PATH|lookup",
        help=(
            "Where --cascade reads CloudTrail: files, or `lookup`, the event history (default)."
            " Repeatable."
        ),
    ),
    click.option(
        "--account",
        "accounts",
        multiple=True,
        metavar="ID",
        help="Of --cascade: this other account is yours, and may be entered. Repeatable.",
    ),
)
"""Against a thief who fights back."""

proof_options = bundled(
    "proof",
    Proof,
    click.option(
        "--proof",
        type=click.Choice([str(each) for each in Level if each is not Level.NONE]),
        help="The least level that exit code 0 asks for; default: the best that is possible.",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0, max=3600),
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="How long to go on measuring.",
    ),
)
"""How much proof is asked for."""

asking_options = bundled(
    "asking",
    Asking,
    click.option(
        "--ask-leaked/--no-ask-leaked",
        default=None,
        help="May the leaked credential sign harmless read-only calls? CloudTrail shows them.",
    ),
    click.option(
        "--owner", metavar="role/NAME|user/NAME", help="Whose it is, where nothing else tells."
    ),
)
"""What may be asked, and what the person knows."""

changing_options = bundled(
    "changing",
    Changing,
    click.option("--yes", "assume_yes", is_flag=True, help="Do not ask; the plan is accepted."),
    click.option("--dry-run", is_flag=True, help="Show it; make no changing call at all."),
)
"""For commands that change things."""

"""Turn parsed options into a `Request`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.cli.options import parse_owner, parse_time
from unleak.contain.options import Options
from unleak.flow.request import Request
from unleak.identify.consent import Consent
from unleak.model.plan import Scope, Strategy
from unleak.model.proof import Level

if TYPE_CHECKING:
    from unleak.evidence.found import Evidence
    from unleak.evidence.target import NamedTarget


def consent_of(ask_leaked: bool | None, *, assume_yes: bool, may_ask: bool) -> Consent:  # noqa: FBT001 - click's three states
    """Return what may be asked of the leaked credential.

    Args:
        ask_leaked: `--ask-leaked`, `--no-ask-leaked`, or None for neither.
        assume_yes: `--yes` implies it where the credential is of the responder's own account.
        may_ask: whether there is somebody to ask.
    """
    if ask_leaked is not None:
        return Consent.GRANTED if ask_leaked else Consent.FORBIDDEN
    if assume_yes:
        return Consent.IF_OWN_ACCOUNT
    return Consent.ASK if may_ask else Consent.FORBIDDEN


def make_request(  # noqa: PLR0913 - one argument an option
    evidence: Evidence,
    named: NamedTarget | None,
    *,
    owner: str | None,
    consent: Consent,
    strategy: str = str(Strategy.REVOKE_SESSIONS),
    scope: str = str(Scope.PRINCIPAL),
    cutoff: str | None = None,
    assume_yes: bool = False,
    proof: str | None = None,
    timeout: float = 60.0,
) -> Request:
    """Return the wish that the command line spells.

    Raises:
        WrongUse: a time or an owner makes no sense.
    """
    return Request(
        found=evidence.found,
        named=named,
        owner=parse_owner(owner),
        options=Options(strategy=Strategy(strategy), scope=Scope(scope), cutoff=parse_time(cutoff)),
        consent=consent,
        assume_yes=assume_yes,
        wanted=None if proof is None else Level(proof),
        timeout_seconds=timeout,
        notes=evidence.notes,
    )

"""Turn the command line into a `Request`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.cli.evidence_input import read_evidence
from unleak.contain.options import Options
from unleak.evidence.found import Evidence
from unleak.evidence.vault_target import is_vault, parse_vault
from unleak.flow.request import Measuring, Request
from unleak.identify.consent import Consent

if TYPE_CHECKING:
    from unleak.cli.options import Asking, Source

NO_EVIDENCE = Evidence(found=(), placeholders=(), named=None, notes=())


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


def read_request(
    target: str | None,
    source: Source,
    asking: Asking,
    *,
    may_ask: bool,
    options: Options | None = None,
    assume_yes: bool = False,
    measuring: Measuring | None = None,
) -> Request:
    """Read the evidence and return the wish.

    Raises:
        WrongUse: a target, a time or an owner makes no sense.
        UnreadableEvidence: there is nothing usable in the evidence.
    """
    vault = parse_vault(target) if target is not None and is_vault(target) else None
    has_text = source.path is not None or source.from_env
    evidence, named = NO_EVIDENCE, None
    if vault is None or has_text:
        rest = None if vault is not None else target
        evidence, named = read_evidence(rest, path=source.path, from_env=source.from_env)
    return Request(
        vault=vault,
        found=evidence.found,
        named=named,
        owner=asking.principal(),
        options=options or Options(),
        consent=consent_of(asking.ask_leaked, assume_yes=assume_yes, may_ask=may_ask),
        assume_yes=assume_yes,
        measuring=measuring or Measuring(),
        notes=evidence.notes,
    )

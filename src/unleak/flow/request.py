"""What a person asks for: whom, how, and what may be done on the way."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from unleak.contain.options import Options
from unleak.identify.consent import Consent
from unleak.model.credential import Credential, CredentialKind, How
from unleak.model.frozen import dataclass
from unleak.model.principal import Principal, PrincipalType

if TYPE_CHECKING:
    from unleak.evidence.target import NamedTarget
    from unleak.model.credential import FoundCredential
    from unleak.model.proof import Level
    from unleak.model.vault import VaultTarget

DEFAULT_TIMEOUT = 60.0
"""Seconds that verification goes on polling; IAM usually takes effect within four."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measuring:
    """How to measure."""

    wanted: Level | None = None
    """The least level of proof that counts as contained; None: at least `simulated`."""
    timeout_seconds: float = DEFAULT_TIMEOUT
    """How long to go on asking while the credential is still served."""
    leaked: tuple[FoundCredential, ...] = ()
    """Leaked credentials that may sign harmless calls; an incident does not store them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One wish, parsed; the secrets in `found` never leave memory."""

    found: tuple[FoundCredential, ...] = ()
    named: NamedTarget | None = None
    owner: Principal | None = None
    """Whose the credentials are, where the person says so."""
    options: Options = field(default_factory=Options)
    consent: Consent = Consent.ASK
    assume_yes: bool = False
    measuring: Measuring = field(default_factory=Measuring)
    notes: tuple[str, ...] = ()
    """What reading the evidence told, for the plan's warnings."""
    vault: VaultTarget | None = None
    """A place in Vault that was named instead of, or beside, a credential."""
    known: tuple[Credential, ...] = ()
    """What Vault told that leaked: nobody has to find out whose it is."""


def credential_of(named: NamedTarget, owner: Principal | None) -> Credential:
    """Return the credential that stands for a bare name: a role, a user, one session, root."""
    principal = named.principal
    match principal.type:
        case PrincipalType.ROOT:
            kind = CredentialKind.ROOT_SESSION
        case PrincipalType.FEDERATED_USER:
            kind = CredentialKind.FEDERATED_SESSION
        case _ if named.session_name is not None:
            kind = CredentialKind.ROLE_SESSION
        case _:
            kind = CredentialKind.PRINCIPAL
    return Credential(
        access_key_id=None,
        kind=kind,
        account=principal.account,
        partition=principal.partition,
        principal=principal,
        parent=owner if principal.type is PrincipalType.FEDERATED_USER else None,
        session_name=named.session_name,
        how=(How.NAMED,),
    )

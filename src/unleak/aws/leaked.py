"""Asks AWS whose the leaked credential is, signed with the credential itself; consent comes before.

It is never taken for dead because of the place that was asked: a region that an account has not
switched on answers `InvalidClientTokenId` to credentials that are alive.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.aws.exchange import Manner, ask
from unleak.aws.identities import read_caller
from unleak.aws.refusal import secrets_of
from unleak.errors import CredentialDead

if TYPE_CHECKING:
    from unleak.aws.session import AwsSession
    from unleak.model.credential import FoundCredential
    from unleak.model.situation import Caller

_EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException"})


def ask_leaked(session: AwsSession, found: FoundCredential, *, region: str | None) -> Caller:
    """Ask `sts:GetCallerIdentity` and, where it looks dead, once more where every account lives.

    Args:
        session: the responder's session, for its settings alone.
        found: the leaked credential.
        region: None for the region that issued the session, else the responder's.

    Raises:
        CredentialDead: AWS does not accept the credential any more.
        WrongUse: the evidence does not hold all that a signature needs.
    """
    first = region or found.region_hint or session.region
    try:
        return _ask(session, found, first)
    except CredentialDead as error:
        home = session.home_region(first)
        if error.error_code in _EXPIRED or home in {None, first}:
            raise
    return _ask(session, found, home)


def _ask(session: AwsSession, found: FoundCredential, region: str | None) -> Caller:
    client = session.borrowed_client(found, "sts", region)
    manner = Manner(is_leaked=True, secrets=secrets_of(found))
    answer = ask(client, "get_caller_identity", {}, clock=session.clock, manner=manner)
    return read_caller(answer, access_key_id=found.access_key_id)

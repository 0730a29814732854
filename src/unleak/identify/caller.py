"""Who are we?  The responder's own identity, or the honest word that the cloud cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.errors import Unreachable
from unleak.identify.questions import Failed, Told, answer, explain
from unleak.model.situation import Caller

if TYPE_CHECKING:
    from unleak.model.ports import Reader


def caller_or_unknown(reader: Reader) -> tuple[Caller, str | None]:
    """Ask `sts:GetCallerIdentity`; where it is not to be had, all is None and the note says why.

    Returns:
        The caller, and a note for the person where it could not be told.

    Raises:
        ResponderCredentials: our own credentials are missing, expired or not accepted.
        ClockSkew: our clock is too far off.
        Unreachable: the endpoint does not answer.
    """
    match answer(reader.caller):
        case Told(value=caller):
            return caller, None
        case Failed(error=error):
            if isinstance(error, Unreachable):
                raise error
            note = (
                f"{explain(error, operation='sts:GetCallerIdentity')}: we do not know as which"
                " account and identity we are signed in, so cutting ourselves off can't be foreseen"
            )
            key_id = reader.signing_key_id()
            nobody = Caller(account=None, arn=None, unique_id=None, access_key_id=key_id)
            return nobody, note

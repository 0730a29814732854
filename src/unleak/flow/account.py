"""Before an old incident is touched again: are we signed in where it happened?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.errors import ForeignAccount
from unleak.identify.caller import caller_or_unknown

if TYPE_CHECKING:
    from unleak.model.incident import Incident
    from unleak.model.ports import Reader
    from unleak.model.situation import Caller


def check_account(incident: Incident, reader: Reader) -> Caller:
    """Return who we are now, if that is the account of the incident (or one of the two is unknown).

    Raises:
        ForeignAccount: another account; a change there would hit a stranger of the same name.
    """
    caller, _ = caller_or_unknown(reader)
    then = incident.caller.account
    if None not in (caller.account, then) and caller.account != then:
        message = (
            f"incident {incident.id} is about account {then}, but you are signed in to "
            f"{caller.account}"
        )
        raise ForeignAccount(message, hint=f"sign in to {then} (--profile) and run it again")
    return caller

"""What the evidence alone tells: no call is made and nothing of AWS is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.flow.request import credential_of
from unleak.identify.who import identify_offline as _tell

if TYPE_CHECKING:
    from unleak.flow.request import Request
    from unleak.model.credential import Credential


def identify_offline(request: Request) -> tuple[Credential, ...]:
    """Return kinds and accounts as the ids and tokens themselves say.

    Args:
        request: the evidence, and a name where one was given.
    """
    if request.named is not None and not request.found:
        return (credential_of(request.named, request.owner),)
    return _tell(request.found)

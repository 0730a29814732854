"""The journal, the locks and the claims in one DynamoDB table, for responders without a disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.errors import StateFolder

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from unleak.apply.state import OpenState
    from unleak.aws.session import AwsSession
    from unleak.model.claim import Claim, Claims


class TableState:
    """One table.

    Args:
        session: of the account that the table is in.
        name: of the table.
    """

    def __init__(self, session: AwsSession, name: str) -> None:
        self._session = session
        self.name = name

    def open(self) -> AbstractContextManager[OpenState]:
        """Open it for one worker; see `State.open`."""
        message = f"the table {self.name} cannot be used yet"
        raise StateFolder(message)

    def bound_to(self, claim: Claim) -> TableState:  # noqa: ARG002 - comes next
        """Return the state that notes its first incident on a claim; see `ClaimableState`."""
        return self

    def claims(self) -> Claims:
        """Return the claims in the table."""
        message = f"the table {self.name} cannot be used yet"
        raise StateFolder(message)

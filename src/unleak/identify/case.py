"""One leaked credential on its way to a name: what was asked, what is still missing."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from unleak.errors import NoSuchPrincipal
from unleak.identify import naming
from unleak.identify.key_search import search_user
from unleak.identify.lineage import Lineage, trace_owner
from unleak.identify.offline import region_hint
from unleak.identify.questions import Answer, Failed, Round, Told, answer, explain, hear
from unleak.identify.service_search import match_of, search_service
from unleak.model.credential import CredentialKind, How

if TYPE_CHECKING:
    from concurrent.futures import Future

    from unleak.errors import UnleakError
    from unleak.model.credential import Credential, FoundCredential
    from unleak.model.ports import KeyUse, Reader
    from unleak.model.situation import Caller
    from unleak.model.ways_in import ServiceCredential

_LISTED = "ACCA"
"""How the ids begin of credentials for one service; other ids of services are in no list."""
_NOBODY_HOLDS_IT = "no user of this account holds such a credential: it was deleted, or is not ours"
_ROOT_NAMES = frozenset({None, "root", "<root_account>"})
"""How `GetAccessKeyLastUsed` names the root user's key, if it names it at all."""


@dataclass(slots=True, kw_only=True)
class Case:
    """The work on one credential; changes only in the thread that works on it."""

    found: FoundCredential
    credential: Credential
    reader: Reader
    quick: bool
    is_named: bool
    is_crowd: bool
    """Among so many that their CloudTrail searches have to queue."""
    may_sign: bool | None
    partition: str | None = None
    own_account: str | None = None
    has_signed: bool = False
    is_own: bool = False
    _services: Future[Answer[tuple[ServiceCredential, ...]]] | None = field(
        default=None, init=False
    )
    _account: Future[Answer[str]] | None = field(default=None, init=False)
    _use: Future[Answer[KeyUse]] | None = field(default=None, init=False)
    _identity: Future[Answer[Caller]] | None = field(default=None, init=False)
    _lineage: Future[Lineage] | None = field(default=None, init=False)
    _used: Answer[KeyUse] | None = field(default=None, init=False)

    @property
    def key_id(self) -> str | None:
        """The id of the credential, where the evidence has one."""
        return self.found.access_key_id

    @property
    def is_long_lived(self) -> bool:
        """Whether it is an `AKIA` key, of a user or of root."""
        return self.credential.kind in {CredentialKind.USER_KEY, CredentialKind.ROOT_KEY}

    @property
    def is_foreign(self) -> bool:
        """Whether AWS or its id says that it is of another account than ours."""
        accounts = {self.own_account, self.credential.account}
        return None not in accounts and len(accounts) > 1

    @property
    def wants_more(self) -> bool:
        """Whether a second round could tell more."""
        if self.credential.kind is CredentialKind.SERVICE_KEY:
            return self._services is not None and self.credential.status is None
        if self.key_id is None:
            return False
        if self.is_long_lived:
            return self.credential.principal is None or not self.quick
        return self._is_open

    def ask_first(self, first: Round) -> None:
        """Ask everything that needs no other answer."""
        key_id, reader = self.key_id, self.reader
        if self.credential.kind is CredentialKind.SERVICE_KEY:
            if key_id is None or key_id.startswith(_LISTED):
                self._services = first.run(partial(hear, partial(reader.service_credentials, None)))
            return
        if key_id is None:
            return
        self.is_own = key_id == reader.signing_key_id()
        self._account = first.run(partial(hear, partial(reader.account_of_key, key_id)))
        if self.is_long_lived:
            self._use = first.run(partial(hear, partial(reader.key_use, key_id)))
        elif self.is_own:
            # every call of ours is signed with it: who we are is whose it is
            pass
        elif self.may_sign:
            self.has_signed = True
            self._identity = first.run(self._ask_leaked)
        elif self.may_sign is False and not self.is_crowd and not self._is_settled_by_name:
            self._lineage = first.run(self._trace)

    def hear_first(self, caller: Caller) -> None:
        """Take the answers of the first round.

        Args:
            caller: the responder as AWS told it, all None where the cloud cannot tell.
        """
        self.partition, self.own_account = _partition(caller), caller.account
        if self._services is not None:
            self._take_services(self._services.result())
        if self._account is not None:
            self.credential = naming.with_account(self.credential, self._account.result())
        if self.is_own and caller.arn is not None:
            self.credential = naming.with_identity(self.credential, caller, how=How.STS)
            note = "it is the credential that you are signed in with"
            self.credential = naming.noted(self.credential, note)
        if self._use is not None:
            self._used = self._use.result()
            if self._user is not None and self.credential.principal is None:
                self.credential = naming.with_user(
                    self.credential, self._user, partition=self.partition
                )
        if self._identity is not None:
            self._take_identity(self._identity.result())
        if self._lineage is not None:
            self._take_lineage(self._lineage.result())

    def pursue(self) -> None:
        """Ask one thing after the other until the owner is known or nothing is left to ask."""
        if self.credential.kind is CredentialKind.SERVICE_KEY:
            self._pursue_service()
        elif self.is_long_lived:
            self._pursue_key()
        else:
            self._pursue_session()

    def _take_services(self, heard: Answer[tuple[ServiceCredential, ...]]) -> None:
        found = match_of(self.credential, heard.value) if isinstance(heard, Told) else None
        if found is not None:
            self._take_service(found)

    def _take_service(self, found: ServiceCredential) -> None:
        self.credential = naming.with_service(
            self.credential, found, account=self.own_account, partition=self.partition
        )

    def _pursue_service(self) -> None:
        """Ask user after user, where no list of all was to be had or it does not hold this one."""
        if self.is_foreign:
            return
        if self._services is not None and isinstance(self._services.result(), Told):
            self.credential = naming.noted(self.credential, _NOBODY_HOLDS_IT)
            return
        search = search_service(self.credential, reader=self.reader)
        self.credential = naming.noted(self.credential, *search.notes)
        if search.found is not None:
            self._take_service(search.found)
        elif search.is_complete:
            self.credential = naming.noted(self.credential, _NOBODY_HOLDS_IT)

    @property
    def _is_open(self) -> bool:
        """Whether the principal that a deny has to sit on is still unknown."""
        credential = self.credential
        if credential.kind is CredentialKind.FEDERATED_SESSION:
            return credential.parent is None
        return credential.principal is None

    @property
    def _is_settled_by_name(self) -> bool:
        """With a name at hand the quick look does not wait for CloudTrail."""
        return self.quick and self.is_named

    @property
    def _user(self) -> str | None:
        """The user that IAM names for a long-lived key."""
        if not isinstance(self._used, Told) or self._used.value.user in _ROOT_NAMES:
            return None
        return self._used.value.user

    def _ask_leaked(self) -> Answer[Caller]:
        # an error here is the leaked credential's, never the responder's: nothing is raised
        return hear(partial(self.reader.ask_leaked, self.found, region=region_hint(self.found)))

    def _take_identity(self, heard: Answer[Caller]) -> None:
        match heard:
            case Told(value=identity):
                self.credential = naming.with_identity(self.credential, identity)
            case Failed(error=error):
                self.credential = naming.with_refusal(self.credential, error)

    def _trace(self) -> Lineage:
        return trace_owner(
            self.key_id or "",
            reader=self.reader,
            region_hint=region_hint(self.found),
            quick=self.quick,
        )

    def _take_lineage(self, lineage: Lineage) -> None:
        self.credential = naming.noted(self.credential, *lineage.notes)
        if lineage.story is not None:
            self.credential = naming.with_story(
                self.credential, lineage.story, now=self.reader.clock.now()
            )

    def _pursue_session(self) -> None:
        if self.may_sign and not self.has_signed and not self.is_own:
            self.has_signed = True
            self._take_identity(self._ask_leaked())
        if self._lineage is not None or not self._is_open or self.is_foreign:
            return
        if self._is_settled_by_name:
            note = "CloudTrail was not asked whose it is, since you named the owner"
            self.credential = naming.noted(self.credential, note)
            return
        self._take_lineage(self._trace())

    def _pursue_key(self) -> None:
        is_open = self.credential.principal is None and not self.is_foreign
        if is_open and isinstance(self._used, Failed):
            self._note_failed_use(self._used.error)
        if self.credential.principal is None and self.may_sign and not self.is_own:
            self.has_signed = True
            self._take_identity(self._ask_leaked())
        user = self._named_user
        if self.credential.principal is None and not self.is_foreign:
            user = self._searched_user()
        if user is not None:
            self._take_user(user)

    @property
    def _named_user(self) -> str | None:
        principal = self.credential.principal
        is_user = self.credential.kind is CredentialKind.USER_KEY and principal is not None
        return principal.name if is_user and principal is not None else None

    def _take_user(self, user: str) -> None:
        if self.credential.principal is None:
            self.credential = naming.with_user(self.credential, user, partition=self.partition)
        if self.quick or self.is_foreign:
            return
        match answer(partial(self.reader.keys, user)):
            case Told(value=keys):
                self.credential = naming.with_keys(self.credential, keys)
            case Failed(error=error):
                note = explain(error, operation="iam:ListAccessKeys")
                self.credential = naming.noted(self.credential, f"{note}: its status is unknown")

    def _note_failed_use(self, error: UnleakError) -> None:
        if isinstance(error, NoSuchPrincipal):
            note = "AWS knows no such key in this account: it was deleted, or its id is mistyped"
            self.credential = naming.noted(self.credential, note)
            return
        note = explain(error, operation="iam:GetAccessKeyLastUsed")
        self.credential = naming.noted(self.credential, note)

    def _searched_user(self) -> str | None:
        """Look through all users; a key that no user has, but AWS knows, is root's."""
        is_known = isinstance(self._used, Told)
        search = search_user(self.key_id or "", reader=self.reader)
        self.credential = naming.noted(self.credential, *search.notes)
        if search.user is not None:
            return search.user
        if is_known:
            self.credential = naming.with_root(self.credential, partition=self.partition)
            note = "AWS names no user for it" + (
                ", and no user of the account holds it" if search.is_complete else ""
            )
            self.credential = naming.noted(self.credential, f"{note}: it is taken for root's")
        elif search.is_complete and isinstance(self._used, Failed):
            self.credential = naming.noted(
                self.credential, "no user of this account holds such a key"
            )
        return None


def _partition(caller: Caller) -> str | None:
    parts = (caller.arn or "").split(":")
    return parts[1] if len(parts) > 1 and parts[0] == "arn" else None

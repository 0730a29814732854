"""The doors to one cloud, opened only when something goes through them."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Protocol

from unleak.model.elsewhere import DEFAULT_MEMBER_ROLE
from unleak.model.trail_doors import TraceDoors

if TYPE_CHECKING:
    from collections.abc import Callable

    from unleak.apply.state import ClaimableState
    from unleak.aws.athena import AthenaQueries
    from unleak.aws.desk import ReadingDesk, SealedDesk, WritingDesk
    from unleak.aws.key_maker import AwsKeyMaker
    from unleak.aws.lake import LakeQueries
    from unleak.aws.own_function import OwnFunction
    from unleak.aws.posting import AwsPoster
    from unleak.aws.register import AwsRegister
    from unleak.aws.secret_fetch import AwsSecrets
    from unleak.aws.session import AwsSession, AwsSettings
    from unleak.aws.state_table import TableState
    from unleak.aws.trail_bucket import AwsTrailBucket
    from unleak.model.credential import FoundCredential
    from unleak.model.ports import Prober, Reader, Writer
    from unleak.model.principal import Principal
    from unleak.model.query import AthenaPlace, LakePlace
    from unleak.model.vault_ports import VaultReader, VaultWriter
    from unleak.vault.door import AwsEngines
    from unleak.verify.classify import Verdict


class Doors(TraceDoors, Protocol):
    """Reader, writer and prober of one cloud and one responder."""

    def reader(self) -> Reader:
        """Return the door that cannot change a thing."""
        ...

    def writer(self) -> Writer:
        """Return the door that can; a dry run never calls this."""
        ...

    def prober(self) -> Prober:
        """Return the signer of harmless calls with leaked or canary credentials."""
        ...

    def state_table(self, name: str) -> ClaimableState:
        """Return the journal, the locks and the claims in a DynamoDB table of the responder's."""
        ...

    def enter_by(self, role: str | None) -> str | None:
        """Enter other accounts by the role an incident remembers, unless one was named now.

        Args:
            role: the one that the incident remembers; None: the one that Organizations makes.

        Returns:
            The one that holds from now on, for the incident to remember.
        """
        ...

    def vault(self) -> VaultReader:
        """Return the door to Vault that cannot change a thing.

        Raises:
            NotSetUp: there is no address or no token.
            NotInstalled: the client is missing.
        """
        ...

    def vault_writer(self) -> VaultWriter:
        """Return the door to Vault that can; a dry run never calls this.

        Raises:
            NotSetUp: there is no address or no token.
            NotInstalled: the client is missing.
        """
        ...


class AwsDoors:
    """The doors of AWS (or of whatever answers at the endpoint); botocore loads at the first use.

    Args:
        settings: the responder's profile, region and endpoint: reader and writer share one session,
            so that what was read and what is written can't be two accounts.
        entering: gives the session of another account each time it is needed, because it ends
            within the hour; None: the responder's own.
    """

    def __init__(
        self, settings: AwsSettings, *, entering: Callable[[], AwsSession] | None = None
    ) -> None:
        self._settings = settings
        self._entering = entering
        self._session: AwsSession | None = None
        self._reader: Reader | None = None

    def _opened(self) -> AwsSession:
        from unleak.aws.session import AwsSession  # noqa: PLC0415 - loads botocore

        if self._entering is not None:
            return self._entering()
        if self._session is None:
            self._session = AwsSession(self._settings)
        return self._session

    def of_account(self, account: str) -> AwsDoors:
        """Return the doors of another account, entered by the member role of the settings.

        Nothing is asked until one of them is opened.

        Args:
            account: twelve digits; not our own, which these doors lead to already.
        """
        return AwsDoors(self._settings, entering=lambda: self._opened().member(account))

    def tags(self, principal: Principal) -> tuple[tuple[str, str], ...]:
        """Return the tags of a role or user, for a policy that decides by them.

        Raises:
            UnleakError: they cannot be read; that says nothing about what they are.
        """
        from unleak.aws.asking import Asking  # noqa: PLC0415 - loads botocore
        from unleak.aws.identities import tags_of  # noqa: PLC0415 - as above

        return tags_of(Asking(self._opened()), principal)

    def own_function(self, name: str) -> OwnFunction:
        """Return the door by which a function hands work to itself.

        Args:
            name: its own.
        """
        from unleak.aws.own_function import OwnFunction  # noqa: PLC0415 - loads botocore

        return OwnFunction(self._opened(), name)

    def roles_under(self, path: str) -> tuple[str, ...]:
        """Return the names of the roles whose path begins so.

        Args:
            path: `/unleak-drill/` for example.

        Raises:
            UnleakError: they cannot be listed.
        """
        from unleak.aws.asking import Asking  # noqa: PLC0415 - loads botocore
        from unleak.aws.identities import roles_under  # noqa: PLC0415 - as above

        return roles_under(Asking(self._opened()), path)

    def secrets(self) -> AwsSecrets:
        """Return the door to the responder's own secrets in Parameter Store and Secrets Manager."""
        from unleak.aws.secret_fetch import AwsSecrets  # noqa: PLC0415 - loads botocore

        return AwsSecrets(self._opened())

    def poster(self) -> AwsPoster:
        """Return the door that publishes to topics and sends mail."""
        from unleak.aws.posting import AwsPoster  # noqa: PLC0415 - loads botocore

        return AwsPoster(self._opened())

    def reader(self) -> Reader:
        """Return the reader, one for all flows of this run, so that they share one clock."""
        from unleak.aws.reader import AwsReader  # noqa: PLC0415 - loads botocore

        if self._reader is None:
            self._reader = AwsReader(self._opened())
        return self._reader

    def writer(self) -> Writer:
        """Return the writer."""
        from unleak.aws.writer import AwsWriter  # noqa: PLC0415 - loads botocore

        return AwsWriter(self._opened())

    def prober(self) -> Prober:
        """Return the prober."""
        from unleak.aws.prober import AwsProber  # noqa: PLC0415 - loads botocore

        return AwsProber(self._opened())

    def state_table(self, name: str) -> TableState:
        """Return the journal, the locks and the claims in a table of the responder's account.

        Args:
            name: of the table.
        """
        from unleak.aws.dynamo_items import DynamoItems  # noqa: PLC0415 - only a responder has one
        from unleak.aws.state_table import TableState  # noqa: PLC0415 - as above

        return TableState(DynamoItems(self._opened(), name))

    def enter_by(self, role: str | None) -> str | None:
        """Enter other accounts by the role an incident remembers, unless one was named now.

        Args:
            role: the one that the incident remembers; None: the one that Organizations makes.

        Returns:
            The one that holds from now on, for the incident to remember.
        """
        chosen = self._settings.member_role or role
        self._opened().member_role = chosen or DEFAULT_MEMBER_ROLE
        return chosen

    def vault(self) -> VaultReader:
        """Return the door to Vault, where `VAULT_ADDR` and a token are set; hvac loads now."""
        return self._engines()

    def vault_writer(self) -> VaultWriter:
        """Return the door to Vault for changes."""
        return self._engines()

    def _engines(self) -> AwsEngines:
        from unleak.stores.vault_client import sign_in  # noqa: PLC0415 - loads hvac
        from unleak.vault.door import AwsEngines  # noqa: PLC0415 - as above

        vault = sign_in(os.environ)
        return AwsEngines(vault, served=self._served, pause=time.sleep)

    def _served(self, found: FoundCredential) -> Verdict:
        """Ask once with a credential that Vault just issued, where a deny would show."""
        from unleak.verify.classify import classify  # noqa: PLC0415 - only with Vault
        from unleak.verify.panel import tests_policies  # noqa: PLC0415 - as above

        prober = self.prober()
        service = next(each for each in prober.services if tests_policies(each))
        return classify(prober.probe(found, service=service, region=self.reader().region))

    def reading_desk(self) -> ReadingDesk:
        """Return the door for questions to any service, for the stores that `find` looks into."""
        from unleak.aws.desk import ReadingDesk  # noqa: PLC0415 - loads botocore

        return ReadingDesk(self._opened())

    def sealed_desk(self) -> SealedDesk:
        """Return the door for a look at places that may be written to later."""
        from unleak.aws.desk import SealedDesk  # noqa: PLC0415 - loads botocore

        return SealedDesk(self._opened())

    def writing_desk(self) -> WritingDesk:
        """Return the door for changes in any service; only an accepted rotation opens it."""
        from unleak.aws.desk import WritingDesk  # noqa: PLC0415 - loads botocore

        return WritingDesk(self._opened())

    def key_maker(self) -> AwsKeyMaker:
        """Return the maker of access keys; only an accepted rotation opens it."""
        from unleak.aws.key_maker import AwsKeyMaker  # noqa: PLC0415 - loads botocore

        return AwsKeyMaker(self._opened())

    def register(self) -> AwsRegister:
        """Return the door to the account's long-lived credentials, for `audit`."""
        from unleak.aws.register import AwsRegister  # noqa: PLC0415 - loads botocore

        return AwsRegister(self._opened())

    def trail_bucket(self, name: str) -> AwsTrailBucket:
        """Return the door to the logs in one bucket, for `trace`."""
        from unleak.aws.trail_bucket import AwsTrailBucket  # noqa: PLC0415 - loads botocore

        return AwsTrailBucket(self._opened(), name)

    def athena(self, place: AthenaPlace) -> AthenaQueries:
        """Return the door that runs queries over one table of Athena's; a trace opens it."""
        from unleak.aws.asking import Asking  # noqa: PLC0415 - loads botocore
        from unleak.aws.athena import AthenaQueries  # noqa: PLC0415 - as above

        return AthenaQueries(Asking(self._opened()), place)

    def lake(self, place: LakePlace) -> LakeQueries:
        """Return the door that runs queries over one event data store; a trace opens it."""
        from unleak.aws.asking import Asking  # noqa: PLC0415 - loads botocore
        from unleak.aws.lake import LakeQueries  # noqa: PLC0415 - as above

        return LakeQueries(Asking(self._opened()), place)

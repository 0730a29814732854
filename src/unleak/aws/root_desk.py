"""Works as a member account's root user for one task, with central root access of an organization.

`sts:AssumeRoot` gives a session of fifteen minutes at most that may do one task and nothing else.
It is asked with the organization's credentials, at a regional endpoint of STS: the global one does
not know it.
Sources: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.aws.answer import instant, part, parts, some_text, text, texts
from unleak.aws.codes import GONE
from unleak.aws.exchange import READING, Manner, ask
from unleak.aws.identities import key_facts
from unleak.aws.receipts import receipt_of
from unleak.aws.refusal import secrets_of
from unleak.errors import AwsFailure, MissingPermission, NoOrganization, NoSuchPrincipal
from unleak.model.credential import FoundCredential
from unleak.model.outcome import Receipt
from unleak.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.client import BaseClient

    from unleak.aws.answer import Answer
    from unleak.aws.exchange import Patience
    from unleak.aws.session import AwsSession
    from unleak.model.situation import KeyFact

AUDIT_TASK: Final = "IAMAuditRootUserCredentials"
DELETE_TASK: Final = "IAMDeleteRootUserCredentials"
_SECONDS: Final = 900
_NOT_OURS: Final = frozenset(
    {
        "AccountNotManagementOrDelegatedAdministratorException",
        "CallerIsNotManagementAccountException",
        "OrganizationNotFoundException",
        "OrganizationNotInAllFeaturesModeException",
        "ServiceAccessNotEnabledException",
    }
)
_HINT: Final = (
    "central root access is asked with the organization's management account, or with the "
    "delegated administrator of IAM: name such credentials with --org-profile"
)


class RootDesk:
    """One task as root of a member account, asked for anew each time; safe across threads.

    Args:
        session: the responder's own session; it knows the way to the organization's.
        patience: of the calls that change something.
    """

    def __init__(self, session: AwsSession, *, patience: Patience = READING) -> None:
        self._own = session
        self._patience = patience

    @property
    def _session(self) -> AwsSession:
        return self._own.organization()

    def features(self) -> frozenset[str]:
        """Return how central root access is set up.

        Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOrganizationsFeatures.html

        Raises:
            NoOrganization: the account that asks manages none.
        """
        client = self._session.client("iam")
        try:
            answer = ask(client, "list_organizations_features", {}, clock=self._own.clock)
        except AwsFailure as error:
            if error.error_code in _NOT_OURS:
                message = f"central root access cannot be seen from here: {error.message}"
                raise NoOrganization(message, hint=_HINT) from error
            raise
        return frozenset(texts(answer, "EnabledFeatures"))

    def keys(self, account: str) -> tuple[KeyFact, ...]:
        """List the access keys of the account's root user."""
        found = self._assumed(account, AUDIT_TASK)
        client = self._session.borrowed_client(found, "iam")
        answers: list[Answer] = []
        sent: dict[str, object] = {}
        while True:
            # without a user's name: the session's own keys, which are root's
            answers.append(self._as_root(client, "list_access_keys", sent, found))
            marker = text(answers[-1], "Marker")
            if answers[-1].get("IsTruncated") is not True or not marker:
                break
            sent = {"Marker": marker}
        return key_facts(each for one in answers for each in parts(one, "AccessKeyMetadata"))

    def delete_key(self, account: str, key_id: str) -> Receipt:
        """Delete this one access key of the account's root user; one that is gone is as good."""
        found = self._assumed(account, DELETE_TASK)
        client = self._session.borrowed_client(found, "iam")
        manner = Manner(
            patience=self._patience,
            is_write=True,
            secrets=secrets_of(found),
            settled_codes=GONE,
        )
        sent = {"AccessKeyId": key_id}
        try:
            answer = ask(client, "delete_access_key", sent, clock=self._own.clock, manner=manner)
        except NoSuchPrincipal:
            return Receipt(request_id="", at=self._own.clock.now())
        return receipt_of(answer)

    def _as_root(
        self,
        client: BaseClient,
        method: str,
        sent: Mapping[str, object],
        found: FoundCredential,
    ) -> Answer:
        manner = Manner(secrets=secrets_of(found))
        return ask(client, method, sent, clock=self._own.clock, manner=manner)

    def _assumed(self, account: str, task: str) -> FoundCredential:
        session = self._session
        region = session.region
        partition = session.partition() or "aws"
        client = session.client("sts", region)
        sent = {
            "TargetPrincipal": account,
            "TaskPolicyArn": {"arn": f"arn:{partition}:iam::aws:policy/root-task/{task}"},
            "DurationSeconds": _SECONDS,
        }
        try:
            answer = ask(client, "assume_root", sent, clock=self._own.clock)
        except MissingPermission as error:
            raise MissingPermission(error.message, hint=_HINT) from error
        minted = part(answer, "Credentials")
        return FoundCredential(
            access_key_id=some_text(minted, "AccessKeyId"),
            secret=Secret(text(minted, "SecretAccessKey")),
            session_token=Secret(text(minted, "SessionToken")),
            expires_at=instant(minted, "Expiration"),
            region_hint=region,
        )

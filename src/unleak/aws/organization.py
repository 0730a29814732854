"""Asks about the organization, and keeps unleak's one service control policy of an account.

Every call here is signed with the credentials of `--org-profile` where it is given, else with the
responder's own.  Organizations has one endpoint a partition.
Source: https://docs.aws.amazon.com/general/latest/gr/ao.html
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from unleak.aws.answer import part, parts, some_text, text
from unleak.aws.exchange import READING, Manner, ask
from unleak.aws.receipts import receipt_of
from unleak.errors import AwsFailure, MissingPermission, NoOrganization, Refused, UnleakError
from unleak.model.organization import Organization, scp_quotas
from unleak.model.outcome import Receipt
from unleak.model.policy_names import FENCE_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.aws.answer import Answer
    from unleak.aws.exchange import Patience
    from unleak.aws.session import AwsSession

_SCP: Final = "SERVICE_CONTROL_POLICY"
_DESCRIPTION: Final = "Written by unleak: shuts out leaked principals. `unleak undo` lifts it."
_NOT_IN_USE: Final = frozenset({"AWSOrganizationsNotInUseException"})
_NO_MEMBER: Final = frozenset({"AccountNotFoundException", "TargetNotFoundException"})
_THERE: Final = frozenset({"DuplicatePolicyException"})
_ATTACHED: Final = frozenset({"DuplicatePolicyAttachmentException"})
_DETACHED: Final = frozenset({"PolicyNotAttachedException", "PolicyNotFoundException"})
_DELETED: Final = frozenset({"PolicyNotFoundException"})
_IN_USE: Final = frozenset({"PolicyInUseException"})
_PASSING: Final = frozenset(
    {
        "ConcurrentModificationException",
        "FinalizingOrganizationException",
        "PolicyChangesInProgressException",
        "ServiceException",
    }
)
"""Conflicts that pass by themselves.
Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_AttachPolicy.html
"""
_READING: Final = Manner(patience=replace(READING, passing_codes=_PASSING))
_RIGHTS_HINT: Final = (
    "name credentials of the organization's management account, or of an account that may manage "
    "its policies, with --org-profile; `unleak permissions` prints what they have to be allowed"
)
_ENABLE_HINT: Final = (
    "switch them on with the management account: aws organizations enable-policy-type --root-id "
    f"ROOT-ID --policy-type {_SCP}"
)
_QUOTA_HINT: Final = (
    "a quota of Organizations is reached: detach or shorten a policy of that account, then run the "
    "same command again"
)


class OrganizationDesk:
    """The organization, as the responder may ask it and change it; safe across threads.

    Args:
        session: the responder's own session; it knows the way to the organization's.
        patience: of the calls that change something.
    """

    def __init__(self, session: AwsSession, *, patience: Patience = READING) -> None:
        self._own = session
        passing = patience.passing_codes | _PASSING
        self._writing = Manner(patience=replace(patience, passing_codes=passing), is_write=True)

    @property
    def _session(self) -> AwsSession:
        return self._own.organization()

    def describe(self) -> Organization:
        """Return the organization, who asks, and whether its policies are switched on.

        Raises:
            NoOrganization: the account that asks is in none.
        """
        found = part(self._ask("describe_organization"), "Organization")
        management = text(found, "MasterAccountId")
        caller = self._caller_account()
        root = self._root()
        return Organization(
            id=text(found, "Id"),
            management_account=management,
            caller_account=caller,
            is_management=caller is not None and caller == management,
            root_id=None if root is None else some_text(root, "Id"),
            are_scps_enabled=_are_scps_enabled(found, root),
            partition=self._session.partition(),
        )

    def is_member(self, account: str) -> bool:
        """Tell whether an account is of this organization, and active.

        Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeAccount.html

        Raises:
            NoOrganization: the account that asks is in none.
        """
        try:
            answer = self._ask("describe_account", AccountId=account)
        except NoOrganization as error:
            if isinstance(error.__cause__, AwsFailure) and error.__cause__.error_code in _NO_MEMBER:
                return False
            raise
        return text(part(answer, "Account"), "Status") == "ACTIVE"

    def fence(self, account: str) -> str | None:
        """Return the text of the account's fence, None where none is attached to it."""
        policy_id = _own_id(self._attached(account), account)
        if policy_id is None:
            return None
        answer = self._ask("describe_policy", PolicyId=policy_id)
        return text(part(answer, "Policy"), "Content")

    def room(self, account: str) -> int:
        """Return how many more policies fit on the account, ours not counted."""
        others = [each for each in self._attached(account) if text(each, "Name") != _name(account)]
        return max(0, scp_quotas(self._session.partition()).attachments - len(others))

    def set_fence(self, account: str, document: str) -> Receipt:
        """Give the fence this text and attach it; one that is there already is reused.

        A policy that was made for nothing, because it could not be attached, is taken away again.
        """
        attached = _own_id(self._attached(account), account)
        if attached is not None:
            return receipt_of(self._change("update_policy", PolicyId=attached, Content=document))
        policy_id, is_new = self._made(account, document)
        try:
            return receipt_of(self._change("attach_policy", PolicyId=policy_id, TargetId=account))
        except (AwsFailure, Refused) as error:
            if isinstance(error, AwsFailure) and error.error_code in _ATTACHED:
                return self._settled(error)
            if is_new:
                with suppress(UnleakError):  # the first error is the one to tell
                    self._change("delete_policy", PolicyId=policy_id)
            raise

    def remove_fence(self, account: str) -> Receipt:
        """Take the fence off the account and delete it.

        Where somebody has attached it elsewhere too it is left there: that is not ours to judge.
        """
        policy_id = _own_id(self._attached(account), account)
        lifted = None
        if policy_id is None:
            policy_id = self._found(account)
        else:
            lifted = self._gone(_DETACHED, "detach_policy", PolicyId=policy_id, TargetId=account)
        if policy_id is None:
            return Receipt(request_id="", at=self._session.clock.now())
        deleted = self._gone(_DELETED | _IN_USE, "delete_policy", PolicyId=policy_id)
        return lifted or deleted

    def _made(self, account: str, document: str) -> tuple[str, bool]:
        """Return the id of the policy that holds the text now, and whether it was made just now."""
        try:
            answer = self._change(
                "create_policy",
                Content=document,
                Description=_DESCRIPTION,
                Name=_name(account),
                Type=_SCP,
            )
        except AwsFailure as error:
            policy_id = self._found(account) if error.error_code in _THERE else None
            if policy_id is None:
                raise
            self._change("update_policy", PolicyId=policy_id, Content=document)
            return policy_id, False
        return text(part(part(answer, "Policy"), "PolicySummary"), "Id"), True

    def _gone(self, codes: frozenset[str], method: str, /, **parameters: object) -> Receipt:
        try:
            return receipt_of(self._change(method, **parameters))
        except AwsFailure as error:
            if error.error_code in codes:
                return self._settled(error)
            raise

    def _settled(self, error: AwsFailure) -> Receipt:
        return Receipt(request_id=error.request_id, at=self._session.clock.now())

    def _attached(self, account: str) -> tuple[Answer, ...]:
        return self._pages("list_policies_for_target", "Policies", TargetId=account, Filter=_SCP)

    def _found(self, account: str) -> str | None:
        return _own_id(self._pages("list_policies", "Policies", Filter=_SCP), account)

    def _caller_account(self) -> str | None:
        """Return whose credentials ask, None where that cannot be told."""
        clock = self._session.clock
        try:
            return some_text(
                ask(self._session.client("sts"), "get_caller_identity", {}, clock=clock), "Account"
            )
        except UnleakError:
            return None

    def _root(self) -> Answer | None:
        """Return the root of the organization, None where we may not look."""
        try:
            return next(iter(self._pages("list_roots", "Roots")), None)
        except UnleakError:
            return None

    def _pages(self, method: str, key: str, /, **parameters: object) -> tuple[Answer, ...]:
        """Return the items of all pages; only a missing token ends them, pages may be empty.

        Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPolicies.html
        """
        found: list[Answer] = []
        while True:
            answer = self._ask(method, **parameters)
            found += parts(answer, key)
            token = text(answer, "NextToken")
            if not token:
                return tuple(found)
            parameters["NextToken"] = token

    def _ask(self, method: str, /, **parameters: object) -> Answer:
        return self._call(method, parameters, _READING)

    def _change(self, method: str, /, **parameters: object) -> Answer:
        return self._call(method, parameters, self._writing)

    def _call(self, method: str, parameters: Mapping[str, object], manner: Manner) -> Answer:
        session = self._session
        region = session.home_region(session.region)
        client = session.client("organizations", region)
        try:
            return ask(client, method, parameters, clock=session.clock, manner=manner)
        except UnleakError as error:
            raise _in_words(error, parameters) from error


def _in_words(error: UnleakError, parameters: Mapping[str, object]) -> UnleakError:
    """Return what an error of Organizations means to the person, with what to do next."""
    match error:
        case MissingPermission():
            return MissingPermission(error.message, hint=_RIGHTS_HINT)
        case AwsFailure(error_code=code) if code in _NOT_IN_USE:
            message = "the account that you ask with is in no organization"
            return NoOrganization(message, hint=_RIGHTS_HINT)
        case AwsFailure(error_code=code) if code in _NO_MEMBER:
            message = f"account {parameters.get('TargetId')} is no member of this organization"
            return NoOrganization(message, hint=_RIGHTS_HINT)
        case AwsFailure(error_code="PolicyTypeNotEnabledException"):
            error.hint = _ENABLE_HINT
        case AwsFailure(error_code="ConstraintViolationException"):
            error.hint = _QUOTA_HINT
        case _:
            pass
    return error


def _are_scps_enabled(organization: Answer, root: Answer | None) -> bool | None:
    """Tell from the root, because what the organization itself says about it may be wrong.

    Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
    """
    if text(organization, "FeatureSet") == "CONSOLIDATED_BILLING":
        return False
    if root is None:
        return None
    types = parts(root, "PolicyTypes")
    states = [text(each, "Status") for each in types if text(each, "Type") == _SCP]
    return any(state in ("ENABLED", "PENDING_ENABLE") for state in states)


def _name(account: str) -> str:
    return f"{FENCE_PREFIX}{account}"


def _own_id(policies: tuple[Answer, ...], account: str) -> str | None:
    """Return the id of our policy among summaries of policies."""
    named = (text(each, "Id") for each in policies if text(each, "Name") == _name(account))
    return next(named, None)

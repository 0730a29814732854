"""Why no fence can be drawn: said as a warning, or as work for a person who can help it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.contain.sessions import Draft
from unleak.model.reading import Absent, Gap, Known, Unknown

if TYPE_CHECKING:
    from unleak.model.organization import FenceFacts, Organization

_SIGN_IN = (
    "name credentials of its management account, or of an account that may manage its policies, "
    "with --org-profile"
)


def obstacle(facts: FenceFacts, account: str) -> Draft | None:
    """Return why no fence can be drawn around the account, None where one can.

    Args:
        facts: what was read of the organization and of the fence.
        account: the account that the fence would be for.
    """
    match facts.organization:
        case Absent():
            return _warned("there is no organization over the account that you can reach")
        case Unknown(gap=Gap.NOT_LOOKED_AT):
            return _warned("nobody looked for an organization")
        case Unknown(detail=detail):
            return _for_a_person(f"the organization could not be read ({detail}): {_SIGN_IN}")
        case Known(value=organization):
            return _within(organization, facts, account)


def _within(organization: Organization, facts: FenceFacts, account: str) -> Draft | None:
    if organization.management_account == account:
        return _warned(
            f"{account} is the management account of {organization.id}, and no service control "
            "policy ever binds that one"
        )
    if organization.are_scps_enabled is False:
        root = organization.root_id or "ROOT-ID"
        return _for_a_person(
            f"service control policies are switched off in {organization.id}; with its management "
            f"account: aws organizations enable-policy-type --root-id {root} --policy-type "
            "SERVICE_CONTROL_POLICY"
        )
    if isinstance(facts.document, Unknown):
        return _for_a_person(
            f"the policies of {account} could not be read ({facts.document.detail}): {_SIGN_IN}"
        )
    if isinstance(facts.document, Absent) and facts.room == Known(0):
        return _for_a_person(
            f"{account} has as many service control policies attached as fit on it: detach one, "
            "or merge two of them, and run the same command again"
        )
    return None


def _warned(why: str) -> Draft:
    return Draft((), warnings=(f"no fence: {why}",))


def _for_a_person(why: str) -> Draft:
    return Draft((), manual=(f"no fence: {why}",))

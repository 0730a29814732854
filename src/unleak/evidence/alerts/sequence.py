"""The credentials of an attack sequence, in GuardDuty's words and in Security Hub's alike.

Sources: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Actor.html
https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_ActorUser.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.evidence.alerts import checked
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from unleak.evidence.alerts.fields import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Culprit:
    """One credential that a sequence shows at work."""

    access_key_id: str | None
    account: str | None
    who: checked.Who


def culprits(sequence: Fields, owner: str | None) -> tuple[Culprit, ...]:
    """Return the credentials that acted; those that are only resources where no actor has any.

    Args:
        sequence: `service.detection.sequence` of GuardDuty, `Detection.Sequence` of Security Hub.
        owner: the account of the finding.
    """
    actors = [_of_actor(each, owner) for each in sequence.parts("actors")]
    keys = [
        _of_resource(each, owner)
        for each in sequence.parts("resources")
        if each.text("resourceType") == "ACCESS_KEY"
    ]
    return _distinct([*actors, *keys])


def _of_actor(actor: Fields, owner: str | None) -> Culprit:
    """Read one actor; the session's issuer is an ARN, and `user.uid` is what IAM calls its id."""
    user = actor.part("user")
    account = checked.account(user.text("account", "uid")) or owner
    told = checked.who(user.text("type"), user.text("name"), user.text("uid"), account)
    issuer = checked.arn(actor.text("session", "issuer"))
    if issuer.principal is not None and issuer.principal.type == "role":
        told = checked.Who(
            principal=issuer.principal,
            principal_id=told.principal_id,
            session_name=told.session_name,
        )
    return Culprit(
        access_key_id=checked.key_id(user.text("credentialUid")), account=account, who=told
    )


def _of_resource(resource: Fields, owner: str | None) -> Culprit:
    key = resource.part("data", "accessKey")
    account = checked.account(resource.text("accountId")) or owner
    uid = resource.text("uid").rpartition(":")[2] or resource.text("name")
    who = checked.who(key.text("userType"), key.text("userName"), key.text("principalId"), account)
    return Culprit(access_key_id=checked.key_id(uid), account=account, who=who)


def _distinct(found: list[Culprit]) -> tuple[Culprit, ...]:
    """Drop what names nothing, and a bare name that a key id stands beside elsewhere."""
    with_key = {each.access_key_id: each for each in reversed(found) if each.access_key_id}
    known = {each.who.principal for each in with_key.values()}
    bare = {
        each.who: each
        for each in found
        if each.access_key_id is None
        and each.who.principal is not None
        and each.who.principal not in known
    }
    return (*reversed(with_key.values()), *bare.values())

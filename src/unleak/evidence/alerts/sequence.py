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
    """Return the credentials that acted.

    A key that is only a resource may be one that the thief has touched, so it counts only where no
    actor names the key that he used.

    Args:
        sequence: `service.detection.sequence` of GuardDuty, `Detection.Sequence` of Security Hub.
        owner: the account of the finding.
    """
    actors = [_of_actor(each, owner) for each in sequence.parts("actors")]
    if any(each.access_key_id for each in actors):
        return _distinct(actors)
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
    who = checked.session_of(actor.text("session", "issuer"), user.text("uid")) or checked.who(
        user.text("type"), user.text("name"), user.text("uid"), account
    )
    return Culprit(
        access_key_id=checked.key_id(user.text("credentialUid")), account=account, who=who
    )


def _of_resource(resource: Fields, owner: str | None) -> Culprit:
    key = resource.part("data", "accessKey")
    account = checked.account(resource.text("accountId")) or owner
    uid = resource.text("uid").rpartition(":")[2] or resource.text("name")
    who = checked.who(key.text("userType"), key.text("userName"), key.text("principalId"), account)
    return Culprit(access_key_id=checked.key_id(uid), account=account, who=who)


def _distinct(found: list[Culprit]) -> tuple[Culprit, ...]:
    """Drop what names nothing, what was named before, and a bare name whose key is named too."""
    kept: dict[str, Culprit] = {}
    known = {_name(each) for each in found if each.access_key_id}
    for each in found:
        if each.access_key_id is not None:
            kept.setdefault(each.access_key_id, each)
        elif each.who.principal is not None and _name(each) not in known:
            kept.setdefault(f"{_name(each)} {each.who.session_name}", each)
    return tuple(kept.values())


def _name(culprit: Culprit) -> str:
    """Return the account and the label: an ARN may stand beside one name and not the other."""
    principal = culprit.who.principal
    return "" if principal is None else f"{culprit.account} {principal.label}"

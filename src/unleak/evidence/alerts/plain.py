"""A plain event of one's own: `{"access_key_id": "AKIA..."}` or `{"principal": "role/NAME"}`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.errors import UnreadableEvent, WrongUse
from unleak.evidence.alerts import checked
from unleak.evidence.target import NamedTarget, parse_target
from unleak.model.alert import Alert, Reading, Sender

if TYPE_CHECKING:
    from unleak.evidence.alerts.fields import Fields

_KEY: Final = "access_key_id"
_PRINCIPAL: Final = "principal"
_LONGEST: Final = 400
_HINT: Final = (
    'give {"access_key_id": "AKIA..."} or {"principal": "role/NAME", "account": "111122223333"}'
)
_GRADES: Final = frozenset({"low", "medium", "high", "critical"})


def is_plain(event: Fields) -> bool:
    """Whether it is an event that somebody has written by hand or by script."""
    return _KEY in event or _PRINCIPAL in event


def read_plain(event: Fields) -> Reading:
    """Return the alert of one plain event.

    Raises:
        UnreadableEvent: the key id, the principal or the account is none.
    """
    account = checked.account(event.text("account"))
    if "account" in event and account is None:
        message = "a plain event: account: must be twelve digits, as text"
        raise UnreadableEvent(message, hint=_HINT)
    key, named = _key(event), _named(event)
    principal = None if named is None else named.principal
    if account is None:
        account = None if principal is None else principal.account
    session = None if named is None else named.session_name
    grade = event.text("severity")
    return Reading(
        alerts=(
            Alert(
                sender=Sender.PLAIN,
                type=checked.word(event.text("type")) or Sender.PLAIN,
                id=checked.stable_id(key or "", account or "", _label(named), session or ""),
                account=account,
                region=checked.region(event.text("region")),
                access_key_id=key,
                principal=principal,
                session_name=session,
                at=checked.instant(event.get("at")),
                severity=grade if grade in _GRADES else "",
                summary=checked.line(event.text("summary")),
            ),
        )
    )


def _key(event: Fields) -> str | None:
    if _KEY not in event:
        return None
    key = checked.key_id(event.text(_KEY).strip()[:_LONGEST])
    if key is None:
        message = f"a plain event: {_KEY}: is no access key id, or one of documentation"
        raise UnreadableEvent(message, hint=_HINT)
    return key


def _named(event: Fields) -> NamedTarget | None:
    if _PRINCIPAL not in event:
        return None
    try:
        target = parse_target(event.text(_PRINCIPAL)[:_LONGEST])
    except WrongUse as error:
        message = f"a plain event: {_PRINCIPAL}: {error.message}"
        raise UnreadableEvent(message, hint=_HINT) from error
    if not isinstance(target, NamedTarget):
        message = f"a plain event: {_PRINCIPAL}: is a key id; call it {_KEY}"
        raise UnreadableEvent(message, hint=_HINT)
    return target


def _label(named: NamedTarget | None) -> str:
    return "" if named is None else named.principal.label

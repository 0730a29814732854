"""Ask IAM whether what a trace shows as made is still there: the trail may end too early."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from unleak.errors import NoSuchPrincipal, UnleakError
from unleak.model.action import Holder, HolderType
from unleak.model.instant import render_instant
from unleak.model.trace import Presence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from unleak.model.ports import Reader
    from unleak.model.trace import Persisting, Trace
    from unleak.model.trail_doors import TraceDoors

MOST_LOOKS: Final = 500
"""Things that are looked at; a thief's loop over `CreateUser` must not keep the answer waiting."""
_AT_ONCE: Final = 8
_NAME: Final = re.compile(r"[A-Za-z0-9_+=,.@-]{1,128}")
"""What IAM takes for a name; the trail's names are hostile.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""

_See = tuple[Presence, str]


def looked_at(trace: Trace, doors: TraceDoors) -> Trace:
    """Return the trace with what IAM says now of each thing that may persist.

    Only things of IAM in the responder's own account are looked at; of all others the answer says
    why not.  That nobody can sign in, or that IAM refuses, is an answer too and no error.

    Args:
        trace: what the trail tells.
        doors: the responder's cloud; opened only where there is something to look at.
    """
    if not any(each.call in _LOOKS for each in trace.persistence):
        return trace
    try:
        reader = doors.reader()
        account = reader.caller().account
    except UnleakError as error:
        why = f"nobody could ask IAM: {error.message}"
        return replace(trace, persistence=tuple(_left(each, why) for each in trace.persistence))

    def look(numbered: tuple[int, Persisting]) -> Persisting:
        number, thing = numbered
        if number >= MOST_LOOKS:
            return _left(thing, f"only the first {MOST_LOOKS} were looked at")
        return _looked_at(thing, reader, account)

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return replace(trace, persistence=tuple(pool.map(look, enumerate(trace.persistence))))


def _looked_at(thing: Persisting, reader: Reader, account: str | None) -> Persisting:
    look = _LOOKS.get(thing.call)
    if look is None:
        return _left(thing, "this is not IAM's: the command beside it tells")
    if thing.account is None or thing.account != account:
        return _left(thing, f"it is of account {thing.account or 'unknown'}, not of yours")
    try:
        now, detail = look(thing, reader)
    except NoSuchPrincipal:
        now, detail = Presence.GONE, "its user or role is gone"
    except UnleakError as error:
        now, detail = Presence.UNKNOWN, error.message
    return replace(thing, now=now, now_detail=detail)


def _left(thing: Persisting, why: str) -> Persisting:
    return replace(thing, now=Presence.NOT_LOOKED_AT, now_detail=why)


def _name(thing: Persisting) -> str:
    """Return a name that IAM may be asked about.

    Raises:
        UnleakError: it is none.
    """
    if _NAME.fullmatch(thing.name) is None:
        message = "the trail names it in a way that IAM does not know"
        raise UnleakError(message)
    return thing.name


def _holder(thing: Persisting) -> Holder:
    is_user = "User" in thing.call
    return Holder(type=HolderType.USER if is_user else HolderType.ROLE, name=_name(thing))


def _is_there(*, found: bool, detail: str = "") -> _See:
    return (Presence.THERE, detail) if found else (Presence.GONE, "")


def _user(thing: Persisting, reader: Reader) -> _See:
    reader.user(_name(thing))
    return Presence.THERE, ""


def _role(thing: Persisting, reader: Reader) -> _See:
    role = reader.role(_name(thing))
    return Presence.THERE, f"last used {role.last_used}" if role.last_used else ""


def _trust(thing: Persisting, reader: Reader) -> _See:
    """The event's own text is not kept, so whether the trust is still the thief's is not known."""
    reader.role(_name(thing))
    return Presence.UNKNOWN, "the role is there: see whom it trusts now"


def _key(thing: Persisting, reader: Reader) -> _See:
    states = {key.key_id: key.state for key in reader.keys(_name(thing))}
    state = states.get(thing.detail)
    return _is_there(found=state is not None, detail=str(state))


def _password(thing: Persisting, reader: Reader) -> _See:
    made = reader.login_profile(_name(thing))
    return _is_there(found=made is not None, detail=_since(made))


def _service_credential(thing: Persisting, reader: Reader) -> _See:
    held = reader.service_credentials(_name(thing))
    return _made_since(thing, (each.made_at for each in held))


def _ssh_key(thing: Persisting, reader: Reader) -> _See:
    return _made_since(thing, (each.made_at for each in reader.ssh_keys(_name(thing))))


def _certificate(thing: Persisting, reader: Reader) -> _See:
    return _made_since(thing, (each.made_at for each in reader.certificates(_name(thing))))


def _made_since(thing: Persisting, times: Iterable[datetime | None]) -> _See:
    """Whether any was made at the event's time or later; one without a time may be it."""
    known = list(times)
    if thing.at is None or None in known:
        return (Presence.UNKNOWN if known else Presence.GONE), ""
    later = [at for at in known if at is not None and at >= thing.at.replace(microsecond=0)]
    return _is_there(found=bool(later), detail=f"{len(later)} made since" if later else "")


def _attached(thing: Persisting, reader: Reader) -> _See:
    attached = reader.attached_policies(_holder(thing))
    return _is_there(found=thing.detail in {each.arn for each in attached})


def _inline(thing: Persisting, reader: Reader) -> _See:
    if _NAME.fullmatch(thing.detail) is None:
        return Presence.UNKNOWN, "the trail names its policy in a way that IAM does not know"
    return _is_there(found=reader.inline_policy(_holder(thing), thing.detail) is not None)


def _membership(thing: Persisting, reader: Reader) -> _See:
    return _is_there(found=thing.detail in {each.name for each in reader.groups(_name(thing))})


def _provider(thing: Persisting, reader: Reader) -> _See:
    if not thing.detail:
        return Presence.UNKNOWN, "the trail does not tell its ARN"
    return _is_there(found=thing.detail in {each.arn for each in reader.providers()})


def _since(at: datetime | None) -> str:
    return "" if at is None else f"made {render_instant(at)}"


_LOOKS: Final[dict[str, Callable[[Persisting, Reader], _See]]] = {
    "AddUserToGroup": _membership,
    "AttachRolePolicy": _attached,
    "AttachUserPolicy": _attached,
    "CreateAccessKey": _key,
    "CreateLoginProfile": _password,
    "CreateOpenIDConnectProvider": _provider,
    "CreateRole": _role,
    "CreateSAMLProvider": _provider,
    "CreateServiceSpecificCredential": _service_credential,
    "CreateUser": _user,
    "PutRolePolicy": _inline,
    "PutUserPolicy": _inline,
    "UpdateAssumeRolePolicy": _trust,
    "UpdateLoginProfile": _password,
    "UploadSSHPublicKey": _ssh_key,
    "UploadSigningCertificate": _certificate,
}

"""The other identities that the thief may have made: why each is a suspect, how to close it."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from unleak.evidence.clean import redact
from unleak.model.door import Door, DoorKind, DoorState
from unleak.model.principal import NAME
from unleak.report.page import Entry, Heading, Page, Paragraph, Tone
from unleak.report.wording import count_words, instant, sentence

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.plan import Plan

HEADING = "Open doors: made since the leak"
"""Over the list, on every page."""


def door_page(plan: Plan) -> Page:
    """Return the section about second identities; nothing where nobody looked for them."""
    if not plan.doors and plan.swept_since is None:
        return ()
    return (
        Heading(HEADING),
        *_traced(plan),
        Paragraph(
            summary_line(plan),
            Tone.BAD if any(each.is_open for each in plan.doors) else Tone.PLAIN,
        ),
        *(_entry(each) for each in plan.doors),
    )


def _traced(plan: Plan) -> Page:
    """Say how far the trail was followed; nothing where it was not."""
    if plan.traced_at is None:
        return ()
    count = sum(each.is_traced for each in plan.doors)
    line = (
        f"CloudTrail was followed at {instant(plan.traced_at)} (UTC) and shows "
        f"{count_words(count, 'thing')} that what leaked has led to, the nearest first."
    )
    lines = [f"Not read: {sentence(redact(each))}" for each in plan.untraced]
    return (Paragraph(line), *(Paragraph(each, Tone.CAREFUL) for each in lines))


def summary_line(plan: Plan) -> str:
    """Return the one sentence about all of them."""
    since = _since(plan.swept_since)
    still = [each for each in plan.doors if each.is_open]
    if not plan.doors:
        return f"None was found that was made{since}, as far as could be looked."
    if not still:
        return f"All of the {count_words(len(plan.doors), 'suspect')}{since} are closed."
    line = (
        f"{count_words(len(still), 'way')} in that the thief may have made{since}. While one is"
        " open, the leak is not contained."
    )
    if any(each.holder is not None for each in still):
        line += " `unleak revoke` with --cascade contains the users, roles and keys among them."
    return line


def door_title(door: Door) -> str:
    """Return what it is, by kind and name, and where."""
    title = _title(door)
    return title if door.account is None else f"{title} in account {door.account}"


def _title(door: Door) -> str:  # noqa: C901, PLR0911, PLR0912 - one case a kind
    """Return what it is, by kind and name."""
    match door.kind:
        case DoorKind.USER | DoorKind.ROLE:
            return door.target
        case DoorKind.ACCESS_KEY:
            owner = "your own user" if door.holder is None else door.holder.label
            return f"access key {door.target} of {owner}"
        case DoorKind.LOGIN_PROFILE:
            return f"password of {door.target}"
        case DoorKind.TRUST_POLICY:
            return f"trust policy of {door.target}"
        case DoorKind.ROLE_SESSION | DoorKind.USER_SESSION:
            return f"sessions of {door.target}"
        case DoorKind.SESSION:
            return f"session {door.target}"
        case DoorKind.POLICY_VERSION:
            return f"policy {door.target}"
        case DoorKind.PROVIDER:
            return f"identity provider {door.target}"
        case DoorKind.SERVICE_CREDENTIAL:
            return f"credential {door.target} for one service, of {_holder(door)}"
        case DoorKind.SSH_KEY:
            return f"SSH key {door.target} of {_holder(door)}"
        case DoorKind.CERTIFICATE:
            return f"signing certificate {door.target} of {_holder(door)}"
        case DoorKind.MFA_DEVICE:
            return f"MFA device {door.target} of {_holder(door)}"
        case _:
            assert_never(door.kind)


def door_advice(door: Door) -> str:  # noqa: C901, PLR0911 - one case a kind
    """Return how one of them is closed."""
    match door.kind:
        case DoorKind.USER | DoorKind.ROLE:
            return _revoke(door.target, " --strategy deny-all") or "deny everything to it by hand"
        case DoorKind.LOGIN_PROFILE:
            cut = _revoke(door.target, " --strategy deny-all")
            return f"delete the password by hand{', and ' if cut else ''}{cut}"
        case DoorKind.ACCESS_KEY if door.holder is None:
            return "make it inactive yourself, if it is not yours"
        case DoorKind.ACCESS_KEY | DoorKind.ROLE_SESSION | DoorKind.USER_SESSION:
            return _revoke(door.target) or "deny everything to it by hand"
        case DoorKind.SESSION:
            return "no deny of unleak's reaches it: find out whose it is, or wait until it expires"
        case DoorKind.TRUST_POLICY:
            cut = _revoke(door.target)
            return f"mend its trust policy by hand{', then ' if cut else ''}{cut}"
        case DoorKind.POLICY_VERSION:
            return "compare its versions, and make an earlier one the default again by hand"
        case DoorKind.PROVIDER:
            return "delete it by hand, if nobody of yours has made it"
        case (
            DoorKind.SERVICE_CREDENTIAL
            | DoorKind.SSH_KEY
            | DoorKind.CERTIFICATE
            | DoorKind.MFA_DEVICE
        ):
            return _revoke(_holder(door)) or "turn it off by hand"
        case _:
            assert_never(door.kind)


def door_state_words(state: DoorState) -> str:
    """Return the state in words that need no explanation."""
    match state:
        case DoorState.OPEN:
            return "OPEN"
        case DoorState.CONTAINED:
            return "closed"
        case DoorState.DISMISSED:
            return "not the thief's, says a person"
        case DoorState.GONE:
            return "gone"
        case _:
            assert_never(state)


def door_facts(door: Door) -> tuple[tuple[str, str], ...]:
    """Return why it is a suspect, its age, and what to do while it is open."""
    rows = [("why", sentence(redact(door.reason)))]
    if door.made_at is not None:
        rows.append(("made", f"{instant(door.made_at)} (UTC)"))
    if door.account is not None:
        rows.append(("account", door.account))
    if door.key_ids:
        rows.append(("credentials", ", ".join(door.key_ids)))
    if door.is_open and door.by_hand:
        rows.append(("not by unleak", sentence(redact(door.by_hand))))
    elif door.is_open:
        rows.append(("to close it", sentence(door_advice(door))))
    return tuple(rows)


def _holder(door: Door) -> str:
    return "a user" if door.holder is None else door.holder.label


def _entry(door: Door) -> Entry:
    tone = Tone.BAD if door.is_open else Tone.PLAIN
    return Entry(f"[{door_state_words(door.state)}]", door_title(door), door_facts(door), tone)


def _revoke(target: str, more: str = "") -> str:
    """Return the command; none where the name could mean something to a shell."""
    bare = target.rpartition("/")[2]
    return f"`unleak revoke {target}{more}`" if NAME.fullmatch(bare) else ""


def _since(moment: datetime | None) -> str:
    return "" if moment is None else f" since {instant(moment)} (UTC)"

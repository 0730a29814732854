"""From what a panel was told to checks: when is a refusal a proof?  Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass
from unleak.model.policy_names import is_our_sid
from unleak.model.proof import Check, CheckOutcome
from unleak.verify.classify import SWITCHED_OFF, Verdict, code_of, foreign_source, says_implicit
from unleak.verify.panel import ENOUGH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unleak.verify.panel import Track

_AMBIGUOUS_DEATH = frozenset({"AuthFailure"})
"""EC2 says this of a wrong secret as well as of a dead key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """All that a single answer has to be weighed against."""

    peers: tuple[Track, ...]
    """What the other services told the same credential, itself included."""
    control: dict[tuple[str, str], Verdict]
    """What a session from after the cut-off was told; empty where there was none."""
    was_valid: bool
    """Whether the credential, as we hold it, was ever seen to be accepted."""
    had_deny_before: bool
    """Whether our deny was in place before this run, so that an earlier denial may be ours."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """The outcome of one track with its reason."""

    outcome: CheckOutcome
    detail: str


def check_of(track: Track, company: Company) -> Check:
    """Return what one service in one region proves of one credential."""
    ruling = _rule(track, company)
    return Check(
        name=f"{track.suspect.level}-{track.service}",
        level=track.suspect.level,
        target=track.suspect.target,
        outcome=ruling.outcome,
        detail=ruling.detail,
        region=track.region,
        at=None if track.last is None else track.last.at,
    )


def _rule(track: Track, company: Company) -> Ruling:
    if track.verdict is None or track.last is None:
        return _rule_silence(track, company)
    if track.is_alive:
        since = "" if track.mute == 0 else ", and has not answered since"
        return Ruling(CheckOutcome.REFUTED, f"still served{since}")
    if track.verdict is Verdict.ALLOWED:
        return _unclear("served whatever the policies say, so this tells nothing of a deny")
    if track.run < ENOUGH:
        return _unclear(f"refused {track.run} times in a row, fewer than {ENOUGH}")
    decoded = _rule_decoded(track)
    return decoded or _RULES.get(track.verdict, _rule_refused)(track, company)


def _rule_decoded(track: Track) -> Ruling | None:
    """Judge by what the decoded refusal says, None where it says nothing that decides."""
    denial = track.denial
    if denial is None:
        return None
    ours = next((sid for sid in denial.sids if is_our_sid(sid)), None)
    if denial.is_explicit and ours is not None:
        return _proven(track, f"an explicit deny by our own statement {ours}")
    if not denial.is_explicit:
        return _unclear("refused because nothing allows it, says AWS's decoded message: no deny")
    # the console's cut-off has no id, so a statement without one may be it
    if denial.sids and all(denial.sids):
        return _unclear("an explicit deny, but the decoded message names no statement of ours")
    return None


def _rule_silence(track: Track, company: Company) -> Ruling:
    code = "no answer" if track.last is None else code_of(track.last)
    if track.is_dropped or track.last is None:
        return Ruling(CheckOutcome.SKIPPED, f"{_why_dropped(track, code)} ({code})")
    match track.noise:
        case Verdict.BAD_SIGNATURE if any(peer.was_recognised for peer in company.peers):
            why = f"not to be had on this cloud: only this service minds the signature ({code})"
            return Ruling(CheckOutcome.SKIPPED, why)
        case Verdict.BAD_SIGNATURE:
            return _unclear(
                f"the secret does not fit the key id, or a clock is off ({code}): this proves "
                "neither life nor death"
            )
        case Verdict.UNREACHABLE:
            return Ruling(CheckOutcome.SKIPPED, f"could not be reached ({code})")
        case Verdict.THROTTLED:
            return _unclear(f"throttled until the end ({code})")
        case _:
            return _unclear(f"an answer that says nothing of the credential ({code})")


def _why_dropped(track: Track, code: str) -> str:
    if code in SWITCHED_OFF:
        return "the region is switched off for the account"
    if track.noise is Verdict.UNREACHABLE:
        return "could not be reached"
    return "not to be had on this cloud"


def _rule_explicit(track: Track, company: Company) -> Ruling:
    compared = _compared(track, company)
    if compared is not None:
        return _proven(track, f"an explicit deny; {compared}")
    source = None if track.last is None else foreign_source(track.last)
    if source is not None:
        return _unclear("an explicit deny, but in a kind of policy that unleak does not write")
    if company.control.get((track.service, track.region)) is Verdict.EXPLICIT_DENY:
        return _unclear("an explicit deny, but a session from after the cut-off meets one too")
    if track.before is Verdict.EXPLICIT_DENY and not company.had_deny_before:
        return _unclear("an explicit deny, but there was one before the cut too")
    return _proven(track, "an explicit deny")


def _rule_dead(track: Track, company: Company) -> Ruling:
    if any(peer.verdict is not None and peer.verdict.knows_credential for peer in company.peers):
        return _unclear("not recognised here, but other services do recognise it")
    if any(peer.noise is Verdict.BAD_SIGNATURE for peer in company.peers):
        return _unclear("not recognised here, but other services only mind the signature")
    if company.control.get((track.service, track.region)) is Verdict.DEAD_KEY:
        return _unclear("not recognised, but a valid session is not recognised here either")
    if not (track.suspect.expects_dead_key or company.was_valid):
        return _unclear(
            "not recognised, but it was never seen to be: a damaged copy would look the same"
        )
    codes = {code_of(peer.last) for peer in company.peers if _is_dead(peer) and peer.last}
    if codes <= _AMBIGUOUS_DEATH:
        return _unclear("not recognised, but this service says so of a wrong secret too")
    return _proven(track, "the credential is not recognised any more")


def _is_dead(track: Track) -> bool:
    return track.verdict is Verdict.DEAD_KEY


def _rule_expired(_track: Track, company: Company) -> Ruling:
    if any(peer.verdict is Verdict.ALLOWED for peer in company.peers):
        return _unclear("expired, says this service, but others still serve it")
    return Ruling(
        CheckOutcome.PROVEN, "expired: dead of age, so the deny itself was not put to the test"
    )


def _rule_refused(track: Track, company: Company) -> Ruling:
    compared = _compared(track, company)
    if compared is not None:
        return _proven(track, f"a refusal; {compared}")
    if track.last is not None and says_implicit(track.last):
        if any(_names_deny(peer) and peer.service == track.service for peer in company.peers):
            why = "refused only because nothing allows it: the deny is not in force in this region"
            return Ruling(CheckOutcome.REFUTED, why)
        return _unclear("refused because nothing allows it, which may have been so before the cut")
    return _unclear("refused, but nothing shows that it was served before the cut")


def _names_deny(track: Track) -> bool:
    if track.verdict is not Verdict.EXPLICIT_DENY or track.last is None:
        return False
    return foreign_source(track.last) is None


_RULES = {
    Verdict.EXPLICIT_DENY: _rule_explicit,
    Verdict.DEAD_KEY: _rule_dead,
    Verdict.EXPIRED: _rule_expired,
}


def _compared(track: Track, company: Company) -> str | None:
    """Say how we know that the same call is or was served to a credential that is not cut."""
    if track.was_allowed:
        return "the same call was served before the cut took effect"
    is_served = company.control.get((track.service, track.region)) is Verdict.ALLOWED
    # Words that say "nothing allows it" rule out a deny: the session may be narrower than its role.
    is_narrower = track.last is not None and says_implicit(track.last)
    if is_served and not is_narrower:
        return "the same call is served to a session from after the cut-off"
    return None


def _proven(track: Track, how: str) -> Ruling:
    code = "" if track.last is None else f" ({code_of(track.last)})"
    return Ruling(CheckOutcome.PROVEN, f"refused {track.run} times in a row{code}: {how}")


def _unclear(detail: str) -> Ruling:
    return Ruling(CheckOutcome.INCONCLUSIVE, detail)


def seconds_to_effect(
    pairs: Sequence[tuple[Track, Check]], *, accepted_at: float | None
) -> float | None:
    """Return the seconds from the deny's acceptance until the last proven service refused.

    Services that said "expired" are left out: that was not the deny's doing.
    """
    if accepted_at is None:
        return None
    began = [
        track.run_began
        for track, check in pairs
        if check.outcome is CheckOutcome.PROVEN
        and track.verdict is not Verdict.EXPIRED
        and track.run_began is not None
    ]
    return max(0.0, max(began) - accepted_at) if began else None

"""The other regions: each enforces from a replica of its own, so each is asked, with few services.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/disaster-recovery-resiliency.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.proof import CheckOutcome, Level, RegionProof
from unleak.verify.classify import Verdict
from unleak.verify.judge import seconds_to_effect
from unleak.verify.panel import Track

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unleak.model.proof import Check
    from unleak.verify.panel import Suspect

_GLOBAL = frozenset({"iam"})
"""One endpoint for the whole partition, so asking it "elsewhere" would ask the same place again."""
_FIRST_CHOICE = ("sqs", "dynamodb", "s3", "sns", "kms")
"""Of several telling services the one that is there in every region and answers quickest."""
_GUESSES = 2
"""Services to ask where none was telling at home."""
_STRONGEST = (Level.LIVE, Level.CANARY)


def tracks_elsewhere(
    home: Sequence[Track], regions: Sequence[str], *, roles: dict[int, str]
) -> tuple[Track, ...]:
    """Return what to ask in the other regions, going by what was telling at home.

    Each leaked credential is asked; a canary only where no leaked credential of its role was
    answered in a telling way: both would show the same replica.

    Args:
        home: all tracks of the home region.
        regions: the other regions.
        roles: whose deny each suspect should meet, by `id(suspect)`.
    """
    suspects = {id(track.suspect): track.suspect for track in home}
    own = {key: [t for t in home if id(t.suspect) == key] for key in suspects}
    spoken_for = {
        roles.get(key)
        for key, suspect in suspects.items()
        if suspect.level is Level.LIVE and any(track.is_decisive for track in own[key])
    }
    return tuple(
        Track(suspect, service=service, region=region)
        for key, suspect in suspects.items()
        if suspect.level is Level.LIVE or roles.get(key) not in spoken_for
        for service in telling_services(own[key])
        for region in regions
    )


def telling_services(tracks: Sequence[Track]) -> tuple[str, ...]:
    """Return the one service that told most at home, or a few where none told anything.

    Best is one that was seen to serve and then to refuse; else one that names an explicit deny,
    since without the deny it would name none, whether it serves or not.

    Args:
        tracks: what the services of the home region told one suspect.
    """
    asked = [t for t in tracks if not t.is_dropped and t.service not in _GLOBAL]
    ranked = sorted(asked, key=lambda track: _choice(track.service))
    telling = [t for t in ranked if t.is_decisive and _counts(t)]
    telling.sort(key=lambda track: not track.was_allowed)
    guesses = [t.service for t in ranked if t.tests_policies]
    return tuple([t.service for t in telling][:1] or guesses[:_GUESSES])


def _counts(track: Track) -> bool:
    return track.tests_policies or track.verdict is Verdict.DEAD_KEY


def _choice(service: str) -> int:
    return _FIRST_CHOICE.index(service) if service in _FIRST_CHOICE else len(_FIRST_CHOICE)


def region_proofs(
    pairs: Sequence[tuple[Track, Check]],
    *,
    roles: dict[int, str],
    accepted_at: float | None,
) -> tuple[RegionProof, ...]:
    """Return what each region showed, in the order in which they were asked.

    Args:
        pairs: every track with what it came to.
        roles: whose deny each suspect should meet, by `id(suspect)`.
        accepted_at: the monotonic time of the deny's acceptance; None where that is long past.
    """
    by_region: dict[str, list[tuple[Track, Check]]] = {}
    for pair in pairs:
        by_region.setdefault(pair[0].region, []).append(pair)
    return tuple(
        RegionProof(
            region=region,
            outcome=_outcome(own, roles),
            seconds_to_effect=strongest_seconds(own, accepted_at=accepted_at),
        )
        for region, own in by_region.items()
    )


def strongest_seconds(
    pairs: Sequence[tuple[Track, Check]], *, accepted_at: float | None
) -> float | None:
    """Return the time to effect on the strongest rung that tells one.

    Args:
        pairs: tracks with what they came to.
        accepted_at: the monotonic time of the deny's acceptance.
    """
    for level in _STRONGEST:
        on_rung = [pair for pair in pairs if pair[1].level is level]
        seconds = seconds_to_effect(on_rung, accepted_at=accepted_at)
        if seconds is not None:
            return seconds
    return None


def _outcome(pairs: Sequence[tuple[Track, Check]], roles: dict[int, str]) -> CheckOutcome:
    """Return the weakest word among those who were asked: one that is served is enough."""
    by_role: dict[str, set[CheckOutcome]] = {}
    for track, check in pairs:
        role = roles.get(id(track.suspect), track.suspect.target)
        by_role.setdefault(role, set()).add(check.outcome)
    outcomes = list(by_role.values())
    if any(CheckOutcome.REFUTED in each for each in outcomes):
        return CheckOutcome.REFUTED
    if any(CheckOutcome.PROVEN in each for each in outcomes):
        is_all = all(CheckOutcome.PROVEN in each for each in outcomes)
        return CheckOutcome.PROVEN if is_all else CheckOutcome.INCONCLUSIVE
    is_silent = all(each == {CheckOutcome.SKIPPED} for each in outcomes)
    return CheckOutcome.SKIPPED if is_silent else CheckOutcome.INCONCLUSIVE


def role_of(suspect: Suspect, holder: str | None) -> str:
    """Return whose deny a suspect should meet: its role's, or for a long-lived key its own.

    Args:
        suspect: whom we ask.
        holder: what is known of the owner of its credential.
    """
    if holder is not None and suspect.target.startswith("ASIA"):
        return holder
    kind, _, rest = suspect.target.partition("/")
    name = rest.partition("/")[0]
    return f"role/{name}" if kind == "session" else suspect.target

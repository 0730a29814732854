"""Whether the clock is right, and whether CloudTrail, regions and organization can be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.errors import UnleakError
from unleak.flow.regions import OTHER_REGIONS
from unleak.identify.organization import read_organization
from unleak.identify.questions import explain, gap_of
from unleak.model.preflight import Fitness, PreflightCheck
from unleak.model.reading import Absent, Gap, Known, Unknown

if TYPE_CHECKING:
    from unleak.model.ports import Clock, Reader

NO_EVENT = "00000000-0000-0000-0000-000000000000"
"""An event id that nothing has: the question is answered with nothing, on one page."""
_FAR_OFF = 240.0
"""AWS refuses signatures that are more than five minutes off.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
"""
_A_LITTLE_OFF = 30.0
_CLOCK_FIX = (
    "set the clock: `sudo timedatectl set-ntp true` on Linux, `sudo sntp -sS time.apple.com` on "
    "macOS, `w32tm /resync` as administrator on Windows"
)
_FENCE_FIX = "name a profile of the management or delegated account with --org-profile"


def clock_check(clock: Clock) -> PreflightCheck:
    """Say how far the local clock is from AWS's."""
    skew = clock.skew_seconds()
    if skew is None:
        detail = "AWS's answers carried no time, so it cannot be told from which instant to cut off"
        return _check("clock", Fitness.UNKNOWN, detail, is_needed=True)
    way = "ahead of" if skew > 0 else "behind"
    detail = f"{abs(skew):.0f} s {way} AWS's"
    if abs(skew) < _A_LITTLE_OFF:
        return _check("clock", Fitness.OK, detail, is_needed=True)
    outcome = Fitness.WARNING if abs(skew) < _FAR_OFF else Fitness.FAILED
    more = "; past five minutes AWS refuses every signature"
    return _check("clock", outcome, f"{detail}{more}", fix=_CLOCK_FIX, is_needed=True)


def trail_check(reader: Reader) -> PreflightCheck:
    """Say whether CloudTrail's event history answers; who minted a session is found there."""
    try:
        reader.trail_events(attribute="EventId", value=NO_EVENT, region=reader.region)
    except UnleakError as error:
        detail = (
            f"{explain(error, operation='cloudtrail:LookupEvents')}: whose a session is, and what "
            "it has led to, has to be told by you"
        )
        return _check("cloudtrail", _weight(error), detail, fix=error.hint)
    return _check("cloudtrail", Fitness.OK, f"the event history of {reader.region} answers")


def regions_check(reader: Reader) -> PreflightCheck:
    """Say whether the enabled regions can be listed; the proof asks each of them."""
    try:
        found = reader.regions()
    except UnleakError as error:
        detail = f"the enabled regions cannot be listed ({error.message}): "
        few = ", ".join(dict.fromkeys([reader.region, *OTHER_REGIONS]))
        fix = "allow yourself account:ListRegions or ec2:DescribeRegions"
        return _check("regions", _weight(error), f"{detail}at most {few} are asked", fix=fix)
    if not found:
        return _check("regions", Fitness.UNKNOWN, "the list of enabled regions is empty")
    return _check("regions", Fitness.OK, f"{len(found)} enabled")


def organization_check(reader: Reader, *, is_needed: bool) -> PreflightCheck:
    """Say whether a fence could be put around the account from above.

    Args:
        reader: asks with the credentials of `--org-profile`, else with our own.
        is_needed: whether `--org-profile` was given.
    """
    problem = Fitness.FAILED if is_needed else Fitness.WARNING
    match read_organization(reader):
        case Absent():
            detail = "no organization is in reach: a leaked root user cannot be fenced in"
            return _check("organization", problem, detail, is_needed=is_needed)
        case Unknown(detail=why):
            return _check("organization", Fitness.UNKNOWN, why, fix=_FENCE_FIX, is_needed=is_needed)
        case Known(value=found):
            pass
    name = f"{found.id}, managed by account {found.management_account}"
    if found.are_scps_enabled is None:
        detail = f"{name}; whether you may manage its policies is not known"
        outcome = Fitness.UNKNOWN if is_needed else Fitness.WARNING
        return _check("organization", outcome, detail, fix=_FENCE_FIX, is_needed=is_needed)
    if not found.are_scps_enabled:
        detail = f"{name}; service control policies are switched off"
        fix = "enable them in the management account (`aws organizations enable-policy-type`)"
        return _check("organization", problem, detail, fix=fix, is_needed=is_needed)
    return _check("organization", Fitness.OK, f"{name}; a fence is possible", is_needed=is_needed)


def _weight(error: UnleakError) -> Fitness:
    """A refusal is an answer; a throttled or lost question has none."""
    is_answer = gap_of(error) in {Gap.DENIED, Gap.UNSUPPORTED}
    return Fitness.WARNING if is_answer else Fitness.UNKNOWN


def _check(
    name: str, outcome: Fitness, detail: str, *, fix: str = "", is_needed: bool = False
) -> PreflightCheck:
    return PreflightCheck(name=name, outcome=outcome, detail=detail, fix=fix, is_needed=is_needed)

"""Am I able to respond?  Looks at everything that a response rests on, and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from unleak.errors import ClockSkew, UnleakError, WrongUse
from unleak.flow.doctor_cloud import clock_check, organization_check, regions_check, trail_check
from unleak.flow.doctor_extras import extra_checks
from unleak.flow.doctor_powers import power_checks
from unleak.flow.doctor_self import credentials_check, own_role_check
from unleak.flow.doctor_state import state_check
from unleak.flow.state import named_table
from unleak.identify.caller import caller_or_unknown
from unleak.model.preflight import Fitness, Preflight, PreflightCheck

if TYPE_CHECKING:
    from collections.abc import Callable

    from unleak.apply.state import ClaimableState
    from unleak.model.ports import Reader


class DoctorDoors(Protocol):
    """What a preflight needs of `AwsDoors`: nothing that can change a thing."""

    def reader(self) -> Reader:
        """Return the door that cannot change a thing."""
        ...

    def state_table(self, name: str) -> ClaimableState:
        """Return the state in a DynamoDB table."""
        ...


def doctor(
    doors: DoctorDoors,
    *,
    names_organization: bool = False,
    hears: Callable[[str], None] = lambda _: None,
) -> Preflight:
    """Look at what a response rests on; what cannot be looked at is a check of its own.

    Args:
        doors: the responder's cloud.
        names_organization: whether `--org-profile` was given: then the organization is needed.
        hears: is told of progress.
    """
    try:
        reader = doors.reader()
        hears("asking AWS who you are")
        caller, note = caller_or_unknown(reader)
    except UnleakError as error:
        return Preflight(checks=_without_aws(error, doors))
    checks = [credentials_check(caller, note), clock_check(reader.clock)]
    hears("simulating what you may do")
    checks += power_checks(reader, caller, has_table=_has_table())
    checks.append(own_role_check(reader, caller))
    hears("asking for CloudTrail, the regions and the organization")
    checks += [
        trail_check(reader),
        regions_check(reader),
        organization_check(reader, is_needed=names_organization),
        state_check(doors),
    ]
    return Preflight(checks=(*checks, *extra_checks()))


def _without_aws(error: UnleakError, doors: DoctorDoors) -> tuple[PreflightCheck, ...]:
    """Nothing can be asked: say why, and look at this machine all the same."""
    culprit = "clock" if isinstance(error, ClockSkew) else "credentials"
    asking = tuple(
        PreflightCheck(
            name=name,
            outcome=Fitness.FAILED if name == culprit else Fitness.UNKNOWN,
            detail=error.message if name == culprit else _UNTOLD,
            fix=error.hint if name == culprit else "",
            is_needed=is_needed,
        )
        for name, is_needed in _ASKING.items()
    )
    return (*asking, state_check(doors), *extra_checks())


def _has_table() -> bool:
    try:
        return named_table() is not None
    except WrongUse:
        return False  # not swallowed: the check of the state says it


_UNTOLD = "not asked: nothing can be signed, or nothing answers"
_ASKING = {
    "credentials": True,
    "clock": True,
    "deny-permissions": True,
    "other-permissions": False,
    "own-role": False,
    "cloudtrail": False,
    "regions": False,
    "organization": False,
}
"""The checks that ask AWS, and whether nobody can respond without them."""

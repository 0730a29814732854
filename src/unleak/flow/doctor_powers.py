"""What the responder may do, as AWS itself reads its policies: `SimulatePrincipalPolicy`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.errors import UnleakError
from unleak.flow.doctor_self import own_principal
from unleak.identify.questions import Failed, hear
from unleak.model.preflight import Fitness, PreflightCheck
from unleak.model.principal import PrincipalType
from unleak.report.permissions import (
    DENY,
    FENCE,
    MEMBERS,
    PROOF,
    ROOT_ACCESS,
    STATE_TABLE,
    policy_for,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from unleak.model.ports import Reader, Simulation
    from unleak.model.situation import Caller

NEEDED = "deny-permissions"
OTHERS = "other-permissions"
READ_FIRST = ("iam:GetRole", "iam:GetRolePolicy", "iam:GetUser", "iam:GetUserPolicy")
"""What has to be read before a deny is written: the one that may stand there already."""
_ELSEWHERE = frozenset({*FENCE, *MEMBERS, *ROOT_ACCESS}) - {*PROOF}
"""What the credentials of `--org-profile` need: not judged by the policies of our own."""
_AT_ONCE = 50
_FIX = "give yourself the policy that `unleak permissions revoke` prints"
_RESOURCES = "asked for every resource: a policy that names single ones may allow it there"


class Powers:
    """What the simulator said of some actions.

    Args:
        answers: its verdicts.
    """

    def __init__(self, answers: Iterable[Simulation]) -> None:
        self._by_action = {each.action.lower(): each for each in answers}

    def refused(self, actions: Sequence[str]) -> tuple[str, ...]:
        """Return the actions that are not allowed, whatever a request may bring along."""
        return tuple(
            action
            for action in actions
            if (found := self._by_action.get(action.lower())) is not None
            and found.decision != "allowed"
            and not found.missing
        )

    def unclear(self, actions: Sequence[str]) -> tuple[str, ...]:
        """Return the actions without a verdict, or with one that rests on an unknown condition."""
        return tuple(
            action
            for action in actions
            if (found := self._by_action.get(action.lower())) is None
            or (found.decision != "allowed" and found.missing)
        )


def power_checks(reader: Reader, caller: Caller, *, has_table: bool) -> list[PreflightCheck]:
    """Return what `revoke` must be allowed, and what makes it better, for our own principal.

    The simulator knows identity policies, boundaries and service control policies; not session
    policies, and conditions only as far as it is told of the request.
    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html

    Args:
        reader: asks; nothing of what is simulated is done.
        caller: who we are.
        has_table: whether the journal is kept in a table, which then has to be written to.
    """
    needed = (*DENY, *READ_FIRST, *(STATE_TABLE if has_table else ()))
    others = tuple(
        action for action in actions_of("revoke") if action not in {*needed, *_ELSEWHERE}
    )
    principal = own_principal(caller)
    if principal is not None and principal.type is PrincipalType.ROOT:
        detail = "root may do what no service control policy forbids; that cannot be simulated"
        return [_check(NEEDED, Fitness.WARNING, detail), _check(OTHERS, Fitness.OK, detail)]
    powers = _simulated(reader, caller, (*needed, *others))
    if isinstance(powers, str):
        fix = "allow yourself iam:SimulatePrincipalPolicy and iam:GetRole, or try `unleak drill`"
        return [_check(name, Fitness.UNKNOWN, powers, fix=fix) for name in (NEEDED, OTHERS)]
    return [
        _judged(NEEDED, needed, powers, refused=Fitness.FAILED),
        _judged(OTHERS, others, powers, refused=Fitness.WARNING),
    ]


def actions_of(command: str) -> tuple[str, ...]:
    """Return the actions that a command's policy names, each once."""
    statements = policy_for(command)["Statement"]
    listed = (each["Action"] for each in statements if isinstance(each, dict))
    return tuple(dict.fromkeys(action for actions in listed for action in actions))


def _simulated(reader: Reader, caller: Caller, actions: Sequence[str]) -> Powers | str:
    """Return the verdicts, or why there are none."""
    arn = _source(reader, caller)
    if isinstance(arn, UnleakError):
        return f"not simulated: {arn.message}"
    found: list[Simulation] = []
    for start in range(0, len(actions), _AT_ONCE):
        batch = actions[start : start + _AT_ONCE]
        answer = hear(lambda: reader.simulate(arn, batch, issued_at=None, context={}))  # noqa: B023 - called at once
        if isinstance(answer, Failed):
            return f"not simulated: {answer.error.message}"
        found += answer.value
    return Powers(found)


def _source(reader: Reader, caller: Caller) -> str | UnleakError:
    """Return the ARN whose policies are simulated: a session's are those of its role or user."""
    principal = own_principal(caller)
    if principal is None:
        return UnleakError("it is not known as whom you sign")
    if principal.type is PrincipalType.ROLE and principal.arn is None:
        answer = hear(lambda: reader.role(principal.name))
        if isinstance(answer, Failed):
            return answer.error
        return answer.value.principal.arn or UnleakError("the ARN of your role is not told")
    if principal.type is PrincipalType.FEDERATED_USER or principal.arn is None:
        return UnleakError("the simulator does not know federated users")
    return principal.arn


def _judged(
    name: str, actions: Sequence[str], powers: Powers, *, refused: Fitness
) -> PreflightCheck:
    lacking, unclear = powers.refused(actions), powers.unclear(actions)
    if lacking:
        detail = f"not allowed: {', '.join(lacking)} ({_RESOURCES})"
        return _check(name, refused, detail, fix=_FIX)
    if unclear:
        detail = (
            f"not known: {', '.join(unclear)} (no verdict, or one that rests on a condition which "
            "cannot be simulated, a second factor for example)"
        )
        return _check(name, Fitness.UNKNOWN, detail, fix="`unleak drill` tries it for real")
    return _check(name, Fitness.OK, f"all {len(actions)} are allowed, by simulation")


def _check(name: str, outcome: Fitness, detail: str, *, fix: str = "") -> PreflightCheck:
    return PreflightCheck(
        name=name, outcome=outcome, detail=detail, fix=fix, is_needed=name == NEEDED
    )

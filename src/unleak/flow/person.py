"""Whoever is asked: a terminal, or nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from unleak.model.credential import Credential, FoundCredential
    from unleak.model.door import Door
    from unleak.model.plan import Plan, Step, StepState
    from unleak.model.principal import Principal
    from unleak.model.rotation import RotationPlan, RotationStep


class Person(Protocol):
    """Answers questions and hears of progress; implementations may refuse to answer."""

    def accepts(self, plan: Plan) -> bool:
        """Show the plan and ask the one question."""
        ...

    def contains_too(self, doors: tuple[Door, ...]) -> bool:
        """Say whether the suspects that the plan has shown shall be contained as well."""
        ...

    def allows_asking(self, found: FoundCredential) -> bool:
        """Say whether the leaked credential may sign harmless read-only calls."""
        ...

    def names_owner(self, credential: Credential) -> Principal | None:
        """Name the role or user of a credential that nobody else knows; None: cannot say."""
        ...

    def hears(self, text: str) -> None:
        """Be told of progress."""
        ...

    def sees_step(self, step: Step, state: StepState) -> None:
        """Be told that a step has come to `state`."""
        ...


class Nobody:
    """For `--yes` and the library: every question was answered beforehand, progress is dropped."""

    def accepts(self, plan: Plan) -> bool:
        """Accept: the caller said yes before he called."""
        return bool(plan)

    def contains_too(self, doors: tuple[Door, ...]) -> bool:
        """Leave them: `Options.cascade` says so beforehand."""
        del doors
        return False

    def allows_asking(self, found: FoundCredential) -> bool:
        """Refuse: consent has to be given beforehand."""
        del found
        return False

    def names_owner(self, credential: Credential) -> Principal | None:
        """Name nobody."""
        del credential
        return None

    def hears(self, text: str) -> None:
        """Drop it."""

    def sees_step(self, step: Step, state: StepState) -> None:
        """Drop it."""

    def accepts_rotation(self, plan: RotationPlan) -> bool:
        """Accept: the caller said yes before he called."""
        return bool(plan)

    def sees_rotation(self, step: RotationStep) -> None:
        """Drop it."""

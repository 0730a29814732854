"""Doors to an account in memory, and people who answer as they were told to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.no_trails import NoTrails
from unleak.model.ports import ProbeAnswer

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes.cloud import FakeCloud
    from unleak.model.credential import Credential, FoundCredential
    from unleak.model.door import Door
    from unleak.model.plan import Plan, Step, StepState
    from unleak.model.ports import Prober, Reader, Writer
    from unleak.model.principal import Principal


class SilentProber:
    """A cloud whose services are all out of reach: nothing can be proven by asking."""

    services = ("s3",)

    def probe(self, credential: FoundCredential, *, service: str, region: str) -> ProbeAnswer:
        del credential
        return ProbeAnswer(
            service=service,
            operation="ListBuckets",
            region=region,
            ok=False,
            error_code="Unreachable",
        )


class FakeDoors(NoTrails):
    """The doors of one fake cloud; `opened` tells which were used."""

    def __init__(self, cloud: FakeCloud, prober: Prober | None = None) -> None:
        self.cloud = cloud
        self.opened: list[str] = []
        self._prober: Prober = SilentProber() if prober is None else prober
        self.named_role: str | None = None
        self.entered_by: list[str | None] = []

    def reader(self) -> Reader:
        self.opened.append("reader")
        return self.cloud

    def writer(self) -> Writer:
        self.opened.append("writer")
        return self.cloud

    def prober(self) -> Prober:
        self.opened.append("prober")
        return self._prober

    def enter_by(self, role: str | None) -> str | None:
        self.entered_by.append(self.named_role or role)
        return self.named_role or role


class FakePerson:
    """Somebody who says yes or no, and does something while he thinks."""

    def __init__(
        self,
        *,
        yes: bool = True,
        owner: Principal | None = None,
        meanwhile: Callable[[], None] | None = None,
        cascade: bool = False,
    ) -> None:
        self.cascade = cascade
        self.suspects: list[tuple[Door, ...]] = []
        self.yes = yes
        self.owner = owner
        self.meanwhile = meanwhile
        self.shown: list[Plan] = []
        self.heard: list[str] = []
        self.steps: list[tuple[str, StepState]] = []

    def accepts(self, plan: Plan) -> bool:
        self.shown.append(plan)
        if self.meanwhile is not None:
            self.meanwhile()
        return self.yes

    def contains_too(self, doors: tuple[Door, ...]) -> bool:
        self.suspects.append(doors)
        return self.cascade

    def allows_asking(self, found: FoundCredential) -> bool:
        del found
        return self.yes

    def names_owner(self, credential: Credential) -> Principal | None:
        del credential
        return self.owner

    def hears(self, text: str) -> None:
        self.heard.append(text)

    def sees_step(self, step: Step, state: StepState) -> None:
        self.steps.append((step.id, state))

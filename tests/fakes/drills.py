"""An account in memory whose drill roles obey their cut-offs, region by region."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fakes.cloud import FakeCloud
from fakes.cutoffs import policy_cutoff
from fakes.people import FakeDoors, FakePerson
from unleak.flow.drill_role import POLICY
from unleak.model.credential import FoundCredential
from unleak.model.drill import NAME_PREFIX
from unleak.model.ports import ProbeAnswer
from unleak.model.secret import Secret
from unleak.model.situation import Caller

if TYPE_CHECKING:
    from collections.abc import Callable

    from unleak.model.drill import DrillPlan
    from unleak.model.ports import Prober

DENIED = "User: x is not authorized to perform: y with an explicit deny in an identity-based policy"


class DrillCloud(FakeCloud):
    """Gives each session an id of its own and remembers when it was minted, and of which role."""

    def __init__(self) -> None:
        super().__init__()
        self.minted: dict[str, tuple[str, datetime]] = {}
        self.refusals: list[Exception] = []
        """Raised by `assume_role`, one a call, before it answers."""
        self._numbers = itertools.count(1)

    def assume_role(self, role_arn: str, *, session_name: str) -> FoundCredential:
        self._ask("assume_role", f"{role_arn}/{session_name}")
        if self.refusals:
            raise self.refusals.pop(0)
        key_id = f"ASIADRILLDRILL{next(self._numbers):06d}"
        role = role_arn.rsplit("/", 1)[-1]
        self.minted[key_id] = (role, self.fake_clock.at or datetime.now(UTC))
        return FoundCredential(
            access_key_id=key_id, secret=Secret("drill-secret"), session_token=Secret("drill-token")
        )

    def ask_leaked(self, found: FoundCredential, *, region: str | None) -> Caller:
        del region
        key_id = found.access_key_id or ""
        role = self.minted[key_id][0]
        return Caller(
            account=self.account,
            arn=f"arn:aws:sts::{self.account}:assumed-role/{role}/thief",
            unique_id="AROA0000000000000001:thief",
            access_key_id=key_id,
        )

    def is_served(self, key_id: str) -> bool:
        """Whether the policies of its role let a session through."""
        role, minted_at = self.minted[key_id]
        found = self.principals.get(f"role/{role}")
        if found is None or POLICY not in found.inline:
            return False
        others = (text for name, text in found.inline.items() if name != POLICY)
        cutoffs = [each for each in map(policy_cutoff, others) if each is not None]
        return all(minted_at >= each for each in cutoffs)


class DrillProber:
    """Answers as the role's policies say; `deaf` regions go on serving whatever they say."""

    services = ("sqs",)

    def __init__(self, cloud: DrillCloud, *, deaf: frozenset[str] = frozenset()) -> None:
        self._cloud = cloud
        self._deaf = deaf

    def probe(self, credential: FoundCredential, *, service: str, region: str) -> ProbeAnswer:
        is_served = region in self._deaf or self._cloud.is_served(credential.access_key_id or "")
        return ProbeAnswer(
            service=service,
            operation="ListQueues",
            region=region,
            ok=is_served,
            error_code="" if is_served else "AccessDenied",
            message="" if is_served else DENIED,
            status=200 if is_served else 403,
        )


class DrillFakeDoors(FakeDoors):
    """Doors that can list the roles of drills."""

    def __init__(self, cloud: DrillCloud, prober: Prober | None = None) -> None:
        super().__init__(cloud, prober or DrillProber(cloud))

    def roles_under(self, path: str) -> tuple[str, ...]:
        return tuple(
            each.record.name
            for each in self.cloud.principals.values()
            if each.record is not None and each.record.path == path
        )


class DrillFakePerson(FakePerson):
    """Somebody who answers the questions of a drill too."""

    def __init__(self, *, yes: bool = True, meanwhile: Callable[[], None] | None = None) -> None:
        super().__init__(yes=yes, meanwhile=meanwhile)
        self.drills: list[DrillPlan] = []
        self.cleans: list[tuple[str, ...]] = []

    def accepts_drill(self, plan: DrillPlan) -> bool:
        self.drills.append(plan)
        return self.yes

    def accepts_clean(self, roles: tuple[str, ...]) -> bool:
        self.cleans.append(roles)
        return self.yes


def drill_roles(cloud: FakeCloud) -> list[str]:
    """Return the labels of the roles that drills have made."""
    return [label for label in cloud.principals if label.startswith(f"role/{NAME_PREFIX}")]

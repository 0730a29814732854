"""ECS services as a place to write to: a new revision of the task definition, and a deployment.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-service-console-v2.html
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from unleak.aws.answer import Answer, part, parts, text
from unleak.errors import UnleakError, WrongUse
from unleak.model.rotation import Written
from unleak.stores.ecs_reload import deploy_anew, deployment_of
from unleak.stores.interface import CannotSwap, Held
from unleak.stores.places import named_values
from unleak.stores.regional import id_in, moved, regional_spot, unshown
from unleak.stores.reloading import Readers, Workload
from unleak.stores.swap import pair_in_map, swap_in_map

if TYPE_CHECKING:
    from unleak.model.rotation import Spot
    from unleak.stores.interface import KeyPair, Reach
    from unleak.stores.reloading import Rollout, Ticket

_SET_BY_ECS: Final = frozenset(
    {
        "compatibilities",
        "deregisteredAt",
        "registeredAt",
        "registeredBy",
        "requiresAttributes",
        "revision",
        "status",
        "taskDefinitionArn",
    }
)
"""What `RegisterTaskDefinition` does not take; everything else is sent as it was, also what is
newer than this list.
Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html"""

_RELOAD: Final = "the revision before keeps the old key: deregister it when the old key is gone"


class EcsService:
    """Replaces a key in the environments of a service's containers."""

    name: Final = "ecs"
    changes: Final = (
        "ecs:DescribeServices",
        "ecs:DescribeTaskDefinition",
        "ecs:RegisterTaskDefinition",
        "ecs:DeregisterTaskDefinition",
        "ecs:TagResource",
        "ecs:UpdateService",
        "iam:PassRole",
    )
    listens: Final = ("ecs:DescribeServices",)
    reloads: Final = ("ecs:DescribeServices", "ecs:UpdateService")

    def spot(self, text: str) -> Spot:
        """Read `CLUSTER/SERVICE[@REGION]`.

        Raises:
            WrongUse: it names no cluster and service.
        """
        spot = regional_spot(self.name, text)
        if spot.location.count("/") != 1 or "" in spot.location.split("/"):
            message = f"`--to ecs:{spot.location}` names no service in a cluster"
            raise WrongUse(message, hint="for example `--to ecs:CLUSTER/SERVICE@eu-west-1`")
        return spot

    def held(self, spot: Spot, old_key_id: str, reach: Reach) -> Held:
        """Read the environments of the service's own task definition.

        Raises:
            UnleakError: there is no such service, or it cannot be read.
        """
        arn = _in_use(spot, reach)
        definition = part(_described(arn, spot, reach), "taskDefinition")
        return Held(key_id=id_in(_content(definition), old_key_id), version=arn)

    def pair(self, spot: Spot, key_id: str, reach: Reach) -> KeyPair | None:
        """Read the pair back from the service's own task definition."""
        answer = _described(_in_use(spot, reach), spot, reach)
        return pair_in(part(answer, "taskDefinition"), key_id)

    def write(self, spot: Spot, old_key_id: str, new: KeyPair, held: Held, reach: Reach) -> Written:
        """Register a revision that differs in the key alone, and let the service deploy it.

        `UpdateService` has no compare-and-set: the service is looked at right before.

        Raises:
            Moved: the service uses another task definition by now.
            CannotSwap: the old pair does not stand in the containers' environments alone.
            UnleakError: the write was refused, or got no answer.
        """
        if _in_use(spot, reach) != held.version or held.version is None:
            raise moved(spot)
        described = _described(held.version, spot, reach)
        parameters, hidden = _successor(described, spot, old_key_id, new)
        answer = reach.cloud.change(
            "ecs",
            "register_task_definition",
            parameters,
            region=spot.region,
            secrets=unshown(new, hidden),
        )
        fresh = text(part(answer, "taskDefinition"), "taskDefinitionArn")
        if _in_use(spot, reach) != held.version:
            _deregister(fresh, spot, reach)
            raise moved(spot)
        _deploy(fresh, spot, reach)
        return Written(version=fresh, way_back=held.version, reload=_RELOAD)

    def readers(self, spot: Spot, reach: Reach) -> Readers:
        """Return the service itself: its new revision is worth nothing until it has come up.

        Raises:
            UnleakError: there is no such service.
        """
        _in_use(spot, reach)
        impact = "ECS deploys the new revision by itself; this waits until that is through"
        return Readers(workloads=(Workload(spot=spot, impact=impact),))

    def reload(self, workload: Spot, ticket: Ticket, reach: Reach) -> None:
        """Force a deployment of what the service runs, unless one has begun since.

        Raises:
            UnleakError: it was refused, or got no answer.
        """
        deploy_anew(workload, ticket, reach)

    def rollout(self, workload: Spot, ticket: Ticket, reach: Reach) -> Rollout:
        """Return how far the service's deployment has come.

        Raises:
            UnleakError: it cannot be looked at.
        """
        return deployment_of(workload, ticket, reach)

    def restore(self, spot: Spot, written: Written, reach: Reach) -> None:
        """Let the service deploy the revision before ours again.

        Raises:
            Moved: the service does not use our revision any more.
            UnleakError: it was refused.
        """
        if written.way_back is None:
            message = f"it is not known which task definition {spot.label} used before"
            raise UnleakError(message, hint="deploy the revision before by hand")
        if _in_use(spot, reach) != written.version:
            raise moved(spot)
        _deploy(written.way_back, spot, reach)


def environments(definition: Answer) -> dict[str, dict[str, str]]:
    """Return the literal environment of each container of a task definition, by its name."""
    return {
        text(each, "name"): named_values(parts(each, "environment"))
        for each in parts(definition, "containerDefinitions")
    }


def pair_in(definition: Answer, key_id: str) -> KeyPair | None:
    """Return the pair as it stands in one container's environment."""
    for values in environments(definition).values():
        found = pair_in_map(values, key_id)
        if found is not None:
            return found
    return None


def _content(definition: Answer) -> str:
    return "\n".join(
        value for values in environments(definition).values() for value in values.values()
    )


def _successor(
    described: Answer, spot: Spot, old_key_id: str, new: KeyPair
) -> tuple[dict[str, object], list[str]]:
    """Return what to register, and the values in it that no message may show."""
    before = part(described, "taskDefinition")
    after = {name: value for name, value in before.items() if name not in _SET_BY_ECS}
    containers, hidden = [], list(_content(before).splitlines())
    for container in parts(before, "containerDefinitions"):
        values = named_values(parts(container, "environment"))
        if old_key_id not in "\n".join(values.values()):
            containers.append(container)
            continue
        swapped = swap_in_map(values, old_key_id, new)
        hidden.extend(swapped.values())
        containers.append({**container, "environment": _entries(container, swapped)})
    after["containerDefinitions"] = containers
    if containers == list(parts(before, "containerDefinitions")):
        message = f"no container's environment of {spot.label} holds {old_key_id}"
        raise CannotSwap(message, hint="register a new revision by hand")
    if old_key_id in json.dumps(after, default=str):
        message = f"{old_key_id} stands outside the environments of {spot.label} too"
        raise CannotSwap(message, hint="register a new revision by hand")
    if parts(described, "tags"):
        after["tags"] = list(parts(described, "tags"))
    return after, hidden


def _entries(container: Answer, swapped: dict[str, str]) -> list[dict[str, object]]:
    return [
        {**each, "value": swapped.get(text(each, "name"), each.get("value"))}
        for each in parts(container, "environment")
    ]


def _in_use(spot: Spot, reach: Reach) -> str:
    cluster, _, service = spot.location.partition("/")
    asked = {"cluster": cluster, "services": [service]}
    answer = reach.cloud.ask("ecs", "describe_services", asked, region=spot.region)
    active = [each for each in parts(answer, "services") if text(each, "status") != "INACTIVE"]
    if not active:
        message = f"there is no service {service} in the cluster {cluster}"
        raise UnleakError(message, hint="look at the names and the region")
    controller = text(part(active[0], "deploymentController"), "type")
    if controller not in {"", "ECS"}:
        message = f"{spot.label} is deployed by {controller}, which ECS lets nobody go round"
        raise CannotSwap(message, hint="register the new revision there")
    return text(active[0], "taskDefinition")


def _described(arn: str, spot: Spot, reach: Reach) -> Answer:
    asked = {"taskDefinition": arn, "include": ["TAGS"]}
    return reach.cloud.ask("ecs", "describe_task_definition", asked, region=spot.region)


def _deploy(arn: str, spot: Spot, reach: Reach) -> None:
    cluster, _, service = spot.location.partition("/")
    parameters = {"cluster": cluster, "service": service, "taskDefinition": arn}
    reach.cloud.change("ecs", "update_service", parameters, region=spot.region)


def _deregister(arn: str, spot: Spot, reach: Reach) -> None:
    with suppress(UnleakError):  # nothing uses it; the person hears of what went wrong before
        parameters = {"taskDefinition": arn}
        reach.cloud.change("ecs", "deregister_task_definition", parameters, region=spot.region)

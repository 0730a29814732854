"""ECS services as readers: secrets and parameters are injected when a task starts, never later.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from unleak.aws.answer import Answer, instant, number, part, parts, text, texts
from unleak.errors import UnleakError
from unleak.model.rotation import Spot
from unleak.stores.reloading import Progress, Readers, Rollout, Workload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.stores.interface import Reach
    from unleak.stores.reloading import Ticket

STORE: Final = "ecs"
LISTENS: Final = (
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    "ecs:ListClusters",
    "ecs:ListServices",
)
_AT_ONCE: Final = 10
"""Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html"""

_AT_THE_SAME_TIME: Final = timedelta(minutes=1)
"""A service that was written itself begins to deploy during the write; clocks differ as well."""


def readers_in_ecs(names: frozenset[str], region: str | None, reach: Reach) -> Readers:
    """Return the services whose containers get one of these injected.

    Args:
        names: the ARN and the name of a secret or parameter; a `valueFrom` is either, and an ARN
            of a secret may go on with a JSON key, a stage and a version.
        region: where to look, None for the session's own: injection works within one region.
        reach: with what to look.
    """
    workloads: list[Workload] = []
    notes: list[str] = []
    try:
        clusters = list(_names("list_clusters", "clusterArns", {}, region, reach))
    except UnleakError as error:
        return Readers(notes=(f"ECS: {error.message}: start anew what gets it injected",))
    for cluster in clusters:
        try:
            for service in _services(cluster, region, reach):
                _judge(service, cluster, names, (region, reach), (workloads, notes))
        except UnleakError as error:
            where = f"ECS cluster {_last(cluster)}"
            notes.append(f"{where}: {error.message}: start anew what gets it injected")
    return Readers(workloads=tuple(workloads), notes=tuple(notes))


def deploy_anew(workload: Spot, ticket: Ticket, reach: Reach) -> None:
    """Force a deployment, unless one has begun since the write; protected tasks are waited for.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
    """
    begun = instant(_primary(_described(workload, reach)), "createdAt")
    if begun is not None and begun > ticket.since:
        return
    cluster, _, service = workload.location.partition("/")
    parameters = {"cluster": cluster, "service": service, "forceNewDeployment": True}
    reach.cloud.change("ecs", "update_service", parameters, region=workload.region)


def deployment_of(workload: Spot, ticket: Ticket, reach: Reach) -> Rollout:
    """Return how far the deployment that follows a write has come.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
    """
    service = _described(workload, reach)
    primary = _primary(service)
    begun = instant(primary, "createdAt")
    if begun is not None and begun < ticket.since - _AT_THE_SAME_TIME:
        return Rollout(progress=Progress.ON_ITS_WAY, detail="not begun yet")
    wanted, running = number(primary, "desiredCount", 0), number(primary, "runningCount", 0)
    others = [each for each in parts(service, "deployments") if text(each, "status") != "PRIMARY"]
    detail = f"{running} of {wanted} tasks are new"
    if text(primary, "rolloutState") == "FAILED":
        why = text(primary, "rolloutStateReason")
        return Rollout(progress=Progress.FAILED, detail=f"{detail}: {why}".rstrip(": "))
    is_settled = text(primary, "rolloutState") in {"COMPLETED", ""} and not others
    is_through = is_settled and running >= wanted
    progress = Progress.THROUGH if is_through else Progress.ON_ITS_WAY
    return Rollout(progress=progress, detail=detail)


def _judge(
    service: Answer,
    cluster: str,
    names: frozenset[str],
    there: tuple[str | None, Reach],
    found: tuple[list[Workload], list[str]],
) -> None:
    """Add a service to the workloads or to the notes, where it reads one of the names."""
    region, reach = there
    workloads, notes = found
    asked = {"taskDefinition": text(service, "taskDefinition")}
    definition = reach.cloud.ask("ecs", "describe_task_definition", asked, region=region)
    sources = tuple(_sources(part(definition, "taskDefinition")))
    if not any(_is_of(source, names) for source in sources):
        return
    location = f"{_last(cluster)}/{text(service, 'serviceName')}"
    controller = text(part(service, "deploymentController"), "type")
    if controller not in {"", "ECS"}:
        notes.append(f"ecs:{location} is deployed by {controller}: start a deployment there")
        return
    workloads.append(
        Workload(
            spot=Spot(store=STORE, location=location, region=region),
            impact=_impact(part(service, "deploymentConfiguration")),
        )
    )


def _sources(definition: Answer) -> Iterator[str]:
    for container in parts(definition, "containerDefinitions"):
        for each in parts(container, "secrets"):
            yield text(each, "valueFrom")
        for each in parts(part(container, "logConfiguration"), "secretOptions"):
            yield text(each, "valueFrom")


def _is_of(source: str, names: frozenset[str]) -> bool:
    """Whether a `valueFrom` names one of these, with or without what may stand behind an ARN."""
    if source in names:
        return True
    return any(name.startswith("arn:") and source.startswith(f"{name}:") for name in names)


def _impact(configuration: Answer) -> str:
    least = number(configuration, "minimumHealthyPercent", 100)
    if least == 0:
        return "ECS may stop all its tasks before new ones run (minimumHealthyPercent 0)"
    return f"ECS replaces its tasks and keeps {least} % of them running meanwhile"


def _services(cluster: str, region: str | None, reach: Reach) -> Iterator[Answer]:
    arns = list(_names("list_services", "serviceArns", {"cluster": cluster}, region, reach))
    for start in range(0, len(arns), _AT_ONCE):
        asked = {"cluster": cluster, "services": arns[start : start + _AT_ONCE]}
        answer = reach.cloud.ask("ecs", "describe_services", asked, region=region)
        for service in parts(answer, "services"):
            if text(service, "status") != "INACTIVE" and number(service, "desiredCount", 1) > 0:
                yield service


def _names(
    method: str, key: str, parameters: dict[str, object], region: str | None, reach: Reach
) -> Iterator[str]:
    for answer in reach.cloud.pages("ecs", method, parameters, region=region):
        yield from texts(answer, key)


def _described(workload: Spot, reach: Reach) -> Answer:
    cluster, _, service = workload.location.partition("/")
    asked = {"cluster": cluster, "services": [service]}
    answer = reach.cloud.ask("ecs", "describe_services", asked, region=workload.region)
    found = parts(answer, "services")
    if not found or text(found[0], "status") == "INACTIVE":
        message = f"there is no service {workload.location} any more"
        raise UnleakError(message, hint="leave it out: `unleak resume` with --leave")
    return found[0]


def _primary(service: Answer) -> Answer:
    deployments = parts(service, "deployments")
    return next((each for each in deployments if text(each, "status") == "PRIMARY"), {})


def _last(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]

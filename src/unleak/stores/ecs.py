"""Task definitions that ECS uses now: of services, of running tasks, of schedules.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/taskdef-envfiles.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.aws.answer import Answer, part, parts, text
from unleak.errors import UnleakError
from unleak.model.frozen import dataclass
from unleak.stores.ecs_service import environments, pair_in
from unleak.stores.interface import Scope
from unleak.stores.look import Look
from unleak.stores.places import places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from unleak.model.reference import Needle
    from unleak.stores.interface import Finding, Scene

_SERVICES_AT_ONCE: Final = 10
_TASKS_AT_ONCE: Final = 100
"""Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html and
API_DescribeTasks.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """Who uses a task definition."""

    definition: str
    kind: str
    location: str
    note: str = ""
    updatable: bool = False


class Ecs:
    """Finds a key in the task definitions that are in use; others start nothing by themselves."""

    name: Final = "ecs"
    title: Final = "ECS task definitions in use"
    scope: Final = Scope.REGION
    needs: Final = (
        "ecs:ListClusters",
        "ecs:ListServices",
        "ecs:DescribeServices",
        "ecs:ListTasks",
        "ecs:DescribeTasks",
        "ecs:DescribeTaskDefinition",
        "events:ListRuleNamesByTarget",
        "events:ListTargetsByRule",
        "scheduler:ListSchedules",
        "scheduler:GetSchedule",
    )

    def search(self, needle: Needle, scene: Scene) -> Iterator[Finding]:
        """Yield every service, task and schedule whose task definition holds the key."""
        look = Look(self.name, needle, scene)
        uses: list[_Use] = []
        clusters = tuple(look.names("ecs", "list_clusters", "clusterArns"))
        for arn in clusters:
            yield from _gathered(look, uses, f"services of {_last(arn)}", _services(look, arn))
            yield from _gathered(look, uses, f"tasks of {_last(arn)}", _tasks(look, arn))
            yield from _gathered(look, uses, f"rules of {_last(arn)}", _rules(look, arn))
        if clusters:
            yield from _gathered(look, uses, "schedules", _schedules(look, clusters))
        yield from _in_definitions(look, uses)
        yield look.searched()


def _gathered(look: Look, uses: list[_Use], what: str, found: Iterator[_Use]) -> Iterator[Finding]:
    """Add uses to those that are known; that they cannot be listed is a gap."""
    try:
        uses.extend(found)
    except UnleakError as error:
        yield look.gap(what, error)


def _services(look: Look, cluster: str) -> Iterator[_Use]:
    arns = list(look.names("ecs", "list_services", "serviceArns", cluster=cluster))
    for some in _groups(arns, _SERVICES_AT_ONCE):
        answer = look.ask("ecs", "describe_services", cluster=cluster, services=some)
        for service in parts(answer, "services"):
            yield from _of_service(service, cluster)


def _of_service(service: Answer, cluster: str) -> Iterator[_Use]:
    location = f"{_last(cluster)}/{text(service, 'serviceName')}"
    main = text(service, "taskDefinition")
    controller = text(part(service, "deploymentController"), "type") or "ECS"
    is_ours = controller == "ECS"
    note = "" if is_ours else f"deployed by {controller}: register the new revision there"
    if main:
        yield _Use(definition=main, kind="service", location=location, note=note, updatable=is_ours)
    older = {
        text(each, "taskDefinition")
        for key in ("deployments", "taskSets")
        for each in parts(service, key)
    }
    for definition in sorted(older - {main, ""}):
        yield _Use(
            definition=definition,
            kind="deployment",
            location=location,
            note=f"a deployment of {_last(definition)} that is not the service's own any more",
        )


def _tasks(look: Look, cluster: str) -> Iterator[_Use]:
    """Yield the definitions of running tasks; those of services are told with their service."""
    arns = list(look.names("ecs", "list_tasks", "taskArns", cluster=cluster))
    for some in _groups(arns, _TASKS_AT_ONCE):
        answer = look.ask("ecs", "describe_tasks", cluster=cluster, tasks=some)
        for task in parts(answer, "tasks"):
            definition, group = text(task, "taskDefinitionArn"), text(task, "group")
            if definition and not group.startswith("service:"):
                note = f"a task of it runs in {_last(cluster)}"
                yield _Use(
                    definition=definition, kind="task", location=_last(definition), note=note
                )


def _rules(look: Look, cluster: str) -> Iterator[_Use]:
    """Yield the definitions that EventBridge rules of the default bus start in a cluster."""
    for rule in look.names("events", "list_rule_names_by_target", "RuleNames", TargetArn=cluster):
        for target in look.listed("events", "list_targets_by_rule", "Targets", Rule=rule):
            definition = text(part(target, "EcsParameters"), "TaskDefinitionArn")
            if definition:
                yield _Use(
                    definition=definition,
                    kind="scheduled-task",
                    location=_last(definition),
                    note=f"started by the EventBridge rule {rule}",
                )


def _schedules(look: Look, clusters: tuple[str, ...]) -> Iterator[_Use]:
    for each in look.listed("scheduler", "list_schedules", "Schedules"):
        if text(part(each, "Target"), "Arn") not in clusters:
            continue
        name, group = text(each, "Name"), text(each, "GroupName")
        whole = look.ask("scheduler", "get_schedule", Name=name, GroupName=group)
        definition = text(part(part(whole, "Target"), "EcsParameters"), "TaskDefinitionArn")
        if definition:
            yield _Use(
                definition=definition,
                kind="scheduled-task",
                location=_last(definition),
                note=f"started by the schedule {group}/{name}",
            )


def _in_definitions(look: Look, uses: list[_Use]) -> Iterator[Finding]:
    arns = dict.fromkeys(use.definition for use in uses)
    yield from look.at_once(arns, lambda arn: _in_definition(look, arn, uses))


def _in_definition(look: Look, arn: str, uses: list[_Use]) -> Iterator[Finding]:
    try:
        answer = look.ask("ecs", "describe_task_definition", taskDefinition=arn)
    except UnleakError as error:
        yield look.gap(_last(arn), error)
        return
    definition = part(answer, "taskDefinition")
    for file in _environment_files(definition):
        yield look.gap(f"{_last(arn)} {file}", "environment files in S3 are not read")
    fields = tuple(places(definition, look.needle))
    if fields:
        users = dict.fromkeys(use for use in uses if use.definition == arn)
        yield from _told(look, users, definition, fields)


def _told(
    look: Look, users: Iterable[_Use], definition: Answer, fields: tuple[str, ...]
) -> Iterator[Finding]:
    has_pair = pair_in(definition, look.needle.key_id) is not None
    in_environments = sum(len(look.fields(each)) for each in environments(definition).values())
    can_be_swapped = has_pair and in_environments == len(fields)
    for use in users:
        note = use.note
        if use.updatable and not can_be_swapped:
            note = "the pair does not stand in one container's environment alone"
        yield look.reference(
            use.kind, use.location, fields, note=note, updatable=use.updatable and can_be_swapped
        )


def _environment_files(definition: Answer) -> tuple[str, ...]:
    return tuple(
        text(file, "value")
        for container in parts(definition, "containerDefinitions")
        for file in parts(container, "environmentFiles")
    )


def _groups(names: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(names), size):
        yield names[start : start + size]


def _last(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]

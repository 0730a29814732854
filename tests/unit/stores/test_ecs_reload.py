"""Services of ECS that get a secret or a parameter injected, and a forced deployment of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from fakes.desk import FakeDesk, denied
from unleak.errors import UnleakError
from unleak.model.rotation import Spot
from unleak.stores.ecs_service import EcsService
from unleak.stores.interface import Reach
from unleak.stores.parameter_store import ParameterStore
from unleak.stores.reloading import KnowsReaders, Progress, Reloader, Ticket
from unleak.stores.secrets_manager import SecretsManager

if TYPE_CHECKING:
    from unleak.stores.reloading import Readers

WEB = Spot(store="ecs", location="shop/web")
SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:aws-AbCdEf"
PARAMETER = "arn:aws:ssm:eu-west-1:111122223333:parameter/app/key"
WRITTEN = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
TICKET = Ticket(mark="AKIAY34FZKBONEWKEY00 now", since=WRITTEN)
LATER = WRITTEN + timedelta(seconds=2)


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.on("secretsmanager", "get_secret_value", {"VersionId": "v" * 32, "SecretString": "x"})
    desk.on("secretsmanager", "describe_secret", {"ARN": SECRET})
    found = {"Parameter": {"Name": "/app/key", "ARN": PARAMETER, "Value": "x", "Version": 1}}
    desk.on("ssm", "get_parameter", found)
    desk.on("ecs", "list_clusters", {"clusterArns": ["arn:aws:ecs:eu-west-1:1:cluster/shop"]})
    desk.on("ecs", "list_services", {"serviceArns": ["web"]})
    desk.on("ecs", "describe_services", {"services": [service()]})
    return desk


def service(**more: object) -> dict[str, object]:
    named = {"serviceName": "web", "taskDefinition": "web:1", "desiredCount": 2}
    return {**named, "status": "ACTIVE", **more}


def deployment(**more: object) -> dict[str, object]:
    counts = {"desiredCount": 2, "runningCount": 2, "rolloutState": "COMPLETED"}
    return {"status": "PRIMARY", "createdAt": LATER, **counts, **more}


def injects(desk: FakeDesk, source: str) -> None:
    container = {"name": "app", "secrets": [{"name": "KEY", "valueFrom": source}]}
    definition = {"containerDefinitions": [container]}
    desk.on("ecs", "describe_task_definition", {"taskDefinition": definition})


def reach(desk: FakeDesk) -> Reach:
    return Reach(cloud=desk, account=None, environment={})


def readers_of_secret(desk: FakeDesk) -> Readers:
    return SecretsManager().readers(Spot(store="secretsmanager", location="aws"), reach(desk))


def test_the_stores_are_what_a_rotation_takes_them_for() -> None:
    assert all(isinstance(s, KnowsReaders) for s in (SecretsManager(), ParameterStore()))
    assert isinstance(EcsService(), Reloader)
    assert not isinstance(SecretsManager(), Reloader)


@pytest.mark.parametrize(
    ("source", "is_reader"),
    [
        (SECRET, True),
        (f"{SECRET}:AWS_SECRET_ACCESS_KEY::", True),
        (SECRET.removesuffix("-AbCdEf"), True),
        (SECRET.replace("aws-", "aws-other-"), False),
        (f"{SECRET}x", False),
        (SECRET.replace("eu-west-1", "us-east-1"), False),
    ],
)
def test_a_service_reads_a_secret_by_its_arn_with_or_without_a_part(
    desk: FakeDesk, source: str, *, is_reader: bool
) -> None:
    injects(desk, source)

    found = readers_of_secret(desk)

    assert [each.spot.label for each in found.workloads] == ["ecs:shop/web"] * is_reader


@pytest.mark.parametrize("source", [PARAMETER, "/app/key"])
def test_a_service_reads_a_parameter_by_its_name_or_arn(desk: FakeDesk, source: str) -> None:
    injects(desk, source)

    found = ParameterStore().readers(Spot(store="ssm", location="/app/key"), reach(desk))

    assert [each.spot.label for each in found.workloads] == ["ecs:shop/web"]


def test_a_service_that_codedeploy_deploys_and_a_refusal_are_left_to_a_person(
    desk: FakeDesk,
) -> None:
    injects(desk, SECRET)
    theirs = service(deploymentController={"type": "CODE_DEPLOY"})
    desk.on("ecs", "describe_services", {"services": [theirs]})
    first = readers_of_secret(desk)
    desk.on("ecs", "list_clusters", denied("ecs:ListClusters"))

    second = readers_of_secret(desk)

    assert (first.workloads, second.workloads) == ((), ())
    assert "CODE_DEPLOY" in first.notes[0]
    assert "ecs:ListClusters" in second.notes[0]


def test_a_service_that_may_go_down_meanwhile_says_so(desk: FakeDesk) -> None:
    injects(desk, SECRET)
    least = service(deploymentConfiguration={"minimumHealthyPercent": 0})
    desk.on("ecs", "describe_services", {"services": [least]})

    found = readers_of_secret(desk)

    assert "may stop all" in found.workloads[0].impact


@pytest.mark.parametrize("status", [{"desiredCount": 0}, {"status": "INACTIVE"}])
def test_what_runs_nothing_reads_nothing(desk: FakeDesk, status: dict[str, object]) -> None:
    injects(desk, SECRET)
    desk.on("ecs", "describe_services", {"services": [service(**status)]})

    assert readers_of_secret(desk).workloads == ()


def test_a_deployment_is_forced_once_after_the_write(desk: FakeDesk) -> None:
    older = deployment(createdAt=WRITTEN - timedelta(days=1))
    desk.on("ecs", "describe_services", {"services": [service(deployments=[older])]})
    desk.on("ecs", "update_service", {})
    EcsService().reload(WEB, TICKET, reach(desk))
    desk.on("ecs", "describe_services", {"services": [service(deployments=[deployment()])]})

    EcsService().reload(WEB, TICKET, reach(desk))

    (sent,) = desk.made("update_service")
    assert sent.parameters == {"cluster": "shop", "service": "web", "forceNewDeployment": True}


@pytest.mark.parametrize(
    ("deployments", "progress"),
    [
        ([deployment()], Progress.THROUGH),
        ([deployment(), {"status": "ACTIVE"}], Progress.ON_ITS_WAY),
        ([deployment(runningCount=1, rolloutState="IN_PROGRESS")], Progress.ON_ITS_WAY),
        ([deployment(rolloutState="FAILED")], Progress.FAILED),
        ([deployment(createdAt=WRITTEN - timedelta(hours=1))], Progress.ON_ITS_WAY),
    ],
)
def test_a_deployment_is_through_when_only_its_own_tasks_run(
    desk: FakeDesk, deployments: list[object], progress: Progress
) -> None:
    desk.on("ecs", "describe_services", {"services": [service(deployments=deployments)]})

    assert EcsService().rollout(WEB, TICKET, reach(desk)).progress is progress


def test_a_service_that_is_gone_is_an_error(desk: FakeDesk) -> None:
    desk.on("ecs", "describe_services", {"services": []})

    with pytest.raises(UnleakError, match="shop/web"):
        EcsService().rollout(WEB, TICKET, reach(desk))

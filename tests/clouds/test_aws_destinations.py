"""A new key is written by unleak to places on MiniStack, and read there by another client."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from clouds.aws_stores import NEW, OLD, Estate, as_json, look_through, variables
from lab.wire import REGION
from unleak.errors import UnleakError
from unleak.stores.codebuild import CodeBuild
from unleak.stores.ecs_service import EcsService
from unleak.stores.interface import CannotSwap, Moved
from unleak.stores.lambda_environments import LambdaEnvironments
from unleak.stores.parameter_store import ParameterStore
from unleak.stores.reloading import Ticket
from unleak.stores.secrets_manager import SecretsManager

if TYPE_CHECKING:
    from unleak.model.rotation import Spot

LAMBDA, SECRETS, PARAMETERS = LambdaEnvironments(), SecretsManager(), ParameterStore()
ECS, CODEBUILD = EcsService(), CodeBuild()
NO_REVISIONS = "does not look at RevisionId"
NO_STAGES = "reads the old version on after UpdateSecretVersionStage"


def test_a_function_gets_the_new_pair_and_keeps_every_other_variable(estate: Estate) -> None:
    name = estate.name("orders")
    estate.function(name, variables(OLD, TABLE="orders", LEVEL="info"))
    spot = LAMBDA.spot(f"{name}@{REGION}")
    before = LAMBDA.held(spot, OLD.key_id, estate.reach)

    written = LAMBDA.write(spot, OLD.key_id, NEW, before, estate.reach)

    environment = estate.wire.call("lambda", "get_function_configuration", FunctionName=name)
    assert environment.value("Environment", "Variables") == variables(
        NEW, TABLE="orders", LEVEL="info"
    )
    assert before.key_id == OLD.key_id
    after = LAMBDA.held(spot, OLD.key_id, estate.reach)
    assert (after.key_id, after.version) == (NEW.key_id, written.version)
    assert LAMBDA.pair(spot, NEW.key_id, estate.reach) == NEW


@pytest.mark.only_ministack(NO_REVISIONS)
def test_a_function_that_somebody_changed_after_the_look_is_not_overwritten(
    estate: Estate,
) -> None:
    name = estate.name("orders")
    estate.function(name, variables())
    spot = LAMBDA.spot(name)
    held = LAMBDA.held(spot, OLD.key_id, estate.reach)
    theirs = {"Variables": variables(OLD, THEIRS="kept")}
    estate.wire.call(
        "lambda", "update_function_configuration", FunctionName=name, Environment=theirs
    )

    with pytest.raises(Moved):
        LAMBDA.write(spot, OLD.key_id, NEW, held, estate.reach)

    found = estate.wire.call("lambda", "get_function_configuration", FunctionName=name)
    assert found.value("Environment") == theirs


@pytest.mark.only_ministack(NO_REVISIONS)
def test_a_function_changed_in_the_very_moment_of_the_write_is_not_overwritten(
    estate: Estate,
) -> None:
    name = estate.name("orders")
    estate.function(name, variables())
    spot = LAMBDA.spot(name)
    held = LAMBDA.held(spot, OLD.key_id, estate.reach)
    theirs = {"Variables": variables(OLD, THEIRS="kept")}

    def change() -> None:
        estate.wire.call(
            "lambda", "update_function_configuration", FunctionName=name, Environment=theirs
        )

    with pytest.raises(Moved):
        LAMBDA.write(
            spot, OLD.key_id, NEW, held, estate.raced("update_function_configuration", change)
        )

    found = estate.wire.call("lambda", "get_function_configuration", FunctionName=name)
    assert found.value("Environment") == theirs


def test_a_function_that_does_not_hold_the_old_key_is_left_alone(estate: Estate) -> None:
    name = estate.name("orders")
    estate.function(name, {"LEVEL": "info"})
    spot = LAMBDA.spot(name)
    held = LAMBDA.held(spot, OLD.key_id, estate.reach)

    with pytest.raises(CannotSwap):
        LAMBDA.write(spot, OLD.key_id, NEW, held, estate.reach)

    assert held.key_id is None


@pytest.mark.only_ministack(NO_STAGES)
@pytest.mark.parametrize(
    "form",
    [
        '{"accessKeyId": "<id>", "secretAccessKey": "<secret>", "region": "x"}',
        "AWS_ACCESS_KEY_ID=<id>\nAWS_SECRET_ACCESS_KEY=<secret>\nDEBUG=1\n",
    ],
    ids=["json", "text"],
)
def test_a_secret_gets_the_new_pair_and_the_way_back_brings_the_old_one(
    estate: Estate, form: str
) -> None:
    name = estate.name("app")
    old, new = (
        form.replace("<id>", pair.key_id).replace("<secret>", pair.secret.reveal())
        for pair in (OLD, NEW)
    )
    estate.wire.call("secretsmanager", "create_secret", Name=name, SecretString=old)
    spot = SECRETS.spot(name)
    held = SECRETS.held(spot, OLD.key_id, estate.reach)

    written = SECRETS.write(spot, OLD.key_id, NEW, held, estate.reach)

    assert _secret(estate, name) == new
    assert _secret(estate, name, "AWSPREVIOUS") == old
    assert SECRETS.held(spot, OLD.key_id, estate.reach).version == written.version
    SECRETS.restore(spot, written, estate.reach)
    assert _secret(estate, name) == old


@pytest.mark.only_ministack(NO_STAGES)
def test_a_binary_secret_stays_binary(estate: Estate) -> None:
    name = estate.name("app")
    estate.wire.call("secretsmanager", "create_secret", Name=name, SecretBinary=as_json().encode())
    spot = SECRETS.spot(name)
    held = SECRETS.held(spot, OLD.key_id, estate.reach)

    SECRETS.write(spot, OLD.key_id, NEW, held, estate.reach)

    value = estate.wire.call("secretsmanager", "get_secret_value", SecretId=name)
    assert value.value("SecretBinary") == as_json(NEW).encode()


def test_a_secret_that_is_not_there_is_made(estate: Estate) -> None:
    spot = SECRETS.spot(f"team/{estate.name('new')}")
    held = SECRETS.held(spot, OLD.key_id, estate.reach)

    SECRETS.write(spot, OLD.key_id, NEW, held, estate.reach)

    assert (held.key_id, held.version) == (None, None)
    assert json.loads(_secret(estate, spot.location)) == {
        "AWS_ACCESS_KEY_ID": NEW.key_id,
        "AWS_SECRET_ACCESS_KEY": NEW.secret.reveal(),
    }


def test_a_secret_that_somebody_else_made_meanwhile_is_not_overwritten(estate: Estate) -> None:
    spot = SECRETS.spot(estate.name("new"))
    held = SECRETS.held(spot, OLD.key_id, estate.reach)
    estate.wire.call("secretsmanager", "create_secret", Name=spot.location, SecretString="theirs")

    with pytest.raises(Moved):
        SECRETS.write(spot, OLD.key_id, NEW, held, estate.reach)

    assert _secret(estate, spot.location) == "theirs"


def test_a_secret_changed_in_the_very_moment_of_the_write_keeps_their_value(
    estate: Estate,
) -> None:
    name = estate.name("app")
    estate.wire.call("secretsmanager", "create_secret", Name=name, SecretString=as_json())
    spot = SECRETS.spot(name)
    held = SECRETS.held(spot, OLD.key_id, estate.reach)
    theirs = as_json().replace("}", ', "theirs": "kept"}')

    def change() -> None:
        estate.wire.call("secretsmanager", "put_secret_value", SecretId=name, SecretString=theirs)

    with pytest.raises(Moved):
        SECRETS.write(
            spot, OLD.key_id, NEW, held, estate.raced("update_secret_version_stage", change)
        )

    assert _secret(estate, name) == theirs


@pytest.mark.only_ministack(NO_STAGES)
def test_a_secret_with_a_newer_version_than_ours_is_not_put_back(estate: Estate) -> None:
    name = estate.name("app")
    estate.wire.call("secretsmanager", "create_secret", Name=name, SecretString=as_json())
    spot = SECRETS.spot(name)
    held = SECRETS.held(spot, OLD.key_id, estate.reach)
    written = SECRETS.write(spot, OLD.key_id, NEW, held, estate.reach)
    estate.wire.call("secretsmanager", "put_secret_value", SecretId=name, SecretString="theirs")

    with pytest.raises(Moved):
        SECRETS.restore(spot, written, estate.reach)

    assert _secret(estate, name) == "theirs"


def test_a_parameter_gets_the_new_pair_and_stays_what_it_was(estate: Estate) -> None:
    name = f"/{estate.tag}/app/key"
    key = estate.wire.call("kms", "create_key").text("KeyMetadata", "KeyId")
    estate.wire.call(
        "ssm",
        "put_parameter",
        Name=name,
        Value=as_json(),
        Type="SecureString",
        KeyId=key,
        Description="the shop's key",
        Tier="Advanced",
    )
    spot = PARAMETERS.spot(f"{name}@{REGION}")
    held = PARAMETERS.held(spot, OLD.key_id, estate.reach)

    written = PARAMETERS.write(spot, OLD.key_id, NEW, held, estate.reach)

    assert json.loads(_parameter(estate, name)) == json.loads(as_json(NEW))
    assert PARAMETERS.held(spot, OLD.key_id, estate.reach).version == written.version == "2"
    filters = [{"Key": "Name", "Values": [name]}]
    answer = estate.wire.call("ssm", "describe_parameters", ParameterFilters=filters)
    (settings,) = answer.rows("Parameters")
    kept = [settings.text(each) for each in ("Type", "KeyId", "Tier", "Description")]
    assert kept == ["SecureString", key, "Advanced", "the shop's key"]


def test_the_history_of_a_parameter_is_its_way_back(estate: Estate) -> None:
    name = f"/{estate.tag}/app/key"
    estate.wire.call("ssm", "put_parameter", Name=name, Value=as_json(), Type="SecureString")
    spot = PARAMETERS.spot(name)
    held = PARAMETERS.held(spot, OLD.key_id, estate.reach)
    written = PARAMETERS.write(spot, OLD.key_id, NEW, held, estate.reach)

    PARAMETERS.restore(spot, written, estate.reach)

    assert _parameter(estate, name) == as_json()


def test_a_parameter_changed_in_the_very_moment_of_the_write_keeps_their_value(
    estate: Estate,
) -> None:
    name = f"/{estate.tag}/app/key"
    estate.wire.call("ssm", "put_parameter", Name=name, Value=as_json(), Type="SecureString")
    spot = PARAMETERS.spot(name)
    held = PARAMETERS.held(spot, OLD.key_id, estate.reach)
    theirs = as_json().replace("}", ', "theirs": "kept"}')

    def change() -> None:
        estate.wire.call(
            "ssm",
            "put_parameter",
            Name=name,
            Value=theirs,
            Type="SecureString",
            Overwrite=True,
        )

    with pytest.raises(Moved):
        PARAMETERS.write(spot, OLD.key_id, NEW, held, estate.raced("put_parameter", change))

    assert _parameter(estate, name) == theirs


def test_a_parameter_that_is_not_there_is_made_encrypted(estate: Estate) -> None:
    spot = PARAMETERS.spot(f"/{estate.tag}/new")
    held = PARAMETERS.held(spot, OLD.key_id, estate.reach)

    PARAMETERS.write(spot, OLD.key_id, NEW, held, estate.reach)

    assert json.loads(_parameter(estate, spot.location))["AWS_ACCESS_KEY_ID"] == NEW.key_id
    answer = estate.wire.call("ssm", "get_parameter", Name=spot.location)
    assert answer.text("Parameter", "Type") == "SecureString"


def test_a_parameter_that_holds_the_id_alone_is_left_alone(estate: Estate) -> None:
    name = f"/{estate.tag}/id"
    estate.wire.call("ssm", "put_parameter", Name=name, Value=OLD.key_id, Type="String")
    spot = PARAMETERS.spot(name)
    held = PARAMETERS.held(spot, OLD.key_id, estate.reach)

    with pytest.raises(CannotSwap):
        PARAMETERS.write(spot, OLD.key_id, NEW, held, estate.reach)

    assert _parameter(estate, name) == OLD.key_id


def test_a_key_in_two_parameters_is_found_replaced_in_both_and_put_back(estate: Estate) -> None:
    folder = f"/{estate.tag}/app"
    values = {"aws-access-key-id": OLD.key_id, "aws-secret-access-key": OLD.secret.reveal()}
    for stem, value in (values | {"db-password": "hunter2hunter2"}).items():
        name = f"{folder}/{stem}"
        estate.wire.call("ssm", "put_parameter", Name=name, Value=value, Type="SecureString")
    both = f"{folder}/aws-access-key-id,{folder}/aws-secret-access-key"
    found = look_through(PARAMETERS, estate.desk).at(both)
    spot = PARAMETERS.spot(f"{found.location}@{REGION}")
    held = PARAMETERS.held(spot, OLD.key_id, estate.reach)

    written = PARAMETERS.write(spot, OLD.key_id, NEW, held, estate.reach)

    assert found.updatable
    assert [_parameter(estate, name) for name in both.split(",")] == [
        NEW.key_id,
        NEW.secret.reveal(),
    ]
    assert PARAMETERS.held(spot, OLD.key_id, estate.reach).key_id == NEW.key_id
    assert PARAMETERS.pair(spot, NEW.key_id, estate.reach) == NEW
    PARAMETERS.restore(spot, written, estate.reach)
    assert PARAMETERS.pair(spot, OLD.key_id, estate.reach) == OLD


def test_a_service_of_ecs_deploys_a_revision_that_differs_in_the_key_alone(
    estate: Estate,
) -> None:
    spot, first = _service(estate)
    held = ECS.held(spot, OLD.key_id, estate.reach)

    written = ECS.write(spot, OLD.key_id, NEW, held, estate.reach)

    used = _used(estate, spot)
    assert (held.version, used) == (first, written.version)
    assert _as_registered(estate, used) == _as_registered(estate, first).replace(
        OLD.key_id, NEW.key_id
    ).replace(OLD.secret.reveal(), NEW.secret.reveal())
    assert ECS.held(spot, OLD.key_id, estate.reach).key_id == NEW.key_id
    assert ECS.pair(spot, NEW.key_id, estate.reach) == NEW


def test_the_revision_before_is_the_way_back_of_a_service(estate: Estate) -> None:
    spot, first = _service(estate)
    held = ECS.held(spot, OLD.key_id, estate.reach)
    written = ECS.write(spot, OLD.key_id, NEW, held, estate.reach)

    ECS.restore(spot, written, estate.reach)

    assert _used(estate, spot) == first


def test_a_service_deployed_by_somebody_else_meanwhile_keeps_their_revision(
    estate: Estate,
) -> None:
    spot, _ = _service(estate)
    held = ECS.held(spot, OLD.key_id, estate.reach)
    cluster, _, service = spot.location.partition("/")

    def change() -> None:
        theirs = _registered(estate, "theirs")
        estate.wire.call(
            "ecs", "update_service", cluster=cluster, service=service, taskDefinition=theirs
        )

    with pytest.raises(Moved):
        ECS.write(spot, OLD.key_id, NEW, held, estate.raced("register_task_definition", change))

    assert "theirs" in _used(estate, spot)


@pytest.mark.only_ministack("has no UpdateProject")
def test_a_project_of_codebuild_gets_the_new_pair_and_keeps_the_rest(estate: Estate) -> None:
    name = estate.name("build")
    _project(estate, name)
    spot = CODEBUILD.spot(name)
    held = CODEBUILD.held(spot, OLD.key_id, estate.reach)
    before = _environment(estate, name)

    CODEBUILD.write(spot, OLD.key_id, NEW, held, estate.reach)

    swapped = before.replace(OLD.key_id, NEW.key_id)
    assert _environment(estate, name) == swapped.replace(OLD.secret.reveal(), NEW.secret.reveal())
    assert CODEBUILD.held(spot, OLD.key_id, estate.reach).key_id == NEW.key_id


@pytest.mark.only_ministack("has no UpdateProject")
def test_a_project_of_codebuild_that_has_changed_since_is_not_overwritten(
    estate: Estate,
) -> None:
    name = estate.name("build")
    _project(estate, name)
    spot = CODEBUILD.spot(name)
    held = CODEBUILD.held(spot, OLD.key_id, estate.reach)
    while CODEBUILD.held(spot, OLD.key_id, estate.reach) == held:  # MiniStack tells whole seconds
        estate.wire.call("codebuild", "update_project", name=name, description="theirs")

    with pytest.raises(Moved):
        CODEBUILD.write(spot, OLD.key_id, NEW, held, estate.reach)


def test_places_that_keep_no_history_say_that_there_is_no_way_back(estate: Estate) -> None:
    name = estate.name("orders")
    estate.function(name, variables())
    spot = LAMBDA.spot(name)
    held = LAMBDA.held(spot, OLD.key_id, estate.reach)
    written = LAMBDA.write(spot, OLD.key_id, NEW, held, estate.reach)

    with pytest.raises(UnleakError, match="no earlier environment"):
        LAMBDA.restore(spot, written, estate.reach)

    assert written.way_back is None


def test_a_service_that_gets_a_secret_injected_is_found_and_deployed_anew(estate: Estate) -> None:
    name = estate.name("injected")
    made = estate.wire.call(
        "secretsmanager", "create_secret", Name=name, SecretString=json.dumps(variables(OLD))
    )
    container: dict[str, object] = {
        "name": "app",
        "image": "app",
        "memory": 128,
        "secrets": [{"name": "KEY", "valueFrom": f"{made.text('ARN')}:AWS_ACCESS_KEY_ID::"}],
    }
    workload = _running(estate, container)
    before = _deployments(estate, workload)
    spot = SECRETS.spot(name)
    ticket = Ticket(mark="x", since=datetime.now(UTC) + timedelta(seconds=1))

    found = SECRETS.readers(spot, estate.reach)
    ECS.reload(found.workloads[0].spot, ticket, estate.reach)

    assert [each.spot for each in found.workloads] == [workload]
    assert _deployments(estate, workload) != before


def _running(estate: Estate, container: dict[str, object]) -> Spot:
    cluster, service = estate.name("crew"), estate.name("api")
    estate.wire.call("ecs", "create_cluster", clusterName=cluster)
    definition = estate.wire.call(
        "ecs", "register_task_definition", family=service, containerDefinitions=[container]
    )
    estate.wire.call(
        "ecs",
        "create_service",
        cluster=cluster,
        serviceName=service,
        taskDefinition=definition.text("taskDefinition", "taskDefinitionArn"),
        desiredCount=1,
    )
    return ECS.spot(f"{cluster}/{service}")


def _deployments(estate: Estate, spot: Spot) -> list[str]:
    cluster, _, service = spot.location.partition("/")
    answer = estate.wire.call("ecs", "describe_services", cluster=cluster, services=[service])
    rows = answer.rows("services")[0].rows("deployments")
    return [row.text("id") for row in rows]


def _secret(estate: Estate, name: str, stage: str = "AWSCURRENT") -> str:
    answer = estate.wire.call(
        "secretsmanager", "get_secret_value", SecretId=name, VersionStage=stage
    )
    return answer.text("SecretString")


def _parameter(estate: Estate, name: str) -> str:
    answer = estate.wire.call("ssm", "get_parameter", Name=name, WithDecryption=True)
    return answer.text("Parameter", "Value")


def _registered(estate: Estate, stem: str) -> str:
    entries = [{"name": k, "value": v} for k, v in variables(OLD, LEVEL="info").items()]
    answer = estate.wire.call(
        "ecs",
        "register_task_definition",
        family=estate.name(stem),
        taskRoleArn=estate.role,
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        volumes=[{"name": "scratch"}],
        containerDefinitions=[
            {"name": "app", "image": "app", "environment": entries},
            {"name": "proxy", "image": "envoy", "portMappings": [{"containerPort": 80}]},
        ],
    )
    return answer.text("taskDefinition", "taskDefinitionArn")


def _service(estate: Estate) -> tuple[Spot, str]:
    cluster, service = estate.name("shop"), estate.name("web")
    estate.wire.call("ecs", "create_cluster", clusterName=cluster)
    first = _registered(estate, "web")
    estate.wire.call(
        "ecs",
        "create_service",
        cluster=cluster,
        serviceName=service,
        taskDefinition=first,
        desiredCount=0,
    )
    return ECS.spot(f"{cluster}/{service}"), first


def _used(estate: Estate, spot: Spot) -> str:
    cluster, _, service = spot.location.partition("/")
    answer = estate.wire.call("ecs", "describe_services", cluster=cluster, services=[service])
    return answer.rows("services")[0].text("taskDefinition")


def _as_registered(estate: Estate, arn: str) -> str:
    """What of a task definition its owner decides, as text to compare."""
    answer = estate.wire.call("ecs", "describe_task_definition", taskDefinition=arn)
    fields = answer.part("taskDefinition").fields
    own = ("family", "taskRoleArn", "networkMode", "cpu", "memory", "volumes")
    return json.dumps({name: fields[name] for name in (*own, "containerDefinitions")})


def _project(estate: Estate, name: str) -> None:
    entries = [{"name": k, "value": v, "type": "PLAINTEXT"} for k, v in variables().items()]
    entries.append({"name": "TOKEN", "value": "/app/token", "type": "PARAMETER_STORE"})
    estate.wire.call(
        "codebuild",
        "create_project",
        name=name,
        source={"type": "S3", "location": "sources/app.zip", "buildspec": "version: 0.2"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/standard:7.0",
            "computeType": "BUILD_GENERAL1_SMALL",
            "privilegedMode": True,
            "environmentVariables": entries,
        },
        serviceRole=estate.role,
    )


def _environment(estate: Estate, name: str) -> str:
    answer = estate.wire.call("codebuild", "batch_get_projects", names=[name])
    return json.dumps(answer.rows("projects")[0].value("environment"))

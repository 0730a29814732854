"""The AWS stores on MiniStack: a key is put there by one client and found by unleak's."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING

import pytest

from clouds.aws_stores import NEW, OLD, Estate, as_json, look_through, variables
from lab.wire import REGION, Wire
from unleak.aws.desk import ReadingDesk
from unleak.aws.session import AwsSession, AwsSettings
from unleak.stores.cloudformation import CloudFormation
from unleak.stores.codebuild import CodeBuild
from unleak.stores.ec2 import Ec2
from unleak.stores.ecs import Ecs
from unleak.stores.lambda_environments import LambdaEnvironments
from unleak.stores.parameter_store import ParameterStore
from unleak.stores.secrets_manager import SecretsManager
from unleak.stores.tables import batch, glue, stepfunctions

if TYPE_CHECKING:
    from lab.ministack import MiniStack


def test_functions_on_several_pages_are_all_looked_at(estate: Estate) -> None:
    for number in range(55):
        estate.function(estate.name(f"idle{number}"), {"LEVEL": "info"})
    last = estate.name("zz-orders")
    estate.function(last, variables(LEVEL="info"))

    found = look_through(LambdaEnvironments(), estate.desk)

    assert found.at(last).updatable
    assert found.at(last).field == "S3_ACCESS_KEY_ID"
    assert found.searched[0].seen >= 56
    assert found.not_searched == ()


def test_a_secret_is_found_with_the_name_of_its_field(estate: Estate) -> None:
    name = estate.name("app")
    estate.wire.call("secretsmanager", "create_secret", Name=name, SecretString=as_json())

    found = look_through(SecretsManager(), estate.desk).at(name)

    assert (found.kind, found.field, found.updatable) == ("secret", "accessKeyId", True)


def test_a_secret_that_holds_the_key_only_in_its_previous_version_is_found(estate: Estate) -> None:
    name = estate.name("app")
    estate.wire.call("secretsmanager", "create_secret", Name=name, SecretString=as_json())
    estate.wire.call("secretsmanager", "put_secret_value", SecretId=name, SecretString=as_json(NEW))

    found = look_through(SecretsManager(), estate.desk).at(name)

    assert found.kind == "secret-version"
    assert not found.updatable
    assert "AWSPREVIOUS" in found.note


@pytest.mark.only_ministack("refuses nobody anything")
def test_a_secret_that_we_may_not_read_is_a_gap_and_the_search_goes_on(
    estate: Estate, ministack: MiniStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, opened = estate.name("closed"), estate.name("open")
    for name in (closed, opened):
        estate.wire.call("secretsmanager", "create_secret", Name=name, SecretString=as_json())
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {
                "Effect": "Deny",
                "Action": "secretsmanager:GetSecretValue",
                "Resource": f"arn:aws:secretsmanager:*:*:secret:{closed}*",
            },
        ],
    }
    keys = ministack.make_user(estate.name("blind"), policy=json.dumps(policy))
    for variable, value in keys.environment.items():
        monkeypatch.setenv(variable, value)
    session = AwsSession(AwsSettings(region=REGION, endpoint_url=ministack.endpoint))

    found = look_through(SecretsManager(), ReadingDesk(session))

    assert opened in found.locations()
    assert closed not in found.locations()
    assert any(closed in gap.where for gap in found.not_searched)


def test_an_encrypted_parameter_is_found_among_many(estate: Estate) -> None:
    for number in range(23):
        name = f"/{estate.tag}/idle/{number}"
        estate.wire.call("ssm", "put_parameter", Name=name, Value="on", Type="String")
    name = f"/{estate.tag}/key"
    estate.wire.call("ssm", "put_parameter", Name=name, Value=as_json(), Type="SecureString")

    found = look_through(ParameterStore(), estate.desk)

    assert found.at(name).updatable
    assert found.at(name).kind == "SecureString"
    assert found.searched[0].seen >= 24


def test_a_service_of_ecs_and_a_lonely_task_are_found(estate: Estate) -> None:
    cluster, service = estate.name("shop"), estate.name("web")
    estate.wire.call("ecs", "create_cluster", clusterName=cluster)
    container = {
        "name": "app",
        "image": "app",
        "memory": 64,
        "environment": [{"name": k, "value": v} for k, v in variables().items()],
    }
    family = estate.name("web")
    estate.wire.call(
        "ecs", "register_task_definition", family=family, containerDefinitions=[container]
    )
    estate.wire.call(
        "ecs",
        "create_service",
        cluster=cluster,
        serviceName=service,
        taskDefinition=family,
        desiredCount=0,
    )

    found = look_through(Ecs(), estate.desk).at(f"{cluster}/{service}")

    assert found.field == "containerDefinitions[app].environment[S3_ACCESS_KEY_ID]"
    assert found.updatable


def test_user_data_in_a_launch_template_is_found_though_it_is_packed(estate: Estate) -> None:
    name = estate.name("fleet")
    script = f"#!/bin/sh\nexport AWS_ACCESS_KEY_ID={OLD.key_id}\n"
    packed = base64.b64encode(gzip.compress(script.encode())).decode()
    estate.wire.call(
        "ec2",
        "create_launch_template",
        LaunchTemplateName=name,
        LaunchTemplateData={"UserData": packed, "InstanceType": "t3.nano"},
    )

    found = look_through(Ec2(), estate.desk).at(f"{name}:1")

    assert (found.kind, found.field) == ("launch-template", "UserData")


@pytest.mark.only_ministack("needs a linter for templates")
def test_a_stack_is_found_by_its_parameter_its_output_and_its_template(estate: Estate) -> None:
    name = estate.name("site")
    template = {
        "Parameters": {
            "KeyId": {"Type": "String"},
            "AccessKeySecret": {"Type": "String", "NoEcho": True},
        },
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"Id": {"Value": {"Ref": "KeyId"}}, "Fixed": {"Value": OLD.key_id}},
    }
    estate.wire.call(
        "cloudformation",
        "create_stack",
        StackName=name,
        TemplateBody=json.dumps(template),
        Parameters=[
            {"ParameterKey": "KeyId", "ParameterValue": OLD.key_id},
            {"ParameterKey": "AccessKeySecret", "ParameterValue": OLD.secret.reveal()},
        ],
    )

    found = look_through(CloudFormation(), estate.desk)

    kinds = {each.kind: each for each in found.references if each.location == name}
    shown = [each for each in found.references if each.location == name and not each.is_only_name]
    fields = {field for each in shown for field in (each.field or "").split(", ")}
    assert "Parameters[KeyId]" in fields
    assert "template" in kinds
    assert any("AccessKeySecret" in gap.where for gap in found.not_searched)


def test_a_project_of_codebuild_is_found(estate: Estate) -> None:
    name = estate.name("build")
    _project(estate.wire, name, estate.role)

    found = look_through(CodeBuild(), estate.desk).at(name)

    assert found.field == "environment.environmentVariables[S3_ACCESS_KEY_ID]"
    assert found.updatable


@pytest.mark.only_ministack("answers CreateJob with an error of its own")
def test_arguments_of_glue_jobs_are_found(estate: Estate) -> None:
    name = estate.name("etl")
    estate.wire.call(
        "glue",
        "create_job",
        Name=name,
        Role=estate.role,
        Command={"Name": "glueetl", "ScriptLocation": "s3://x/y"},
        DefaultArguments={"--access_key": OLD.key_id},
    )

    found = look_through(glue(), estate.desk).at(name)

    assert (found.kind, found.field) == ("job", "DefaultArguments.--access_key")


def test_definitions_of_state_machines_are_found(estate: Estate) -> None:
    name = estate.name("flow")
    state = {"Type": "Pass", "Result": {"key": OLD.key_id}, "End": True}
    estate.wire.call(
        "stepfunctions",
        "create_state_machine",
        name=name,
        roleArn=estate.role,
        definition=json.dumps({"StartAt": "One", "States": {"One": state}}),
    )

    found = look_through(stepfunctions(), estate.desk).at(name)

    assert found.field == "definition"


def test_job_definitions_of_batch_are_found(estate: Estate) -> None:
    name = estate.name("job")
    estate.wire.call(
        "batch",
        "register_job_definition",
        jobDefinitionName=name,
        type="container",
        containerProperties={
            "image": "app",
            "vcpus": 1,
            "memory": 64,
            "environment": [{"name": "KEY_ID", "value": OLD.key_id}],
        },
    )

    found = look_through(batch(), estate.desk).at(f"{name}:1")

    assert found.field == "containerProperties.environment[KEY_ID]"


def _project(wire: Wire, name: str, role: str) -> None:
    entries = [{"name": k, "value": v, "type": "PLAINTEXT"} for k, v in variables().items()]
    wire.call(
        "codebuild",
        "create_project",
        name=name,
        source={"type": "S3", "location": "sources/app.zip", "buildspec": "version: 0.2"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/standard:7.0",
            "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": entries,
        },
        serviceRole=role,
    )

"""What the AWS stores find, and what they say that they could not look into."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from fakes.desk import FakeDesk, denied
from unleak.errors import AwsFailure, MissingPermission, ResponderCredentials, Unreachable
from unleak.model.reference import Needle, NotSearched, Reference, Searched
from unleak.model.secret import Secret
from unleak.stores.cloudformation import CloudFormation
from unleak.stores.codebuild import CodeBuild
from unleak.stores.ec2 import Ec2
from unleak.stores.ecs import Ecs
from unleak.stores.interface import KeyPair, Scene
from unleak.stores.lambda_environments import LambdaEnvironments
from unleak.stores.look import AT_ONCE
from unleak.stores.parameter_store import ParameterStore
from unleak.stores.secrets_manager import SecretsManager
from unleak.stores.tables import amplify, apprunner, elasticbeanstalk, glue, sagemaker

if TYPE_CHECKING:
    from unleak.stores.interface import Store

KEY = KeyPair(
    key_id="AKIAY34FZKBOKMUTVV7A", secret=Secret("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")
)
PAIR = {"KEY_ID": KEY.key_id, "SHOP_SECRET_ACCESS_KEY": KEY.secret.reveal()}
TEXT = json.dumps({"accessKeyId": KEY.key_id, "secretAccessKey": KEY.secret.reveal()})
KMS = "Access to KMS is not allowed"


class Found:
    """What a search has yielded."""

    def __init__(self, store: Store, desk: FakeDesk, needle: Needle | None = None) -> None:
        scene = Scene(
            cloud=desk, account="111122223333", region="eu-west-1", path=None, environment={}
        )
        found = list(store.search(needle or Needle(key_id=KEY.key_id), scene))
        assert desk.actions() <= set(store.needs)
        self.references = [each for each in found if isinstance(each, Reference)]
        self.gaps = [each for each in found if isinstance(each, NotSearched)]
        self.searched = [each for each in found if isinstance(each, Searched)]

    @property
    def places(self) -> list[str]:
        return [each.location for each in self.references]


def function(
    name: str, variables: Mapping[str, str], version: str = "$LATEST"
) -> dict[str, object]:
    return {"FunctionName": name, "Version": version, "Environment": {"Variables": variables}}


def secret(name: str, **stages: list[str]) -> dict[str, object]:
    versions = {version_id(name): labels for name, labels in stages.items()}
    return {"Name": name, "ARN": arn(name), "SecretVersionsToStages": versions}


def arn(name: str) -> str:
    return f"arn:aws:secretsmanager:eu-west-1:111122223333:secret:{name}"


def version_id(short: str) -> str:
    return short.ljust(32, "0")


def test_240_functions_on_five_pages_are_all_looked_at() -> None:
    desk = FakeDesk()
    pages = [
        {"Functions": [function(f"f{page}-{each}", {"LEVEL": "info"}) for each in range(48)]}
        for page in range(5)
    ]
    pages[4]["Functions"][47] = function("last", PAIR)
    desk.on("lambda", "list_functions", *pages)

    found = Found(LambdaEnvironments(), desk)

    assert found.places == ["last"]
    assert found.searched == [Searched(where="lambda eu-west-1", seen=240)]
    assert desk.calls[0].parameters == {"FunctionVersion": "ALL"}
    assert {call.region for call in desk.calls} == {"eu-west-1"}


def test_a_published_version_tells_which_aliases_call_it() -> None:
    desk = FakeDesk()
    desk.on("lambda", "list_functions", {"Functions": [function("orders", PAIR, "7")]})
    desk.on("lambda", "list_aliases", {"Aliases": [{"Name": "live"}, {"Name": "blue"}]})

    (reference,) = Found(LambdaEnvironments(), desk).references

    assert (reference.location, reference.kind) == ("orders:7", "version")
    assert "live, blue" in reference.note
    assert not reference.updatable


def test_an_environment_that_we_may_not_decrypt_is_a_gap() -> None:
    desk = FakeDesk()
    closed = {"Error": {"ErrorCode": "AccessDeniedException", "Message": KMS}}
    functions = [{"FunctionName": "closed", "Environment": closed}, function("orders", PAIR)]
    desk.on("lambda", "list_functions", {"Functions": functions})

    found = Found(LambdaEnvironments(), desk)

    assert found.gaps == [NotSearched(where="lambda eu-west-1 closed", why=KMS)]
    assert found.places == ["orders"]


def test_an_id_without_its_secret_is_found_but_not_updatable() -> None:
    desk = FakeDesk()
    functions = [function("orders", {"KEY_ID": KEY.key_id})]
    desk.on("lambda", "list_functions", {"Functions": functions})

    (reference,) = Found(LambdaEnvironments(), desk).references

    assert (reference.field, reference.updatable) == ("KEY_ID", False)


def test_a_secret_by_itself_is_found_where_the_person_has_it() -> None:
    desk = FakeDesk()
    functions = [function("orders", {"PASSWORD": KEY.secret.reveal()})]
    desk.on("lambda", "list_functions", {"Functions": functions})
    needle = Needle(key_id=KEY.key_id, secret=KEY.secret)

    (reference,) = Found(LambdaEnvironments(), desk, needle).references

    assert reference.field == "PASSWORD"
    assert KEY.secret.reveal() not in repr(reference)


def test_a_listing_that_is_denied_is_no_empty_answer() -> None:
    desk = FakeDesk()
    desk.on("lambda", "list_functions", denied("ListFunctions"))

    with pytest.raises(MissingPermission):
        Found(LambdaEnvironments(), desk)


def test_a_secret_whose_kms_key_is_closed_is_a_gap_and_the_search_goes_on() -> None:
    desk = FakeDesk()
    listed = [secret("closed", v1=["AWSCURRENT"]), secret("app", v2=["AWSCURRENT"])]
    desk.on("secretsmanager", "list_secrets", {"SecretList": listed})
    desk.on("secretsmanager", "get_secret_value", {"SecretString": TEXT})
    desk.on(
        "secretsmanager",
        "get_secret_value",
        denied("GetSecretValue", KMS),
        SecretId=arn("closed"),
    )

    found = Found(SecretsManager(), desk)

    assert found.places == ["app"]
    assert [gap.where for gap in found.gaps] == ["secretsmanager eu-west-1 closed (AWSCURRENT)"]
    assert KMS in found.gaps[0].why
    assert found.searched[0].seen == 2


def test_every_labelled_version_of_a_secret_is_looked_at() -> None:
    desk = FakeDesk()
    listed = [secret("app", v2=["AWSCURRENT"], v1=["AWSPREVIOUS"], v3=["AWSPENDING"])]
    desk.on("secretsmanager", "list_secrets", {"SecretList": listed})
    desk.on("secretsmanager", "get_secret_value", {"SecretString": "other"})
    desk.on(
        "secretsmanager", "get_secret_value", {"SecretString": TEXT}, VersionId=version_id("v1")
    )

    found = Found(SecretsManager(), desk)

    assert [each.kind for each in found.references] == ["secret-version"]
    assert "AWSPREVIOUS" in found.references[0].note
    assert len(desk.made("get_secret_value")) == 3


def test_a_replica_is_found_but_written_in_its_own_region() -> None:
    desk = FakeDesk()
    replica = {**secret("app", v1=["AWSCURRENT"]), "PrimaryRegion": "us-east-1"}
    desk.on("secretsmanager", "list_secrets", {"SecretList": [replica]})
    desk.on("secretsmanager", "get_secret_value", {"SecretString": TEXT})

    (reference,) = Found(SecretsManager(), desk).references

    assert not reference.updatable
    assert "us-east-1" in reference.note


def test_a_secret_that_waits_for_its_deletion_is_a_gap() -> None:
    desk = FakeDesk()
    going = {**secret("old"), "DeletedDate": datetime(2026, 11, 24, tzinfo=UTC)}
    desk.on("secretsmanager", "list_secrets", {"SecretList": [going]})

    found = Found(SecretsManager(), desk)

    assert "scheduled for deletion" in found.gaps[0].why


def test_a_secret_of_bytes_is_looked_into() -> None:
    desk = FakeDesk()
    listed = [secret("keystore", v1=["AWSCURRENT"])]
    desk.on("secretsmanager", "list_secrets", {"SecretList": listed})
    content = b"\x00\xff\xfe" + KEY.key_id.encode() + b"\x80"
    desk.on("secretsmanager", "get_secret_value", {"SecretBinary": content})

    (reference,) = Found(SecretsManager(), desk).references

    assert (reference.field, reference.updatable) == ("SecretBinary", False)


def test_one_closed_kms_key_hides_no_other_parameter_of_the_ten() -> None:
    desk = FakeDesk()
    names = [f"/p{number}" for number in range(12)]
    listed = [{"Name": name} for name in names]
    desk.on("ssm", "describe_parameters", {"Parameters": listed})
    desk.on("ssm", "get_parameters", denied("GetParameters", KMS), Names=names[:10])
    desk.on("ssm", "get_parameters", {"Parameters": []}, Names=names[10:])
    for name in names:
        value = {"Name": name, "Value": "on", "Type": "String", "Version": 1}
        desk.on("ssm", "get_parameter", {"Parameter": value}, Name=name)
    desk.on("ssm", "get_parameter", denied("GetParameter", KMS), Name="/p3")
    held = {"Name": "/p7", "Value": TEXT, "Type": "SecureString", "Version": 4}
    desk.on("ssm", "get_parameter", {"Parameter": held}, Name="/p7")

    found = Found(ParameterStore(), desk)

    assert found.places == ["/p7"]
    assert "history" in found.references[0].note
    assert [gap.where for gap in found.gaps] == ["ssm eu-west-1 /p3"]
    assert found.searched[0].seen == 12


def test_an_id_alone_whose_neighbours_cannot_be_read_is_to_be_replaced_by_hand() -> None:
    desk = FakeDesk()
    desk.on("ssm", "describe_parameters", {"Parameters": [{"Name": "/app/id"}]})
    held = {"Name": "/app/id", "Value": KEY.key_id, "Type": "String", "Version": 1}
    desk.on("ssm", "get_parameters", {"Parameters": [held]})
    desk.on("ssm", "get_parameters_by_path", denied("GetParametersByPath"))

    (reference,) = Found(ParameterStore(), desk).references

    assert (reference.location, reference.updatable) == ("/app/id", False)
    assert "by hand" in reference.note


def test_a_credential_of_ours_that_has_expired_ends_the_search_at_once() -> None:
    desk = FakeDesk()
    desk.on("ssm", "describe_parameters", {"Parameters": [{"Name": f"/p{n}"} for n in range(30)]})
    desk.on("ssm", "get_parameters", ResponderCredentials("expired"))

    with pytest.raises(ResponderCredentials):
        Found(ParameterStore(), desk)

    assert len(desk.made("get_parameters")) == 1


def definition(arn: str, **more: object) -> dict[str, object]:
    environment = [{"name": name, "value": value} for name, value in PAIR.items()]
    container = {"name": "app", "environment": environment, **more}
    return {"taskDefinition": {"taskDefinitionArn": arn, "containerDefinitions": [container]}}


def cluster_with(desk: FakeDesk) -> None:
    """One cluster in which nothing is, until a test says otherwise."""
    desk.on("ecs", "list_clusters", {"clusterArns": ["arn:c/shop"]})
    desk.on("ecs", "list_services", {"serviceArns": []})
    desk.on("ecs", "list_tasks", {"taskArns": []})
    desk.on("events", "list_rule_names_by_target", {"RuleNames": []})
    desk.on("scheduler", "list_schedules", {"Schedules": []})
    desk.on("ecs", "describe_task_definition", lambda asked: definition(_named(asked)))


def _named(asked: Mapping[str, object]) -> str:
    return str(asked["taskDefinition"])


def test_everything_that_starts_a_task_definition_is_told() -> None:
    desk = FakeDesk()
    cluster_with(desk)
    desk.on("ecs", "list_services", {"serviceArns": ["arn:s/web"]})
    deployments = [{"taskDefinition": "t/web:2"}, {"taskDefinition": "t/web:1"}]
    service = {"serviceName": "web", "taskDefinition": "t/web:2", "deployments": deployments}
    desk.on("ecs", "describe_services", {"services": [service]})
    desk.on("ecs", "list_tasks", {"taskArns": ["t1", "t2"]})
    lonely = {"taskDefinitionArn": "t/batch:1", "group": "family:batch"}
    of_service = {"taskDefinitionArn": "t/web:2", "group": "service:web"}
    desk.on("ecs", "describe_tasks", {"tasks": [lonely, of_service]})
    desk.on("events", "list_rule_names_by_target", {"RuleNames": ["nightly"]})
    target = {"Id": "1", "Arn": "arn:c/shop", "EcsParameters": {"TaskDefinitionArn": "t/night:3"}}
    desk.on("events", "list_targets_by_rule", {"Targets": [target]})
    ours = {"Name": "hourly", "GroupName": "default", "Target": {"Arn": "arn:c/shop"}}
    other = {"Name": "else", "GroupName": "default", "Target": {"Arn": "arn:lambda"}}
    desk.on("scheduler", "list_schedules", {"Schedules": [ours, other]})
    inner = {
        "Arn": "arn:c/shop",
        "RoleArn": "arn:role",
        "EcsParameters": {"TaskDefinitionArn": "t/hour:4"},
    }
    desk.on("scheduler", "get_schedule", {"Target": inner}, Name="hourly")

    found = Found(Ecs(), desk)

    assert [(each.kind, each.location, each.updatable) for each in found.references] == [
        ("service", "shop/web", True),
        ("deployment", "shop/web", False),
        ("task", "batch:1", False),
        ("scheduled-task", "night:3", False),
        ("scheduled-task", "hour:4", False),
    ]
    assert found.references[0].field == "containerDefinitions[app].environment[KEY_ID]"
    assert found.searched[0].seen == 5


def test_rules_that_we_may_not_list_are_a_gap_beside_the_services() -> None:
    desk = FakeDesk()
    cluster_with(desk)
    desk.on("events", "list_rule_names_by_target", denied("ListRuleNamesByTarget"))

    found = Found(Ecs(), desk)

    assert [gap.where for gap in found.gaps] == ["ecs eu-west-1 rules of shop"]
    assert len(found.searched) == 1


def test_environment_files_of_containers_are_a_gap() -> None:
    desk = FakeDesk()
    cluster_with(desk)
    desk.on("ecs", "list_tasks", {"taskArns": ["t1"]})
    desk.on("ecs", "describe_tasks", {"tasks": [{"taskDefinitionArn": "t/batch:1"}]})
    files = [{"value": "arn:aws:s3:::config/app.env", "type": "s3"}]
    answer = definition("t/batch:1", environmentFiles=files)
    desk.on("ecs", "describe_task_definition", answer)

    found = Found(Ecs(), desk)

    assert found.gaps[0].where == "ecs eu-west-1 batch:1 arn:aws:s3:::config/app.env"


def no_machines(desk: FakeDesk) -> None:
    desk.on("ec2", "describe_instances", {"Reservations": []})
    desk.on("ec2", "describe_launch_templates", {"LaunchTemplates": []})
    desk.on("autoscaling", "describe_launch_configurations", {"LaunchConfigurations": []})


def with_instance(desk: FakeDesk, user_data: bytes) -> None:
    no_machines(desk)
    running = {"InstanceId": "i-1", "State": {"Name": "running"}}
    gone = {"InstanceId": "i-2", "State": {"Name": "terminated"}}
    desk.on("ec2", "describe_instances", {"Reservations": [{"Instances": [running, gone]}]})
    value = base64.b64encode(user_data).decode()
    desk.on("ec2", "describe_instance_attribute", {"UserData": {"Value": value}}, InstanceId="i-1")


SCRIPT = f"#!/bin/sh\nexport AWS_ACCESS_KEY_ID={KEY.key_id}\n".encode()
CLOUD_CONFIG = b"#cloud-config\nwrite_files:\n- encoding: %b\n  content: %b\n"


@pytest.mark.parametrize(
    "user_data",
    [
        SCRIPT,
        SCRIPT.decode().encode("utf-16"),
        gzip.compress(SCRIPT),
        gzip.compress(b"#!/bin/sh\n") + gzip.compress(SCRIPT),
        CLOUD_CONFIG % (b"b64", base64.b64encode(SCRIPT)),
        CLOUD_CONFIG % (b"b64", base64.b64encode(b"x" + SCRIPT)),
        CLOUD_CONFIG % (b"b64", base64.b64encode(b"xx" + SCRIPT)),
        CLOUD_CONFIG % (b"gz+b64", base64.b64encode(gzip.compress(SCRIPT))),
        b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(b"x" * 90 + SCRIPT),
    ],
    ids=[
        "plain",
        "utf-16",
        "gzip",
        "second stream",
        "base64",
        "shifted",
        "twice",
        "gz+b64",
        "mail part",
    ],
)
def test_user_data_is_found_however_it_is_packed(user_data: bytes) -> None:
    desk = FakeDesk()
    with_instance(desk, user_data)

    found = Found(Ec2(), desk)

    assert found.places == ["i-1"]
    assert found.searched[0].seen == 1


def test_a_gzip_bomb_is_a_gap_and_takes_no_more_than_its_share_of_memory() -> None:
    desk = FakeDesk()
    with_instance(desk, gzip.compress(bytes(64 * 1024 * 1024) + SCRIPT))

    found = Found(Ec2(), desk)

    assert found.places == []
    assert "within 8 MB" in found.gaps[0].why


def test_user_data_that_is_neither_base64_nor_gzip_breaks_nothing() -> None:
    desk = FakeDesk()
    with_instance(desk, b"\x1f\x8bnot gzip at all")

    found = Found(Ec2(), desk)

    assert (found.places, found.gaps) == ([], [])


def test_every_version_of_a_launch_template_is_looked_at() -> None:
    desk = FakeDesk()
    no_machines(desk)
    template = {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "fleet"}
    desk.on("ec2", "describe_launch_templates", {"LaunchTemplates": [template]})
    data = {"UserData": base64.b64encode(SCRIPT).decode()}
    old = {**template, "VersionNumber": 1, "DefaultVersion": False, "LaunchTemplateData": data}
    new = {**template, "VersionNumber": 2, "DefaultVersion": True, "LaunchTemplateData": {}}
    pages = [{"LaunchTemplateVersions": [old]}, {"LaunchTemplateVersions": [new]}]
    desk.on("ec2", "describe_launch_template_versions", *pages, LaunchTemplateId="lt-1")

    found = Found(Ec2(), desk)

    assert found.places == ["fleet:1"]
    assert found.references[0].note == "not the default version"
    assert found.searched[0].seen == 2


def test_a_part_of_a_store_that_is_denied_stops_no_other_part() -> None:
    desk = FakeDesk()
    with_instance(desk, SCRIPT)
    desk.on("autoscaling", "describe_launch_configurations", denied("DescribeLaunch"))

    found = Found(Ec2(), desk)

    assert found.places == ["i-1"]
    assert [gap.where for gap in found.gaps] == ["ec2 eu-west-1 launch configurations"]


def test_a_store_of_which_nothing_could_be_listed_was_not_looked_through() -> None:
    desk = FakeDesk()
    no_machines(desk)
    desk.on("ec2", "describe_instances", denied("DescribeInstances"))
    desk.on("ec2", "describe_launch_templates", denied("DescribeLaunchTemplates"))
    desk.on("autoscaling", "describe_launch_configurations", denied("DescribeLaunch"))

    with pytest.raises(MissingPermission):
        Found(Ec2(), desk)


def test_a_parameter_with_no_echo_is_a_gap_and_its_name_alone_a_hint() -> None:
    desk = FakeDesk()
    parameters = [
        {"ParameterKey": "AwsAccessKey", "ParameterValue": "****"},
        {"ParameterKey": "DbPassword", "ParameterValue": "****"},
    ]
    stack = {
        "StackName": "site",
        "StackId": "arn:site",
        "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
        "StackStatus": "CREATE_COMPLETE",
        "Parameters": parameters,
    }
    desk.on("cloudformation", "describe_stacks", {"Stacks": [stack]})
    desk.on("cloudformation", "get_template", {"TemplateBody": "Resources: {}"})

    found = Found(CloudFormation(), desk)

    assert [(each.field, each.is_only_name) for each in found.references] == [
        ("Parameters[AwsAccessKey]", True)
    ]
    assert [gap.where.rsplit(" ", 1)[-1] for gap in found.gaps] == ["AwsAccessKey", "DbPassword"]


def test_a_key_in_the_build_specification_alone_is_found_but_not_updatable() -> None:
    desk = FakeDesk()
    desk.on("codebuild", "list_projects", {"projects": ["build", "gone"]})
    source = {"type": "NO_SOURCE", "buildspec": f"env: {KEY.key_id}"}
    project = {"name": "build", "source": source}
    answer = {"projects": [project], "projectsNotFound": ["gone"]}
    desk.on("codebuild", "batch_get_projects", answer)

    found = Found(CodeBuild(), desk)

    assert [(each.field, each.updatable) for each in found.references] == [
        ("source.buildspec", False)
    ]
    assert found.gaps[0].where == "codebuild eu-west-1 gone"


def test_services_of_app_runner_are_listed_to_the_last_page() -> None:
    desk = FakeDesk()
    first = {
        "ServiceSummaryList": [{"ServiceName": "main", "ServiceArn": arn("main")}],
        "NextToken": "t",
    }
    second = {"ServiceSummaryList": [{"ServiceName": "side", "ServiceArn": arn("side")}]}
    desk.on("apprunner", "list_services", first)
    desk.on("apprunner", "list_services", second, NextToken="t")
    desk.on("apprunner", "describe_service", apprunner_service({}))
    desk.on("apprunner", "describe_service", apprunner_service(PAIR), ServiceArn=arn("side"))

    (reference,) = Found(apprunner(), desk).references

    assert reference.location == "side"
    assert reference.field == (
        "Service.SourceConfiguration.ImageRepository.ImageConfiguration."
        "RuntimeEnvironmentVariables.KEY_ID"
    )


def apprunner_service(variables: Mapping[str, str]) -> dict[str, object]:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    image = {
        "ImageIdentifier": "app",
        "ImageRepositoryType": "ECR",
        "ImageConfiguration": {"RuntimeEnvironmentVariables": variables},
    }
    return {
        "Service": {
            "ServiceName": "main",
            "ServiceId": version_id("1"),
            "ServiceArn": arn("a"),
            "CreatedAt": at,
            "UpdatedAt": at,
            "Status": "RUNNING",
            "SourceConfiguration": {"ImageRepository": image},
            "InstanceConfiguration": {},
            "AutoScalingConfigurationSummary": {},
            "NetworkConfiguration": {},
        },
    }


def test_branches_of_amplify_are_looked_at_beside_their_app() -> None:
    desk = FakeDesk()
    at = datetime(2026, 1, 1, tzinfo=UTC)
    app = {
        "appId": "d1",
        "appArn": "arn:d1",
        "name": "shop",
        "description": "",
        "repository": "",
        "platform": "WEB",
        "createTime": at,
        "updateTime": at,
        "environmentVariables": {},
        "defaultDomain": "d1.example",
        "enableBranchAutoBuild": True,
        "enableBasicAuth": False,
    }
    branch = {
        "branchArn": "arn:b",
        "branchName": "main",
        "description": "",
        "stage": "PRODUCTION",
        "displayName": "",
        "enableNotification": False,
        "createTime": at,
        "updateTime": at,
        "environmentVariables": PAIR,
        "enableAutoBuild": True,
        "customDomains": [],
        "framework": "",
        "activeJobId": "",
        "totalNumberOfJobs": "1",
        "enableBasicAuth": False,
        "ttl": "5",
        "enablePullRequestPreview": False,
    }
    desk.on("amplify", "list_apps", {"apps": [app]})
    desk.on("amplify", "list_branches", {"branches": [branch]}, appId="d1")

    found = Found(amplify(), desk)

    assert found.places == ["shop/main"]
    assert found.references[0].field == "environmentVariables.KEY_ID"
    assert found.searched[0].seen == 2


def test_connections_of_glue_are_asked_for_with_their_passwords_and_may_be_a_gap() -> None:
    desk = FakeDesk()
    desk.on(
        "glue", "get_jobs", {"Jobs": [{"Name": "etl", "DefaultArguments": {"--k": KEY.key_id}}]}
    )
    desk.on("glue", "get_triggers", {"Triggers": []})
    desk.on("glue", "get_connections", denied("GetConnections"))

    found = Found(glue(), desk)

    assert found.places == ["etl"]
    assert [gap.where for gap in found.gaps] == ["glue eu-west-1 connection"]
    assert desk.made("get_connections")[0].parameters == {"HidePassword": False}


def test_settings_of_elastic_beanstalk_are_told_by_the_name_of_the_option() -> None:
    desk = FakeDesk()
    environment = {"ApplicationName": "shop", "EnvironmentName": "live"}
    desk.on("elasticbeanstalk", "describe_environments", {"Environments": [environment]})
    option = {
        "Namespace": "aws:elasticbeanstalk:application:environment",
        "OptionName": "KEY_ID",
        "Value": KEY.key_id,
    }
    settings = {"ConfigurationSettings": [{"OptionSettings": [option]}]}
    desk.on("elasticbeanstalk", "describe_configuration_settings", settings, **environment)

    (reference,) = Found(elasticbeanstalk(), desk).references

    assert reference.location == "shop/live"
    assert reference.field == "ConfigurationSettings[0].OptionSettings[KEY_ID]"


def test_a_model_that_cannot_be_described_is_a_gap() -> None:
    desk = FakeDesk()
    at = datetime(2026, 1, 1, tzinfo=UTC)
    model = {"ModelName": "rank", "ModelArn": "arn:aws:sagemaker:::model/r", "CreationTime": at}
    desk.on("sagemaker", "list_models", {"Models": [model]})
    gone = AwsFailure("gone", error_code="ValidationException", operation="DescribeModel")
    desk.on("sagemaker", "describe_model", gone, ModelName="rank")

    found = Found(sagemaker(), desk)

    assert found.gaps == [NotSearched(where="sagemaker eu-west-1 rank", why="gone")]


def test_many_secrets_read_at_once_come_in_the_order_of_the_list() -> None:
    desk = FakeDesk()
    names = [f"app{number:03}" for number in range(150)]
    listed = [secret(name, v1=["AWSCURRENT"]) for name in names]
    pages = [{"SecretList": listed[:100]}, {"SecretList": listed[100:]}]
    desk.on("secretsmanager", "list_secrets", *pages)
    desk.on("secretsmanager", "get_secret_value", {"SecretString": TEXT})

    found = Found(SecretsManager(), desk)

    assert found.places == names
    assert found.searched[0].seen == 150


def test_an_account_that_is_unreachable_is_not_asked_once_for_each_secret() -> None:
    desk = FakeDesk()
    listed = [secret(f"app{number:03}", v1=["AWSCURRENT"]) for number in range(300)]
    desk.on("secretsmanager", "list_secrets", {"SecretList": listed[:100]}, {"SecretList": listed})
    desk.on("secretsmanager", "get_secret_value", Unreachable("silence"))

    with pytest.raises(Unreachable):
        Found(SecretsManager(), desk)

    assert len(desk.made("get_secret_value")) <= AT_ONCE

"""What a destination in AWS does when a write is slow, lost, refused, or meets somebody else."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from fakes.desk import FakeDesk, denied
from unleak.errors import AwsFailure, UnleakError, WrongUse
from unleak.model.rotation import Spot, Written
from unleak.model.secret import Secret
from unleak.stores.codebuild import CodeBuild
from unleak.stores.ecs_service import EcsService
from unleak.stores.interface import CannotSwap, Destination, Held, KeyPair, Moved, Reach
from unleak.stores.lambda_environments import LambdaEnvironments
from unleak.stores.parameter_store import ParameterStore
from unleak.stores.regional import id_in, regional_spot
from unleak.stores.secrets_manager import SecretsManager

OLD = KeyPair(
    key_id="AKIAY34FZKBOKMUTVV7A", secret=Secret("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")
)
NEW = KeyPair(
    key_id="AKIAY34FZKBOBBBBBB7A", secret=Secret("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")
)
OTHER_ACCOUNT = "AKIASP2TPHJSQH3FJRUX"
ORDERS = Spot(store="lambda", location="orders", region="eu-west-1")


def variables(pair: KeyPair) -> dict[str, str]:
    return {
        "KEY_ID": pair.key_id,
        "SHOP_SECRET_ACCESS_KEY": pair.secret.reveal(),
        "DATABASE_URL": "postgres://shop:hunter2hunter2@db/shop",
    }


def settings(pair: KeyPair, revision: str, status: str = "Successful") -> dict[str, object]:
    return {
        "FunctionName": "orders",
        "RevisionId": revision,
        "LastUpdateStatus": status,
        "LastUpdateStatusReasonCode": "DisabledKMSKey" if status == "Failed" else "Creating",
        "Environment": {"Variables": variables(pair)},
    }


def reach(desk: FakeDesk) -> Reach:
    return Reach(cloud=desk, account="111122223333", environment={})


def refusal(code: str) -> AwsFailure:
    return AwsFailure("refused", error_code=code, operation="Update")


class Function:
    """A function whose answers follow a script; each look takes the next line."""

    def __init__(self, desk: FakeDesk, *looks: dict[str, object]) -> None:
        self._looks = list(looks)
        desk.on("lambda", "get_function_configuration", self.look)

    def look(self, _: Mapping[str, object]) -> dict[str, object]:
        return self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]


def test_a_write_to_a_function_waits_until_the_update_has_ended() -> None:
    desk, waits = FakeDesk(), list[float]()
    Function(
        desk,
        settings(OLD, "r1"),
        settings(NEW, "r2", "InProgress"),
        settings(NEW, "r2", "InProgress"),
        settings(NEW, "r3"),
    )
    desk.on("lambda", "update_function_configuration", {})
    held = Held(key_id=OLD.key_id, version="r1")

    written = LambdaEnvironments(waits.append).write(ORDERS, OLD.key_id, NEW, held, reach(desk))

    assert written.version == "r3"
    assert len(waits) == 2
    assert "versions" in written.reload


def test_no_message_about_a_function_may_show_any_of_its_variables() -> None:
    desk = FakeDesk()
    Function(desk, settings(OLD, "r1"), settings(NEW, "r2"))
    desk.on("lambda", "update_function_configuration", {})
    held = Held(key_id=OLD.key_id, version="r1")

    LambdaEnvironments().write(ORDERS, OLD.key_id, NEW, held, reach(desk))

    (call,) = desk.made("update_function_configuration")
    hidden = {each.reveal() for each in call.secrets}
    assert {NEW.secret.reveal(), OLD.secret.reveal(), variables(OLD)["DATABASE_URL"]} <= hidden
    assert call.parameters == {
        "FunctionName": "orders",
        "RevisionId": "r1",
        "Environment": {"Variables": variables(NEW)},
    }


def test_a_write_whose_answer_was_lost_is_recognised_when_it_collides_with_itself() -> None:
    desk = FakeDesk()
    Function(desk, settings(OLD, "r1"), settings(NEW, "r2"))
    desk.on("lambda", "update_function_configuration", refusal("PreconditionFailedException"))
    held = Held(key_id=OLD.key_id, version="r1")

    written = LambdaEnvironments().write(ORDERS, OLD.key_id, NEW, held, reach(desk))

    assert written.version == "r2"


def test_an_update_that_fails_after_it_was_accepted_is_an_error() -> None:
    desk = FakeDesk()
    Function(desk, settings(OLD, "r1"), settings(NEW, "r2", "Failed"))
    desk.on("lambda", "update_function_configuration", {})
    held = Held(key_id=OLD.key_id, version="r1")

    with pytest.raises(UnleakError, match="DisabledKMSKey"):
        LambdaEnvironments().write(ORDERS, OLD.key_id, NEW, held, reach(desk))


def test_an_update_that_does_not_end_is_not_waited_for_without_limit() -> None:
    desk, waits = FakeDesk(), list[float]()
    Function(desk, settings(OLD, "r1", "InProgress"))

    with pytest.raises(UnleakError, match="two minutes"):
        LambdaEnvironments(waits.append).held(ORDERS, OLD.key_id, reach(desk))

    assert sum(waits) == 120


def test_an_environment_that_cannot_be_decrypted_is_never_written_back() -> None:
    desk = FakeDesk()
    closed = {"Error": {"ErrorCode": "AccessDeniedException", "Message": "KMS"}}
    desk.on("lambda", "get_function_configuration", {"RevisionId": "r1", "Environment": closed})
    held = Held(key_id=None, version="r1")

    with pytest.raises(UnleakError, match="cannot be read: KMS"):
        LambdaEnvironments().write(ORDERS, OLD.key_id, NEW, held, reach(desk))

    assert desk.made("update_function_configuration") == []


SECRET = Spot(store="secretsmanager", location="app", region=None)


def current(content: object, version: str) -> dict[str, object]:
    key = "SecretBinary" if isinstance(content, bytes) else "SecretString"
    return {"Name": "app", key: content, "VersionId": version.ljust(32, "0")}


def test_a_secret_without_a_value_is_not_taken_for_one_that_is_not_there() -> None:
    desk = FakeDesk()
    desk.on("secretsmanager", "get_secret_value", refusal("ResourceNotFoundException"))
    desk.on("secretsmanager", "describe_secret", {"Name": "app"})

    with pytest.raises(UnleakError, match="no current value"):
        SecretsManager().held(SECRET, OLD.key_id, reach(desk))


def test_a_secret_that_we_may_not_read_is_not_taken_for_one_that_is_not_there() -> None:
    desk = FakeDesk()
    desk.on("secretsmanager", "get_secret_value", denied("GetSecretValue"))

    with pytest.raises(UnleakError, match="not allowed"):
        SecretsManager().held(SECRET, OLD.key_id, reach(desk))


def test_a_secret_of_bytes_that_are_no_text_is_left_alone() -> None:
    desk = FakeDesk()
    desk.on("secretsmanager", "get_secret_value", current(b"\x00\xff", "v1"))
    held = Held(key_id=None, version="v1".ljust(32, "0"))

    with pytest.raises(CannotSwap):
        SecretsManager().write(SECRET, OLD.key_id, NEW, held, reach(desk))


def test_the_label_of_a_version_that_did_not_become_the_current_one_is_taken_off() -> None:
    desk = FakeDesk()
    text = json.dumps({"accessKeyId": OLD.key_id, "secretAccessKey": OLD.secret.reveal()})
    desk.on("secretsmanager", "get_secret_value", current(text, "v1"))
    desk.on("secretsmanager", "put_secret_value", {})
    desk.on("secretsmanager", "update_secret_version_stage", {})
    desk.on(
        "secretsmanager",
        "update_secret_version_stage",
        denied("UpdateSecretVersionStage"),
        VersionStage="AWSCURRENT",
    )
    held = Held(key_id=OLD.key_id, version="v1".ljust(32, "0"))

    with pytest.raises(UnleakError, match="not allowed"):
        SecretsManager().write(SECRET, OLD.key_id, NEW, held, reach(desk))

    fresh = desk.made("put_secret_value")[0].parameters["ClientRequestToken"]
    last = desk.made("update_secret_version_stage")[-1].parameters
    assert last == {
        "SecretId": "app",
        "VersionStage": "UNLEAK",
        "RemoveFromVersionId": fresh,
    }


def test_what_did_not_exist_before_has_no_way_back() -> None:
    written = Written(version="1", way_back=None)
    desk = FakeDesk()

    with pytest.raises(UnleakError, match="did not exist"):
        SecretsManager().restore(SECRET, written, reach(desk))
    with pytest.raises(UnleakError, match="did not exist"):
        ParameterStore().restore(SECRET, written, reach(desk))

    assert desk.calls == []


PARAMETER = Spot(store="ssm", location="/app/key", region=None)


def parameter(pair: KeyPair, version: int) -> dict[str, object]:
    value = json.dumps({"accessKeyId": pair.key_id, "secretAccessKey": pair.secret.reveal()})
    found = {"Name": "/app/key", "Value": value, "Type": "SecureString", "Version": version}
    return {"Parameter": found}


def test_a_put_that_was_made_twice_because_its_answer_was_lost_is_ours() -> None:
    desk = FakeDesk()
    desk.on("ssm", "get_parameter", parameter(OLD, 4))
    desk.on("ssm", "get_parameter", parameter(NEW, 5), Name="/app/key:5")
    listed = {"Name": "/app/key", "Type": "SecureString", "KeyId": "alias/shop"}
    desk.on("ssm", "describe_parameters", {"Parameters": [listed]})
    desk.on("ssm", "put_parameter", {"Version": 6})
    held = Held(key_id=OLD.key_id, version="4")

    written = ParameterStore().write(PARAMETER, OLD.key_id, NEW, held, reach(desk))

    assert (written.version, written.way_back) == ("6", "4")
    assert len(desk.made("put_parameter")) == 1


def test_a_parameter_whose_settings_cannot_be_read_is_not_written() -> None:
    desk = FakeDesk()
    desk.on("ssm", "get_parameter", parameter(OLD, 4))
    desk.on("ssm", "describe_parameters", {"Parameters": []})
    held = Held(key_id=OLD.key_id, version="4")

    with pytest.raises(UnleakError, match="would lose them"):
        ParameterStore().write(PARAMETER, OLD.key_id, NEW, held, reach(desk))


def test_the_policies_of_a_parameter_are_sent_again() -> None:
    desk = FakeDesk()
    desk.on("ssm", "get_parameter", parameter(OLD, 4))
    policy = '{"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"90"}}'
    listed = {"Name": "/app/key", "Type": "SecureString", "Policies": [{"PolicyText": policy}]}
    desk.on("ssm", "describe_parameters", {"Parameters": [listed]})
    desk.on("ssm", "put_parameter", {"Version": 5})
    held = Held(key_id=OLD.key_id, version="4")

    ParameterStore().write(PARAMETER, OLD.key_id, NEW, held, reach(desk))

    assert desk.made("put_parameter")[0].parameters["Policies"] == f"[{policy}]"


def test_a_parameter_with_a_newer_version_than_ours_is_not_put_back() -> None:
    desk = FakeDesk()
    desk.on("ssm", "get_parameter", parameter(NEW, 6))

    with pytest.raises(Moved):
        ParameterStore().restore(PARAMETER, Written(version="5", way_back="4"), reach(desk))


BOTH = Spot(store="ssm", location="/app/id,/app/secret", region=None)


def one(name: str, value: str, version: int) -> dict[str, object]:
    found = {"Name": name, "Value": value, "Type": "SecureString", "Version": version}
    return {"Parameter": found}


def in_two_parameters(desk: FakeDesk) -> None:
    desk.on("ssm", "get_parameter", one("/app/id", OLD.key_id, 2), Name="/app/id")
    secret = OLD.secret.reveal()
    desk.on("ssm", "get_parameter", one("/app/secret", secret, 7), Name="/app/secret")
    listed = {"Name": "/app", "Type": "SecureString"}
    desk.on("ssm", "describe_parameters", {"Parameters": [listed]})
    desk.on("ssm", "put_parameter", {"Version": 8}, Name="/app/secret")


def test_where_the_second_of_two_parameters_is_refused_the_first_is_put_back() -> None:
    desk = FakeDesk()
    in_two_parameters(desk)
    looks = [one("/app/secret", OLD.secret.reveal(), 7), one("/app/secret", "new", 8)]
    desk.on("ssm", "get_parameter", lambda _: looks.pop(0), Name="/app/secret")
    history = one("/app/secret", OLD.secret.reveal(), 7)
    desk.on("ssm", "get_parameter", history, Name="/app/secret:7")
    desk.on("ssm", "put_parameter", denied("PutParameter"), Name="/app/id")
    held = Held(key_id=OLD.key_id, version="2,7")

    with pytest.raises(UnleakError, match="not allowed"):
        ParameterStore().write(BOTH, OLD.key_id, NEW, held, reach(desk))

    values = [call.parameters["Value"] for call in desk.made("put_parameter")]
    assert values == [NEW.secret.reveal(), NEW.key_id, OLD.secret.reveal()]


def test_two_parameters_of_which_one_has_changed_are_left_alone() -> None:
    desk = FakeDesk()
    in_two_parameters(desk)
    held = Held(key_id=OLD.key_id, version="2,6")

    with pytest.raises(Moved):
        ParameterStore().write(BOTH, OLD.key_id, NEW, held, reach(desk))

    assert desk.made("put_parameter") == []


def test_a_parameter_that_is_no_secret_is_not_taken_for_half_of_a_key() -> None:
    desk = FakeDesk()
    in_two_parameters(desk)
    desk.on("ssm", "get_parameter", one("/app/secret", "two words", 7), Name="/app/secret")
    held = Held(key_id=OLD.key_id, version="2,7")

    with pytest.raises(CannotSwap):
        ParameterStore().write(BOTH, OLD.key_id, NEW, held, reach(desk))


@pytest.mark.parametrize("text", ["/a,/b,/c", "/a,", ",/a", "/a,/a"])
def test_two_parameters_are_two_names(text: str) -> None:
    with pytest.raises(WrongUse):
        ParameterStore().spot(text)


@pytest.mark.parametrize(
    "destination",
    [LambdaEnvironments(), SecretsManager(), ParameterStore(), EcsService(), CodeBuild()],
    ids=lambda each: each.name,
)
def test_a_destination_is_what_the_registry_takes_for_one(destination: object) -> None:
    assert isinstance(destination, Destination)


WEB = Spot(store="ecs", location="shop/web", region=None)


def test_a_service_that_codedeploy_deploys_is_left_to_it() -> None:
    desk = FakeDesk()
    service = {"taskDefinition": "web:1", "deploymentController": {"type": "CODE_DEPLOY"}}
    desk.on("ecs", "describe_services", {"services": [service]})

    with pytest.raises(CannotSwap, match="CODE_DEPLOY"):
        EcsService().held(WEB, OLD.key_id, reach(desk))


def test_a_key_that_also_stands_outside_the_environment_is_not_half_replaced() -> None:
    desk = FakeDesk()
    environment = [{"name": name, "value": value} for name, value in variables(OLD).items()]
    container = {"name": "app", "environment": environment, "command": ["run", OLD.key_id]}
    definition = {"taskDefinitionArn": "web:1", "containerDefinitions": [container]}
    desk.on("ecs", "describe_services", {"services": [{"taskDefinition": "web:1"}]})
    desk.on("ecs", "describe_task_definition", {"taskDefinition": definition})
    held = Held(key_id=OLD.key_id, version="web:1")

    with pytest.raises(CannotSwap, match="outside"):
        EcsService().write(WEB, OLD.key_id, NEW, held, reach(desk))

    assert desk.made("register_task_definition") == []


def test_tags_and_fields_newer_than_this_program_stay_with_a_task_definition() -> None:
    desk = FakeDesk()
    environment = [{"name": name, "value": value} for name, value in variables(OLD).items()]
    definition = {
        "taskDefinitionArn": "web:1",
        "revision": 1,
        "status": "ACTIVE",
        "family": "web",
        "ephemeralStorage": {"sizeInGiB": 21},
        "containerDefinitions": [{"name": "app", "environment": environment}],
    }
    tags = [{"key": "team", "value": "shop"}]
    desk.on("ecs", "describe_services", {"services": [{"taskDefinition": "web:1"}]})
    desk.on("ecs", "describe_task_definition", {"taskDefinition": definition, "tags": tags})
    registered = {"taskDefinition": {"taskDefinitionArn": "web:2"}}
    desk.on("ecs", "register_task_definition", registered)
    desk.on("ecs", "update_service", {})
    held = Held(key_id=OLD.key_id, version="web:1")

    EcsService().write(WEB, OLD.key_id, NEW, held, reach(desk))

    sent = desk.made("register_task_definition")[0].parameters
    assert set(sent) == {"family", "ephemeralStorage", "containerDefinitions", "tags"}
    assert desk.made("update_service")[0].parameters["taskDefinition"] == "web:2"


@pytest.mark.parametrize("text", ["web", "shop/web/more", "/web", "shop/"])
def test_a_service_of_ecs_is_named_with_its_cluster(text: str) -> None:
    with pytest.raises(WrongUse):
        EcsService().spot(text)


@pytest.mark.parametrize(
    "text", ["orders:7", "arn:aws:lambda:eu-west-1:111122223333:function:orders:live"]
)
def test_a_version_of_a_function_is_no_place_to_write_to(text: str) -> None:
    with pytest.raises(WrongUse):
        LambdaEnvironments().spot(text)


def test_a_function_is_named_by_its_arn_too() -> None:
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:orders"

    spot = LambdaEnvironments().spot(arn)

    assert (spot.location, spot.region) == (arn, "eu-west-1")


def test_a_project_that_is_not_there_is_told() -> None:
    desk = FakeDesk()
    desk.on("codebuild", "batch_get_projects", {"projects": []})

    with pytest.raises(UnleakError, match="no CodeBuild project"):
        CodeBuild().held(Spot(store="codebuild", location="x"), OLD.key_id, reach(desk))


@pytest.mark.parametrize(
    ("text", "location", "region"),
    [
        ("orders", "orders", None),
        ("orders@eu-west-1", "orders", "eu-west-1"),
        ("mail/bot@example.com", "mail/bot@example.com", None),
        ("mail/bot@example.com@us-gov-west-1", "mail/bot@example.com", "us-gov-west-1"),
        (
            "arn:aws:lambda:eu-north-1:111122223333:function:orders",
            "arn:aws:lambda:eu-north-1:111122223333:function:orders",
            "eu-north-1",
        ),
    ],
)
def test_a_place_is_named_with_or_without_its_region(
    text: str, location: str, region: str | None
) -> None:
    spot = regional_spot("secretsmanager", text)

    assert (spot.location, spot.region) == (location, region)


@pytest.mark.parametrize("text", ["", "  ", "a\x1b[2Jb"])
def test_a_place_without_a_printable_name_is_refused(text: str) -> None:
    with pytest.raises(WrongUse):
        regional_spot("ssm", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nothing", None),
        (f"{NEW.key_id}", NEW.key_id),
        (f"{NEW.key_id} {OLD.key_id}", OLD.key_id),
        (f"{OTHER_ACCOUNT} {NEW.key_id}", NEW.key_id),
        (f"{OTHER_ACCOUNT}", OTHER_ACCOUNT),
        (f"{NEW.key_id} AKIAY34FZKBOCCCCCC7A", None),
    ],
)
def test_the_id_that_a_place_holds_is_the_old_one_or_the_one_in_its_place(
    text: str, expected: str | None
) -> None:
    assert id_in(text, OLD.key_id) == expected

"""A key is rotated while a worker uses it, on a cloud that refuses a dead key at once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

import pytest
from botocore.exceptions import ClientError

from lab.verdict import Ruling
from lab.wire import Keys, Wire

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from lab.command_line import Finished
    from lab.scene import Scene

pytestmark = pytest.mark.clouds

CALLS_A_SECOND = 20
READS_EVERY = 5
"""A worker reads its key again every so many calls, as programs that poll their secret do."""


class Worker:
    """A program that signs with the key it reads from a place, and counts what goes wrong.

    Args:
        scene: where it runs.
        read: returns the key that stands in the place now.
    """

    def __init__(self, scene: Scene, read: Callable[[], Keys]) -> None:
        self._scene = scene
        self._read = read
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self.failures: list[str] = []
        self.served: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._thread.join()

    def _work(self) -> None:
        number, keys = 0, self._read()
        while not self._is_over.is_set():
            if number % READS_EVERY == 0:
                keys = self._read()
            number += 1
            verdict = self._scene.cloud.probe(keys, "s3")
            if verdict.ruling is Ruling.ALLOWED:
                self.served[keys.access_key_id] = self.served.get(keys.access_key_id, 0) + 1
            else:
                self.failures.append(f"{keys.access_key_id}: {verdict}")
            time.sleep(1 / CALLS_A_SECOND)


def secret_reader(scene: Scene, name: str) -> Callable[[], Keys]:
    """Return what reads a key from Secrets Manager with a client that is not unleak's."""
    admin = Wire(endpoint=scene.cloud.endpoint, keys=scene.cloud.admin.keys)

    def read() -> Keys:
        text = admin.call("secretsmanager", "get_secret_value", SecretId=name).text("SecretString")
        fields = json.loads(text)
        return Keys(access_key_id=fields["id"], secret=fields["secret_access_key"])

    return read


def make_secret(scene: Scene, name: str, keys: Keys) -> None:
    fields = {"id": keys.access_key_id, "secret_access_key": keys.secret, "table": "orders"}
    scene.cloud.admin.call(
        "secretsmanager", "create_secret", Name=name, SecretString=json.dumps(fields)
    )


def run_service(scene: Scene, name: str, secret: str) -> str:
    """Run a service of ECS that gets a secret injected; return its place as `rotate` names it."""
    admin = scene.cloud.admin
    arn = admin.call("secretsmanager", "describe_secret", SecretId=secret).text("ARN")
    key = {"name": "AWS_ACCESS_KEY_ID", "valueFrom": f"{arn}:id::"}
    container = {"name": "app", "image": "app", "secrets": [key]}
    admin.call("ecs", "create_cluster", clusterName=name)
    made = admin.call(
        "ecs", "register_task_definition", family=name, containerDefinitions=[container]
    )
    admin.call(
        "ecs",
        "create_service",
        cluster=name,
        serviceName=name,
        taskDefinition=made.text("taskDefinition", "taskDefinitionArn"),
        desiredCount=1,
    )
    return f"ecs:{name}/{name}"


def injected_reader(scene: Scene, service: str, secret: str) -> Callable[[], Keys]:
    """Return what plays the container: it has what stood in the secret when its task began."""
    admin = Wire(endpoint=scene.cloud.endpoint, keys=scene.cloud.admin.keys)
    read, held = secret_reader(scene, secret), dict[str, Keys]()

    def injected() -> Keys:
        told = admin.call("ecs", "describe_services", cluster=service, services=[service])
        deployment = told.rows("services")[0].rows("deployments")[0].text("id")
        if deployment not in held:
            held[deployment] = read()
        return held[deployment]

    return injected


def make_parameter(scene: Scene, name: str, keys: Keys) -> None:
    scene.cloud.admin.call(
        "ssm", "put_parameter", Name=name, Value=keys.export_lines, Type="SecureString"
    )


def parameter(scene: Scene, name: str) -> str:
    answer = scene.cloud.admin.call("ssm", "get_parameter", Name=name, WithDecryption=True)
    return answer.text("Parameter", "Value")


def statuses(scene: Scene, user: str) -> dict[str, str]:
    rows = scene.cloud.admin.call("iam", "list_access_keys", UserName=user)
    return {r.text("AccessKeyId"): r.text("Status") for r in rows.rows("AccessKeyMetadata")}


def rotate(scene: Scene, *arguments: str) -> Finished:
    return scene.shell.run("rotate", *arguments, "--yes", "--json")


def assert_silent(done: Finished, *secrets: str) -> None:
    for secret in secrets:
        assert secret not in done.stdout + done.stderr


def test_a_worker_at_twenty_calls_a_second_sees_no_failure(aws: Scene) -> None:
    _user, old = aws.user("ci")
    secret, path = aws.name("orders"), f"/{aws.name('orders')}/key"
    make_secret(aws, secret, old)
    make_parameter(aws, path, old)
    read = secret_reader(aws, secret)

    with Worker(aws, read) as worker:
        done = rotate(
            aws,
            old.access_key_id,
            *("--to", f"secretsmanager:{secret}", "--to", f"ssm:{path}"),
            *("--silence", "3", "--patience", "60"),
        )
        time.sleep(1)

    new = read()
    assert worker.failures == [], str(done)
    assert set(worker.served) == {old.access_key_id, new.access_key_id}, str(done)
    assert done.code in {0, 3}, str(done)
    assert new.secret in parameter(aws, path)
    assert old.access_key_id not in parameter(aws, path)
    assert_silent(done, old.secret, new.secret)


def test_the_old_key_is_dead_in_the_end_and_the_new_one_works(aws: Scene) -> None:
    user, old = aws.user("ci")
    secret = aws.name("orders")
    make_secret(aws, secret, old)

    done = rotate(aws, old.access_key_id, "--to", f"secretsmanager:{secret}", "--silence", "0")

    new = secret_reader(aws, secret)()
    assert (done.code, done.document.text("status")) == (0, "rotated"), str(done)
    assert done.document.text("new_key_id") == new.access_key_id
    aws.assert_dead(old)
    aws.assert_served(new)
    assert statuses(aws, user) == {old.access_key_id: "Inactive", new.access_key_id: "Active"}


def test_a_leaked_key_is_dead_before_the_new_one_is_written(aws: Scene) -> None:
    _user, old = aws.user("ci")
    secret = aws.name("orders")
    make_secret(aws, secret, old)

    done = rotate(aws, old.access_key_id, "--to", f"secretsmanager:{secret}", "--leaked")

    kinds = [row.text("kind") for row in done.document.rows("actions")]
    assert kinds[0] == "deactivate-leaked-key"
    assert done.code == 0, str(done)
    aws.assert_dead(old)
    aws.assert_served(secret_reader(aws, secret)())


def test_undo_brings_the_old_key_back_to_where_it_stood(aws: Scene) -> None:
    user, old = aws.user("ci")
    secret = aws.name("orders")
    make_secret(aws, secret, old)
    done = rotate(aws, old.access_key_id, "--to", f"secretsmanager:{secret}", "--silence", "0")
    new_id = done.document.text("new_key_id")

    undone = aws.shell.run("undo", done.document.text("rotation"), "--yes", "--json")

    assert (undone.code, undone.document.text("status")) == (0, "undone"), str(undone)
    assert secret_reader(aws, secret)() == old
    assert statuses(aws, user) == {old.access_key_id: "Active", new_id: "Inactive"}


def test_a_dry_run_changes_nothing(aws: Scene) -> None:
    user, old = aws.user("ci")
    secret = aws.name("orders")
    make_secret(aws, secret, old)

    done = aws.shell.run(
        *("rotate", old.access_key_id, "--to", f"secretsmanager:{secret}"),
        *("--dry-run", "--json"),
    )

    assert done.code == 0, str(done)
    assert statuses(aws, user) == {old.access_key_id: "Active"}
    assert secret_reader(aws, secret)() == old


def test_a_place_that_is_not_there_is_refused_before_a_key_is_made(aws: Scene) -> None:
    user, old = aws.user("ci")

    done = rotate(aws, old.access_key_id, "--to", f"lambda:{aws.name('missing')}")

    assert done.code == 2, str(done)
    assert statuses(aws, user) == {old.access_key_id: "Active"}


def test_without_a_terminal_and_without_yes_it_refuses(aws: Scene) -> None:
    user, old = aws.user("ci")

    done = aws.shell.run("rotate", old.access_key_id, "--to", "stdout", "--json")

    assert done.code == 2, str(done)
    assert statuses(aws, user) == {old.access_key_id: "Active"}


@contextmanager
def started(scene: Scene, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run unleak until the test ends it."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "unleak", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=scene.shell.environment,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_killed_while_it_waits_for_silence_it_is_finished_by_resume(aws: Scene) -> None:
    user, old = aws.user("ci")
    secret = aws.name("orders")
    make_secret(aws, secret, old)
    read = secret_reader(aws, secret)
    arguments = ("rotate", old.access_key_id, "--to", f"secretsmanager:{secret}", "--yes")

    with started(aws, *arguments, "--silence", "600") as process:
        wait_until(lambda: read() != old)
        time.sleep(0.5)
        process.send_signal(signal.SIGKILL)
    rows = aws.shell.run("incidents", "--json").document.rows("rotations")
    rotation = rows[0].text("rotation")
    new = read()
    assert statuses(aws, user) == {old.access_key_id: "Active", new.access_key_id: "Active"}
    undone = aws.shell.run("resume", rotation, "--dry-run", "--json")

    assert undone.document.text("new_key_id") == new.access_key_id
    aws.assert_served(old)
    aws.assert_served(new)


def wait_until(happened: Callable[[], bool], *, seconds: float = 60.0) -> None:
    """Wait for something that another process does.

    Raises:
        AssertionError: it did not come.
    """
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            if happened():
                return
        except ClientError:
            pass  # not there yet
        time.sleep(0.05)
    message = "it never happened"
    raise AssertionError(message)


def test_a_key_in_lambda_and_in_a_file_is_found_and_replaced(aws: Scene, tmp_path: Path) -> None:
    _user, old = aws.user("ci")
    credentials = tmp_path / "credentials"
    credentials.write_text(
        "# ours\n[default]\n"
        f"aws_access_key_id = {old.access_key_id}\naws_secret_access_key = {old.secret}\n"
        "[other]\nregion = eu-west-1\n"
    )
    credentials.chmod(0o600)

    done = rotate(
        aws, old.access_key_id, "--to", f"aws-credentials:{credentials}", "--silence", "0"
    )

    text = credentials.read_text()
    assert done.code == 0, str(done)
    assert text.startswith("# ours\n[default]\n")
    assert text.endswith("[other]\nregion = eu-west-1\n")
    assert old.access_key_id not in text
    assert credentials.stat().st_mode & 0o777 == 0o600
    aws.assert_dead(old)


def test_a_container_gets_the_new_key_by_a_deployment_and_sees_no_failure(aws: Scene) -> None:
    _user, old = aws.user("ci")
    secret, name = aws.name("orders"), aws.name("shop")
    make_secret(aws, secret, old)
    workload = run_service(aws, name, secret)
    read = injected_reader(aws, name, secret)

    with Worker(aws, read) as worker:
        done = rotate(
            aws,
            old.access_key_id,
            *("--to", f"secretsmanager:{secret}", "--silence", "3", "--patience", "60"),
        )
        time.sleep(1)

    assert worker.failures == [], str(done)
    assert set(worker.served) == {old.access_key_id, read().access_key_id}, str(done)
    actions = done.document.rows("actions")
    told = [(row.text("kind"), row.text("target"), row.text("state")) for row in actions]
    assert ("reload", workload, "done") in told
    assert set(statuses(aws, _user).values()) == {"Active", "Inactive"}


def test_without_a_deployment_the_container_keeps_the_old_key_alive(aws: Scene) -> None:
    _user, old = aws.user("ci")
    secret, name = aws.name("orders"), aws.name("shop")
    make_secret(aws, secret, old)
    run_service(aws, name, secret)
    read = injected_reader(aws, name, secret)

    with Worker(aws, read) as worker:
        done = rotate(
            aws,
            old.access_key_id,
            *("--to", f"secretsmanager:{secret}", "--silence", "3", "--patience", "4"),
            "--no-reload",
        )

    assert worker.failures == []
    assert done.document.text("status") == "waiting", str(done)
    assert set(statuses(aws, _user).values()) == {"Active"}

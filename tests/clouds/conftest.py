"""The clouds, and a scene of its own for every test."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from clouds.aws_stores import Estate
from lab.command_line import CommandLine
from lab.lagging.clock import RealClock
from lab.lagging.cloud import Lag, LaggingCloud
from lab.ministack import MiniStack
from lab.moto_server import MotoServer
from lab.proxy import Proxy
from lab.rgw import RadosGateway
from lab.scene import Scene
from lab.wire import REGION, Wire
from unleak.aws.desk import WritingDesk
from unleak.aws.session import AwsSession, AwsSettings

if TYPE_CHECKING:
    from lab.cloud import Ability, Cloud


def pytest_configure(config: pytest.Config) -> None:
    """Make the one marker known that only these tests use."""
    config.addinivalue_line("markers", "needs(*abilities): skip the clouds that lack one of them")
    config.addinivalue_line("markers", "only_ministack(why): what moto does not do as AWS does")


@pytest.fixture(scope="session")
def running_ministack() -> Iterator[MiniStack]:
    with MiniStack() as cloud:
        yield cloud


@pytest.fixture
def ministack(running_ministack: MiniStack) -> MiniStack:
    """A MiniStack that remembers no other test: what those left in it would be suspects.

    Its `LookupEvents` answers with the newest 50 events and no more pages, so what one test does
    would also hide from another who made what.
    """
    running_ministack.forget()
    return running_ministack


@pytest.fixture(scope="session")
def rgw() -> Iterator[RadosGateway]:
    with RadosGateway() as cloud:
        yield cloud


@pytest.fixture
def lagging() -> Iterator[LaggingCloud]:
    """The lab's own cloud without its lag: it has to agree with the two that others wrote.

    A new one for each test: what other tests leave in it would be suspects of this one.
    """
    cloud = LaggingCloud(lag=Lag(seconds=0), clock=RealClock(), latency=0)
    with cloud.serve():
        yield cloud


@pytest.fixture(params=["ministack", "lagging", pytest.param("rgw", marks=pytest.mark.rgw)])
def cloud(request: pytest.FixtureRequest) -> Cloud:
    """Every cloud in turn; a test that needs what one of them lacks says so with `needs`."""
    found: Cloud = request.getfixturevalue(request.param)
    marker = request.node.get_closest_marker("needs")
    wanted: tuple[Ability, ...] = marker.args if marker else ()
    for ability in wanted:
        if ability not in found.abilities:
            pytest.skip(f"{found.name} has no {ability.value}")
    return found


@pytest.fixture
def scene(cloud: Cloud, tmp_path: Path) -> Scene:
    """A stage of its own on each cloud."""
    return _scene(cloud, tmp_path)


@pytest.fixture
def ministack_scene(ministack: MiniStack, tmp_path: Path) -> Scene:
    """A stage on MiniStack alone, for what it cannot do."""
    return _scene(ministack, tmp_path)


@pytest.fixture(params=["ministack"])
def aws_cloud(request: pytest.FixtureRequest) -> MiniStack | LaggingCloud:
    """The doubles of AWS in turn."""
    found: MiniStack | LaggingCloud = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def aws(aws_cloud: MiniStack | LaggingCloud, tmp_path: Path) -> Scene:
    """A stage on each double of AWS, for what does not depend on the cloud."""
    return _scene(aws_cloud, tmp_path)


@pytest.fixture(scope="session")
def moto() -> Iterator[MotoServer]:
    with MotoServer() as cloud:
        yield cloud


@pytest.fixture(params=["ministack", "moto"])
def estate(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Estate:
    """Unleak's desk on each double of AWS, and beside it a client that is not unleak's."""
    cloud: MiniStack | MotoServer = request.getfixturevalue(request.param)
    only = request.node.get_closest_marker("only_ministack")
    if only is not None and cloud.name == "moto":
        pytest.skip(f"moto {only.args[0]}")
    for name, value in cloud.responder.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    session = AwsSession(AwsSettings(region=REGION, endpoint_url=cloud.endpoint))
    wire = Wire(endpoint=cloud.endpoint, keys=cloud.responder)
    tag = uuid.uuid4().hex[:8]
    role = cloud.make_role(f"app-{tag}")
    return Estate(desk=WritingDesk(session), wire=wire, tag=tag, role=role)


@pytest.fixture
def rgw_scene(rgw: RadosGateway, tmp_path: Path) -> Scene:
    """A stage on the RADOS Gateway alone, for what only happens there."""
    return _scene(rgw, tmp_path)


@pytest.fixture
def proxy(cloud: Cloud) -> Iterator[Proxy]:
    with Proxy(upstream=cloud.endpoint) as proxy:
        yield proxy


@pytest.fixture
def aws_proxy(aws_cloud: MiniStack | LaggingCloud) -> Iterator[Proxy]:
    with Proxy(upstream=aws_cloud.endpoint) as proxy:
        yield proxy


def _scene(cloud: Cloud, folder: Path) -> Scene:
    home = folder / "home"
    home.mkdir()
    shell = CommandLine(home=home, endpoint=cloud.endpoint, keys=cloud.responder)
    return Scene(cloud=cloud, shell=shell, tag=uuid.uuid4().hex[:8])

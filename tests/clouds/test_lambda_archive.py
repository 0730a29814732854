"""What `make lambda` packs is whole: it runs where nothing else is installed."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from lab.lambda_api import Returned
from lab.lambda_archive import fresh
from lab.lambda_runtime import Environment, make_writable, running, unpack

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="mount namespaces are Linux's")


TRIAL = """
from importlib.metadata import entry_points

def handler(event, context):
    import apprise, botocore.session, unleak
    session = botocore.session.get_session()
    stores = {each.name for each in entry_points(group="unleak.stores")}
    return {
        "names": [name for name in unleak.__all__ if getattr(unleak, name) is None],
        "client": session.create_client("iam", region_name="us-east-1").meta.region_name,
        "store": "secretsmanager" in stores,
        "mail": apprise.Apprise().add("mailto://user:pass@example.com"),
    }
"""


@pytest.fixture(scope="module")
def archive() -> Path:
    return fresh()


def test_the_archive_holds_the_program_and_nothing_of_this_machine(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        entries = opened.infolist()

    names = {each.filename for each in entries}
    assert {"unleak/__init__.py", "botocore/__init__.py", "apprise/__init__.py"} <= names
    assert not [each for each in names if each.endswith((".pyc", "/RECORD", "direct_url.json"))]
    assert not [each for each in names if each.split("/")[0] in {"bin", "tests", "lab", "deploy"}]
    assert {each.date_time for each in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert [each.filename for each in entries] == sorted(names, key=lambda name: name.split("/"))


def test_the_public_names_load_with_what_the_archive_brings(archive: Path, tmp_path: Path) -> None:
    code = unpack(archive, tmp_path / "code", {"trial.py": TRIAL})
    environment = Environment(
        code=code, handler="trial.handler", folder=tmp_path / "run", seconds=120
    )

    with running(environment):
        outcome = environment.invoke({})

    make_writable(code)
    assert isinstance(outcome, Returned), outcome
    assert outcome.value == {"names": [], "client": "aws-global", "store": True, "mail": True}

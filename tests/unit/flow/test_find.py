"""A search over all stores: places, and every gap, in one answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fakes.cloud import FakeCloud
from fakes.rotation import NoDesk
from unleak.errors import MissingPermission, ResponderCredentials, UnleakError, WrongUse
from unleak.flow.find import FindWish, find_key
from unleak.model.ports import TrailEvent
from unleak.model.reference import Needle, NotSearched, Reference, Searched, SearchResult
from unleak.model.secret import Secret
from unleak.report.find_words import find_page
from unleak.report.json_find import find_document
from unleak.report.json_v1 import to_text
from unleak.report.plain import lay_out
from unleak.stores.interface import CloudReader, Finding, Scene, Scope
from unleak.stores.registry import Registry

KEY = "AKIAY34FZKBOKMUTVV7A"
AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


class TableStore:
    """A store that finds what it was told to; implements `Store`.

    Args:
        name: the store's.
        scope: how often it is looked through.
        answer: what a search in a scene yields, or raises.
    """

    def __init__(
        self, name: str, scope: Scope, answer: Callable[[Scene], Iterator[Finding]]
    ) -> None:
        self.name = name
        self.title = name
        self.scope = scope
        self.needs: tuple[str, ...] = ()
        self._answer = answer
        self.scenes: list[Scene] = []

    def search(self, needle: Needle, scene: Scene) -> Iterator[Finding]:
        assert needle.key_id == KEY
        self.scenes.append(scene)
        return self._answer(scene)


class OneCloud:
    """The doors to one account in memory."""

    def __init__(self, cloud: FakeCloud) -> None:
        self._cloud = cloud

    def reader(self) -> FakeCloud:
        return self._cloud

    def reading_desk(self) -> CloudReader:
        return NoDesk()


def one_function(scene: Scene) -> Iterator[Finding]:
    yield Reference(
        store="lambda",
        kind="environment",
        location="orders",
        region=scene.region,
        account=scene.account,
        updatable=True,
        field="KEY",
    )
    yield Searched(where=f"lambda {scene.region}", seen=3)


def nothing(scene: Scene) -> Iterator[Finding]:
    yield Searched(where=f"ssm {scene.region}", seen=0)


def refused(scene: Scene) -> Iterator[Finding]:
    del scene
    message = "not allowed to call ListSecrets"
    raise MissingPermission(message, hint="unleak permissions")
    yield  # a generator, as stores are


def broken(scene: Scene) -> Iterator[Finding]:
    yield Searched(where=f"half {scene.region}", seen=1)
    raise KeyError(Secret("a secret that a traceback might show"))


LAMBDA = TableStore("lambda", Scope.REGION, one_function)


def searched(
    *stores: TableStore,
    cloud: FakeCloud | None = None,
    is_local: bool = False,
    asks_who: bool = False,
    paths: tuple[Path, ...] = (),
    names: tuple[str, ...] = (),
    targets: dict[str, tuple[str, ...]] | None = None,
) -> tuple[SearchResult, str]:
    result = find_key(
        FindWish(
            needle=Needle(key_id=KEY),
            paths=paths,
            stores=names,
            targets=targets or {},
            is_local=is_local,
            asks_who=asks_who,
            environment={},
        ),
        OneCloud(cloud or FakeCloud()),
        registry=Registry(stores=stores, destinations=()),
    )
    words = lay_out(find_page(result), width=80)
    assert json.loads(to_text(find_document(result)))["key_id"] == KEY
    return result, words


def told(result: SearchResult) -> dict[str, object]:
    document: dict[str, object] = json.loads(to_text(find_document(result)))
    return document


def gaps(result: SearchResult) -> list[tuple[str, str]]:
    return [(each.where, each.why) for each in result.not_searched]


def test_every_enabled_region_is_looked_through() -> None:
    cloud = FakeCloud()
    cloud.enabled_regions = ("eu-west-1", "us-east-1")

    result, words = searched(LAMBDA, cloud=cloud)

    assert "lambda:orders" in words
    assert [each.region for each in result.references] == ["eu-west-1", "us-east-1"]
    assert {each.where for each in result.searched} == {"lambda eu-west-1", "lambda us-east-1"}


def test_what_may_not_be_read_is_a_gap_and_stops_no_other_store() -> None:
    result, _ = searched(TableStore("secretsmanager", Scope.REGION, refused), LAMBDA)

    assert gaps(result) == [("secretsmanager us-east-1", "not allowed to call ListSecrets")]
    assert result.references


def test_nothing_found_with_a_gap_is_not_told_as_nowhere() -> None:
    _, words = searched(
        TableStore("ssm", Scope.REGION, nothing),
        TableStore("secretsmanager", Scope.REGION, refused),
    )

    assert "not everything could be looked into" in words
    assert "it may be there too" in words


def test_a_store_that_crashes_is_told_by_its_type_and_shows_no_value() -> None:
    _, words = searched(TableStore("half", Scope.REGION, broken), LAMBDA)

    assert "a bug in the store: KeyError" in words
    assert "lambda:orders" in words
    assert "traceback might show" not in words


def test_without_a_path_the_local_stores_say_so() -> None:
    result, _ = searched(TableStore("files", Scope.LOCAL, nothing))

    why = "no PATH was named; `unleak find KEY .` looks through this folder too"
    assert gaps(result) == [("files", why)]


def test_each_path_is_looked_through_by_each_local_store(tmp_path: Path) -> None:
    files = TableStore("files", Scope.LOCAL, nothing)

    searched(files, paths=(tmp_path, tmp_path / "x"))

    assert {scene.path for scene in files.scenes} == {tmp_path, tmp_path / "x"}


def test_a_local_search_asks_nobody() -> None:
    cloud = FakeCloud()

    result, _ = searched(LAMBDA, cloud=cloud, is_local=True, asks_who=True)

    assert cloud.asked == []
    assert gaps(result) == [("lambda", "--local asks no service")]
    assert told(result)["used_by"] is None


def test_without_credentials_each_store_of_aws_is_a_gap() -> None:
    cloud = FakeCloud()
    message = "no AWS credentials of your own were found"
    cloud.failing["regions"] = ResponderCredentials(message)

    result, _ = searched(LAMBDA, cloud=cloud)

    assert gaps(result) == [("lambda", message)]


def test_where_regions_cannot_be_listed_the_own_one_is_looked_through() -> None:
    cloud = FakeCloud()
    message = "not allowed to call ListRegions"
    cloud.failing["regions"] = MissingPermission(message)

    result, _ = searched(LAMBDA, cloud=cloud)

    assert len(result.references) == 1
    assert "regions other than" in gaps(result)[0][0]


def test_a_store_that_does_not_exist_is_refused_before_anything_is_asked() -> None:
    cloud = FakeCloud()

    with pytest.raises(WrongUse, match="jenkins"):
        searched(LAMBDA, cloud=cloud, names=("jenkins",))
    with pytest.raises(WrongUse, match="jenkins"):
        searched(LAMBDA, cloud=cloud, targets={"jenkins": ("a",)})

    assert cloud.asked == []


def test_who_uses_the_key_is_counted_by_address_and_program() -> None:
    cloud = FakeCloud()
    cloud.events = [call("1"), call("2"), call("2"), call("3", agent="\x1b[2Jboto3/1.40")]

    result, _ = searched(LAMBDA, cloud=cloud, asks_who=True)

    assert result.users is not None
    assert [(each.user_agent, each.events) for each in result.users.uses] == [
        ("aws-cli/2", 2),
        ("boto3/1.40", 1),
    ]


def test_a_trail_that_may_not_be_read_is_a_gap_too() -> None:
    cloud = FakeCloud()
    message = "not allowed to call LookupEvents"
    cloud.failing["trail_events"] = UnleakError(message)

    result, _ = searched(LAMBDA, cloud=cloud, asks_who=True)

    assert ("cloudtrail us-east-1", message) in gaps(result)


def test_the_same_gap_in_many_regions_is_told_once() -> None:
    cloud = FakeCloud()
    cloud.enabled_regions = tuple(f"eu-west-{number}" for number in range(1, 8))

    _, words = searched(TableStore("secretsmanager", Scope.REGION, refused), cloud=cloud)

    on_one_line = " ".join(words.split())
    assert on_one_line.count("not allowed to call ListSecrets") == 1
    assert "7 places" in on_one_line


def test_gaps_are_kept_apart_in_json() -> None:
    cloud = FakeCloud()
    cloud.enabled_regions = ("a-1", "b-1", "c-1", "d-1")

    result, _ = searched(TableStore("secretsmanager", Scope.REGION, refused), cloud=cloud)

    not_searched = told(result)["not_searched"]
    assert isinstance(not_searched, list)
    assert len(not_searched) == 4


def test_a_broken_registration_is_part_of_the_answer() -> None:
    result = find_key(
        FindWish(
            needle=Needle(key_id=KEY),
            targets={},
            asks_who=False,
            environment={},
        ),
        OneCloud(FakeCloud()),
        registry=Registry(
            stores=(LAMBDA,),
            destinations=(),
            broken=(NotSearched(where="jenkins", why="cannot be loaded"),),
        ),
    )

    assert NotSearched(where="jenkins", why="cannot be loaded") in result.not_searched


def call(event_id: str, *, agent: str = "aws-cli/2") -> TrailEvent:
    document = {
        "userIdentity": {"accessKeyId": KEY},
        "sourceIPAddress": "203.0.113.7",
        "userAgent": agent,
        "eventSource": "s3.amazonaws.com",
        "eventTime": "2026-11-24T07:00:00Z",
    }
    return TrailEvent(
        event_id=event_id,
        event_name="ListBuckets",
        region="us-east-1",
        at=AT,
        document=json.dumps(document),
    )

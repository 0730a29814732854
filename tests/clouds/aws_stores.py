"""What the tests of AWS stores share: a desk on MiniStack, a second client, and a key."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lab.wire import REGION, Wire
from unleak.model.reference import Needle, NotSearched, Reference, Searched
from unleak.model.secret import Secret
from unleak.stores.interface import KeyPair, Reach, Scene

if TYPE_CHECKING:
    from unleak.aws.desk import WritingDesk
    from unleak.stores.interface import CloudReader, Finding, Store

ACCOUNT = "000000000000"
OLD = KeyPair(
    key_id="AKIAY34FZKBOKMUTVV7A", secret=Secret("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")
)
NEW = KeyPair(
    key_id="AKIAY34FZKBOBBBBBB7A", secret=Secret("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")
)


def variables(pair: KeyPair = OLD, **more: str) -> dict[str, str]:
    return {
        "S3_ACCESS_KEY_ID": pair.key_id,
        "S3_SECRET_ACCESS_KEY": pair.secret.reveal(),
        **more,
    }


def as_json(pair: KeyPair = OLD) -> str:
    return json.dumps({"accessKeyId": pair.key_id, "secretAccessKey": pair.secret.reveal()})


def code() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("app.py", "def run(event, context):\n    return 1\n")
    return held.getvalue()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search has yielded, sorted by what it is."""

    references: tuple[Reference, ...]
    searched: tuple[Searched, ...]
    not_searched: tuple[NotSearched, ...]

    def at(self, location: str) -> Reference:
        (found,) = (each for each in self.references if each.location == location)
        return found

    def locations(self) -> set[str]:
        return {each.location for each in self.references}


def sorted_out(findings: Iterator[Finding]) -> Found:
    found = tuple(findings)
    return Found(
        references=tuple(each for each in found if isinstance(each, Reference)),
        searched=tuple(each for each in found if isinstance(each, Searched)),
        not_searched=tuple(each for each in found if isinstance(each, NotSearched)),
    )


def look_through(store: Store, cloud: CloudReader, *, region: str | None = REGION) -> Found:
    scene = Scene(cloud=cloud, account=ACCOUNT, region=region, path=None, environment={})
    return sorted_out(store.search(Needle(key_id=OLD.key_id), scene))


@dataclass(slots=True)
class Interposed:
    """A writer in front of which somebody else is quicker, once, at a call of a given name."""

    desk: WritingDesk
    method: str
    quicker: Callable[[], object]
    done: list[str] = field(default_factory=list)

    @property
    def region(self) -> str:
        return self.desk.region

    def ask(
        self,
        service: str,
        method: str,
        parameters: Mapping[str, object] | None = None,
        *,
        region: str | None = None,
    ) -> Mapping[str, object]:
        return self.desk.ask(service, method, parameters, region=region)

    def pages(
        self,
        service: str,
        method: str,
        parameters: Mapping[str, object] | None = None,
        *,
        region: str | None = None,
    ) -> Iterator[Mapping[str, object]]:
        return self.desk.pages(service, method, parameters, region=region)

    def change(
        self,
        service: str,
        method: str,
        parameters: Mapping[str, object],
        *,
        region: str | None = None,
        secrets: tuple[Secret, ...] = (),
    ) -> Mapping[str, object]:
        if method == self.method and not self.done:
            self.done.append(method)
            self.quicker()
        return self.desk.change(service, method, parameters, region=region, secrets=secrets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """One test's names in MiniStack, with unleak's desk and an independent client."""

    desk: WritingDesk
    wire: Wire
    tag: str
    role: str
    """The ARN of a role for whatever needs one."""

    @property
    def reach(self) -> Reach:
        return Reach(cloud=self.desk, account=ACCOUNT, environment={})

    def raced(self, method: str, quicker: Callable[[], object]) -> Reach:
        cloud = Interposed(self.desk, method, quicker)
        return Reach(cloud=cloud, account=ACCOUNT, environment={})

    def name(self, stem: str) -> str:
        return f"{stem}-{self.tag}"

    def function(self, name: str, environment: dict[str, str]) -> None:
        self.wire.call(
            "lambda",
            "create_function",
            FunctionName=name,
            Runtime="python3.12",
            Role=self.role,
            Handler="app.run",
            Code={"ZipFile": code()},
            Environment={"Variables": environment},
        )

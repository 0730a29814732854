"""What tests of stores need: a pair, its successor, and a scene without a cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from unleak.model.reference import Needle, NotSearched, Reference, Searched
from unleak.model.secret import Secret
from unleak.stores.interface import KeyPair, Reach, Scene

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from unleak.stores.interface import Finding

OLD = KeyPair(
    key_id="AKIAY34FZKBOKMUTVV7A", secret=Secret("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")
)
NEW = KeyPair(
    key_id="AKIAY34FZKBOBBBBBB7A", secret=Secret("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")
)
NEEDLE = Needle(key_id=OLD.key_id)


class NoCloud:
    """Fails at every call: these stores have nothing to ask AWS."""

    @property
    def region(self) -> str:
        return "eu-west-1"

    def ask(
        self,
        service: str,
        method: str,
        parameters: Mapping[str, object] | None = None,
        *,
        region: str | None = None,
    ) -> NoReturn:
        del parameters, region
        message = f"{service}:{method} was asked of AWS"
        raise AssertionError(message)

    def pages(
        self,
        service: str,
        method: str,
        parameters: Mapping[str, object] | None = None,
        *,
        region: str | None = None,
    ) -> Iterator[Mapping[str, object]]:
        self.ask(service, method, parameters, region=region)

    def change(
        self,
        service: str,
        method: str,
        parameters: Mapping[str, object],
        *,
        region: str | None = None,
        secrets: tuple[Secret, ...] = (),
    ) -> NoReturn:
        del secrets
        self.ask(service, method, parameters, region=region)


def scene(environment: Mapping[str, str], *targets: str) -> Scene:
    return Scene(
        cloud=NoCloud(),
        account=None,
        region=None,
        path=None,
        environment=environment,
        targets=targets,
    )


def reach(environment: Mapping[str, str]) -> Reach:
    return Reach(cloud=NoCloud(), account=None, environment=environment)


def parted(
    findings: Iterable[Finding],
) -> tuple[list[Reference], list[Searched], list[NotSearched]]:
    listed = list(findings)
    return (
        [each for each in listed if isinstance(each, Reference)],
        [each for each in listed if isinstance(each, Searched)],
        [each for each in listed if isinstance(each, NotSearched)],
    )

"""A desk with prepared answers; every question and answer has to fit botocore's own models."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import botocore.session
from botocore import xform_name
from botocore.validate import ParamValidator

from unleak.errors import MissingPermission, UnleakError

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape

    from unleak.model.secret import Secret

Parameters: TypeAlias = Mapping[str, object]
Answer: TypeAlias = Mapping[str, object]
Prepared: TypeAlias = Answer | UnleakError | Callable[[Parameters], Answer]

_ACTION_PREFIXES = {"stepfunctions": "states"}
NOT_PREPARED = "nobody has prepared an answer to"


@cache
def _operations(service: str) -> dict[str, OperationModel]:
    model = botocore.session.Session().get_service_model(service)
    return {xform_name(name): model.operation_model(name) for name in model.operation_names}


def denied(operation: str, why: str = "no") -> MissingPermission:
    return MissingPermission(f"not allowed to call {operation}: {why}")


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it was made."""

    service: str
    method: str
    parameters: Parameters
    region: str | None
    secrets: tuple[Secret, ...] = ()


@dataclass(frozen=True, slots=True)
class _Rule:
    service: str
    method: str
    when: Parameters
    pages: tuple[Prepared, ...]

    def fits(self, service: str, method: str, parameters: Parameters) -> bool:
        return (service, method) == (self.service, self.method) and all(
            parameters.get(name) == value for name, value in self.when.items()
        )


@dataclass(slots=True)
class FakeDesk:
    """Implements `CloudReader` and `CloudWriter`; the last fitting rule answers."""

    region: str = "eu-west-1"
    calls: list[Call] = field(default_factory=list)
    _rules: list[_Rule] = field(default_factory=list)

    def on(self, service: str, method: str, /, *pages: Prepared, **when: object) -> None:
        """Prepare the answer to a call, or to the pages of a list."""
        self._rules.append(_Rule(service, method, when, pages))

    def made(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def actions(self) -> set[str]:
        """Return the IAM actions that the calls so far took."""
        return {
            f"{_ACTION_PREFIXES.get(call.service, call.service)}:"
            f"{_operations(call.service)[call.method].name}"
            for call in self.calls
        }

    def ask(
        self,
        service: str,
        method: str,
        parameters: Parameters | None = None,
        *,
        region: str | None = None,
    ) -> Answer:
        return next(self._answered(Call(service, method, parameters or {}, region)))

    def pages(
        self,
        service: str,
        method: str,
        parameters: Parameters | None = None,
        *,
        region: str | None = None,
    ) -> Iterator[Answer]:
        return self._answered(Call(service, method, parameters or {}, region))

    def change(
        self,
        service: str,
        method: str,
        parameters: Parameters,
        *,
        region: str | None = None,
        secrets: tuple[Secret, ...] = (),
    ) -> Answer:
        return next(self._answered(Call(service, method, parameters, region, secrets)))

    def _answered(self, call: Call) -> Iterator[Answer]:
        operation = _operations(call.service)[call.method]
        _check(call.parameters, operation.input_shape, f"{call.method} is asked with")
        self.calls.append(call)
        fitting = [
            rule for rule in self._rules if rule.fits(call.service, call.method, call.parameters)
        ]
        if not fitting:
            raise AssertionError(NOT_PREPARED, call.service, call.method, call.parameters)
        for page in fitting[-1].pages:
            if isinstance(page, UnleakError):
                raise page
            answer = page(call.parameters) if callable(page) else page
            _check(answer, operation.output_shape, f"{call.method} is answered with")
            yield answer


def _check(values: Parameters, shape: Shape | None, what: str) -> None:
    if shape is None:
        return
    report = ParamValidator().validate(values, shape)
    if report.has_errors():
        raise AssertionError(what, report.generate_report())

"""Parameters of SSM Parameter Store: all types searched with decryption, one replaced as it was.

Source:
https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-parameter-store.html
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from unleak.aws.answer import Answer, number, part, parts, text, texts
from unleak.errors import AwsFailure, UnleakError
from unleak.model.rotation import Written
from unleak.stores.ecs_reload import LISTENS, readers_in_ecs
from unleak.stores.interface import Held, Scope
from unleak.stores.look import Look
from unleak.stores.parameter import put_back, put_over, read, version_of
from unleak.stores.parameter_pair import (
    halves,
    held_pair,
    is_pair,
    neighbour,
    read_pair,
    restore_pair,
    write_pair,
)
from unleak.stores.regional import id_in, moved, regional_spot, unshown
from unleak.stores.reloading import Readers
from unleak.stores.swap import fresh_map, pair_in_text, swap_in_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.model.reference import Needle
    from unleak.model.rotation import Spot
    from unleak.stores.interface import Finding, KeyPair, Reach, Scene

_AT_ONCE: Final = 10
"""`GetParameters` takes ten names.
Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html"""

_ALONE: Final = (
    "the secret does not stand in the same parameter, but in a neighbour probably: replace both by "
    "hand, the secret first"
)
_WITHOUT_ID: Final = "the secret alone: it is replaced together with its id"
_HISTORY: Final = "its history keeps up to 100 earlier values readable"
_RELOAD: Final = "readers take it up when they read the parameter again"


class ParameterStore:
    """Finds a key in parameters, and replaces it; the history is the way back."""

    name: Final = "ssm"
    title: Final = "SSM Parameter Store"
    scope: Final = Scope.REGION
    needs: Final = (
        "ssm:DescribeParameters",
        "ssm:GetParameters",
        "ssm:GetParameter",
        "ssm:GetParametersByPath",
        "kms:Decrypt",
    )
    changes: Final = (
        "ssm:DescribeParameters",
        "ssm:GetParameter",
        "ssm:PutParameter",
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey",
    )
    listens: Final = ("ssm:GetParameter", *LISTENS)

    def search(self, needle: Needle, scene: Scene) -> Iterator[Finding]:
        """Yield every parameter whose current value holds the key."""
        look = Look(self.name, needle, scene)
        waiting: list[str] = []
        for each in look.listed("ssm", "describe_parameters", "Parameters", MaxResults=50):
            waiting.append(text(each, "Name"))
            if len(waiting) == _AT_ONCE:
                yield from _in_batch(look, waiting)
                waiting = []
        if waiting:
            yield from _in_batch(look, waiting)
        yield look.searched()

    def spot(self, text: str) -> Spot:
        """Read `/NAME[@REGION]`, or `/ID,/SECRET[@REGION]` for a key in two parameters.

        Raises:
            WrongUse: there is no name, or more than two.
        """
        spot = regional_spot(self.name, text)
        if is_pair(spot):
            halves(spot)
        return spot

    def held(self, spot: Spot, old_key_id: str, reach: Reach) -> Held:
        """Read the parameter; one that does not exist yet holds nothing.

        Raises:
            UnleakError: it cannot be read.
        """
        if is_pair(spot):
            return held_pair(spot, old_key_id, reach)
        found = read(spot, reach)
        if found is None:
            return Held(key_id=None, version=None)
        return Held(key_id=id_in(text(found, "Value"), old_key_id), version=version_of(found))

    def pair(self, spot: Spot, key_id: str, reach: Reach) -> KeyPair | None:
        """Read the pair back from the parameter."""
        if is_pair(spot):
            return read_pair(spot, key_id, reach)
        found = read(spot, reach)
        return None if found is None else pair_in_text(text(found, "Value"), key_id)

    def write(self, spot: Spot, old_key_id: str, new: KeyPair, held: Held, reach: Reach) -> Written:
        """Put a new version with everything else as it was.

        Raises:
            Moved: the parameter has been changed since.
            CannotSwap: it does not hold the old pair in a way that is understood.
            UnleakError: the write was refused, or got no answer.
        """
        if is_pair(spot):
            return replace(write_pair(spot, old_key_id, new, held, reach), reload=_RELOAD)
        if held.version is None:
            return _created(spot, new, reach)
        found = read(spot, reach)
        if found is None or version_of(found) != held.version:
            raise moved(spot)
        after = swap_in_text(text(found, "Value"), old_key_id, new)
        made = put_over(spot, reach, found, after, new)
        return Written(version=made, way_back=held.version, reload=_RELOAD)

    def readers(self, spot: Spot, reach: Reach) -> Readers:
        """Return the services of ECS whose containers get the parameter injected.

        Raises:
            UnleakError: the parameter cannot be read.
        """
        names: set[str] = set()
        for each in halves(spot) if is_pair(spot) else (spot,):
            found = read(each, reach)
            if found is not None:
                names |= {text(found, "ARN"), text(found, "Name")}
        names -= {""}
        return readers_in_ecs(frozenset(names), spot.region, reach) if names else Readers()

    def restore(self, spot: Spot, written: Written, reach: Reach) -> None:
        """Put the value of the version before ours again, read from the history within AWS.

        Raises:
            Moved: there is a newer version than ours.
            UnleakError: there was no version before, or it was refused.
        """
        if written.way_back is None:
            message = f"{spot.label} did not exist before; it was left where it is"
            raise UnleakError(message, hint="delete the parameter by hand if nobody needs it")
        if is_pair(spot):
            restore_pair(spot, written, reach)
            return
        put_back(spot, reach, ours=written.version, before=written.way_back)


def _in_batch(look: Look, names: list[str]) -> Iterator[Finding]:
    """Look into ten parameters; a KMS key that is closed to us refuses all ten, so then singly."""
    try:
        answer = look.ask("ssm", "get_parameters", Names=names, WithDecryption=True)
    except UnleakError as error:
        look.gap("", error)
        yield from _singly(look, names)
        return
    look.seen += len(names)
    for each in parts(answer, "Parameters"):
        yield from _in_parameter(look, each)
    for name in texts(answer, "InvalidParameters"):
        yield look.gap(name, "SSM lists it, but does not find it")


def _singly(look: Look, names: list[str]) -> Iterator[Finding]:
    for name in names:
        look.seen += 1
        try:
            answer = look.ask("ssm", "get_parameter", Name=name, WithDecryption=True)
        except UnleakError as error:
            yield look.gap(name, error)
            continue
        yield from _in_parameter(look, part(answer, "Parameter"))


def _in_parameter(look: Look, parameter: Answer) -> Iterator[Finding]:
    value = text(parameter, "Value")
    if not look.needle.is_in(value):
        return
    name = text(parameter, "Name")
    has_pair = pair_in_text(value, look.needle.key_id) is not None
    is_alone = value.strip() == look.needle.key_id
    other = neighbour(look, name) if is_alone and not has_pair else None
    notes = [_HISTORY] if has_pair or other is not None else [_ALONE]
    if look.needle.key_id not in value:
        notes = [_WITHOUT_ID]
    yield look.reference(
        text(parameter, "Type") or "String",
        name if other is None else f"{name},{other}",
        (),
        note="; ".join(notes),
        updatable=has_pair or other is not None,
    )


def _created(spot: Spot, new: KeyPair, reach: Reach) -> Written:
    content = json.dumps(fresh_map(new), indent=2)
    parameters = {
        "Name": spot.location,
        "Value": content,
        "Type": "SecureString",
        "Description": "An AWS access key, written by unleak",
    }
    hidden = unshown(new, [content])
    try:
        answer = reach.cloud.change(
            "ssm", "put_parameter", parameters, region=spot.region, secrets=hidden
        )
    except AwsFailure as error:
        if error.error_code == "ParameterAlreadyExists":
            raise moved(spot) from error
        raise
    return Written(version=str(number(answer, "Version", 1)), way_back=None, reload="")

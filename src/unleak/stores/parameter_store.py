"""Parameters of SSM Parameter Store: all types searched with decryption, one replaced as it was.

Source:
https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-parameter-store.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from unleak.aws.answer import Answer, number, part, parts, text, texts
from unleak.errors import AwsFailure, UnleakError
from unleak.model.rotation import Written
from unleak.stores.interface import Held, Scope
from unleak.stores.look import Look
from unleak.stores.regional import id_in, moved, regional_spot, unshown
from unleak.stores.swap import fresh_map, pair_in_text, swap_in_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
_HISTORY: Final = "its history keeps up to 100 earlier values readable"
_RELOAD: Final = (
    "readers take it up when they read the parameter again; containers that got it injected have "
    "to be started anew"
)


class ParameterStore:
    """Finds a key in parameters, and replaces it; the history is the way back."""

    name: Final = "ssm"
    title: Final = "SSM Parameter Store"
    scope: Final = Scope.REGION
    needs: Final = (
        "ssm:DescribeParameters",
        "ssm:GetParameters",
        "ssm:GetParameter",
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
        """Read `/NAME[@REGION]`.

        Raises:
            WrongUse: there is no name.
        """
        return regional_spot(self.name, text)

    def held(self, spot: Spot, old_key_id: str, reach: Reach) -> Held:
        """Read the parameter; one that does not exist yet holds nothing.

        Raises:
            UnleakError: it cannot be read.
        """
        found = _read(spot, reach)
        if found is None:
            return Held(key_id=None, version=None)
        return Held(key_id=id_in(text(found, "Value"), old_key_id), version=_version(found))

    def pair(self, spot: Spot, key_id: str, reach: Reach) -> KeyPair | None:
        """Read the pair back from the parameter."""
        found = _read(spot, reach)
        return None if found is None else pair_in_text(text(found, "Value"), key_id)

    def write(self, spot: Spot, old_key_id: str, new: KeyPair, held: Held, reach: Reach) -> Written:
        """Put a new version with everything else as it was.

        `PutParameter` cannot compare, but it answers with the version that it made: where that is
        not the next one, somebody wrote in between, and their value is put back from the history.

        Raises:
            Moved: the parameter has been changed since.
            CannotSwap: it does not hold the old pair in a way that is understood.
            UnleakError: the write was refused, or got no answer.
        """
        if held.version is None:
            return _created(spot, new, reach)
        found = _read(spot, reach)
        if found is None or _version(found) != held.version:
            raise moved(spot)
        before = text(found, "Value")
        after = swap_in_text(before, old_key_id, new)
        made = _put(spot, reach, after, new, before)
        if made > int(held.version) + 1:
            _give_way(spot, reach, made, new, after)
        return Written(version=str(made), way_back=held.version, reload=_RELOAD)

    def restore(self, spot: Spot, written: Written, reach: Reach) -> None:
        """Put the value of the version before ours again, read from the history within AWS.

        Raises:
            Moved: there is a newer version than ours.
            UnleakError: there was no version before, or it was refused.
        """
        if written.way_back is None:
            message = f"{spot.label} did not exist before; it was left where it is"
            raise UnleakError(message, hint="delete the parameter by hand if nobody needs it")
        now = _read(spot, reach)
        if now is None or _version(now) != written.version:
            raise moved(spot)
        before = _read(spot, reach, version=written.way_back)
        if before is None:
            message = f"the history of {spot.label} does not hold version {written.way_back}"
            raise UnleakError(message, hint="put the old value back by hand")
        value = text(before, "Value")
        _put(spot, reach, value, None, text(now, "Value"))


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
    has_pair = pair_in_text(value, look.needle.key_id) is not None
    notes = [] if has_pair else [_ALONE]
    if number(parameter, "Version", 1) > 1 or has_pair:
        notes.append(_HISTORY)
    yield look.reference(
        text(parameter, "Type") or "String",
        text(parameter, "Name"),
        (),
        note="; ".join(notes),
        updatable=has_pair,
    )


def _version(parameter: Answer) -> str:
    return str(number(parameter, "Version", 0))


def _read(spot: Spot, reach: Reach, *, version: str | None = None) -> Answer | None:
    """Return a parameter, or one version of it; None where there is none."""
    name = spot.location if version is None else f"{spot.location}:{version}"
    asked = {"Name": name, "WithDecryption": True}
    try:
        return part(reach.cloud.ask("ssm", "get_parameter", asked, region=spot.region), "Parameter")
    except AwsFailure as error:
        if error.error_code in {"ParameterNotFound", "ParameterVersionNotFound"}:
            return None
        raise


def _put(spot: Spot, reach: Reach, value: str, new: KeyPair | None, other: str) -> int:
    """Put a value with everything else as it is, and return the number of the version made."""
    parameters = {
        "Name": spot.location,
        "Value": value,
        "Overwrite": True,
        **_settings(spot, reach),
    }
    hidden = unshown(new, [value, other])
    answer = reach.cloud.change(
        "ssm", "put_parameter", parameters, region=spot.region, secrets=hidden
    )
    return number(answer, "Version", 0)


def _give_way(spot: Spot, reach: Reach, made: int, new: KeyPair, ours: str) -> None:
    """Put back what somebody wrote between our look and our write.

    Raises:
        Moved: somebody did; it was not our own write, made twice because an answer was lost.
    """
    theirs = _read(spot, reach, version=str(made - 1))
    if theirs is not None and text(theirs, "Value") == ours:
        return
    if theirs is not None and _version(_read(spot, reach) or {}) == str(made):
        _put(spot, reach, text(theirs, "Value"), new, ours)
    raise moved(spot)


def _settings(spot: Spot, reach: Reach) -> Mapping[str, object]:
    """Return what `PutParameter` would set anew if it were left out: type, KMS key, tier and so on.

    Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
    """
    wanted = {"Key": "Name", "Option": "Equals", "Values": [spot.location]}
    asked = {"ParameterFilters": [wanted]}
    answer = reach.cloud.ask("ssm", "describe_parameters", asked, region=spot.region)
    found = parts(answer, "Parameters")
    if len(found) != 1:
        message = f"the settings of {spot.label} cannot be read, so writing it would lose them"
        raise UnleakError(message, hint="you need ssm:DescribeParameters")
    kept = ("Type", "KeyId", "Tier", "DataType", "AllowedPattern", "Description")
    settings: dict[str, object] = {
        name: text(found[0], name) for name in kept if text(found[0], name)
    }
    policies = [text(each, "PolicyText") for each in parts(found[0], "Policies")]
    if policies:
        settings["Policies"] = f"[{','.join(policies)}]"
    return settings


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

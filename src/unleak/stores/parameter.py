"""One parameter of SSM: read it, put a value over it with everything else as it was.

`PutParameter` cannot compare, but it answers with the version that it made: where that is not the
next one, somebody wrote in between, and their value is put back from the history.
Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.aws.answer import Answer, number, part, parts, text
from unleak.errors import AwsFailure, UnleakError
from unleak.stores.regional import moved, unshown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.model.rotation import Spot
    from unleak.stores.interface import KeyPair, Reach

_NOT_THERE: Final = frozenset({"ParameterNotFound", "ParameterVersionNotFound"})
_KEPT: Final = ("Type", "KeyId", "Tier", "DataType", "AllowedPattern", "Description")


def read(spot: Spot, reach: Reach, *, version: str | None = None) -> Answer | None:
    """Return a parameter, or one version of it; None where there is none.

    Raises:
        UnleakError: it cannot be read.
    """
    name = spot.location if version is None else f"{spot.location}:{version}"
    asked = {"Name": name, "WithDecryption": True}
    try:
        return part(reach.cloud.ask("ssm", "get_parameter", asked, region=spot.region), "Parameter")
    except AwsFailure as error:
        if error.error_code in _NOT_THERE:
            return None
        raise


def version_of(parameter: Answer) -> str:
    """Return the number of a parameter's version as text."""
    return str(number(parameter, "Version", 0))


def put_over(spot: Spot, reach: Reach, before: Answer, value: str, new: KeyPair) -> str:
    """Put a value over the version that was read, and return the version made.

    Raises:
        Moved: somebody has written in between; their value stands there.
        UnleakError: the write was refused, or got no answer.
    """
    made = _put(spot, reach, value, new, text(before, "Value"))
    if made > number(before, "Version", 0) + 1:
        _give_way(spot, reach, made, new, value)
    return str(made)


def put_back(spot: Spot, reach: Reach, *, ours: str | None, before: str) -> None:
    """Put the value of an earlier version again, read from the history within AWS.

    Args:
        spot: the parameter.
        reach: with what to write.
        ours: the version that must be the last one.
        before: the version whose value is wanted.

    Raises:
        Moved: there is a newer version than ours.
        UnleakError: the history does not hold it, or it was refused.
    """
    now = read(spot, reach)
    if now is None or version_of(now) != ours:
        raise moved(spot)
    found = read(spot, reach, version=before)
    if found is None:
        message = f"the history of {spot.label} does not hold version {before}"
        raise UnleakError(message, hint="put the old value back by hand")
    _put(spot, reach, text(found, "Value"), None, text(now, "Value"))


def _give_way(spot: Spot, reach: Reach, made: int, new: KeyPair, ours: str) -> None:
    """Put back what somebody wrote between our look and our write.

    Raises:
        Moved: somebody did; it was not our own write, made twice because an answer was lost.
    """
    theirs = read(spot, reach, version=str(made - 1))
    if theirs is not None and text(theirs, "Value") == ours:
        return
    if theirs is not None and version_of(read(spot, reach) or {}) == str(made):
        _put(spot, reach, text(theirs, "Value"), new, ours)
    raise moved(spot)


def _put(spot: Spot, reach: Reach, value: str, new: KeyPair | None, other: str) -> int:
    """Put a value with everything else as it is, and return the number of the version made."""
    parameters = {
        "Name": spot.location,
        "Value": value,
        "Overwrite": True,
        **_settings(spot, reach),
    }
    answer = reach.cloud.change(
        "ssm",
        "put_parameter",
        parameters,
        region=spot.region,
        secrets=unshown(new, [value, other]),
    )
    return number(answer, "Version", 0)


def _settings(spot: Spot, reach: Reach) -> Mapping[str, object]:
    """Return what `PutParameter` would set anew if it were left out: type, KMS key and so on."""
    wanted = {"Key": "Name", "Option": "Equals", "Values": [spot.location]}
    asked = {"ParameterFilters": [wanted]}
    answer = reach.cloud.ask("ssm", "describe_parameters", asked, region=spot.region)
    found = parts(answer, "Parameters")
    if len(found) != 1:
        message = f"the settings of {spot.label} cannot be read, so writing it would lose them"
        raise UnleakError(message, hint="you need ssm:DescribeParameters")
    settings: dict[str, object] = {
        name: text(found[0], name) for name in _KEPT if text(found[0], name)
    }
    policies = [text(each, "PolicyText") for each in parts(found[0], "Policies")]
    if policies:
        settings["Policies"] = f"[{','.join(policies)}]"
    return settings

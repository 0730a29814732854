"""Environments of Lambda functions: searched in all versions, replaced in the one that is edited.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from unleak.aws.answer import part, text
from unleak.errors import AwsFailure, UnleakError, WrongUse
from unleak.model.rotation import Written
from unleak.stores.interface import CannotSwap, Held, Scope
from unleak.stores.look import Look
from unleak.stores.places import text_map
from unleak.stores.regional import id_in, moved, regional_spot, unshown
from unleak.stores.swap import pair_in_map, swap_in_map

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from unleak.aws.answer import Answer
    from unleak.model.reference import Needle
    from unleak.model.rotation import Spot
    from unleak.model.secret import Secret
    from unleak.stores.interface import Finding, KeyPair, Reach, Scene

_LATEST: Final = "$LATEST"
_SOMEBODY_WROTE: Final = frozenset({"PreconditionFailedException", "ResourceConflictException"})
_COLONS_IN_ARN: Final = 6
_LOOKS: Final = 120
"""A function in a VPC takes up to two minutes to update."""

_RELOAD: Final = (
    "Lambda hands it to new invocations by itself; published versions cannot be changed and keep "
    "the old key: publish a new version and move the aliases to it"
)


class LambdaEnvironments:
    """Finds a key in functions and their versions, and replaces it in a function.

    Args:
        pause: sleeps between looks at an update that is under way.
    """

    name: Final = "lambda"
    title: Final = "Lambda environments"
    scope: Final = Scope.REGION
    needs: Final = ("lambda:ListFunctions", "lambda:ListAliases", "kms:Decrypt")
    changes: Final = (
        "lambda:GetFunctionConfiguration",
        "lambda:UpdateFunctionConfiguration",
        "kms:Decrypt",
        "kms:Encrypt",
    )

    def __init__(self, pause: Callable[[float], None] = time.sleep) -> None:
        self._pause = pause

    def search(self, needle: Needle, scene: Scene) -> Iterator[Finding]:
        """Yield every function and published version whose environment holds the key.

        An environment that we may not decrypt comes with an error in place of its variables.
        Source: https://docs.aws.amazon.com/lambda/latest/api/API_EnvironmentResponse.html
        """
        look = Look(self.name, needle, scene)
        for each in look.listed("lambda", "list_functions", "Functions", FunctionVersion="ALL"):
            look.seen += 1
            yield from _in_function(look, each)
        yield look.searched()

    def spot(self, text: str) -> Spot:
        """Read `FUNCTION[@REGION]`.

        Raises:
            WrongUse: there is no name, or it names a version, which nobody can change.
        """
        spot = regional_spot(self.name, text)
        is_arn = spot.location.startswith("arn:")
        if spot.location.count(":") > (_COLONS_IN_ARN if is_arn else 0):
            message = f"{spot.label} is a version or an alias: only the function can be changed"
            raise WrongUse(message, hint="for example `--to lambda:FUNCTION@eu-west-1`")
        return spot

    def held(self, spot: Spot, old_key_id: str, reach: Reach) -> Held:
        """Read the environment of the function once no update of it is under way.

        Raises:
            UnleakError: there is no such function, or its environment cannot be read.
        """
        settings = self._settled(spot, reach)
        key_id = id_in("\n".join(_variables(settings).values()), old_key_id)
        return Held(key_id=key_id, version=text(settings, "RevisionId"))

    def pair(self, spot: Spot, key_id: str, reach: Reach) -> KeyPair | None:
        """Read the pair back from the environment."""
        return pair_in_map(_variables(self._settled(spot, reach)), key_id)

    def write(self, spot: Spot, old_key_id: str, new: KeyPair, held: Held, reach: Reach) -> Written:
        """Replace the pair among the variables; every other one is kept, and so is the KMS key.

        Lambda compares the revision by itself.
        Source: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html

        Raises:
            Moved: the function has been changed since.
            CannotSwap: its environment does not hold the old pair.
            UnleakError: the write was refused, or got no answer.
        """
        before = self._settled(spot, reach)
        if text(before, "RevisionId") != held.version:
            raise moved(spot)
        variables = _variables(before)
        if old_key_id not in "\n".join(variables.values()):
            message = f"{spot.label} has no variable that holds {old_key_id}"
            hint = "Lambda reserves AWS_ACCESS_KEY_ID, so a key cannot be put there by itself"
            raise CannotSwap(message, hint=hint)
        swapped = swap_in_map(variables, old_key_id, new)
        hidden = unshown(new, [*variables.values(), *swapped.values()])
        try:
            _update(spot, text(before, "RevisionId"), swapped, reach, hidden)
        except AwsFailure as error:
            # A lost answer makes the second attempt of one call collide with the first.
            if error.error_code not in _SOMEBODY_WROTE:
                raise
            if self.pair(spot, new.key_id, reach) != new:
                raise moved(spot) from error
        return Written(version=self._updated(spot, reach), way_back=None, reload=_RELOAD)

    def restore(self, spot: Spot, written: Written, reach: Reach) -> None:
        """Refuse: Lambda keeps no earlier environment of a function, and the journal no secret.

        Raises:
            UnleakError: always.
        """
        del written, reach
        message = f"{spot.label} cannot be put back: Lambda keeps no earlier environment"
        raise UnleakError(message, hint="put the old variables back by hand if they are needed")

    def _updated(self, spot: Spot, reach: Reach) -> str:
        settings = self._settled(spot, reach)
        if text(settings, "LastUpdateStatus") == "Failed":
            why = text(settings, "LastUpdateStatusReasonCode") or "no reason given"
            message = f"{spot.label} took the new key, but the update failed: {why}"
            raise UnleakError(message, hint="look at the function, then write it again")
        return text(settings, "RevisionId")

    def _settled(self, spot: Spot, reach: Reach) -> Answer:
        """Return the settings after the last update: its end changes the revision once more.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
        """
        for _ in range(_LOOKS):
            asked = {"FunctionName": spot.location}
            found = reach.cloud.ask(
                "lambda", "get_function_configuration", asked, region=spot.region
            )
            if text(found, "LastUpdateStatus") != "InProgress":
                return found
            self._pause(1.0)
        message = f"{spot.label} is being updated, and that has not ended in two minutes"
        raise UnleakError(message, hint="resume when the update is done")


def _update(
    spot: Spot,
    revision: str,
    variables: dict[str, str],
    reach: Reach,
    hidden: tuple[Secret, ...],
) -> None:
    parameters = {
        "FunctionName": spot.location,
        "RevisionId": revision,
        "Environment": {"Variables": variables},
    }
    reach.cloud.change(
        "lambda",
        "update_function_configuration",
        parameters,
        region=spot.region,
        secrets=hidden,
    )


def _in_function(look: Look, function: Answer) -> Iterator[Finding]:
    version = text(function, "Version") or _LATEST
    name = text(function, "FunctionName")
    place = name if version == _LATEST else f"{name}:{version}"
    problem = part(part(function, "Environment"), "Error")
    if problem:
        yield look.gap(place, text(problem, "Message") or text(problem, "ErrorCode"))
        return
    variables = text_map(part(function, "Environment").get("Variables"))
    fields = look.fields(variables)
    if not fields:
        return
    if version != _LATEST:
        note = f"a published version cannot be changed{_aliases(look, name, version)}"
        yield look.reference("version", place, fields, note=note)
        return
    pair = pair_in_map(variables, look.needle.key_id)
    note = "" if pair else "which variable holds its secret cannot be told"
    yield look.reference("environment", place, fields, note=note, updatable=pair is not None)


def _aliases(look: Look, name: str, version: str) -> str:
    """Say which aliases send calls to a version; that they cannot be listed is part of the note."""
    try:
        found = [
            text(each, "Name")
            for each in look.listed(
                "lambda", "list_aliases", "Aliases", FunctionName=name, FunctionVersion=version
            )
        ]
    except UnleakError as error:
        return f"; its aliases cannot be listed: {error.message}"
    return f"; aliases that call it: {', '.join(found)}" if found else "; no alias calls it"


def _variables(settings: Answer) -> dict[str, str]:
    environment = part(settings, "Environment")
    problem = part(environment, "Error")
    if problem:
        # Written back like this, every variable would be lost.
        why = text(problem, "Message") or text(problem, "ErrorCode")
        message = f"the environment of {text(settings, 'FunctionName')} cannot be read: {why}"
        raise UnleakError(message, hint="you need kms:Decrypt on the function's key")
    return text_map(environment.get("Variables"))

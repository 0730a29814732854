"""Secrets of Secrets Manager: every labelled version searched, the current one replaced.

Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from unleak.aws.answer import Answer, instant, part, text, texts
from unleak.errors import AwsFailure, UnleakError
from unleak.model.rotation import Written
from unleak.stores.ecs_reload import LISTENS, readers_in_ecs
from unleak.stores.interface import CannotSwap, Held, Scope
from unleak.stores.layers import Holding, holding
from unleak.stores.look import Look
from unleak.stores.places import places
from unleak.stores.regional import id_in, moved, regional_spot, unshown
from unleak.stores.reloading import Readers
from unleak.stores.swap import fresh_map, pair_in_text, swap_in_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from unleak.model.reference import Needle
    from unleak.model.rotation import Spot
    from unleak.stores.interface import Finding, KeyPair, Reach, Scene

_SERVICE: Final = "secretsmanager"
_CURRENT: Final = "AWSCURRENT"
_WAITING: Final = "UNLEAK"
"""The label of our version until it becomes the current one."""

_NOT_THERE: Final = "ResourceNotFoundException"
_LABEL_ELSEWHERE: Final = frozenset(
    {"InvalidParameterException", "InvalidRequestException", _NOT_THERE}
)
"""What a version or a label that has moved on is answered with."""

_SUFFIX: Final = len("-AbCdEf")
"""What Secrets Manager adds to a name in the ARN, and lets one leave out.
Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html"""
_RELOAD: Final = (
    "whoever caches the secret takes it up when the cache ends (an hour with AWS's own caching "
    "clients)"
)


class SecretsManager:
    """Finds a key in secrets, and replaces it without ever overwriting another writer."""

    name: Final = _SERVICE
    title: Final = "Secrets Manager"
    scope: Final = Scope.REGION
    needs: Final = ("secretsmanager:ListSecrets", "secretsmanager:GetSecretValue", "kms:Decrypt")
    changes: Final = (
        "secretsmanager:GetSecretValue",
        "secretsmanager:DescribeSecret",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
        "secretsmanager:CreateSecret",
        "kms:Decrypt",
        "kms:GenerateDataKey",
    )
    listens: Final = ("secretsmanager:DescribeSecret", *LISTENS)

    def search(self, needle: Needle, scene: Scene) -> Iterator[Finding]:
        """Yield every secret that holds the key in a version that still has a label."""
        look = Look(self.name, needle, scene)
        secrets = look.listed(_SERVICE, "list_secrets", "SecretList", IncludePlannedDeletion=True)
        yield from look.at_once(secrets, lambda secret: _in_secret(look, secret))
        yield look.searched()

    def spot(self, text: str) -> Spot:
        """Read `NAME[@REGION]` or an ARN.

        Raises:
            WrongUse: there is no name.
        """
        return regional_spot(self.name, text)

    def held(self, spot: Spot, old_key_id: str, reach: Reach) -> Held:
        """Read the current version; a secret that does not exist yet holds nothing.

        Raises:
            UnleakError: it cannot be read.
        """
        value = _current(spot, reach)
        if value is None:
            return Held(key_id=None, version=None)
        return Held(key_id=id_in(_content(value), old_key_id), version=text(value, "VersionId"))

    def pair(self, spot: Spot, key_id: str, reach: Reach) -> KeyPair | None:
        """Read the pair back from the current version."""
        value = _current(spot, reach)
        return None if value is None else pair_in_text(_content(value), key_id)

    def write(self, spot: Spot, old_key_id: str, new: KeyPair, held: Held, reach: Reach) -> Written:
        """Store a version beside the current one, then make it the current one.

        That second call names the version that it expects to find there, and Secrets Manager
        refuses if it is another: a compare-and-set that `PutSecretValue` alone does not have.
        Source:
        https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html

        Raises:
            Moved: the secret has a newer version since.
            CannotSwap: the current version does not hold the old pair in a way that is understood.
            UnleakError: the write was refused, or got no answer.
        """
        if held.version is None:
            return _created(spot, new, reach)
        value = _current(spot, reach)
        if value is None or text(value, "VersionId") != held.version:
            raise moved(spot)
        before = _content(value)
        after = swap_in_text(before, old_key_id, new)
        fresh = str(uuid4())
        parameters = {
            "SecretId": spot.location,
            "ClientRequestToken": fresh,
            "VersionStages": [_WAITING],
            **_as_it_was(value, after),
        }
        hidden = unshown(new, [before, after])
        reach.cloud.change(
            _SERVICE, "put_secret_value", parameters, region=spot.region, secrets=hidden
        )
        try:
            _make_current(spot, reach, fresh, held.version)
        finally:
            _unlabel(spot, reach, fresh)
        return Written(version=fresh, way_back=held.version, reload=_RELOAD)

    def readers(self, spot: Spot, reach: Reach) -> Readers:
        """Return the services of ECS whose containers get the secret injected.

        Raises:
            UnleakError: the secret cannot be looked at.
        """
        if _current(spot, reach) is None:
            return Readers()
        asked = {"SecretId": spot.location}
        told = reach.cloud.ask(_SERVICE, "describe_secret", asked, region=spot.region)
        arn = text(told, "ARN")
        short = arn.removesuffix(arn[-_SUFFIX:]) if arn else arn
        return readers_in_ecs(frozenset({arn, short}) - {""}, spot.region, reach)

    def restore(self, spot: Spot, written: Written, reach: Reach) -> None:
        """Make the version before ours the current one again.

        Raises:
            Moved: ours is not the current one any more.
            UnleakError: there was no version before, or it was refused.
        """
        if written.way_back is None or written.version is None:
            message = f"{spot.label} did not exist before; it was left where it is"
            raise UnleakError(message, hint="delete the secret by hand if nobody needs it")
        _make_current(spot, reach, written.way_back, written.version)


def _in_secret(look: Look, secret: Answer) -> Iterator[Finding]:
    name = text(secret, "Name")
    gone_at = instant(secret, "DeletedDate")
    if gone_at is not None:
        why = f"it is scheduled for deletion since {gone_at:%Y-%m-%d}, and cannot be read meanwhile"
        yield look.gap(name, why)
        return
    stages = part(secret, "SecretVersionsToStages")
    versions = {version: texts(stages, version) for version in stages} or {"": (_CURRENT,)}
    for version, labels in versions.items():
        asked = {"VersionId": version} if version else {}
        identity = text(secret, "ARN") or name
        try:
            value = look.ask(_SERVICE, "get_secret_value", SecretId=identity, **asked)
        except UnleakError as error:
            if _is_empty(error):
                continue  # made without a value, or the version went meanwhile
            yield look.gap(f"{name} ({', '.join(labels)})", error)
            continue
        yield from _in_version(look, secret, labels, value)


def _in_version(
    look: Look, secret: Answer, labels: tuple[str, ...], value: Answer
) -> Iterator[Finding]:
    name = text(secret, "Name")
    fields = _fields(look, value)
    if fields is None:
        yield look.gap(
            f"{name} ({', '.join(labels)})", "it is packed, and cannot be unpacked to its end"
        )
        return
    if not fields:
        return
    notes = _notes(look, secret, labels)
    is_ours = not notes and _has_pair(value, look.needle.key_id)
    if not notes and not is_ours:
        notes = ("its secret does not stand beside it in a way that is understood",)
    kind = "secret" if _CURRENT in labels else "secret-version"
    yield look.reference(kind, name, fields, note="; ".join(notes), updatable=is_ours)


def _fields(look: Look, value: Answer) -> tuple[str, ...] | None:
    """Return the parts of a value that hold the key; None where not all of it could be seen."""
    content = value.get("SecretBinary")
    if isinstance(content, bytes):
        match holding(content, look.needle):
            case Holding.HELD:
                return ("SecretBinary",)
            case Holding.TOO_LARGE:
                return None
            case Holding.NOT_HELD:
                return ()
    whole = text(value, "SecretString")
    try:
        inside = tuple(places(json.loads(whole), look.needle))
    except (ValueError, RecursionError):
        inside = ()
    inside = tuple(each or "SecretString" for each in inside)
    return inside or (("SecretString",) if look.needle.is_in(whole) else ())


def _notes(look: Look, secret: Answer, labels: tuple[str, ...]) -> tuple[str, ...]:
    """Return why a secret cannot be written to here; empty where it can."""
    notes = []
    if _CURRENT not in labels:
        notes.append(f"in the version labelled {', '.join(labels)}, not in the current one")
    primary = text(secret, "PrimaryRegion")
    if primary and primary != look.region:
        notes.append(f"a replica: write to the secret in {primary}")
    if text(secret, "OwningService"):
        notes.append(f"managed by {text(secret, 'OwningService')}")
    return tuple(notes)


def _has_pair(value: Answer, key_id: str) -> bool:
    try:
        return pair_in_text(_content(value), key_id) is not None
    except CannotSwap:
        return False


def _is_empty(error: UnleakError) -> bool:
    return isinstance(error, AwsFailure) and error.error_code == _NOT_THERE


def _current(spot: Spot, reach: Reach) -> Answer | None:
    """Return the current version, None where there is no such secret."""
    asked = {"SecretId": spot.location}
    try:
        return reach.cloud.ask(_SERVICE, "get_secret_value", asked, region=spot.region)
    except AwsFailure as error:
        if not _is_empty(error):
            raise
    try:
        reach.cloud.ask(_SERVICE, "describe_secret", asked, region=spot.region)
    except AwsFailure as error:
        if _is_empty(error):
            return None
        raise
    message = f"{spot.label} exists but has no current value"
    raise UnleakError(message, hint="put the new key there by hand, or delete the empty secret")


def _content(value: Answer) -> str:
    content = value.get("SecretBinary")
    if not isinstance(content, bytes):
        return text(value, "SecretString")
    try:
        return content.decode()
    except UnicodeDecodeError:
        message = f"the secret {text(value, 'Name')} is binary and no text"
        hint = "put the new key there by hand"
    raise CannotSwap(message, hint=hint)


def _as_it_was(value: Answer, after: str) -> Mapping[str, object]:
    if isinstance(value.get("SecretBinary"), bytes):
        return {"SecretBinary": after.encode()}
    return {"SecretString": after}


def _make_current(spot: Spot, reach: Reach, version: str, instead_of: str) -> None:
    parameters = {
        "SecretId": spot.location,
        "VersionStage": _CURRENT,
        "MoveToVersionId": version,
        "RemoveFromVersionId": instead_of,
    }
    try:
        reach.cloud.change(_SERVICE, "update_secret_version_stage", parameters, region=spot.region)
    except AwsFailure as error:
        if error.error_code not in _LABEL_ELSEWHERE:
            raise
        now = _current(spot, reach)
        current = None if now is None else text(now, "VersionId")
        if current == instead_of:
            raise  # refused for another reason: a replica, for example
        if current != version:
            raise moved(spot) from error


def _unlabel(spot: Spot, reach: Reach, version: str) -> None:
    """Take our own label off; Secrets Manager drops a version without any by and by."""
    parameters = {
        "SecretId": spot.location,
        "VersionStage": _WAITING,
        "RemoveFromVersionId": version,
    }
    with suppress(UnleakError):  # a label that stays does no harm, and the next write moves it
        reach.cloud.change(_SERVICE, "update_secret_version_stage", parameters, region=spot.region)


def _created(spot: Spot, new: KeyPair, reach: Reach) -> Written:
    content = json.dumps(fresh_map(new), indent=2)
    fresh = str(uuid4())
    parameters = {
        "Name": spot.location,
        "ClientRequestToken": fresh,
        "Description": "An AWS access key, written by unleak",
        "SecretString": content,
    }
    try:
        reach.cloud.change(
            _SERVICE,
            "create_secret",
            parameters,
            region=spot.region,
            secrets=unshown(new, [content]),
        )
    except AwsFailure as error:
        if error.error_code == "ResourceExistsException":
            raise moved(spot) from error
        raise
    return Written(version=fresh, way_back=None, reload="")

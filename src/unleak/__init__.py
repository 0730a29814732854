"""unleak: cut off leaked AWS credentials, prove that they are dead, leave a way back.

    import unleak

    doors = unleak.AwsDoors(unleak.AwsSettings(profile="responder"))
    plan = unleak.plan(unleak.wish("role/deploy"), doors, unleak.Nobody())
    response = unleak.revoke(unleak.wish("role/deploy"), doors, unleak.Nobody())
    assert response.status is unleak.Status.CONTAINED

What `__all__` lists is public and keeps its promises; every other module may change.  A name is
imported when it is first used, so `import unleak` loads no AWS code.  `identify` and `verify` are
packages of ours, so these two functions have longer names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unleak.aws.session import AwsSettings
    from unleak.contain.options import Options
    from unleak.errors import UnleakError
    from unleak.flow.audit import AuditWish, audit_account
    from unleak.flow.cleanup import cleanup
    from unleak.flow.doors import AwsDoors
    from unleak.flow.find import FindWish, find_key
    from unleak.flow.history import incident, incidents
    from unleak.flow.identify import identify_leak
    from unleak.flow.person import Nobody
    from unleak.flow.plan import plan
    from unleak.flow.resume import resume
    from unleak.flow.revoke import revoke
    from unleak.flow.rotate import RotationSetting, rotate_key
    from unleak.flow.undo import undo
    from unleak.flow.verify import verify_incident
    from unleak.flow.wish import wish
    from unleak.model.outcome import Status
    from unleak.respond.handler import lambda_handler
    from unleak.rotate.plan import RotationWish

__all__ = [
    "AuditWish",
    "AwsDoors",
    "AwsSettings",
    "FindWish",
    "Nobody",
    "Options",
    "RotationSetting",
    "RotationWish",
    "Status",
    "UnleakError",
    "audit_account",
    "cleanup",
    "find_key",
    "identify_leak",
    "incident",
    "incidents",
    "lambda_handler",
    "plan",
    "resume",
    "revoke",
    "rotate_key",
    "undo",
    "verify_incident",
    "wish",
]

__version__ = "0.1.0"
"""The one place of the version; asking the installed package for it would cost 40 ms."""

_HOMES = {
    "AuditWish": "unleak.flow.audit",
    "FindWish": "unleak.flow.find",
    "RotationSetting": "unleak.flow.rotate",
    "RotationWish": "unleak.rotate.plan",
    "audit_account": "unleak.flow.audit",
    "find_key": "unleak.flow.find",
    "rotate_key": "unleak.flow.rotate",
    "AwsDoors": "unleak.flow.doors",
    "AwsSettings": "unleak.aws.session",
    "Nobody": "unleak.flow.person",
    "Options": "unleak.contain.options",
    "Status": "unleak.model.outcome",
    "UnleakError": "unleak.errors",
    "cleanup": "unleak.flow.cleanup",
    "identify_leak": "unleak.flow.identify",
    "incident": "unleak.flow.history",
    "incidents": "unleak.flow.history",
    "lambda_handler": "unleak.respond.handler",
    "plan": "unleak.flow.plan",
    "resume": "unleak.flow.resume",
    "revoke": "unleak.flow.revoke",
    "undo": "unleak.flow.undo",
    "verify_incident": "unleak.flow.verify",
    "wish": "unleak.flow.wish",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        message = f"module 'unleak' has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module  # noqa: PLC0415 - only where a name is used

    found: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found

"""The situations a person can act on, as exceptions: one root, one subclass a situation.

Every error carries three things: what happened (the message), what to do next (`hint`) and the exit
code that a script sees.  Nothing in here knows AWS or the terminal.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What a script learns from the process; `docs/exit-codes.md` is tested against it."""

    DONE = 0
    FAILED = 1
    REFUSED = 2
    UNPROVEN = 3
    CONTESTED = 4
    PARTIAL = 5
    INTERRUPTED = 130


class UnleakError(Exception):
    """The root of every error that unleak raises on purpose.

    Args:
        message: what happened, in facts.  Never holds a secret.
        hint: what the reader should do next, one sentence.
    """

    code: ClassVar[str] = "failed"
    exit_code: ClassVar[ExitCode] = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Refused(UnleakError):
    """unleak will not go on, and nothing was changed."""

    code = "refused"
    exit_code = ExitCode.REFUSED


class WrongUse(Refused):
    """The command line, a target or an option makes no sense."""

    code = "wrong-use"


class UnreadableEvidence(Refused):
    """What was pasted, piped or named holds nothing that looks like an AWS credential."""

    code = "unreadable-evidence"


class UnreadableEvent(Refused):
    """An event that should have raised an alarm has none of the shapes that are known."""

    code = "unreadable-event"


class BadSignature(Refused):
    """A webhook is not signed with the secret that was agreed on, so anybody may have sent it."""

    code = "bad-signature"


class BadPolicy(Refused):
    """The responder's policy file makes no sense, so nothing may be decided by it."""

    code = "bad-policy"


class OwnerUnknown(Refused):
    """The credential is real but nothing that we may read tells whose it is."""

    code = "owner-unknown"


class NoSuchPrincipal(Refused):
    """The user, role or key does not exist in this account (any more)."""

    code = "no-such-principal"


class ForeignAccount(Refused):
    """The credential belongs to an account other than the one we are signed in to."""

    code = "foreign-account"


class NotEditable(Refused):
    """AWS lets nobody put a deny on this principal (service-linked, Identity Center, root)."""

    code = "not-editable"


class NoOrganization(Refused):
    """There is no organization in reach whose policies could bind the account."""

    code = "no-organization"


class ResponderCredentials(Refused):
    """The responder's own credentials are missing, expired or not accepted."""

    code = "responder-credentials"


class MissingPermission(Refused):
    """The responder may not make a call that is needed before the first change."""

    code = "missing-permission"


class ClockSkew(Refused):
    """The local clock is too far from AWS's for a signature to be accepted."""

    code = "clock-skew"


class StateFolder(Refused):
    """The state folder cannot be written, so nothing could be journaled."""

    code = "state-folder"


class TakenOver(StateFolder):
    """Our lock has lapsed and another unleak has taken the incident: this one may not go on."""

    code = "taken-over"
    exit_code = ExitCode.PARTIAL


class IncidentBusy(Refused):
    """Another unleak process is working on the same incident."""

    code = "incident-busy"


class NoSuchIncident(Refused):
    """The journal holds no incident of that name."""

    code = "no-such-incident"


class WouldRevive(Refused):
    """Undoing now would give the leaked credential its power back."""

    code = "would-revive"


class NoConsent(Refused):
    """There is nobody to ask and `--yes` was not given, or the person said no."""

    code = "no-consent"


class NotInstalled(UnleakError):
    """A library or program that this needs is not installed."""

    code = "not-installed"


class Unreachable(UnleakError):
    """The AWS endpoint does not answer."""

    code = "unreachable"


class AwsFailure(UnleakError):
    """AWS refused one call for a reason that has no situation of its own.

    Args:
        message: what AWS said, cleaned of control characters.
        error_code: the AWS error code, `LimitExceeded` for example.
        operation: the API call, `PutRolePolicy` for example.
        status: the HTTP status, 0 where there was none.
        request_id: AWS's id of the request, for a support case.
        hint: what to do next.
    """

    code = "aws-failure"

    def __init__(
        self,
        message: str,
        *,
        error_code: str,
        operation: str,
        status: int = 0,
        request_id: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.error_code = error_code
        self.operation = operation
        self.status = status
        self.request_id = request_id


class Throttled(AwsFailure):
    """AWS kept throttling us until the deadline."""

    code = "throttled"


class CredentialDead(UnleakError):
    """The leaked credential itself is not accepted by AWS any more: deleted, inactive or expired.

    Args:
        message: what was asked and what came back.
        error_code: AWS's error code, `InvalidClientTokenId` or `ExpiredToken` for example.
        hint: what to do next.
    """

    code = "credential-dead"

    def __init__(self, message: str, *, error_code: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.error_code = error_code


class Interrupted(UnleakError):
    """The person pressed Ctrl-C; the journal is whole."""

    code = "interrupted"
    exit_code = ExitCode.INTERRUPTED

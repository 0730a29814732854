"""Turn the command line's target, file, environment or prompt into evidence."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from unleak.errors import UnreadableEvidence, WrongUse
from unleak.evidence.found import Evidence, require
from unleak.evidence.target import NamedTarget, parse_target
from unleak.model.credential import FoundCredential
from unleak.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

PROMPT = (
    "Paste what leaked: keys, export lines, JSON, a log. It stays hidden.\n"
    "Then press Enter on an empty line:\n"
)
LARGEST = 64 * 1024 * 1024
"""Bytes of evidence that are read; a leak that is larger than this is cut, and said to be."""


def read_evidence(
    target: str | None, *, path: str | None = None, from_env: bool = False
) -> tuple[Evidence, NamedTarget | None]:
    """Return the evidence and the principal that was named, whichever were given.

    A name and a text may come together: the name then says whose the credentials are.

    Raises:
        WrongUse: no way in was given, or the target is none of the known forms.
        UnreadableEvidence: there is a text, but nothing usable in it.
    """
    named: NamedTarget | None = None
    found: tuple[FoundCredential, ...] = ()
    if target is not None and target != "-":
        parsed = parse_target(target)
        if isinstance(parsed, NamedTarget):
            named = parsed
        else:
            found = (parsed,)
    text = _text(target, path)
    if from_env:
        found = (*found, _from_environment(os.environ))
    if text is not None:
        evidence = _extracted(text, is_required=named is None and not found)
        merged = (*found, *evidence.found)
        return _replace_found(evidence, merged), named or evidence.named
    if named is None and not found:
        return read_prompt()
    return Evidence(found=found, placeholders=(), named=named, notes=()), named


def read_prompt() -> tuple[Evidence, NamedTarget | None]:
    """Ask for a hidden paste, where there is a terminal.

    Raises:
        WrongUse: there is no terminal to ask on.
    """
    if not sys.stdin.isatty():
        message = "nothing to go on: no target was given and there is no terminal to paste on"
        raise WrongUse(
            message, hint="give a key id, an ARN, role/NAME, user/NAME, --file PATH or -"
        )
    from unleak.cli.hidden_paste import read_paste  # noqa: PLC0415 - only on a terminal

    evidence = _extracted(read_paste(PROMPT), is_required=True)
    return evidence, evidence.named


def _text(target: str | None, path: str | None) -> str | None:
    if path is not None:
        try:
            with Path(path).open("rb") as file:
                return _decoded(file.read(LARGEST))
        except OSError as error:
            message = f"the evidence file cannot be read: {error.strerror}"
            raise UnreadableEvidence(message, hint="look at its path and permissions") from error
    return _decoded(sys.stdin.buffer.read(LARGEST)) if target == "-" else None


def _decoded(raw: bytes) -> str:
    from unleak.evidence.paste import decode  # noqa: PLC0415 - only where there is a text

    return decode(raw)


def _extracted(text: str, *, is_required: bool) -> Evidence:
    from unleak.evidence.paste import extract  # noqa: PLC0415 - only where there is a text

    evidence = extract(text)
    return require(evidence) if is_required else evidence


def _replace_found(evidence: Evidence, found: tuple[FoundCredential, ...]) -> Evidence:
    return Evidence(
        found=found,
        placeholders=evidence.placeholders,
        named=evidence.named,
        notes=evidence.notes,
    )


def _from_environment(environment: Mapping[str, str]) -> FoundCredential:
    """Read the leaked credential from this shell's own variables.

    Raises:
        UnreadableEvidence: there is no AWS_ACCESS_KEY_ID.
    """
    key_id = environment.get("AWS_ACCESS_KEY_ID", "").strip()
    if not key_id:
        message = "this shell has no AWS_ACCESS_KEY_ID, so --from-env finds nothing"
        raise UnreadableEvidence(message, hint="paste what leaked instead: unleak revoke")
    lines = [f"AWS_ACCESS_KEY_ID={key_id}"]
    lines += [
        f"{name}={environment[name].strip()}"
        for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        if environment.get(name)
    ]
    evidence = _extracted("\n".join(lines), is_required=False)
    if evidence.found:
        return evidence.found[0]
    secret = environment.get("AWS_SECRET_ACCESS_KEY")
    token = environment.get("AWS_SESSION_TOKEN")
    return FoundCredential(
        access_key_id=key_id,
        secret=Secret(secret) if secret else None,
        session_token=Secret(token) if token else None,
    )

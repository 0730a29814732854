"""The function's archive for this machine and this Python, built anew when its sources change."""

from __future__ import annotations

import fcntl
import hashlib
import platform
import sys
from pathlib import Path

from deploy.lambda_zip import LOCK, PROJECT, Architecture, build

_FOLDER = PROJECT / ".lab" / "lambda"


def fresh() -> Path:
    """Return the archive of the sources as they are now; test processes wait for one another."""
    target = _FOLDER / f"{_digest()}.zip"
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with (_FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            draft = target.with_suffix(".draft")
            build(_here(), draft, python=_python())
            draft.replace(target)
    return target


def _here() -> Architecture:
    arm = platform.machine() in {"arm64", "aarch64"}
    return Architecture.ARM64 if arm else Architecture.X86_64


def _python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _digest() -> str:
    seen = hashlib.sha256(_python().encode())
    sources = sorted(path for path in (PROJECT / "src").rglob("*") if path.suffix != ".pyc")
    for path in (LOCK, PROJECT / "pyproject.toml", PROJECT / "deploy" / "lambda_zip.py", *sources):
        if path.is_file():
            seen.update(f"{path.relative_to(PROJECT)}\0".encode())
            seen.update(path.read_bytes())
    return seen.hexdigest()[:16]

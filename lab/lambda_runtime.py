"""A Lambda function as AWS runs it: the unpacked archive, the runtime client, and nothing else.

AWS's own runtime interface client (`awslambdaric`) loads the handler from the archive, in a virtual
environment that holds only that client: what the archive lacks is missing.  Memory is bound.  Where
we may mount, a namespace leaves nothing but /tmp to write to; elsewhere the code alone is kept from
being written.  Linux only.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeAlias

from lab.lambda_api import Answer, Raised, Returned, RuntimeApi
from lab.wire import REGION

PROJECT = Path(__file__).resolve().parents[1]
VENV = PROJECT / ".lab" / "lambda-runtime-venv"
MEMORY = 512
"""Mebibytes, as in the templates."""

_SANDBOX = PROJECT / "lab" / "lambda_sandbox.sh"
_LOOK_EVERY = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Died:
    """The process ended without an answer: killed, out of memory, or past its time."""

    why: str


Outcome: TypeAlias = Returned | Raised | Died


def missing() -> str | None:
    """Return what this machine lacks for running a function, or None."""
    if not (VENV / "bin" / "python").exists():
        return "the runtime client is not there: make .lab/lambda-runtime-venv/.ready"
    lacking = [each for each in ("prlimit", "setpriv", "unshare") if shutil.which(each) is None]
    return f"no {', '.join(lacking)} (util-linux)" if lacking else None


@cache
def is_walled() -> bool:
    """Whether the whole file system is kept from being written, not the code alone.

    Even root may not be allowed to mount, as in most containers.
    """
    unshare = shutil.which("unshare")
    if unshare is None or os.geteuid() != 0:
        return False
    mounting = "mount -t tmpfs none /mnt && mount -o remount,bind,ro /"
    tried = subprocess.run(  # noqa: S603 - util-linux's own program, in a namespace of its own
        [unshare, "--mount", "--propagation=private", "sh", "-c", mounting],
        check=False,
        capture_output=True,
    )
    return tried.returncode == 0


def unpack(archive: Path, folder: Path, extra: Mapping[str, str] | None = None) -> Path:
    """Unpack an archive, and small files beside it, into a folder that is then kept from writing.

    Returns the folder; `make_writable` lets it be removed again.
    """
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    for name, text in (extra or {}).items():
        (folder / name).write_text(text, encoding="utf-8")
    for path in (*folder.rglob("*"), folder):
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    return folder


def make_writable(folder: Path) -> None:
    """Let `unpack`'s folder be removed again."""
    for path in (folder, *(each for each in folder.rglob("*") if each.is_dir())):
        path.chmod(0o755)


@dataclass(slots=True, kw_only=True)
class Environment:
    """One execution environment of a function: it handles one event at a time.

    Args:
        code: the unpacked archive.
        handler: as in `unleak.lambda_handler`.
        folder: for its log; a new one.
        variables: the function's own, and the credentials of its role.
        memory: what it may use, in mebibytes.
        seconds: the function's timeout.
    """

    code: Path
    handler: str
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    memory: int = MEMORY
    seconds: float = 900
    _api: RuntimeApi | None = None
    _process: subprocess.Popen[bytes] | None = None

    def invoke(self, event: object) -> Outcome:
        """Hand over an event and wait; starts a process where none is alive, as Lambda does."""
        api, process = self._running()
        api.put(event, seconds=self.seconds)
        waited = 0.0
        while waited < self.seconds:
            answer: Answer | None = api.answer(seconds=_LOOK_EVERY)
            if answer is not None:
                return answer
            if process.poll() is not None:
                return api.answer(seconds=0) or self._bury(process.returncode)
            waited += _LOOK_EVERY
        self.kill()
        process.wait()
        self._let_go()
        return Died(why=f"no answer in {self.seconds:g} s")

    def kill(self) -> None:
        """End the process at once, from any thread: `invoke` then tells that it died."""
        if self._process is not None:
            self._process.kill()

    def stop(self) -> None:
        """End it; a second call does nothing."""
        self.kill()
        self._let_go()

    @property
    def log(self) -> str:
        """What it wrote, all its processes together."""
        file = self.folder / "log"
        return file.read_text(errors="replace") if file.exists() else ""

    def _running(self) -> tuple[RuntimeApi, subprocess.Popen[bytes]]:
        if self._api is not None and self._process is not None and self._process.poll() is None:
            return self._api, self._process
        self._let_go()
        self.folder.mkdir(parents=True, exist_ok=True)
        api = RuntimeApi()
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - the lab's own command, no shell words from outside
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.code,
                env=self._variables(api),
            )
        self._api, self._process = api, process
        return api, process

    def _command(self) -> list[str]:
        venv = Path("/mnt/venv") if is_walled() else VENV
        client = [str(venv / "bin" / "python"), "-m", "awslambdaric", self.handler]
        bound = ["prlimit", f"--data={self.memory * 1024 * 1024}", *client]
        if not is_walled():
            return bound
        inside = ["sh", str(_SANDBOX), str(self.code), str(VENV), *bound]
        return ["unshare", "--mount", "--propagation=private", *inside]

    def _variables(self, api: RuntimeApi) -> dict[str, str]:
        task = "/mnt/task" if is_walled() else str(self.code)
        return {
            "PATH": os.defpath,
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PYTHONPATH": task,
            "LAMBDA_TASK_ROOT": task,
            "_HANDLER": self.handler,
            "AWS_LAMBDA_RUNTIME_API": api.address,
            "AWS_LAMBDA_FUNCTION_NAME": "unleak",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            **self.variables,
        }

    def _bury(self, status: int) -> Died:
        self._let_go()
        if status >= 0:
            return Died(why=f"it ended with {status}")
        return Died(why=f"killed by {signal.Signals(-status).name}")

    def _let_go(self) -> None:
        if self._process is not None:
            self._process.wait()
        if self._api is not None:
            self._api.close()
        self._api = self._process = None


@contextmanager
def running(environment: Environment) -> Iterator[Environment]:
    """End an environment's process when the block ends."""
    try:
        yield environment
    finally:
        environment.stop()


def most_memory() -> int:
    """Return the most memory in bytes that one ended child of this process had at any time."""
    kibibytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return kibibytes if sys.platform == "darwin" else kibibytes * 1024

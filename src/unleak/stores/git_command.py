"""Run git on a repository that may be hostile: it reads objects, and starts nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final

from unleak.errors import UnleakError
from unleak.evidence.clean import printable
from unleak.model.frozen import dataclass
from unleak.stores.interface import NotInstalled
from unleak.stores.shown_path import shown_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SETTINGS: Final = (
    ("core.fsmonitor", "false"),
    ("core.hooksPath", os.devnull),
    ("core.pager", "cat"),
    ("log.showSignature", "false"),  # it would run the program that gpg.program names
    ("log.showRoot", "true"),
    ("log.mailmap", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
)
_ENVIRONMENT: Final = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",  # what has been replaced is still there
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # before git 2.45 this is what keeps it from fetching
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "LC_ALL": "C",
}
_KEPT: Final = ("HOME", "PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "USERPROFILE")
_DUBIOUS: Final = "dubious ownership"
_PIPE: Final = 1 << 20
_MOST_WORDS: Final = 4_096


class GitTrouble(UnleakError):
    """Git refused a repository, or could not read it whole."""

    code = "git-trouble"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """One repository, and the git that reads it."""

    git: str
    folder: str
    environment: Mapping[str, str]

    def run(self, *arguments: str) -> bytes:
        """Return what a command prints.

        Args:
            arguments: git's own, without `git`.

        Raises:
            GitTrouble: it failed.
        """
        with self.stream(*arguments) as output:
            return output.read()

    @contextmanager
    def stream(self, *arguments: str) -> Iterator[IO[bytes]]:
        """Let a command's output be read while it runs.

        Args:
            arguments: git's own, without `git`.

        Raises:
            GitTrouble: it failed, when what it printed was read to its end.
        """
        settings = [part for name, value in _SETTINGS for part in ("-c", f"{name}={value}")]
        command = [self.git, "-C", self.folder, "--no-pager", *settings, *arguments]
        with (
            tempfile.TemporaryFile() as words,
            subprocess.Popen(  # noqa: S603 - git, no shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=words,
                env=dict(self.environment),
                bufsize=_PIPE,
            ) as process,
        ):
            if process.stdout is None:  # it is piped, so it is there
                raise AssertionError
            try:
                yield process.stdout
            except BaseException:
                process.kill()
                raise
            process.stdout.close()
            if process.wait() != 0:
                words.seek(0)
                raise self._trouble(words.read(_MOST_WORDS))

    def _trouble(self, words: bytes) -> GitTrouble:
        text = words.decode("utf-8", "replace")
        where = shown_path(self.folder)
        if _DUBIOUS in text:
            message = f"git does not read {where}: it belongs to somebody else"
            hint = f"if you trust it: git config --global --add safe.directory {where}"
            return GitTrouble(message, hint=hint)
        return GitTrouble(f"git could not read {where}: {printable(text.strip())}")


def find_git(environment: Mapping[str, str]) -> str:
    """Return the path of git.

    Args:
        environment: whose `PATH` counts.

    Raises:
        NotInstalled: there is none.
    """
    git = shutil.which("git", path=environment.get("PATH", os.defpath))
    if git is None:
        message = "git is not installed, so no history was searched"
        raise NotInstalled(message, hint="install git, and search again")
    return git


def repository(git: str, folder: str, environment: Mapping[str, str]) -> Repository:
    """Return a repository that is only ever read, whatever its settings say.

    Args:
        git: the program.
        folder: a folder of the working tree, or the repository itself.
        environment: whose `PATH` and `HOME` count; what else would steer git is dropped.
    """
    kept = {name: environment[name] for name in _KEPT if name in environment}
    return Repository(git=git, folder=folder, environment={**kept, **_ENVIRONMENT})

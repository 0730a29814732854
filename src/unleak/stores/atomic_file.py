"""Replace a file that holds secrets in one step, whole or not at all, and lose nobody's change.

The new content is written beside the file, made durable, and takes the file's name.  Whoever reads
meanwhile sees the old file or the new one.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from unleak.errors import UnleakError
from unleak.model.frozen import dataclass
from unleak.stores.file_folder import check_place
from unleak.stores.file_search import why_not
from unleak.stores.interface import Moved
from unleak.stores.shown_path import shown_path

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST: Final = 4 * 1024 * 1024
"""Files with keys in them that are larger than this are no configuration."""
PRIVATE: Final = 0o600
_SUFFIX: Final = ".unleak-new"
_READ: Final = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
_MAKE: Final = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
)


class FileTrouble(UnleakError):
    """A file could not be read or written."""

    code = "file-trouble"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A file as it was read; `content` holds secrets, so it is never shown or kept."""

    path: str
    """The file itself, where a symbolic link was named."""
    content: bytes | None
    """None: there is no such file."""
    version: str | None
    mode: int
    owner: tuple[int, int] | None

    def __repr__(self) -> str:
        return f"Snapshot(path={self.path!r}, version={self.version!r})"


def take(path: str) -> Snapshot:
    """Read a file whole, with what tells later whether it is still the same.

    Args:
        path: the file; a symbolic link is followed to what it names.

    Raises:
        FileTrouble: it is no regular file, too large, or cannot be read.
    """
    target = os.path.realpath(path)
    try:
        handle = os.open(target, _READ)
    except FileNotFoundError:
        return Snapshot(path=target, content=None, version=None, mode=PRIVATE, owner=None)
    except OSError as error:
        raise _trouble(target, "read", error) from error
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode):
        os.close(handle)
        message = f"{shown_path(target)} is no regular file"
        raise FileTrouble(message, hint="name the file that the key stands in")
    with os.fdopen(handle, "rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        message = f"{shown_path(target)} is larger than {LARGEST // 1024**2} MB"
        raise FileTrouble(message, hint="put the new key there by hand")
    return Snapshot(
        path=target,
        content=content,
        version=_version(facts),
        mode=stat.S_IMODE(facts.st_mode),
        owner=(facts.st_uid, facts.st_gid),
    )


def replace(before: Snapshot, content: bytes, *, mode: int) -> str:
    """Put new content in a file's place and return its new version.

    Args:
        before: the file as it was read; it has to be the same still.
        content: all that the file shall hold.
        mode: the file's permissions afterwards.

    Raises:
        Moved: somebody has changed the file since it was read.
        FolderUnsafe: others could put a file of theirs in the place.
        FileTrouble: the file cannot be written.
    """
    folder, name = os.path.split(before.path)
    check_place(before.path)
    try:
        with _beside(folder, name, content, (mode, before)) as fresh:
            if _is_changed(before):
                raise _moved(before)
            version = _version(os.stat(fresh))  # noqa: PTH116 - the rest is `os` too
            _take_place(fresh, before)
        _sync_folder(folder)
    except OSError as error:
        raise _trouble(before.path, "written", error) from error
    return version


@contextmanager
def _beside(folder: str, name: str, content: bytes, kept: tuple[int, Snapshot]) -> Iterator[str]:
    """Write the content durably under a name of its own, which is gone afterwards."""
    mode, before = kept
    _sweep(folder, name)
    fresh = os.path.join(folder, f".{name}.{os.urandom(6).hex()}{_SUFFIX}")  # noqa: PTH118
    handle = os.open(fresh, _MAKE, PRIVATE)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            _dress(file.fileno(), mode, before)
            os.fsync(file.fileno())
        yield fresh
    finally:
        with suppress(FileNotFoundError):
            os.unlink(fresh)  # noqa: PTH108 - the rest is `os` too


def _dress(handle: int, mode: int, before: Snapshot) -> None:
    """Give the new file the old one's owner, access lists and labels, as far as we may."""
    if not hasattr(os, "fchown"):
        return
    mine = os.fstat(handle)
    if before.owner and before.owner != (mine.st_uid, mine.st_gid):
        with suppress(PermissionError):
            os.fchown(handle, *before.owner)
    if before.content is not None and hasattr(os, "listxattr"):
        with suppress(OSError):
            for name in os.listxattr(before.path):
                with suppress(OSError):
                    os.setxattr(handle, name, os.getxattr(before.path, name))
    os.fchmod(handle, mode)


def _take_place(fresh: str, before: Snapshot) -> None:
    if before.content is not None:
        os.replace(fresh, before.path)  # noqa: PTH105 - the rest is `os` too
        return
    try:
        os.link(fresh, before.path)  # a rename would overwrite what has appeared meanwhile
    except FileExistsError as error:
        raise _moved(before) from error


def _is_changed(before: Snapshot) -> bool:
    now = take(before.path)
    return (now.version, now.content) != (before.version, before.content)


def _sweep(folder: str, name: str) -> None:
    """Remove what a process of ours that was killed has left: it holds a secret."""
    for entry in os.scandir(folder):
        if entry.name.startswith(f".{name}.") and entry.name.endswith(_SUFFIX):
            with suppress(OSError):
                os.unlink(entry.path)  # noqa: PTH108 - the rest is `os` too


def _sync_folder(folder: str) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _version(facts: os.stat_result) -> str:
    return f"{facts.st_mtime_ns}-{facts.st_size}-{facts.st_ino}"


def _moved(before: Snapshot) -> Moved:
    message = f"{shown_path(before.path)} was changed by somebody else meanwhile"
    return Moved(message, hint="look at it, and run the same command again")


def _trouble(path: str, what: str, error: OSError) -> FileTrouble:
    message = f"{shown_path(path)} cannot be {what}: {why_not(error)}"
    return FileTrouble(message, hint="check who owns the file and its folder")

"""Whether a file can be replaced where it stands, without anybody else's hand in it."""

from __future__ import annotations

import os
import stat

from unleak.errors import Refused
from unleak.stores.file_search import why_not
from unleak.stores.shown_path import shown_path


class FolderUnsafe(Refused):
    """Others may put files of theirs into the folder, or the file has more than one name."""

    code = "folder-unsafe"


def check_place(path: str) -> None:
    """Refuse a file that cannot be replaced safely where it stands.

    Args:
        path: the file itself, there or not.

    Raises:
        FolderUnsafe: others may have a hand in it.
    """
    check_folder(os.path.dirname(path))  # noqa: PTH120 - any bytes in names
    check_file(path)


def check_folder(folder: str) -> None:
    """Refuse a folder in which others may rename and replace what we write.

    Args:
        folder: the folder itself, no symbolic link.

    Raises:
        FolderUnsafe: it is somebody else's, or others may write to it; also where it is not there.
    """
    try:
        facts = os.lstat(folder)
    except OSError as error:
        raise _unsafe(folder, f"cannot be looked at: {why_not(error)}") from error
    if os.name != "posix":
        return
    if not stat.S_ISDIR(facts.st_mode):
        raise _unsafe(folder, "is no folder")
    if facts.st_uid not in {os.geteuid(), 0}:
        raise _unsafe(folder, "belongs to somebody else")
    # In a sticky folder nobody can rename or remove what another one owns.
    if facts.st_mode & stat.S_ISVTX:
        return
    if facts.st_mode & stat.S_IWOTH:
        raise _unsafe(folder, "can be written to by everybody")
    # A group that is the user's own, as most distributions make it, lets nobody else in.
    if facts.st_mode & stat.S_IWGRP and facts.st_gid not in {os.getegid(), 0}:
        raise _unsafe(folder, "can be written to by its group")


def check_file(path: str) -> None:
    """Refuse a file that would not be the same one after it was replaced.

    Args:
        path: the file itself; one that is not there is fine.

    Raises:
        FolderUnsafe: it is somebody else's, no regular file, or has several names.
    """
    try:
        facts = os.lstat(path)
    except OSError:
        return
    if not stat.S_ISREG(facts.st_mode):
        raise _unsafe(path, "is no regular file")
    if os.name == "posix" and os.geteuid() not in {facts.st_uid, 0}:
        raise _unsafe(path, "belongs to somebody else")
    if facts.st_nlink > 1:
        raise _unsafe(path, "has several names (hard links), and only one would be replaced")


def _unsafe(path: str, why: str) -> FolderUnsafe:
    hint = "put the new key there by hand, or name another place with --to"
    return FolderUnsafe(f"{shown_path(path)} {why}", hint=hint)

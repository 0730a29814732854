"""The destination `file:PATH`: a file like `.env` that holds the id and its secret side by side."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from unleak.errors import UnleakError, WrongUse
from unleak.stores.atomic_file import PRIVATE, Snapshot, replace, take
from unleak.stores.file_folder import check_place
from unleak.stores.interface import Held, Moved, Spot, Written
from unleak.stores.shown_path import shown_path
from unleak.stores.swap import fresh_map, pair_in_text, swap_in_text

if TYPE_CHECKING:
    from unleak.stores.interface import KeyPair, Reach

_KEY_ID: Final = re.compile(r"(?<![A-Z0-9])AKIA[A-Z0-9]{16}(?![A-Z0-9])")
RELOAD: Final = "restart what has read the file: programs read it once, when they start"


class NoWayBack(UnleakError):
    """The place as it was before is kept nowhere, because it held a secret."""

    code = "no-way-back"


def named_file(text: str, store: str) -> str:
    """Return the absolute path of a file that a person named.

    Args:
        text: a path, `~` understood.
        store: what stood before it, for the message.

    Raises:
        WrongUse: it is no path.
    """
    if not text.strip() or "\0" in text:
        message = f"{store}: needs the path of a file"
        raise WrongUse(message, hint=f"for example --to {store}:~/app/.env")
    # abspath and not realpath: a link that moves later should lead to its new target
    return os.path.abspath(os.path.expanduser(text))  # noqa: PTH100, PTH111 - bytes that pathlib drops


def text_of(file: Snapshot) -> str:
    """Return a file's text, from which `bytes_of` makes the same bytes again.

    Args:
        file: the file as it was read.
    """
    return (file.content or b"").decode("utf-8", "surrogateescape")


def bytes_of(text: str) -> bytes:
    """Return the bytes of a text that `text_of` made.

    Args:
        text: the text, changed or not.
    """
    return text.encode("utf-8", "surrogateescape")


def checked(path: str, held: Held) -> Snapshot:
    """Read the file that is about to be written.

    Args:
        path: the file.
        held: what it was when the decision was made.

    Raises:
        Moved: it is another by now.
        FileTrouble: it cannot be read.
    """
    file = take(path)
    if file.version != held.version:
        message = f"{shown_path(path)} was changed by somebody else meanwhile"
        raise Moved(message, hint="look at it, and run the same command again")
    return file


def no_way_back(spot: Spot) -> NoWayBack:
    """Return the refusal to put an old secret back.

    Args:
        spot: the file.
    """
    message = f"what {shown_path(spot.location)} held before was not kept, as it was a secret"
    return NoWayBack(message, hint="put the old key back by hand if you must")


class TextFile:
    """Rewrite a file in which the old id and its secret stand side by side."""

    def __init__(self) -> None:
        self._written: dict[str, str] = {}
        """The ids that this process wrote, which tells them from others in the same file."""

    @property
    def name(self) -> str:
        """`file`."""
        return "file"

    @property
    def changes(self) -> tuple[str, ...]:
        """No IAM action."""
        return ()

    def spot(self, text: str) -> Spot:
        """Read `PATH`.

        Args:
            text: the file's path.

        Raises:
            WrongUse: it is no path.
        """
        return Spot(store=self.name, location=named_file(text, self.name))

    def held(self, spot: Spot, old_key_id: str, reach: Reach) -> Held:
        """Read which id the file holds.

        Args:
            spot: the file.
            old_key_id: the id that is looked for first.
            reach: not needed.

        Raises:
            FileTrouble: it cannot be read.
            FolderUnsafe: it could not be written safely.
        """
        del reach
        file = take(spot.location)
        check_place(file.path)  # said now, and not when the new key is made already
        text = text_of(file)
        ids = list(dict.fromkeys(_KEY_ID.findall(text)))
        candidates = [old_key_id, self._written.get(spot.location, ""), *ids[: len(ids) == 1]]
        key_id = next((each for each in candidates if each and each in text), None)
        return Held(key_id=key_id, version=file.version)

    def pair(self, spot: Spot, key_id: str, reach: Reach) -> KeyPair | None:
        """Read a pair back.

        Args:
            spot: the file.
            key_id: whose secret is wanted.
            reach: not needed.

        Raises:
            FileTrouble: it cannot be read.
        """
        del reach
        return pair_in_text(text_of(take(spot.location)), key_id)

    def write(self, spot: Spot, old_key_id: str, new: KeyPair, held: Held, reach: Reach) -> Written:
        """Put the new pair in the old one's place; a file that is not there is made.

        The secret that is replaced is kept nowhere, so there is no way back.

        Args:
            spot: the file.
            old_key_id: the key to replace.
            new: what takes its place.
            held: what the file held when the decision was made.
            reach: not needed.

        Raises:
            Moved: the file is another by now.
            CannotSwap: the old pair cannot be told from the rest.
            UnleakError: the file cannot be written safely.
        """
        del reach
        file = checked(spot.location, held)
        if file.content is None:
            text = "".join(f"{name}={value}\n" for name, value in fresh_map(new).items())
        else:
            text = _swapped(text_of(file), old_key_id, new)
        version = replace(file, bytes_of(text), mode=file.mode if file.version else PRIVATE)
        self._written[spot.location] = new.key_id
        return Written(version=version, way_back=None, reload=RELOAD)

    def restore(self, spot: Spot, written: Written, reach: Reach) -> None:
        """Refuse: what was there before is kept nowhere.

        Args:
            spot: the file.
            written: not needed.
            reach: not needed.

        Raises:
            NoWayBack: always.
        """
        del written, reach
        raise no_way_back(spot)


def _swapped(text: str, old_key_id: str, new: KeyPair) -> str:
    if old_key_id not in text and pair_in_text(text, new.key_id) == new:
        return text  # it was written before a crash
    return swap_in_text(text, old_key_id, new)

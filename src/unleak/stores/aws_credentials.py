"""The destination `aws-credentials:PATH[#PROFILE]`: the credentials file that every AWS SDK reads.

Source: https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from unleak.errors import WrongUse
from unleak.stores.atomic_file import PRIVATE, replace, take
from unleak.stores.aws_ini import DEFAULT, profile, profiles, with_profile
from unleak.stores.file_folder import check_place
from unleak.stores.interface import CannotSwap, Held, Spot, Written
from unleak.stores.shown_path import shown_path
from unleak.stores.swap import pair_in_text, swap_in_text
from unleak.stores.text_file import bytes_of, checked, named_file, no_way_back, text_of

if TYPE_CHECKING:
    from unleak.stores.interface import KeyPair, Reach

_PROFILE: Final = re.compile(r"[^\[\]#;\r\n\0]{1,200}")
RELOAD: Final = (
    "programs that run already keep the old key until they start again; the AWS CLI reads the file "
    "at every call"
)


class AwsCredentials:
    """Rewrite one profile, or every profile that holds the old key; all else is kept as it is."""

    def __init__(self) -> None:
        self._written: dict[str, str] = {}
        """The ids that this process wrote, which tells them from those of other profiles."""

    @property
    def name(self) -> str:
        """`aws-credentials`."""
        return "aws-credentials"

    @property
    def changes(self) -> tuple[str, ...]:
        """No IAM action."""
        return ()

    def spot(self, text: str) -> Spot:
        """Read `PATH` or `PATH#PROFILE`.

        Args:
            text: the file's path, and which profile of it; without one, where the old key stands.

        Raises:
            WrongUse: it is no path, or the profile's name cannot be one.
        """
        path, mark, name = text.rpartition("#")
        if not mark:
            path, name = text, ""
        elif not _PROFILE.fullmatch(name) or name != name.strip():
            message = f"{self.name}: what stands behind the # is no profile's name"
            raise WrongUse(message, hint=f"for example --to {self.name}:~/.aws/credentials#prod")
        return Spot(store=self.name, location=named_file(path, self.name), field=name or None)

    def held(self, spot: Spot, old_key_id: str, reach: Reach) -> Held:
        """Read which id the profile holds.

        Args:
            spot: the file and the profile.
            old_key_id: the id that is looked for first where no profile is named.
            reach: not needed.

        Raises:
            FileTrouble: it cannot be read.
            FolderUnsafe: it could not be written safely.
        """
        del reach
        file = take(spot.location)
        check_place(file.path)  # said now, and not when the new key is made already
        ids = {each.name: each.key_id for each in profiles(text_of(file))}
        if spot.field is not None:
            return Held(key_id=ids.get(spot.field), version=file.version)
        there = {each for each in ids.values() if each}
        only = next(iter(there)) if len(there) == 1 else None
        # With several and none of them known, which one is meant cannot be told.
        wanted = (old_key_id, self._written.get(spot.location), only)
        key_id = next((each for each in wanted if each in there), None)
        return Held(key_id=key_id, version=file.version)

    def pair(self, spot: Spot, key_id: str, reach: Reach) -> KeyPair | None:
        """Read a pair back.

        Args:
            spot: the file and the profile.
            key_id: whose secret is wanted.
            reach: not needed.

        Raises:
            FileTrouble: it cannot be read.
        """
        del reach
        return pair_in_text(_part(text_of(take(spot.location)), spot), key_id)

    def write(self, spot: Spot, old_key_id: str, new: KeyPair, held: Held, reach: Reach) -> Written:
        """Put the new pair in the old one's place, and leave the file readable to its owner only.

        A file or profile that is not there is made.  The secret that is replaced is kept nowhere,
        so there is no way back.

        Args:
            spot: the file and the profile.
            old_key_id: the key to replace.
            new: what takes its place.
            held: what the file held when the decision was made.
            reach: not needed.

        Raises:
            Moved: the file is another by now.
            CannotSwap: the old pair cannot be told from the rest, or another key stands there.
            UnleakError: the file cannot be written safely.
        """
        del reach
        file = checked(spot.location, held)
        text = self._rewritten(text_of(file), spot, old_key_id, new)
        version = replace(file, bytes_of(text), mode=PRIVATE)
        self._written[spot.location] = new.key_id
        return Written(version=version, way_back=None, reload=RELOAD)

    def _rewritten(self, text: str, spot: Spot, old_key_id: str, new: KeyPair) -> str:
        name = spot.field or DEFAULT
        section = profile(text, name)
        part = _part(text, spot)
        if old_key_id not in part and pair_in_text(part, new.key_id) == new:
            return text  # it was written before a crash
        if spot.field is None and old_key_id in text:
            return swap_in_text(text, old_key_id, new)
        if section is None:
            return with_profile(text, _head(spot.location, name), _settings(new))
        part = text[section.start : section.end]
        if old_key_id not in part:
            message = f"[{name}] in {shown_path(spot.location)} does not hold {old_key_id}"
            hint = f"name a profile that holds it, or a new one: {self.name}:PATH#PROFILE"
            raise CannotSwap(message, hint=hint)
        return text[: section.start] + swap_in_text(part, old_key_id, new) + text[section.end :]

    def restore(self, spot: Spot, written: Written, reach: Reach) -> None:
        """Refuse: what was there before is kept nowhere.

        Args:
            spot: the file and the profile.
            written: not needed.
            reach: not needed.

        Raises:
            NoWayBack: always.
        """
        del written, reach
        raise no_way_back(spot)


def _part(text: str, spot: Spot) -> str:
    """Return the section that is meant, the whole text where none is named."""
    if spot.field is None:
        return text
    section = profile(text, spot.field)
    return text[section.start : section.end] if section else ""


def _head(path: str, name: str) -> str:
    """Return how a new section is headed: the config file wants one word more.

    Source: https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
    """
    return f"profile {name}" if Path(path).name == "config" and name != DEFAULT else name


def _settings(new: KeyPair) -> tuple[tuple[str, str], ...]:
    return (
        ("aws_access_key_id", new.key_id),
        ("aws_secret_access_key", new.secret.reveal()),
    )

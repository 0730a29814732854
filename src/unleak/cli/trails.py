"""What `--cascade` is told about trails and accounts, looked at before anything is changed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from unleak.errors import WrongUse

if TYPE_CHECKING:
    from collections.abc import Iterable

_ELSEWHERE: Final = re.compile(r"(?:lookup$|[a-z][a-z0-9+]*:)")
"""`lookup`, `s3://...`, `athena:...`: no path of this machine."""
_ACCOUNT: Final = re.compile(r"\d{12}", re.ASCII)


def check_trails(names: Iterable[str]) -> None:
    """Refuse a path that is not there: after the first deny would be too late to notice.

    Raises:
        WrongUse: there is no such file or folder.
    """
    for name in names:
        if not _ELSEWHERE.match(name) and not Path(name).exists():
            message = f"there is no trail {name[:200]!a}"
            raise WrongUse(message, hint="name a file or folder of CloudTrail logs, or `lookup`")


def check_accounts(ids: Iterable[str]) -> None:
    """Refuse what is no account id.

    Raises:
        WrongUse: it has not twelve digits.
    """
    for each in ids:
        if not _ACCOUNT.fullmatch(each):
            message = f"{each[:40]!a} is no account id"
            raise WrongUse(message, hint="an account id has twelve digits")

"""The profiles of an AWS credentials or config file, by position, so that the rest is kept; pure.

Source: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html
"""

from __future__ import annotations

import re
from typing import Final

from unleak.model.frozen import dataclass

_HEAD: Final = re.compile(r"^\ufeff?[ \t]*\[([^\]\r\n]*)\]", re.MULTILINE)
_ID: Final = re.compile(
    r"^[ \t]*aws_access_key_id[ \t]*[=:][ \t]*([A-Z0-9]{16,128})[ \t]*\r?$",
    re.MULTILINE | re.IGNORECASE,
)
DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One section of the file."""

    name: str
    start: int
    """Where its head begins."""
    end: int
    """Where the next section, or nothing, begins."""
    key_id: str | None
    """The id that its settings name."""


def profiles(text: str) -> tuple[Profile, ...]:
    """Return the sections of a file in their order.

    Args:
        text: the whole file.
    """
    heads = list(_HEAD.finditer(text))
    ends = [*(head.start() for head in heads[1:]), *[len(text)][: len(heads)]]
    return tuple(
        Profile(
            name=_name(head.group(1)),
            start=head.start(),
            end=end,
            key_id=_key_id(text[head.start() : end]),
        )
        for head, end in zip(heads, ends, strict=True)
    )


def profile(text: str, name: str) -> Profile | None:
    """Return one section, None where there is none of that name.

    Args:
        text: the whole file.
        name: the profile's name, without the word `profile` of the config file.
    """
    return next((each for each in profiles(text) if each.name == name), None)


def with_profile(text: str, name: str, settings: tuple[tuple[str, str], ...]) -> str:
    """Return the text with one more section at its end, in the line ends that it has.

    Args:
        text: the whole file, empty for a new one.
        name: the profile's name.
        settings: names and values, in their order.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    lines = [f"[{name}]", *(f"{key} = {value}" for key, value in settings)]
    gap = "" if not text else end if text.endswith("\n") else end * 2
    return text + gap + "".join(line + end for line in lines)


def _name(head: str) -> str:
    name = head.strip()
    if name.startswith("profile "):
        name = name.removeprefix("profile ").strip()
    return name.strip("\"'")


def _key_id(section: str) -> str | None:
    matched = _ID.search(section)
    return matched.group(1) if matched else None

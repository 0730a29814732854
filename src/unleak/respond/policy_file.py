"""Read the policy file: TOML, or JSON of the same shape, every part of it checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unleak.respond.policy import Policy


def read_policy(text: str) -> Policy:
    """Return the policy that a file describes.

    Args:
        text: the file's content; JSON where it begins with a brace.

    Raises:
        BadPolicy: the message names the place and what is wrong there.
    """
    raise NotImplementedError

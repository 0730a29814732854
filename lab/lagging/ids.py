"""Ids and secrets as AWS draws them; key ids carry the account's number."""

from __future__ import annotations

import base64
import random
import string

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SECRET = string.ascii_letters + string.digits


class Mint:
    """Draws ids and secrets, the same ones in every run with the same seed.

    Args:
        seed: what they depend on; none of them is worth a secret.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - made up on purpose

    def key_id(self, prefix: str, account: str) -> str:
        """Draw an access key id of `AKIA` or `ASIA` from which the account can be read.

        Source: https://awsteele.com/blog/2020/09/26/aws-access-key-format.html
        """
        number = 1 << 79 | int(account) << 39 | self._random.getrandbits(39)
        return prefix + base64.b32encode(number.to_bytes(10, "big")).decode()

    def unique_id(self, prefix: str, account: str) -> str:
        """Draw an id of `AIDA`, `AROA` and so on."""
        return self.key_id(prefix, account) + self._random.choice(_BASE32)

    def secret(self, length: int = 40) -> str:
        """Draw a secret key or a token."""
        return "".join(self._random.choices(_SECRET, k=length))

    def word(self, length: int = 10) -> str:
        """Draw a word of lower-case letters and digits."""
        return "".join(self._random.choices(string.ascii_lowercase + string.digits, k=length))

    def uuid(self) -> str:
        """Draw a request or event id."""
        digits = f"{self._random.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def account_of(key_id: str) -> str:
    """Read the account out of a key id.

    Raises:
        ValueError: the id carries none.
    """
    number = int.from_bytes(base64.b32decode(key_id[4:20]), "big")
    return f"{number >> 39 & (1 << 40) - 1:012d}"

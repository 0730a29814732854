"""What twenty characters of an access key id tell without asking anybody."""

from __future__ import annotations

import re
from itertools import pairwise

from unleak.model.credential import CredentialKind

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html (prefixes)
_KINDS = {
    "AKIA": CredentialKind.USER_KEY,
    "ASIA": CredentialKind.UNKNOWN_SESSION,
    "ABIA": CredentialKind.SERVICE_KEY,
    "ACCA": CredentialKind.SERVICE_KEY,
}
UNIQUE_IDS = {
    "AIDA": "a user",
    "AROA": "a role",
    "AGPA": "a group",
    "AIPA": "an instance profile",
    "ANPA": "a managed policy",
    "ANVA": "a version of a managed policy",
    "APKA": "a public key",
    "ASCA": "a certificate",
}
"""Prefixes of ids that name a thing and open nothing."""

_KEY_ID = re.compile(r"(?:AKIA|ASIA|ABIA)[A-Z0-9]{16}|ACCA[A-Z0-9]{16,17}", re.ASCII)
_SERVICE = "ACCA"
"""Whether these ids carry an account is not known, so none is read out of them."""
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_DIGITS = {character: value for value, character in enumerate(_BASE32)}
_KNOWN_EXAMPLES = frozenset({"AKIAI44QH8DHBEXAMPLE", "AKIAIOSFODNN7EXAMPLE"})
_LONGEST_REAL_RUN = 7
"""Sixteen random characters with eight equal ones in a row: once in 10^8 hexadecimal ids."""
_CLIMBING_STEPS = 12


def is_key_id(text: str) -> bool:
    """Say whether the text is exactly one key id: four letters, sixteen of `[A-Z0-9]`.

    Ids of credentials for one service (`ACCA`) have seventeen in AWS's own examples.
    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ServiceSpecificCredentialMetadata.html
    """
    return _KEY_ID.fullmatch(text) is not None


def kind_of(key_id: str) -> CredentialKind | None:
    """Return what the first four letters promise; None where the text is no access key id.

    `AKIA` may turn out to be root's, and `ASIA` belongs to a role, a user or a federated user: only
    AWS can tell.
    """
    return _KINDS[key_id[:4]] if is_key_id(key_id) else None


def account_of(key_id: str) -> str | None:
    """Return the account id that the key id carries, or None where it carries none.

    Ids drawn before about 2019 have the top bit clear and hold no account; ids of emulators are not
    base32.  There is no checksum: an id with a typo decodes to some account too, so this is a hint.
    Source: https://awsteele.com/blog/2020/09/26/aws-access-key-format.html

    Args:
        key_id: an access key id.

    Returns:
        Twelve digits, or None.
    """
    if not is_key_id(key_id) or key_id.startswith(_SERVICE):
        return None
    number = 0
    for character in key_id[4:]:
        digit = _DIGITS.get(character)
        if digit is None:
            return None
        number = number << 5 | digit
    if not number >> 79:
        return None
    account = (number >> 39) & ((1 << 40) - 1)
    return f"{account:012d}" if account < 10**12 else None


def is_base32(key_id: str) -> bool:
    """Say whether the id could have been drawn by AWS, which uses only `A-Z` and `2-7`."""
    return all(character in _DIGITS for character in key_id)


def is_placeholder(key_id: str) -> bool:
    """Say whether the id comes from documentation or was blotted out, rather than from AWS.

    Errs towards "real": a leaked key taken for an example would be left alive.
    """
    body = key_id[4:]
    if key_id in _KNOWN_EXAMPLES or body.endswith("EXAMPLE"):
        return True
    return _longest_run(body) > _LONGEST_REAL_RUN or _climbs(body)


def _longest_run(body: str) -> int:
    longest = run = 0
    previous = ""
    for character in body:
        run = run + 1 if character == previous else 1
        longest = max(longest, run)
        previous = character
    return longest


def _climbs(body: str) -> bool:
    """Whether the characters count upwards, as in `1234567890ABCDEF`."""
    successors = "0123456789A", "1234567890A", "ABCDEFGHIJKLMNOPQRSTUVWXYZA"
    steps = sum(
        any(first + second in order for order in successors) for first, second in pairwise(body)
    )
    return steps >= _CLIMBING_STEPS

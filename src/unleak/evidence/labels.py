"""What the words before a value say: what it is, and to whose set of credentials it belongs."""

from __future__ import annotations

import re

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SAY_NOTHING = frozenset(
    [
        "a",
        "access",
        "accesskey",
        "accesskeyid",
        "amazon",
        "amz",
        "at",
        "auth",
        "aws",
        "awsaccesskey",
        "awsaccesskeyid",
        "awssecretaccesskey",
        "awssessiontoken",
        "config",
        "cred",
        "credential",
        "credentials",
        "creds",
        "cutoff",
        "date",
        "e",
        "env",
        "environment",
        "expiration",
        "expire",
        "expired",
        "expires",
        "expiry",
        "export",
        "for",
        "iam",
        "id",
        "is",
        "key",
        "keys",
        "my",
        "name",
        "n",
        "of",
        "p",
        "param",
        "secret",
        "secretaccess",
        "secretaccesskey",
        "secretkey",
        "secrets",
        "security",
        "session",
        "sessiontoken",
        "set",
        "setx",
        "sts",
        "tf",
        "the",
        "time",
        "to",
        "token",
        "utc",
        "value",
        "var",
        "x",
    ]
)
_SAY_KEY = frozenset({"key", "keys", "id", "credential", "accesskeyid", "accesskey", "access"})
_WORD_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
_BETWEEN = " \t\"'`:=>,|(["
_LOOK_BACK = 100


def words_of(label: str) -> tuple[str, ...]:
    """Return the words of a label in lower case: `AWS_SecretKey2` has aws, secret, key, 2."""
    return tuple(word.lower() for word in _WORDS.findall(label))


def qualifier_of(label: str) -> tuple[str, ...]:
    """Return what sets one set of credentials apart: `prod` in `PROD_AWS_SECRET_KEY`."""
    return tuple(word for word in words_of(label) if word not in _SAY_NOTHING)


def is_bare_label(value: str) -> bool:
    """Say whether a "value" is only another label, as in `secret_key=secret_key`."""
    words = words_of(value)
    return bool(words) and all(word in _SAY_NOTHING for word in words) and not value.isdigit()


def label_before(text: str, start: int) -> tuple[str, str]:
    """Return the word before a value that begins at `start`, and the signs between the two.

    Both are empty where the value begins its line or touches what stands before it.
    """
    before = text[max(0, start - _LOOK_BACK) : start]
    trimmed = before.rstrip(_BETWEEN)
    gap = before[len(trimmed) :]
    return (word_at_end(trimmed).strip(".-"), gap) if gap else ("", "")


def word_at_end(text: str) -> str:
    """Return the run of word characters (dots and dashes too) that ends the text."""
    return text[len(text.rstrip(_WORD_CHARACTERS)) :]


def labels_a_key_id(label: str) -> bool:
    """Say whether a label announces an access key id."""
    return any(word in _SAY_KEY for word in words_of(label))


def style_of(label: str, after: str) -> str:
    """Return a mark of how an assignment is written, to tell two formats in one paste apart.

    Args:
        label: the label, empty where there is none.
        after: the characters between label and value.
    """
    if not label:
        return ""
    sign = "=" if "=" in after else ":" if ":" in after else ">" if ">" in after else " "
    letters = "U" if label.isupper() else "l" if label.islower() else "c"
    return sign + letters + ('"' if '"' in after[:1] else "")

"""IAM's wildcards: `*` for any text, `?` for one character, nothing else is special."""

from __future__ import annotations


def matches(pattern: str, text: str) -> bool:
    """Say whether the whole text matches, in time that no pattern can blow up.

    A policy is somebody else's text, so no regular expression is made of it.

    Args:
        pattern: `iam:Put*Policy`; its case counts, so lower both where case does not.
        text: what is matched.
    """
    at = mark = 0
    star = -1
    place = 0
    while at < len(text):
        if place < len(pattern) and pattern[place] == "*":
            star, mark = place, at
            place += 1
        elif place < len(pattern) and pattern[place] in {"?", text[at]}:
            place += 1
            at += 1
        elif star >= 0:
            # the last star takes one character more
            place, mark = star + 1, mark + 1
            at = mark
        else:
            return False
    return all(rest == "*" for rest in pattern[place:])

"""The condition operators of policies, on texts and instants.

A key that the request does not have makes a condition false, except for the negated operators, for
`Null` and for `...IfExists`, which it makes true.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from fnmatch import translate
from functools import cache

Context = Mapping[str, tuple[str, ...]]
"""Condition keys in lower case, with their values."""


def holds(condition: Mapping[str, object], context: Context) -> bool:
    """Whether every operator of a `Condition` block is met.

    Raises:
        NotImplementedError: the block has an operator that this lab does not know.
    """
    return all(
        _operator_holds(operator, key, _texts(wanted), context)
        for operator, block in condition.items()
        for key, wanted in _block(block).items()
    )


def like(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern with `*` and `?`, case and all."""
    return _pattern(pattern).fullmatch(text) is not None


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    # a bracket is a plain character in policies, but not for fnmatch
    return re.compile(translate(pattern.replace("[", "[[]")))


def _block(block: object) -> Mapping[str, object]:
    return block if isinstance(block, dict) else {}


def _texts(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in values)


def _operator_holds(operator: str, key: str, wanted: tuple[str, ...], context: Context) -> bool:
    quantifier, _, rest = operator.rpartition(":")
    name = rest.removesuffix("IfExists")
    found = context.get(key.lower())
    if name == "Null":
        return (found is None) == (wanted[0] == "true")
    test = _TESTS.get(name)
    if test is None:
        raise NotImplementedError(operator)
    is_negated = "Not" in name
    if not found:
        return is_negated or name != rest or quantifier == "ForAllValues"
    if is_negated:
        judged = [not any(test(one, value) for value in wanted) for one in found]
    else:
        judged = [any(test(one, value) for value in wanted) for one in found]
    return any(judged) if quantifier == "ForAnyValue" else all(judged)


def _equal(found: str, wanted: str) -> bool:
    return found == wanted


def _equal_any_case(found: str, wanted: str) -> bool:
    return found.lower() == wanted.lower()


def _like(found: str, wanted: str) -> bool:
    return like(wanted, found)


def _arn_like(found: str, wanted: str) -> bool:
    ours, theirs = found.split(":", 5), wanted.split(":", 5)
    if len(ours) != len(theirs):
        return wanted == "*"
    return all(like(pattern, part) for part, pattern in zip(ours, theirs, strict=True))


def _dates(compare: Callable[[datetime, datetime], bool]) -> Callable[[str, str], bool]:
    return lambda found, wanted: compare(instant_of(found), instant_of(wanted))


def instant_of(text: str) -> datetime:
    """Read a date as policies write it; one without an offset counts as UTC."""
    if text.isdigit():
        return datetime.fromtimestamp(int(text), UTC)
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


# a negated operator is its plain twin, turned around where it is used
_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": _equal,
    "StringNotEquals": _equal,
    "StringEqualsIgnoreCase": _equal_any_case,
    "StringNotEqualsIgnoreCase": _equal_any_case,
    "StringLike": _like,
    "StringNotLike": _like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "ArnNotEquals": _arn_like,
    "ArnNotLike": _arn_like,
    "Bool": _equal_any_case,
    "DateLessThan": _dates(lambda found, wanted: found < wanted),
    "DateLessThanEquals": _dates(lambda found, wanted: found <= wanted),
    "DateGreaterThan": _dates(lambda found, wanted: found > wanted),
    "DateGreaterThanEquals": _dates(lambda found, wanted: found >= wanted),
    "DateEquals": _dates(lambda found, wanted: found == wanted),
    "DateNotEquals": _dates(lambda found, wanted: found == wanted),
    "NumericLessThanEquals": lambda found, wanted: float(found) <= float(wanted),
}

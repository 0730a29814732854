"""The questions of a trace in SQL: who did what, and which credentials it was answered with.

A statement may find more than is sought, never less: what exactly counts is decided by the reader
of records, as it is for files.  No text from outside gets into a statement unless it is of letters,
digits and the few marks that AWS allows in names; what has others is left out, and named as a gap.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from unleak.evidence.key_id import is_key_id
from unleak.model.frozen import dataclass
from unleak.trail.columns import (
    CALLER,
    CALLER_ARN,
    CHILDREN,
    COLUMNS,
    MANY_CHILDREN,
    ROLE_ARN,
    Column,
)
from unleak.trail.minted import MINTS
from unleak.trail.tokens import SESSION

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from unleak.trail.dialects import Dialect

_NAME: Final = re.compile(r"[A-Za-z0-9_+=,.@/-]{1,200}")
_ERROR: Final = Column(path=("errorCode",))
_SERVICE: Final = Column(path=("eventSource",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to look for."""

    words: tuple[str, ...]
    """Key ids and labels, as in `tokens`."""
    with_mints: bool = False
    """Every call, too, that handed out a credential to somebody who showed one."""
    since: datetime | None = None
    until: datetime | None = None
    most: int = 0
    """The most rows."""


def is_askable(word: str) -> bool:
    """Whether a word may stand in a statement."""
    return is_key_id(word) or _NAME.fullmatch(word) is not None


def statements_of(dialect: Dialect, question: Question) -> tuple[str, ...]:
    """Return the statements for a question, as many as the store's longest makes necessary.

    Args:
        dialect: the store's SQL.
        question: what to look for; words that are not askable are left out.
    """
    words = tuple(each for each in question.words if is_askable(each))
    if not words and not question.with_mints:
        return ()
    return tuple(_fitted(dialect, question, words))


def _fitted(dialect: Dialect, question: Question, words: Sequence[str]) -> list[str]:
    statement = _statement(dialect, question, words, with_mints=question.with_mints)
    if len(statement) <= dialect.longest or len(words) < 2:  # noqa: PLR2004 - one can't be halved
        return [statement]
    half = len(words) // 2
    later = Question(
        words=question.words, since=question.since, until=question.until, most=question.most
    )
    return [*_fitted(dialect, question, words[:half]), *_fitted(dialect, later, words[half:])]


def _statement(
    dialect: Dialect, question: Question, words: Sequence[str], *, with_mints: bool
) -> str:
    shown = ",\n  ".join(f"{_shown(dialect, column)} AS {column.name}" for column in COLUMNS)
    keys = [each for each in words if is_key_id(each)]
    labels = [each for each in words if not is_key_id(each)]
    sought = []
    if keys:
        sought.append(_any(_keys(dialect), "k", f"k IN ({', '.join(map(_text, keys))})"))
    if labels:
        patterns = [pattern for each in labels for pattern in _patterns(each)]
        like = " OR ".join(f"a LIKE {_text(each)} ESCAPE '!'" for each in patterns)
        arns = f"ARRAY[{dialect.scalar(CALLER_ARN)}, {dialect.scalar(ROLE_ARN)}]"
        sought.append(_any(arns, "a", like))
    if with_mints:
        sought.append(_minting(dialect))
    conditions = [*dialect.span(question.since, question.until), "(" + "\n  OR ".join(sought) + ")"]
    where = "\n  AND ".join(conditions)
    return f"SELECT\n  {shown}\nFROM {dialect.source}\nWHERE {where}\nLIMIT {question.most}"


def _shown(dialect: Dialect, column: Column) -> str:
    if column.each is None:
        return dialect.scalar(column)
    return f"JSON_FORMAT(CAST({dialect.members(column)} AS JSON))"


def _keys(dialect: Dialect) -> str:
    """Return an array of all key ids that an event may be found by."""
    one = ", ".join(dialect.scalar(each) for each in (CALLER, *CHILDREN))
    return f"CONCAT(ARRAY[{one}], {_many(dialect)})"


def _many(dialect: Dialect) -> str:
    return f"COALESCE({dialect.members(MANY_CHILDREN)}, CAST(ARRAY[] AS ARRAY(VARCHAR)))"


def _minting(dialect: Dialect) -> str:
    """Return the condition for an edge: a known caller, success, and a credential in the answer."""
    children = ", ".join(dialect.scalar(each) for each in CHILDREN)
    services = ", ".join(_text(each) for each in sorted(MINTS))
    answered = _any(f"CONCAT(ARRAY[{children}], {_many(dialect)})", "k", "k IS NOT NULL")
    return (
        f"({dialect.scalar(CALLER)} IS NOT NULL"
        f" AND COALESCE({dialect.scalar(_ERROR)}, '') = ''"
        f" AND {dialect.scalar(_SERVICE)} IN ({services})"
        f" AND {answered})"
    )


def _any(array: str, name: str, condition: str) -> str:
    return f"CARDINALITY(FILTER({array}, {name} -> {condition})) > 0"


def _patterns(label: str) -> tuple[str, ...]:
    """Return what `LIKE` finds the ARNs by that a label stands for."""
    kind, _, name = _escaped(label).partition("/")
    match kind:
        case "user":
            return (f"%:user/{name}", f"%:user/%/{name}")
        case "role":
            return (f"%:role/{name}", f"%:role/%/{name}", f"%:assumed-role/{name}%")
        case "root":
            return ("%:root",)
        case _ if label.startswith(SESSION):
            return (f"%:assumed-role/%/{name}",)
        case _:
            return (f"%:{kind}/{name}",)


def _escaped(text: str) -> str:
    """Return the text with LIKE's own marks taken as they are; `%` and `!` are never in one."""
    return text.replace("_", "!_")


def _text(text: str) -> str:
    """Return a literal; no quote can be in one, and it would be harmless."""
    return "'" + text.replace("'", "''") + "'"

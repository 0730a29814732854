"""The text of a policy before and after a change, set out line by line."""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from unleak.model.action import (
    CreatePolicy,
    CreateRole,
    DeletePolicy,
    DeleteRole,
    SetFence,
    SetInlinePolicy,
)
from unleak.model.frozen import dataclass
from unleak.report.wording import line_to_copy

if TYPE_CHECKING:
    from unleak.model.action import Action

_Pairs: TypeAlias = "list[tuple[str, object]]"


class Mark(StrEnum):
    """What became of a line."""

    SAME = " "
    GONE = "-"
    NEW = "+"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffLine:
    """One line of a policy."""

    mark: Mark
    text: str


def policy_diff(action: Action) -> tuple[DiffLine, ...]:
    """Return the lines of the policy that the action changes; none where it changes no policy."""
    before, after = _documents(action)
    old, new = _lines(before), _lines(after)
    found: list[DiffLine] = []
    for tag, start, end, new_start, new_end in SequenceMatcher(
        a=old, b=new, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            found += _marked(Mark.SAME, old[start:end])
        else:
            found += _marked(Mark.GONE, old[start:end])
            found += _marked(Mark.NEW, new[new_start:new_end])
    return tuple(found)


def _documents(action: Action) -> tuple[str | None, str | None]:
    """Return the text before and after; None where there is none."""
    match action:
        case SetInlinePolicy(before=before, after=after) | SetFence(before=before, after=after):
            return before, after
        case CreatePolicy(document=document):
            return None, document
        case DeletePolicy(document=document):
            return document, None
        case DeleteRole(record=record):
            return record.trust_policy, None
        case CreateRole(record=record):
            return None, record.trust_policy
        case _:
            return None, None


def _lines(document: str | None) -> list[str]:
    """Return the document pretty-printed; as it is where it is no JSON with single keys."""
    if document is None:
        return []
    try:
        parsed: object = json.loads(document, object_pairs_hook=_single)
        text = json.dumps(parsed, indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        text = document
    return [line_to_copy(line) for line in text.split("\n")]


def _single(pairs: _Pairs) -> dict[str, object]:
    """Return the object; a key that stands twice would be lost, and must not be."""
    found = dict(pairs)
    if len(found) != len(pairs):
        message = "a key stands twice"
        raise ValueError(message)
    return found


def _marked(mark: Mark, lines: list[str]) -> list[DiffLine]:
    return [DiffLine(mark=mark, text=line) for line in lines]

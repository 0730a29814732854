"""Our frozen dataclasses behave as the standard library's do."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, field, fields, replace

import pytest

from unleak.model.frozen import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Something to try it on."""

    x: int
    y: int = 2
    label: str = field(default="", compare=False, repr=False)


def test_values_with_the_same_fields_are_equal_and_hash_alike() -> None:
    assert Point(x=1) == Point(x=1, label="other")
    assert hash(Point(x=1)) == hash(Point(x=1, label="other"))
    assert Point(x=1) != Point(x=2)
    assert Point(x=1).__eq__((1, 2)) is NotImplemented


def test_nothing_can_be_changed_added_or_deleted() -> None:
    point = Point(x=1)

    with pytest.raises(FrozenInstanceError):
        point.x = 2  # type: ignore[misc]  # that it is refused is the point
    with pytest.raises(AttributeError):
        point.z = 3  # type: ignore[attr-defined]  # as above
    with pytest.raises(FrozenInstanceError):
        del point.x


def test_replace_and_fields_work_as_ever() -> None:
    assert replace(Point(x=1), y=5) == Point(x=1, y=5)
    assert [each.name for each in fields(Point)] == ["x", "y", "label"]


def test_the_text_shows_what_may_be_shown() -> None:
    assert repr(Point(x=1, label="hidden")) == "Point(x=1, y=2)"


def test_only_frozen_and_slotted_is_offered() -> None:
    with pytest.raises(TypeError):
        dataclass(frozen=False, slots=True)

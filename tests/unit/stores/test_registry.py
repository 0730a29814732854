"""Stores of other packages are found by their entry points, and a broken one stops no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from unleak.errors import WrongUse
from unleak.stores.registry import installed

MODULE = """
from unleak.stores.interface import Scope

class Jenkins:
    name = "jenkins"
    title = "Jenkins credentials"
    scope = Scope.ACCOUNT
    needs = ()

    def search(self, needle, scene):
        return iter(())

class Empty:
    pass

class Angry:
    def __init__(self):
        raise RuntimeError("a secret that nobody may see")
"""


def register(folder: Path, line: str) -> None:
    """Lay out what pip leaves of an installed package."""
    (folder / "their_stores.py").write_text(MODULE)
    info = folder / "their_stores-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their-stores\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[unleak.stores]\n{line}\n")


def test_a_store_of_another_package_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(tmp_path, "jenkins = their_stores:Jenkins")
    monkeypatch.syspath_prepend(str(tmp_path))

    registry = installed()

    assert "jenkins" in {store.name for store in registry.stores}
    assert registry.broken == ()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("gone = no_such_module:Thing", "cannot be loaded (ModuleNotFoundError)"),
        ("gone = their_stores:Missing", "cannot be loaded (AttributeError)"),
        ("gone = their_stores:Angry", "cannot be loaded (RuntimeError)"),
        ("gone = their_stores:Empty", "is neither a store nor a destination"),
    ],
)
def test_what_cannot_be_loaded_is_told_without_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, why: str
) -> None:
    register(tmp_path, line)
    monkeypatch.syspath_prepend(str(tmp_path))

    registry = installed()

    (broken,) = registry.broken
    assert broken.where == "gone"
    assert broken.why.endswith(why)
    assert "secret" not in broken.why
    assert registry.stores


def test_names_are_unique_and_plain() -> None:
    registry = installed()

    names = [store.name for store in registry.stores]
    assert len(names) == len(set(names))
    assert all(name == name.lower() and " " not in name for name in names)


def test_an_unknown_destination_is_refused_with_the_known_ones() -> None:
    with pytest.raises(WrongUse) as refused:
        installed().destination("jenkins")

    assert "aws-credentials" in refused.value.hint


def test_a_store_that_is_named_is_loaded_without_the_others() -> None:
    registry = installed(("file", "git"))

    assert {store.name for store in registry.stores} == {"file", "git"}


def test_a_store_of_another_name_than_its_entry_point_is_found_among_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(tmp_path, "theirs = their_stores:Jenkins")
    monkeypatch.syspath_prepend(str(tmp_path))

    registry = installed(("jenkins", "file"))

    assert {store.name for store in registry.chosen(("jenkins", "file"))} == {"jenkins", "file"}

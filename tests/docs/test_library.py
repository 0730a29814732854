"""The page about the library names every public thing, and its examples import what exists."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import unleak

PAGE = Path(__file__).resolve().parents[2] / "docs" / "library.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def imported(source: str) -> list[tuple[str, str]]:
    return [
        (node.module or "", name.name)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    ]


def test_every_public_name_is_documented() -> None:
    text = PAGE.read_text(encoding="utf-8")

    missing = [name for name in unleak.__all__ if f"`{name}" not in text]

    assert unleak.__all__
    assert missing == []


def test_every_public_name_exists_and_explains_itself() -> None:
    silent = [name for name in unleak.__all__ if not getattr(unleak, name).__doc__]

    assert silent == []


def test_the_examples_import_only_what_exists() -> None:
    wanted = [pair for block in BLOCKS for pair in imported(block)]

    missing = [
        (module, name)
        for module, name in wanted
        if not hasattr(importlib.import_module(module), name)
    ]

    assert wanted
    assert missing == []

"""A module that fits in the head: at most 400 lines, functions at most 40, and nobody is exempt."""

from __future__ import annotations

import ast
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
MODULE_LINES = 400
FUNCTION_LINES = 40


def modules() -> list[Path]:
    return sorted(
        path
        for folder in ("src", "lab", "benchmarks", "deploy")
        for path in (PROJECT / folder).rglob("*.py")
    )


def long_functions(source: str) -> list[tuple[str, int]]:
    functions = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    lengths = [(each.name, (each.end_lineno or 0) - each.lineno + 1) for each in functions]
    return [(name, length) for name, length in lengths if length > FUNCTION_LINES]


def test_no_module_is_longer_than_400_lines() -> None:
    lengths = {
        str(path.relative_to(PROJECT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in modules()
    }

    too_long = {name: length for name, length in lengths.items() if length > MODULE_LINES}

    assert too_long == {}


def test_no_function_is_longer_than_40_lines() -> None:
    found = {
        str(path.relative_to(PROJECT)): long_functions(path.read_text(encoding="utf-8"))
        for path in modules()
    }

    too_long = {name: functions for name, functions in found.items() if functions}

    assert too_long == {}


def test_the_measure_sees_a_function_of_41_lines_and_passes_one_of_40() -> None:
    fits = "def fits():\n" + "    pass\n" * 39
    too_long = "class Inside:\n  def too_long(self):\n" + "    pass\n" * 40

    assert long_functions(fits) == []
    assert long_functions(too_long) == [("too_long", 41)]


def test_there_are_modules_to_measure() -> None:
    names = {path.name for path in modules()}

    assert {"errors.py", "action.py", "ministack.py", "run.py"} <= names

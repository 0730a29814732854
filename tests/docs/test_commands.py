"""Every command and option of the program is documented as it is, with an example."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from docs.help_blocks import BLOCK, PAGES, PROJECT, commands, renewed

COMMANDS = list(commands())
REFERENCE = PROJECT / "docs" / "commands.md"


def spoken(value: object) -> str | None:
    """Name a test case after its command; pytest asks for every parameter."""
    return " ".join(value) if isinstance(value, tuple) else None


def section(path: tuple[str, ...]) -> str:
    """Return the section of one command in the reference."""
    text = REFERENCE.read_text(encoding="utf-8")
    found = re.search(
        rf"^#+ unleak {' '.join(path)}$(.*?)(?=^#+ unleak |\Z)", text, re.MULTILINE | re.DOTALL
    )
    return found[1] if found else ""


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=spoken)
def test_every_command_has_its_section_with_every_option(
    path: tuple[str, ...], command: click.Command
) -> None:
    options = {
        name
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.hidden
        for name in (*parameter.opts, *parameter.secondary_opts)
    }

    text = section(path)

    assert text
    assert {name for name in options if name not in text} == set()


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=spoken)
def test_every_command_shows_an_example_in_its_help(
    path: tuple[str, ...], command: click.Command
) -> None:
    help_text = f"{command.help}\n{command.epilog}"

    assert f"unleak {' '.join(path)}" in help_text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_help_in_the_documents_is_what_the_program_answers(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert renewed(text) == text


def test_the_reference_shows_the_help_of_every_command() -> None:
    shown = {tuple(match["path"].split()) for match in BLOCK.finditer(REFERENCE.read_text("utf-8"))}

    assert shown >= {path for path, _ in COMMANDS}


def test_the_reference_has_no_section_for_a_command_that_does_not_exist() -> None:
    headings = re.findall(r"^#+ unleak (.+)$", REFERENCE.read_text("utf-8"), re.MULTILINE)

    assert set(headings) == {" ".join(path) for path, _ in COMMANDS}

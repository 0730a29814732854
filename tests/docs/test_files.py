"""What the documents point at exists, and what they claim to be JSON is JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PAGES = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])


def named(page: Path) -> str:
    return str(page.relative_to(PROJECT))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_to_a_file_of_ours_leads_to_one(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))

    ours = [target for target in targets if "://" not in target]

    assert [target for target in ours if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_make_command_that_is_named_exists(page: Path) -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")

    targets = set(re.findall(r"^([a-z0-9-]+):", makefile, re.MULTILINE))
    wanted = set(re.findall(r"`make ([a-z0-9-]+)`", page.read_text(encoding="utf-8")))

    assert wanted - targets == set()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_json_block_is_json(page: Path) -> None:
    blocks = re.findall(r"^```json\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)

    for block in blocks:
        json.loads(block)


def test_the_agents_file_is_the_guide_for_contributors() -> None:
    assert (PROJECT / "AGENTS.md").read_text(encoding="utf-8") == "@CONTRIBUTING.md\n"


def test_there_are_pages_to_check() -> None:
    assert {"README.md", "SECURITY.md", "CONTRIBUTING.md", "docs/commands.md"} <= {
        page.relative_to(PROJECT).as_posix() for page in PAGES
    }

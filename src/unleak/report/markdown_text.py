"""Make hostile text harmless in Markdown: code for names, escapes for sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from unleak.report.wording import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SAFE_IN_CODE = re.compile(r"[A-Za-z0-9 _.,:;=+@/'()-]+", re.ASCII)
_SPECIAL = re.compile(r"[\\`*_{}\[\]|~#!$^&<>@]", re.ASCII)
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}
_AUTOLINK = re.compile(r"://|www\.|mailto:|xmpp:", re.IGNORECASE | re.ASCII)
_BLOCK_START = re.compile(r"^(?:([-+=:])|(\d+)([.)]))", re.ASCII)


def escape(text: str) -> str:
    """Return a sentence in which nothing is Markdown, HTML, a link or a mention any more."""
    text = _SPECIAL.sub(_harmless, clean(text).strip())
    text = _AUTOLINK.sub(_broken_link, text)
    return _BLOCK_START.sub(_broken_start, text)


def code(text: str) -> str:
    """Return a name, id or ARN as code, or escaped where it holds what code could not hold."""
    text = clean(text).strip()
    if not text:
        return ""
    return f"`{text}`" if _SAFE_IN_CODE.fullmatch(text) else escape(text)


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table whose cells are Markdown already (from `code` or `escape`)."""
    return [
        f"| {' | '.join(titles)} |",
        f"|{'|'.join(' --- ' for _ in titles)}|",
        *(f"| {' | '.join(cell or ' ' for cell in row)} |" for row in rows),
        "",
    ]


def bullets(items: Iterable[str]) -> list[str]:
    """Return a list of items that are Markdown already."""
    return [*(f"- {item}" for item in items), ""]


def numbered(items: Iterable[str]) -> list[str]:
    """Return a numbered list of items that are Markdown already."""
    return [*(f"{number}. {item}" for number, item in enumerate(items, start=1)), ""]


def _harmless(matched: re.Match[str]) -> str:
    found = matched.group(0)
    return _ENTITIES.get(found, f"\\{found}")


def _broken_link(matched: re.Match[str]) -> str:
    """Put a backslash before the sign that makes a bare address a link."""
    found = matched.group(0)
    return found.replace(":", "\\:").replace(".", "\\.")


def _broken_start(matched: re.Match[str]) -> str:
    """Keep a heading, a list or a rule from beginning with the text."""
    if matched.group(1):
        return f"\\{matched.group(1)}"
    return f"{matched.group(2)}\\{matched.group(3)}"

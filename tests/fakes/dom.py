"""The elements of an HTML document as a parser sees them, which is all that a browser would run."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

ELEMENT = tuple[str, tuple[tuple[str, str], ...]]


@dataclass
class Dom:
    """What was found."""

    elements: list[ELEMENT] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    data: dict[str, str] = field(default_factory=dict)
    """The JSON in the document, by id."""
    style: str = ""
    policy: str = ""

    @property
    def shapes(self) -> set[ELEMENT]:
        """Every kind of element, each with its attributes and their values."""
        return set(self.elements)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.dom = Dom()
        self._inside: tuple[str, str | None] = ("", None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self.dom.elements.append((tag, tuple(sorted(known.items()))))
        if tag in {"script", "style"}:
            self._inside = (tag, known.get("id"))
        if known.get("http-equiv") == "Content-Security-Policy":
            self.dom.policy = known["content"]

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._inside = ("", None)

    def handle_comment(self, data: str) -> None:
        self.dom.comments.append(data)

    def handle_data(self, data: str) -> None:
        tag, name = self._inside
        if tag == "style":
            self.dom.style += data
        elif tag == "script" and name is None:
            self.dom.scripts.append(data)
        elif tag == "script":
            self.dom.data[str(name)] = data
        else:
            self.dom.texts.append(data)


def dom_of(document: str) -> Dom:
    """Return the document's elements."""
    reader = _Reader()
    reader.feed(document)
    reader.close()
    return reader.dom

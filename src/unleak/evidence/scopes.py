"""Which parts of a text stand in the same object, profile or block, and how far apart.

Braces, XML elements, `[profile]` headers, YAML documents and dedented YAML keys divide a text.
Only the stretches between two sightings are looked at, each once, so the work is linear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unleak.evidence.sightings import Sighting

_FAR = 65_536
"""Characters between two sightings beyond which they are taken to have nothing in common."""
_MARK = re.compile(
    r"[{}]"
    r"|^[ \t]*+\[[^\]\n]{1,200}\](?=[ \t]*+\n)"
    r"|^---(?=\s)"
    r"|^[ \t]{0,80}+[\w.\"'-]{1,100}+:(?=[ \t]*+\n)"
    r"|</?[A-Za-z][\w:.-]{0,60}+(?:\s[^<>\n]{0,300}+)?>",
    re.MULTILINE,
)
_VOID_TAGS = frozenset(
    {"br", "hr", "img", "input", "meta", "link", "wbr", "p", "li", "span", "property"}
)
_BLANK_LINE = re.compile(r"\n[ \t]*+(?=\n)")
# {"name": "AWS_SECRET_ACCESS_KEY", "value": "  (ECS, Kubernetes): an object for each variable
_VARIABLE = re.compile(
    r"\{\s{0,80}[\"']?name[\"']?\s{0,8}[:=]\s{0,8}[\"']?[\w.-]{1,80}[\"']?\s{0,8},\s{0,80}"
    r"[\"']?value[\"']?\s{0,8}[:=]\s{0,8}[\"']?\Z",
    re.IGNORECASE,
)
_VARIABLE_LENGTH = 400
_LEAF_CLOSES = re.compile(r"\s{0,20}</[\w:.-]{1,80}>")
_LEAF_OPENS = re.compile(r"<[\w:.-]{1,80}>\s{0,20}\Z")
_LINE = 300
_FOUND_IN = re.compile(
    r"([A-Za-z_./~][^\s:\"'=]{0,200}+):\d{1,7}[:-]|([\w.~-]{0,100}/[^\s:\"'=]{1,200}+):(?!//)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one sighting stands; counts run from the beginning of the text."""

    scope: int
    line: int
    last_line: int
    blank_lines: int
    addresses: int


@dataclass(slots=True, kw_only=True)
class Layout:
    """The scopes of a text as a forest, and the place of each sighting."""

    places: list[Place] = field(default_factory=list)
    parents: list[int | None] = field(default_factory=list)
    is_object: list[bool] = field(default_factory=list)
    """Whether the opening of the scope was seen in the text."""
    _open: list[int] = field(default_factory=list)

    def begin(self) -> None:
        """Forget all that is open and begin a new, unrelated scope."""
        self._open = []
        self._push(None, is_object=False)

    def enter(self) -> None:
        """Open a scope inside the current one."""
        self._push(self._open[-1], is_object=True)

    def leave(self) -> None:
        """Close the current scope; one whose opening lay before the text gets a parent now."""
        left = self._open.pop()
        if not self._open:
            self._push(None, is_object=False)
            self.parents[left] = self._open[-1]
            self.is_object[left] = True

    @property
    def current(self) -> int:
        """The innermost open scope."""
        return self._open[-1]

    def _push(self, parent: int | None, *, is_object: bool) -> None:
        self._open.append(len(self.parents))
        self.parents.append(parent)
        self.is_object.append(is_object)


def lay_out(text: str, sightings: Sequence[Sighting]) -> Layout:
    """Return the scopes of a plain text and the place of each sighting, in their order."""
    layout = Layout()
    layout.begin()
    has_elements = "</" in text
    tally = _Tally()
    position = skipped = 0
    previous: Sighting | None = None
    file = ""
    for sighting in sightings:
        start, stop = position, max(position, sighting.start)
        file, file_before = _file_of(text, sighting), file
        if stop - start > _FAR or file != file_before:
            layout.begin()
            skipped = 0
        else:
            stretch = _inner(text, start, stop, has_elements=has_elements)
            indent = _indent(text, previous)
            skipped = _walk(
                layout, text, stretch, indent=indent, has_elements=has_elements, skipped=skipped
            )
        tally.pass_over(text, start, stop)
        layout.places.append(tally.place(text, stop, sighting.end, scope=layout.current))
        position, previous = max(stop, sighting.end), sighting
    return layout


@dataclass(slots=True)
class _Tally:
    """Lines, blank lines and addresses that were passed."""

    line: int = 0
    blank_lines: int = 0
    addresses: int = 0

    def pass_over(self, text: str, start: int, stop: int) -> None:
        """Count what lies between two sightings; far ones need no exact count of blank lines."""
        self.line += text.count("\n", start, stop)
        is_far = stop - start > _FAR
        self.blank_lines += 1 if is_far else len(_BLANK_LINE.findall(text, start, stop))
        self.addresses += text.count("://", start, stop)

    def place(self, text: str, start: int, end: int, *, scope: int) -> Place:
        """Return the place of the sighting that has been reached, and pass over it."""
        first = self.line
        self.line += text.count("\n", start, max(start, end))
        return Place(
            scope=scope,
            line=first,
            last_line=self.line,
            blank_lines=self.blank_lines,
            addresses=self.addresses,
        )


def _inner(text: str, start: int, stop: int, *, has_elements: bool) -> tuple[int, int]:
    """Leave out the tags of the two leaf elements that hold the sightings themselves."""
    if not has_elements:
        return start, stop
    closes = _LEAF_CLOSES.match(text, start, stop)
    if closes is not None:
        start = closes.end()
    opens = _LEAF_OPENS.search(text, max(start, stop - 120), stop)
    return start, stop if opens is None else opens.start()


def _walk(
    layout: Layout,
    text: str,
    stretch: tuple[int, int],
    *,
    indent: int,
    has_elements: bool,
    skipped: int,
) -> int:
    """Follow the marks of one stretch; returns how many closings the next stretch must skip."""
    start, stop = stretch
    variable = _VARIABLE.search(text, max(start, stop - _VARIABLE_LENGTH), stop)
    end = stop if variable is None else variable.start()
    for matched in _MARK.finditer(text, start, end):
        mark = matched.group()
        if mark == "}" and skipped:
            skipped -= 1
        elif mark[0] == "<":
            if has_elements:
                _cross_tag(layout, mark)
        elif mark.endswith(":"):
            dedent = len(mark) - len(mark.lstrip()) < indent
            if dedent and text[matched.end() : stop].strip():
                layout.leave()
                layout.enter()
        else:
            _cross(layout, mark)
    return 0 if variable is None else 1


def _cross(layout: Layout, mark: str) -> None:
    if mark == "{":
        layout.enter()
    elif mark == "}":
        layout.leave()
    else:
        layout.begin()


def _cross_tag(layout: Layout, tag: str) -> None:
    name = tag.strip("</>").split()[0].lower() if tag.strip("</>") else ""
    if name in _VOID_TAGS or tag.endswith("/>"):
        return
    if tag.startswith("</"):
        layout.leave()
    else:
        layout.enter()


def _file_of(text: str, sighting: Sighting) -> str:
    """Return the file that `grep` wrote before the line of a sighting, or nothing."""
    line = text[max(0, sighting.start - _LINE) : sighting.start]
    matched = _FOUND_IN.match(line, line.rfind("\n") + 1)
    return "" if matched is None else matched.group(1) or matched.group(2)


def _indent(text: str, sighting: Sighting | None) -> int:
    """Return how far the line of a sighting is indented; 0 where it is not known."""
    if sighting is None:
        return 0
    line = text[max(0, sighting.start - _LINE) : sighting.start]
    line = line[line.rfind("\n") + 1 :]
    return len(line) - len(line.lstrip(" \t"))

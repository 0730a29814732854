"""Undo what terminals, shells, editors and JSON did to a text, so that only its words are left."""

from __future__ import annotations

import re
import unicodedata

# Operating system commands end with BEL or ST; an unclosed one loses its opening only.
_TERMINAL_ESCAPE = re.compile(
    r"\x1b\[[0-?]*+[ -/]*+[@-~]"
    r"|\x9b[0-?]*+[ -/]*+[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b\x9c]{0,4096}+(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]?[0-~]?"
)
_CONTROLS = "".join(chr(code) for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n")
_ANY_CONTROL = re.compile(f"[{re.escape(_CONTROLS)}]+")
_MANY_KINDS = 8
"""Text has few kinds of control characters, and taking each out alone is fast; binary has all."""
_ENDS_OF_LINE = ("\r\n", "\r", "\x0c", "\x0b", "\x85", "\u2028", "\u2029")
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f"
    "\u3164\ufe0e\ufe0f\ufeff\uffa0\ufff9\ufffa\ufffb"
)
"""Zero-width and direction marks: they cut words apart for a program and not for an eye."""
_STRAIGHT = {
    "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02": '"',
    "\u2018\u2019\u201a\u201b\u2032\uff07\u00b4": "'",
    "\u00a0\u2007\u2009\u202f\u3000": " ",
    "\uff1d": "=",
    "\uff1a": ":",
}
_UNESCAPED = (
    ("\\\\", "\\"),
    ("\\\\", "\\"),
    ("\\r\\n", "\n"),
    ("\\n", "\n"),
    ("\\t", "\t"),
    ("\\r", ""),
    ("\\/", "/"),
    ('\\"', '"'),
    ("\\u002b", "+"),
    ("\\u002B", "+"),
    ("\\u002f", "/"),
    ("\\u002F", "/"),
    ("\\u003d", "="),
    ("\\u003D", "="),
    ("\\u0026", "&"),
    ("&quot;", '"'),
    ("&#34;", '"'),
    ("&#39;", "'"),
    ("&#x2F;", "/"),
    ("&#43;", "+"),
    ("&#61;", "="),
    ("&amp;", "&"),
)
# `cat /proc/PID/environ` on a terminal: the NULs between the variables do not show.
_RUN_TOGETHER = re.compile(
    r"AWS_(?<=[A-Za-z0-9/+=]{16}AWS_)(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)="
)
_SHOWN_AS_NOTHING = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})


def strip_terminal(text: str) -> str:
    r"""Return the text without terminal escapes, control characters and hidden marks.

    Lines end with `\n`; tabs stay.  A text in which every other character is NUL is UTF-16 read
    wrongly and is closed up; other NULs end a line, as in `/proc/PID/environ`.
    """
    if "\0" in text:
        text = text.replace("\0", "" if text.count("\0") * 3 > len(text) else "\n")
    if "\x1b" in text or "\x9b" in text:
        text = _TERMINAL_ESCAPE.sub("", text)
    for end in _ENDS_OF_LINE:
        text = text.replace(end, "\n")
    kinds = [control for control in _CONTROLS if control in text]
    if len(kinds) > _MANY_KINDS:
        text = _ANY_CONTROL.sub("", text)
    else:
        for control in kinds:
            text = text.replace(control, "")
    if text.isascii():
        return text
    for mark in _INVISIBLE:
        text = text.replace(mark, "")
    return text


def plain(text: str) -> str:
    """Return the text as it is meant: stripped, quotes straight, JSON and HTML escapes undone."""
    text = strip_terminal(text)
    if not text.isascii():
        for curly, straight in _STRAIGHT.items():
            for character in curly:
                text = text.replace(character, straight)
    for escaped, meant in _UNESCAPED:
        text = text.replace(escaped, meant)
    return _RUN_TOGETHER.sub(r"\n\g<0>", text) if "AWS_" in text else text


def is_shown(character: str) -> bool:
    """Say whether a terminal or browser would draw the character and do nothing else."""
    return unicodedata.category(character) not in _SHOWN_AS_NOTHING and (
        character not in _INVISIBLE
    )

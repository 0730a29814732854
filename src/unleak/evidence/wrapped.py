"""Read a long value on over the line ends that a terminal or an editor put into it."""

from __future__ import annotations

import re

_NEXT_LINE = re.compile(
    r"[ \t]{0,40}+\n[ \t]{0,40}+([A-Za-z0-9/+%]{0,20000}+={0,2}+)(?![\w.:=/+%-])"
)
_LINE_IS_OVER = re.compile(r"[ \t]{0,40}+(?:\n|\Z)")
OWN_START = ("IQoJb3Jp", "FwoGZXIv", "FQoGZXIv", "FwoDYXdz", "FQoDYXdz")
_KEY_ID = re.compile(r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}")
_WIDEST_TERMINAL = 400
_LONG_PIECE = 20
_SECRET_LENGTH = 40
_BLOCK = 4
"""Base64 comes in blocks of four characters; AWS pads its tokens to whole blocks."""


def is_own_token(value: str) -> bool:
    """Say whether a token begins as AWS's own do; those of emulators begin as they like."""
    return value.startswith(OWN_START)


def looks_cut(token: str) -> bool:
    """Say whether a token of AWS's own form has lost its end: it is not made of whole blocks."""
    return is_own_token(token) and len(token) % _BLOCK != 0


def read_on(text: str, start: int, end: int, *, whole: int = 0) -> tuple[str, int]:
    """Return a value that began at `start`, with the lines that continue it, and where it ends.

    A line continues a value when it holds nothing but base64 and either a quote is still open, or
    the value ran up to the end of its line and the line is no wider than that one and looks like
    the rest of a token, not like a word, a secret or a key id.

    Args:
        text: the plain text.
        start: where the value begins.
        end: where its first line ends.
        whole: the length of a complete value, where it is known (a secret's 40); 0 for a token.
    """
    value = text[start:end]
    following = text[end : end + 1]
    if following and following not in " \t\n":
        return value, end
    if whole:
        return _completed(text, value, end, whole=whole)
    quote = text[start - 1 : start]
    if quote and quote in "\"'`":
        joined, stop = _pieces(text, value, end, width=None)
        if text[stop : stop + 1] == quote:
            return joined, stop
    line_start = text.rfind("\n", max(0, start - _WIDEST_TERMINAL), start) + 1
    width = end - line_start if line_start else end if start < _WIDEST_TERMINAL else 0
    if width > _WIDEST_TERMINAL:
        return value, end
    return _pieces(text, value, end, width=width)


def _completed(text: str, value: str, end: int, *, whole: int) -> tuple[str, int]:
    matched = None if len(value) >= whole else _NEXT_LINE.match(text, end)
    if matched is None or len(value) + len(matched.group(1)) != whole:
        return value, end
    return value + matched.group(1), matched.end(1)


def _pieces(text: str, value: str, end: int, *, width: int | None) -> tuple[str, int]:
    """Append following lines; without a width every bare line counts, else the line must fit."""
    pieces = [value]
    length = len(value)
    while (matched := _NEXT_LINE.match(text, end)) is not None:
        piece = matched.group(1)
        if not piece or (pieces[-1].endswith("=") and piece != "="):
            break
        if width is not None and not _fits(pieces[0], piece, length=length, width=width):
            break
        if width is not None and _LINE_IS_OVER.match(text, matched.end()) is None:
            break
        pieces.append(piece)
        length += len(piece)
        end = matched.end(1)
        if width is not None and len(piece) < width:
            break
    return "".join(pieces), end


def _fits(first: str, piece: str, *, length: int, width: int) -> bool:
    if len(piece) > width or is_own_token(piece) or _KEY_ID.fullmatch(piece) is not None:
        return False
    if len(piece) == _SECRET_LENGTH != width:
        return False
    if not piece.strip("="):
        return True
    if len(piece) == width or len(piece) >= _LONG_PIECE or piece.endswith("="):
        return _is_mixed(piece)
    is_rest = is_own_token(first) and length % _BLOCK != 0
    return (_is_mixed(piece) or is_rest) and (
        not is_own_token(first) or (length + len(piece)) % _BLOCK == 0
    )


def _is_mixed(piece: str) -> bool:
    """Whether a piece looks drawn by chance rather than typed as a word or a command."""
    has_letters = any(each.isalpha() for each in piece)
    has_digits = any(each.isdigit() for each in piece)
    if len(piece) >= _LONG_PIECE:
        return has_letters and (has_digits or not (piece.islower() or piece.isupper()))
    return piece.endswith("=") or (
        has_digits and any(each.islower() for each in piece) and any(c.isupper() for c in piece)
    )

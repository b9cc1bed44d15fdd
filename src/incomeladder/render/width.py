"""How many columns text takes on a terminal, and fitting text into them. Chinese characters take two."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_WIDE: Final = 2
_OPENING: Final = frozenset("（《“")
_CLOSING: Final = frozenset("，。；：、）》”！？")


def width(text: str) -> int:
    """Columns on a terminal."""
    return len(text) if text.isascii() else sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return _WIDE if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """Text filled with spaces up to ``columns``; ``right`` sets it against the right edge."""
    spaces = " " * (columns - width(text))
    return spaces + text if right else text + spaces


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most ``columns``; Chinese text may break between any two characters, other text at spaces."""
    lines, line = [], ""
    for piece in (part for whole in _pieces(text) for part in _parts(whole, columns)):
        if line and width(line) + width(piece.rstrip()) > columns:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()]


def _parts(piece: str, columns: int) -> Iterator[str]:
    """A word that no line holds, a line at a time."""
    while width(piece.rstrip()) > columns:
        taken = next(end for end in range(len(piece), 0, -1) if width(piece[:end]) <= columns or end == 1)
        yield piece[:taken]
        piece = piece[taken:]
    yield piece


def longest_piece(text: str) -> int:
    """Columns of the longest word."""
    return max(width(piece.rstrip()) for piece in _pieces(text))


def _pieces(text: str) -> Iterator[str]:
    """What must stay together: a word with its space, or a wide character with the punctuation around it."""
    piece = ""
    for character in text:
        if piece and _may_break(piece[-1], character):
            yield piece
            piece = ""
        piece += character
    yield piece


def _may_break(before: str, after: str) -> bool:
    if after in _CLOSING or before in _OPENING:
        return False
    return before == " " or _columns(before) == _WIDE or _columns(after) == _WIDE

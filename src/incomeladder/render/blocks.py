"""What a document is made of: lines of text and grids of cells, still without a medium."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Style = Literal["", "same", "up", "down", "floor"]


@dataclass(frozen=True)
class Cell:
    """Text that is safe to print, and what it means: no style says what the text does not."""

    text: str
    style: Style = ""


@dataclass(frozen=True)
class Line:
    """A sentence; ``title`` sets it apart."""

    text: str
    title: bool = False


@dataclass(frozen=True)
class Grid:
    """Headings and rows of cells, ``gap`` apart.

    ``right`` columns hold numbers; ``spare`` columns may be left out where room is short, the first of them first.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    right: frozenset[int] = frozenset()
    spare: tuple[int, ...] = ()
    gap: int = 2


Block = Line | Grid

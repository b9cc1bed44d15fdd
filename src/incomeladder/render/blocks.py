"""What a document is made of: lines of text and grids of cells, still without a medium."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

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

    def columns(self, places: Sequence[int]) -> Grid:
        """The same grid with only these columns."""
        return replace(
            self,
            headings=tuple(self.headings[place] for place in places),
            rows=tuple(tuple(row[place] for place in places) for row in self.rows),
            right=frozenset(number for number, place in enumerate(places) if place in self.right),
            spare=(),
        )


Block = Line | Grid

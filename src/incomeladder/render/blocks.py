"""What a document is made of: lines of text and grids of cells, still without a medium."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Style = Literal["", "same", "up", "down", "floor"]
Bars = Literal["none", "plain", "smooth"]


@dataclass(frozen=True)
class Page:
    """What a document is laid out for: so many columns, and how it may draw.

    Bars are ``plain`` where only # is safe, and ``smooth`` where blocks of eighths are; ``shaded`` grounds say more of
    a matrix. Everything but a terminal takes 80 columns, so that its bytes are the same everywhere.
    """

    columns: int = 80
    bars: Bars = "plain"
    shaded: bool = False


PAPER: Final = Page()
SCREEN: Final = Page(columns=100, bars="smooth", shaded=True)
"""A page in a browser, whose font draws blocks side by side."""
PASTED: Final = Page(columns=10_000, bars="none")
"""A document that is pasted into another: its tables find their own widths, in letters that are not all as wide."""


@dataclass(frozen=True)
class Cell:
    """Text that is safe to print, and what it means: no style says what the text does not.

    ``shade`` says how much of its row the cell is: 1 for a good part, 2 for a large one.
    """

    text: str
    style: Style = ""
    shade: int = 0


@dataclass(frozen=True)
class Line:
    """A sentence; ``title`` sets it apart, ``note`` is for what was counted and what was not."""

    text: str
    title: bool = False
    note: bool = False


@dataclass(frozen=True)
class Grid:
    """Headings and rows of cells, ``gap`` apart.

    ``right`` columns hold numbers; ``spare`` columns may be left out where room is short, the first of them first.
    """

    headings: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
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

"""Bands of the ladder for pages and workbooks: their names, and neighbours put together where there are many."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf
from typing import TYPE_CHECKING, Final

from incomeladder.compare import ENTERED, LEFT
from incomeladder.frames import BAND
from incomeladder.ladder import MISSING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    import polars as pl

    from incomeladder.render.facts import Facts

    Edges = tuple[float | None, float | None]

OUTSIDE: Final = (MISSING, LEFT, ENTERED)


@dataclass(frozen=True)
class Stretch:
    """Neighbouring bands shown as one, or a band alone, or a place beside the ladder; lowest first."""

    bands: tuple[str, ...]
    label: str
    below: bool = False
    at_floor: bool = False
    """Whether the floor is where it ends."""

    @property
    def outside(self) -> bool:
        """Whether it is no part of the ladder."""
        return self.bands[0] in OUTSIDE


class Scale:
    """The bands of a report and their edges."""

    def __init__(self, facts: Facts) -> None:
        ends = facts.report.tables["bands"].select(BAND, "lower", "upper").unique(maintain_order=True)
        self.edges: dict[str, Edges] = {name: (lower, upper) for name, lower, upper in ends.iter_rows()}
        self.programme, self.words = facts.programme, facts.words
        self._floor = float(facts.programme.tiers.floor.upper)

    def is_below(self, name: str) -> bool:
        """Whether a band lies wholly below the floor."""
        upper = self.edges[name][1]
        return upper is not None and upper <= self._floor

    @property
    def split(self) -> str | None:
        """The band that the floor runs through, where it is no edge of the ladder."""
        cut = (name for name, (low, up) in self.edges.items() if low is not None and low < self._floor < (up or inf))
        return next(cut, None)

    def is_at_floor(self, name: str) -> bool:
        """Whether a band ends where the floor is."""
        return self.edges[name][1] == self._floor

    def tier(self, name: str) -> str:
        """The tier in which a band lies; nothing for one in none."""
        tier = self.programme.tiers.holding(*self.edges[name])
        return self.words(f"tier.{tier}") if tier else ""

    def stretches(self, names: Sequence[str], most: int) -> list[Stretch]:
        """About ``most`` stretches of the bands, none of them across the floor; places beside the ladder stay alone."""
        on_ladder = [name for name in names if name not in OUTSIDE]
        times = self._times(ceil(len(on_ladder) / most))
        negative = [name for name in on_ladder if self.edges[name][0] is None]
        below = [name for name in on_ladder if self.is_below(name) and name not in negative]
        # The top is open: with a neighbour it would hide how many are above it.
        above = on_ladder[len(negative) + len(below) : -1]
        # From the floor downwards, so that what is left over lies farthest from it.
        downwards = [part[::-1] for part in reversed(_chunks(below[::-1], times))]
        parts = [*_chunks(negative, 1), *downwards, *_chunks(above, times), *_chunks(on_ladder[-1:], 1)]
        beside = [Stretch((name,), self.words.column(name)) for name in names if name in OUTSIDE]
        return [*(self._together(part) for part in parts), *beside]

    def _times(self, least: int) -> int:
        """How many bands stand together: as many as make a round number of yuan, if that is not many more."""
        rounded = (times for times in range(least, 3 * least) if _is_round(self.programme.ladder.step * times))
        return next(rounded, least) if least > 1 else 1

    def _together(self, bands: tuple[str, ...]) -> Stretch:
        label = bands[0] if len(bands) == 1 else f"{bands[0].partition('-')[0]}-{bands[-1].partition('-')[2]}"
        return Stretch(bands, label, self.is_below(bands[-1]), self.is_at_floor(bands[-1]))


def _is_round(yuan: Decimal) -> bool:
    return yuan.normalize().as_tuple().digits in {(1,), (2,), (5,)}


def _chunks(names: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(names[place : place + size]) for place in range(0, len(names), size)]


def places(matrix: pl.DataFrame, column: str) -> list[str]:
    """The places of one side of a matrix, in its order."""
    return matrix[column].unique(maintain_order=True).to_list()

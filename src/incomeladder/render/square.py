"""The matrix between stretches of the ladder: what the table shades and the drawing draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from incomeladder.compare import ENTERED, FROM, LEFT, TO
from incomeladder.frames import HOUSEHOLDS, WEIGHT
from incomeladder.render.bands import Scale, places

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    import polars as pl

    from incomeladder.render.bands import Stretch
    from incomeladder.render.facts import Facts

    Count = Any  # whole numbers, or weights, or none where one is not published


@dataclass(frozen=True)
class Cell:
    """Households that went one way; ``share`` is of the row's matched weight, ``move`` -1, 0 or 1 on the ladder."""

    households: int | None
    share: float | None = None
    move: int | None = None


class Square:
    """The matrix between stretches of the ladder."""

    def __init__(self, facts: Facts, most: int) -> None:
        matrix, scale = facts.report.tables["matrix"], Scale(facts)
        self.rows = scale.stretches(places(matrix, FROM), most)
        self.columns = scale.stretches(places(matrix, TO), most)
        sides = _stretch_of(self.rows), _stretch_of(self.columns)
        self._counts, self._weights = (_summed(matrix, name, *sides) for name in (HOUSEHOLDS, WEIGHT))
        self._order = {row.label: place for place, row in enumerate(self.rows)}
        placed = [column.label for column in self.columns if not column.outside]
        self._shares = _summed(matrix, "row_share", *sides)
        moves = next(facts.report.tables["moves"].iter_rows(named=True))
        self.whole: int | None = _sum((moves["before"], moves["entered"]))
        """Households of either round."""
        self._ends = (
            _households(facts.ladder(facts.was)) | {ENTERED: moves["entered"]},
            _households(facts.ladder(facts.now)) | {LEFT: moves["left"]},
        )
        self._wholes = {row.label: _sum(self._weights.get((row.label, end), 0) for end in placed) for row in self.rows}

    @property
    def is_merged(self) -> bool:
        """Whether neighbouring bands stand together."""
        return any(len(row.bands) > 1 for row in self.rows)

    def cell(self, row: Stretch, column: Stretch) -> Cell:
        """What there is between two stretches."""
        households = self._counts.get((row.label, column.label), 0)
        if row.outside or column.outside:
            return Cell(households)
        place, end = self._order[row.label], self._order[column.label]
        return Cell(households, self._share(row, column), (end > place) - (end < place))

    def _share(self, row: Stretch, column: Stretch) -> float | None:
        # Of a band alone the shares are known even where weights are not published.
        if len(row.bands) == 1:
            found: float | None = self._shares[row.label, column.label]
            return found
        weight, whole = self._weights[row.label, column.label], self._wholes[row.label]
        return weight / whole if weight is not None and whole else None

    def before(self, row: Stretch) -> int | None:
        """Households that come from a stretch; none where neither the matrix nor the ladder tells it."""
        return self._total(0, row, (self._counts.get((row.label, column.label), 0) for column in self.columns))

    def after(self, column: Stretch) -> int | None:
        """Households that go to a stretch; none where neither the matrix nor the ladder tells it."""
        return self._total(1, column, (self._counts.get((row.label, column.label), 0) for row in self.rows))

    def _total(self, end: int, stretch: Stretch, cells: Iterable[Count]) -> int | None:
        found: int | None = _sum(cells)
        return _sum(self._ends[end].get(band) for band in stretch.bands) if found is None else found


def _households(ladder: Mapping[str, Mapping[str, Count]]) -> dict[str, Count]:
    return {band: row[HOUSEHOLDS] for band, row in ladder.items()}


def _stretch_of(stretches: Iterable[Stretch]) -> dict[str, str]:
    return {band: stretch.label for stretch in stretches for band in stretch.bands}


def _summed(
    matrix: pl.DataFrame, name: str, origins: Mapping[str, str], ends: Mapping[str, str]
) -> dict[tuple[str, str], Count]:
    found: dict[tuple[str, str], Count] = {}
    for origin, end, value in matrix.select(FROM, TO, name).iter_rows():
        way = origins[origin], ends[end]
        found[way] = _sum((found.get(way, 0), value))
    return found


def _sum(counts: Iterable[Count]) -> Count:
    """The sum; none where one of the counts is not published."""
    known = list(counts)
    return None if None in known else sum(filter(None, known))

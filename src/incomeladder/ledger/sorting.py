"""Households sorted by id in bounded memory, and the proof that they are.

Sorting in ranges of ids takes half a gigabyte for 10 million households as for 30; polars' own sort of 10 takes 2.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.frames import ID
from incomeladder.ledger.columns import scanned

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_RANGE: Final = 1_000_000
"""Households that are sorted at once."""
_SAMPLED: Final = 1_000
_ROW_GROUP: Final = 1 << 16
"""Few enough rows to look one household up in milliseconds, enough to pack well."""


def sink_sorted(households: pl.LazyFrame, rows: int, target: Path, scratch: Path) -> None:
    """Write households to ``target``, sorted by id; ``scratch`` is an empty folder for what is written on the way."""
    if rows <= _RANGE:
        _sink(households.sort(ID), target)
        return
    runs = []
    for number, within in enumerate(_ranges(households, rows)):
        runs.append(scratch / f"{number:06}.parquet")
        _sink(households.filter(within).sort(ID), runs[-1])
    _sink(scanned(runs), target)
    for run in runs:
        run.unlink()


def _sink(households: pl.LazyFrame, target: Path) -> None:
    households.sink_parquet(target, compression="zstd", row_group_size=_ROW_GROUP, engine="streaming")


def _ranges(households: pl.LazyFrame, rows: int) -> Iterator[pl.Expr]:
    """Conditions that share the ids out, about evenly, by a sample that does not depend on their order."""
    sampled = pl.col(ID).hash() % _SAMPLED == 0
    ids = households.select(ID).filter(sampled).collect(engine="streaming")[ID].sort()
    count = -(-rows // _RANGE)
    cuts = sorted({ids[len(ids) * number // count] for number in range(1, count)}) if len(ids) else []
    for lower, upper in zip([None, *cuts], [*cuts, None], strict=True):
        above = pl.lit(value=True) if lower is None else pl.col(ID) >= lower
        yield above if upper is None else above & (pl.col(ID) < upper)


@dataclass(frozen=True)
class Proof:
    """What a file of households shows: its rows, how many lack an income, and whether the ids rise from row to row."""

    rows: int
    missing_income: int
    rising: bool


def prove(data: Path) -> Proof:
    """Look at every row of a file of households; ids that rise are sorted, unique and all there."""
    households = scanned(data)
    counts = households.select(pl.len().alias("rows"), pl.col("income").null_count().alias("missing_income"))
    told = counts.collect(engine="streaming").row(0, named=True)
    # Polars holds the whole of a column that it shifts: stretches that share a row show as much.
    stretches = (households.select(ID).slice(start, _RANGE + 1) for start in range(0, told["rows"], _RANGE))
    return Proof(**told, rising=all(map(_rises, stretches)))


def _rises(households: pl.LazyFrame) -> bool:
    falls = (pl.col(ID) <= pl.col(ID).shift(1)).any()
    told = households.select(~falls & (pl.col(ID).null_count() == 0)).collect(engine="streaming")
    return bool(told.item())

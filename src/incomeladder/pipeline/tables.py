"""Tables as users know them: their order, their headings, whole numbers without a fraction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.frames import AFTER, BAND, EXTRA, ID, ROUND, SEGMENT
from incomeladder.natural import natural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


MEASURES: Final = "measures"


def in_order(counts: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Rounds in natural order, then groups by value, then bands and segments: tables need no order of their own.

    Sums of doubles are the same to the last digit then, whatever order the counts came in.
    """
    placed = (BAND, BAND + AFTER, SEGMENT, SEGMENT + AFTER)
    keys = [*by, *(key for key in placed if key in counts.columns)]
    counts = counts.sort(keys, nulls_last=True)
    if ROUND not in counts.columns:
        return counts
    order = {label: number for number, label in enumerate(natural(counts[ROUND].unique()))}
    return counts.sort(pl.col(ROUND).replace_strict(order, return_dtype=pl.Int32), maintain_order=True)


def named(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Columns under the headings that users know them by, whole numbers without a fraction."""
    return {name: _whole(headed(table)) for name, table in tables.items()}


def with_measures(households: pl.DataFrame, notes: pl.DataFrame) -> pl.DataFrame:
    """The measures on record for each household, the latest last, as ``KIND DATE; KIND DATE``."""
    one = pl.concat_str(pl.col("measure", "date"), separator=" ")
    told = notes.sort("date", maintain_order=True).group_by(ID).agg(one.str.join("; ").alias(MEASURES))
    return households.join(told, on=ID, how="left", maintain_order="left")


def plain(column: str) -> str:
    """The heading of a column of the survey's own."""
    return column.removeprefix(EXTRA)


def headed(table: pl.DataFrame) -> pl.DataFrame:
    """A survey's own columns under their headings, unless another column has that name."""
    taken = set(table.columns)
    own = {column: plain(column) for column in taken if column.startswith(EXTRA)}
    return table.rename({column: heading for column, heading in own.items() if heading not in taken})


def _whole(table: pl.DataFrame) -> pl.DataFrame:
    """Amounts and weights that are all whole become integers: 30000 reads better than 30000.0."""
    floats = [name for name, kind in table.schema.items() if kind == pl.Float64 and not name.endswith("share")]
    whole = [
        name
        for name in floats
        if name not in {"value", "persistence"} and (table[name] == table[name].floor()).fill_null(value=True).all()
    ]
    return table.with_columns(pl.col(whole).cast(pl.Int64))

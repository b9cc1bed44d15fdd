"""Tables as users know them: their order, their headings, whole numbers without a fraction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.frames import AFTER, BAND, EXTRA, ID, ROUND, SEGMENT
from incomeladder.natural import natural

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


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


def named(tables: Mapping[str, pl.DataFrame], *, keeping: Collection[str] = ()) -> dict[str, pl.DataFrame]:
    """Columns under the headings that users know them by; whole numbers without a fraction, unless ``keeping`` it."""
    return {name: table if name in keeping else _whole(table) for name, table in headed(tables).items()}


def with_measures(households: pl.DataFrame, notes: pl.DataFrame) -> pl.DataFrame:
    """The measures on record for each household, the latest last, as ``KIND DATE; KIND DATE``."""
    one = pl.concat_str(pl.col("measure", "date"), separator=" ")
    told = notes.sort("date", maintain_order=True).group_by(ID).agg(one.str.join("; ").alias(MEASURES))
    return households.join(told, on=ID, how="left", maintain_order="left")


def plain(column: str) -> str:
    """The heading of a column of the survey's own."""
    return column.removeprefix(EXTRA)


_READ_AS_OURS: Final = frozenset(
    {
        *("share", "cumulative_share", "below_floor_share", "row_share", "middle_income_share", "value", "unreliable"),
        *("tier", "severity", "movement", "outcome", "state", "residence"),
        *("band", "from_band", "to_band", "size_rule"),
        *("change", "growth", "redistribution", "matched", "entered", "left", "within", "shift"),
    }
)
"""What documents read as ours wherever it stands: shares as percentages, our own words, the parts of a change."""


def headed(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """A survey's own columns under their headings, the same in all tables of a report.

    One whose heading is that of a column of ours, or could be read as one, keeps ``column:`` before it.
    """
    taken = _READ_AS_OURS.union(*(table.columns for table in tables.values()))
    own = {column for table in tables.values() for column in table.columns if column.startswith(EXTRA)}
    free = {column: heading for column in own if (heading := plain(column)) not in taken and heading[:1] != "_"}
    return {name: table.rename(free, strict=False) for name, table in tables.items()}


def _whole(table: pl.DataFrame) -> pl.DataFrame:
    """Amounts and weights that are all whole become integers: 30000 reads better than 30000.0."""
    floats = [name for name, kind in table.schema.items() if kind == pl.Float64 and not name.endswith("share")]
    whole = [
        name
        for name in floats
        if name not in {"value", "persistence"} and (table[name] == table[name].floor()).fill_null(value=True).all()
    ]
    return table.with_columns(pl.col(whole).cast(pl.Int64))

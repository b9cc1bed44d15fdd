"""Tables as they are shown: null for what is hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incomeladder.disclosure.worlds import Tables

_FEW: Final = "_few"
_EDGES: Final = frozenset({"lower", "upper"})
_SHARE_OF: Final = {
    "share": "households",
    "row_share": "households",
    "below_floor_share": "below_floor",
    "middle_income_share": "middle_income",
}


def shown(tables: Tables, hidden: Mapping[str, pl.DataFrame], few: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The tables without what is hidden, and without any number of the groups that are too few to tell of.

    Of those a 0 would tell too: where a star stands, there they are.
    """
    told = {name: without(table, hidden[name]) if name in hidden else table for name, table in tables.items()}
    return {name: _emptied(_without_shares(table), few) for name, table in told.items()}


def without(table: pl.DataFrame, hidden: pl.DataFrame) -> pl.DataFrame:
    """The table with null for what is hidden."""
    numbers = [name for name in hidden.columns if hidden.schema[name] == pl.Boolean and name in table.columns]
    keys = [name for name in hidden.columns if name not in numbers]
    marked = (
        table.join(hidden, on=keys, how="left", nulls_equal=True, maintain_order="left", suffix="_hidden")
        if keys
        else table.join(hidden, how="cross", suffix="_hidden")
    )
    shown = [
        pl.when(~pl.col(f"{name}_hidden").fill_null(value=False)).then(pl.col(name)).alias(name) for name in numbers
    ]
    return marked.with_columns(shown).select(table.columns)


def _without_shares(table: pl.DataFrame) -> pl.DataFrame:
    """A share is hidden with its count, even if it is the same in every world: all of a row are all, however many."""
    shares = [name for name in _SHARE_OF if name in table.columns]
    return table.with_columns(
        pl.when(pl.col(_SHARE_OF[name]).is_not_null()).then(pl.col(name)).alias(name) for name in shares
    )


def _emptied(table: pl.DataFrame, few: pl.DataFrame) -> pl.DataFrame:
    if not (few.height and set(few.columns) <= set(table.columns)):
        return table
    marks = few.with_columns(pl.lit(value=True).alias(_FEW))
    marked = table.join(marks, on=few.columns, how="left", nulls_equal=True, maintain_order="left")
    many, kept = pl.col(_FEW).is_null(), {*few.columns, *_EDGES}
    numbers = [name for name, kind in table.schema.items() if kind != pl.String and name not in kept]
    return marked.with_columns(pl.when(many).then(pl.col(name)).alias(name) for name in numbers).drop(_FEW)

"""What every round knew of a few households: their incomes, their places on the ladder, and how they moved.

The rounds are filtered before anything else, so that of files only the parts are read that can hold the households.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw
import polars as pl

from incomeladder.classify import classify
from incomeladder.flag import tiered
from incomeladder.frames import BAND, ID, INCOME, ROUND
from incomeladder.panel import NUMBER, SHOWN, stacked
from incomeladder.programme import Tiers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.panel import Rounds
    from incomeladder.programme import Programme

COLUMNS: Final = (
    *(ID, ROUND, "seen", *SHOWN, INCOME, "change"),
    *(BAND, "tier", "target", "shortfall", "movement"),
)
_ASKED: Final = "_asked"


def history(rounds: Rounds, ids: Sequence[str], programme: Programme) -> pl.LazyFrame:
    """For each of the ids that any round has, in this order, one row a round.

    ``change`` and ``movement`` compare with the last known income before; rounds in between that lack the household,
    or its income, are passed over.
    """
    found = stacked([(label, _only(households, ids)) for label, households in rounds], SHOWN)
    placed = _placed(found.with_columns(pl.lit(value=True).alias("seen")), programme)
    rows = _grid(rounds, ids, found).join(placed, on=[ID, NUMBER], how="left").sort(_ASKED, NUMBER)
    seen = rows.with_columns(pl.col("seen").fill_null(value=False))
    change = (pl.col(INCOME) - _last_known(INCOME)).alias("change")
    return seen.with_columns(change, _movement().alias("movement")).select(COLUMNS)


def _only(households: pl.LazyFrame, ids: Sequence[str]) -> pl.LazyFrame:
    # Equality lets a reader of parquet pass over what cannot hold the id, by the statistics of a file's row groups.
    one = pl.col(ID) == ids[0] if len(ids) == 1 else pl.col(ID).is_in(list(ids))
    return households.filter(one)


def _placed(found: pl.LazyFrame, programme: Programme) -> pl.LazyFrame:
    classified = classify(nw.from_native(found), programme)
    placed: pl.LazyFrame = nw.to_native(tiered(classified, programme, Tiers.names))
    return placed


def _grid(rounds: Rounds, ids: Sequence[str], found: pl.LazyFrame) -> pl.LazyFrame:
    """Every household that was found beside every round."""
    asked = pl.LazyFrame({ID: list(dict.fromkeys(ids))}, schema={ID: pl.String}).with_row_index(_ASKED)
    labels = pl.LazyFrame({ROUND: [label for label, _ in rounds]}, schema={ROUND: pl.String})
    numbered = labels.with_row_index(NUMBER).with_columns(pl.col(NUMBER).cast(pl.Int64))
    return asked.join(found, on=ID, how="semi").join(numbered, how="cross")


def _last_known(column: str) -> pl.Expr:
    """What was last known of a household in the rounds before."""
    return pl.col(column).forward_fill().shift(1).over(_ASKED, order_by=NUMBER)


def _movement() -> pl.Expr:
    """How a household came by its row: null until it is seen a first time, ``entered`` unless that is the first round.

    ``left`` where it is no longer seen; else by the bands, null where either is unknown.
    """
    seen, sightings = pl.col("seen"), pl.col("seen").cast(pl.Int64).cum_sum().over(_ASKED, order_by=NUMBER)
    moved = pl.col(BAND) - _last_known(BAND)
    between = pl.when(moved > 0).then(pl.lit("up")).when(moved < 0).then(pl.lit("down")).when(moved == 0)
    entered = seen & (sightings == 1) & (pl.col(NUMBER) > 0)
    told = pl.when(entered).then(pl.lit("entered")).when(~seen & (sightings > 0)).then(pl.lit("left"))
    return told.otherwise(between.then(pl.lit("same")))

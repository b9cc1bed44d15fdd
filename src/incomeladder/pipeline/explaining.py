"""What is said of two rounds besides how many moved: how sure shares are, and why the share below the floor changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder import compare
from incomeladder.estimation import moves, tables
from incomeladder.estimation.decomposition import components
from incomeladder.estimation.variance import ALIKE, strata
from incomeladder.frames import AFTER, BAND, HOUSEHOLDS, IN_BEFORE, INCOME, ROUND, WEIGHT
from incomeladder.ladder import band_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incomeladder.pipeline.design import Design
    from incomeladder.programme import Programme

_ENDS: Final = {BAND: "from_band", BAND + AFTER: "to_band"}


def precision(
    alike: pl.DataFrame, before: str, programme: Programme, by: Sequence[str], design: Design
) -> pl.DataFrame:
    """How sure the row shares and the measures are: ``alike`` has how many households there are of each kind.

    Raises SurveyRefused where the design cannot be as it was told.
    """
    drawn = compare.banded(alike.filter(IN_BEFORE), programme)
    placed = drawn.rename({HOUSEHOLDS: ALIKE}).with_columns(pl.lit(before).alias(ROUND), pl.col(WEIGHT).cast(pl.Int64))
    is_moved = pl.all_horizontal(compare.MATCHED, *(pl.col(name).is_not_null() for name in _ENDS))
    laid = design.laid(placed.with_columns(pl.when(is_moved).then(name).alias(name) for name in _ENDS))
    clustered = design.cluster is not None
    design.refuse_lonely(strata(laid.lazy(), clustered=clustered).collect())
    told = moves.precision(laid, by, clustered=clustered)
    names = [
        pl.when(pl.col(name).is_not_null()).then(band_name(programme.ladder, name)).alias(column)
        for name, column in _ENDS.items()
    ]
    return told.select(*by, "measure", *names, pl.exclude(*by, "measure", *_ENDS))


def why(sides: Mapping[str, pl.DataFrame], programme: Programme, by: Sequence[str]) -> pl.DataFrame:
    """The parts of the change of the share below the floor; ``sides`` are the households by the names of the rounds."""
    amounts = pl.col(INCOME, WEIGHT).cast(pl.Int64)
    labelled = [side.lazy().with_columns(amounts, pl.lit(label).alias(ROUND)) for label, side in sides.items()]
    before, after = sides
    parts = components(pl.concat(labelled), (before, after), programme.floor, by).collect(engine="streaming")
    return tables.why(parts, (before, after), by)

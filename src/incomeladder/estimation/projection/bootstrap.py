"""How far chance in the ways of so many households carries a projection: a Bayesian bootstrap (Rubin 1981).

In each replicate every household counts with a multiplier of its own, drawn from the exponential distribution of mean
1. The sum over the households of one way is then a gamma variable, so one number a way is drawn instead of one a
household: of shape (Σw)² / Σw² and mean Σw, which is exact where the weights are equal (Rubin 1981, "The Bayesian
Bootstrap", Annals of Statistics 9), and else has the right mean and variance (Satterthwaite 1946).
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.estimation.projection.markov import IS_NOW, REPLICATE, SQUARES, WAS
from incomeladder.frames import WEIGHT_UNIT

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED: Final = 1981
MOST: Final = 1000
_FEWEST: Final = 200
_DRAWS: Final = 2_000_000
"""What is drawn in about two seconds: of a report with very many ways there are fewer replicates."""
_MULTIPLIER: Final = "_multiplier"


def replicates(ways: int, steps: int) -> int:
    """How many replicates are worth their time."""
    return max(_FEWEST, min(MOST, _DRAWS // max(1, ways * (1 + steps // 10))))


def replicated(ways: pl.DataFrame, count: int) -> pl.DataFrame:
    """The ways as observed, replicate 0, and ``count`` times with the weights of another draw.

    A matched household takes its multiplier into both rounds: at the outset of a replicate is the later round's weight
    of each way, times what was drawn for the way. A way without weight in the earlier round is as it was observed.
    """
    times = count + 1
    each = ways.lazy().select(pl.all().gather(pl.int_range(ways.height * times, dtype=pl.Int64) // times))
    drawn = each.with_columns(
        (pl.int_range(pl.len(), dtype=pl.Int64) % times).cast(pl.Int32).alias(REPLICATE),
        pl.Series(_MULTIPLIER, list(_multipliers(ways, count)), pl.Float64),
    )
    return drawn.with_columns(_of_draw(WAS), _of_draw(IS_NOW)).drop(_MULTIPLIER).collect()


def _of_draw(weight: str) -> pl.Expr:
    """Never nothing of something: which states have rates must not depend on the draw."""
    told = (pl.col(weight).cast(pl.Float64) * pl.col(_MULTIPLIER)).round().cast(pl.Int128)
    least = pl.when(pl.col(weight) > 0).then(1).otherwise(0)
    return pl.when(pl.col(REPLICATE) == 0).then(weight).otherwise(pl.max_horizontal(told, least)).alias(weight)


def shape() -> pl.Expr:
    """(Σw)² / Σw²: for equal weights the number of households; null where they weigh nothing."""
    total = pl.col(WAS).cast(pl.Float64) / WEIGHT_UNIT
    return pl.when(pl.col(SQUARES) > 0).then(total**2 / pl.col(SQUARES))


def _multipliers(ways: pl.DataFrame, count: int) -> Iterator[float]:
    draw = random.Random(SEED)  # noqa: S311  (the same numbers in every run are what is wanted)
    for found in ways.select(shape()).to_series():
        yield 1.0
        yield from (1.0 if found is None else draw.gammavariate(found, 1 / found) for _ in range(count))

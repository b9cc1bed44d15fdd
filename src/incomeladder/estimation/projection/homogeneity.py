"""Whether households moved at the same rates between all rounds.

The likelihood-ratio and the χ² test of Anderson and Goodman (1957, "Statistical inference about Markov chains", Annals
of Mathematical Statistics 28) that the transition matrices of several periods are one, as Bickenbach and Bode (2003,
"Evaluating the Markov property in studies of economic convergence", International Regional Science Review 26) write
them for rows and columns that are empty in some periods:

LR = 2 Σ n_ij(t) ln(p_ij(t) / p_ij)   and   Q = Σ n_i(t) (p_ij(t) − p_ij)² / p_ij,

p_ij(t) being the rates of a period and p_ij those of all together; both have Σ_i (a_i − 1)(b_i − 1) degrees of freedom,
a_i the periods in which anybody comes from i, and b_i the ends that anybody from i ever has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.estimation.tails import chi_squared_tail
from incomeladder.frames import HOUSEHOLDS

if TYPE_CHECKING:
    from collections.abc import Sequence

PERIOD: Final = "_period"
ORIGIN, END = "_origin", "_end"
TESTS: Final = ("likelihood_ratio", "chi_squared")
FREEDOM: Final = "degrees_of_freedom"
SPARSE: Final = "sparse_cells"
FEW: Final = 5
"""Where more than a fifth of the cells expect fewer, the probabilities are rough (Cochran 1954)."""


def constancy(counts: pl.LazyFrame, by: Sequence[str]) -> pl.DataFrame:
    """A row a test of each group: its statistic, degrees of freedom and probability; null where nothing can differ.

    ``counts`` has households by group (one column at least), period, origin and end; empty cells may be left out.
    """
    cells = _cells(counts, by)
    origins = cells.group_by(*by, ORIGIN, maintain_order=True).agg(
        *(pl.col(name).sum() for name in TESTS),
        ((pl.col(PERIOD).n_unique() - 1) * (pl.col(END).n_unique() - 1)).cast(pl.Int64).alias(FREEDOM),
        (pl.col("_expected") < FEW).sum().alias("_few"),
        pl.len().alias("_cells"),
    )
    told = (
        origins.group_by(*by, maintain_order=True)
        .agg(pl.col(*TESTS, FREEDOM).sum(), (pl.col("_few").sum() / pl.col("_cells").sum()).alias(SPARSE))
        .collect()
    )
    rows = told.with_row_index("_place")
    long = rows.unpivot(TESTS, index=["_place", *by, FREEDOM, SPARSE], variable_name="test", value_name="statistic")
    found = long.sort("_place", maintain_order=True).select(*by, "test", "statistic", FREEDOM, SPARSE)
    chances = [
        chi_squared_tail(statistic, freedom) if freedom else None
        for statistic, freedom in found.select("statistic", FREEDOM).rows()
    ]
    return found.with_columns(pl.Series("p_value", chances, pl.Float64)).select(
        *by, "test", "statistic", FREEDOM, "p_value", SPARSE
    )


def _cells(counts: pl.LazyFrame, by: Sequence[str]) -> pl.LazyFrame:
    """Every end of an origin beside every period of it, in order, and what the cell adds to either statistic."""
    n, periods = pl.col(HOUSEHOLDS), [*by, ORIGIN]
    held = counts.filter(n > 0)
    ends = held.group_by(*periods, END).agg(n.sum().alias("_ever"))
    rows = held.group_by(*periods, PERIOD).agg(n.sum().alias("_row"))
    grid = ends.join(rows, on=periods, nulls_equal=True)
    filled = grid.join(held, on=[*periods, END, PERIOD], how="left", nulls_equal=True).sort(
        *periods, END, PERIOD, nulls_last=True
    )
    # What is expected of a cell if the rates of all periods are one.
    expected = pl.col("_row") * pl.col("_ever") / n.sum().over(periods)
    found = filled.with_columns(n.fill_null(0)).with_columns(expected.alias("_expected"))
    ratio = pl.when(n > 0).then(2 * n * (n / pl.col("_expected")).log()).otherwise(0.0)
    return found.with_columns(
        ratio.alias(TESTS[0]), ((n - pl.col("_expected")) ** 2 / pl.col("_expected")).alias(TESTS[1])
    )

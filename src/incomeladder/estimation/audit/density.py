"""More families just above a line of the programme than just below it.

McCrary (2008), "Manipulation of the running variable in the regression discontinuity design: A density test", Journal
of Econometrics 142: households are counted in cells that begin at the line, and on each side of it a straight line is
laid through the counts, the nearer ones counting more, up to the line itself. Here a cell is a tenth of the ladder's
step and what is further off than one step does not count. With f the density at the line, from above and from below,
and h the step, ln f+ - ln f- has the standard error sqrt((24 / 5) (1 / f+ + 1 / f-) / (n h)).

Where no such line can be laid, since almost nobody is left on one side, the two cells at the line are compared: a
household in either is above with the chance one half (Cattaneo, Titiunik and Vazquez-Bare 2017, "Comparing inference
approaches for RD designs", Journal of Policy Analysis and Management 36: the exact binomial test at the cutoff).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.estimation.audit.verdicts import AMOUNT, PLACE, Test, Verdict
from incomeladder.estimation.tails import binomial_tail, normal_tail
from incomeladder.frames import MONEY_UNIT
from incomeladder.programme import Tier, Tiers, units

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incomeladder.programme import Programme

CELLS: Final = 10
FEWEST: Final = 30
"""With fewer households within a step on either side no line is laid through them."""
_FEWEST_NEAR: Final = 10
"""With fewer in the two cells at the line nothing is told."""
_MIDDLES: Final = range(1, 2 * CELLS, 2)
"""How far the middles of the cells are from the line, in halves of a cell; the triangle weighs them by what is left."""
_SUMS: Final = tuple(sum((2 * CELLS - x) * x**power for x in _MIDDLES) for power in range(3))
_SCALE: Final = _SUMS[0] * _SUMS[2] - _SUMS[1] ** 2
_ROUNDED: Final = 1_000 * MONEY_UNIT


def lines(programme: Programme) -> tuple[int, ...]:
    """Where tiers begin and end and what they are to reach, and the top of the ladder; ten-thousandths of a yuan."""
    edges = {programme.ladder.top}
    for name in Tiers.names:
        tier: Tier = getattr(programme.tiers, name)
        edges |= {tier.upper, tier.target} | ({tier.lower} if tier.lower else set())
    return tuple(sorted(map(units, edges)))


def density(answers: pl.LazyFrame, places: pl.DataFrame, programme: Programme) -> Iterator[Test]:
    """At each line, of all incomes, and without the whole thousands, which may stand on the line by rounding."""
    step, unrounded = units(programme.ladder.step), answers.filter(pl.col(AMOUNT) % _ROUNDED != 0)
    for name, incomes in (("density", answers), ("density_unrounded", unrounded)):
        for line in lines(programme):
            yield Test(name, places, counts(incomes, line, step), verdict, line)


def counts(answers: pl.LazyFrame, line: int, step: int) -> pl.LazyFrame:
    """By place, for either side of the line, the households within a step of it, their ``_fitted`` sum, those nearest.

    An income on the line is above it, one on the edge of two cells in the upper one, as on the ladder.
    """
    over = pl.col(AMOUNT) - line
    near = answers.filter(pl.col(AMOUNT).is_between(line - step, line + step, closed="left"))
    cell = pl.when(over >= 0).then(over * CELLS // step).otherwise((-over * CELLS - 1) // step)
    is_above = pl.col(AMOUNT) >= line
    sides = {"above": is_above, "below": is_above.not_()}
    parts = {f"n_{name}": side.cast(pl.Int64) for name, side in sides.items()}
    parts |= {f"f_{name}": _fitted(cell) * side for name, side in sides.items()}
    parts |= {f"near_{name}": ((cell == 0) & side).cast(pl.Int64) for name, side in sides.items()}
    each = near.select(PLACE, *(part.alias(name) for name, part in parts.items()))
    return each.group_by(PLACE).agg(pl.col(*parts).sum())


def _fitted(cell: pl.Expr) -> pl.Expr:
    """What a household in a cell adds to where the weighted straight line through the counts meets the line.

    By the normal equations that is k (S2 - S1 x) over S0 S2 - S1², of which the first is a whole number: sums are
    exact.
    """
    middle = 2 * cell + 1
    slope: pl.Expr = _SUMS[2] - _SUMS[1] * middle
    return slope * (2 * CELLS - middle)


def verdict(*counts: int) -> Verdict:
    """How many a tenth of a step holds at the line, by what is above and by what is below; z, and its upper tail.

    ``counts`` are those of ``counts``, in their order.
    """
    n_above, n_below, f_above, f_below, near_above, near_below = counts
    households, above, below = n_above + n_below, f_above / _SCALE, f_below / _SCALE
    if min(n_above, n_below) < FEWEST or min(f_above, f_below) <= 0:
        return _nearest(households, near_above, near_below)
    # A step has as many times n f h households as it has cells.
    error = math.sqrt(24 / 5 / CELLS * (1 / above + 1 / below))
    z = math.log(above / below) / error
    return Verdict(households, above, below, z, normal_tail(z))


def _nearest(households: int, above: int, below: int) -> Verdict:
    """What half of the households in the two cells at the line would be, and how many of them are above it."""
    both = above + below
    if both < _FEWEST_NEAR:
        return Verdict(households)
    return Verdict(households, above, both / 2, (above - below) / math.sqrt(both), binomial_tail(above, both, 0.5))

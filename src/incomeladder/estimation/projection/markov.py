"""Where households would be if they went on moving as they last did.

A time-homogeneous Markov chain of an open population: n(t + 1) = n(t) P + E, where P are the rates at which households
moved from state to state between two rounds, its rows short of 1 by those who left, and E are those who entered, as
many in every step (Bartholomew 1982, "Stochastic Models for Social Processes": systems with wastage and recruitment).

A state is a segment of the programme's lines, or the lack of an income. Weights are whole billionths throughout, each
product rounded to one, so that sums do not depend on their order and nothing is lost between the years.
"""

from __future__ import annotations

from itertools import accumulate, repeat
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.frames import AFTER, HOUSEHOLDS, ID, IN_AFTER, IN_BEFORE, SEGMENT, WEIGHT, WEIGHT_UNIT

if TYPE_CHECKING:
    from collections.abc import Sequence

STATE: Final = "_state"
FROM, TO = STATE, STATE + AFTER
NO_INCOME: Final = -2
"""The state of a household that is seen without an income."""
GONE: Final = -3
"""Where the rates lead those who leave."""
GROUP: Final = "_group"
GROUP_AFTER: Final = GROUP + AFTER
REPLICATE: Final = "_replicate"
"""Number of a replicate of the bootstrap; 0 is what was observed."""
STEP: Final = "_step"
WAS, IS_NOW, SQUARES = "_was", "_is_now", "_squares"
RATE: Final = "_rate"


def state() -> pl.Expr:
    """The state of a household with a segment."""
    return pl.col(SEGMENT).fill_null(NO_INCOME).cast(pl.Int32).alias(STATE)


def segment() -> pl.Expr:
    """The segment of a state; null without an income."""
    return pl.when(pl.col(STATE) != NO_INCOME).then(STATE).alias(SEGMENT)


def ways(before: pl.LazyFrame, after: pl.LazyFrame, by: Sequence[str]) -> pl.LazyFrame:
    """One row for each way that households of two rounds went: from and to state and group, presence in either.

    A household is in the group of its earlier round, an entrant in that of the later; the group of the later round is
    beside. ``_was`` is the weight in the earlier round, of entrants in the later; ``_squares`` is the sum of the
    squares of the households' weights, in wholes; ``_is_now`` is the weight in the later round.
    """
    was_there, is_there = pl.col(ID).is_not_null(), pl.col(ID + AFTER).is_not_null()
    linked = before.join(after, on=ID, how="full", suffix=AFTER).with_columns(
        was_there.alias(IN_BEFORE),
        is_there.alias(IN_AFTER),
        *(pl.when(was_there).then(name).otherwise(name + AFTER).alias(name) for name in (*by, WEIGHT)),
    )
    return linked.group_by(*by, *(name + AFTER for name in by), IN_BEFORE, IN_AFTER, FROM, TO).agg(
        pl.len().cast(pl.Int64).alias(HOUSEHOLDS),
        pl.col(WEIGHT).cast(pl.Int128).sum().alias(WAS),
        _squares(WEIGHT).alias(SQUARES),
        pl.col(WEIGHT + AFTER).cast(pl.Int128).sum().alias(IS_NOW),
    )


def _squares(weight: str) -> pl.Expr:
    """Σw² with w in wholes, a double of exact parts: no integer holds the sum of squares of large weights."""
    whole, rest = pl.col(weight) // WEIGHT_UNIT, pl.col(weight) % WEIGHT_UNIT
    products = (whole * whole, 2 * whole * rest, rest * rest)
    sums = (product.cast(pl.Int128).sum().cast(pl.Float64) for product in products)
    return pl.sum_horizontal(part / WEIGHT_UNIT**power for power, part in enumerate(sums))


def numbered(ways: pl.DataFrame, by: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The groups of the later round by number and value, in order, and the ways with the numbers of theirs.

    A way out of a group that the later round no longer has gets none: nothing is left there to go on.
    """
    later = [pl.col(name + AFTER).alias(name) for name in by]
    groups = ways.filter(IN_AFTER).select(later).unique().sort(by, nulls_last=True).with_row_index(GROUP)
    ends = groups.rename({GROUP: GROUP_AFTER} | {name: name + AFTER for name in by})
    told = ways.join(groups, on=list(by), how="left", nulls_equal=True)
    told = told.join(ends, on=[name + AFTER for name in by], how="left", nulls_equal=True)
    return groups, told.with_columns(pl.when(IN_AFTER).then(GROUP_AFTER).alias(GROUP_AFTER)).sort(
        GROUP, GROUP_AFTER, IN_BEFORE, IN_AFTER, FROM, TO
    )


def start(drawn: pl.LazyFrame) -> pl.LazyFrame:
    """What is known to be in each state at the outset: the later round's own totals, by its own groups."""
    there = drawn.filter(IN_AFTER).select(
        REPLICATE, pl.col(GROUP_AFTER).alias(GROUP), pl.col(TO).alias(STATE), pl.col(IS_NOW).alias(WEIGHT)
    )
    return _summed(there)


def entrants(drawn: pl.LazyFrame) -> pl.LazyFrame:
    """What enters each state in every step; nothing where the earlier round has nobody: that is no step of a group."""
    new = drawn.filter(~pl.col(IN_BEFORE)).join(drawn.filter(IN_BEFORE), on=[REPLICATE, GROUP], how="semi")
    return _summed(new.select(REPLICATE, GROUP, pl.col(TO).alias(STATE), pl.col(IS_NOW).alias(WEIGHT)))


def rates(drawn: pl.LazyFrame) -> pl.LazyFrame:
    """What part of each state goes to each other in a step, and to ``GONE``: of every state they add up to 1.

    They divide by the weight of all households of the state in the earlier round. A state in which nothing weighed then
    has none.
    """
    known = drawn.filter(pl.col(IN_BEFORE) & pl.col(GROUP).is_not_null())
    end = pl.when(IN_AFTER).then(TO).otherwise(GONE).alias(TO)
    went = known.group_by(REPLICATE, GROUP, FROM, end).agg(pl.col(WAS).sum())
    every = went.group_by(REPLICATE, GROUP, FROM).agg(pl.col(WAS).sum().alias("_every")).filter(pl.col("_every") > 0)
    part = (pl.col(WAS).cast(pl.Float64) / pl.col("_every").cast(pl.Float64)).alias(RATE)
    return went.join(every, on=[REPLICATE, GROUP, FROM]).select(REPLICATE, GROUP, FROM, TO, part)


def stepped(ladder: pl.LazyFrame, rates: pl.LazyFrame, entrants: pl.LazyFrame) -> pl.LazyFrame:
    """The ladder a step later; a state without rates keeps what it has."""
    going = ladder.join(rates, on=[REPLICATE, GROUP, STATE], how="left")
    weight = (pl.col(WEIGHT).cast(pl.Float64) * pl.col(RATE)).round().cast(pl.Int128)
    moved = going.filter(pl.col(TO).is_null() | (pl.col(TO) != GONE)).select(
        REPLICATE, GROUP, pl.coalesce(TO, STATE).alias(STATE), pl.coalesce(weight, WEIGHT).alias(WEIGHT)
    )
    return _summed(pl.concat([moved, entrants]))


def _summed(parts: pl.LazyFrame) -> pl.LazyFrame:
    return parts.group_by(REPLICATE, GROUP, STATE).agg(pl.col(WEIGHT).sum())


def projected(drawn: pl.DataFrame, steps: int) -> pl.DataFrame:
    """The ladder at the outset, step 0, and after each step: weight in billionths by replicate, group and state."""
    parts = [part(drawn.lazy()).collect().lazy() for part in (rates, entrants)]
    first = start(drawn.lazy()).collect()
    every = accumulate(
        repeat(parts, steps), lambda ladder, parts: stepped(ladder.lazy(), *parts).collect(), initial=first
    )
    return pl.concat(ladder.with_columns(pl.lit(step, pl.Int32).alias(STEP)) for step, ladder in enumerate(every))


def without_rates(ways: pl.DataFrame) -> int:
    """How many households of the later round are in a state that has no rates."""
    known = rates(ways.lazy().with_columns(pl.lit(0).alias(REPLICATE))).select(GROUP, STATE).unique().collect()
    there = ways.filter(IN_AFTER)
    stay = there.join(known, left_on=[GROUP_AFTER, TO], right_on=[GROUP, STATE], how="anti")
    return int(stay[HOUSEHOLDS].sum())

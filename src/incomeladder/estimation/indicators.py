"""The headline measures of a round, group by group.

headcount_ratio, poverty_gap, squared_poverty_gap   Foster, Greer and Thorbecke (1984), over the floor
total_shortfall      what all below the floor lack to it, in yuan
gini                 (2 sum w x C - sum w² x) / (sum w sum w x) - 1, C the running weight (Eurostat; R laeken)
mean_income, median_income   in yuan
p90_p10              the ratio of the ninth decile to the first
s80_s20              what the richest fifth has to what the poorest fifth has (Eurostat; R laeken)
urban_rural_ratio    of mean incomes per head, over households of known size
area_ratio           the highest mean income of a county to the lowest
top_share, middle_income_share   of the households: at or above the ladder's top, in the middle-income range

A quantile is the income at which the running weight passes its part of the whole; where it meets it exactly, the mean
of that income and the next (Eurostat's, as in R laeken).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.estimation.drawn import HELD, RUNNING, W, Y, total
from incomeladder.frames import COUNTY, INCOME, MONEY_UNIT, OWN, RESIDENCE, ROUND, SIZE, TO_OWN, WEIGHT, WEIGHT_UNIT
from incomeladder.programme import INDICATORS, units

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incomeladder.programme import Programme, Tier, TierName

COSTS: Final[dict[TierName, str]] = {"floor": "_floor_cost", "low": "_low_cost", "middle": "_middle_cost"}
"""What the households of each tier lack to its target, in all, in their own yuan."""
MEASURES: Final = (*INDICATORS, *COSTS.values())
"""All that is estimated of a round."""
WHOLE: Final = "_whole"
SUM: Final = "_sum"
AREA: Final = "_area"
HELD_HOUSEHOLDS: Final = "_households"
EFFECTIVE: Final = "_effective"
HIGHEST: Final = "_highest"
LOWEST: Final = "_lowest"
QUANTILES: Final = {
    "_p10": (1, 10),
    "_p20": (1, 5),
    "_p50": (1, 2),
    "_p80": (4, 5),
    "_p90": (9, 10),
}
_RATIOS: Final = {
    "p90_p10": ("_p90", "_p10"),
    "s80_s20": ("_richest", "_poorest"),
    "urban_rural_ratio": ("_urban_head", "_rural_head"),
    "area_ratio": (f"{HIGHEST}_mean", f"{LOWEST}_mean"),
}


def quantile(name: str) -> pl.Expr:
    """One of ``QUANTILES`` in yuan, of its column in the estimates, which holds it doubled: a mean of two is exact."""
    return pl.col(name) / (2 * MONEY_UNIT)


def at_or_below(name: str) -> pl.Expr:
    """Whether a household's income is no higher than one of ``QUANTILES``, beside it."""
    return pl.col(INCOME) * 2 <= pl.col(name)


def conditions(programme: Programme) -> Mapping[str, pl.Expr]:
    """Which households a share counts."""
    income, middle = pl.col(INCOME), programme.middle_income
    return {
        "headcount_ratio": income < programme.floor,
        "top_share": income >= units(programme.ladder.top),
        "middle_income_share": income.is_between(units(middle.lower), units(middle.upper), closed="left"),
    }


def averaged(programme: Programme) -> Mapping[str, pl.Expr]:
    """Of what of each household a measure is the weighted mean."""
    gap = tier_shortfall(programme, "floor") / MONEY_UNIT / (programme.floor / MONEY_UNIT)
    return {"poverty_gap": gap, "squared_poverty_gap": gap**2, "mean_income": pl.col(Y)}


def tier_shortfall(programme: Programme, name: TierName) -> pl.Expr:
    """What a household of a tier lacks to its target, in ten-thousandths of a yuan; 0 for one outside."""
    tier: Tier = getattr(programme.tiers, name)
    income = pl.col(INCOME)
    inside = income < units(tier.upper)
    if tier.lower is not None:
        inside &= income >= units(tier.lower)
    return pl.when(inside).then(units(tier.target) - income).otherwise(0)


def has_residence(word: str) -> pl.Expr:
    """Whether a household counts in the mean per head of town or country."""
    return pl.col(HELD) & pl.col(SIZE).is_not_null() & (pl.col(RESIDENCE) == word)


def estimates(drawn: pl.LazyFrame, programme: Programme, by: Sequence[str]) -> pl.LazyFrame:
    """The indicators of each round and group, one row each, and what their scores are made of.

    Null where there is nothing to divide by, or to compare: no household with an income, no poorest fifth with more
    than nothing, nobody above the fourth quintile, fewer than two counties.
    """
    groups = [ROUND, *by]
    weight, running = pl.col(W).sum(), pl.col(RUNNING).cast(pl.Float64) / WEIGHT_UNIT
    first = drawn.group_by(groups, maintain_order=True).agg(
        weight.alias(WHOLE),
        total(pl.col(Y)).alias(SUM),
        pl.col(HELD).sum().alias(HELD_HOUSEHOLDS),
        (weight**2 / (pl.col(W) ** 2).sum()).alias(EFFECTIVE),
        _amount(tier_shortfall(programme, "floor")).alias("total_shortfall"),
        *(_cost(tier_shortfall(programme, tier)).alias(name) for tier, name in COSTS.items()),
        (2 * total(pl.col(Y) * running) - total(pl.col(W) * pl.col(Y))).alias(AREA),
        *(_share(condition).alias(name) for name, condition in conditions(programme).items()),
        *(_over(total(each), weight).alias(name) for name, each in averaged(programme).items()),
        *(_doubled(part).alias(name) for name, part in QUANTILES.items()),
        total(pl.col(Y), poorest_fifth()).alias("_poorest"),
        pl.when(richest_fifth().any()).then(total(pl.col(Y), richest_fifth())).alias("_richest"),
        *(each.alias(name) for word in ("urban", "rural") for name, each in _per_head(word).items()),
    )
    whole = first.join(_counties(drawn, groups), on=groups, how="left", nulls_equal=True, maintain_order="left")
    return whole.with_columns(
        (_over(pl.col(AREA), pl.col(WHOLE) * pl.col(SUM)) - 1).alias("gini"),
        quantile("_p50").alias("median_income"),
        *(_over(pl.col(above), pl.col(below)).alias(name) for name, (above, below) in _RATIOS.items()),
    )


def poorest_fifth() -> pl.Expr:
    """Whether an income is at or below the first quintile of those around it."""
    return pl.col(INCOME) * 2 <= _doubled((1, 5))


def richest_fifth() -> pl.Expr:
    """Whether an income is above the fourth quintile of those around it."""
    return pl.col(INCOME) * 2 > _doubled((4, 5))


def _amount(units: pl.Expr) -> pl.Expr:
    """The weighted sum of an amount in yuan: the nearest double to the exact one."""
    exact = (pl.col(WEIGHT).cast(pl.Int128) * units.cast(pl.Int128)).sum()
    # Polars would multiply by the reciprocal of a constant, which is one rounding too many; of a column it does not.
    return exact.cast(pl.Float64) / (exact * 0 + WEIGHT_UNIT * MONEY_UNIT).cast(pl.Float64)


def _cost(units: pl.Expr) -> pl.Expr:
    """The weighted sum of what households lack, in yuan of their own: exact, unless a size rule places any."""
    own = total(units / MONEY_UNIT * pl.col(TO_OWN))
    return pl.when((pl.col(TO_OWN) == 1).all()).then(_amount(units)).otherwise(own)


def _over(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part / whole)


def _share(condition: pl.Expr) -> pl.Expr:
    """Exact, as ``bands`` says it."""
    part, whole = (each.cast(pl.Int128).sum() for each in (pl.col(WEIGHT).filter(condition), pl.col(WEIGHT)))
    return pl.when(whole > 0).then(part.cast(pl.Float64) / whole.cast(pl.Float64))


def _doubled(part: tuple[int, int]) -> pl.Expr:
    """Twice a quantile of incomes that rise, in ten-thousandths of a yuan."""
    number, of = part
    passed, running = pl.col(RUNNING).last() * number, pl.col(RUNNING)
    # Of whole numbers no fraction is needed: what passes it passes the whole number below it.
    at, beyond = running >= (passed + of - 1) // of, running > passed // of
    return pl.col(INCOME).filter(at).first() + pl.col(INCOME).filter(beyond).first()


def _per_head(word: str) -> Mapping[str, pl.Expr]:
    there = has_residence(word)
    heads, own = total(pl.col(SIZE), there), total(pl.col(OWN) / MONEY_UNIT, there)
    return {f"_{word}_heads": heads, f"_{word}_head": _over(own, heads)}


def _counties(drawn: pl.LazyFrame, groups: Sequence[str]) -> pl.LazyFrame:
    """The counties of the highest and of the lowest mean income, of each group that has several."""
    counted = drawn.filter(pl.col(COUNTY).is_not_null() & (pl.col(W) > 0)).with_columns(pl.col(COUNTY).alias("_place"))
    each = counted.group_by([*groups, "_place"], maintain_order=True).agg(
        pl.col(W).sum().alias("_weight"), _over(total(pl.col(Y)), pl.col(W).sum()).alias("_mean")
    )
    told = pl.col("_place", "_weight", "_mean")
    ends = each.sort("_mean", "_place").group_by(groups, maintain_order=True)
    found = ends.agg(told.last().name.prefix(HIGHEST), told.first().name.prefix(LOWEST), pl.len().alias("_counties"))
    return found.filter(pl.col("_counties") > 1).drop("_counties")

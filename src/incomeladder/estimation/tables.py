"""Estimates as tables for people: a row for each indicator of each round and group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.estimation import intervals
from incomeladder.estimation.decomposition import COMPONENTS, OF_GROUPS
from incomeladder.estimation.indicators import COSTS, EFFECTIVE, HELD_HOUSEHOLDS, MEASURES
from incomeladder.estimation.scores import score
from incomeladder.frames import ROUND
from incomeladder.programme import SHARES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incomeladder.programme import Indicator, Programme, Target

FEWEST: Final = 30
MOST_VARIATION: Final = 0.3
"""An estimate that rests on fewer households, or varies by more of its value, is marked as unreliable."""
_TRACE: Final = 1e-12
"""What rounding leaves of an error of 0, beside the value."""
NAME: Final = "indicator"
ERROR: Final = "standard_error"


def long(estimates: pl.DataFrame, variances: pl.DataFrame | None, by: Sequence[str]) -> pl.DataFrame:
    """A row for each indicator: ``value``, ``standard_error`` and the ends of its interval of 95 %.

    Without variances, as of a census, there are none.
    """
    groups = [ROUND, *by]
    beside = [*groups, HELD_HOUSEHOLDS, EFFECTIVE]
    values = estimates.unpivot(MEASURES, index=beside, variable_name=NAME, value_name="value")
    told = _with_errors(values, variances, groups)
    value, error, effective = pl.col("value"), pl.col(ERROR), pl.col(EFFECTIVE)
    return told.with_columns(
        intervals.lower(value, error, effective).alias("lower"), intervals.upper(value, error, effective).alias("upper")
    )


def _with_errors(values: pl.DataFrame, variances: pl.DataFrame | None, groups: Sequence[str]) -> pl.DataFrame:
    if variances is None:
        return values.with_columns(pl.lit(None, pl.Float64).alias(ERROR))
    errors = _errors(variances, groups)
    joined = values.join(errors, on=[*groups, NAME], how="left", nulls_equal=True, maintain_order="left")
    told = pl.col("value").is_not_null() & is_error(pl.col(NAME).is_in(list(SHARES)))
    return joined.with_columns(pl.when(told).then(ERROR).alias(ERROR))


def is_error(is_share: pl.Expr) -> pl.Expr:
    """Whether a standard error says anything.

    One of 0 says that all who were asked agree, which is no certainty about those who were not: only the interval of a
    share takes that into account.
    """
    return is_share | (pl.col(ERROR) > _TRACE * pl.col("value").abs())


def _errors(variances: pl.DataFrame, groups: Sequence[str]) -> pl.DataFrame:
    """The standard errors, a row for each indicator."""
    named = variances.select(*groups, *(pl.col(score(name)).sqrt().fill_nan(None).alias(name) for name in MEASURES))
    return named.unpivot(MEASURES, index=list(groups), variable_name=NAME, value_name=ERROR)


def precision(long: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """On how many households an estimate rests, its coefficient of variation, and whether it is unreliable."""
    varies = pl.col(ERROR) / pl.col("value").abs()
    told = long.filter(pl.col("value").is_not_null()).with_columns(
        pl.col(HELD_HOUSEHOLDS).cast(pl.Int64).alias("households"),
        pl.when(pl.col("value") != 0).then(varies).alias("coefficient_of_variation"),
    )
    variation = "coefficient_of_variation"
    return told.select(ROUND, *by, NAME, "households", variation, is_unreliable().alias("unreliable"))


def is_unreliable(households: str = "households") -> pl.Expr:
    """Whether a value rests on few households, or its standard error is large beside it."""
    varies = pl.when(pl.col("value") != 0).then(pl.col(ERROR) / pl.col("value").abs())
    return (pl.col(households) < FEWEST) | (varies > MOST_VARIATION).fill_null(value=False)


def costs(long: pl.DataFrame, programme: Programme, by: Sequence[str], *, sampled: bool) -> pl.DataFrame:
    """What the households of each tier lack to its target in all, in yuan, and how sure that is of a sample."""
    names = {name: tier for tier, name in COSTS.items()}
    targets = {tier: float(getattr(programme.tiers, tier).target) for tier in COSTS}
    tier = pl.col(NAME).replace_strict(names, return_dtype=pl.String)
    told = long.filter(pl.col(NAME).is_in(list(names))).with_columns(tier.alias("tier"))
    target = pl.col("tier").replace_strict(targets, return_dtype=pl.Float64).alias("target")
    doubt = (is_unreliable(HELD_HOUSEHOLDS) if sampled else pl.lit(None, pl.Boolean)).alias("unreliable")
    total = pl.col("value").alias("total_shortfall")
    return told.select(ROUND, *by, "tier", target, total, ERROR, "lower", "upper", doubt)


def why(parts: pl.DataFrame, rounds: tuple[str, str], by: Sequence[str]) -> pl.DataFrame:
    """A row for each part of the change of the share below the floor; those of groups only where there are any."""
    shown = [name for name in COMPONENTS if by or name not in OF_GROUPS]
    told = parts.with_row_index("_group").unpivot(
        shown, index=["_group", *by], variable_name="component", value_name="value"
    )
    names = (pl.lit(name).alias(column) for name, column in zip(rounds, ("from_round", "to_round"), strict=True))
    ordered = told.sort("_group", maintain_order=True).filter(pl.col("value").is_not_null())
    return ordered.select(*by, *names, "component", "value")


def with_targets(long: pl.DataFrame, targets: Mapping[Indicator, Target]) -> pl.DataFrame:
    """The targets of the programme beside what was reached: ``distance`` is what is still to go, 0 where it is met."""
    rows = [
        (name, float(target.value), "at_most" if target.at_least is None else "at_least", target.year)
        for name, target in targets.items()
    ]
    schema = {NAME: pl.String, "target": pl.Float64, "rule": pl.String, "year": pl.Int64}
    told = long.join(pl.DataFrame(rows, schema=schema, orient="row"), on=NAME, how="left", maintain_order="left")
    beyond = pl.col("value") - pl.col("target")
    distance = pl.max_horizontal(pl.when(pl.col("rule") == "at_most").then(beyond).otherwise(-beyond), pl.lit(0.0))
    known = pl.col("value").is_not_null() & pl.col("target").is_not_null()
    # A round whose name begins with no year may be of any.
    year = pl.col(ROUND).str.extract("^([0-9]{4})").cast(pl.Int64)
    told = told.with_columns(pl.when(known).then(distance).alias("distance"))
    return told.with_columns(
        (pl.col("distance") == 0).alias("met"), (pl.col("year") <= year).fill_null(value=True).alias("due")
    )


def changes(
    long: pl.DataFrame, rounds: tuple[str, str], covariances: pl.DataFrame | None, by: Sequence[str]
) -> pl.DataFrame:
    """What became of each indicator from one round to the next, in groups that both have."""
    columns = (*by, NAME, "value", ERROR, HELD_HOUSEHOLDS)
    sides = [long.filter(pl.col(ROUND) == name).select(columns) for name in rounds]
    both = sides[0].join(sides[1], on=[*by, NAME], suffix="_after", nulls_equal=True, maintain_order="left")
    shared = _with_covariances(both, covariances, by)
    variance = pl.col(ERROR) ** 2 + pl.col(f"{ERROR}_after") ** 2 - 2 * pl.col("covariance")
    change, error = pl.col("change"), pl.col(ERROR)
    told = shared.with_columns(
        (pl.col("value_after") - pl.col("value")).alias("change"),
        pl.max_horizontal(variance, variance * 0).sqrt().alias(ERROR),
    )
    rests_on_few = pl.min_horizontal(HELD_HOUSEHOLDS, f"{HELD_HOUSEHOLDS}_after") < FEWEST
    return told.select(
        *by,
        NAME,
        pl.lit(rounds[0]).alias("from_round"),
        pl.lit(rounds[1]).alias("to_round"),
        pl.col("value").alias("from_value"),
        pl.col("value_after").alias("to_value"),
        "change",
        ERROR,
        (change - intervals.Z * error).alias("lower"),
        (change + intervals.Z * error).alias("upper"),
        pl.when(error.is_not_null()).then(rests_on_few).alias("unreliable"),
    )


def _with_covariances(both: pl.DataFrame, covariances: pl.DataFrame | None, by: Sequence[str]) -> pl.DataFrame:
    """Nothing is shared by groups in which no unit was drawn twice."""
    if covariances is None:
        return both.with_columns(pl.lit(0.0).alias("covariance"))
    named = covariances.select(*by, *(pl.col(score(name)).alias(name) for name in MEASURES))
    shared = named.unpivot(MEASURES, index=list(by), variable_name=NAME, value_name="covariance")
    joined = both.join(shared, on=[*by, NAME], how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(pl.col("covariance").fill_null(0.0))

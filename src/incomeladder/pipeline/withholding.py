"""Estimates that may be published: none that rests on a count which is hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw
import polars as pl

from incomeladder import summarise
from incomeladder.disclosure import ladders
from incomeladder.frames import COUNTY, INCOME, RESIDENCE, ROUND
from incomeladder.pipeline.publishing import hides_totals
from incomeladder.pipeline.request import classified, native
from incomeladder.programme import INDICATORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from incomeladder.disclosure.ladders import Level
    from incomeladder.disclosure.worlds import Tables
    from incomeladder.programme import Programme

_RESTS_ON: Final = {
    **dict.fromkeys(("headcount_ratio", "poverty_gap", "squared_poverty_gap", "total_shortfall"), "below_floor"),
    "top_share": "at_or_above_top",
    "middle_income_share": "middle_income",
}
"""The count that an estimate would tell; others rest on all households with an income."""
_COMPARES: Final = {"urban_rural_ratio": RESIDENCE, "area_ratio": COUNTY}
"""What sets groups of households against one another."""
_TAILS: Final = {"median_income": 2, "s80_s20": 5, "p90_p10": 10}
"""What stands at a place in the order of incomes: so many times the threshold there must be, lest it tell of a few."""
_OF_TIER: Final = {"floor": "below_floor", "low": "low_tier", "middle": "middle_tier"}
_OF_SHORTFALLS: Final = ("poverty_gap", "squared_poverty_gap", "total_shortfall", "floor")
"""What would tell a shortfall that is hidden where its households are not."""
_KEYS: Final = frozenset({"target", "rule", "year", "due"})
"""What the programme says, and not the survey."""


def published_estimates(
    tables: Tables, households: pl.DataFrame, programme: Programme, by: Sequence[str]
) -> tuple[dict[str, pl.DataFrame], frozenset[str]]:
    """The tables without what rests on few households; and what the accounting must not tell."""
    lazy = nw.from_native(households.lazy())
    counts = native(summarise.count(classified(lazy, programme, by), by)).collect()
    levels = ladders.levels(counts, programme, by, programme.publishing.threshold)
    few = _few(households, by, programme.publishing.threshold)
    hidden = pl.DataFrame(
        [(*group, name) for group, name in (*_hidden(levels[-1]), *few)],
        schema={ROUND: pl.String, **{name: households.schema[name] for name in by}, "_what": pl.String},
        orient="row",
    ).unique(maintain_order=True)
    # How an estimate came about, and of how many households, tells more than can be judged here.
    shown = {name: table for name, table in tables.items() if name not in {"precision", "decomposition"}}
    return {name: _without(table, hidden, by) for name, table in shown.items()}, hides_totals(levels[0])


def _hidden(level: Level) -> Iterator[tuple[tuple[object, ...], str]]:
    """Estimates and tiers of groups, of which a count is hidden."""
    rests: Mapping[str, str] = {name: _RESTS_ON.get(name, "banded") for name in INDICATORS} | _OF_TIER
    for group in level.view.counts:
        hidden = {name[-1] for name in level.view.hidden[group] if name[0] == "summary"}
        yield from ((group, name) for name, count in rests.items() if {count, "banded"} & hidden)
    yield from ((group, name) for group in level.lacking for name in _OF_SHORTFALLS)


def _few(households: pl.DataFrame, by: Sequence[str], threshold: int) -> Iterator[tuple[tuple[object, ...], str]]:
    """What compares groups of which one has few households, or has few at an end."""
    keys, there = [ROUND, *by], households.filter(pl.col(INCOME).is_not_null())
    wanted = {name: (1, [column]) for name, column in _COMPARES.items()}
    wanted |= {name: (times, []) for name, times in _TAILS.items()}
    for name, (times, columns) in wanted.items():
        groups = [pl.col(column).alias("_group") for column in columns]
        counted = there.drop_nulls(columns).group_by(*keys, *groups).len()
        few = counted.filter(pl.col("len") < times * threshold).select(keys).unique()
        yield from ((row, name) for row in few.iter_rows())


def _without(table: pl.DataFrame, hidden: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Null for the numbers of a table that rest on what is hidden, in its round or in either of two."""
    what = "tier" if "tier" in table.columns else "indicator"
    sides = [name for name in (ROUND, "from_round", "to_round") if name in table.columns]
    marked = table
    for side in sides:
        ours = hidden.rename({ROUND: side, "_what": what}).with_columns(pl.lit(value=True).alias(f"_{side}"))
        marked = marked.join(ours, on=[side, *by, what], how="left", nulls_equal=True, maintain_order="left")
    numbers = [name for name in table.columns if name not in {*sides, *by, what, *_KEYS}]
    return marked.select(
        pl.when(_shown(name, sides)).then(pl.col(name)).alias(name) if name in numbers else pl.col(name)
        for name in table.columns
    )


def _shown(number: str, sides: Sequence[str]) -> pl.Expr:
    """The value of one round is hidden with that round; whatever compares two, with either."""
    own = [side for side in sides if number == side.replace("round", "value")] or sides
    return pl.all_horizontal(pl.col(f"_{side}").is_null() for side in own)

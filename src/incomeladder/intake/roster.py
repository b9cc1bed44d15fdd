"""Rosters of persons: the rows of a household's members become one household."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder import validate
from incomeladder.frames import (
    EXTRA,
    FILE,
    ID,
    INCOME,
    PARTS,
    PLACE_COLUMNS,
    REJECTED,
    RESIDENCE,
    ROUND,
    ROW,
    SIZE,
    SKIPPED,
    WEIGHT,
)
from incomeladder.suspicions import LARGEST, row_warnings
from incomeladder.validate import OF_OTHERS, Rule

if TYPE_CHECKING:
    from collections.abc import Collection

_HOUSEHOLD: Final = [ROUND, ID]
_SHARED: Final = (*PLACE_COLUMNS, RESIDENCE)
"""Columns that are the household's, in which its members may not differ; a key group may be one member's."""


def as_households(persons: pl.LazyFrame) -> pl.LazyFrame:
    """One row for the members of each household: incomes added up, ``size`` their number.

    Of every other column a household has what its first member has that has anything. A household has no income if no
    member has one.
    """
    there = persons.collect_schema().names()
    kept = [name for name in there if name in {FILE, ROW, *_SHARED, "key_group", WEIGHT} or name.startswith(EXTRA)]
    money = [name for name in (INCOME, *PARTS) if name in there]
    return persons.group_by(_HOUSEHOLD).agg(
        *(pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name) for name in money),
        *(pl.col(name).drop_nulls().first() for name in kept),
        pl.len().cast(pl.Int64).alias(SIZE),
    )


def rules(columns: Collection[str]) -> tuple[Rule, ...]:
    """What the members of a household have to agree on; read with the rules for single rows.

    Places that differ are warned of, and the first counts; weights that differ leave no number to count with.
    """
    shared = (Rule("members_disagree", "warning", name, _unlike_first(name)) for name in _SHARED if name in columns)
    counted = pl.len().over(_HOUSEHOLD)
    size = (Rule("size_is_not_members", "warning", SIZE, pl.col(SIZE) != counted),) if SIZE in columns else ()
    weights = (Rule("weights_disagree", "reject", WEIGHT, _unlike_first(WEIGHT)),) if WEIGHT in columns else ()
    return (*shared, *size, *weights)


def member_warnings(columns: Collection[str], key_groups: Collection[str]) -> tuple[Rule, ...]:
    """The warnings that members can earn; what is wrong with a whole household is told of its first member."""
    first = pl.col(ID).is_not_null() & (pl.col(ROW) == pl.col(ROW).min().over(_HOUSEHOLD))
    of_rows = [rule for rule in row_warnings(columns, key_groups) if rule.column != SIZE]
    told = [replace(rule, broken=first & rule.broken) if rule.column == ID else rule for rule in of_rows]
    return (*told, Rule("size_above_20", "warning", ID, first & (pl.len().over(_HOUSEHOLD) > LARGEST)))


def _unlike_first(name: str) -> pl.Expr:
    return pl.col(ID).is_not_null() & (pl.col(name) != pl.col(name).drop_nulls().first().over(_HOUSEHOLD))


def with_others(checked: pl.LazyFrame) -> pl.LazyFrame:
    """Reject the whole household with any of its members: what the others earn is not its income."""
    others = pl.col(REJECTED).any().over(_HOUSEHOLD) & ~pl.col(REJECTED) & ~pl.col(SKIPPED) & pl.col(ID).is_not_null()
    return checked.with_columns(others.alias(OF_OTHERS)).with_columns(pl.col(REJECTED) | pl.col(OF_OTHERS))


def split(checked: pl.LazyFrame) -> pl.LazyFrame:
    """Every member of a household that stands in more than one file: round, id, number of the file, row."""
    return validate.copies(checked, pl.col(FILE).list.n_unique() > 1)


def repeats_incomes(persons: pl.LazyFrame) -> bool:
    """Whether several members have incomes in some households, and in each of those all the same."""
    known = persons.filter(pl.col(INCOME).is_not_null() & (pl.col(INCOME) != 0))
    households = known.group_by(_HOUSEHOLD).agg(pl.len().alias("members"), pl.col(INCOME).n_unique().alias("amounts"))
    several = households.filter(pl.col("members") > 1).select(
        pl.len() > 0, (pl.col("amounts") == 1).all().alias("same")
    )
    return all(several.collect(engine="streaming").row(0))


def account(checked: pl.LazyFrame, scope: pl.Expr | None = None) -> pl.LazyFrame:
    """Per file and round: persons by fate, and what there is to say of the households that they make."""
    persons = validate.account(checked).select(FILE, ROUND, "rows_read", "skipped", "rejected")
    made = as_households(validate.accepted(checked))
    counted = made.group_by(FILE, ROUND).agg(validate.count(pl.col(FILE).is_not_null(), (), scope))
    whole = persons.join(counted, on=[FILE, ROUND], how="left", nulls_equal=True)
    return whole.with_columns(pl.col("households", "missing_income").fill_null(0))

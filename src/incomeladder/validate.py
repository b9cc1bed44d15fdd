"""The rules that a row must keep, as a table; and the fate of each row: accepted, rejected or skipped.

A rule's expression is true where the row breaks it. Rules read the tidy frame and never stop at the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import polars as pl

from incomeladder.clean import TYPED, careful, doubt_name, raw_name
from incomeladder.frames import (
    FAULT,
    FILE,
    FIRST,
    FROM_PARTS,
    ID,
    INCOME,
    LACKS_PART,
    NOTED,
    OUT_OF_SCOPE,
    PARTS,
    PLACE_COLUMNS,
    REJECTED,
    RESIDENCE,
    ROUND,
    ROW,
    SIZE,
    SIZES,
    SKIPPED,
    TOTALLED,
    TOTALS_END,
    WEIGHT,
)

if TYPE_CHECKING:
    from collections.abc import Collection

Severity = Literal["reject", "warning"]
PLACES: Final = "_places"
OF_OTHERS: Final = "_of_others"
"""Members of a household that are rejected with another one: half of its income would be a wrong number."""
SHAPES: Final = ("short_row", "long_row", "cut_short", "bad_quote", "nul_character", "bad_json")
DUPLICATE: Final = "duplicate_household_id"


@dataclass(frozen=True)
class Rule:
    """A name, how grave it is, the column it looks at, and where it is broken.

    ``care`` marks rules that only a column can break which is looked at with care.
    """

    name: str
    severity: Severity
    column: str | None
    broken: pl.Expr
    care: bool = False


def _left_over(column: str) -> pl.Expr:
    """The compact text of a cell of which no value was made."""
    return careful.compact(pl.when(pl.col(column).is_null()).then(raw_name(column)))


def _unread(column: str) -> pl.Expr:
    """A cell that holds something, of which no value could be made."""
    return pl.col(column).is_null() & ~careful.is_missing(_left_over(column))


def _is_missing(column: str) -> pl.Expr:
    """A cell that holds nothing."""
    return pl.col(column).is_null() & careful.is_missing(_left_over(column))


def _is_total_of(place: str) -> pl.Expr:
    """A look at the last character first: labels are rare, and patterns slow."""
    return careful.is_total(pl.when(pl.col(place).str.ends_with(TOTALS_END)).then(place))


def _amount_rules(column: str) -> tuple[Rule, Rule]:
    numeric = careful.looks_numeric(_left_over(column)).fill_null(value=False)
    return (
        Rule("unreadable_amount", "reject", column, _unread(column) & ~numeric, care=True),
        Rule("amount_too_large", "reject", column, _unread(column) & numeric, care=True),
    )


RULES: Final = (
    *(Rule(shape, "reject", None, pl.col(FAULT) == shape) for shape in SHAPES),
    Rule("missing_household_id", "reject", ID, pl.col(ID).is_null()),
    Rule("destroyed_household_id", "reject", ID, careful.is_destroyed_id(pl.col(ID)), care=True),
    Rule("label_for_household_id", "reject", ID, careful.is_note(pl.col(ID)), care=True),
    Rule("missing_survey_round", "reject", ROUND, pl.col(ROUND).is_null()),
    *(Rule("total_with_id", "reject", place, _is_total_of(place), care=True) for place in PLACE_COLUMNS),
    *(rule for column in (INCOME, *PARTS) for rule in _amount_rules(column)),
    *(Rule("unreadable_size", "reject", column, _unread(column), care=True) for column in SIZES),
    Rule("size_below_one", "reject", SIZE, pl.col(SIZE) < 1),
    Rule("unknown_residence", "reject", RESIDENCE, _unread(RESIDENCE), care=True),
    Rule("unreadable_weight", "reject", WEIGHT, _unread(WEIGHT), care=True),
    Rule("missing_weight", "reject", WEIGHT, _is_missing(WEIGHT)),
    Rule("negative_weight", "reject", WEIGHT, pl.col(WEIGHT) < 0),
)
"""Uniqueness of ids, ``duplicate_household_id``, is no property of a row and is checked by ``repeated``."""


def rules_for(columns: Collection[str], care: Collection[str], needed: Collection[str] = ()) -> tuple[Rule, ...]:
    """The rules that apply to a survey with these canonical columns, of which ``care`` are looked at with care.

    What is ``needed`` of every household may not be missing.
    """
    held = (rule for rule in RULES if rule.column is None or rule.column in columns)
    missing = (Rule("missing_size", "reject", column, _is_missing(column)) for column in needed)
    return (*(rule for rule in held if not rule.care or rule.column in care), *missing)


def check(
    tidy: pl.LazyFrame, rules: Collection[Rule], labelled: Collection[str], duplicates: pl.DataFrame | None = None
) -> pl.LazyFrame:
    """Say of each row whether it is skipped or rejected; the columns ``labelled`` may hold the labels of totals.

    ``duplicates`` has the rounds and ids that stand more than once, with the ``_places`` of all their copies in words.
    """
    skipped = pl.any_horizontal(_no_household(tidy.collect_schema().names(), labelled))
    # One look for any wrong shape; which one it is matters only to those who list the problems.
    misshapen = pl.col(FAULT).is_not_null() & (pl.col(FAULT) != "blank_row")
    broken = [misshapen, *(rule.broken for rule in rules if rule.severity == "reject" and rule.column)]
    if duplicates is not None:
        tidy = tidy.join(duplicates.lazy(), on=[ROUND, ID], how="left", maintain_order="left")
        broken.append(pl.col(PLACES).is_not_null())
    skipped = skipped.fill_null(value=False)
    told = tidy.with_columns(skipped.alias(SKIPPED), pl.any_horizontal(broken).fill_null(value=False).alias(REJECTED))
    return told.with_columns(pl.col(REJECTED) & ~pl.col(SKIPPED))


def _no_household(columns: Collection[str], labelled: Collection[str]) -> list[pl.Expr]:
    """What makes a row none: blank, the label of a total, or a note with no income beside it."""
    nameless = pl.col(ID).is_null() if ID in columns else pl.lit(value=True)
    unpaid = pl.col(INCOME).is_null()
    found = [pl.col(FAULT) == "blank_row", careful.is_total(pl.col(FIRST))]
    found.append(careful.is_note(pl.when(nameless & unpaid).then(FIRST)))
    found += [_is_total_of(place) & _names_nobody(columns) for place in labelled]
    if ID in columns:
        label = _label_in_id(columns)
        found += [careful.is_total(label), careful.is_note(label) & unpaid]
    if NOTED in columns:
        found += [pl.col(TOTALLED), pl.col(NOTED) & unpaid]
    return found


def _names_nobody(columns: Collection[str]) -> pl.Expr:
    """Whether a row has no id, or the number of households that a total counts in its place."""
    if ID not in columns:
        return pl.lit(value=True)
    return pl.col(ID).is_null() | pl.col(raw_name(ID)).str.contains(r"^\s*[0-9]+\s*户\s*$")


def _label_in_id(columns: Collection[str]) -> pl.Expr:
    """The text of an id that may be the word for a total: one that the straight road reads is none."""
    raw = pl.col(raw_name(ID))
    return pl.when(pl.col(ID).is_null()).then(raw) if doubt_name(ID) in columns else raw


def accepted(checked: pl.LazyFrame) -> pl.LazyFrame:
    """The households: every row that is neither skipped nor rejected."""
    return checked.filter(~pl.col(SKIPPED) & ~pl.col(REJECTED))


def account(checked: pl.LazyFrame, scope: pl.Expr | None = None) -> pl.LazyFrame:
    """Per file and round: rows by fate, and what ``count`` says of the rows as households."""
    return checked.group_by(FILE, ROUND).agg(
        pl.len().cast(pl.Int64).alias("rows_read"),
        pl.col(SKIPPED).sum().cast(pl.Int64).alias("skipped"),
        pl.col(REJECTED).sum().cast(pl.Int64).alias("rejected"),
        *count(~pl.col(SKIPPED) & ~pl.col(REJECTED), checked.collect_schema().names(), scope),
    )


def count(held: pl.Expr, columns: Collection[str], scope: pl.Expr | None = None) -> list[pl.Expr]:
    """Of the households that are ``held``: their number, missing incomes, the largest income, a typical one.

    Where only those in ``scope`` are placed, also how many are not: no income of theirs is missed.

    ``log_income`` is the mean logarithm of those above 0, which no single mistake moves far.
    """
    incomes = pl.when(held).then(INCOME)
    added = [name for name in (FROM_PARTS, LACKS_PART) if name in columns]
    return [
        held.sum().cast(pl.Int64).alias("households"),
        missing(scope, held),
        *of_incomes(incomes),
        *((held & (pl.col(name).cast(pl.Int64) > 0)).sum().cast(pl.Int64).alias(name) for name in added),
        *out_of(scope, held),
    ]


def missing(scope: pl.Expr | None, held: pl.Expr) -> pl.Expr:
    """How many of the households that are ``held`` would be placed, had they an income."""
    placed = held if scope is None else held & scope
    return (placed & pl.col(INCOME).is_null()).sum().cast(pl.Int64).alias("missing_income")


def out_of(scope: pl.Expr | None, held: pl.Expr) -> list[pl.Expr]:
    """How many of the households that are ``held`` a size rule does not place, if it leaves any out."""
    return [] if scope is None else [(held & ~scope).sum().cast(pl.Int64).alias(OUT_OF_SCOPE)]


def of_incomes(incomes: pl.Expr) -> list[pl.Expr]:
    """The largest income, and the mean logarithm of those above 0."""
    return [
        incomes.max().alias("largest_income"),
        pl.when(incomes > 0).then(incomes).log().mean().alias("log_income"),
    ]


def doubts(checked: pl.LazyFrame, columns: Collection[str], care: Collection[str]) -> pl.LazyFrame:
    """Whether typed columns have cells that want care."""
    left_over = [pl.col(doubt_name(column)).any() for column in columns if column in TYPED and column not in care]
    # No filter here: pushed down to the scan, it would make the optimiser read the file twice.
    return checked.select(pl.lit(value=False).alias("none"), *left_over)


def repeated(checked: pl.LazyFrame) -> pl.LazyFrame:
    """Every copy of an id that stands more than once in a round: round, id, number of the file, row.

    What Excel has left of different ids may be the same.
    """
    return copies(checked.filter(~careful.is_destroyed_id(pl.col(ID))), pl.col(ROW).list.len() > 1)


def copies(checked: pl.LazyFrame, several: pl.Expr) -> pl.LazyFrame:
    """Every row of the ids of which there are ``several``, told by the lists of their files and rows."""
    named = checked.filter(~pl.col(SKIPPED) & pl.col(ID).is_not_null())
    return named.group_by(ROUND, ID).agg(FILE, ROW).filter(several).explode(FILE, ROW).sort(FILE, ROW)


def problems(checked: pl.LazyFrame, rules: Collection[Rule]) -> pl.LazyFrame:
    """One row for each rule that a row breaks: file number, row, canonical column, text, rule, severity, places."""
    seen = checked.filter(~pl.col(SKIPPED))
    # In a row of the wrong shape a cell may stand under another heading: its cells are not judged.
    shapely = seen.filter(pl.col(FAULT).is_null())
    listed = [_broken(shapely if rule.column else seen, rule) for rule in rules]
    there = checked.collect_schema().names()
    others = (
        (PLACES, Rule(DUPLICATE, "reject", ID, pl.col(PLACES).is_not_null())),
        (OF_OTHERS, Rule("other_member_rejected", "reject", ID, pl.col(OF_OTHERS))),
    )
    listed += [_broken(seen, rule) for column, rule in others if column in there]
    return pl.concat(listed).sort(FILE, ROW, maintain_order=True)


def _broken(seen: pl.LazyFrame, rule: Rule) -> pl.LazyFrame:
    text = pl.col(raw_name(rule.column)) if rule.column else pl.lit(None, pl.String)
    return seen.filter(rule.broken).select(
        FILE,
        ROW,
        pl.lit(rule.column, pl.String).alias("column"),
        text.alias("value"),
        pl.lit(rule.name).alias("rule"),
        pl.lit(rule.severity).alias("severity"),
        pl.col(PLACES) if rule.name == DUPLICATE else pl.lit(None, pl.String).alias(PLACES),
    )

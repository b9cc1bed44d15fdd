"""What a report may show that is to be published: one late pass over finished counts and tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.disclosure import ladders, matrices
from incomeladder.disclosure.worlds import without
from incomeladder.errors import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incomeladder.disclosure.ladders import Level
    from incomeladder.disclosure.worlds import Make, Tables
    from incomeladder.programme import Programme
    from incomeladder.report import Report

_COUNTED: Final = frozenset({"rows", "households", "persons"})
"""Facts of notes that are counts."""
_UNPUBLISHED: Final = ("precision", "decomposition")
"""Tables that tell more of their numbers than can be judged here."""


def published_ladders(
    tables: Tables, counts: pl.DataFrame, programme: Programme, by: Sequence[str]
) -> tuple[dict[str, pl.DataFrame], bool]:
    """The tables of ladders without what would tell of a few households; and whether the accounting would tell it."""
    levels = ladders.levels(counts, programme, by, programme.publishing.threshold)
    whole, finest = levels[0].hidden(), levels[-1].hidden()
    totals = {f"total_{name}": hidden for name, hidden in whole.items()}
    places = {"places": finest["summary"]} if finest else {}
    return _shown(tables, finest | totals | places), hides_totals(levels[0])


def published_moves(
    counts: pl.DataFrame, make: Make, by: Sequence[str], rounds: Sequence[str], programme: Programme
) -> tuple[dict[str, pl.DataFrame], bool]:
    """The same of moves between two rounds, whose ladders are taken to be published as well."""
    threshold = programme.publishing.threshold
    whole = ladders.levels(matrices.ladders_of(counts, rounds), programme, (), threshold)[0]
    found = matrices.levels(counts, make, by, dict.fromkeys(rounds, whole.view), threshold)[-1]
    return _shown(make(counts, by), found.hidden()), hides_totals(whole)


def hides_totals(whole: Level) -> bool:
    """Whether it is hidden how many households a round has, or how many without an income."""
    hidden = {name for names in whole.view.hidden.values() for name in names}
    return any(("summary", "", column) in hidden for column in ("households", "missing"))


def _shown(tables: Tables, hidden: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    return {name: without(table, hidden[name]) if name in hidden else table for name, table in tables.items()}


def published(report: Report, *, hides: bool) -> Report:
    """The report as it may be published: its tables are safe already; what is said beside them may not tell more."""
    threshold = report.programme.publishing.threshold
    told = (value for accounting in report.accounting.values() for value in vars(accounting).values())
    hides = hides or any(_is_small(value, threshold) for value in told)
    # Of places and moves together more could be told than of either.
    left_out = {*_UNPUBLISHED, *(["places"] if "matrix" in report.tables else [])}
    notes = (_discreet(note, threshold, hides=hides) for note in report.notes)
    return replace(
        report,
        tables={name: _coarse(table, report) for name, table in report.tables.items() if name not in left_out},
        accounting={side: replace(counted, hidden=hides) for side, counted in report.accounting.items()},
        notes=(*notes, Reason("published", {"threshold": threshold})),
        parameters={**report.parameters, "publish": True, "threshold": threshold},
    )


def _coarse(table: pl.DataFrame, report: Report) -> pl.DataFrame:
    """Of a survey with weights: none of them, and shares in tenths of a percent. A sum of few kinds of weights is read.

    Weights that are counts, of a survey without any, are as safe as these.
    """
    if not report.parameters["weighted"]:
        return table
    shares = pl.col("^(.*_)?share$", "^value$").round(3)
    weights = [pl.lit(None, pl.Float64).alias("weight")] if "weight" in table.columns else []
    return table.with_columns(shares, *weights)


def _is_small(value: object, threshold: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < threshold


def _discreet(note: Reason, threshold: int, *, hides: bool) -> Reason:
    facts = {
        name: "*" if name in _COUNTED and (hides or _is_small(fact, threshold)) else fact
        for name, fact in note.facts.items()
    }
    return Reason(note.key, facts)

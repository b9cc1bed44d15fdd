"""What a report may show that is to be published: one late pass over finished counts and tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from incomeladder.disclosure import ladders, matrices
from incomeladder.disclosure.showing import shown
from incomeladder.errors import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from incomeladder.disclosure.ladders import Level
    from incomeladder.disclosure.worlds import Make, Tables
    from incomeladder.programme import Programme
    from incomeladder.report import Accounting, Report

_OF_SUMMARY: Final = {"households": ("accepted", "households"), "missing": ("missing_income",)}
"""What a number of the accounting would tell of the ladder's summary."""
_OF_NOTES: Final = {
    "rows_skipped": "skipped",
    "rows_left_out": "rejected",
    "incomes_missing": "missing_income",
    "out_of_scope": "accepted",
}
"""The number of the accounting that a note is about, or would tell."""
_COUNTED: Final = frozenset({"rows", "households", "persons"})
"""Facts of notes that are counts."""
_COMPARED: Final = frozenset({"change", "distance"})
"""Columns from which a share could be told more exactly than it is shown."""
_AMOUNTS: Final = frozenset({"total_shortfall", "mean_income", "median_income"})
"""Estimates in yuan."""
_UNPUBLISHED: Final = ("precision", "decomposition")
"""Tables that tell more of their numbers than can be judged here."""


def published_ladders(
    tables: Tables, counts: pl.DataFrame, programme: Programme, by: Sequence[str]
) -> tuple[dict[str, pl.DataFrame], frozenset[str]]:
    """The tables of ladders without what would tell of a few households; and what the accounting must not tell."""
    levels = ladders.levels(counts, programme, by, programme.publishing.threshold)
    whole, finest = levels[0].hidden(), levels[-1].hidden()
    totals = {f"total_{name}": hidden for name, hidden in whole.items()}
    places = {"places": finest["summary"]} if finest else {}
    few = levels[-1].few(programme.publishing.threshold)
    return shown(tables, finest | totals | places, few), hides_totals(levels[0])


def published_moves(
    counts: pl.DataFrame, make: Make, by: Sequence[str], rounds: Sequence[str], programme: Programme
) -> tuple[dict[str, pl.DataFrame], frozenset[str]]:
    """The same of moves between two rounds, whose ladders are taken to be published as well."""
    threshold = programme.publishing.threshold
    whole = ladders.levels(matrices.ladders_of(counts, rounds), programme, (), threshold)[0]
    found = matrices.levels(counts, make, by, dict.fromkeys(rounds, whole.view), threshold)[-1]
    return shown(make(counts, by), found.hidden(), found.few(threshold)), hides_totals(whole)


def hides_totals(whole: Level) -> frozenset[str]:
    """What of the accounting would tell how many households a hidden sum of all is made of."""
    hidden = {name[-1] for names in whole.view.hidden.values() for name in names if name[0] == "summary"}
    return frozenset(told for name, numbers in _OF_SUMMARY.items() if name in hidden for told in numbers)


def published(report: Report, hides: frozenset[str]) -> Report:
    """The report as it may be published: its tables are safe already; what is said beside them may not tell more."""
    threshold = report.programme.publishing.threshold
    small = (_OF_NOTES[note.key] for note in report.notes if note.key in _OF_NOTES and _is_small(note, threshold))
    hides = hides.union(small, *(_few(told, threshold) for told in report.accounting.values()))
    notes = (_discreet(note, threshold, hides) for note in report.notes)
    return replace(
        report,
        tables={name: _coarse(table, report) for name, table in report.tables.items() if name not in _UNPUBLISHED},
        accounting={side: replace(told, hides=_closed(hides)) for side, told in report.accounting.items()},
        notes=(*map(_without_folder, notes), Reason("published", {"threshold": threshold})),
        parameters={**report.parameters, **_sources(report), "publish": True, "threshold": threshold},
    )


def _sources(report: Report) -> dict[str, object]:
    """The files by their names alone: folders tell of a computer and of who works at it."""
    listed: Any = report.parameters["sources"]
    return {"sources": [{**source, "file": _name(source["file"])} for source in listed]}


def _without_folder(note: Reason) -> Reason:
    return replace(note, facts={key: _name(fact) if key == "file" else fact for key, fact in note.facts.items()})


def _name(file: object) -> str:
    return Path(str(file)).name


def _few(told: Accounting, threshold: int) -> Iterator[str]:
    """The numbers of the accounting that few rows or households make."""
    return (name for name, value in told.numbers.items() if 0 < value < threshold)


def _closed(hides: frozenset[str]) -> frozenset[str]:
    """Besides, the sum that would tell one that is hidden."""
    return hides | {"rows_read"} if hides & {"accepted", "rejected", "skipped"} else hides


def _coarse(table: pl.DataFrame, report: Report) -> pl.DataFrame:
    """Of a survey with weights: none of them, and shares in tenths of a percent. A sum of few kinds of weights is read.

    Weights that are counts, of a survey without any, are as safe as these.
    """
    told = _blunt(table) if "standard_error" in table.columns else table
    if not report.parameters["weighted"]:
        return told
    rounded = [name for name in table.columns if name.endswith(("share", "value")) or name in _COMPARED]
    weights = [pl.lit(None, pl.Float64).alias("weight")] if "weight" in table.columns else []
    return told.with_columns(pl.col(rounded).round(3), *weights)


def _blunt(table: pl.DataFrame) -> pl.DataFrame:
    """Estimates as exactly as they are of use: an exact error would tell of how many households it is one.

    Errors have two digits; the ends of an interval three, or three places; amounts are whole yuan.
    """
    is_amount = pl.col("indicator").is_in(_AMOUNTS) if "indicator" in table.columns else pl.lit(value=True)
    estimates = [name for name in table.columns if name.endswith(("value", "shortfall")) or name == "change"]
    ends = pl.col("lower", "upper")
    return table.with_columns(
        pl.col("standard_error").round_sig_figs(2),
        pl.when(is_amount).then(ends.round_sig_figs(3).round(0)).otherwise(ends.round(3)),
        pl.when(is_amount).then(pl.col(estimates).round(0)).otherwise(pl.col(estimates)),
    )


def _is_small(note: Reason, threshold: int) -> bool:
    return any(0 < int(str(note.facts[name])) < threshold for name in _COUNTED & note.facts.keys())


def _discreet(note: Reason, threshold: int, hides: frozenset[str]) -> Reason:
    """The note without a count that is small, or hidden, and without the places that would tell it."""
    if not (_is_small(note, threshold) or _OF_NOTES.get(note.key) in hides):
        return note
    counted = _COUNTED | {"places"}
    return Reason(note.key, {name: None if name in counted else fact for name, fact in note.facts.items()})

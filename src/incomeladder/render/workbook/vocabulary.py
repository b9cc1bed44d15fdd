"""Our own words in the cells of a workbook: what data tells by a key, people read in their language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.render.ledger import in_words as measures_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.render.wording import Words
    from incomeladder.report import Report

_KEYS: Final[dict[str, dict[str, str]]] = {
    "indicators": {"indicator": "indicator"},
    "targets": {"indicator": "indicator", "rule": "bound"},
    "changes": {"indicator": "indicator"},
    "precision": {"indicator": "indicator", "measure": "measure"},
    "decomposition": {"component": "component"},
    "measures": {"measure": "measure"},
    "audit": {"test": "test"},
    "constancy": {"test": "test"},
    "shares": {"indicator": "indicator"},
    "spells": {"start": "edge", "end": "edge"},
    "hazards": {"event": "event"},
    "files": {"kind": "kind", "unit": "unit"},
    "columns": {"unit": "unit"},
}
"""Columns of a table that hold our keys, and under what words for them stand. In others the survey's own may stand."""
_PATHS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "trajectories": {"path": ("below", "above", "missing", "unseen"), "bands": ("missing", "unseen")},
    "paths": {"path": ("below", "above", "missing", "unseen")},
}
"""Columns that hold several states after one another."""
_BANDS: Final = frozenset({"lower", "upper"})


def in_words(name: str, report: Report, words: Words) -> pl.DataFrame:
    """A table of the report with words for our own keys; reasons and measures of a ledger are told as elsewhere."""
    table = report.tables[name]
    if report.name.startswith("ledger_") or name == "flagged":
        table = measures_in_words(table, report, words)
    told = [
        pl.col(column).cast(pl.String).replace(_words(table[column], prefix, words))
        for column, prefix in _KEYS.get(name, {}).items()
        if column in table.columns
    ]
    paths = [
        pl.col(column).str.replace_many([*states], [words(f"life.{state}") for state in states])
        for column, states in _PATHS.get(name, {}).items()
    ]
    return table.with_columns(*told, *paths)


def _words(column: pl.Series, prefix: str, words: Words) -> dict[str, str]:
    keys = {value: f"{prefix}.{value}" for value in column.unique() if value is not None}
    return {value: words(key) for value, key in keys.items() if key in words.catalogue}


def sheet_name(name: str, columns: Sequence[str]) -> str:
    """Under what word a table's sheet goes: measures are of mobility, or those that were taken."""
    return "taken" if name == "measures" and "author" in columns else name


def heading(name: str, columns: list[str], words: Words) -> str:
    """A column's heading; the edges of a band are no interval."""
    return words.column(f"band_{name}" if name in _BANDS and "band" in columns else name)

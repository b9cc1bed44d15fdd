"""The rules of the reports as a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from incomeladder.report import Report

if TYPE_CHECKING:
    from incomeladder.loading import Loaded


def rules_in_force(loaded: Loaded) -> Report:
    """The rules of the programme, and where each was said."""
    rows = [(key, _spoken(value), loaded.sources[key]) for key, value in loaded.values.items()]
    table = pl.DataFrame(rows, schema=dict.fromkeys(("key", "value", "source"), pl.String), orient="row")
    return Report("programme", loaded.programme, {}, {}, {"programme": table})


def _spoken(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

"""Households streamed to a file or to standard output, however many they are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from incomeladder.cli import options as o
from incomeladder.cli.output import output_guarded, staged
from incomeladder.errors import UsageRefused

if TYPE_CHECKING:
    import polars as pl


def file_form(place: o.Place, chosen: o.FileFormat | None) -> o.FileFormat:
    """The format asked for, by name or by the output's suffix; CSV on standard output.

    Raises UsageRefused where neither tells, and for a format that is not text on standard output.
    """
    formats = get_args(o.FileFormat)
    told = chosen or ("csv" if place.output is None else Path(place.output).suffix.lower().removeprefix("."))
    if told not in formats:
        raise UsageRefused.because("output_format", output=place.output, formats=formats)
    if told == "parquet" and place.output is None:
        raise UsageRefused.because("parquet_to_terminal")
    found: o.FileFormat = "parquet" if told == "parquet" else "csv"
    return found


def sink(households: pl.LazyFrame, place: o.Place, chosen: o.FileFormat) -> None:
    """Write the households where they should go: a file appears whole or not at all."""
    if place.output is None:
        _to_standard_output(households)
        return
    with staged(place.output) as path:
        households.sink_csv(path) if chosen == "csv" else households.sink_parquet(path)


def _to_standard_output(households: pl.LazyFrame) -> None:
    from polars.exceptions import PolarsError  # noqa: PLC0415

    with output_guarded():
        try:
            households.sink_csv(sys.stdout.buffer)
        except PolarsError as error:
            # Polars tells a reader that went away apart from other troubles by words only.
            raise BrokenPipeError(str(error)) from error
        sys.stdout.flush()

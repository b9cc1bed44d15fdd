"""Households streamed to a file or to standard output, however many they are."""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import copyfileobj
from typing import TYPE_CHECKING, get_args

from incomeladder.cli.choices import FileFormat
from incomeladder.cli.output import output_guarded, print_out, staged
from incomeladder.errors import UsageRefused

if TYPE_CHECKING:
    import polars as pl

    from incomeladder.cli import options as o


def file_form(place: o.Place, chosen: FileFormat | None) -> FileFormat:
    """The format asked for, by name or by the output's suffix; CSV on standard output.

    Raises UsageRefused where neither tells, and for a format that is not text on standard output.
    """
    formats = get_args(FileFormat)
    told = chosen or ("csv" if place.output is None else Path(place.output).suffix.lower().removeprefix("."))
    if told not in formats:
        raise UsageRefused.because("output_format", output=place.output, formats=formats)
    if told == "parquet" and place.output is None:
        raise UsageRefused.because("no_text_to_terminal", format=told)
    found: FileFormat = "parquet" if told == "parquet" else "csv"
    return found


def sink(households: pl.LazyFrame, place: o.Place, chosen: FileFormat, *, for_excel: bool = False) -> None:
    """Write the households where they should go: a file appears whole or not at all.

    ``for_excel`` puts the mark before a CSV file by which Excel knows UTF-8.
    """
    if place.output is None:
        _to_standard_output(households)
        return
    from incomeladder.disk import disk_errors  # noqa: PLC0415

    with staged(place.output) as path, disk_errors():
        households.sink_csv(path, include_bom=for_excel) if chosen == "csv" else households.sink_parquet(path)


def _to_standard_output(households: pl.LazyFrame) -> None:
    from polars.exceptions import PolarsError  # noqa: PLC0415

    with output_guarded():
        try:
            households.sink_csv(sys.stdout.buffer)
        except PolarsError as error:
            # Polars tells a reader that went away apart from other troubles by words only.
            raise BrokenPipeError(str(error)) from error
        sys.stdout.flush()


def pour(path: Path) -> None:
    """A finished file to standard output; on a terminal, nothing in it that a terminal would obey."""
    if sys.stdout is not None and sys.stdout.isatty():
        print_out(path.read_text("utf-8"))
        return
    with output_guarded(), path.open("rb") as opened:
        copyfileobj(opened, sys.stdout.buffer)
        sys.stdout.flush()

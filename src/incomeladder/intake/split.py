"""Rows put down in parts, the files of each in a folder of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_PART: Final = "_part"


def sink(rows: pl.LazyFrame, part: pl.Expr, folder: Path, *, without: Iterable[str] = ()) -> pl.LazyFrame:
    """Put each row into the part whose number is ``part``, once this is collected; columns ``without`` stay behind."""
    split = pl.PartitionBy(folder, key=_PART, include_key=False)
    numbered = rows.with_columns(part.cast(pl.UInt32).alias(_PART)).drop(without)
    # Not parquet, which takes three times as long to write, and lies here no longer than it is looked at.
    return numbered.sink_ipc(split, compression="uncompressed", mkdir=True, lazy=True)


def scan(folder: Path, number: int | None = None) -> pl.LazyFrame | None:
    """The rows of a part, or of all of them; None where there are none."""
    files = [*folder.glob(f"{_PART}={'*' if number is None else number}/*.ipc")]
    return pl.scan_ipc(files, glob=False, hive_partitioning=False) if files else None

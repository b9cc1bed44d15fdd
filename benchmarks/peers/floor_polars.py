"""What polars takes to parse files, and nothing more.

``floor_polars.py needed COLUMN,COLUMN FILE...`` reads some columns as text, ``floor_polars.py typed all FILE...`` all,
numbers as numbers.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import polars as pl

_KINDS: Final = {"size": pl.Int64(), "income": pl.Float64(), "weight": pl.Float64()}


def main(task: str, columns: str, files: list[str]) -> None:
    parse = needed if task == "needed" else typed
    print(pl.collect_all([parse(file, columns.split(",")) for file in files], engine="streaming"))


def needed(file: str, columns: list[str]) -> pl.LazyFrame:
    """Counts cells: without a look at a column, polars would not parse it."""
    return pl.scan_csv(file, infer_schema=False).select(pl.col(columns).count())


def typed(file: str, _: list[str]) -> pl.LazyFrame:
    """Looks for the greatest, which unlike a count cannot be known from a parquet file's own notes of nulls."""
    if file.endswith(".parquet"):
        return pl.scan_parquet(file, use_statistics=False).select(pl.all().max())
    with Path(file).open(encoding="utf-8") as lines:
        names = next(lines).strip().split(",")
    return pl.scan_csv(file, schema={name: _KINDS.get(name, pl.String()) for name in names}).select(pl.all().max())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])

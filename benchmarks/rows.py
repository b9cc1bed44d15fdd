"""Writes the benchmarks' files for data.py: ``shuffle BOTH FOLDER``, ``recode CSV FILE`` and ``sheet CSV WORKBOOK``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import polars as pl

_TYPES: Final = {
    "household_id": pl.String(),
    "size": pl.Int64(),
    "income": pl.Decimal(18, 4),
    "weight": pl.Decimal(18, 9),
}
_BLOCK: Final = 1 << 20
_NUMBERS: Final = frozenset({"size", "income", "weight"})


def main(task: str, source: Path, target: Path) -> None:
    if task == "shuffle":
        for name in ("2023", "2024"):
            shuffle(source, target, name)
    elif task == "recode":
        recode(source, target)
    else:
        sheet(pl.read_csv(source, infer_schema=False), target)


def shuffle(both: Path, folder: Path, name: str) -> None:
    """One round of the panel in an order of its own, as CSV and as parquet."""
    rows = pl.scan_parquet(both).filter(pl.col("survey_round").cast(pl.String) == name).collect(engine="streaming")
    rows = rows.sample(fraction=1, shuffle=True, seed=int(name))
    csv, parquet = (folder / f"{name}.{suffix}.part" for suffix in ("csv", "parquet"))
    rows.write_csv(csv)
    rows.with_columns(pl.col(column).cast(kind) for column, kind in _TYPES.items()).write_parquet(parquet)
    for part in (csv, parquet):
        # Only what is whole bears the name that is looked for.
        part.rename(part.with_suffix(""))


def recode(source: Path, file: Path) -> None:
    """The same text in GB18030, by blocks, as it may be larger than memory."""
    part = file.with_suffix(".part")
    with source.open(encoding="utf-8", newline="") as text, part.open("w", encoding="gb18030", newline="") as recoded:
        while block := text.read(_BLOCK):
            recoded.write(block)
    part.rename(file)


def sheet(rows: pl.DataFrame, file: Path) -> None:
    """The rows as a workbook, numbers as numbers."""
    import xlsxwriter  # noqa: PLC0415  (only this kind wants it)

    part = file.with_suffix(".part")
    with xlsxwriter.Workbook(part, {"constant_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, rows.columns)
        for number, row in enumerate(rows.iter_rows(named=True), start=1):
            for column, (name, cell) in enumerate(row.items()):
                if cell is not None:
                    page.write(number, column, float(cell) if name in _NUMBERS else cell)
    part.rename(file)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))

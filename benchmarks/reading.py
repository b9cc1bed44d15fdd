"""A million rows of twelve columns from each kind of file, against polars' and calamine's own reading of them."""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

import polars as pl
import xlsxwriter
from measure import INCOMELADDER, PYTHON, ROOT, interleaved, median

READ_CSV = "import polars as pl, sys; pl.read_csv(sys.argv[1])"
READ_PARQUET = "import polars as pl, sys; pl.read_parquet(sys.argv[1])"
READ_SHEET = (
    "import python_calamine as c, sys; c.CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).to_python()"
)
NUMBERS = frozenset({"size", "income", "weight", "serial"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--make", type=Path, metavar="FOLDER", help="only write the files")
    asked = parser.parse_args()
    if asked.make:
        make(asked.make, asked.households)
        return
    with tempfile.TemporaryDirectory() as folder:
        # In a process of its own: what this one has held in memory would be counted as its children's.
        count = ("--households", str(asked.households))
        subprocess.run((PYTHON, __file__, "--make", folder, *count), check=True)
        compare(files_in(Path(folder)), asked.times)


def files_in(folder: Path) -> dict[str, str]:
    return {kind: str(folder / f"2024.{kind}") for kind in ("csv", "gb.csv", "parquet", "xlsx")}


def make(folder: Path, households: int) -> None:
    """Write the sample with two columns more, as each kind of file."""
    files = files_in(folder)
    count = ("--households", str(households), "--rounds", "2024")
    subprocess.run(
        (*INCOMELADDER, "sample", *count, "--output", files["csv"]), check=True, env={"PYTHONPATH": ROOT / "src"}
    )
    rows = pl.read_csv(files["csv"], infer_schema=False)
    rows = rows.with_columns(("户" + pl.col("household_id")).alias("name"), pl.int_range(pl.len()).alias("serial"))
    rows.write_csv(files["csv"])
    rows.write_parquet(files["parquet"])
    Path(files["gb.csv"]).write_bytes(Path(files["csv"]).read_text("utf-8").encode("gb18030"))
    write_sheet(rows, files["xlsx"])


def write_sheet(rows: pl.DataFrame, path: str) -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, rows.columns)
        for number, row in enumerate(rows.iter_rows(named=True), start=1):
            for column, (name, cell) in enumerate(row.items()):
                if cell is not None:
                    page.write(number, column, float(cell) if name in NUMBERS else cell)


def compare(files: dict[str, str], times: int) -> None:
    commands = {
        "polars read_csv": (PYTHON, "-c", READ_CSV, files["csv"]),
        "polars read_parquet": (PYTHON, "-c", READ_PARQUET, files["parquet"]),
        **{f"bands, {kind}": (*INCOMELADDER, "bands", file) for kind, file in files.items() if kind != "xlsx"},
        **{f"check, {kind}": (*INCOMELADDER, "check", file) for kind, file in files.items() if kind != "xlsx"},
    }
    sheets = {
        "calamine to_python": (PYTHON, "-c", READ_SHEET, files["xlsx"]),
        "bands, xlsx": (*INCOMELADDER, "bands", files["xlsx"]),
        "check, xlsx": (*INCOMELADDER, "check", files["xlsx"]),
    }
    for group in (commands, sheets):
        runs = interleaved(group, times)
        first = median(next(iter(runs.values())).wall)
        print(f"{'':22}{'seconds':>9}{'CPU':>8}{'MB':>7}{'times the first':>17}")
        for name, run in runs.items():
            wall = median(run.wall)
            print(f"{name:22}{wall:9.2f}{median(run.cpu):8.2f}{run.memory:7.0f}{wall / first:17.2f}")


if __name__ == "__main__":
    main()

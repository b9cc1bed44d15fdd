"""Large reports from CSV, against the same typed query in DuckDB.

Each report has two peers: the bare query, which looks at no more than incomes and weights; and the same query with what
the report finds out besides: the summary's counts, whether sizes, residences and weights can be, whether ids repeat.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

from measure import INCOMELADDER, PYTHON, ROOT, interleaved, median

# ruff: noqa: E501, S608  (queries stand on one line; they are made of file names that this script chose)
DUCKDB = """
import duckdb, sys
kinds = dict(size="INTEGER", income="DECIMAL(18,4)", weight="DECIMAL(18,4)")
def rows(file):
    names = open(file, encoding="utf-8").readline().strip().split(",")
    columns = {name: kinds.get(name, "VARCHAR") for name in names}
    return f"read_csv('{file}', header=true, columns={columns})"
band = "least(floor(income / 10000), 10)"
"""
BANDS = (
    DUCKDB
    + """
print(duckdb.sql(f"select {band}, count(*), sum(weight), sum(greatest(30000 - income, 0)) from {rows(sys.argv[1])}"
    " group by all order by 1").fetchall())
"""
)
TRANSITIONS = (
    DUCKDB
    + """
pair = f"{rows(sys.argv[1])} a full join {rows(sys.argv[2])} b using (household_id)"
print(duckdb.sql(f"select least(floor(a.income / 10000), 10), least(floor(b.income / 10000), 10), count(*),"
    f" sum(coalesce(a.weight, b.weight)) from {pair} group by all order by 1, 2").fetchall())
"""
)


CHECKED = "min(size), count(*) filter (residence not in ('urban', 'rural')), min(weight), count(distinct household_id)"
COUNTED = ", ".join(
    f"count(*) filter (income >= {lower} and income < {upper})"
    for lower, upper in ((-1e9, 30000), (30000, 40000), (90000, 100000), (100000, 500000))
)
BANDS_CHECKED = (
    DUCKDB
    + f"""
print(duckdb.sql(f"select survey_round, {{band}}, count(*), sum(weight), sum(greatest(30000 - income, 0)), {COUNTED}, {CHECKED}"
    f" from {{rows(sys.argv[1])}} group by all order by 1, 2").fetchall())
"""
)
TRANSITIONS_CHECKED = (
    DUCKDB
    + f"""
for name, file in zip("ab", sys.argv[1:]):
    duckdb.sql(f"create temp table {{name}} as select household_id, size, residence, income, weight from {{rows(file)}}")
    print(duckdb.sql(f"select {CHECKED} from {{name}}").fetchall())
print(duckdb.sql("select least(floor(a.income / 10000), 10), least(floor(b.income / 10000), 10), count(*),"
    " sum(coalesce(a.weight, b.weight)) from a full join b using (household_id) group by all order by 1, 2").fetchall())
"""
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        before, after = (make(Path(folder), asked.households, name) for name in ("2023", "2024"))
        compare(before, after, asked.times)


def make(folder: Path, households: int, name: str) -> str:
    """A file of one round of the same panel."""
    both, wanted = folder / "both.csv", folder / f"{name}.csv"
    if not both.exists():
        count = ("--households", str(households), "--rounds", "2023,2024")
        subprocess.run(
            (*INCOMELADDER, "sample", *count, "--output", both), check=True, env={"PYTHONPATH": ROOT / "src"}
        )
    with both.open(encoding="utf-8") as rows, wanted.open("w", encoding="utf-8") as kept:
        kept.write(next(rows))
        kept.writelines(row for row in rows if row.split(",", 2)[1] == name)
    return str(wanted)


def compare(before: str, after: str, times: int) -> None:
    commands = {
        "duckdb bands, bare": (PYTHON, "-c", BANDS, before),
        "duckdb bands": (PYTHON, "-c", BANDS_CHECKED, before),
        "incomeladder bands": (*INCOMELADDER, "bands", before, "--format", "json"),
        "duckdb transitions, bare": (PYTHON, "-c", TRANSITIONS, before, after),
        "duckdb transitions": (PYTHON, "-c", TRANSITIONS_CHECKED, before, after),
        "incomeladder transitions": (*INCOMELADDER, "transitions", before, after, "--format", "json"),
    }
    runs = interleaved(commands, times)
    for name, taken in runs.items():
        peer = "duckdb " + name.split()[1].rstrip(",")
        wall, cpu = median(taken.wall), median(taken.cpu)
        ratio, bare = (wall / median(runs[other].wall) for other in (peer, f"{peer}, bare"))
        print(
            f"{name:26} {wall:6.2f} s {cpu:6.2f} s CPU {taken.memory:5.0f} MB {ratio:5.2f} x, {bare:.2f} x the bare query"
        )


if __name__ == "__main__":
    main()

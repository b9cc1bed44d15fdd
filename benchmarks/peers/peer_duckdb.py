"""The reports in DuckDB, as one would write them who trusts the file: ``peer_duckdb.py REPORT FILE... [--rejects]``.

Columns are typed and money is decimal. With ``--rejects`` DuckDB notes what does not read, in place of stopping there.
"""

# ruff: noqa: S608  (queries are made of file names that the suite chose)
from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import duckdb

_KINDS: Final = {"size": "INTEGER", "income": "DECIMAL(18,4)", "weight": "DECIMAL(18,4)"}
# Not least(...): of a missing income that makes the top band.
_BAND: Final = "if({0}income >= 100000, 10, floor({0}income / 10000))"
_POOR: Final = (
    "survey_round, household_id, county, township, village, residence, key_group, size, income,"
    " 30000 - income as shortfall"
)
_QUERIES: Final = {
    "bands": f"select county, {_BAND.format('')}, count(*), sum(weight), sum(greatest(30000 - income, 0))"
    " from {0} group by all order by 1, 2",
    "flag": f"copy (select {_POOR} from {{0}} where income < 30000 order by shortfall desc, household_id)"
    " to '{output}' (header)",
    "transitions": f"select {_BAND.format('a.')}, {_BAND.format('b.')}, count(*), sum(coalesce(a.weight, b.weight))"
    " from {0} a full join {1} b using (household_id) group by all order by 1, 2",
    "check": "select count(columns(*)), min(size), min(weight), count(distinct household_id),"
    " count(*) filter (residence not in ('urban', 'rural')) from {0}",
    "indicators": "with held as (select income::double as y, weight::double as w,"
    " sum(weight) over (order by income rows unbounded preceding)::double as upto from {0} where income is not null)"
    " select sum(w * y) / sum(w), sum(w) filter (y < 30000) / sum(w), sum(w * greatest(30000 - y, 0)) / sum(w) / 30000,"
    " sum(w * y * (2 * upto - w)) / (sum(w) * sum(w * y)) - 1 from held",
    "add": "copy (select * from {0} order by household_id) to '{output}' (format parquet)",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", choices=_QUERIES)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--rejects", action="store_true")
    parser.add_argument("--output", default="")
    asked = parser.parse_args()
    tables = [table(file, rejects=asked.rejects) for file in asked.files]
    print(duckdb.execute(_QUERIES[asked.report].format(*tables, output=asked.output)).fetchall())


def table(file: str, *, rejects: bool) -> str:
    """What a query reads from."""
    if file.endswith(".parquet"):
        return f"read_parquet('{file}')"
    with Path(file).open(encoding="utf-8") as lines:
        names = next(lines).strip().split(",")
    columns = {name: _KINDS.get(name, "VARCHAR") for name in names}
    return f"read_csv('{file}', header=true, columns={columns}{', store_rejects=true' if rejects else ''})"


if __name__ == "__main__":
    main()

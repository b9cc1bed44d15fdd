"""The reports in plain polars, streaming, with decimal money: ``peer_polars.py REPORT FILE... [--output FILE]``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_KINDS: Final = {"size": pl.Int64(), "income": pl.Decimal(18, 4), "weight": pl.Decimal(18, 4)}
_POOR: Final = ("survey_round", "household_id", "county", "township", "village", "residence", "key_group", "size")
_LINE: Final = 30000
_INCOME: Final = pl.col("income")
_SHORT: Final = (pl.lit(_LINE, pl.Decimal(18, 4)) - _INCOME).alias("shortfall")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", choices=_REPORTS)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--output", default="")
    asked = parser.parse_args()
    report = _REPORTS[asked.report](*map(rows, asked.files))
    if asked.output:
        report.sink_csv(asked.output)
    else:
        print(report.collect(engine="streaming"))


def rows(file: str) -> pl.LazyFrame:
    """A file's typed rows; of GB18030 polars decodes the whole file before it reads."""
    if file.endswith(".parquet"):
        return pl.scan_parquet(file)
    encoding = "gb18030" if file.endswith(".gb18030.csv") else "utf-8"
    with Path(file).open(encoding=encoding) as lines:
        names = next(lines).strip().split(",")
    schema = {name: _KINDS.get(name, pl.String()) for name in names}
    if encoding == "gb18030":
        return pl.read_csv(file, schema=schema, encoding=encoding).lazy()
    return pl.scan_csv(file, schema=schema)


def band(column: str) -> pl.Expr:
    return (pl.col(column).cast(pl.Float64) / 10000).floor().clip(upper_bound=10)


def bands(survey: pl.LazyFrame) -> pl.LazyFrame:
    short = pl.when(_INCOME < _LINE).then(_SHORT)
    groups = survey.group_by("county", band("income").alias("band"))
    return groups.agg(pl.len(), pl.col("weight").sum(), short.sum()).sort("county", "band")


def flag(survey: pl.LazyFrame) -> pl.LazyFrame:
    poor = survey.filter(_INCOME < _LINE).select(*_POOR, "income", _SHORT)
    return poor.sort("shortfall", "household_id", descending=[True, False])


def transitions(before: pl.LazyFrame, after: pl.LazyFrame) -> pl.LazyFrame:
    sides = (side.select("household_id", "income", "weight") for side in (before, after))
    first, second = sides
    pairs = first.join(second, on="household_id", how="full", suffix="_after")
    moves = pairs.group_by(band("income").alias("from"), band("income_after").alias("to"))
    weight = pl.coalesce("weight", "weight_after").sum()
    return moves.agg(pl.len(), weight).sort("from", "to")


def check(survey: pl.LazyFrame) -> pl.LazyFrame:
    odd = (~pl.col("residence").is_in(["urban", "rural"])).sum().alias("odd")
    lowest = (pl.col(name).min().alias(f"least_{name}") for name in ("size", "weight"))
    return survey.select(pl.all().count(), *lowest, pl.col("household_id").n_unique().alias("ids"), odd)


def indicators(survey: pl.LazyFrame) -> pl.LazyFrame:
    income, weight = _INCOME.cast(pl.Float64), pl.col("weight").cast(pl.Float64)
    held = survey.select(y=income, w=weight).drop_nulls("y").sort("y").with_columns(upto=pl.col("w").cum_sum())
    y, w = pl.col("y"), pl.col("w")
    return held.select(
        mean=(w * y).sum() / w.sum(),
        poor=w.filter(y < _LINE).sum() / w.sum(),
        gap=(w * (_LINE - y).clip(lower_bound=0)).sum() / w.sum() / _LINE,
        gini=(w * y * (2 * pl.col("upto") - w)).sum() / (w.sum() * (w * y).sum()) - 1,
    )


_REPORTS: Final[Mapping[str, Callable[..., pl.LazyFrame]]] = {
    "bands": bands,
    "flag": flag,
    "transitions": transitions,
    "check": check,
    "indicators": indicators,
}

if __name__ == "__main__":
    main()

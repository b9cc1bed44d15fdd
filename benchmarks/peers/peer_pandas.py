"""The reports in pandas, where money is floating: ``peer_pandas.py REPORT FILE... [--output FILE]``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

import pandas as pd  # type: ignore[import-not-found,import-untyped,unused-ignore]  # (not installed where CI checks)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_LINE: Final = 30000
_MONEY: Final = ("income", "weight")
_KINDS: Final = {"income": "float64", "weight": "float64", "size": "Int64"}
_POOR: Final = (
    "survey_round",
    "household_id",
    "county",
    "township",
    "village",
    "residence",
    "key_group",
    "size",
    "income",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", choices=_REPORTS)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--output", default="")
    asked = parser.parse_args()
    report = _REPORTS[asked.report](*asked.files)
    if asked.output:
        report.to_csv(asked.output, index=False)
    else:
        print(report)


def rows(file: str, columns: Sequence[str] | None = None) -> Any:  # noqa: ANN401  (pandas has no types)
    """These columns of a file, or all, typed."""
    wanted = list(columns) if columns else None
    if file.endswith(".parquet"):
        read = pd.read_parquet(file, columns=wanted)
        return read.astype({name: "float64" for name in _MONEY if name in read.columns})
    encoding = "gb18030" if file.endswith(".gb18030.csv") else "utf-8"
    names = list(pd.read_csv(file, nrows=0, encoding=encoding).columns)
    kinds = {name: _KINDS.get(name, "str") for name in names}
    return pd.read_csv(file, usecols=wanted, dtype=kinds, encoding=encoding)


def band(income: Any) -> Any:  # noqa: ANN401
    return (income // 10000).clip(upper=10)


def bands(file: str) -> Any:  # noqa: ANN401
    survey = rows(file, ("county", "income", "weight"))
    survey["band"] = band(survey["income"])
    survey["short"] = (_LINE - survey["income"]).clip(lower=0)
    groups = survey.groupby(["county", "band"], dropna=False)
    return groups.agg(households=("income", "size"), weight=("weight", "sum"), short=("short", "sum"))


def flag(file: str) -> Any:  # noqa: ANN401
    survey = rows(file, _POOR)
    poor = survey[survey["income"] < _LINE].assign(shortfall=lambda found: _LINE - found["income"])
    return poor.sort_values(["shortfall", "household_id"], ascending=[False, True])


def transitions(before: str, after: str) -> Any:  # noqa: ANN401
    sides = [rows(file, ("household_id", "income", "weight")) for file in (before, after)]
    pairs = sides[0].merge(sides[1], on="household_id", how="outer", suffixes=("_before", "_after"))
    moves = [band(pairs[f"income_{side}"]).rename(side) for side in ("before", "after")]
    weights = pairs["weight_before"].fillna(pairs["weight_after"])
    return weights.groupby(moves, dropna=False).agg(["size", "sum"])


def check(file: str) -> Any:  # noqa: ANN401
    survey = rows(file)
    odd = (~survey["residence"].isin(["urban", "rural"])).sum()
    repeated = survey["household_id"].duplicated().sum()
    return [survey.count(), survey["size"].min(), survey["weight"].min(), odd, repeated]


_REPORTS: Final[Mapping[str, Callable[..., Any]]] = {
    "bands": bands,
    "flag": flag,
    "transitions": transitions,
    "check": check,
}

if __name__ == "__main__":
    main()

"""A projection for people: what would become of the floor and the targets, the ladder year by year, and a caution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from incomeladder.estimation.projection.targets import HORIZON
from incomeladder.render.blocks import Block, Cell, Grid, Line
from incomeladder.render.grids import grid, group_name
from incomeladder.render.numbers import counted, percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from incomeladder.render.wording import Words
    from incomeladder.report import Report

    Row = Mapping[str, Any]

_SHOWN_YEARS: Final = 6
_UNLIKELY: Final = 0.05
_SPARSE: Final = 0.2
_LEAST: Final = 0.001


def blocks(report: Report, words: Words) -> Iterable[Block]:
    """Each group by itself, then what came and went, and whether the rates have been constant."""
    table = report.main
    by = table.columns[1 : table.columns.index("band")]
    rounds = {"before": report.parameters["from"], "after": report.parameters["to"]}
    if table.is_empty():
        yield Line(words("say.project_nobody", **rounds))
        return
    for key in table.select(by).unique(maintain_order=True).iter_rows(named=True) if by else [{}]:
        title = words("title.project", until=str(table["year"].max()), **rounds)
        yield Line(title + group_name(key, by, words), title=True)
        told = {name: _of(key, each) for name, each in report.tables.items()}
        yield from _sentences(report, told, words)
        yield Line(words("title.project_ladder"), title=True)
        yield _ladder(told["projection"], words)
    if _passed_over(table["year"].unique().sort().to_list())[1]:
        yield Line(words("say.years_between"))
    yield Line(words("title.flows"), title=True)
    yield _flows(report.tables["flows"], words)
    yield from _constancy(report, words)
    yield Line(words("say.shares"))
    yield Line(words("say.project_interval", replicates=report.parameters["replicates"]))
    yield Line(words("say.project_census" if report.parameters["census"] else "say.project_sample"))


def _of(key: Mapping[str, object], table: pl.DataFrame) -> pl.DataFrame:
    """The rows of a group."""
    return table.filter(pl.col(name).eq_missing(value) for name, value in key.items()) if key else table


def _sentences(report: Report, told: Mapping[str, pl.DataFrame], words: Words) -> Iterable[Line]:
    """What becomes of the floor, of each target, and what all this is not."""
    floor = told["shares"].filter(indicator="headcount_ratio").sort("year")
    first, last = floor.row(0, named=True), floor.row(-1, named=True)
    facts = {"floor": counted(report.programme.tiers.floor.upper)}
    if first["value"] is None:
        yield Line(words("say.project_floor_unknown", **facts))
    else:
        years = {"start": str(first["year"]), "end": str(last["year"])}
        shares = {"now": first["value"], "then": last["value"], "lower": last["lower"], "upper": last["upper"]}
        yield Line(words("say.project_floor", **facts, **years, **{name: _exact(of) for name, of in shares.items()}))
    for target in told["targets"].iter_rows(named=True):
        yield Line(_target(target, first["year"], last["year"], words))
    yield Line(words("say.project_not_forecast"))


def _target(target: Row, start: int, end: int, words: Words) -> str:
    due = "" if target["year"] is None else words("say.project_due", year=str(target["year"]))
    name, asked, met = (
        words(f"indicator.{target['indicator']}"),
        _exact(target["target"]),
        _met(target, start, end, words),
    )
    return words(f"say.project_{target['rule']}", indicator=name, target=asked, due=due, met=met)


def _met(target: Row, start: int, end: int, words: Words) -> str:
    """When a target is met: at the outset, later, never; nobody knows where nobody has an income."""
    again = "" if target["lost_in"] is None else words("say.project_lost", year=str(target["lost_in"]))
    if target["met_in"] == start:
        return words("say.project_met_now", year=str(start), again=again)
    facts = {"end": str(end), "chance": percent(target["met_by_until"])}
    if target["met_in"] is not None:
        return words("say.project_met", year=str(target["met_in"]), again=again, **facts)
    if target["limit"] is None:
        return words("say.project_untold")
    return words("say.project_never", horizon=HORIZON, limit=_exact(target["limit"]), **facts)


def _exact(share: float | None) -> str:
    return percent(share) if share is None else f"{share:.2%}"


def _passed_over(years: Sequence[int]) -> tuple[list[int], int]:
    """As many years as a terminal has room for, the first and the last among them, and how many are passed over."""
    every = -(-(len(years) - 1) // _SHOWN_YEARS) or 1
    shown = [years[0], *reversed(years[:0:-every])]
    return shown, len(years) - len(shown)


def _ladder(table: pl.DataFrame, words: Words) -> Grid:
    """A row a band, a column a year, and the interval of the last."""
    years, _ = _passed_over(table["year"].unique().sort().to_list())
    rows = []
    for name in table["band"].unique(maintain_order=True):
        of_band = {row["year"]: row for row in table.filter(band=name).iter_rows(named=True)}
        last = of_band[years[-1]]
        interval = words("interval", lower=_points(last["share_lower"]), upper=_points(last["share_upper"]))
        shares = [_points(of_band[year]["share"]) for year in years]
        if name != "missing":
            rows.append(tuple(map(Cell, (name, *shares, "" if last["share_lower"] is None else interval))))
    headings = (words.column("band"), *map(str, years), words.column("interval"))
    return Grid(headings, tuple(rows), frozenset(range(1, len(headings))))


def _points(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


def _flows(table: pl.DataFrame, words: Words) -> Grid:
    """Whole families: a part of one is only in the data."""
    whole = pl.col("start", "left", "entered", "end", "missing").round(0).cast(pl.Int64)
    return grid(table.with_columns(pl.col("year").cast(pl.String), whole), words, ("missing",))


def _constancy(report: Report, words: Words) -> Iterable[Block]:
    if "constancy" not in report.tables:
        return
    table = report.tables["constancy"]
    by = table.columns[: table.columns.index("test")]
    yield Line(words("title.constancy"), title=True)
    for key in table.select(by).unique(maintain_order=True).iter_rows(named=True) if by else [{}]:
        ratio, squares = _of(key, table).iter_rows(named=True)
        group = group_name(key, by, words).removeprefix(" | ")
        yield Line((f"{group} | " if group else "") + _verdict(ratio, squares, words))
    yield Line(words("say.constancy_of"))
    if (table["sparse_cells"] > _SPARSE).any():
        yield Line(words("say.sparse"))


def _chance(p_value: object) -> str:
    return f"= {p_value:.3f}" if float(str(p_value)) >= _LEAST else f"< {_LEAST}"


def _verdict(ratio: Row, squares: Row, words: Words) -> str:
    steps = ratio["transitions"]
    if ratio["p_value"] is None:
        return words("say.not_testable", transitions=steps)
    chances = {"lr": _chance(ratio["p_value"]), "q": _chance(squares["p_value"])}
    key = "say.not_constant" if ratio["p_value"] < _UNLIKELY else "say.constant"
    return words(key, transitions=steps, **chances)

"""Households through several rounds for people: what became of them in words, then tables of all of them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from incomeladder.estimation.trajectories.paths import BETWEEN
from incomeladder.render.blocks import Block, Cell, Grid, Line
from incomeladder.render.grids import grid, group_name, plain_value
from incomeladder.render.numbers import counted, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TypeAlias

    from incomeladder.render.wording import Words
    from incomeladder.report import Report

    _Telling: TypeAlias = Callable[[Any, Words], str]

_MOST_PATHS: Final = 15
_SHORT: Final = 6
"""Rounds of a path that is told state by state."""
_SPELLS: Final = ("known_exit", "known_censored", "censored_exit", "censored_censored")


def blocks(report: Report, words: Words) -> Iterable[Block]:
    """The same for each group; and, at the end, how to see the path of each household."""
    summary = report.tables["summary"]
    by = summary.columns[: summary.columns.index("households")]
    rounds = report.tables["rounds"]["survey_round"].unique(maintain_order=True).to_list()
    for row in summary.iter_rows(named=True):
        group = {name: row[name] for name in by}
        span = {"first": rounds[0], "last": rounds[-1], "rounds": len(rounds)}
        yield Line(words("title.trajectories", **span) + group_name(group, by, words), title=True)
        yield from _sentences(row, span, report, words)
        yield from _rounds(_of(report, "rounds", group), words)
        yield from _paths(_of(report, "paths", group), words)
        yield from _spells(_of(report, "spells", group), words)
        yield from _hazards(_of(report, "hazards", group), row["left_censored"], words)
    for name in ("rounds", "paths", "spells", "hazards"):
        yield Line(words(f"say.{name}_legend"))
    yield Line(words("say.in_rounds"))
    yield Line(words("say.each_path"))


def _of(report: Report, name: str, group: Mapping[str, object]) -> pl.DataFrame:
    """The rows of a group, without its columns: they are known by their place, since a survey's may be called path."""
    table, first = report.tables[name], int(name == "rounds")
    columns = table.columns[first : first + len(group)]
    of_group = (pl.col(column).eq_missing(value) for column, value in zip(columns, group.values(), strict=True))
    return table.filter(pl.lit(value=True), *of_group).drop(columns)


def _sentences(row: Mapping[str, int], span: Mapping[str, object], report: Report, words: Words) -> Iterable[Line]:
    facts = {**row, **span, "floor": counted(report.programme.tiers.floor.upper)}
    for key in ("say.followed", "say.known_in_all", "say.ever_below", "say.events"):
        yield Line(words(key, **facts))
    if row["persistent_of"]:
        yield Line(words("say.persistent", share=percent(row["persistence"]), **facts))
        if row["standard_error"] is not None:
            ends = {name: percent(row[name]) for name in ("lower", "upper")}
            yield Line(words("say.persistent_error", **ends))
    if row["below_now_unknown_before"]:
        yield Line(words("say.persistence_unknown", households=row["below_now_unknown_before"]))


def _rounds(rounds: pl.DataFrame, words: Words) -> Iterable[Block]:
    yield Line(words("table.rounds"), title=True)
    yield grid(rounds, words, spare=("seen", "first_entries", "unseen"))


def _paths(paths: pl.DataFrame, words: Words) -> Iterable[Block]:
    """The first of them, which are the most frequent, in the reader's words."""
    shown, rest = paths.head(_MOST_PATHS), paths.slice(_MOST_PATHS)
    yield Line(words("table.paths"), title=True)
    spare = () if (paths["weight"] != paths["households"]).any() else ("weight",)
    yield _told(shown.drop(spare), {"path": _path}, words)
    if rest.height:
        yield Line(words("say.more_paths", paths=rest.height, households=rest["households"].sum()))


def _spells(spells: pl.DataFrame, words: Words) -> Iterable[Block]:
    """A row for each length."""
    if not spells.height:
        return
    found = {(length, f"{start}_{end}"): count for length, start, end, count in spells.iter_rows()}
    lengths = spells["length"].unique(maintain_order=True)
    rows = (tuple(Cell(counted(found.get((length, kind), 0))) for kind in _SPELLS) for length in lengths)
    headings = (words.column("length"), *(words(f"spell.{kind}") for kind in _SPELLS))
    yield Line(words("table.spells"), title=True)
    yield Grid(
        headings,
        tuple((Cell(counted(length)), *row) for length, row in zip(lengths, rows, strict=True)),
        frozenset(range(len(headings))),
    )


def _hazards(hazards: pl.DataFrame, left_censored: int, words: Words) -> Iterable[Block]:
    """Errors only where there are any."""
    yield Line(words("table.hazards"), title=True)
    if not hazards.height:
        yield Line(words("say.no_hazards"))
        return
    ends = hazards.select("lower", "upper").iter_rows(named=True)
    interval = pl.Series("interval", [_interval(row, words) for row in ends], pl.String)
    chances = hazards.drop("lower", "upper").with_columns(interval)
    empty = ("standard_error", "interval") if hazards["standard_error"].is_null().all() else ()
    told: Mapping[str, _Telling] = {
        "event": _event,
        "hazard": _percent,
        "survival": _percent,
        "standard_error": _percent,
    }
    yield _told(chances.drop(empty), told, words, ("standard_error",))
    if left_censored:
        yield Line(words("say.left_censored", spells=left_censored))


def _told(table: pl.DataFrame, told: Mapping[str, _Telling], words: Words, spare: Sequence[str] = ()) -> Grid:
    """A table with some columns in words of their own."""
    right = frozenset(number for number, kind in enumerate(table.dtypes) if kind.is_numeric())
    rows = (
        tuple(
            Cell(told[name](value, words) if name in told else plain_value(name, value)) for name, value in row.items()
        )
        for row in table.iter_rows(named=True)
    )
    places = tuple(table.columns.index(name) for name in spare if name in table.columns)
    return Grid(tuple(map(words.column, table.columns)), tuple(rows), right, places)


def _path(path: str, words: Words) -> str:
    """State by state; a long one run by run."""
    states = path.split(BETWEEN)
    if len(states) <= _SHORT:
        return BETWEEN.join(words(f"life.{state}") for state in states)
    runs = ((words(f"life.{state}"), len(list(run))) for state, run in groupby(states))
    return f" {BETWEEN} ".join(words("life.run", state=state, rounds=rounds) for state, rounds in runs)


def _event(event: str, words: Words) -> str:
    return words(f"event.{event}")


def _percent(chance: float | None, _: Words) -> str:
    return percent(chance)


def _interval(ends: Mapping[str, float | None], words: Words) -> str:
    if ends["lower"] is None:
        return ""
    return words("interval", lower=percent(ends["lower"]), upper=percent(ends["upper"]))

"""The counting lines give the same numbers whichever engine runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incomeladder import compare, summarise
from incomeladder.classify import classify
from incomeladder.flag import by_need, flag
from incomeladder.link import link
from incomeladder.loading import load
from incomeladder.programme import Programme, Tiers

if TYPE_CHECKING:
    from collections.abc import Callable

    Frame = nw.LazyFrame
    Engine = Callable[[pl.DataFrame], Frame]

SCHEMA = {
    "household_id": pl.String,
    "survey_round": pl.String,
    "county": pl.String,
    "income": pl.Int64,
    "weight": pl.Int64,
}
BY = ("county",)


def on_polars(households: pl.DataFrame) -> Frame:
    return nw.from_native(households.lazy())


def on_duckdb(households: pl.DataFrame) -> Frame:
    return nw.from_native(duckdb.from_arrow(households.to_arrow(compat_level=pl.CompatLevel.oldest())))


def collected(frame: Frame) -> list[tuple[object, ...]]:
    found = nw.to_native(frame)
    names = sorted(frame.collect_schema().names())
    rows = found.select(names).collect().rows() if isinstance(found, pl.LazyFrame) else found.select(*names).fetchall()
    return sorted(rows, key=lambda row: [(cell is None, str(cell)) for cell in row])


def drawn(*rows: tuple[str, str | None, int | None, int], survey_round: str) -> pl.DataFrame:
    return pl.DataFrame(
        [(identifier, survey_round, county, income, weight) for identifier, county, income, weight in rows],
        schema=SCHEMA,
        orient="row",
    )


BEFORE = drawn(
    ("1", "东区", 299_999_999, 10**9),
    ("2", "东区", 300_000_000, 2 * 10**9),
    ("3", None, -1, 0),
    ("4", "西区", None, 5),
    ("5", None, 10**15 - 1, 10**17 - 1),
    ("6", "西区", -(10**15) + 1, 10**17 - 1),
    survey_round="2023",
)
AFTER = drawn(
    ("1", "西区", 300_000_000, 7),
    ("2", None, None, 7),
    ("3", None, 0, 7),
    ("4", "西区", 1_000_000_000, 7),
    ("7", None, -100, 9),
    ("8", "东区", None, 9),
    survey_round="2024",
)


def counted(engine: Engine, households: pl.DataFrame, programme: Programme) -> list[tuple[object, ...]]:
    return collected(summarise.count(classify(engine(households), programme), BY))


def linked(engine: Engine, before: pl.DataFrame, after: pl.DataFrame, programme: Programme) -> Frame:
    sides = (classify(engine(households), programme) for households in (before, after))
    return link(*sides, "household_id", carried=BY, compared=("segment", "band", "income"))


def test_a_round_is_counted_alike_on_both_engines(programme: Programme) -> None:
    rows = pl.concat([BEFORE, AFTER])
    assert counted(on_duckdb, rows, programme) == counted(on_polars, rows, programme)


def test_two_rounds_are_linked_and_counted_alike_on_both_engines(programme: Programme) -> None:
    ways = [collected(compare.count(linked(engine, BEFORE, AFTER, programme), BY)) for engine in (on_polars, on_duckdb)]
    assert ways[0] == ways[1]


@pytest.mark.parametrize("kind", ["up", "down", "rose", "fell", "left", "entered", "all"])
def test_movers_are_alike_on_both_engines(programme: Programme, kind: compare.Movers) -> None:
    listed = [
        collected(compare.movers(linked(engine, BEFORE, AFTER, programme), programme, kind, BY))
        for engine in (on_polars, on_duckdb)
    ]
    assert listed[0] == listed[1]


def test_flagged_households_stand_in_the_same_order_on_both_engines(programme: Programme) -> None:
    rows = pl.concat([BEFORE, AFTER])
    ids = []
    for engine in (on_polars, on_duckdb):
        needy = by_need(
            flag(classify(engine(rows), programme), programme, Tiers.names), ("survey_round",), "household_id"
        )
        found = nw.to_native(needy.select("survey_round", "household_id", "tier", "shortfall"))
        ids.append(found.collect().rows() if isinstance(found, pl.LazyFrame) else found.fetchall())
    assert ids[0] == ids[1]


INCOMES = st.one_of(
    st.none(),
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.sampled_from([step * 10_000 + more for step in (0, 10_000, 30_000, 40_000, 100_000) for more in (-1, 0, 1)]),
)
HOUSEHOLDS = st.lists(
    st.tuples(
        st.integers(0, 12).map(str),
        st.sampled_from(["东区", "西区", None]),
        INCOMES,
        st.one_of(st.integers(0, 10**17 - 1), st.just(0)),
    ),
    max_size=12,
    unique_by=lambda row: row[0],
)


@given(before=HOUSEHOLDS, after=HOUSEHOLDS, step=st.sampled_from(["10000", "2500", "0.5"]))
@settings(max_examples=40, deadline=None)
def test_any_two_rounds_are_counted_alike_on_both_engines(
    before: list[tuple[str, str | None, int | None, int]],
    after: list[tuple[str, str | None, int | None, int]],
    step: str,
) -> None:
    programme = load(step=step, top="100" if step == "0.5" else None).programme
    first, second = drawn(*before, survey_round="2023"), drawn(*after, survey_round="2024")
    assert counted(on_duckdb, first, programme) == counted(on_polars, first, programme)
    ways = [collected(compare.count(linked(engine, first, second, programme), BY)) for engine in (on_polars, on_duckdb)]
    assert ways[0] == ways[1]

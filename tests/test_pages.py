"""Pages of reports some of whose numbers are not published, and the drawing of the flows."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from incomeladder.pipeline.composing import report as composed
from incomeladder.pipeline.request import Request
from incomeladder.render.facts import Facts, difference, points, signed, told, told_points, told_share
from incomeladder.render.html import html
from incomeladder.render.html.flows import drawing
from incomeladder.render.wording import Words
from pages import read

if TYPE_CHECKING:
    from collections.abc import Callable

    from incomeladder.programme import Programme
    from incomeladder.read.source import Source
    from incomeladder.report import Report

SAMPLE = Path(__file__).parents[1] / "data" / "sample_households.csv"
EDGES = ("lower", "upper")


@pytest.fixture(scope="module")
def whole(sources: Callable[..., tuple[Source, ...]], programme: Programme) -> Report:
    return composed(sources(str(SAMPLE)), Request(programme))


def hidden(table: pl.DataFrame, only: pl.Expr | None = None) -> pl.DataFrame:
    """The table without its numbers, or without some of them; edges of bands are no numbers of households."""
    numbers = [name for name, kind in table.schema.items() if kind.is_numeric() and name not in EDGES]

    which = pl.lit(value=True) if only is None else only
    return table.with_columns(pl.when(which).then(None).otherwise(pl.col(numbers)).name.keep())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_where_no_number_is_published_none_is_told(whole: Report, language: str) -> None:
    tables = {name: hidden(table) for name, table in whole.tables.items()}
    made = read(html(replace(whole, tables=tables), Words(language)))
    body = made.all("body")[0].text
    assert "None" not in body
    assert {row[3] for row in made.section("ladder").rows()} == {"*"}
    assert {cell for row in made.section("tiers").rows() for cell in row[2:]} <= {"*", "–"}
    assert [each for each in made.section("flows").all("path") if each.all("title")] == []
    assert [each for each in made.all("span") if "width" in each.attributes.get("style", "")] == []


def test_a_hidden_cell_has_no_ribbon_and_its_sums_are_those_that_the_ladders_tell(whole: Report) -> None:
    way = (pl.col("from_band") == "20000-30000") & (pl.col("to_band") == "30000-40000")
    untold = (pl.col("survey_round") == "2024") & (pl.col("band") == "30000-40000")
    changed = {"matrix": hidden(whole.tables["matrix"], way), "bands": hidden(whole.tables["bands"], untold)}
    tables = {**whole.tables, **changed}
    made = read(html(replace(whole, tables=tables), Words("en")))
    ribbons = [each.text for each in made.section("flows").all("path") if each.all("title")]
    assert made.section("flows").all("svg")[0].text.count("*") == 1
    assert not any(text.startswith("20000-30000 → 30000-40000") for text in ribbons)
    assert any(text.startswith("20000-30000 → 40000-50000: 9 ") for text in ribbons)
    table = made.section("matrix").all("table")[0]
    ends = [each.text for each in table.all("th")]
    row = next(row for row in table.rows() if row[0] == "20000-30000")
    assert (row[ends.index("30000-40000")], row[-1]) == ("*", "72")
    assert table.rows("tfoot")[0][ends.index("30000-40000")] == "*"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_that_is_published_is_shaded_though_weights_are_not_and_says_what_is_left_out(
    whole: Report, language: str
) -> None:
    matrix = whole.tables["matrix"].with_columns(pl.lit(None, pl.Float64).alias("weight"))
    kept = {name: table for name, table in whole.tables.items() if name not in {"precision", "decomposition"}}
    measures = hidden(kept["measures"], pl.col("measure") == "shorrocks")
    parameters = {**whole.parameters, "publish": True}
    report = replace(whole, parameters=parameters, tables={**kept, "matrix": matrix, "measures": measures})
    words = Words(language).of(report)
    made = read(html(report, words))
    assert any("h6" in cell.attributes.get("class", "") for cell in made.section("matrix").all("td"))
    assert made.section("measures").rows()[-1][-1] == "*"
    assert words("page.no_errors") in made.section("measures").text
    assert words("page.flows_hidden") in made.section("flows").text


def test_ribbons_of_a_place_lie_side_by_side(whole: Report) -> None:
    drawn = drawing(Facts(whole, Words("en")))
    for side, where in (("origin", "leaves"), ("end", "arrives")):
        for block in drawn.before if side == "origin" else drawn.after:
            ribbons = sorted(
                (each for each in drawn.ribbons if getattr(each.flow, side) == block.stretch),
                key=lambda each, where=where: getattr(each, where),
            )
            assert sum(each.flow.households for each in ribbons) == block.households
            edge = block.top
            for each in ribbons:
                assert getattr(each, where) == pytest.approx(edge)
                edge += each.breadth
            assert edge == pytest.approx(block.top + block.height)


def test_names_of_a_drawing_do_not_overlap_and_none_lies_outside(whole: Report) -> None:
    drawn = drawing(Facts(whole, Words("en")))
    for blocks in (drawn.before, drawn.after):
        middles = [block.top + block.height / 2 for block in blocks]
        assert min(later - before for before, later in pairwise(middles)) >= 15
        assert max(block.top + block.height for block in blocks) < drawn.height


def test_the_floor_is_drawn_between_the_bands_it_parts(whole: Report) -> None:
    drawn = drawing(Facts(whole, Words("en")))
    for floor, blocks in zip(drawn.floors, (drawn.before, drawn.after), strict=True):
        assert floor is not None
        for block in blocks:
            if not block.stretch.outside:
                assert (block.top > floor) == block.stretch.below


def test_numbers_are_told_exactly_and_with_their_sign() -> None:
    assert signed(difference(723159.31, 776545.64)) == "−53,386.33"
    assert signed(difference(0.3, 0.1)) == "+0.2"
    assert (signed(difference(5, 5)), signed(difference(None, 5)), told(None)) == ("0", "*", "*")
    assert told_points(points(0.0376, 0.0509)) == "−1.3"
    assert (told_points(points(0.5, 0.50001)), told_points(None)) == ("0.0", "–")
    assert (told_share(None, 0), told_share(None, None), told_share(0.5, 1)) == ("–", "*", "50.0%")

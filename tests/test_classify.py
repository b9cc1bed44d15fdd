from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incomeladder.classify import classify
from incomeladder.ladder import band_frame, band_name, band_of, within
from incomeladder.loading import load

if TYPE_CHECKING:
    from pathlib import Path

    from incomeladder.programme import Programme


def placed(yuan: str | float | None, programme: Programme) -> tuple[str, int | None]:
    units = None if yuan is None else round(float(yuan) * 10_000)
    frame = pl.LazyFrame({"income": [units]}, schema={"income": pl.Int64})
    classified = nw.to_native(classify(nw.from_native(frame), programme)).collect()
    return classified.select(band_name(programme.ladder), "segment").row(0)


@pytest.mark.parametrize(
    ("yuan", "band"),
    [
        ("0", "0-10000"),
        ("9999.9999", "0-10000"),
        ("10000", "10000-20000"),
        ("29999.99", "20000-30000"),
        ("30000", "30000-40000"),
        ("39999.99", "30000-40000"),
        ("99999.9999", "90000-100000"),
        ("100000", "100000+"),
        ("99999999999", "100000+"),
        ("-0.01", "<0"),
        ("-0.0001", "<0"),
        ("-99999999999", "<0"),
        (None, "missing"),
    ],
)
def test_a_band_holds_its_lower_edge_and_not_its_upper(programme: Programme, yuan: str | None, band: str) -> None:
    assert placed(yuan, programme)[0] == band


@pytest.mark.parametrize(
    ("yuan", "segment"),
    [
        ("-0.0001", -1),
        ("-25000", -1),
        ("0", 0),
        ("29999.9999", 2),
        ("30000", 3),
        ("99999.99", 9),
        ("100000", 10),
        ("499999.99", 10),
        ("500000", 11),
        (None, None),
    ],
)
def test_a_segment_counts_the_edges_that_are_passed(programme: Programme, yuan: str, segment: int | None) -> None:
    assert placed(yuan, programme)[1] == segment


@pytest.mark.parametrize(("yuan", "segment"), [("9999", 0), ("10000", 1), ("27499.99", 2), ("27500", 3), ("30000", 4)])
def test_a_line_between_the_steps_of_the_ladder_parts_a_segment(tmp_path: Path, yuan: str, segment: int) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text("[tiers.floor]\nupper = 27500\ntarget = 27500\n", encoding="utf-8")
    assert placed(yuan, load(rules).programme)[1] == segment


def test_the_ladder_of_another_step_and_top_has_its_own_names() -> None:
    programme = load(step="0.5", top="1.5").programme
    assert band_frame(programme.ladder)["band_name"].to_list() == ["<0", "0-0.5", "0.5-1", "1-1.5", "1.5+", "missing"]
    assert placed("0.5", programme)[0] == "0.5-1"


def test_an_open_edge_is_null(programme: Programme) -> None:
    edges = band_frame(programme.ladder).select("lower", "upper").rows()
    assert (edges[0], edges[1], edges[-2], edges[-1]) == ((None, 0), (0, 10_000), (100_000, None), (None, None))


def test_a_missing_income_is_within_nothing(programme: Programme) -> None:
    segments = pl.DataFrame({"segment": [None, 0, 4]}, schema={"segment": pl.Int32})
    assert segments.select(within(programme, None, None)).to_series().to_list() == [False, True, True]


@given(
    units=st.integers(-(10**15), 10**15),
    step=st.integers(1, 50_000),
    bands=st.integers(1, 40),
)
@settings(max_examples=40, deadline=None)
def test_an_income_lies_between_the_edges_of_its_band(units: int, step: int, bands: int) -> None:
    programme = load(step=str(step), top=str(step * bands)).programme
    frame = pl.LazyFrame({"income": [units]})
    classified = nw.to_native(classify(nw.from_native(frame), programme)).collect()
    number = classified["band"].item()
    assert classified.select(band_of(programme)).item() == number
    lower = None if number == -1 else number * step * 10_000
    upper = 0 if number == -1 else None if number == bands else (number + 1) * step * 10_000
    assert lower is None or lower <= units
    assert upper is None or units < upper

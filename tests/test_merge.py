"""Rounds of the ledger are compared by a merge, and nothing else is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import polars as pl

from incomeladder.frames import ID, INCOME, SEGMENT, WEIGHT, WEIGHT_UNIT
from incomeladder.ledger import columns
from incomeladder.link import link
from incomeladder.pipeline.request import classified, native

if TYPE_CHECKING:
    from pathlib import Path

    from incomeladder.programme import Programme

STORED = (ID, INCOME, WEIGHT)


def households(*ids: str) -> pl.LazyFrame:
    return pl.LazyFrame({ID: ids}).with_columns(
        pl.lit(300_000_000, pl.Int64).alias(INCOME), pl.lit(WEIGHT_UNIT, pl.Int64).alias(WEIGHT)
    )


def kept(folder: Path, name: str, *ids: str) -> pl.LazyFrame:
    file = folder / f"{name}.parquet"
    columns.stored(households(*ids), STORED).sink_parquet(file)
    return columns.households(file, STORED).with_columns(survey_round=pl.lit(name))


def joined(before: pl.LazyFrame, after: pl.LazyFrame, programme: Programme) -> pl.LazyFrame:
    earlier, later = (classified(nw.from_native(frame), programme, (ID,)) for frame in (before, after))
    linked = native(link(earlier, later, ID, carried=(), compared=(SEGMENT,)))
    return linked.select(pl.len().cast(pl.Int64), pl.col("in_before").sum())


def plan(frame: pl.LazyFrame) -> str:
    return frame.show_graph(engine="streaming", plan_stage="physical", raw_output=True) or ""


def test_rounds_of_the_ledger_are_joined_by_a_merge(tmp_path: Path, programme: Programme) -> None:
    frame = joined(kept(tmp_path, "2023", "01", "02"), kept(tmp_path, "2024", "02", "03"), programme)
    assert "merge-join" in plan(frame)
    assert frame.collect(engine="streaming").row(0) == (3, 2)


def test_what_nobody_has_proved_to_be_sorted_is_not(programme: Programme) -> None:
    before, after = (households(*ids).with_columns(survey_round=pl.lit("x")) for ids in (("02", "01"), ("03", "02")))
    frame = joined(before, after, programme)
    assert "merge-join" not in plan(frame)
    assert frame.collect(engine="streaming").row(0) == (3, 2)

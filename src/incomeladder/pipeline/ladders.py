"""The ladders of rounds as tables: of each group, and of all together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from incomeladder import summarise
from incomeladder.frames import ROUND
from incomeladder.pipeline.tables import in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.programme import Programme


def placed(counts: pl.DataFrame, programme: Programme, rounds: Sequence[str], by: Sequence[str]) -> pl.DataFrame:
    """What ``summarise.count`` counted, of these rounds, with bands, in the order of the report."""
    of_rounds = summarise.banded(counts.filter(pl.col(ROUND).is_in(list(rounds))), programme)
    return in_order(summarise.with_empty(of_rounds, rounds, by), by)


def ladder_tables(chosen: pl.DataFrame, programme: Programme, by: Sequence[str]) -> dict[str, pl.DataFrame]:
    """The bands of each round and group, and their summary."""
    return {"bands": summarise.bands(chosen, programme, by), "summary": summarise.summary(chosen, programme, by)}


def totals(
    chosen: pl.DataFrame, programme: Programme, rounds: Sequence[str], by: Sequence[str]
) -> dict[str, pl.DataFrame]:
    """The same of all groups together, and the ``places`` that the groups are, if there are any."""
    # A round without a household has no group either, and zeros all the same.
    filled = summarise.with_empty(chosen.drop(by), rounds, ())
    whole = {f"total_{name}": table for name, table in ladder_tables(in_order(filled, ()), programme, ()).items()}
    return whole | ({"places": summarise.summary(chosen, programme, by)} if by else {})

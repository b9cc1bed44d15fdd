"""Fault 54: the ledger joins rounds by a merge, files are joined by a hash; the reports are the same."""

from __future__ import annotations

import csv
import io
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from tests.cli.conftest import ROOT

from incomeladder.errors import Refused
from incomeladder.ledger.store import Ledger
from incomeladder.pipeline import Request, transitions
from incomeladder.pipeline.keep import Keeping, keep

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl
    from tests.cli.conftest import Outcome

    from incomeladder.programme import Programme
    from incomeladder.read.source import Source

    Run = Callable[..., Outcome]
    Sources = Callable[..., tuple[Source, ...]]
    Household = tuple[str, str, str]

IDS = st.text(st.characters(categories=["L", "N"], codec="utf-8"), min_size=1, max_size=4).filter(
    lambda text: unicodedata.is_normalized("NFKC", text)
)
INCOMES = st.sampled_from(["", "-0.01", "0", "29999.99", "30000", "99999.9999", "123456789.01"])
WEIGHTS = st.sampled_from(["1", "2.5", "0.000000001", "84.3"])
FEW_IDS = st.lists(IDS, min_size=3, max_size=10, unique=True)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[list[Household], list[Household]]:
    """Two rounds of households of which some are in both, in any order."""
    ids = draw(FEW_IDS)
    first, second = (draw(st.permutations(ids)) for _ in range(2))
    rounds = [first[: draw(st.integers(2, len(ids)))], second[: draw(st.integers(2, len(ids)))]]
    told = [[(each, draw(INCOMES), draw(WEIGHTS)) for each in round_ids] for round_ids in rounds]
    return told[0], told[1]


def written(households: list[Household]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([("household_id", "income", "weight"), *households])
    return text.getvalue()


def compared(before: tuple[Source, ...], after: tuple[Source, ...], programme: Programme) -> dict[str, pl.DataFrame]:
    return dict(transitions(before, after, Request(programme), movers="all").tables)


@settings(max_examples=25)
@given(pair=pairs())
def test_fault_54_the_merge_of_the_ledger_finds_what_a_hash_finds(
    pair: tuple[list[Household], list[Household]],
    write: Callable[..., str],
    sources: Sources,
    programme: Programme,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    ledger = Ledger(tmp_path_factory.mktemp("ledger"))
    files = [write(written(households), f"{label}.csv") for label, households in zip("ab", pair, strict=True)]
    try:
        hashed = compared(*map(sources, files), programme)
        for file in files:
            keep(sources(file), Request(programme), Keeping(ledger))
    except Refused:  # households that have nothing in common, or are the very same
        reject()
    merged = compared(sources("@a", ledger=ledger), sources("@b", ledger=ledger), programme)
    assert merged.keys() == hashed.keys()
    for name, table in hashed.items():
        assert merged[name].equals(table), name


@pytest.mark.parametrize("more", [[], ["--by", "county"], ["--movers", "all"], ["--by", "township", "--step", "5000"]])
def test_fault_54_the_ledgers_transitions_are_those_of_the_file(run: Run, more: list[str]) -> None:
    sample = ROOT / "data" / "sample_households.csv"
    assert run("ledger", "add", sample, "--ledger", "ledger").status == 0
    tables = [
        run("transitions", *words, *more, "--format", "json").json
        for words in ((sample, "--from", "2023", "--to", "2024"), ("@2023", "@2024", "--ledger", "ledger"))
    ]
    sources = [told["parameters"].pop("sources") for told in tables]
    assert sources[0] != sources[1]
    assert tables[0] == tables[1]

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from incomeladder.loading import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from incomeladder.report import Report

HERE = Path(__file__).parent / "reference"
STATES = str(HERE / "us_states_income_long.csv")
EXPECTED = json.loads((HERE / "us_states_expected.json").read_text("utf-8"))
HEADINGS = {"household_id": "STATE_FIPS", "income": "pci", "survey_round": "year"}


@pytest.fixture(scope="module")
def states(sources: Callable[..., object]) -> Callable[..., Report]:
    from incomeladder import pipeline  # noqa: PLC0415

    def states(first: str, last: str, top: str, step: str = "10000") -> Report:
        request = pipeline.Request(load(top=top, step=step).programme, (first, last))
        return pipeline.transitions(sources(STATES, columns=HEADINGS), None, request)

    return states


def test_the_states_move_between_fixed_bands_as_giddy_counts_them(states: Callable[..., Report]) -> None:
    matrix = states("1989", "2009", "70000").tables["matrix"]
    cells = matrix.filter((matrix["from_band"] != "entered") & (matrix["to_band"] != "left"))
    published = [int(cell) for row in EXPECTED["ten_thousand_bands_1989_to_2009"]["transitions"] for cell in row]
    assert cells["households"].to_list() == published


def test_every_state_is_in_both_years(states: Callable[..., Report]) -> None:
    summary = states("1989", "2009", "70000").tables["summary"].row(0, named=True)
    assert (summary["matched"], summary["left"], summary["entered"]) == (48, 0, 0)
    assert (summary["up"], summary["same"], summary["down"]) == (48, 0, 0)


def test_the_measures_follow_from_the_published_counts(states: Callable[..., Report]) -> None:
    counts = EXPECTED["ten_thousand_bands_1989_to_2009"]["transitions"]
    steps = [(cell, end - start) for start, row in enumerate(counts) for end, cell in enumerate(row)]
    found = dict(states("1989", "2009", "70000").tables["measures"].rows())
    assert found["immobility_ratio"] == 0
    assert found["net_movement"] == pytest.approx(sum(cell * step for cell, step in steps) / 48)
    assert found["shorrocks"] == pytest.approx(2 / 1)

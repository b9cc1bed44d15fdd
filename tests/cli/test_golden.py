from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion
    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

# Every tier, a negative and a missing income; one household leaves, one enters.
EIGHT = """
    household_id | survey_round | county | township | residence | key_group | size | income    | weight
    0001         | 2023         | 东区   | 银江镇   | rural     | 低保家庭  | 4    | -1200     | 1.5
    0002         | 2023         | 东区   | 银江镇   | rural     |           | 3    | 29999.99  | 1
    0003         | 2023         | 东区   | 银江镇   | urban     |           | 2    | 30000     | 1
    0004         | 2023         | 米易县 | 白马镇   | rural     | 残疾人    | 1    | 39999.99  | 2
    0005         | 2023         | 米易县 | 白马镇   | rural     |           | 5    | 95000     | 1
    0006         | 2023         | 米易县 | 白马镇   | urban     |           | 3    |           | 1
    0007         | 2023         | 米易县 | 撒莲镇   | urban     |           | 3    | 180000    | 0.5
    0001         | 2024         | 东区   | 银江镇   | rural     | 低保家庭  | 4    | 8000.5    | 1.5
    0002         | 2024         | 东区   | 银江镇   | rural     |           | 3    | 41000     | 1
    0003         | 2024         | 东区   | 银江镇   | urban     |           | 2    | 25000     | 1
    0004         | 2024         | 米易县 | 白马镇   | rural     | 残疾人    | 1    | 35000     | 2
    0005         | 2024         | 米易县 | 白马镇   | rural     |           | 5    | 100000    | 1
    0006         | 2024         | 米易县 | 白马镇   | urban     |           | 3    | 92000     | 1
    0008         | 2024         | 米易县 | 撒莲镇   | urban     |           | 3    | -300      | 0.5
"""
UNSOUND = """
    household_id | survey_round | residence | key_group | size | income
    0001         | 2024         | urban     | 低保家庭  | 3    | 三万
    0002         | 2024         | 山区      |           | 0    | 25000
    0003         | 2024         | rural     | 退休      | 2    | 38000
    0004         | 2024         | rural     |           | 2    | 48000
    0004         | 2024         | rural     |           | 2    | 49000
    合计         |              |           |           |      | 160000
"""
COMMANDS = {
    "bands": ["bands", "town.csv", "--round", "2023"],
    "bands_by_county": ["bands", "town.csv", "--by", "county"],
    "flag": ["flag", "town.csv", "--tier", "all"],
    "transitions": ["transitions", "town.csv", "--movers", "all"],
    "check": ["check", "unsound.csv"],
    "check_sound": ["check", "town.csv"],
}


@pytest.fixture(autouse=True)
def files(survey: Draw) -> None:
    survey(EIGHT)
    survey(UNSOUND, "unsound.csv")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_table_reads_as_it_did(run: Run, snapshot: SnapshotAssertion, name: str, language: str) -> None:
    assert run(*COMMANDS[name], "--lang", language).out == snapshot


@pytest.mark.parametrize("name", ["bands", "flag", "transitions", "check"])
def test_json_reads_as_it_did(run: Run, snapshot: SnapshotAssertion, name: str) -> None:
    assert run(*COMMANDS[name], "--format", "json").out == snapshot


@pytest.mark.parametrize("language", ["en", "zh"])
def test_rejected_rows_read_as_they_did(run: Run, snapshot: SnapshotAssertion, language: str) -> None:
    assert run("bands", "unsound.csv", "--lang", language).err == snapshot

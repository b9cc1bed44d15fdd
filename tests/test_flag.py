from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from incomeladder.errors import SurveyRefused
from incomeladder.loading import load
from incomeladder.programme import Tiers

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from incomeladder.report import Report

    Make = Callable[..., Report]
    Write = Callable[..., str]
    Shows = Callable[[pl.DataFrame, str], None]

HOUSEHOLDS = """
household_id | county | income        | size
01           | 东区   | 29999.99      | 3
02           | 东区   | 30000         | 3
03           | 西区   | -5000         | 1
04           | 西区   | 39999.9999999 | 4
05           | 东区   | 30000         |
06           | 东区   |               | 3
07           | 西区   | 90000         | 3
08           | 西区   | 99999.99      | 3
09           | 东区   | 100000        | 3
10           | 东区   | 40000         | 3
11           | 西区   | 29999.99      | 2
"""


def test_the_neediest_stand_first_below_the_floor_and_ties_by_id(report: Make, survey: Write, shows: Shows) -> None:
    shows(
        report("flagged", survey(HOUSEHOLDS)).main,
        """
        survey_round | household_id | county | size | income   | band        | tier  | target | shortfall
        2024         | 03           | 西区   | 1    | -5000    | <0          | floor | 30000  | 35000
        2024         | 01           | 东区   | 3    | 29999.99 | 20000-30000 | floor | 30000  | 0.01
        2024         | 11           | 西区   | 2    | 29999.99 | 20000-30000 | floor | 30000  | 0.01
        """,
    )


def test_the_nearest_to_the_target_stand_first_in_the_other_tiers(report: Make, survey: Write, shows: Shows) -> None:
    shows(
        report("flagged", survey(HOUSEHOLDS), tiers=("low",)).main,
        """
        household_id | income     | band        | tier | target | shortfall
        04           | 39999.9999 | 30000-40000 | low  | 40000  | 0.0001
        02           | 30000      | 30000-40000 | low  | 40000  | 10000
        05           | 30000      | 30000-40000 | low  | 40000  | 10000
        """,
    )
    shows(
        report("flagged", survey(HOUSEHOLDS), tiers=("middle",)).main,
        """
        household_id | income   | band         | tier   | target | shortfall
        08           | 99999.99 | 90000-100000 | middle | 100000 | 0.01
        07           | 90000    | 90000-100000 | middle | 100000 | 10000
        """,
    )


def test_all_tiers_follow_one_another(report: Make, survey: Write) -> None:
    flagged = report("flagged", survey(HOUSEHOLDS), tiers=Tiers.names).main
    assert flagged["household_id"].to_list() == ["03", "01", "11", "04", "02", "05", "08", "07"]
    assert flagged["tier"].to_list() == ["floor"] * 3 + ["low"] * 3 + ["middle"] * 2


def test_the_columns_are_the_published_ones_and_those_asked_for(report: Make, survey: Write) -> None:
    file = survey("household_id | income | 户主 | county\n1 | 5000 | 张三 | 东区")
    listed = report("flagged", file, extra=("户主", "county")).main
    assert listed.columns == [
        "survey_round",
        "household_id",
        "county",
        "township",
        "village",
        "residence",
        "key_group",
        "size",
        "income",
        "band",
        "tier",
        "target",
        "shortfall",
        "户主",
    ]
    assert listed["户主"].to_list() == ["张三"]


def test_groups_stand_together_with_the_unnamed_last(report: Make, survey: Write, shows: Shows) -> None:
    file = survey("household_id | county | income\n1 | | 1\n2 | 西区 | 2000\n3 | 东区 | 3000\n4 | 西区 | 4")
    shows(
        report("flagged", file, by=("county",)).main,
        """
        county | household_id
        东区   | 3
        西区   | 4
        西区   | 2
               | 1
        """,
    )


def test_rounds_stand_in_natural_order(report: Make, survey: Write, shows: Shows) -> None:
    file = survey("survey_round | household_id | income\n10 | 1 | 5000\n9 | 1 | 6000\n10 | 2 | 4000")
    shows(
        report("flagged", file, rounds=("all",)).main,
        """
        survey_round | household_id
        9            | 1
        10           | 2
        10           | 1
        """,
    )


def test_nobody_below_the_floor_is_an_empty_list_with_its_columns(report: Make, survey: Write) -> None:
    listed = report("flagged", survey("household_id | income\n1 | 30000")).main
    assert (listed.height, listed.width) == (0, 13)


def test_a_floor_of_its_own_is_used(report: Make, survey: Write, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("programme") / "p.toml"
    path.write_text("[tiers.floor]\nupper = 25000.5\ntarget = 25000.5\n")
    file = survey("household_id | income\n1 | 25000.5\n2 | 25000.4999")
    listed = report("flagged", file, programme=load(path).programme).main
    assert listed.select("household_id", "shortfall").rows() == [("2", 0.0001)]


def test_a_list_of_households_needs_ids(report: Make, survey: Write) -> None:
    with pytest.raises(SurveyRefused, match="no_id_column"):
        report("flagged", survey("income | county\n5000 | 东区"))

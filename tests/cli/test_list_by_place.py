"""The list of households for people begins with where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

TOWNS = """
    household_id | county | township | income
    1            | 东区   | 甲镇     | 29999.99
    2            | 东区   | 乙镇     | 10000
    3            | 西区   | 丙镇     | 28000.01
    4            | 西区   | 丙镇     | 28000
    5            |        | 丁镇     | 29000
    6            | 东区   | 甲镇     | 50000
"""


def test_who_asks_for_groups_is_told_of_these(run: Run, survey: Draw) -> None:
    told = by_place(run, survey(TOWNS, "2024.csv"), "--by", "township")
    assert [row[0] for row in told][:3] == ["Township", "乙镇", "丙镇"]


def by_place(run: Run, *argv: object) -> list[list[str]]:
    """The rows of the first table."""
    lines = run("flag", *argv).out.split("Where they are")[1].split("The households")[0].splitlines()
    return [line.split() for line in lines if line.strip() and not line.startswith("-")]


def test_the_places_that_lack_the_most_come_first(run: Run, survey: Draw) -> None:
    assert by_place(run, survey(TOWNS, "2024.csv")) == [
        ["County", "Households", "Shortfall"],
        ["东区", "2", "20,000.01"],
        ["西区", "2", "3,999.99"],
        ["none", "1", "1,000.00"],
    ]


def test_of_one_county_the_townships_are_told_apart(run: Run, survey: Draw) -> None:
    town = survey(TOWNS.replace("西区", "东区").replace("|        |", "| 东区   |"), "2024.csv")
    assert [row[0] for row in by_place(run, town)] == ["Township", "乙镇", "丙镇", "丁镇", "甲镇"]


def test_each_tier_has_its_places(run: Run, survey: Draw) -> None:
    town = survey(TOWNS.replace("50000", "35000"), "2024.csv")
    assert by_place(run, town, "--tier", "all")[-1] == ["low", "东区", "1", "5,000.00"]


def test_where_places_are_not_known_only_the_list_is_shown(run: Run, survey: Draw) -> None:
    assert "Where they are" not in run("flag", survey("household_id | income\n1 | 20000", "2024.csv")).out

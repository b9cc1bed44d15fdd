from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from incomeladder.errors import SurveyRefused, UsageRefused
from incomeladder.loading import load

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from incomeladder.report import Report

    Make = Callable[..., Report]
    Write = Callable[..., str]
    Shows = Callable[[pl.DataFrame, str], None]

EDGES = """
household_id | income
1            | -0.01
2            | 0
3            | 29999.99
4            | 30000
5            | 39999.99
6            | 100000
7            |
8            | 29999.9999999
"""


def test_every_band_of_the_ladder_is_shown_and_shares_leave_missing_incomes_out(
    report: Make, survey: Write, shows: Shows
) -> None:
    shows(
        report("bands", survey(EDGES)).tables["bands"],
        """
        survey_round | band         | lower  | upper  | households | weight | share | cumulative_share
        2024         | <0           |        | 0      | 1          | 1      | 1/7   | 1/7
        2024         | 0-10000      | 0      | 10000  | 1          | 1      | 1/7   | 2/7
        2024         | 10000-20000  | 10000  | 20000  | 0          | 0      | 0     | 2/7
        2024         | 20000-30000  | 20000  | 30000  | 2          | 2      | 2/7   | 4/7
        2024         | 30000-40000  | 30000  | 40000  | 2          | 2      | 2/7   | 6/7
        2024         | 40000-50000  | 40000  | 50000  | 0          | 0      | 0     | 6/7
        2024         | 50000-60000  | 50000  | 60000  | 0          | 0      | 0     | 6/7
        2024         | 60000-70000  | 60000  | 70000  | 0          | 0      | 0     | 6/7
        2024         | 70000-80000  | 70000  | 80000  | 0          | 0      | 0     | 6/7
        2024         | 80000-90000  | 80000  | 90000  | 0          | 0      | 0     | 6/7
        2024         | 90000-100000 | 90000  | 100000 | 0          | 0      | 0     | 6/7
        2024         | 100000+      | 100000 |        | 1          | 1      | 1/7   | 1
        2024         | missing      |        |        | 1          |        |       |
        """,
    )


def test_bands_below_zero_and_missing_are_shown_only_where_there_are_such_incomes(report: Make, survey: Write) -> None:
    names = report("bands", survey("household_id | income\n1 | 5000")).tables["bands"]["band"].to_list()
    assert (names[0], names[-1], len(names)) == ("0-10000", "100000+", 11)


def test_the_summary_counts_households_and_weighs_shares(report: Make, survey: Write, shows: Shows) -> None:
    file = survey(
        """
        household_id | income    | weight
        1            | -1000     | 1
        2            | 29999.99  | 2
        3            | 30000     | 3
        4            | 39999.99  | 1
        5            | 90000     | 1
        6            | 100000    | 1.5
        7            | 499999.99 | 0.5
        8            | 500000    | 0
        9            |           | 4
        """
    )
    shows(
        report("bands", file).tables["summary"],
        """
        survey_round | households | weight | missing | below_floor | below_floor_share | shortfall
        2024         | 9          | 10     | 1       | 2           | 3/10              | 31000.01
        """,
    )
    shows(
        report("bands", file).tables["summary"],
        """
        low_tier | middle_tier | at_or_above_top | middle_income | middle_income_share
        2        | 1           | 3               | 2             | 2/10
        """,
    )


def test_shares_are_of_the_group(report: Make, survey: Write, shows: Shows) -> None:
    file = survey(
        """
        household_id | county | income
        1            | 东区   | 29999.99
        2            | 东区   | 30000
        3            | 西区   | 5000
        4            |        | 50000
        5            | 西区   |
        """
    )
    shows(
        report("bands", file, by=("county",)).tables["summary"],
        """
        county | households | missing | below_floor | below_floor_share
        东区   | 2          | 0       | 1           | 1/2
        西区   | 2          | 1       | 1           | 1
               | 1          | 0       | 0           | 0
        """,
    )
    assert report("bands", file, by=("county",)).tables["bands"].height == 3 * 11 + 1


def test_a_group_without_any_weight_has_no_shares(report: Make, survey: Write, shows: Shows) -> None:
    file = survey("household_id | county | income | weight\n1 | 东区 | 5000 | 0\n2 | 西区 | 5000 | 1")
    shows(
        report("bands", file, by=("county",)).tables["summary"],
        """
        county | households | weight | below_floor | below_floor_share
        东区   | 1          | 0      | 1           |
        西区   | 1          | 1      | 1           | 1
        """,
    )


def test_groups_may_be_columns_of_the_file_and_several(report: Make, survey: Write, shows: Shows) -> None:
    file = survey("household_id | 户主性别 | size | income\n1 | 女 | 3 | 5000\n2 | 女 | 4 | 5000\n3 | 男 | 3 | 5000")
    shows(
        report("bands", file, by=("户主性别", "size")).tables["summary"],
        """
        户主性别 | size | households
        女       | 3    | 1
        女       | 4    | 1
        男       | 3    | 1
        """,
    )


def test_a_group_that_no_survey_has_is_a_mistake_of_usage(report: Make, survey: Write) -> None:
    with pytest.raises(UsageRefused) as refused:
        report("bands", survey("household_id | county | income\n1 | 东区 | 5000"), by=("conty",))
    (reason,) = refused.value.reasons
    assert (reason.key, reason.facts["nearest"]) == ("unknown_column", "county")


@pytest.mark.parametrize("column", ["household_id", "income", "survey_round"])
def test_some_columns_make_no_groups(report: Make, survey: Write, column: str) -> None:
    with pytest.raises(UsageRefused, match="no_group"):
        report("bands", survey("household_id | income | survey_round\n1 | 5000 | 2024"), by=(column,))


ROUNDS = "survey_round | household_id | income\n9 | 1 | 5000\n10 | 1 | 45000\n10 | 2 | 5000"


def test_the_latest_round_is_shown_and_9_comes_before_10(report: Make, survey: Write, shows: Shows) -> None:
    latest = report("bands", survey(ROUNDS))
    shows(latest.tables["summary"], "survey_round | households\n10 | 2")
    assert {note.key: note.facts for note in latest.notes}["other_rounds"]["rounds"] == ["9"]
    assert latest.accounting[""].rows_read == 2


def test_named_rounds_and_all_rounds_are_shown_in_their_order(report: Make, survey: Write, shows: Shows) -> None:
    file = survey(ROUNDS)
    shows(report("bands", file, rounds=("10", "9")).tables["summary"], "survey_round | households\n9 | 1\n10 | 2")
    shows(report("bands", file, rounds=("all",)).tables["summary"], "survey_round | households\n9 | 1\n10 | 2")
    shows(report("bands", file, rounds=("9",)).tables["summary"], "survey_round | households\n9 | 1")


def test_a_round_that_is_not_there_is_refused(report: Make, survey: Write) -> None:
    with pytest.raises(SurveyRefused, match="unknown_round"):
        report("bands", survey(ROUNDS), rounds=("8",))


def test_rejects_of_other_rounds_do_not_stop_this_one(report: Make, survey: Write) -> None:
    file = survey("survey_round | household_id | income\n2023 | 1 | x\n2024 | 1 | 5000")
    assert report("bands", file).accounting[""].rejected == 0


def test_several_files_of_one_round_are_one_survey(report: Make, survey: Write, shows: Shows) -> None:
    first = survey("household_id | income\n1 | 5000")
    second = survey("户编号 | 年收入（万元） | 乡镇\n2 | 3 | 大渡口")
    shows(
        report("bands", first, second, by=("township",)).tables["summary"],
        """
        township | households | below_floor
        大渡口   | 1          | 0
                 | 1          | 1
        """,
    )


def test_rows_without_ids_are_counted_as_households_and_it_is_said(report: Make, survey: Write) -> None:
    counted = report("bands", survey("income | county\n5000 | 东区\n5000 | 东区"))
    assert counted.accounting[""].accepted == 2
    assert "rows_as_households" in {note.key for note in counted.notes}


def test_another_ladder_keeps_the_tiers(report: Make, survey: Write, shows: Shows) -> None:
    coarse = report("bands", survey(EDGES), programme=load(step="50000", top="50000").programme)
    assert coarse.tables["bands"]["band"].to_list() == ["<0", "0-50000", "50000+", "missing"]
    shows(coarse.tables["summary"], "below_floor | low_tier | at_or_above_top\n4 | 2 | 1")


def test_a_nation_of_the_largest_incomes_does_not_overflow(report: Make, write: Write) -> None:
    rows = "".join(f"{number},-99999999999,99999999\n" for number in range(1_000))
    told = report("bands", write("household_id,income,weight\nA1,1000,1\n" + rows)).tables["summary"].row(0, named=True)
    assert told["shortfall"] == 1_000 * (99_999_999_999 + 30_000) + 29_000
    assert told["weight"] == 1_000 * 99_999_999 + 1


def test_a_shortfall_of_the_smallest_unit_is_not_lost(report: Make, survey: Write, shows: Shows) -> None:
    file = survey("household_id | income\n1 | 29999.9999\n2 | 29999.9999")
    shows(report("bands", file).tables["summary"], "below_floor | shortfall\n2 | 0.0002")


def test_incomes_alone_are_a_survey(report: Make, write: Write) -> None:
    counted = report("bands", write('income\n5000\n\n"29,999.99"\n30000\n'))
    assert (counted.accounting[""].accepted, counted.accounting[""].skipped) == (3, 1)
    assert counted.tables["summary"]["below_floor"].item() == 2

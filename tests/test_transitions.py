from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from incomeladder.errors import RowsRejected, SurveyRefused
from incomeladder.loading import load
from incomeladder.report import Accounting

if TYPE_CHECKING:
    from collections.abc import Callable

    from incomeladder.report import Report

    Compare = Callable[..., Report]
    Write = Callable[..., str]
    Shows = Callable[[pl.DataFrame, str], None]

BEFORE = """
household_id | county | income    | weight
01           | 东区   | 29999.99  | 1
02           | 东区   | 5000      | 2
03           | 东区   | 30000     | 1
04           | 西区   | 45000     | 4
05           | 西区   | 95000     | 1
06           | 西区   | 20000     | 1
07           | 东区   |           | 1
08           | 西区   | 35000     | 1
09           | 东区   | 60000     | 1
10           | 东区   | -1        | 3
"""

AFTER = """
household_id | county | income    | weight
01           | 东区   | 30000     | 9
02           | 西区   | 9999.99   | 9
03           | 东区   | 29999.99  | 9
04           | 西区   | 45000     | 9
05           | 西区   | 100000    | 9
07           | 东区   | 50000     | 9
08           | 西区   |           | 9
10           | 东区   | -2        | 9
11           | 西区   | 100       | 5
12           | 东区   | 39999     | 6
"""


@pytest.fixture(scope="module")
def rounds(survey: Write) -> tuple[str, str]:
    return survey(BEFORE, "2023.csv"), survey(AFTER, "2024.csv")


@pytest.fixture(scope="module")
def compared(compare: Compare, rounds: tuple[str, str]) -> Report:
    return compare(*rounds, movers="all")


def test_every_household_of_either_round_is_counted(compared: Report, shows: Shows) -> None:
    shows(
        compared.tables["summary"],
        """
        before | after | matched | left | entered | up | same | down | missing
        10     | 10    | 8       | 2    | 2       | 2  | 3    | 1    | 2
        """,
    )


def test_the_moves_over_the_floor_are_counted(compared: Report, shows: Shows) -> None:
    shows(
        compared.tables["summary"],
        """
        below_floor_before | below_floor_after | rose_above_floor | stayed_below_floor | fell_below_floor
        4                  | 4                 | 1                | 2                  | 1
        """,
    )
    shows(compared.tables["summary"], "left_below_floor | entered_below_floor\n1 | 1")


def test_the_matrix_holds_those_who_moved_with_the_weight_of_the_earlier_round(compared: Report, shows: Shows) -> None:
    shows(
        compared.tables["matrix"].filter(pl.col("households") > 0),
        """
        from_band    | to_band      | households | weight | row_share
        <0           | <0           | 1          | 3      | 1
        0-10000      | 0-10000      | 1          | 2      | 1
        20000-30000  | 30000-40000  | 1          | 1      | 1
        20000-30000  | left         | 1          | 1      |
        30000-40000  | 20000-30000  | 1          | 1      | 1
        30000-40000  | missing      | 1          | 1      |
        40000-50000  | 40000-50000  | 1          | 4      | 1
        60000-70000  | left         | 1          | 1      |
        90000-100000 | 100000+      | 1          | 1      | 1
        missing      | 50000-60000  | 1          | 1      |
        entered      | 0-10000      | 1          | 5      |
        entered      | 30000-40000  | 1          | 6      |
        """,
    )


def test_the_matrix_has_every_pair_of_bands(compared: Report) -> None:
    matrix = compared.tables["matrix"]
    assert matrix.height == 14 * 14 - 1
    assert matrix["from_band"].unique(maintain_order=True).to_list()[-2:] == ["missing", "entered"]
    assert matrix["to_band"].head(14).to_list()[-2:] == ["missing", "left"]
    assert matrix.filter(pl.col("from_band") == "10000-20000")["row_share"].null_count() == 14


def test_row_shares_divide_by_the_matched_weight_of_the_origin(compare: Compare, survey: Write, shows: Shows) -> None:
    before = survey(
        "household_id | income | weight\n1 | 5000 | 1\n2 | 5000 | 2\n3 | 5000 | 4\n4 | 5000 | 8\n5 | 15000 | 0", "a.csv"
    )
    after = survey("household_id | income\n1 | 5000\n2 | 15000\n3 |\n5 | 5000", "b.csv")
    shows(
        compare(before, after).tables["matrix"].filter(pl.col("households") > 0),
        """
        from_band   | to_band     | weight | row_share
        0-10000     | 0-10000     | 1      | 1/3
        0-10000     | 10000-20000 | 2      | 2/3
        0-10000     | missing     | 4      |
        0-10000     | left        | 8      |
        10000-20000 | 0-10000     | 0      |
        """,
    )


def test_each_tiers_numbers_add_up_to_its_households_before(compared: Report, shows: Shows) -> None:
    shows(
        compared.tables["tiers"],
        """
        tier   | before | reached_target | stayed | fell_back | left | missing | after | entered
        floor  | 4      | 1              | 2      | 0         | 1    | 0       | 4     | 1
        low    | 2      | 0              | 0      | 1         | 0    | 1       | 2     | 1
        middle | 1      | 1              | 0      | 0         | 0    | 0       | 0     | 0
        """,
    )


def test_a_tier_whose_target_lies_beyond_it_keeps_those_on_the_way(
    compare: Compare, survey: Write, shows: Shows, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("programme") / "p.toml"
    path.write_text("[tiers.low]\ntarget = 50000\n")
    before = survey("household_id | income\n1 | 35000\n2 | 35000\n3 | 35000", "a.csv")
    after = survey("household_id | income\n1 | 49999.9999\n2 | 50000\n3 | 29999.9999", "b.csv")
    shows(
        compare(before, after, programme=load(path).programme).tables["tiers"].filter(pl.col("tier") == "low"),
        """
        before | reached_target | stayed | fell_back | after
        3      | 1              | 1      | 1         | 0
        """,
    )


def test_a_matched_household_counts_in_its_earlier_group_and_an_entrant_in_its_own(
    compare: Compare, rounds: tuple[str, str], shows: Shows
) -> None:
    grouped = compare(*rounds, by=("county",))
    shows(
        grouped.tables["summary"],
        """
        county | before | after | matched | left | entered | up | same | down | missing | below_floor_after
        东区   | 6      | 6     | 5       | 1    | 1       | 1  | 2    | 1    | 1       | 3
        西区   | 4      | 4     | 3       | 1    | 1       | 1  | 1    | 0    | 1       | 1
        """,
    )
    shows(
        grouped.tables["tiers"].filter(pl.col("tier") == "floor"),
        """
        county | tier  | before | reached_target | stayed | left | after | entered
        东区   | floor | 3      | 1              | 2      | 0    | 3     | 0
        西区   | floor | 1      | 0              | 0      | 1    | 1     | 1
        """,
    )


def test_a_group_that_is_not_named_is_a_group(compare: Compare, survey: Write, shows: Shows) -> None:
    before = survey("household_id | county | income\n1 | | 5000\n2 | 东区 | 5000", "a.csv")
    after = survey("household_id | county | income\n1 | | 15000\n2 | 东区 | 5000\n3 | | 5000", "b.csv")
    grouped = compare(before, after, by=("county",))
    shows(
        grouped.tables["summary"],
        """
        county | before | after | up | same | entered
        东区   | 1      | 1     | 0  | 1    | 0
               | 1      | 2     | 1  | 0    | 1
        """,
    )
    unnamed = grouped.tables["matrix"].filter(pl.col("county").is_null(), pl.col("households") > 0)
    shows(
        unnamed,
        """
        from_band | to_band     | households | row_share
        0-10000   | 10000-20000 | 1          | 1
        entered   | 0-10000     | 1          |
        """,
    )


def test_every_mover_is_listed_by_id_with_its_way(compared: Report, shows: Shows) -> None:
    shows(
        compared.tables["movers"],
        """
        household_id | from_income | to_income | change | from_band    | to_band     | movement
        01           | 29999.99    | 30000     | 0.01   | 20000-30000  | 30000-40000 | up
        03           | 30000       | 29999.99  | -0.01  | 30000-40000  | 20000-30000 | down
        05           | 95000       | 100000    | 5000   | 90000-100000 | 100000+     | up
        06           | 20000       |           |        | 20000-30000  |             | left
        09           | 60000       |           |        | 60000-70000  |             | left
        11           |             | 100       |        |              | 0-10000     | entered
        12           |             | 39999     |        |              | 30000-40000 | entered
        """,
    )


@pytest.mark.parametrize(
    ("kind", "ids"),
    [
        ("up", ["01", "05"]),
        ("down", ["03"]),
        ("rose", ["01"]),
        ("fell", ["03"]),
        ("left", ["06", "09"]),
        ("entered", ["11", "12"]),
    ],
)
def test_a_kind_of_movers_is_listed_alone(compare: Compare, rounds: tuple[str, str], kind: str, ids: list[str]) -> None:
    assert compare(*rounds, movers=kind).tables["movers"]["household_id"].to_list() == ids


def test_who_crosses_the_floor_within_a_band_is_a_mover(compare: Compare, survey: Write, shows: Shows) -> None:
    before = survey("household_id | income\n1 | 20000\n2 | 35000", "a.csv")
    after = survey("household_id | income\n1 | 35000\n2 | 49999", "b.csv")
    coarse = compare(before, after, movers="all", programme=load(step="50000").programme)
    shows(
        coarse.tables["movers"],
        """
        household_id | from_band | to_band | movement
        1            | 0-50000   | 0-50000 | same
        """,
    )


def test_movers_are_listed_with_their_groups(compare: Compare, rounds: tuple[str, str]) -> None:
    moved = compare(*rounds, movers="entered", by=("county",)).tables["movers"]
    assert moved.select("household_id", "county").rows() == [("11", "西区"), ("12", "东区")]


def test_the_accounting_is_told_of_both_rounds(compared: Report) -> None:
    assert compared.accounting == {
        "before": Accounting(10, accepted=10, rejected=0, skipped=0, missing_income=1),
        "after": Accounting(10, accepted=10, rejected=0, skipped=0, missing_income=1),
    }


HISTORY = """
survey_round | household_id | income
8            | 1            | 5000
9            | 1            | 15000
10           | 1            | 35000
10           | 2            | 5000
"""


@pytest.mark.parametrize(
    ("asked", "pair"),
    [
        ((), ("9", "10")),
        (("8", ""), ("8", "10")),
        (("", "9"), ("8", "9")),
        (("8", "10"), ("8", "10")),
        (("10", "8"), ("10", "8")),
    ],
)
def test_one_survey_of_several_rounds_is_compared_by_its_last_two_or_as_asked(
    compare: Compare, survey: Write, asked: tuple[str, ...], pair: tuple[str, str]
) -> None:
    told = compare(survey(HISTORY), rounds=asked).parameters
    assert (told["from"], told["to"]) == pair


@pytest.mark.parametrize(
    ("drawn", "asked", "reason"),
    [
        ("household_id | income\n1 | 5000", (), "one_round_only"),
        (HISTORY, ("8", "8"), "same_round_twice"),
        (HISTORY, ("7", "8"), "unknown_round"),
        ("survey_round | household_id | income\n1 | 1 | 5000\n2 | 2 | 5000", (), "nothing_in_common"),
        ("survey_round | income\n1 | 5000\n2 | 5000", (), "no_id_column"),
    ],
)
def test_rounds_that_cannot_be_compared_are_refused(
    compare: Compare, survey: Write, drawn: str, asked: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(SurveyRefused, match=reason):
        compare(survey(drawn), rounds=asked)


def test_rejects_of_either_round_stop_the_comparison(compare: Compare, survey: Write) -> None:
    before = survey("household_id | income\n1 | 5000\n2 | x", "a.csv")
    after = survey("household_id | income\n1 | 5000\n3 | 1\n3 | 2", "b.csv")
    with pytest.raises(RowsRejected) as refused:
        compare(before, after)
    assert refused.value.problems["row"].to_list() == [3, 3, 4]
    assert compare(before, after, skip_invalid=True).accounting["after"].rejected == 2


def test_columns_that_are_none_of_ids_are_not_joined(compare: Compare, write: Write) -> None:
    """Each of 400,000 rows with each would be more than any machine can do."""
    files = [write("household_id,income\n" + "510402,30000\n" * 400_000, f"{name}.csv") for name in (2023, 2024)]
    with pytest.raises(RowsRejected) as refused:
        compare(*files)
    assert refused.value.problems.height == 800_000


def test_a_row_without_a_round_is_not_lost_between_two(
    compare: Callable[..., Report], survey: Callable[..., str]
) -> None:
    drawn = survey(
        """
        household_id | survey_round | income
        1            | 2023         | 30000
        2            | 2023         | 30000
        1            | 2024         | 30000
        2            | 2024         | 30000
        3            |              | 30000
        """,
        "both.csv",
    )
    with pytest.raises(RowsRejected) as refused:
        compare(drawn)
    assert refused.value.problems["rule"].unique().to_list() == ["missing_survey_round"]

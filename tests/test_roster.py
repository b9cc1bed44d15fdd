from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from incomeladder import pipeline
from incomeladder.errors import RowsRejected

if TYPE_CHECKING:
    from collections.abc import Callable

    from incomeladder.programme import Programme
    from incomeladder.report import Report

Make = Any


@pytest.fixture(scope="session")
def of_persons(report: Callable[..., Report]) -> Callable[..., Report]:
    def of_persons(command: str, *files: str, **wanted: Any) -> Report:  # noqa: ANN401
        return report(command, *files, asked={"persons": True} | wanted.pop("asked", {}), **wanted)

    return of_persons


def broken(checked: Report) -> list[tuple[int, str, str]]:
    return checked.tables["problems"].select("row", "rule", "severity").rows()


def notes(made: Report) -> list[tuple[str, dict[str, object]]]:
    return [(note.key, note.facts) for note in made.notes]


def test_incomes_of_members_add_up_and_their_number_is_the_size(of_persons: Make, survey: Make, shows: Make) -> None:
    file = survey("""
        household_id | 姓名 | income
        01           | 甲   | 12000.5
        01           | 乙   | 8000
        02           | 丙   | 29999.9999
        01           | 丁   | -500.25
    """)
    made = of_persons("flagged", file)
    shows(
        made.main,
        "household_id | size | income | shortfall\n01 | 3 | 19500.25 | 10499.75\n02 | 1 | 29999.9999 | 0.0001",
    )


def test_members_need_not_stand_together(of_persons: Make, survey: Make, shows: Make) -> None:
    made = of_persons("flagged", survey("household_id|income\n1|9000\n2|9000\n1|9000\n2|9000"))
    shows(made.main, "household_id | size | income\n1 | 2 | 18000\n2 | 2 | 18000")


def test_cents_of_members_that_make_a_floor_are_not_below_it(of_persons: Make, survey: Make, shows: Make) -> None:
    made = of_persons("bands", survey("household_id|income\n" + "1|10000.10\n1|10000.20\n1|9999.70\n2|29999.9999"))
    shows(made.tables["summary"], "households | below_floor\n2 | 1")


def test_a_child_without_an_income_is_a_member(of_persons: Make, survey: Make, shows: Make) -> None:
    made = of_persons("flagged", survey("household_id|income\n1|20000\n1|\n1|未知"))
    shows(made.main, "household_id | size | income\n1 | 3 | 20000")


def test_a_household_in_which_nobody_has_an_income_has_none(of_persons: Make, survey: Make, shows: Make) -> None:
    made = of_persons("bands", survey("household_id|income\n1|20000\n2|\n2|无\n3|0"))
    shows(made.tables["summary"], "households | missing | below_floor\n3 | 1 | 2")
    assert ("incomes_missing", {"households": 1, "rounds": ["2024"]}) in notes(made)


def test_the_rows_of_a_roster_are_persons_and_are_accounted_for(of_persons: Make, survey: Make) -> None:
    told = of_persons("bands", survey("household_id|income\n1|20000\n1|\n2|\n合计|20000")).accounting[""]
    assert (told.rows_read, told.accepted, told.rejected, told.skipped) == (4, 3, 0, 1)
    assert (told.households, told.missing_income) == (2, 1)


def test_only_a_roster_counts_its_households_apart(report: Make, survey: Make) -> None:
    assert report("bands", survey("household_id|income\n1|20000")).accounting[""].households is None


def test_incomes_of_members_may_be_made_of_parts(of_persons: Make, survey: Make, shows: Make) -> None:
    file = survey("""
        household_id | wage_income | transfer_income
        1            | 20000       | 500
        1            |             | 1500
        1            |             |
        2            |             |
    """)
    made = of_persons("flagged", file, extra=("wage_income", "transfer_income"))
    shows(
        made.main,
        "household_id | size | income | wage_income | transfer_income\n1 | 3 | 22000 | 20000 | 2000",
    )
    assert made.accounting[""].missing_income == 1


def test_the_first_member_that_has_anything_speaks_for_the_household(
    of_persons: Make, survey: Make, shows: Make
) -> None:
    file = survey("""
        household_id | income | 乡镇   | 重点人群 | 与户主关系
        1            | 9000   |        |          | 户主
        1            |        | 银江镇 | 残疾人   | 配偶
        1            |        | 银江镇 |          | 子女
    """)
    made = of_persons("flagged", file, extra=("与户主关系",))
    shows(made.main, "household_id | township | key_group | 与户主关系\n1 | 银江镇 | 残疾人 | 户主")
    assert of_persons("check", file).tables["problems"].is_empty()


# members that cannot be used


def test_one_member_that_cannot_be_used_rejects_the_household(of_persons: Make, survey: Make) -> None:
    file = survey("household_id|income\n1|20000\n1|abc\n2|30000\n1|50")
    checked = of_persons("check", file)
    assert broken(checked) == [
        (2, "other_member_rejected", "reject"),
        (3, "unreadable_amount", "reject"),
        (5, "other_member_rejected", "reject"),
    ]
    told = checked.accounting[""]
    assert (told.accepted, told.rejected, told.households) == (1, 3, 1)


def test_the_report_stops_for_a_member_and_lists_the_whole_household(of_persons: Make, survey: Make) -> None:
    with pytest.raises(RowsRejected) as refusal:
        of_persons("bands", survey("household_id|income\n1|20000\n1|abc\n2|30000"))
    assert refusal.value.problems["row"].to_list() == [2, 3]


def test_a_household_that_is_left_out_leaves_no_half_behind(of_persons: Make, survey: Make, shows: Make) -> None:
    file = survey("household_id|income\n1|20000\n1|abc\n2|30000\n2|1")
    made = of_persons("bands", file, skip_invalid=True)
    shows(made.tables["summary"], "households | below_floor | low_tier\n1 | 0 | 1")
    assert ("rows_left_out", {"rows": 2, "rounds": ["2024"]}) in notes(made)


def test_a_member_without_an_id_rejects_nobody_else(of_persons: Make, survey: Make) -> None:
    checked = of_persons("check", survey("household_id|income\n1|20000\n|5000\n|abc"))
    assert checked.accounting[""].accepted == 1
    assert {rule for _, rule, _ in broken(checked)} == {"missing_household_id", "unreadable_amount"}


def test_a_household_rejected_in_one_round_stays_in_the_other(of_persons: Make, survey: Make) -> None:
    file = survey("household_id|survey_round|income\n1|2023|20000\n1|2023|1\n1|2024|abc\n1|2024|5")
    told = of_persons("check", file).accounting[""]
    assert (told.accepted, told.rejected) == (2, 2)


# members that disagree


@pytest.mark.parametrize("column", ["county", "township", "village"])
def test_members_in_other_places_are_warned_of_and_the_first_counts(
    of_persons: Make, survey: Make, column: str
) -> None:
    file = survey(f"household_id|income|{column}\n1|20000|甲\n1|0|乙\n1|0|甲\n1|0|\n2|30000|乙")
    assert broken(of_persons("check", file)) == [(3, "members_disagree", "warning")]
    made = of_persons("bands", file, by=(column,))
    assert sorted(made.tables["summary"].select(column, "households").iter_rows()) == [("乙", 1), ("甲", 1)]
    assert ("members_disagree", {"persons": 1}) in notes(made)


def test_members_of_town_and_village_disagree_but_two_words_for_a_town_do_not(of_persons: Make, survey: Make) -> None:
    file = survey("household_id|income|residence\n1|20000|城镇\n1|0|urban\n1|0|农村")
    assert broken(of_persons("check", file)) == [(4, "members_disagree", "warning")]


def test_a_key_group_may_be_that_of_one_member(of_persons: Make, survey: Make) -> None:
    file = survey("household_id|income|key_group\n1|20000|残疾人\n1|0|低保家庭")
    assert broken(of_persons("check", file)) == []


def test_weights_that_differ_reject_the_household(of_persons: Make, survey: Make) -> None:
    file = survey("household_id|income|weight\n1|20000|1.5\n1|0|2.5\n2|30000|3\n2|1|3.0")
    checked = of_persons("check", file)
    assert broken(checked) == [(2, "other_member_rejected", "reject"), (3, "weights_disagree", "reject")]
    made = of_persons("bands", file, skip_invalid=True)
    assert made.tables["summary"].select("households", "weight").rows() == [(1, 3)]


def test_a_size_that_is_not_the_number_of_members_is_warned_of_and_does_not_count(
    of_persons: Make, survey: Make, shows: Make
) -> None:
    file = survey("household_id|income|size\n1|20000|3\n1|0|2\n2|9000|1\n3|9000|")
    assert broken(of_persons("check", file)) == [(2, "size_is_not_members", "warning")]
    shows(of_persons("flagged", file).main, "household_id | size\n2 | 1\n3 | 1\n1 | 2")


# which rows are one household


def test_ids_of_members_are_the_same_however_wide_they_are_written(of_persons: Make, survey: Make) -> None:
    told = of_persons("bands", survey("household_id|income\n12|20000\n１２|5000\n1 2|5000")).accounting[""]
    assert (told.accepted, told.households) == (3, 1)


def test_fault_19_a_household_in_two_files_of_a_roster_is_rejected_in_both(of_persons: Make, survey: Make) -> None:
    files = survey("household_id|income\n1|20000\n1|5\n2|30000"), survey("household_id|income\n3|1\n1|5")
    checked = of_persons("check", *files)
    assert checked.tables["problems"].select("file", "row", "rule").rows() == [
        (files[0], 2, "duplicate_household_id"),
        (files[0], 3, "duplicate_household_id"),
        (files[1], 3, "duplicate_household_id"),
    ]
    (places,) = checked.tables["problems"]["places"].unique()
    assert places == f"{files[0]}:2, {files[0]}:3, {files[1]}:3"


def test_a_household_in_two_rounds_is_two_households(of_persons: Make, survey: Make) -> None:
    told = of_persons("check", survey("household_id|survey_round|income\n1|2023|10000\n1|2024|30000\n1|2023|15000"))
    assert (told.accounting[""].households, told.tables["problems"].height) == (2, 0)


# a roster and the households that somebody made of it by hand


ROSTER = """
    household_id | survey_round | 乡镇   | 城乡 | weight | income
    1            | 2023         | 银江镇 | 农村 | 1.5    | 12000
    1            | 2023         | 银江镇 | 农村 | 1.5    | 17999.99
    2            | 2023         | 银江镇 | 城镇 | 2      | 30000
    3            | 2023         | 仁和镇 | 城镇 | 2      |
    3            | 2023         | 仁和镇 | 城镇 | 2      |
    1            | 2024         | 银江镇 | 农村 | 1.5    | 30000
    1            | 2024         | 银江镇 | 农村 | 1.5    | 15000
    1            | 2024         | 银江镇 | 农村 | 1.5    |
    2            | 2024         | 银江镇 | 城镇 | 2      | 25000
    4            | 2024         | 仁和镇 | 城镇 | 1      | 100000
    4            | 2024         | 仁和镇 | 城镇 | 1      | -0.01
"""
HOUSEHOLDS = """
    household_id | survey_round | 乡镇   | 城乡 | weight | income   | size
    1            | 2023         | 银江镇 | 农村 | 1.5    | 29999.99 | 2
    2            | 2023         | 银江镇 | 城镇 | 2      | 30000    | 1
    3            | 2023         | 仁和镇 | 城镇 | 2      |          | 2
    1            | 2024         | 银江镇 | 农村 | 1.5    | 45000    | 3
    2            | 2024         | 银江镇 | 城镇 | 2      | 25000    | 1
    4            | 2024         | 仁和镇 | 城镇 | 1      | 99999.99 | 2
"""


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        ("bands", {"rounds": ("all",), "by": ("township", "residence")}),
        ("flagged", {"rounds": ("all",), "tiers": ("floor", "low", "middle"), "extra": ("weight",)}),
    ],
)
def test_a_roster_is_reported_as_the_households_that_it_makes(
    report: Make, of_persons: Make, survey: Make, command: str, wanted: dict[str, object]
) -> None:
    made, by_hand = of_persons(command, survey(ROSTER), **wanted), report(command, survey(HOUSEHOLDS), **wanted)
    assert made.tables.keys() == by_hand.tables.keys()
    for name, table in made.tables.items():
        assert table.equals(by_hand.tables[name]), name
    assert made.accounting[""].missing_income == by_hand.accounting[""].missing_income == 1


def test_a_roster_is_compared_as_the_households_that_it_makes(
    sources: Make, survey: Make, programme: Programme, shows: Make
) -> None:
    request = pipeline.Request(programme)
    roster, by_hand = sources(survey(ROSTER), persons=True), sources(survey(HOUSEHOLDS))
    made, wanted = (pipeline.transitions(files, None, request, movers="all") for files in (roster, by_hand))
    shows(
        made.tables["summary"],
        "before | after | matched | left | entered | up | down | rose_above_floor | fell_below_floor\n"
        "3 | 3 | 2 | 1 | 1 | 1 | 1 | 1 | 1",
    )
    for name, table in made.tables.items():
        assert table.equals(wanted.tables[name]), name
    assert made.accounting["before"].households == 3
    assert made.accounting["after"].rows_read == 6


def test_rosters_of_two_files_are_compared(sources: Make, survey: Make, programme: Programme, shows: Make) -> None:
    before = sources(survey("household_id|income\n1|10000\n1|15000\n2|40000", "2023.csv"), persons=True)
    after = sources(survey("household_id|income\n1|10000\n1|20000\n3|40000", "2024.csv"), persons=True)
    made = pipeline.transitions(before, after, pipeline.Request(programme))
    shows(made.tables["summary"], "before | after | matched | left | entered | rose_above_floor\n2 | 2 | 1 | 1 | 1 | 1")


amounts = st.one_of(st.none(), st.integers(-10_000_000, 200_000_000))


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.lists(amounts, min_size=1, max_size=5), st.booleans()), min_size=1, max_size=12), st.data()
)
def test_a_roster_has_the_bands_of_the_households_that_were_split_into_it(
    report: Make, of_persons: Make, write: Make, shares: list[tuple[list[int | None], bool]], data: st.DataObject
) -> None:
    def yuan(cents: int | None) -> str:
        return "" if cents is None else f"{'-' * (cents < 0)}{abs(cents) // 100}.{abs(cents) % 100:02}元"

    households, persons = [], []
    for number, (members, urban) in enumerate(shares):
        where, known = ("城镇", "农村")[urban], [share for share in members if share is not None]
        households.append(f"{number},{where},{yuan(sum(known) if known else None)},{len(members)}\n")
        persons += [f"{number},{where},{yuan(share)}\n" for share in members]
    roster = write("household_id,residence,income\n" + "".join(data.draw(st.permutations(persons))))
    by_hand = write("household_id,residence,income,size\n" + "".join(households))
    assume(any(share is not None for members, _ in shares for share in members))
    wanted = report("bands", by_hand, by=("residence",))
    made = of_persons("bands", roster, by=("residence",))
    assert all(table.equals(wanted.tables[name]) for name, table in made.tables.items())
    assert made.accounting[""].households == wanted.accounting[""].accepted == len(shares)
    assert made.accounting[""].rows_read == len(persons)

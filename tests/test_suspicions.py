from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incomeladder.frames import PARTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.report import Report

Make = Any

SOUND_ID = "11010519491231002X"  # the example of GB 11643-1999 itself


def rules(checked: Report) -> dict[str, int]:
    assert set(checked.tables["rules"]["severity"]) <= {"warning"}
    return dict(checked.tables["rules"].select("rule", "count").iter_rows())


def warned(checked: Report, *columns: str) -> list[tuple[object, ...]]:
    return checked.tables["problems"].select(*columns or ("row", "rule")).rows()


# every warning


EACH = [
    ("unknown_key_group", "household_id|income|key_group\n1|30000|残疾人\n2|30000|退休\n3|30000|"),
    ("resident_id_check_digit", f"household_id|income\n{SOUND_ID}|30000\n110105194912310021|30000"),
    (
        "parts_disagree",
        f"household_id|income|{'|'.join(PARTS)}\n1|30000|30000|0|0|0\n2|40000|30000|0|0|0",
    ),
    ("missing_part", "household_id|wage_income|transfer_income\n1|30000|0\n2|30000|"),
    ("business_income_without_size", "household_id|income|business_income|size\n1|30000|1|1\n2|30000|1|\n3|30000|0|"),
    ("size_above_20", "household_id|income|size\n1|30000|20\n2|30000|21\n3|30000|"),
    ("income_times_10", "household_id|income|survey_round\n1|3000|2023\n2|3000|2023\n1|30000|2024\n2|3000|2024"),
    ("income_times_10000", "household_id|income|survey_round\n1|3|2023\n2|4000|2023\n1|30000|2024\n2|4000|2024"),
]


@pytest.mark.parametrize(("rule", "drawn"), EACH)
def test_each_warning_is_counted_by_its_name(report: Make, survey: Make, rule: str, drawn: str) -> None:
    checked = report("check", survey(drawn))
    assert rules(checked) == {rule: 1}
    assert (checked.accounting[""].rejected, checked.rejected) == (0, 0)


@pytest.mark.parametrize("command", ["bands", "flagged"])
@pytest.mark.parametrize(("rule", "drawn"), EACH)
def test_no_warning_stops_a_report(report: Make, survey: Make, command: str, rule: str, drawn: str) -> None:
    made = report(command, survey(drawn), rounds=("all",))
    assert (made.accounting[""].rejected, made.rejects) == (0, None), rule


def test_warnings_of_several_rules_are_listed_once_each(report: Make, survey: Make) -> None:
    file = survey("""
        household_id       | survey_round | income | 重点人群 | 经营净收入 | size
        110105194912310021 | 2023         | 3000   | 退休     | 5          |
        2                  | 2023         | 30000  | 残疾人   | 0          | 21
        110105194912310021 | 2024         | 30000  | 退休     | 5          | 3
    """)
    checked = report("check", file)
    assert rules(checked) == {
        "business_income_without_size": 1,
        "income_times_10": 1,
        "resident_id_check_digit": 2,
        "size_above_20": 1,
        "unknown_key_group": 2,
    }
    listed = warned(checked, "row", "column", "rule")
    assert len(listed) == len(set(listed)) == 7


def test_warnings_beside_rejects_are_listed_once_each(report: Make, survey: Make) -> None:
    file = survey("household_id|income|size\n1|abc|21\n2|30000|22\n2|30000|23\n3|30000|0\n4|30000|24")
    for skip in (False, True):
        checked = report("check", file, skip_invalid=skip)
        assert dict(checked.tables["rules"].select("rule", "count").iter_rows()) == {
            "duplicate_household_id": 2,
            "size_above_20": 4,
            "size_below_one": 1,
            "unreadable_amount": 1,
        }
        assert len(set(warned(checked, "row", "column", "rule"))) == checked.tables["problems"].height == 8


def test_a_skipped_row_earns_no_warning(report: Make, survey: Make) -> None:
    assert rules(report("check", survey("household_id|income|size\n1|30000|3\n合计|30000|300"))) == {}


def test_warnings_of_rounds_that_are_not_checked_are_not_told(report: Make, survey: Make) -> None:
    file = survey("household_id|income|size|survey_round\n1|30000|21|2023\n1|30000|3|2024")
    assert rules(report("check", file, rounds=("2024",))) == {}


# key groups


def test_key_groups_are_those_of_the_programme(report: Make, survey: Make, programme: Make) -> None:
    file = survey("household_id|income|key_group\n1|30000|退休\n2|30000|残疾人")
    checked = report("check", file, programme=replace(programme, key_groups=("退休",)))
    assert warned(checked, "row", "value", "rule") == [(3, "残疾人", "unknown_key_group")]


# resident ids


def check_character(digits: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True))
    return "10X98765432"[total % 11]


@pytest.mark.parametrize(
    "name",
    [
        SOUND_ID,
        SOUND_ID.lower(),
        "１１０１０５１９４９１２３１００２Ｘ",
        " 110105 19491231 002X ",
        "11010519491231002",
        "1101051949123100211",
        "110105194912310X21",
        "510402001002003004",
        "110105194913310021",
        "110105194912320021",
        "110105194900010021",
        "110105300012310021",
        "东区0001",
    ],
)
def test_an_id_that_is_sound_or_no_resident_id_is_not_judged(report: Make, survey: Make, name: str) -> None:
    assert rules(report("check", survey(f"household_id|income\n{name}|30000"))) == {}


@pytest.mark.parametrize(
    "name",
    [
        "110105194912310021",
        "110105194912310020",
        "11010519491231003X",
        "11010519491231012X",
        "11010519491213002X",
        "１１０１０５１９４９１２３１００２１",
    ],
)
def test_a_resident_id_with_a_digit_mistyped_or_swapped_is_warned_of(report: Make, survey: Make, name: str) -> None:
    checked = report("check", survey(f"household_id|income\n{name}|30000"))
    assert warned(checked, "row", "column", "value", "rule") == [(2, "household_id", name, "resident_id_check_digit")]
    assert checked.accounting[""].accepted == 1


regions = st.integers(110000, 659999).map(str)
births = st.dates(dt.date(1900, 1, 1), dt.date(2024, 12, 31)).map(lambda day: day.strftime("%Y%m%d"))
no_births = st.tuples(st.integers(1900, 2024), st.integers(13, 99), st.integers(0, 99)).map(
    lambda parts: f"{parts[0]}{parts[1]:02}{parts[2]:02}"
)
numbers = st.integers(0, 999).map("{:03}".format)
ends = st.one_of(st.none(), st.sampled_from("0123456789Xx"))


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(regions, births | no_births, numbers, ends), min_size=1, max_size=20, unique_by=lambda each: each[:3]
    )
)
def test_check_digits_are_what_plain_arithmetic_makes_of_them(
    report: Make, write: Make, people: Sequence[tuple[str, str, str, str | None]]
) -> None:
    names, wrong = [], []
    for region, birth, number, end in people:
        digits = region + birth + number
        names.append(digits + (end or check_character(digits)))
        if birth[4:6] <= "12" and names[-1][-1].upper() != check_character(digits):
            wrong.append(names[-1])
    checked = report("check", write("household_id,income\n" + "".join(f"{name},30000\n" for name in names)))
    assert [value for (value,) in warned(checked, "value")] == wrong


# households


@pytest.mark.parametrize(("size", "told"), [("20", []), ("21", ["21"]), ("９９９人", ["９９９人"])])
def test_a_household_of_more_than_20_is_warned_of(report: Make, survey: Make, size: str, told: list[str]) -> None:
    checked = report("check", survey(f"household_id|income|size\n1|30000|{size}"))
    assert [value for (value,) in warned(checked, "value")] == told


@pytest.mark.parametrize(
    ("business", "size", "count"),
    [("1000", "", 1), ("-1000", "未知", 1), ("0.01", "", 1), ("0", "", 0), ("", "", 0), ("1000", "1", 0)],
)
def test_business_income_of_a_household_without_a_size_is_warned_of(
    report: Make, survey: Make, business: str, size: str, count: int
) -> None:
    checked = report("check", survey(f"household_id|income|business_income|size\n1|30000|{business}|{size}"))
    assert rules(checked).get("business_income_without_size", 0) == count


# from round to round


def followed(report: Make, survey: Make, *incomes: str) -> list[tuple[object, ...]]:
    rows = [f"1|{2023 + number}|{income}" for number, income in enumerate(incomes)]
    checked = report("check", survey("household_id|survey_round|income\n" + "\n".join(rows)), asked={"wan": False})
    return warned(checked, "row", "rule", "places")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        *(("30000", after, True) for after in ("270000", "300000", "330000")),
        *(("30000", after, False) for after in ("269999.9999", "330000.0001", "-300000", "30000", "0", "")),
        *((before, "30000", True) for before in ("270000", "300000", "330000")),
        *((before, "30000", False) for before in ("269999.9999", "330000.0001", "-300000", "0", "")),
        ("-3000", "-30000", True),
    ],
)
def test_an_income_is_about_ten_times_or_a_tenth_of_the_one_before_from_9_to_11(
    report: Make, survey: Make, before: str, after: str, *, told: bool
) -> None:
    found = [(3, "income_times_10", f"2023: {before}")] if told else []
    assert followed(report, survey, before, after) == found


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        *(("3", after, True) for after in ("6000", "30000", "150000")),
        *(("3", after, False) for after in ("5999.9999", "150000.0001", "-30000")),
        *((before, "3", True) for before in ("6000", "30000", "150000")),
        *((before, "3", False) for before in ("5999.9999", "150000.0001", "-30000")),
        ("2.8888", "28888", True),
    ],
)
def test_an_income_may_be_in_wan_from_2000_to_50000_times_the_one_before(
    report: Make, survey: Make, before: str, after: str, *, told: bool
) -> None:
    found = [(3, "income_times_10000", f"2023: {before}")] if told else []
    assert followed(report, survey, before, after) == found


def test_each_round_is_held_against_the_one_before(report: Make, survey: Make) -> None:
    assert followed(report, survey, "30000", "300000", "30000", "30000") == [
        (3, "income_times_10", "2023: 30000"),
        (4, "income_times_10", "2024: 300000"),
    ]


def test_a_household_is_held_against_the_round_in_which_it_was_last_seen(report: Make, survey: Make) -> None:
    file = survey("household_id|survey_round|income\n1|2023|30000\n2|2024|30000\n1|2025|300000")
    assert warned(report("check", file), "row", "places") == [(4, "2023: 30000")]


def test_rounds_are_followed_in_their_order_whatever_that_of_the_rows(report: Make, survey: Make) -> None:
    file = survey("household_id|survey_round|income\n1|10|300000\n1|9|30000")
    assert warned(report("check", file), "row", "places") == [(2, "9: 30000")]


def test_rounds_in_files_of_their_own_are_followed_too(report: Make, survey: Make) -> None:
    before = survey("户编号|年收入（万元）\n1|3\n2|3", "2023.csv")
    after = survey("户编号|年收入（元）\n1|30000\n2|3", "2024.csv")
    problems = report("check", before, after).tables["problems"]
    assert problems.select("file", "row", "column", "value", "rule", "places").rows() == [
        (after, 3, "年收入（元）", "3", "income_times_10000", "2023: 30000")
    ]


def test_what_is_rejected_is_held_against_nothing(report: Make, survey: Make) -> None:
    file = survey("household_id|survey_round|income\n1|2023|30000\n1|2024|300000\n1|2024|300000\n2|2023|30000")
    told = report("check", file).tables["rules"]
    assert told["rule"].to_list() == ["duplicate_household_id"]


def followed_place(same: int, others: int, *, place: str = "township", income: str = "3000{}") -> str:
    rows = [f"{n}|银江镇|{year}|{income.format(n)}" for year in (2023, 2024) for n in range(same)]
    rows += [f"x{n}|银江镇|{year}|{3 * year}{n}" for year in (2023, 2024) for n in range(others)]
    return f"household_id|{place}|survey_round|income\n" + "\n".join(rows)


@pytest.mark.parametrize(
    ("same", "others", "places"), [(10, 0, "10/10"), (5, 5, "5/10"), (4, 6, None), (9, 0, None), (6, 5, "6/11")]
)
def test_a_place_where_half_of_ten_incomes_and_more_are_the_old_ones_is_warned_of(
    report: Make, survey: Make, same: int, others: int, places: str | None
) -> None:
    checked = report("check", survey(followed_place(same, others)))
    told = [] if places is None else [(None, "income", "银江镇", "incomes_unchanged", f"2023: {places}")]
    assert warned(checked, "row", "column", "value", "rule", "places") == told


@pytest.mark.parametrize("place", ["county", "township", "village"])
def test_a_place_is_a_county_a_township_or_a_village(report: Make, survey: Make, place: str) -> None:
    assert warned(report("check", survey(followed_place(5, 5, place=place))), "value") == [("银江镇",)]


def test_a_survey_without_places_is_one_place(report: Make, survey: Make) -> None:
    checked = report("check", survey(followed_place(5, 5, place="备注")))
    assert warned(checked, "value", "places") == [(None, "2023: 5/10")]


def test_incomes_of_0_that_stay_are_not_copied(report: Make, survey: Make) -> None:
    assert rules(report("check", survey(followed_place(10, 1, income="0")))) == {}


def test_each_place_is_judged_by_itself(report: Make, survey: Make) -> None:
    rows = [
        f"{town}{n}|东区|{town}|{year}|3000{n if town == '甲镇' else year + n}"
        for year in (2023, 2024)
        for town in ("甲镇", "乙镇")
        for n in range(10)
    ]
    checked = report("check", survey("household_id|county|township|survey_round|income\n" + "\n".join(rows)))
    assert warned(checked, "value", "places") == [("东区 甲镇", "2023: 10/10")]

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incomeladder.errors import RowsRejected, SurveyRefused
from incomeladder.frames import PARTS

if TYPE_CHECKING:
    from incomeladder.report import Report

Make = Any

FOUR = "household_id|wage_income|business_income|property_income|transfer_income"
WITH_TOTAL = f"{FOUR}|income"


def incomes(report: Make, file: str, **asked: object) -> list[float | None]:
    made = report("flagged", file, asked=asked, tiers=("floor", "low", "middle"))
    return made.main.sort("household_id")["income"].to_list()


def broken(checked: Report) -> list[tuple[int, str, str | None, str]]:
    return checked.tables["problems"].select("row", "column", "value", "rule").rows()


def told(made: Report, key: str) -> list[dict[str, object]]:
    return [
        {name: fact for name, fact in note.facts.items() if name != "file"} for note in made.notes if note.key == key
    ]


# the total is absent


def test_without_a_total_the_four_parts_are_the_income_and_that_is_said(report: Make, survey: Make) -> None:
    file = survey(f"{FOUR}\n1|20000|5000|0.5|4999.4999\n2|10000|-20000|0|100")
    assert incomes(report, file) == [29999.9999, -9900]
    assert told(report("bands", file), "income_from_all_parts") == [{"parts": list(PARTS)}]


def test_columns_of_parts_that_are_absent_are_said(report: Make, survey: Make) -> None:
    made = report("bands", survey("household_id|工资性收入|转移净收入\n1|20000|5000"))
    assert told(made, "income_from_parts") == [
        {"parts": ["wage_income", "transfer_income"], "absent": ["business_income", "property_income"]}
    ]


def test_an_absent_column_is_not_missing_in_every_row(report: Make, survey: Make) -> None:
    checked = report("check", survey("household_id|wage_income\n1|20000\n2|30000"))
    assert (broken(checked), told(checked, "incomes_lacking_parts")) == ([], [])


def test_a_part_that_a_row_lacks_counts_as_nothing_and_is_warned_of_by_its_name(report: Make, survey: Make) -> None:
    file = survey("""
        户编号 | 工资性收入 | 经营净收入 | 财产净收入 | 转移净收入
        1      | 20000      |            | 0          | 1000
        2      | 20000      | 5000       | 未知       | —
        3      | 20000      | 5000       | 0          | 0
    """)
    assert incomes(report, file) == [21000, 25000, 25000]
    checked = report("check", file)
    assert broken(checked) == [
        (2, "经营净收入", None, "missing_part"),
        (3, "财产净收入", "未知", "missing_part"),
        (3, "转移净收入", "—", "missing_part"),
    ]
    assert told(report("bands", file), "incomes_lacking_parts") == [{"households": 2, "rounds": ["2024"]}]


def test_a_row_without_any_part_has_no_income_and_lacks_none(report: Make, survey: Make, shows: Make) -> None:
    file = survey("household_id|wage_income|transfer_income\n1|20000|0\n2||\n3|无|NA")
    made = report("bands", file)
    shows(made.tables["summary"], "households | missing\n3 | 2")
    assert (broken(report("check", file)), told(made, "incomes_lacking_parts")) == ([], [])


def test_a_part_that_cannot_be_read_is_rejected_and_not_called_missing(report: Make, survey: Make) -> None:
    checked = report("check", survey(f"{FOUR}\n1|20000|abc|0|0\n2|20000|1e5|0|0"))
    assert broken(checked) == [
        (2, "business_income", "abc", "unreadable_amount"),
        (3, "business_income", "1e5", "unreadable_amount"),
    ]


def test_each_part_may_have_a_unit_of_its_own(report: Make, survey: Make) -> None:
    assert incomes(report, survey("户编号|工资性收入（万元）|经营净收入（元）\n1|2.5|499.5\n2|2万|3000元")) == [
        25499.5,
        23000,
    ]


def test_parts_of_which_only_some_say_that_they_count_ten_thousands_are_refused(report: Make, survey: Make) -> None:
    file = survey("户编号|工资性收入（万元）|经营净收入\n1|2.5|499.5")
    with pytest.raises(SurveyRefused, match="units_mixed"):
        report("bands", file)
    assert incomes(report, file, wan=False) == [25499.5]


def test_a_total_is_not_made_of_parts_that_do_not_say_that_they_count_what_it_counts(
    report: Make, survey: Make
) -> None:
    file = survey("户编号|家庭年收入（万元）|工资性收入|经营净收入|财产净收入|转移净收入\n1|3|1|2|0|0\n2||1|2|0|0")
    made = report("bands", file)
    assert (made.accounting[""].missing_income, made.tables["summary"]["below_floor"].sum()) == (1, 0)


# the total is there


def test_a_missing_total_is_the_sum_of_four_known_parts_and_that_is_said(report: Make, survey: Make) -> None:
    file = survey(f"{WITH_TOTAL}\n1|20000|5000|0|4000|\n2|1|1|1|1|未知\n3|1|2|3|4|25000")
    assert incomes(report, file) == [29000, 4, 25000]
    made = report("bands", file)
    assert made.accounting[""].missing_income == 0
    assert told(made, "incomes_filled_in") == [{"households": 2, "rounds": ["2024"]}]


@pytest.mark.parametrize("lacking", range(4))
def test_a_missing_total_stays_missing_where_one_part_is_unknown(report: Make, survey: Make, lacking: int) -> None:
    parts = "|".join("" if part == lacking else "5000" for part in range(4))
    made = report("bands", survey(f"{WITH_TOTAL}\n1|{parts}|\n2|1|1|1|1|30000"))
    assert (made.accounting[""].missing_income, told(made, "incomes_filled_in")) == (1, [])


def test_a_missing_total_stays_missing_where_a_column_of_parts_is_absent(report: Make, survey: Make) -> None:
    file = survey("household_id|wage_income|business_income|property_income|income\n1|5000|0|0|\n2|1|1|1|30000")
    made = report("bands", file)
    assert (made.accounting[""].missing_income, [note.key for note in made.notes]) == (1, ["incomes_missing"])


@pytest.mark.parametrize(
    ("total", "rule"), [("abc", "unreadable_amount"), ("三万", "unreadable_amount"), ("9" * 20, "amount_too_large")]
)
def test_a_total_that_cannot_be_read_is_rejected_and_not_filled_in(
    report: Make, survey: Make, total: str, rule: str
) -> None:
    file = survey(f"{WITH_TOTAL}\n1|20000|5000|0|4000|{total}\n2|1|1|1|1|30000")
    assert (2, "income", total, rule) in broken(report("check", file))
    with pytest.raises(RowsRejected):
        report("bands", file)
    made = report("bands", file, skip_invalid=True)
    assert (made.accounting[""].accepted, told(made, "incomes_filled_in")) == (1, [])


def test_a_part_that_is_missing_beside_a_total_is_no_warning(report: Make, survey: Make) -> None:
    checked = report("check", survey(f"{WITH_TOTAL}\n1|20000|||9000|29000"))
    assert (broken(checked), [note.key for note in checked.notes]) == ([], [])


@pytest.mark.parametrize(
    ("total", "warned"),
    [
        *(("29000", False), ("29001", False), ("28999", False), ("29000.99", False)),
        *(("29001.0001", True), ("28998.9999", True), ("30000", True), ("-29000", True), ("0", True)),
    ],
)
def test_a_total_may_differ_from_its_parts_by_one_yuan(report: Make, survey: Make, total: str, *, warned: bool) -> None:
    checked = report("check", survey(f"{WITH_TOTAL}\n1|20000|5000|0|4000|{total}\n2|30000|0|0|0|30000"))
    assert broken(checked) == ([(2, "income", total, "parts_disagree")] if warned else [])
    assert checked.accounting[""].rejected == 0


@pytest.mark.parametrize(
    ("total", "warned"), [("2.9", False), ("2.925", False), ("2.875", False), ("2.92501", True), ("2.87499", True)]
)
def test_a_total_in_wan_may_differ_from_its_parts_by_the_rounding_of_five_numbers(
    report: Make, survey: Make, total: str, *, warned: bool
) -> None:
    checked = report("check", survey(f"{WITH_TOTAL}\n1|2|0.5|0|0.4|{total}"), asked={"wan": True})
    assert [rule for *_, rule in broken(checked)] == (["parts_disagree"] if warned else [])


def test_a_total_in_wan_beside_parts_in_yuan_may_differ_by_its_rounding(report: Make, survey: Make) -> None:
    headings = "户编号|工资性收入（元）|经营净收入（元）|财产净收入（元）|转移净收入（元）|年收入（万元）"
    checked = report("check", survey(f"{headings}\n1|20000|5000|0|4049|2.9\n2|20000|5000|0|4251|2.9"))
    assert broken(checked) == [(3, "年收入（万元）", "2.9", "parts_disagree")]


def test_a_total_that_differs_from_its_parts_counts_as_it_stands(report: Make, survey: Make) -> None:
    assert incomes(report, survey(f"{WITH_TOTAL}\n1|1|1|1|1|25000")) == [25000]


def test_one_file_may_lack_the_total_and_another_a_part(report: Make, survey: Make) -> None:
    files = (
        survey(f"{WITH_TOTAL}\n1|20000|5000|0|4000|\n2|1|1|1|1|6"),
        survey(f"{FOUR}\n3|20000||0|0\n4|20000|1000|0|0"),
    )
    checked = report("check", *files)
    assert checked.tables["problems"].select("file", "row", "rule").rows() == [
        (files[0], 3, "parts_disagree"),
        (files[1], 2, "missing_part"),
    ]
    assert {note.key for note in checked.notes} == {
        "income_from_all_parts",
        "level_doubtful",
        "incomes_filled_in",
        "incomes_lacking_parts",
    }


cents = st.one_of(st.none(), st.integers(-500_000_000, 500_000_000))


@settings(max_examples=25)
@given(st.lists(st.tuples(cents, cents, cents, cents, cents), min_size=1, max_size=8))
def test_incomes_are_what_plain_sums_make_of_their_parts(
    report: Make, write: Make, rows: list[tuple[int | None, ...]]
) -> None:
    def yuan(amount: int | None) -> str:
        return "" if amount is None else f"{'-' * (amount < 0)}{abs(amount) // 100}.{abs(amount) % 100:02}元"

    drawn = [f"{number:03},{','.join(map(yuan, row))}\n" for number, row in enumerate(rows)]
    sound = "999,0,0,0,0,5000元\n"
    checked = report("check", write(WITH_TOTAL.replace("|", ",") + "\n" + "".join(drawn) + sound))
    differ, filled = [], 0
    for line, (*parts, total) in enumerate(rows, start=2):
        known = [part for part in parts if part is not None]
        if total is None:
            filled += len(known) == 4
        elif len(known) == 4 and abs(total - sum(known)) > 100:
            differ.append(line)
    differ.append(len(rows) + 2)
    assert [row for row, *_, rule in broken(checked) if rule == "parts_disagree"] == differ
    assert sum(fact["households"] for fact in told(checked, "incomes_filled_in")) == filled


# the unit


@pytest.mark.parametrize("largest", ["999.99", "3.85", "0"])
def test_incomes_that_all_look_like_wan_ask_for_the_unit(report: Make, survey: Make, largest: str) -> None:
    file = survey(f"household_id|income\n1|{largest}\n2|0.5\n3|")
    with pytest.raises(SurveyRefused) as refusal:
        report("bands", file)
    assert [(reason.key, reason.facts) for reason in refusal.value.reasons] == [("unit_unclear", {"file": file})]


def test_an_income_of_a_thousand_says_that_they_are_yuan(report: Make, survey: Make) -> None:
    assert incomes(report, survey("household_id|income\n1|1000\n2|3.85")) == [1000, 3.85]


def test_one_cell_that_names_its_unit_answers_for_the_file(report: Make, survey: Make) -> None:
    assert incomes(report, survey("household_id|income\n1|2.85万\n2|500")) == [28500, 500]


@pytest.mark.parametrize(
    "amount", ["1,2345.00", "12,34", "1,23,456", "1234,567", ",123", "1,,234", "1.234,56", "1,234,5", "１，２３４５"]
)
def test_an_amount_whose_commas_stand_in_the_wrong_place_is_refused(report: Make, write: Make, amount: str) -> None:
    checked = report("check", write(f'household_id,income\n1,"{amount}"\n2,30000\n'))
    assert broken(checked) == [(2, "income", amount, "unreadable_amount")]


@pytest.mark.parametrize(
    ("amount", "yuan"),
    [("12,345.00", 12345), ("34,567元", 34567), ("１，２３４", 1234), ("¥ 1,234.50", 1234.5), ("-1,234", -1234)],
)
def test_an_amount_whose_commas_stand_at_thousands_is_read(report: Make, write: Make, amount: str, yuan: float) -> None:
    assert incomes(report, write(f'household_id,income\n1,"{amount}"\n2,1000\n')) == [yuan, 1000]


def slips(compare: Make, survey: Make, before: list[str], after: list[str]) -> list[tuple[object, object]]:
    files = [
        survey("household_id|income\n" + "\n".join(f"{number}|{income}" for number, income in enumerate(each)), name)
        for each, name in ((before, "2023.csv"), (after, "2024.csv"))
    ]
    return [(note.facts["was"], note.facts["is_now"]) for note in compare(*files).notes if note.key == "unit_slip"]


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (["400", "500", "1200"], [(50000, 500)]),
        (["4000000", "5000000", "6000000"], [(50000, 5000000)]),
        (["400000000", "500000000", "600000000"], [(50000, 500000000)]),
        (["40000", "50000", "60000"], []),
        (["4000", "5000", "6000"], []),
    ],
)
def test_fault_29_a_median_that_slips_by_a_unit_is_a_loud_warning(
    compare: Make, survey: Make, after: list[str], told: list[tuple[int, int]]
) -> None:
    assert slips(compare, survey, ["40000", "50000", "60000"], after) == told


def test_fault_29_one_mistyped_income_moves_the_mean_and_raises_no_alarm(compare: Make, survey: Make) -> None:
    before = ["40000"] * 9
    assert slips(compare, survey, before, [*before[1:], "40000000000"]) == []
    assert slips(compare, survey, [*before[1:], "40000000000"], before) == []

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incomeladder.errors import RowsRejected, SurveyRefused
from incomeladder.report import Accounting

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from incomeladder.report import Report

    Make = Callable[..., Report]
    Write = Callable[..., str]
    Shows = Callable[[pl.DataFrame, str], None]


def broken(report: Make, file: str) -> list[tuple[int, str | None, str | None, str]]:
    return report("check", file).main.select("row", "column", "value", "rule").rows()


def test_a_sound_survey_has_no_problems(report: Make, survey: Write) -> None:
    checked = report("check", survey("household_id | income\n1 | 5000\n2 | 6000"))
    assert checked.main.height == 0
    assert checked.accounting[""] == Accounting(2, accepted=2, rejected=0, skipped=0, missing_income=0)


@pytest.mark.parametrize(
    ("column", "cell", "rule"),
    [
        ("income", "三万", "unreadable_amount"),
        ("income", "inf", "unreadable_amount"),
        ("income", "1e5", "unreadable_amount"),
        ("income", "99999999999999999999", "amount_too_large"),
        ("income", "100000000000", "amount_too_large"),
        ("size", "三", "unreadable_size"),
        ("size", "2.5", "unreadable_size"),
        ("size", "0", "size_below_one"),
        ("size", "-1", "size_below_one"),
        ("weight", "x", "unreadable_weight"),
        ("weight", "", "missing_weight"),
        ("weight", "-1", "negative_weight"),
        ("weight", "-0.0000000000001", "negative_weight"),
        ("household_id", "", "missing_household_id"),
        ("household_id", "未知", "missing_household_id"),
        ("household_id", "5.10402E+17", "destroyed_household_id"),
        ("survey_round", "", "missing_survey_round"),
    ],
)
def test_a_cell_that_breaks_a_rule_is_told_with_its_place(
    report: Make, write: Write, column: str, cell: str, rule: str
) -> None:
    sound = {"household_id": "2", "survey_round": "2024", "income": "5000", "size": "3", "weight": "1"}
    damaged = sound | {column: cell}
    lines = [",".join(sound), ",".join((sound | {"household_id": "1"}).values()), ",".join(damaged.values())]
    assert broken(report, write("\n".join(lines) + "\n")) == [(3, column, cell or None, rule)]


@pytest.mark.parametrize("part", ["wage_income", "business_income", "property_income", "transfer_income"])
def test_each_part_of_an_income_must_be_readable(report: Make, survey: Write, part: str) -> None:
    others = ["wage_income", "business_income", "property_income", "transfer_income"]
    cells = ["x" if name == part else "1000" for name in others]
    file = survey(f"household_id | {' | '.join(others)}\n1 | {' | '.join(cells)}\n2 | 1000 | 1000 | 1000 | 1000")
    assert broken(report, file) == [(2, part, "x", "unreadable_amount")]


@pytest.mark.parametrize("cell", ["NA", "N/A", "NaN", "null", "-", "—", "无", "未知", "未填", ""])
def test_a_missing_income_is_no_problem_and_is_counted(report: Make, survey: Write, cell: str) -> None:
    checked = report("check", survey(f"household_id | income\n1 | 5000\n2 | {cell}"))
    assert checked.main.height == 0
    assert checked.accounting[""] == Accounting(2, accepted=2, rejected=0, skipped=0, missing_income=1)


def test_a_missing_size_or_residence_is_no_problem(report: Make, survey: Write) -> None:
    assert broken(report, survey("household_id | income | size | residence\n1 | 5000 | | \n2 | 5000 | 无 | 未知")) == []


def test_fault_19_every_copy_of_an_id_is_rejected_and_names_the_others(report: Make, survey: Write) -> None:
    file = survey("household_id | income\n1 | 5000\n2 | 6000\n1 | 7000")
    checked = report("check", file)
    assert checked.main.select("row", "rule", "places").rows() == [
        (2, "duplicate_household_id", f"{file}:2, {file}:4"),
        (4, "duplicate_household_id", f"{file}:2, {file}:4"),
    ]
    assert checked.accounting[""].accepted == 1


def test_an_id_may_stand_once_in_each_round(report: Make, survey: Write) -> None:
    assert broken(report, survey("survey_round | household_id | income\n2023 | 1 | 5000\n2024 | 1 | 6000")) == []


def test_fault_21_ids_that_differ_only_by_spaces_or_width_are_copies(report: Make, write: Write) -> None:
    found = broken(report, write("household_id,income\nA1,5000\nＡ１,6000\n A 1 ,7000\nA2,1\n"))
    assert [(row, rule) for row, _, _, rule in found] == [(row, "duplicate_household_id") for row in (2, 3, 4)]


def test_a_column_that_is_none_of_ids_has_its_first_places_told(report: Make, write: Write) -> None:
    file = write("household_id,income\n" + "510402,30000\n" * 2_000)
    problems = report("check", file).main
    first = ", ".join(f"{file}:{row}" for row in range(2, 7))
    assert problems.height == 2_000
    assert set(problems["places"]) == {f"{first}, … (2000)"}


@pytest.mark.parametrize("command", ["check", "bands"])
def test_households_of_a_file_without_weights_lack_theirs_beside_one_that_has(
    report: Make, survey: Write, command: str
) -> None:
    weighed, bare = survey("household_id | income | weight\n1 | 20000 | 2"), survey("household_id | income\n3 | 20000")
    found = report(command, weighed, bare, skip_invalid=True)
    assert (found.accounting[""].accepted, found.accounting[""].rejected) == (1, 1)


def test_copies_in_two_files_of_one_round_are_rejected_in_both(report: Make, survey: Write) -> None:
    first, second = survey("household_id | income\n1 | 5000\n2 | 5000"), survey("household_id | income\n1 | 6000")
    checked = report("check", first, second)
    assert checked.main.select("file", "row").rows() == [(first, 2), (second, 2)]


def test_every_rule_that_a_row_breaks_is_told(report: Make, survey: Write) -> None:
    file = survey("household_id | income | size | weight\n1 | x | 0 | -1\n2 | 5000 | 3 | 1")
    assert {rule for *_, rule in broken(report, file)} == {"unreadable_amount", "size_below_one", "negative_weight"}
    assert report("check", file).accounting[""].rejected == 1


def test_rules_are_counted(report: Make, survey: Write, shows: Shows) -> None:
    checked = report("check", survey("household_id | income | size\n1 | x | 0\n2 | y | 3\n3 | 5000 | 3"))
    shows(
        checked.tables["rules"],
        """
        rule              | severity | count
        size_below_one    | reject   | 1
        unreadable_amount | reject   | 2
        """,
    )


def test_an_unknown_key_group_is_a_warning_and_rejects_nobody(report: Make, survey: Write) -> None:
    checked = report("check", survey("household_id | income | key_group\n1 | 5000 | 低保家庭\n2 | 5000 | 富裕家庭"))
    assert checked.main.select("row", "value", "rule", "severity").rows() == [
        (3, "富裕家庭", "unknown_key_group", "warning")
    ]
    assert checked.accounting[""].rejected == 0


@pytest.mark.parametrize(
    ("first", "income"),
    [
        *(
            (total, "5000")
            for total in ("合计", "合 计", "总计", "小计", "共计", "Total", "TOTAL:", "银江镇小计", "户均", "累计")
        ),
        *(
            (note, "")
            for note in ("填表人：张三", "审核：李四", "备注：无", "注：略", "制表日期", "（盖章）", "一、沙坝村")
        ),
    ],
)
def test_fault_28_totals_and_notes_are_skipped_and_counted(
    report: Make, survey: Write, first: str, income: str
) -> None:
    checked = report("check", survey(f"household_id | income\n1 | 5000\n{first} | {income}"))
    assert checked.main.height == 0
    assert checked.accounting[""] == Accounting(2, accepted=1, rejected=0, skipped=1, missing_income=0)


@pytest.mark.parametrize("label", ["填表人：张三", "备注", "一、沙坝村", "沙坝村（5户）", "共 3 户"])
def test_a_note_with_an_income_beside_it_is_told_and_not_guessed_at(report: Make, survey: Write, label: str) -> None:
    checked = report("check", survey(f"household_id | income\n1 | 5000\n{label} | 5000"))
    assert checked.main.select("row", "rule").rows() == [(3, "label_for_household_id")]


@pytest.mark.parametrize(
    "first", ["审核通过", "注：低保", "2024年12月1日", "制表 张三", "合计村", "总计明", "说明：外出"]
)
def test_a_household_whose_first_cell_looks_like_a_note_is_one(report: Make, survey: Write, first: str) -> None:
    told = report("check", survey(f"状态 | 户编号 | 年收入\n{first} | 1 | 5000\n| 2 | 6000")).accounting[""]
    assert (told.accepted, told.skipped) == (2, 0)


def test_a_place_whose_name_only_contains_such_a_word_is_a_household(report: Make, survey: Write) -> None:
    checked = report("check", survey("village | household_id | income\n新合计村 | 1 | 5000\nTotality | 2 | 5000"))
    assert checked.accounting[""].accepted == 2


def test_a_skipped_row_is_not_rejected_as_well(report: Make, write: Write) -> None:
    checked = report("check", write("household_id,county,income\n1,东区,5000\n\n合计,x\n"))
    assert checked.accounting[""] == Accounting(3, accepted=1, rejected=0, skipped=2, missing_income=0)


def test_rejects_stop_a_report_with_all_of_them_listed(report: Make, survey: Write) -> None:
    file = survey("household_id | income\n1 | x\n2 | y\n3 | 5000")
    with pytest.raises(RowsRejected) as refused:
        report("bands", file)
    assert refused.value.status == 3
    assert refused.value.problems["row"].to_list() == [2, 3]


def test_rejects_can_be_left_out_and_are_told(report: Make, survey: Write) -> None:
    left = report("bands", survey("household_id | income\n1 | x\n3 | 5000"), skip_invalid=True)
    assert left.accounting[""] == Accounting(2, accepted=1, rejected=1, skipped=0, missing_income=0)
    assert left.rejects is not None
    assert left.rejects["row"].to_list() == [2]
    assert "rows_left_out" in {note.key for note in left.notes}


@pytest.mark.parametrize(
    ("drawn", "reason"),
    [
        ("household_id | income", "header_only"),
        ("household_id | income\n合计 | 5", "no_household"),
        ("household_id | income\n1 |\n2 | 无", "every_income_missing"),
        ("household_id | income\n1 | 3.85\n2 | 999.99", "unit_unclear"),
    ],
)
def test_faults_2_and_30_a_survey_with_nothing_to_report_is_refused(
    report: Make, survey: Write, drawn: str, reason: str
) -> None:
    with pytest.raises(SurveyRefused, match=reason):
        report("bands", survey(drawn))


@pytest.mark.parametrize(
    "drawn",
    ["household_id | income\n1 | 1000", "household_id | 家庭年收入（元）\n1 | 500", "household_id | income\n1 | 500元"],
)
def test_small_incomes_are_accepted_once_something_names_the_unit(report: Make, survey: Write, drawn: str) -> None:
    assert report("bands", survey(drawn)).accounting[""].accepted == 1


def test_small_incomes_are_accepted_once_the_unit_is_asked_for(report: Make, survey: Write) -> None:
    file = survey("household_id | income\n1 | 3.85")
    assert report("flagged", file, asked={"wan": False}).main["income"].to_list() == [3.85]
    assert report("flagged", file, asked={"wan": True}, tiers=("low",)).main["income"].to_list() == [38_500]


def test_parts_add_up_exactly_and_a_missing_part_counts_nothing(report: Make, survey: Write, shows: Shows) -> None:
    file = survey(
        """
        household_id | wage_income | business_income | transfer_income
        1            | 29999.9     | 0.05            | 0.05
        2            | 29999.9     | 0.05            | 0.0499
        3            | 20000       | -50000          |
        4            |             |                 |
        """
    )
    shows(
        report("flagged", file).main,
        """
        household_id | income     | band
        3            | -30000     | <0
        2            | 29999.9999 | 20000-30000
        """,
    )
    assert report("bands", file).accounting[""].missing_income == 1


DAMAGE = {
    "sound": "{n},东区,5000,3,1",
    "missing income": "{n},东区,,3,1",
    "copy": "copy,东区,5000,3,1",
    "bad amount": "{n},东区,1e5,3,1",
    "bad size": "{n},东区,5000,0,1",
    "no id": ",东区,5000,3,1",
    "negative weight": "{n},东区,5000,3,-1",
    "two faults": "{n},东区,x,0,-1",
    "short": "{n},东区",
    "long": "{n},东区,5000,3,1,9",
    "bad quote": '{n},"东"区,5000,3,1',
    "blank": "",
    "total": "合计,,9999,,",
}
SKIPPED, HELD = {"blank", "total"}, {"sound", "missing income"}


@given(st.lists(st.sampled_from(sorted(DAMAGE)), max_size=15))
@settings(max_examples=40, deadline=None)
def test_every_row_is_accounted_for_exactly_once(report: Make, write: Write, kinds: list[str]) -> None:
    lines = [DAMAGE[kind].format(n=number) for number, kind in enumerate(kinds)]
    content = "\n".join(["household_id,county,income,size,weight", "first,东区,5000,3,1", *lines]) + "\n"
    accounting = report("check", write(content)).accounting[""]
    skipped = sum(kind in SKIPPED for kind in kinds)
    accepted = 1 + sum(kind in HELD or (kind == "copy" and kinds.count("copy") == 1) for kind in kinds)
    rejected = 1 + len(kinds) - skipped - accepted
    assert accounting == Accounting(1 + len(kinds), accepted, rejected, skipped, kinds.count("missing income"))


@given(st.lists(st.sampled_from(sorted(DAMAGE)), min_size=1, max_size=12))
@settings(max_examples=30, deadline=None)
def test_every_rejected_row_is_listed_and_no_other(report: Make, write: Write, kinds: list[str]) -> None:
    lines = [DAMAGE[kind].format(n=number) for number, kind in enumerate(kinds)]
    checked = report(
        "check", write("\n".join(["household_id,county,income,size,weight", "a1,东,5000,3,1", *lines, ""]))
    )
    good = SKIPPED | HELD | ({"copy"} if kinds.count("copy") == 1 else set())
    assert set(checked.main["row"]) == {row for row, kind in enumerate(kinds, start=3) if kind not in good}

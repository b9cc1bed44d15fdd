from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incomeladder.clean import careful, straight, tidy
from incomeladder.frames import INCOME, NOTED, ROUND, TOTALLED


def carefully(text: str | None, *, wan: bool = False) -> int | None:
    cell = pl.DataFrame({"cell": [text]}, schema={"cell": pl.String})
    return cell.select(careful.amount(careful.compact(pl.col("cell")), wan=wan)).item()


def straightly(text: str | None, *, wan: bool = False) -> int | None:
    cell = pl.DataFrame({"cell": [text]}, schema={"cell": pl.String})
    return cell.select(straight.amount(pl.col("cell"), wan=wan)).item()


def value(reader: pl.Expr, text: str | None) -> object:
    return pl.DataFrame({"cell": [text]}, schema={"cell": pl.String}).select(reader).item()


CELL = pl.col("cell")
COMPACT = careful.compact(CELL)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("1,234.50", 12_345_000),
        ("1，234．50", 12_345_000),
        ("1,234,567.8901", 12_345_678_901),
        ("３万", 300_000_000),
        ("3.2万元", 320_000_000),
        ("３．２万元", 320_000_000),
        ("１２３", 1_230_000),
        ("38,500元", 385_000_000),
        ("¥38500", 385_000_000),
        ("￥ 38 500.00 元", 385_000_000),
        ("人民币38500元", 385_000_000),
        ("RMB 38500", 385_000_000),
        ('="29999.99"', 299_999_900),
        ("'29999.99", 299_999_900),
        ("\u200b30000\u00a0", 300_000_000),
        ("+5", 50_000),
        ("−5", -50_000),
        ("－5", -50_000),
        ("-1,234.5", -12_345_000),
        ("5.", 50_000),
        ("0", 0),
        ("-0", 0),
        ("2.99999万", 299_999_000),
    ],
)
def test_fault_22_an_amount_as_people_write_it_is_read_to_the_last_digit(text: str, units: int) -> None:
    assert carefully(text) == units


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("29999.995", 299_999_950),
        ("29999.9999999", 299_999_999),
        ("29999.99999999999999999999", 299_999_999),
        ("58807.813046494", 588_078_130),
        ("30000.00009", 300_000_000),
        ("-0.00001", -1),
        ("-0.0001", -1),
        ("-1.00009", -10_001),
        ("-0.0000000000001", -1),
        ("-0.0000000000000", 0),
    ],
)
def test_longer_decimals_are_cut_towards_minus_infinity(text: str, units: int) -> None:
    assert carefully(text) == units


@pytest.mark.parametrize(
    ("text", "units"), [("29999.995", 299_999_950), ("-0.00001", -1), ("58807.813046494", 588_078_130)]
)
def test_the_straight_road_cuts_the_same_way(text: str, units: int) -> None:
    assert straightly(text) == units


@pytest.mark.parametrize(
    ("text", "units"),
    [("2.99999999999", 299_999_999), ("3", 300_000_000), ("0.00000001", 1), ("-0.000000001", -1)],
)
def test_a_bare_number_counts_wan_where_the_column_does(text: str, units: int) -> None:
    assert straightly(text, wan=True) == units
    assert carefully(text, wan=True) == units


def test_a_cell_that_names_yuan_is_yuan_in_a_column_of_wan() -> None:
    assert carefully("38500元", wan=True) == 385_000_000


def test_a_cell_that_names_wan_is_wan_once() -> None:
    assert carefully("3.85万", wan=True) == carefully("3.85万元") == 385_000_000


@pytest.mark.parametrize(
    "text", ["inf", "-inf", "1e5", "1E5", "1e400", "三万", "0x10", "12,34", "1,2345", "1.2.3", "--5", "5-", "①", "10²"]
)
def test_fault_23_what_only_looks_like_a_number_is_not_read(text: str) -> None:
    assert carefully(text) is None


@pytest.mark.parametrize("text", ["99999999999999999999", "9" * 50, "100000000000", "-100000000000", "10000000万"])
def test_fault_24_an_amount_that_cannot_be_held_is_not_read(text: str) -> None:
    assert carefully(text) is None


def test_the_largest_amount_below_a_hundred_billion_is_read() -> None:
    assert carefully("99999999999.9999") == 999_999_999_999_999


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("29999.99", 299_999_900),
        ("30000", 300_000_000),
        ("39999.99", 399_999_900),
        ("100000", 1_000_000_000),
        ("-0.01", -100),
    ],
)
def test_faults_26_and_27_the_edges_are_exact_on_both_roads(text: str, units: int) -> None:
    assert straightly(text) == carefully(text) == units


@pytest.mark.parametrize(
    "text", [None, "", "  ", "NA", "na", "N/A", "NaN", "null", "NULL", "-", "—", "无", "未知", "未填", " 无 "]
)
def test_a_cell_that_says_nothing_is_missing(text: str | None) -> None:
    assert value(careful.is_missing(CELL), text)
    assert carefully(text) is None


@pytest.mark.parametrize("text", ["0", "无业", "none", "NAN1", "--"])
def test_a_cell_that_says_something_is_not_missing(text: str) -> None:
    assert not value(careful.is_missing(CELL), text)


@given(st.from_regex(r"\A-?[0-9]{1,7}(\.[0-9]{1,12})?\Z"), st.booleans())
@settings(max_examples=60, deadline=None)
def test_every_plain_decimal_reads_as_exact_arithmetic_does_on_both_roads(text: str, wan: bool) -> None:  # noqa: FBT001
    exact = (Decimal(text) * 10_000 * (10_000 if wan else 1)).to_integral_value(ROUND_FLOOR)
    assert straightly(text, wan=wan) == carefully(text, wan=wan) == exact


@given(st.text(alphabet="0123456789.,-+万元 e１，．", max_size=14), st.booleans())
@settings(max_examples=60, deadline=None)
def test_where_the_straight_road_reads_an_amount_the_careful_one_agrees(text: str, wan: bool) -> None:  # noqa: FBT001
    found = straightly(text, wan=wan)
    assert found is None or found == carefully(text, wan=wan)


@given(st.text(alphabet="0123456789.-+ 人", max_size=6))
@settings(max_examples=60, deadline=None)
def test_where_the_straight_road_reads_a_size_or_a_weight_the_careful_one_agrees(text: str) -> None:
    for road in ("size", "weight"):
        found = value(getattr(straight, road)(CELL), text)
        assert found is None or found == value(getattr(careful, road)(COMPACT), text)


@given(st.text(alphabet="0123456789ABxy_- ０Ａ'=", max_size=8))
@settings(max_examples=60, deadline=None)
def test_where_the_straight_road_reads_an_id_the_careful_one_agrees(text: str) -> None:
    found = value(straight.household_id(CELL), text)
    assert found is None or found == value(careful.household_id(COMPACT), text)


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("00123", "00123"),
        (" 00123 ", "00123"),
        ("００１２３", "00123"),
        ('="0123"', "0123"),
        ("'0123", "0123"),
        ("东区-7", "东区-7"),
        ("A 1", "A1"),
        ("", None),
        ("未知", None),
    ],
)
def test_faults_17_and_21_an_id_is_text_without_spaces_width_or_guards(text: str, identifier: str | None) -> None:
    assert value(careful.household_id(COMPACT), text) == identifier


@pytest.mark.parametrize("text", ["5.10402E+17", "5.1e+17", "5E+17", "５．１Ｅ＋１７"])
def test_fault_18_an_id_that_a_spreadsheet_has_rounded_is_told(text: str) -> None:
    assert value(careful.is_destroyed_id(COMPACT), text)


@pytest.mark.parametrize("text", ["510402198001010011", "5E17", "E+17", "A5.1E+17"])
def test_an_id_whose_digits_are_all_there_is_not_told(text: str) -> None:
    assert not value(careful.is_destroyed_id(COMPACT), text)


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("3", 3),
        ("３", 3),
        ("3人", 3),
        ("3.0", 3),
        ("003", 3),
        ("0", 0),
        ("-1", -1),
        ("3.5", None),
        ("三", None),
        ("", None),
        ("12345", None),
    ],
)
def test_a_size_is_a_whole_number_of_members(text: str, members: int | None) -> None:
    assert value(careful.size(COMPACT), text) == members


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("urban", "urban"),
        ("Urban", "urban"),
        ("城镇", "urban"),
        ("城", "urban"),
        ("镇", "urban"),
        ("rural", "rural"),
        ("农村", "rural"),
        ("乡村", "rural"),
        ("村", "rural"),
        ("都市", None),
    ],
)
def test_a_residence_is_one_of_two_words(text: str, word: str | None) -> None:
    assert value(careful.residence(COMPACT), text) == word


@pytest.mark.parametrize(
    ("text", "billionths"),
    [
        ("1", 10**9),
        ("84.5", 84_500_000_000),
        ("0.0000000019", 1),
        ("1,000", 10**12),
        ("-1", -(10**9)),
        ("0", 0),
        ("x", None),
        ("100000000", None),
    ],
)
def test_a_weight_is_held_in_billionths(text: str, billionths: int | None) -> None:
    assert value(careful.weight(COMPACT), text) == billionths


def test_the_text_of_a_cell_is_kept_beside_its_value() -> None:
    raw = pl.LazyFrame({INCOME: ["3.2万", "30000"], ROUND: [" 2024 ", "无"], "column:x": ["a", "b"]})
    tidied = tidy(raw, [INCOME, ROUND], care=[INCOME, ROUND]).collect().drop(NOTED, TOTALLED)
    assert tidied.to_dict(as_series=False) == {
        "income": [320_000_000, 300_000_000],
        "survey_round": ["2024", None],
        "column:x": ["a", "b"],
        "raw_income": ["3.2万", "30000"],
        "raw_survey_round": [" 2024 ", "无"],
    }


def test_a_column_that_is_not_read_with_care_leaves_its_odd_cells_over() -> None:
    raw = pl.LazyFrame({INCOME: ["3.2万", "30000"]})
    assert tidy(raw, [INCOME]).collect()["income"].to_list() == [None, 300_000_000]

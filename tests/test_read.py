from __future__ import annotations

import csv
import io
import os
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incomeladder.errors import Refused, SurveyRefused, UsageRefused
from incomeladder.frames import FAULT, ROW, UNPROVED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from incomeladder.read.source import Source
    from incomeladder.report import Report

    Write = Callable[..., str]
    Sources = Callable[..., tuple[Source, ...]]

SOUND = "household_id,county,income\n1,东区,29999.99\n2,西区,30000\n"


def rows(source: Source) -> list[tuple[object, ...]]:
    return source.prove().rows.select("household_id", "income").collect().rows()


def faults(source: Source) -> list[tuple[int, str | None]]:
    return source.prove().rows.select(ROW, FAULT).collect().rows()


def refusal(sources: Sources, *files: str, **asked: object) -> dict[str, dict[str, object]]:
    with pytest.raises(Refused) as refused:
        sources(*files, **asked)
    return {reason.key: reason.facts for reason in refused.value.reasons}


@pytest.mark.parametrize(
    ("encoded", "encoding"),
    [
        (SOUND.encode(), "utf-8"),
        (SOUND.encode("utf-8-sig"), "utf-8"),
        (SOUND.encode("gb18030"), "gb18030"),
        (SOUND.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + SOUND.encode("utf-16-be"), "utf-16"),
    ],
    ids=["utf-8", "bom", "gb18030", "utf-16-le", "utf-16-be"],
)
def test_faults_3_4_and_5_a_text_is_read_whatever_its_encoding_and_the_encoding_is_told(
    write: Write, sources: Sources, encoded: bytes, encoding: str
) -> None:
    (source,) = sources(write(encoded))
    assert source.table.encoding == encoding
    assert source.prove().rows.select("household_id", "county", "income").collect().rows() == [
        ("1", "东区", "29999.99"),
        ("2", "西区", "30000"),
    ]


def test_the_encoding_that_was_asked_for_is_used(write: Write, sources: Sources) -> None:
    (source,) = sources(write("household_id,income,地點\n1,5000,東區\n".encode("big5")), encoding="big5")
    assert source.table.encoding == "big5"
    assert source.prove().rows.select("column:地點").collect().item() == "東區"


def test_an_encoding_that_nobody_knows_is_refused(write: Write, sources: Sources) -> None:
    with pytest.raises(UsageRefused, match="unknown_encoding"):
        sources(write(SOUND), encoding="utf-9")


def test_fault_5_wide_text_without_a_mark_is_refused(write: Write, sources: Sources) -> None:
    assert "kind_binary" in refusal(sources, write(SOUND.encode("utf-16-le")))


def test_gb18030_that_shows_only_late_in_the_file_is_read(write: Write, sources: Sources) -> None:
    body = "household_id,income,place\n" + "1,30000,x\n" * 20_000 + "2,5000,东区\n"
    (source,) = sources(write(body.encode("gb18030")))
    assert source.table.encoding == "gb18030"
    assert source.prove().rows.select("column:place").collect().to_series()[-1] == "东区"


def test_fault_6_one_invalid_byte_is_refused_with_its_line(write: Write, sources: Sources) -> None:
    facts = refusal(sources, write(SOUND.encode() + b"3,\xff\xff,5\n"))["undecodable"]
    assert (facts["row"], facts["byte"], facts["at"]) == (4, "0xff", len(SOUND.encode()) + 2)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        (b"\n \n\n", "empty_file"),
        (b"PK\x03\x04rest", "workbook_damaged"),
        (b"\xd0\xcf\x11\xe0rest", "workbook_damaged"),
        (b"PAR1rest", "columnar_damaged"),
        (b"\x1f\x8brest", "kind_compressed"),
        (b"%PDF-1.7", "kind_binary"),
        (b"\x00\x01\x02\x03", "kind_binary"),
        (b"  <html><table></table></html>", "kind_html"),
    ],
)
def test_faults_1_and_33_what_is_no_text_is_refused_by_its_kind(
    write: Write, sources: Sources, content: bytes, reason: str
) -> None:
    assert reason in refusal(sources, write(content))


def test_fault_36_a_folder_a_pipe_and_a_lost_link_are_refused_before_reading(tmp_path: Path, sources: Sources) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert "no_survey_files" in refusal(sources, str(tmp_path))
    assert "not_a_file" in refusal(sources, str(tmp_path / "pipe"))
    assert "no_such_file" in refusal(sources, str(tmp_path / "link"))


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_fault_11_the_delimiter_is_found(write: Write, sources: Sources, delimiter: str) -> None:
    (source,) = sources(write(SOUND.replace(",", delimiter)))
    assert source.layout.delimiter == delimiter
    assert rows(source) == [("1", "29999.99"), ("2", "30000")]


def test_commas_in_amounts_do_not_hide_the_semicolon(write: Write, sources: Sources) -> None:
    (source,) = sources(write("household_id;income\n1;29,999.99\n"))
    assert rows(source) == [("1", "29,999.99")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("last", ["", "end"])
def test_fault_10_lines_end_in_any_of_three_ways(write: Write, sources: Sources, end: str, last: str) -> None:
    (source,) = sources(write(SOUND.replace("\n", end) if last else SOUND.rstrip("\n").replace("\n", end)))
    assert rows(source) == [("1", "29999.99"), ("2", "30000")]
    assert faults(source) == [(2, None), (3, None)]


def test_titles_above_the_headings_are_told_and_their_unit_counts(write: Write, sources: Sources) -> None:
    (source,) = sources(write("某镇家庭收入表,,\n单位：万元,,\n\n户编号,县区,家庭年收入\n1,东区,2.99\n"))
    assert source.layout.titles == ("某镇家庭收入表", "单位：万元")
    assert source.wan >= {"income"}
    assert faults(source) == [(5, None)]


@pytest.mark.parametrize(
    ("heading", "wan"),
    [
        ("年收入（万元）", True),
        ("家庭年收入(元)", False),
        ("家庭年收入/万元", True),
        ("家庭收入[单位:万元]", True),
        ("收入 (万元/年)", True),
    ],
)
def test_a_heading_can_name_the_unit(write: Write, sources: Sources, heading: str, wan: bool) -> None:  # noqa: FBT001
    (source,) = sources(write(f"户编号,{heading}\n1,3.85\n"))
    assert source.columns == ("household_id", "income", "survey_round")
    assert ("income" in source.wan, source.names_unit("income")) == (wan, True)


def test_a_heading_outranks_the_title_and_both_outrank_the_asked_unit(write: Write, sources: Sources) -> None:
    file = write("单位：万元,\n户编号,家庭年收入（元）\n1,38500\n")
    assert "income" not in sources(file)[0].wan
    assert "income" not in sources(file, wan=True)[0].wan
    assert sources(file, wan=True)[0].unit_kept


def test_fault_15_a_quoted_line_break_stays_in_its_row(write: Write, sources: Sources) -> None:
    (source,) = sources(write('household_id,note,income\n1,"one\ntwo",5000\n2,x,6000\n'))
    assert rows(source) == [("1", "5000"), ("2", "6000")]
    assert faults(source) == [(2, None), (4, None)]


def test_quoted_delimiters_and_quotes_are_part_of_the_cell(write: Write, sources: Sources) -> None:
    (source,) = sources(write('household_id,note,income\n1,"a,""b""",5000\n'))
    assert source.prove().rows.select("column:note").collect().item() == 'a,"b"'


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("2,东区", "short_row"),
        ("2", "short_row"),
        ("2,东区,6000,9", "long_row"),
        ("2,东区,6000,", None),
        ('2,"东"区,6000', "bad_quote"),
        ("2,东\0区,6000", "nul_character"),
        ("", "blank_row"),
        (",,", "blank_row"),
        (" , , ", "blank_row"),
    ],
)
def test_faults_7_12_and_13_a_row_of_the_wrong_shape_is_told_at_its_line(
    write: Write, sources: Sources, line: str, fault: str | None
) -> None:
    (source,) = sources(write(f"household_id,county,income\n1,东区,5000\n{line}\n3,东区,7000\n"))
    assert faults(source) == [(2, None), (3, fault), (4, None)]


def test_fault_16_a_last_line_without_its_end_may_have_been_cut(write: Write, sources: Sources) -> None:
    assert faults(*sources(write(SOUND + "3,东"))) == [(2, None), (3, None), (4, "cut_short")]
    assert faults(*sources(write(SOUND + "3,东\n"))) == [(2, None), (3, None), (4, "short_row")]


def test_fault_14_a_quote_that_is_never_closed_is_refused_with_its_line(write: Write, sources: Sources) -> None:
    assert refusal(sources, write(SOUND + '3,"东区,5\n4,西区,6\n'))["open_quote"]["row"] == 4


AREA = {
    "heading": "地区",
    "columns": ["county", "township"],
    "options": ["--column county=地区", "--column township=地区"],
}


@pytest.mark.parametrize(
    ("headings", "reason", "facts"),
    [
        ("household_id,income,income", "heading_twice", {"heading": "income", "places": [2, 3]}),
        ("note,income,note", "heading_twice", {"heading": "note", "places": [1, 3]}),
        (
            "household_id,income,年收入",
            "two_headings_for_column",
            {"column": "income", "headings": ["income", "年收入"]},
        ),
        ("household_id,income,地区", "heading_ambiguous", AREA),
        ("household_id,note,size", "no_income_column", {"headings": ["household_id", "note", "size"]}),
    ],
)
def test_fault_8_headings_that_leave_a_doubt_are_refused_and_named(
    write: Write, sources: Sources, headings: str, reason: str, facts: dict[str, object]
) -> None:
    file = write(f"{headings}\n1,2,3\n")
    assert refusal(sources, file)[reason] == {"file": file, **facts}


def test_a_chosen_heading_settles_a_doubt(write: Write, sources: Sources) -> None:
    (source,) = sources(write("household_id,income,地区\n1,5000,东区\n"), columns={"county": "地区"})
    assert "county" in source.columns
    (source,) = sources(write("household_id,应发,年收入\n1,1,5000\n"), columns={"wage_income": "应发"})
    assert {"wage_income", "income"} <= set(source.columns)


def test_a_chosen_heading_that_is_not_there_is_refused(write: Write, sources: Sources) -> None:
    facts = refusal(sources, write(SOUND), columns={"income": "工资"})["chosen_heading_absent"]
    assert (facts["column"], facts["heading"]) == ("income", "工资")


def test_fault_9_a_blank_heading_is_nobodys_column(write: Write, sources: Sources) -> None:
    (source,) = sources(write("household_id,,income\n1,x,5000\n"))
    assert source.columns == ("household_id", "income", "survey_round")
    assert rows(source) == [("1", "5000")]


def test_headings_are_matched_without_case_spaces_and_width(write: Write, sources: Sources) -> None:
    (source,) = sources(write(" Household ID ,ＩＮＣＯＭＥ,家庭人口数,县 区,城乡\n1,5000,3,东区,城镇\n"))
    assert source.columns == ("household_id", "income", "size", "county", "residence", "survey_round")


def test_a_file_without_a_round_column_is_a_round_named_by_the_file(write: Write, sources: Sources) -> None:
    first, second = sources(write(SOUND, "2023.csv"), write(SOUND, "2024-H1.csv"))
    assert first.prove().rows.select("survey_round").unique().collect().item() == "2023"
    assert second.prove().rows.select("survey_round").unique().collect().item() == "2024-H1"


def test_the_asked_name_goes_before_the_files_and_the_column_before_both(write: Write, sources: Sources) -> None:
    (source,) = sources(write(SOUND), round_name="2020")
    assert source.prove().rows.select("survey_round").unique().collect().item() == "2020"
    (source,) = sources(write("survey_round,household_id,income\n2019,1,5000\n"), round_name="2020")
    assert source.prove().rows.select("survey_round").collect().item() == "2019"


def test_several_files_are_refused_together(write: Write, sources: Sources) -> None:
    assert set(refusal(sources, write(b""), write("household_id,income\n1,5\n"), write(b"%PDF"))) == {
        "empty_file",
        "kind_binary",
    }


def test_fault_2_a_file_of_headings_alone_has_no_rows(write: Write, sources: Sources) -> None:
    (source,) = sources(write("household_id,income\n"))
    assert rows(source) == []


def test_fault_35_a_file_that_changes_while_it_is_read_is_refused(write: Write, sources: Sources) -> None:
    (source,) = sources(file := write(SOUND))
    source.refuse_changed()
    with open(file, "a", encoding="utf-8") as again:  # noqa: PTH123
        again.write("3,东区,1\n")
    with pytest.raises(SurveyRefused, match="file_changed"):
        source.refuse_changed()


CELLS = st.text(alphabet="a1 ,;\"'\t东.-é", max_size=6)
NAMES = (ROW, "household_id", "column:note", "income")


LINES = [
    "1,x,5",
    "2,,6",
    "3,x,",
    "1,x",
    "4",
    "5,x,6,",
    "5,x,6,7",
    ",,",
    " , , ",
    "",
    '6,"x",7',
    '7,"a\nb",8',
    "8\r,x,9",
    "9,\0,1",
]
BODIES = st.one_of(
    st.lists(st.sampled_from(["1", ",", '"', "\n", "\r", " ", "x", "\0"]), max_size=25).map("".join),
    st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(["\n", "\n", "\r\n", "\r"])), max_size=5).map(
        lambda lines: "".join(line + end for line, end in lines)
    ),
)
"""Texts of odd characters, and of lines that are sound or broken in one way each."""


def undoubted(source: Source) -> list[tuple[object, ...]] | None:
    """The rows as they are first read; None where their shape is in doubt."""
    try:
        raw = source.rows.collect()
    except pl.exceptions.ComputeError:
        return None
    if source.proved or raw[UNPROVED].any() or not raw.height:
        return None
    return [tuple(cell or None for cell in row) for row in raw.select(NAMES).rows()]


def counted(content: str) -> list[tuple[int, list[str]]]:
    """The rows after the headings with their lines, as the standard library reads them."""
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    found = []
    line = 1
    for cells in reader:
        found.append((line, cells))
        line = reader.line_num + 1
    return found[1:]


@given(
    table=st.lists(st.tuples(CELLS, CELLS, st.just("5000")), min_size=1, max_size=6),
    written=st.tuples(
        st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), st.booleans()
    ),
)
@settings(max_examples=60, deadline=None)
def test_a_sound_file_is_read_as_it_was_written(
    write: Write, sources: Sources, table: list[tuple[str, ...]], written: tuple[str, int, bool]
) -> None:
    end, quoting, ended = written
    target = io.StringIO()
    csv.writer(target, lineterminator=end, quoting=quoting).writerows([("household_id", "note", "income"), *table])
    (source,) = sources(write(target.getvalue() if ended else target.getvalue().removesuffix(end)))
    wanted = [(line, *(cell or None for cell in row)) for line, row in enumerate(table, start=2)]
    proved = source.prove().rows.collect()
    assert [tuple(cell or None for cell in row) for row in proved.select(NAMES).rows()] == wanted
    assert proved[FAULT].null_count() == len(table)
    assert undoubted(source) in (None, wanted)


@given(BODIES)
@settings(max_examples=60, deadline=None)
def test_what_is_read_without_a_doubt_is_what_the_strict_reader_finds(
    write: Write, sources: Sources, body: str
) -> None:
    content = "household_id,note,income\n1,,2\n" + body
    try:
        (source,) = sources(write(content))
    except SurveyRefused:
        return
    found = undoubted(source)
    if found is not None:
        assert found == [(line, *(cell or None for cell in cells)) for line, cells in counted(content)]


@given(BODIES)
@settings(max_examples=60, deadline=None)
def test_every_row_that_the_strict_reader_finds_is_there_with_its_line(
    write: Write, sources: Sources, body: str
) -> None:
    content = "household_id,note,income\n1,,2\n" + body
    try:
        wanted = counted(content)
        (source,) = sources(write(content))
    except (SurveyRefused, csv.Error):
        return
    assert source.prove().rows.select(ROW).collect().to_series().to_list() == [line for line, _ in wanted]


def test_an_old_line_end_between_new_ones_is_a_line_end(write: Write, sources: Sources) -> None:
    (source,) = sources(write("household_id,income\n1\r2,5000\n3,6000\r4,7000\n"))
    assert faults(source) == [(2, "short_row"), (3, None), (4, None), (5, None)]
    assert rows(source)[1:] == [("2", "5000"), ("3", "6000"), ("4", "7000")]
    assert undoubted(source) is None


def test_wide_text_without_a_mark_is_refused_even_where_it_is_all_latin(write: Write, sources: Sources) -> None:
    assert "kind_binary" in refusal(sources, write("household_id,income\n1,5000\n".encode("utf-16-le")))
    assert "kind_binary" in refusal(sources, write("household_id,income\n1,5000\n".encode("utf-16-be")))


@pytest.mark.parametrize("name", ["a[1].csv", "a*b.csv", "a?b.csv", "{a,b}.csv", "a b%20c.csv", "调查（1）.csv"])
def test_a_file_name_is_no_pattern(write: Write, sources: Sources, name: str) -> None:
    (source,) = sources(write(SOUND, name))
    assert rows(source) == [("1", "29999.99"), ("2", "30000")]


@pytest.mark.parametrize("cells", [4, 5, 9])
def test_a_first_row_that_is_far_too_long_is_found_too(report: Callable[..., Report], write: Write, cells: int) -> None:
    checked = report("check", write("household_id,county,income\n" + ",".join("1" * cells) + "\n"))
    assert checked.tables["problems"].select("row", "rule").rows() == [(2, "long_row")]

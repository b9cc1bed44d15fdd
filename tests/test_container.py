from __future__ import annotations

import os
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from incomeladder.errors import SurveyRefused
from incomeladder.frames import FAULT, ROW
from incomeladder.read.container import MOST_MEMBERS
from sheets import ODS_TYPE, SUFFIXES, Sheet, drawn, members_of_xlsx, pack, save, write_xls, write_xlsx, xlsx_row

if TYPE_CHECKING:
    from collections.abc import Callable

    from incomeladder.read.source import Source
    from incomeladder.report import Report

    Make = Callable[..., Report]
    Write = Callable[..., str]
    Sources = Callable[..., tuple[Source, ...]]

TOWN = Sheet([["户编号", "家庭年收入"], *([f"{number:04}", number * 100] for number in range(1, 200))])
ROWS = xlsx_row(1, "户编号", "家庭年收入") + xlsx_row(2, "01", "30000")
ROOT = Path(__file__).parents[1]


def refusal(sources: Sources, *files: str, **asked: object) -> dict[str, dict[str, object]]:
    with pytest.raises(SurveyRefused) as refused:
        sources(*files, **asked)
    return {reason.key: reason.facts for reason in refused.value.reasons}


def patched(path: str | Path, member: str, *, at: tuple[int, int], form: str, values: tuple[int, ...]) -> str:
    """Overwrite a field of a member's header and of its entry in the folder, at these offsets."""
    with zipfile.ZipFile(path) as archive:
        header, folder = archive.getinfo(member).header_offset, archive.start_dir
    content = bytearray(Path(path).read_bytes())
    entry = content.index(member.encode(), folder) - 46
    struct.pack_into(form, content, header + at[0], *values)
    struct.pack_into(form, content, entry + at[1], *values)
    Path(path).write_bytes(content)
    return str(path)


# what it is, by its content


def test_fault_33_a_password_protected_workbook_is_told_as_one(tmp_path: Path, write: Write, sources: Sources) -> None:
    content = Path(write_xls(tmp_path / "plain.xls", TOWN)).read_bytes()
    place = content.index("Workbook".encode("utf-16-le"))
    name = "EncryptedPackage".encode("utf-16-le")
    locked = content[:place] + name + content[place + len(name) :]
    assert list(refusal(sources, write(locked, "2024.xlsx"))) == ["password"]


def test_fault_33_an_old_workbook_with_a_password_is_told_as_one(tmp_path: Path, sources: Sources) -> None:
    path = Path(write_xls(tmp_path / "2024.xls", TOWN))
    who_wrote_it, file_pass = (struct.pack("<HH", record, 112) for record in (0x5C, 0x2F))
    path.write_bytes(path.read_bytes().replace(who_wrote_it, file_pass))
    assert list(refusal(sources, str(path))) == ["password"]


def test_fault_33_a_locked_archive_is_told_as_one(tmp_path: Path, sources: Sources) -> None:
    file = write_xlsx(tmp_path / "2024.xlsx", TOWN)
    assert list(refusal(sources, patched(file, "xl/workbook.xml", at=(6, 8), form="<H", values=(1,)))) == ["password"]


def test_fault_33_a_locked_ods_is_told_as_one(tmp_path: Path, sources: Sources) -> None:
    manifest = '<manifest><file-entry full-path="content.xml"><encryption-data/></file-entry></manifest>'
    members = {"mimetype": ODS_TYPE, "META-INF/manifest.xml": manifest, "content.xml": "\x01\x02"}
    assert list(refusal(sources, pack(tmp_path / "2024.ods", members))) == ["password"]


@pytest.mark.parametrize(
    "content",
    [
        "<html><body><table><tr><td>户编号</td><td>年收入</td></tr></table></body></html>",
        "\ufeff\r\n<!DOCTYPE html>\n<table></table>",
        "<table border=1><tr><td>户编号</td></tr></table>",
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook/>',
        '<meta charset="gbk"><table></table>',
    ],
)
@pytest.mark.parametrize("name", ["2024.xls", "2024.csv"])
def test_fault_33_a_web_page_saved_as_a_workbook_is_told_as_one(
    write: Write, sources: Sources, content: str, name: str
) -> None:
    assert list(refusal(sources, write(content, name))) == ["kind_html"]


@pytest.mark.parametrize(
    "members",
    [
        {"a.csv": "household_id,income\n1,5000\n"},
        {"[Content_Types].xml": "<Types/>", "word/document.xml": "<document/>"},
        {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<document/>"},
    ],
    ids=["zipped text", "docx", "odt"],
)
def test_fault_33_an_archive_that_is_no_workbook_is_told_as_one(
    tmp_path: Path, sources: Sources, members: dict[str, str]
) -> None:
    assert list(refusal(sources, pack(tmp_path / "2024.xlsx", members))) == ["kind_archive"]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("name", ["2024.csv", "2024.txt", "2024"])
def test_fault_33_a_workbook_is_known_by_its_content(
    tmp_path: Path, write: Write, sources: Sources, suffix: str, name: str
) -> None:
    (source,) = sources(write(Path(save(tmp_path / f"x{suffix}", TOWN)).read_bytes(), name))
    assert (source.table.kind, source.label) == (suffix[1:], "2024")


@pytest.mark.parametrize("name", ["2024.xlsx", "2024.xls", "2024.ods", "2024.parquet"])
def test_fault_33_a_text_is_known_by_its_content(survey: Write, sources: Sources, name: str) -> None:
    (source,) = sources(survey("household_id | income\n 1 | 5000", name))
    assert (source.table.kind, source.layout.delimiter) == ("text", ",")


# damage


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("sixteenths", range(1, 16))
def test_fault_33_a_workbook_that_is_cut_short_is_refused(
    tmp_path: Path, write: Write, sources: Sources, suffix: str, sixteenths: int
) -> None:
    content = Path(save(tmp_path / f"2024{suffix}", TOWN)).read_bytes()
    cut = write(content[: len(content) * sixteenths // 16], f"2024{suffix}")
    (reason,) = refusal(sources, cut)
    assert reason in {"workbook_damaged", "kind_binary"}


@pytest.mark.parametrize("suffix", [".xlsx", ".ods"])
@pytest.mark.parametrize("lost", [1, 2, 21, 22, 23, 100])
def test_fault_33_an_archive_without_its_last_bytes_is_refused(
    tmp_path: Path, write: Write, sources: Sources, suffix: str, lost: int
) -> None:
    content = Path(save(tmp_path / f"2024{suffix}", TOWN)).read_bytes()
    assert list(refusal(sources, write(content[:-lost], f"2024{suffix}"))) == ["workbook_damaged"]


@pytest.mark.parametrize("member", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_fault_33_a_part_whose_check_sum_is_wrong_is_refused(tmp_path: Path, sources: Sources, member: str) -> None:
    file = write_xlsx(tmp_path / "2024.xlsx", TOWN)
    assert list(refusal(sources, patched(file, member, at=(14, 16), form="<I", values=(1,)))) == ["workbook_damaged"]


@pytest.mark.parametrize("lacking", ["_rels/.rels", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"])
def test_fault_33_a_workbook_that_lacks_a_part_is_refused(tmp_path: Path, sources: Sources, lacking: str) -> None:
    members = members_of_xlsx(ROWS)
    del members[lacking]
    assert list(refusal(sources, pack(tmp_path / "2024.xlsx", members))) == ["workbook_damaged"]


@pytest.mark.parametrize(
    "rows", ['<row r="1"><c r="A1"', "<row></c></row>", '<row r="x"/>', '<row r="1"><c r="A1" t="s"><v>9</v></c></row>']
)
def test_fault_33_a_sheet_that_is_no_sheet_is_refused(tmp_path: Path, sources: Sources, rows: str) -> None:
    (reason,) = refusal(sources, pack(tmp_path / "2024.xlsx", members_of_xlsx(rows)))
    assert reason in {"workbook_damaged", "empty_file"}


def test_a_workbook_with_entities_that_grow_is_refused(tmp_path: Path, sources: Sources) -> None:
    grown = "".join(f'<!ENTITY e{step} "{f"&e{step - 1};" * 10}">' for step in range(1, 10))
    members = members_of_xlsx(ROWS)
    book = members["xl/workbook.xml"].replace('name="Sheet1"', 'name="&e9;"')
    members["xl/workbook.xml"] = f'<!DOCTYPE workbook [<!ENTITY e0 "ha">{grown}]>{book}'
    assert list(refusal(sources, pack(tmp_path / "2024.xlsx", members))) == ["workbook_damaged"]


# what would exhaust the machine


def test_fault_31_a_workbook_that_unpacks_to_a_thousand_times_its_size_is_refused(
    tmp_path: Path, sources: Sources
) -> None:
    file = write_xlsx(tmp_path / "2024.xlsx", TOWN)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", b"0" * (65 << 20))
    assert Path(file).stat().st_size < 1 << 20
    facts = refusal(sources, file)["workbook_too_large"]
    assert (facts["unpacked"], facts["packed"]) == (65, 0)


def test_fault_31_an_ods_that_unpacks_to_a_thousand_times_its_size_is_refused(tmp_path: Path, sources: Sources) -> None:
    members = {"mimetype": ODS_TYPE, "content.xml": b" " * (65 << 20)}
    assert list(refusal(sources, pack(tmp_path / "2024.ods", members))) == ["workbook_too_large"]


def test_fault_31_much_that_is_repeated_is_no_fault_of_a_small_workbook(tmp_path: Path, sources: Sources) -> None:
    rows = "".join(xlsx_row(number, "01" * 40, "30000") for number in range(2, 60_000))
    file = pack(tmp_path / "2024.xlsx", members_of_xlsx(xlsx_row(1, "户编号", "家庭年收入") + rows))
    (source,) = sources(file)
    assert source.prove().rows.select("income").collect().height == 59_998


def test_fault_31_a_part_that_unpacks_to_more_than_it_says_is_refused(tmp_path: Path, sources: Sources) -> None:
    file = write_xlsx(tmp_path / "2024.xlsx", TOWN)
    member = "xl/worksheets/sheet1.xml"
    assert list(refusal(sources, patched(file, member, at=(22, 24), form="<I", values=(100,)))) == ["workbook_damaged"]


def test_fault_31_a_part_that_lies_about_its_size_and_its_check_sum_is_refused(
    tmp_path: Path, sources: Sources
) -> None:
    members = members_of_xlsx(ROWS + "".join(xlsx_row(number, "02", "1") for number in range(3, 100)))
    member = "xl/worksheets/sheet1.xml"
    said = members[member].encode()[:400]
    file = pack(tmp_path / "2024.xlsx", members)
    patched(file, member, at=(14, 16), form="<I", values=(zlib.crc32(said),))
    patched(file, member, at=(22, 24), form="<I", values=(len(said),))
    assert list(refusal(sources, file)) == ["workbook_damaged"]


def test_fault_32_a_workbook_of_too_many_parts_is_refused(tmp_path: Path, sources: Sources) -> None:
    file = write_xlsx(tmp_path / "2024.xlsx", TOWN)
    with zipfile.ZipFile(file, "a") as archive:
        for number in range(MOST_MEMBERS):
            archive.writestr(f"xl/{number}", b"")
    assert refusal(sources, file)["workbook_members"]["members"] > MOST_MEMBERS


@pytest.mark.parametrize(
    "stray",
    [
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="3"><c r="XFD3"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>',
        '<row r="9000000"><c r="ABC9000000" s="1"><v>1</v></c></row>',
    ],
)
def test_fault_31_a_stray_cell_far_from_the_table_is_refused(tmp_path: Path, sources: Sources, stray: str) -> None:
    file = pack(tmp_path / "2024.xlsx", members_of_xlsx(ROWS + stray))
    assert refusal(sources, file)["workbook_too_wide"]["cells"] > 10**9


def test_fault_31_a_stray_cell_is_refused_without_taking_memory(tmp_path: Path) -> None:
    stray = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    file = pack(tmp_path / "2024.xlsx", members_of_xlsx(ROWS + stray))
    command = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30));"
        "from incomeladder.cli import main; sys.exit(main(['bands', sys.argv[1]]))"
    )
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-c", command, file],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (3, b"", 1)


def test_a_stray_cell_in_the_last_row_of_the_table_is_read(tmp_path: Path, report: Make) -> None:
    stray = '<row r="40000"><c r="B40000"><v>1</v></c></row>'
    file = pack(tmp_path / "2024.xlsx", members_of_xlsx(ROWS + stray))
    found = report("check", file)
    assert found.tables["problems"].select("row", "rule").rows() == [(40_000, "missing_household_id")]
    told = found.accounting[""]
    assert (told.rows_read, told.accepted, told.rejected, told.skipped) == (39_999, 1, 1, 39_997)


def test_formatted_cells_without_values_below_the_table_are_nothing(tmp_path: Path, report: Make) -> None:
    bare = "".join(f'<row r="{row}"><c r="A{row}" s="1"/><c r="B{row}" s="1"/></row>' for row in range(3, 2000))
    told = report("bands", pack(tmp_path / "2024.xlsx", members_of_xlsx(ROWS + bare))).accounting[""]
    assert (told.rows_read, told.accepted) == (1, 1)


def ods(path: Path, rows: str) -> str:
    """An .ods whose first rows are those of a survey."""
    save(path, Sheet(drawn("户编号 | 家庭年收入\n '01 | 30000")))
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    end = b"</table:table>"
    members["content.xml"] = members["content.xml"].replace(end, rows.encode() + end)
    return pack(path, members)


EMPTY = '<table:table-cell table:number-columns-repeated="{}"/>'
ONE = '<table:table-cell office:value-type="float" office:value="1"/>'


def repeated(times: int, *cells: str) -> str:
    return f'<table:table-row table:number-rows-repeated="{times}">{"".join(cells)}</table:table-row>'


def test_the_empty_rest_of_an_ods_is_nothing(tmp_path: Path, report: Make) -> None:
    told = report("bands", ods(tmp_path / "2024.ods", repeated(1_048_574, EMPTY.format(16_384)))).accounting[""]
    assert (told.rows_read, told.accepted) == (1, 1)


@pytest.mark.parametrize(
    "rows",
    [
        repeated(1_048_573, EMPTY.format(16_384)) + repeated(1, EMPTY.format(16_383), ONE),
        repeated(1, EMPTY.format(16_383), ONE) + repeated(1_048_572, EMPTY.format(2)) + repeated(1, ONE),
        repeated(300_000_000, ONE),
        repeated(1_000_000, '<table:table-cell office:value-type="float" table:number-columns-repeated="500"/>'),
    ],
)
def test_fault_31_stray_and_repeated_cells_of_an_ods_are_refused(tmp_path: Path, sources: Sources, rows: str) -> None:
    assert refusal(sources, ods(tmp_path / "2024.ods", rows))["workbook_too_wide"]["cells"] > 10**8


def test_repeated_rows_of_an_ods_are_read_one_by_one(tmp_path: Path, sources: Sources) -> None:
    (source,) = sources(ods(tmp_path / "2024.ods", repeated(2, EMPTY.format(2)) + repeated(2, ONE)))
    assert source.prove().rows.select(ROW, FAULT, "household_id").collect().rows() == [
        (2, None, "01"),
        (3, "blank_row", None),
        (4, "blank_row", None),
        (5, None, "1"),
        (6, None, "1"),
    ]

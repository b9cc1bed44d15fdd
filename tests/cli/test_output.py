from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import polars as pl
import pytest
from tests.cli.conftest import TWO_ROUNDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

REPORTS = ("check", "bands", "flag", "transitions")
FORMATS = ("table", "markdown", "csv", "json", "parquet")
SUFFIXES = {"csv": ".csv", "json": ".json", "markdown": ".md", "parquet": ".parquet", "table": ".txt"}
TABLES = {
    "check": {
        "problems": "file sheet row column value rule severity reason",
        "rules": "rule severity count",
    },
    "bands": {
        "bands": "survey_round band lower upper households weight share cumulative_share",
        "summary": "survey_round households weight missing below_floor below_floor_share shortfall low_tier middle_tier"
        " at_or_above_top middle_income middle_income_share",
    },
    "flag": {
        "flagged": "survey_round household_id county township village residence key_group size income band tier target"
        " shortfall",
    },
    "transitions": {
        "matrix": "from_band to_band households weight row_share",
        "summary": "before after matched left entered up same down missing below_floor_before below_floor_after"
        " rose_above_floor stayed_below_floor fell_below_floor left_below_floor entered_below_floor",
        "tiers": "tier before reached_target stayed fell_back left missing after entered",
        "measures": "measure value",
        "movers": "household_id from_income to_income change from_band to_band movement",
        "decomposition": "from_round to_round component value",
    },
}
ENVELOPE = ["schema", "report", "programme", "parameters", "accounting", "tables", "notes"]
UNSOUND = "household_id | income | key_group \n 1 | abc | \n 2 | 29000 | 退休"
GUARDED = """
    household_id | income    | county
    1            | -5        | =cmd|' /C calc'!A0
    +2           | 100       | +86
    -3           | 200       | -1
    @4           | 300       | @SUM(A1)
    ５            | 400       | ＝1+1
    6            | 29000     | 米易=县
""".replace("=cmd|' /C calc'!A0", "=cmd!A0")


def arguments(command: str, draw: Draw) -> list[str]:
    more = {"transitions": ["--movers", "all"]}.get(command, [])
    return [command, str(draw(UNSOUND) if command == "check" else draw()), *more]


# JSON


@pytest.mark.parametrize("command", REPORTS)
def test_json_is_one_envelope(run: Run, survey: Draw, command: str) -> None:
    envelope = run(*arguments(command, survey), "--format", "json").json
    assert list(envelope) == ENVELOPE
    assert (envelope["schema"], envelope["report"]) == ("incomeladder/1", command)
    assert envelope["programme"]["name"] == "panzhihua"


@pytest.mark.parametrize("command", REPORTS)
def test_tables_and_columns_stand_in_the_published_order(run: Run, survey: Draw, command: str) -> None:
    tables = run(*arguments(command, survey), "--format", "json").json["tables"]
    assert {name: " ".join(rows[0]) for name, rows in tables.items()} == TABLES[command]
    assert list(tables) == list(TABLES[command])


def test_groups_stand_before_what_is_counted(run: Run, survey: Draw) -> None:
    by = ["--by", "county", "--by", "residence", "--format", "json"]
    bands = run("bands", survey(), *by).json["tables"]
    moved = run("transitions", survey(), *by, "--movers", "all").json["tables"]
    assert [list(bands[name][0])[:4] for name in bands] == [
        ["survey_round", "county", "residence", "band"],
        ["survey_round", "county", "residence", "households"],
    ]
    assert [list(moved[name][0])[:3] for name in moved] == [
        ["county", "residence", "from_band"],
        ["county", "residence", "before"],
        ["county", "residence", "tier"],
        ["county", "residence", "measure"],
        ["household_id", "county", "residence"],
        ["county", "residence", "from_round"],
    ]


OF_OURS = ("share", "lower", "households", "change", "tier", "state", "value", "end", "test", "path", "left", "_rank")
GROUPED = ("bands", "transitions", "indicators", "trajectories", "audit", "project --until 2026")


@pytest.mark.parametrize("heading", OF_OURS)
@pytest.mark.parametrize("command", GROUPED)
def test_a_group_may_be_called_like_a_column_of_ours(run: Run, survey: Draw, command: str, heading: str) -> None:
    place, own = (survey(drawn_with(name), f"{name}.csv") for name in ("县", heading))
    tables = run(*command.split(), own, "--by", heading, "--format", "json").json["tables"]
    named = {name: set(rows[0]) for name, rows in tables.items() if rows}
    group = heading if all(heading in columns for columns in named.values()) else f"column:{heading}"
    assert [name for name, columns in named.items() if group not in columns] == []
    for form in ("table", "markdown"):
        plain = run(*command.split(), place, "--by", "县", "--format", form)
        ours = run(*command.split(), own, "--by", heading, "--format", form)
        assert (plain.status, ours.status) == (0, 0), ours
        assert ours.out.count("东区") == plain.out.count("东区")


def drawn_with(heading: str) -> str:
    return TWO_ROUNDS.replace("county", heading)


def test_columns_asked_for_stand_last_in_the_list_of_households(run: Run, survey: Draw) -> None:
    town = survey("household_id | income | 电话 | 户主 \n 1 | 20000 | 0812 | 张三")
    row = run("flag", town, "--with", "户主", "--with", "电话", "--format", "json").json["tables"]["flagged"][0]
    assert list(row)[-3:] == ["shortfall", "户主", "电话"]
    assert row["电话"] == "0812"


def test_amounts_and_counts_are_numbers_and_ids_are_text(run: Run, survey: Draw) -> None:
    row = run("flag", survey(), "--format", "json").json["tables"]["flagged"][0]
    assert list(row.values()) == [
        *("2024", "02", "东区", None, None, "urban", None),
        *(2, 29999.99, "20000-30000", "floor", 30000, 0.01),
    ]


def test_open_edges_are_null_and_the_share_of_a_missing_income_too(run: Run, survey: Draw) -> None:
    town = survey("household_id | income \n 1 | -5 \n 2 | 120000 \n 3 |")
    rows = run("bands", town, "--format", "json").json["tables"]["bands"]
    edges = {row["band"]: (row["lower"], row["upper"], row["share"]) for row in rows if row["households"]}
    assert edges == {"<0": (None, 0, 0.5), "100000+": (100000, None, 0.5), "missing": (None, None, None)}


def test_every_band_is_in_the_table_the_empty_ones_too(run: Run, survey: Draw) -> None:
    names = [row["band"] for row in run("bands", survey(), "--format", "json").json["tables"]["bands"]]
    assert names == [*(f"{lower}-{lower + 10000}" for lower in range(0, 100000, 10000)), "100000+"]


def test_a_row_share_without_an_origin_is_null(run: Run, survey: Draw) -> None:
    cells = run("transitions", survey(), "--format", "json").json["tables"]["matrix"]
    assert {cell["row_share"] for cell in cells if cell["from_band"] == "50000-60000"} == {None}
    assert {cell["row_share"] for cell in cells if cell["from_band"] == "entered"} == {None}


def test_the_accounting_of_transitions_has_both_rounds_and_adds_up(run: Run, survey: Draw) -> None:
    envelope = run("transitions", survey(), "--format", "json").json
    assert list(envelope["accounting"]) == ["before", "after"]
    for told in envelope["accounting"].values():
        assert told["rows_read"] == told["accepted"] + told["rejected"] + told["skipped"] == 3


def test_names_in_json_are_english_in_either_language(run: Run, survey: Draw) -> None:
    english, chinese = (run("transitions", survey(), "--format", "json", "--lang", lang).json for lang in ("en", "zh"))
    assert english == chinese


def test_without_ids_the_report_says_that_rows_are_counted(run: Run, survey: Draw) -> None:
    notes = run("bands", survey("income | size \n 30000 | 3"), "--format", "json").json["notes"]
    assert any("each row counts as one household" in note for note in notes)


# CSV, parquet, Markdown


@pytest.mark.parametrize("command", REPORTS)
def test_csv_carries_the_main_table(run: Run, survey: Draw, command: str) -> None:
    listed = run(*arguments(command, survey), "--format", "csv")
    assert listed.out.splitlines()[0] == next(iter(TABLES[command].values())).replace(" ", ",")


@pytest.mark.parametrize("command", [command for command in REPORTS if command != "check"])
def test_parquet_carries_the_main_table(run: Run, survey: Draw, tmp_path: Path, command: str) -> None:
    first = next(iter(TABLES[command].values()))
    run(*arguments(command, survey), "--output", "main.parquet")
    assert pl.read_parquet(tmp_path / "main.parquet").columns == first.split()


def test_parquet_holds_numbers_as_numbers(run: Run, survey: Draw, tmp_path: Path) -> None:
    run("flag", survey(), "--output", "list.parquet")
    schema = pl.read_parquet_schema(tmp_path / "list.parquet")
    assert schema["household_id"] == pl.String
    assert all(schema[name].is_numeric() for name in ("size", "income", "target", "shortfall"))


def test_csv_tells_the_accounting_on_standard_error_unless_it_is_to_be_quiet(run: Run, survey: Draw) -> None:
    told, quiet = (run("bands", survey(), "--format", "csv", *more) for more in ([], ["--quiet"]))
    assert told.err.startswith("Rows read 3 = 3 accepted")
    assert quiet.err == ""
    assert told.out == quiet.out


def test_csv_on_standard_output_has_no_mark_and_a_file_for_excel_has(run: Run, survey: Draw, tmp_path: Path) -> None:
    streamed = run("flag", survey(), "--format", "csv").out
    run("flag", survey(), "--output", "list.csv")
    assert not streamed.startswith("\ufeff")
    assert (tmp_path / "list.csv").read_bytes() == b"\xef\xbb\xbf" + streamed.encode()


def test_text_that_excel_would_run_is_guarded_and_numbers_are_not(run: Run, survey: Draw) -> None:
    rows = run("flag", survey(GUARDED), "--format", "csv", "--with", "county").rows
    assert [(row["household_id"], row["income"], row["county"]) for row in rows] == [
        ("1", "-5", "'=cmd!A0"),
        ("'+2", "100", "'+86"),
        ("'-3", "200", "'-1"),
        ("'@4", "300", "'@SUM(A1)"),
        ("5", "400", "'＝1+1"),
        ("6", "29000", "米易=县"),
    ]


@pytest.mark.parametrize("lead", ["\t", "\r", " =", "＋", "－", "＠"])
def test_every_lead_of_a_formula_is_guarded(run: Run, tmp_path: Path, lead: str) -> None:
    (tmp_path / "town.csv").write_text(f'household_id,income,note\n1,20000,"{lead}1"\n', newline="")
    row = run("flag", "town.csv", "--format", "csv", "--with", "note").rows[0]
    assert row["note"][:1] in {"'", "1"}  # guarded, or cleaned away


def test_markdown_has_a_table_with_one_row_a_band(run: Run, survey: Draw) -> None:
    lines = run("bands", survey(), "--format", "markdown").out.splitlines()
    assert lines[0] == "## Income ladder, 2024"
    assert len([line for line in lines if line.startswith("| ")]) == 13


# files


@pytest.mark.parametrize(("form", "suffix"), SUFFIXES.items())
def test_the_suffix_names_the_format(run: Run, survey: Draw, tmp_path: Path, form: str, suffix: str) -> None:
    run("bands", survey(), "--output", f"a{suffix}")
    run("bands", survey(), "--output", "b", "--format", form)
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_format_that_is_named_goes_before_the_suffix(run: Run, survey: Draw, tmp_path: Path) -> None:
    run("bands", survey(), "--output", "a.csv", "--format", "json")
    assert json.loads((tmp_path / "a.csv").read_text())["report"] == "bands"


# As parquet, check writes households, and only those of a sound survey.
WRITTEN = [(command, form) for command in REPORTS for form in FORMATS if (command, form) != ("check", "parquet")]


@pytest.mark.parametrize(("command", "form"), WRITTEN)
def test_the_same_input_gives_the_same_bytes(run: Run, survey: Draw, tmp_path: Path, command: str, form: str) -> None:
    for name in ("a", "b"):
        run(*arguments(command, survey), "--output", name, "--format", form)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() != b""


@pytest.mark.parametrize("form", FORMATS)
def test_a_report_to_a_file_leaves_standard_output_empty(run: Run, survey: Draw, form: str) -> None:
    done = run("bands", survey(), "--output", "report", "--format", form)
    assert (done.status, done.out) == (0, "")


def test_an_existing_file_is_replaced_whole(run: Run, survey: Draw, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("x" * 1_000_000)
    run("bands", survey(), "--output", "report.json")
    assert json.loads((tmp_path / "report.json").read_text())["report"] == "bands"


@pytest.mark.parametrize(
    "refused", [["absent.csv"], ["town.csv", "--by", "telephone"], ["town.csv", "--step", "7"], ["rejected.csv"]]
)
def test_an_existing_file_stays_as_it_was_where_there_is_no_report(
    run: Run, survey: Draw, tmp_path: Path, refused: list[str]
) -> None:
    survey()
    survey("household_id | income \n 1 | abc", "rejected.csv")
    (tmp_path / "report.csv").write_text("yesterday's")
    assert run("bands", *refused, "--output", "report.csv").status in {2, 3, 4}
    assert (tmp_path / "report.csv").read_text() == "yesterday's"


def test_no_temporary_file_is_left_beside_a_report(run: Run, survey: Draw, tmp_path: Path) -> None:
    run("bands", survey(), "--output", "report.csv")
    run("bands", "absent.csv", "--output", "report.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.csv", "town.csv"]


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_the_rights_that_the_umask_leaves(
    run: Run, survey: Draw, tmp_path: Path, umask: int, mode: int
) -> None:
    town = survey()
    before = os.umask(umask)
    try:
        run("bands", town, "--output", "report.csv")
    finally:
        os.umask(before)
    assert (tmp_path / "report.csv").stat().st_mode & 0o777 == mode


def test_a_file_that_is_replaced_keeps_its_rights(run: Run, survey: Draw, tmp_path: Path) -> None:
    (tmp_path / "report.csv").touch(0o600)
    run("bands", survey(), "--output", "report.csv")
    assert (tmp_path / "report.csv").stat().st_mode & 0o777 == 0o600


def test_a_link_stays_a_link_and_its_file_is_replaced(run: Run, survey: Draw, tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("yesterday's")
    (tmp_path / "report.csv").symlink_to("real.csv")
    run("bands", survey(), "--output", "report.csv")
    assert (tmp_path / "report.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text("utf-8-sig").startswith("survey_round,")


@pytest.mark.parametrize("option", ["--output", "--rejects"])
@pytest.mark.parametrize("name", ["town.csv", "./town.csv", "link.csv"])
def test_a_file_that_is_read_is_not_written_to(run: Run, survey: Draw, tmp_path: Path, option: str, name: str) -> None:
    town = survey()
    before = town.read_bytes()
    (tmp_path / "link.csv").symlink_to("town.csv")
    assert run("bands", "town.csv", option, name).is_refused(5, name)
    assert town.read_bytes() == before


def test_a_device_is_written_to_and_not_replaced(run: Run, survey: Draw) -> None:
    assert run("bands", survey(), "--output", "/dev/null", "--format", "json").status == 0


# tables for people


def test_a_table_off_a_terminal_has_no_box_and_no_cut_columns(run: Run, survey: Draw) -> None:
    long = "很长很长的乡镇名称" * 8
    out = run("flag", survey(f"household_id | income | township \n 1 | 20000 | {long}")).out
    assert long in out
    assert not set("│┃─━╭╮╰╯…\x1b") & set(out)


def test_a_table_for_people_says_what_the_shares_divide_by(run: Run, survey: Draw) -> None:
    out = run("bands", survey()).out
    assert "1 (33.3%) is below the floor of 30,000 yuan; it lacks 0.01 yuan." in out
    assert "Shares divide by the weight of the households with an income." in out


def test_the_rounds_that_are_not_shown_are_named(run: Run, survey: Draw) -> None:
    assert "2023" in run("bands", survey()).out.splitlines()[-1]
    assert "Income ladder, 2023" in run("bands", survey(), "--round", "all").out

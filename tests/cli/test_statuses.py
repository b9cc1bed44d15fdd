from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from incomeladder import __version__, pipeline
from incomeladder.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

REPORTS = ("check", "bands", "flag", "transitions", "indicators", "trajectories", "audit", "report")
BAD_ROWS = """
    household_id | income
    1            | 30000
    2            | abc
    3            | 50000
    4            | 12,34
"""


# 0: done


@pytest.mark.parametrize("command", REPORTS)
def test_a_sound_survey_is_reported_with_status_0(run: Run, survey: Draw, command: str) -> None:
    done = run(command, survey())
    assert (done.status, done.err) == (0, "")
    assert done.out


def test_the_version_is_one_line_with_status_0(process: Run) -> None:
    done = process("--version")
    assert (done.status, done.out, done.err) == (0, f"incomeladder {__version__}\n", "")


def test_the_program_runs_as_a_module_in_an_empty_environment(survey: Draw) -> None:
    empty = ["/usr/bin/env", "-i", f"PYTHONPATH={os.environ['PYTHONPATH']}"]
    command = [*empty, sys.executable, "-m", "incomeladder", "bands", str(survey()), "--format", "csv"]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
    assert done.returncode == 0
    assert done.stdout.startswith(b"survey_round,band,")


def test_a_survey_is_read_from_standard_input(run: Run) -> None:
    done = run("bands", "-", "--format", "csv", "--quiet", stdin=b"household_id,income\n1,30000\n")
    assert (done.status, done.rows[3]["households"]) == (0, "1")


def test_several_files_are_read_as_one_survey(run: Run, survey: Draw) -> None:
    east = survey("household_id | survey_round | income \n 1 | 2024 | 30000", "east.csv")
    west = survey("household_id | survey_round | income \n 2 | 2024 | 30000", "west.csv")
    assert run("bands", east, west, "--format", "json").json["accounting"]["accepted"] == 2


# 1: findings


@pytest.mark.parametrize(
    ("command", "finding"),
    [("bands", "below-floor"), ("flag", "below-floor"), ("transitions", "below-floor"), ("transitions", "fell")],
)
def test_a_finding_gives_status_1_and_the_whole_report(run: Run, survey: Draw, command: str, finding: str) -> None:
    town = survey()
    done = run(command, town, "--fail-on", finding)
    assert (done.status, done.out) == (1, run(command, town).out)


def test_a_household_at_the_floor_is_no_finding(run: Run, survey: Draw) -> None:
    town = survey("household_id | income \n 1 | 30000 \n 2 | 29,999.9999 元".replace("29,999.9999 元", "30000.0001"))
    assert run("bands", town, "--fail-on", "below-floor").status == 0


def test_a_ten_thousandth_of_a_yuan_below_the_floor_is_a_finding(run: Run, survey: Draw) -> None:
    town = survey("household_id | income \n 1 | 30000 \n 2 | 29999.9999")
    assert run("bands", town, "--fail-on", "below-floor").status == 1


def test_a_listing_of_another_tier_finds_nobody_below_the_floor(run: Run, survey: Draw) -> None:
    assert run("flag", survey(), "--tier", "low", "--fail-on", "below-floor").status == 0


def test_no_household_that_fell_is_no_finding(run: Run, survey: Draw) -> None:
    town = survey("household_id | survey_round | income \n 1 | 2023 | 20000 \n 1 | 2024 | 20000")
    assert run("transitions", town, "--fail-on", "fell").status == 0


@pytest.mark.parametrize("command", ["bands", "flag"])
def test_rows_left_out_are_a_finding_on_request(run: Run, survey: Draw, command: str) -> None:
    town = survey(BAD_ROWS)
    assert run(command, town, "--skip-invalid").status == 0
    assert run(command, town, "--skip-invalid", "--fail-on", "rejects").status == 1


def test_one_of_several_findings_is_enough(run: Run, survey: Draw) -> None:
    assert run("bands", survey(), "--fail-on", "rejects", "--fail-on", "below-floor").status == 1


# 2: usage


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["bands", "x.csv", "--fomat", "csv"], "--format"),
        (["bands", "x.csv", "--skipinvalid"], "--skip-invalid"),
        (["bnds", "x.csv"], "bands"),
        (["transition", "x.csv"], "transitions"),
        (["programme", "shw"], "show"),
    ],
)
def test_a_mistyped_option_or_command_is_refused_with_the_nearest(run: Run, arguments: list[str], told: str) -> None:
    assert run(*arguments).is_refused(2, f"did you mean {told}?", "--help")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["bands", "x.csv", "--format", "cvs"], ["--format", "cvs", "table, markdown, html, csv, json"]),
        (["bands", "x.csv", "--unit", "jin"], ["--unit", "jin", "yuan, wan"]),
        (["bands", "x.csv", "--lang", "fr"], ["--lang", "fr", "zh, en"]),
        (["flag", "x.csv", "--tier", "top"], ["--tier", "top", "floor, low, middle, all"]),
        (["transitions", "x.csv", "--movers", "away"], ["--movers", "away", "up, down, rose, fell"]),
        (["bands", "x.csv", "--fail-on", "ruin"], ["--fail-on", "ruin", "below-floor"]),
        (["check", "x.csv", "--fail-on", "ruin"], ["--fail-on", "ruin", "rejects"]),
        (["bands", "x.csv", "--fail-on", "fell"], ["--fail-on", "fell", "below-floor"]),
        (["bands", "x.csv", "--max-problems", "many"], ["--max-problems", "many"]),
        (["bands"], ["SURVEY", "missing"]),
        (["transitions", "a.csv", "b.csv", "c.csv"], ["c.csv"]),
        (["bands", "x.csv", "--encoding", "klingon"], ["--encoding", "klingon", "gb18030"]),
        (["bands", "x.csv", "--output", "report.foo"], ["report.foo", "--format"]),
        (["bands", "x.csv", "--output", "report"], ["report", "--format"]),
        (["bands", "x.csv", "--format", "parquet"], ["parquet", "--output"]),
    ],
)
def test_what_an_option_cannot_be_is_refused_with_what_it_can(
    run: Run, survey: Draw, arguments: list[str], told: list[str]
) -> None:
    survey(name="x.csv")
    assert run(*arguments).is_refused(2, *told)


@pytest.mark.parametrize("pair", ["income", "income=", "=年收入", ""])
def test_a_column_without_a_heading_is_refused(run: Run, survey: Draw, pair: str) -> None:
    assert run("bands", survey(), "--column", pair).is_refused(2, "--column", "COLUMN=HEADING")


def test_a_mistyped_column_of_ours_is_refused_with_the_nearest(run: Run, survey: Draw) -> None:
    assert run("bands", survey(), "--column", "incme=收入").is_refused(2, "incme", "did you mean income?")


def test_a_column_to_group_by_that_no_survey_has_is_refused_with_those_there_are(run: Run, survey: Draw) -> None:
    assert run("bands", survey(), "--by", "county", "--by", "countty").is_refused(2, "countty", "county", "residence")


def test_a_column_to_show_that_no_survey_has_is_refused(run: Run, survey: Draw) -> None:
    assert run("flag", survey(), "--with", "telephone").is_refused(2, "telephone", "residence")


@pytest.mark.parametrize("column", ["income", "household_id", "survey_round"])
def test_households_are_not_grouped_by_what_tells_each_apart(run: Run, survey: Draw, column: str) -> None:
    assert run("bands", survey(), "--by", column).is_refused(2, f"--by {column}")


def test_usage_is_judged_before_any_file_is_opened(run: Run) -> None:
    assert run("bands", "absent.csv", "--fail-on", "ruin").is_refused(2, "ruin")


# 3: the survey is refused


@pytest.mark.parametrize("command", REPORTS)
def test_a_missing_file_is_refused_with_status_3_and_one_line(run: Run, command: str) -> None:
    assert run(command, "absent.csv").is_refused(3, "absent.csv", "no such file")


@pytest.mark.parametrize("command", REPORTS)
def test_a_folder_is_refused(run: Run, tmp_path: Path, command: str) -> None:
    assert run(command, tmp_path).is_refused(3, str(tmp_path), "folder")


@pytest.mark.parametrize("command", REPORTS)
def test_an_empty_file_is_refused(run: Run, tmp_path: Path, command: str) -> None:
    (tmp_path / "empty.csv").touch()
    assert run(command, "empty.csv").is_refused(3, "empty.csv", "is empty")


@pytest.mark.parametrize("command", ["check", "bands"])
def test_headings_without_rows_are_refused(run: Run, survey: Draw, command: str) -> None:
    assert run(command, survey("household_id | income")).is_refused(3, "town.csv", "no rows")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x7fELF\x02\x01\x01\x00\x00\x00", "no kind of file"),
        (b"%PDF-1.7\n", "no kind of file"),
        (b"PK\x03\x04........", "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook"),
        (b"\x1f\x8b\x08\x00", "compressed"),
        (b"<html><table><tr><td>1", "web page"),
        (b"PAR1....", "parquet"),
    ],
)
def test_a_file_of_another_kind_is_refused_and_called_what_it_is(
    run: Run, tmp_path: Path, content: bytes, told: str
) -> None:
    (tmp_path / "town.csv").write_bytes(content)
    assert run("bands", "town.csv").is_refused(3, "town.csv", told)


def test_a_byte_of_no_encoding_is_refused_with_its_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "town.csv").write_bytes(b"household_id,county,income\n1,East,30000\n2,\xff\xff,40000\n")
    assert run("bands", "town.csv").is_refused(3, "town.csv:3", "0xff", "--encoding")


def test_an_open_quotation_mark_is_refused_with_its_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "town.csv").write_text('household_id,county,income\n1,East,30000\n2,"West,40000\n3,East,50000\n')
    assert run("bands", "town.csv").is_refused(3, "town.csv:3", "quotation mark")


def test_a_device_is_refused_before_it_is_read(run: Run) -> None:
    assert run("bands", "/dev/zero").is_refused(3, "/dev/zero", "no regular file")


def test_a_fifo_is_refused_before_it_is_read(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "queue.csv")
    assert run("bands", "queue.csv").is_refused(3, "queue.csv", "no regular file")


def test_a_dangling_link_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "town.csv").symlink_to("gone.csv")
    assert run("bands", "town.csv").is_refused(3, "town.csv", "no such file")


def test_a_survey_without_an_income_is_refused_with_its_headings(run: Run, survey: Draw) -> None:
    town = survey("household_id | size | 电话 \n 1 | 3 | 0812")
    assert run("bands", town).is_refused(3, "town.csv", "--column income=HEADING", "size", "电话")


def test_two_income_columns_are_refused_with_both_named(run: Run, survey: Draw) -> None:
    town = survey("household_id | 年收入 | 总收入 \n 1 | 30000 | 31000")
    assert run("bands", town).is_refused(3, "年收入", "总收入", "--column income=")


def test_one_of_two_income_columns_is_settled_by_column(run: Run, survey: Draw) -> None:
    town = survey("household_id | 年收入 | 总收入 \n 1 | 30000 | 31000")
    done = run("flag", town, "--tier", "low", "--column", "income=总收入", "--format", "json")
    assert [row["income"] for row in done.json["tables"]["flagged"]] == [31000]


def test_a_heading_that_stands_twice_is_refused_with_its_places(run: Run, survey: Draw) -> None:
    town = survey("household_id | 户名 | income | 户名 \n 1 | a | 30000 | b")
    assert run("bands", town).is_refused(3, "户名", "2, 4")


def test_a_heading_that_column_names_and_the_file_lacks_is_refused(run: Run, survey: Draw) -> None:
    town = survey("户号 | 年收入 \n 1 | 30000")
    assert run("bands", town, "--column", "income=收入总计").is_refused(3, "收入总计", "户号, 年收入")


@pytest.mark.parametrize("command", ["flag", "transitions"])
def test_following_households_without_ids_is_refused(run: Run, survey: Draw, command: str) -> None:
    town = survey("survey_round | income \n 2023 | 30000 \n 2024 | 31000")
    assert run(command, town).is_refused(3, "town.csv", command, "--column household_id=HEADING")


def test_incomes_all_under_a_thousand_ask_for_their_unit(run: Run, survey: Draw) -> None:
    town = survey("household_id | income \n 1 | 3.85 \n 2 | 12")
    assert run("bands", town).is_refused(3, "--unit wan", "--unit yuan")
    assert run("bands", town, "--unit", "wan").status == 0


def test_a_survey_without_any_income_is_refused(run: Run, survey: Draw) -> None:
    town = survey("household_id | income \n 1 | \n 2 | 未知")
    assert run("bands", town).is_refused(3, "2 households", "income")


@pytest.mark.parametrize("command", ["check", "bands", "flag"])
def test_an_unknown_round_is_refused_with_those_there_are(run: Run, survey: Draw, command: str) -> None:
    assert run(command, survey(), "--round", "2020").is_refused(3, "2020", "2023, 2024")


@pytest.mark.parametrize("option", ["--from", "--to"])
def test_an_unknown_round_to_compare_is_refused(run: Run, survey: Draw, option: str) -> None:
    assert run("transitions", survey(), option, "2020").is_refused(3, "2020", "2023, 2024")


def test_a_round_is_not_compared_with_itself(run: Run, survey: Draw) -> None:
    assert run("transitions", survey(), "--from", "2023", "--to", "2023").is_refused(3, "2023", "itself")


def test_a_file_is_not_compared_with_itself(run: Run, survey: Draw) -> None:
    town = survey("household_id | income \n 1 | 30000")
    assert run("transitions", town, town).is_refused(3, "itself")


def test_one_file_of_one_round_is_not_enough_to_compare(run: Run, survey: Draw) -> None:
    town = survey("household_id | income \n 1 | 30000")
    assert run("transitions", town).is_refused(3, "town.csv", "second file")


def test_rounds_that_share_no_household_are_refused(run: Run, survey: Draw) -> None:
    before = survey("household_id | income \n 001 | 30000", "2023.csv")
    after = survey("household_id | income \n 1 | 30000", "2024.csv")
    assert run("transitions", before, after).is_refused(3, "2023", "2024", "ids")


def test_every_file_that_is_refused_is_told_at_once(run: Run, survey: Draw) -> None:
    survey("household_id | size \n 1 | 3", "west.csv")
    done = run("bands", "absent.csv", "west.csv")
    assert [line.split(":")[1].strip() for line in done.err.splitlines()] == ["absent.csv", "west.csv"]
    assert (done.status, done.out) == (3, "")


def test_rows_that_cannot_be_used_are_listed_with_their_places_and_stop_the_report(run: Run, survey: Draw) -> None:
    done = run("bands", survey(BAD_ROWS))
    assert (done.status, done.out) == (3, "")
    assert [line.rsplit("/", 1)[-1].split(": ")[0] for line in done.err.splitlines()] == [
        "town.csv:3",
        "town.csv:5",
        "error",
    ]
    assert '"abc"' in done.err
    assert "rows that cannot be used: 2" in done.err
    assert "--skip-invalid" in done.err


def test_max_problems_says_how_many_more_there_are(run: Run, survey: Draw) -> None:
    listed = run("bands", survey(BAD_ROWS), "--max-problems", "1").err.splitlines()
    assert len(listed) == 3
    assert "1 more" in listed[1]


def test_twenty_problems_are_listed_unless_all_are_asked_for(run: Run, survey: Draw) -> None:
    town = survey("household_id | income \n" + "\n".join(f"{number} | abc" for number in range(30)))
    assert len(run("bands", town).err.splitlines()) == 22
    assert len(run("bands", town, "--max-problems", "0").err.splitlines()) == 31


def test_skip_invalid_goes_on_without_the_rows_and_says_so(run: Run, survey: Draw) -> None:
    done = run("bands", survey(BAD_ROWS), "--skip-invalid", "--format", "json")
    told = {"rows_read": 4, "accepted": 2, "rejected": 2, "skipped": 0, "missing_income": 0}
    assert (done.status, done.json["accounting"]) == (0, told)
    assert any("left out of every number (town): 2" in note for note in done.json["notes"])


@pytest.mark.parametrize(("more", "status"), [([], 3), (["--skip-invalid"], 0)])
def test_every_reject_is_written_whether_the_report_stops_or_not(
    run: Run, survey: Draw, tmp_path: Path, more: list[str], status: int
) -> None:
    done = run("bands", survey(BAD_ROWS), "--rejects", "rejects.csv", "--max-problems", "1", *more)
    written = (tmp_path / "rejects.csv").read_text("utf-8-sig").splitlines()
    assert done.status == status
    assert written[0] == "file,sheet,row,column,value,rule,severity,reason"
    assert [line.split(",")[2] for line in written[1:]] == ["3", "5"]


def test_an_old_file_of_rejects_does_not_pass_for_todays(run: Run, survey: Draw, tmp_path: Path) -> None:
    (tmp_path / "rejects.csv").write_text("yesterday's")
    assert run("bands", survey(), "--rejects", "rejects.csv").status == 0
    assert (tmp_path / "rejects.csv").read_text("utf-8-sig").splitlines()[1:] == []


def test_no_report_takes_the_place_of_an_old_one_where_rows_are_rejected(
    run: Run, survey: Draw, tmp_path: Path
) -> None:
    (tmp_path / "report.csv").write_text("yesterday's")
    assert run("bands", survey(BAD_ROWS), "--output", "report.csv").status == 3
    assert (tmp_path / "report.csv").read_text() == "yesterday's"


def test_check_prints_its_report_and_exits_with_status_3_where_rows_cannot_be_used(run: Run, survey: Draw) -> None:
    done = run("check", survey(BAD_ROWS), "--format", "json")
    assert done.status == 3
    assert [problem["row"] for problem in done.json["tables"]["problems"]] == [3, 5]
    assert done.json["tables"]["rules"] == [{"rule": "unreadable_amount", "severity": "reject", "count": 2}]


def test_check_without_the_rows_that_cannot_be_used_exits_with_status_0(run: Run, survey: Draw) -> None:
    assert run("check", survey(BAD_ROWS), "--skip-invalid").status == 0


def test_a_warning_alone_leaves_check_at_status_0(run: Run, survey: Draw) -> None:
    done = run("check", survey("household_id | income | 重点人群 \n 1 | 30000 | 退休"), "--format", "json")
    assert done.status == 0
    assert [problem["severity"] for problem in done.json["tables"]["problems"]] == ["warning"]


def test_rejects_of_another_round_do_not_stop_this_one(run: Run, survey: Draw) -> None:
    town = survey("household_id | survey_round | income \n 1 | 2023 | abc \n 1 | 2024 | 30000")
    assert run("bands", town).status == 0
    assert run("bands", town, "--round", "2023").status == 3


# 4: the programme is refused


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ("[ladder]\nstop = 1", ["ladder.stop", "did you mean ladder.top?"]),
        ("[ladder]\nstep = 7", ["whole number of steps"]),
        ("[ladder]\nstep = 1", ["1,000 bands"]),
        ("[ladder]\nstep = 'high'", ["ladder.step", "high"]),
        ("[ladder]\nstep = nan", ["ladder.step"]),
        ("[ladder]\nstep = -1", ["ladder.step", "-1"]),
        ("size_rule = 'by-weight'", ["size_rule", "by-weight"]),
        ("[tiers.low]\nlower = 50000", ["tiers.low", "below"]),
        ("[tiers.low]\nlower = 20000", ["overlapping"]),
        ("[tiers.middle]\ntarget = 95000", ["tiers.middle", "target"]),
        ("[tiers.floor]\nlower = 10000", ["tiers.floor", "no lower edge"]),
        ("[tiers.floor]\ntarget = 40000", ["tiers.floor.target"]),
        ("[middle_income]\nlower = 600000", ["middle_income"]),
        ("[ladder", ["TOML"]),
    ],
)
def test_a_programme_that_contradicts_itself_is_refused_with_status_4(
    run: Run, survey: Draw, tmp_path: Path, rules: str, told: list[str]
) -> None:
    (tmp_path / "rules.toml").write_text(rules)
    assert run("bands", survey(), "--programme", "rules.toml").is_refused(4, "rules.toml", *told)


def test_a_missing_programme_is_refused(run: Run, survey: Draw) -> None:
    assert run("bands", survey(), "--programme", "absent.toml").is_refused(4, "absent.toml")


def test_a_folder_is_no_programme(run: Run, survey: Draw, tmp_path: Path) -> None:
    assert run("bands", survey(), "--programme", tmp_path).is_refused(4, str(tmp_path))


@pytest.mark.parametrize(("option", "value"), [("--step", "7"), ("--step", "0"), ("--step", "high"), ("--top", "-1")])
def test_a_ladder_that_cannot_be_is_refused_with_its_option(run: Run, survey: Draw, option: str, value: str) -> None:
    assert run("bands", survey(), option, value).is_refused(4, option)


def test_every_rule_that_is_wrong_is_told_at_once(run: Run, survey: Draw, tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text("reference_size = 0\n[ladder]\nstep = 'high'\n")
    done = run("bands", survey(), "--programme", "rules.toml")
    assert [word in done.err for word in ("reference_size", "ladder.step")] == [True, True]
    assert (done.status, done.out) == (4, "")


# 5: output


@pytest.mark.parametrize("command", REPORTS)
def test_a_folder_that_is_not_there_is_refused_with_status_5(run: Run, survey: Draw, command: str) -> None:
    assert run(command, survey(), "--output", "no/such/report.json").is_refused(5, "no/such/report.json")


def test_an_output_that_is_a_folder_is_refused(run: Run, survey: Draw, tmp_path: Path) -> None:
    (tmp_path / "reports.json").mkdir()
    assert run("bands", survey(), "--output", "reports.json").is_refused(5, "reports.json")


def test_rejects_that_cannot_be_written_are_refused(run: Run, survey: Draw) -> None:
    done = run("bands", survey(BAD_ROWS), "--rejects", "no/such/rejects.csv")
    assert done.is_refused(5, "no/such/rejects.csv")


# 70: a defect


def test_a_defect_is_told_in_one_line_without_the_data_in_it(
    run: Run, survey: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("household 510402000001 of 张三")

    monkeypatch.setattr(pipeline, "bands", broken)
    done = run("bands", survey())
    assert done.is_refused(70, "ZeroDivisionError", "--debug")
    assert "510402000001" not in done.err
    assert "张三" not in done.err


# 130: interrupted


def test_an_interruption_is_status_130_with_nothing_on_standard_output(
    run: Run, survey: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "bands", interrupted)
    done = run("bands", survey())
    assert (done.status, done.out) == (130, "")


def test_a_terminated_report_leaves_the_old_one_and_no_temporary_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / "report.json").write_text("yesterday's")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "spool"))
    command = [sys.executable, "-m", "incomeladder", "bands", "-", "--output", "report.json"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as started:  # noqa: S603
        assert started.stdin is not None
        assert started.stdout is not None
        # More than a pipe holds: when all is written, the program has begun to read, and waits for the rest.
        started.stdin.write(b"household_id,income\n" + b"1,30000\n" * 50_000)
        started.stdin.flush()
        while started.poll() is None:  # a signal between two reads is only seen when the next one comes
            started.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                started.wait(1)
        assert (started.returncode, started.stdout.read()) == (130, b"")
    assert list((tmp_path / "spool").iterdir()) == []
    assert (tmp_path / "report.json").read_text() == "yesterday's"


def test_a_defect_shows_its_traceback_with_debug(survey: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(pipeline, "bands", broken)
    with pytest.raises(ZeroDivisionError):
        main(["bands", str(survey()), "--debug"])

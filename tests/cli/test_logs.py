from __future__ import annotations

import io
import json
import re
import sys
import time
from string import Formatter
from typing import TYPE_CHECKING, Any

import pytest

import sheets
from cli.test_safety import OBEYED
from incomeladder import pipeline
from incomeladder.cli import progress
from incomeladder.cli.speech import OF_PERSONS, WARNINGS
from incomeladder.render.wording import en

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

JSON = ("--log-format", "json")
KEYS = ["time", "level", "code", "message"]
HOSTILE = {
    "escape": "a\x1b[31mred",
    "break": "a\nb",
    "return": "a\rb",
    "separator": "a\u2028b\u2029c",
    "nel": "a\x85b",
    "bidi": "a\u202etxt.b",
    "quotes": 'a"b\\c',
    "half": "a\udcff",
}
BAD_ROWS = """
    household_id | income
    1            | 30000
    2            | abc
    3            |
    4            | 12,34
"""
UNIT_SLIP = """
    household_id | survey_round | income
    1            | 2023         | 38500
    1            | 2024         | 3850000
"""
# One household whose id, name and income stand in every wrong place that there is.
ID, NAME, INCOME = "510402199001011234", "欧阳丰", "876543"
SECRETS = (ID, ID[:4] + "…", ID[-4:], NAME, INCOME, f"{int(INCOME):,}", "张某")
HEADINGS = "household_id,survey_round,户主,size,income,weight"
ANALYSES = ("indicators", "trajectories", "audit", "project --until 2030", "report")
SECRET_ROWS = {
    "duplicate": f"{ID},2024,{NAME},3,{INCOME},1\n{ID},2024,{NAME},3,{INCOME},1",
    "amount": f"{ID},2024,{NAME},3,{INCOME}块八,1",
    "name for amount": f"{ID},2024,{INCOME},3,{NAME},1",
    "id for size": f"{ID},2024,{NAME},{ID},{INCOME},1",
    "weight": f"{ID},2024,{NAME},3,{INCOME},-{INCOME}",
    "label": f"{NAME}备注,2024,,,{INCOME},1",
    "no id": f",2024,{NAME},3,{INCOME},1",
    "rounded id": f"5.10402E+17,2024,{NAME},3,{INCOME},1",
    "short": f"{ID},2024,{NAME},{INCOME}",
    "long": f"{ID},2024,{NAME},3,876,543,1",
    "quote": f'{ID},2024,"{NAME}"张某",3,{INCOME},1',
    "name for round": f"{ID},{NAME},张某,3,{INCOME},1",
    "id for round": f"2024,{ID},{NAME},3,{INCOME},1",
    "income for round": f"{ID},{INCOME},{NAME},3,{INCOME},1",
    "missing": f"{ID},2024,{NAME},3,,1",
    "alone": f"{ID},2024,{NAME},3,{INCOME},1",
}


def logged(done: Outcome) -> list[dict[str, Any]]:
    """Every line of standard error, each of which has to be one object."""
    return [json.loads(line) for line in done.err.splitlines()]


def codes(done: Outcome) -> list[tuple[str, str]]:
    return [(line["level"], line["code"]) for line in logged(done)]


def told(done: Outcome) -> set[str]:
    """Which of the secrets stand in a log."""
    return {secret for secret in SECRETS if secret in done.err}


# every kind of message


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (["bands", "absent.csv"], 3, "no_such_file"),
        (["bands", "town.csv", "--fail-on", "ruin"], 2, "bad_choice"),
        (["bands", "town.csv", "--fomat", "csv"], 2, "no_such_option_nearest"),
        (["bands", "town.csv", "--format", "cvs"], 2, "bad_choice"),
        (["bands"], 2, "missing_argument"),
        (["bands", "town.csv", "--max-problems", "many"], 2, "bad_number"),
        (["bnds", "town.csv"], 2, "no_such_command"),
        (["bands", "town.csv", "--step", "high"], 4, "programme_bad_value"),
        (["bands", "town.csv", "--output", "no/such/report.csv"], 5, "output_unwritable"),
        (["sample", "--rounds", "a,a"], 2, "sample_rounds"),
        (["programme", "show", "--programme", "absent.toml"], 4, "programme_unreadable"),
        (["programme", "schema", "--foo"], 2, "no_such_option"),
    ],
)
def test_a_refusal_is_one_object(run: Run, survey: Draw, arguments: list[str], status: int, code: str) -> None:
    survey()
    for language in ("en", "zh"):
        done = run(*arguments, *JSON, "--lang", language)
        (line,) = logged(done)
        assert (done.status, done.out) == (status, "")
        assert list(line) == KEYS
        assert (line["level"], line["code"]) == ("error", code)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line["time"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_message_is_the_sentence_that_people_read(run: Run, survey: Draw, language: str) -> None:
    lead = {"en": "error: ", "zh": "错误："}[language]
    for arguments in (["absent.csv"], [survey(), "--fomat", "csv"], [survey(), "--output", "report.foo"]):
        spoken, log = (run("bands", "--lang", language, *more, *arguments) for more in ([], JSON))
        assert [f"{lead}{line['message']}\n" for line in logged(log)] == [spoken.err]


@pytest.mark.parametrize("log_format", [["--log-format=json"], ["--log-format", "text", "--log-format", "json"]])
def test_the_form_is_found_before_the_options_are_read(run: Run, log_format: list[str]) -> None:
    assert codes(run("bands", *log_format, "--fomat")) == [("error", "no_such_option_nearest")]


@pytest.mark.parametrize("log_format", ["xml", "", "JSON"])
def test_a_form_that_there_is_not_is_refused_as_text(run: Run, log_format: str) -> None:
    assert run("bands", "town.csv", "--log-format", log_format).is_refused(2, "--log-format", "text, json")


def test_every_reason_is_an_object_of_its_own(run: Run) -> None:
    done = run("bands", "absent.csv", "gone.csv", *JSON)
    assert [line["message"].split(":")[0] for line in logged(done)] == ["absent.csv", "gone.csv"]


def test_a_rejected_row_is_told_by_its_rule_and_its_place_and_not_by_its_value(run: Run, survey: Draw) -> None:
    town = survey(BAD_ROWS)
    first, second, last = logged(run("bands", town, *JSON))
    rest = {"file": str(town), "row": 3, "column": "income"}
    sentence = en.WORDS["rule.unreadable_amount"]
    assert first == {"time": first["time"], "level": "error", "code": "unreadable_amount", "message": sentence, **rest}
    assert list(first) == [*KEYS, "file", "row", "column"]
    assert second["row"] == 5
    assert (last["code"], "2" in last["message"]) == ("rows_rejected", True)


def test_a_rejected_row_of_a_workbook_names_its_sheet(run: Run, tmp_path: Path) -> None:
    rows = sheets.drawn("household_id | income \n 1 | 30000 \n 2 | abc")
    sheets.save(tmp_path / "town.xlsx", sheets.Sheet(rows, "银江镇"))
    first = logged(run("bands", "town.xlsx", *JSON))[0]
    assert list(first) == [*KEYS, "file", "row", "column", "sheet"]
    assert (first["sheet"], first["row"]) == ("银江镇", 3)


def test_how_many_rows_are_not_listed_is_told_too(run: Run, survey: Draw) -> None:
    done = run("bands", survey(BAD_ROWS), "--max-problems", "1", *JSON)
    assert codes(done) == [("error", "unreadable_amount"), ("info", "more_problems"), ("error", "rows_rejected")]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("more", [["--format", "csv"], ["--output", "report.csv"], ["--output", "report.parquet"]])
def test_the_accounting_and_the_notes_are_told_beside_data(
    run: Run, survey: Draw, more: list[str], language: str
) -> None:
    done = run("bands", survey(BAD_ROWS), "--skip-invalid", *more, *JSON, "--lang", language)
    assert codes(done) == [("info", "accounting"), ("note", "rows_left_out"), ("note", "incomes_missing")]
    assert [list(line) for line in logged(done)] == [KEYS] * 3


def test_the_accounting_of_two_rounds_is_two_objects(run: Run, survey: Draw) -> None:
    done = run("transitions", survey(), "--format", "csv", *JSON)
    assert [(line["code"], line["message"][:5]) for line in logged(done)[:2]] == [
        ("accounting", "2023:"),
        ("accounting", "2024:"),
    ]


def test_a_note_that_doubts_the_numbers_is_a_warning(run: Run, survey: Draw) -> None:
    done = run("transitions", survey(UNIT_SLIP), "--format", "csv", *JSON)
    assert ("warning", "unit_slip") in codes(done)


def test_the_notes_that_warn_people_are_those_that_warn_logs() -> None:
    assert {key for key, text in en.WORDS.items() if text.startswith("WARNING")} == WARNINGS


def test_an_interruption_is_one_object(run: Run, survey: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "bands", interrupted)
    done = run("bands", survey(), *JSON)
    assert (done.status, codes(done)) == (130, [("error", "interrupted")])


@pytest.mark.parametrize("more", [[], ["--debug"]])
def test_a_defect_is_one_object_without_the_data_in_it(
    run: Run, survey: Draw, monkeypatch: pytest.MonkeyPatch, more: list[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError(f"household {ID} of {NAME}")

    monkeypatch.setattr(pipeline, "bands", broken)
    done = run("bands", survey(), *JSON, *more)
    assert (done.status, codes(done), told(done)) == (70, [("error", "defect")], set())


# no household in a log


@pytest.mark.parametrize("more", [[], ["--skip-invalid"]], ids=["strict", "lenient"])
@pytest.mark.parametrize("command", ["check", "bands", "flag", "transitions", *ANALYSES])
@pytest.mark.parametrize("rows", SECRET_ROWS)
def test_no_log_holds_an_id_a_name_or_an_income(
    run: Run, tmp_path: Path, rows: str, command: str, more: list[str]
) -> None:
    sound = "1,2023,甲,3,30000,1\n1,2024,甲,3,31000,1\n"
    (tmp_path / "town.csv").write_text(f"{HEADINGS}\n{sound}{SECRET_ROWS[rows]}\n", "utf-8")
    rounds = [] if command in {"transitions", "report"} else ["--round", "all"]
    for others in ([], ["--lang", "zh"], rounds):
        done = run(*command.split(), "town.csv", "--format", "csv", "--max-problems", "0", *JSON, *more, *others)
        assert done.status in {0, 3}
        assert logged(done)
        assert told(done) == set()


@pytest.mark.parametrize(
    "text",
    [
        f"{ID},{NAME},{INCOME}\n510402199001015678,张某,30000\n",
        f"{ID},{NAME},{INCOME},{INCOME}\n510402199001015678,张某,30000,30000\n",
        f"填表人：{NAME} {ID}\n{HEADINGS}\n1,2024,甲,3,30000,1\n",
        f"{HEADINGS}\n{ID},2024,{NAME},3,{INCOME}0,1\n",
        f"{HEADINGS}\n{ID},{NAME},张某,3,{INCOME},1\n",
        f"{HEADINGS}\n1,2023,甲,3,8765.43,1\n1,2024,甲,3,{INCOME},1\n",
        f"{HEADINGS}\n1,2023,甲,3,30000,1\n2,{NAME},甲,3,31000,1\n",
    ],
    ids=["no headings", "an amount twice", "a title", "one household", "one round", "another unit", "no such round"],
)
@pytest.mark.parametrize(
    "command",
    [
        ["check"],
        ["bands"],
        ["bands", "--round", "2021"],
        ["bands", "--column", "income=收入"],
        ["flag"],
        ["transitions"],
        ["transitions", "--from", "2024"],
        *(command.split() for command in ANALYSES),
    ],
    ids=" ".join,
)
def test_no_log_quotes_what_a_file_holds(run: Run, tmp_path: Path, command: list[str], text: str) -> None:
    (tmp_path / "town.csv").write_text(text, "utf-8")
    done = run(*command, "town.csv", "--format", "csv", *JSON)
    assert logged(done)
    assert told(done) == set()


def test_the_argument_that_is_too_many_is_not_told(run: Run) -> None:
    done = run("transitions", "a.csv", "b.csv", ID, *JSON)
    assert (codes(done), told(done)) == ([("error", "extra_argument")], set())


@pytest.mark.parametrize("label", ["2024", "2024年", "2024Q3", "2024-11", "202411", "2024年上半年", "2024年第三季度"])
def test_a_round_that_is_called_after_a_year_is_told(run: Run, survey: Draw, label: str) -> None:
    town = survey(f"household_id | survey_round | income \n 1 | {label} | 30000 \n 2 | {label} |")
    done = run("bands", town, "--format", "csv", *JSON)
    assert f"({label})" in logged(done)[-1]["message"]


DELICATE = {
    "value": {
        *("bad_choice", "bad_number", "bad_pair", "unknown_canonical", "no_place", "programme_bad_value"),
        *("sample_count", "sample_rounds", "note_date", "bad_memory", "bad_deflate"),
    },
    # What the operating system says, or the parser of a programme.
    "detail": {
        *("unreadable_file", "programme_unreadable", "programme_not_toml", "output_unwritable"),
        *("ledger_unreadable", "ledger_unwritable", "key_unreadable", "round_data_missing"),
        *("ledger_unflushed", "system_refused", "library_broken"),
        *("doctor_unread", "doctor_no_room", "doctor_no_temporary", "doctor_does_not_load"),
    },
    # Headings that are known, or asked for; columns that have names by themselves.
    "heading": {
        "chosen_heading_absent",
        "nested_column",
        "heading_ambiguous",
        "other_unit",
        "household_income_repeated",
    },
    "headings": {"two_headings_for_column", "more_than_parts", "table_of_places"},
}


@pytest.mark.parametrize(
    "name",
    ["income", "strata", "value", "detail", "heading", "headings", "titles", "household", "ids", "author", "text"],
)
def test_a_fact_that_may_be_of_a_person_is_judged_for_every_sentence(name: str) -> None:
    sentences = {key for key, text in en.WORDS.items() if "." not in key and name in _facts(text)}
    withheld = {key for key, facts in OF_PERSONS.items() if name in facts}
    assert sentences - withheld - DELICATE.get(name, set()) == set()


def _facts(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


# one message, one line


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("command", ["check", "bands", "flag"])
def test_a_file_name_breaks_no_line_and_is_never_obeyed(run: Run, tmp_path: Path, name: str, command: str) -> None:
    town = tmp_path / f"{HOSTILE[name]}.csv"
    town.write_text("household_id,income\n1,30000\n2,abc\n3,\n")
    for more in ([], ["--skip-invalid"]):
        done = run(command, town, "--format", "csv", *JSON, *more)
        assert logged(done)
        assert OBEYED.findall(done.err) == []
    absent = run(command, f"{town}.absent", *JSON)
    assert [line["level"] for line in logged(absent)] == ["error"]
    assert OBEYED.findall(absent.err) == []


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("option", ["--by", "--round", "--column", "--fail-on", "--format", "--programme", "--foo"])
def test_an_argument_breaks_no_line_and_is_never_obeyed(run: Run, survey: Draw, name: str, option: str) -> None:
    done = run("bands", survey(), option, HOSTILE[name], *JSON)
    assert [line["level"] for line in logged(done)] == ["error"]
    assert OBEYED.findall(done.err + "".join(line["message"] for line in logged(done))) == []


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "utf-8"])
def test_a_log_is_json_in_every_encoding(process: Run, encoding: str) -> None:
    done = process("bands", "é乡镇😀.csv", *JSON, "--lang", "zh", env={"PYTHONIOENCODING": encoding})
    assert logged(done)[0]["message"].startswith("é乡镇😀.csv：")


# what stays as it was


@pytest.mark.parametrize(
    "arguments",
    [
        ["bands", "town.csv"],
        ["bands", "town.csv", "--skip-invalid", "--format", "csv"],
        ["bands", "absent.csv"],
        ["bnds"],
    ],
)
def test_text_is_what_people_get_unless_they_ask(run: Run, survey: Draw, arguments: list[str]) -> None:
    survey(BAD_ROWS)
    assert run(*arguments) == run(*arguments, "--log-format", "text")


@pytest.mark.parametrize("command", ["check", "bands", "flag", "transitions", *ANALYSES])
def test_the_report_is_the_same_in_either_form(run: Run, survey: Draw, command: str) -> None:
    for form in ("table", "markdown", "csv", "json"):
        plain, log = (run(*command.split(), survey(), "--format", form, *more) for more in ([], JSON))
        assert (plain.status, plain.out) == (log.status, log.out)


def test_every_command_can_write_a_log(run: Run) -> None:
    commands = ("check", "bands", "flag", "transitions", "sample", "programme show", "programme schema", *ANALYSES)
    assert [name for name in commands if "--log-format" not in run(*name.split(), "--help").out] == []


def test_quiet_keeps_the_notes_out_of_a_log_too(run: Run, survey: Draw) -> None:
    assert run("bands", survey(), "--format", "csv", "--quiet", *JSON).err == ""


def test_no_progress_is_drawn_into_a_log(survey: Draw, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def slow(*_: object, **__: object) -> None:
        time.sleep(0.5)
        raise KeyboardInterrupt

    screen = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(progress, "_PATIENCE", 0.0)
    monkeypatch.setattr(pipeline, "bands", slow)
    run("bands", survey(), *JSON)
    assert json.loads(screen.getvalue())["code"] == "interrupted"


# nothing to report


NOBODY = "household_id | income \n 1 | 30000 \n 2 | 95000"


@pytest.mark.parametrize("form", ["table", "markdown", "csv", "json"])
def test_an_empty_list_is_no_output_at_all_when_quiet(run: Run, survey: Draw, form: str) -> None:
    done = run("flag", survey(NOBODY), "--quiet", "--format", form, "--fail-on", "below-floor")
    assert (done.status, done.out, done.err) == (0, "", "")


@pytest.mark.parametrize("form", ["table", "markdown", "csv", "json"])
def test_an_empty_list_is_printed_unless_it_is_to_be_quiet(run: Run, survey: Draw, form: str) -> None:
    assert run("flag", survey(NOBODY), "--format", form).out


@pytest.mark.parametrize("form", ["table", "markdown", "csv", "json"])
def test_a_list_of_households_is_printed_when_quiet(run: Run, survey: Draw, form: str) -> None:
    done = run("flag", survey(), "--quiet", "--format", form, "--fail-on", "below-floor")
    assert (done.status, done.err) == (1, "")
    assert "02" in done.out


def test_an_empty_ladder_is_printed_when_quiet(run: Run, survey: Draw) -> None:
    assert run("bands", survey(NOBODY), "--quiet").out
    assert run("check", survey(NOBODY), "--quiet").out


@pytest.mark.parametrize("name", ["list.txt", "list.md", "list.csv", "list.json", "list.parquet"])
def test_a_file_that_was_asked_for_is_written_when_quiet(run: Run, survey: Draw, tmp_path: Path, name: str) -> None:
    done = run("flag", survey(NOBODY), "--quiet", "--output", name)
    assert (done.status, done.out, done.err) == (0, "", "")
    assert (tmp_path / name).stat().st_size


def test_a_format_that_cannot_be_printed_is_refused_though_the_list_is_empty(run: Run, survey: Draw) -> None:
    assert run("flag", survey(NOBODY), "--quiet", "--format", "parquet").is_refused(2, "parquet")

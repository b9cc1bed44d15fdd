from __future__ import annotations

import csv
import datetime as dt
import re
from typing import TYPE_CHECKING

import polars as pl
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Fill = Callable[[str], None]

FOUR_ROUNDS = """
    household_id | county | township | size | 2021  | 2022  | 2023   | 2024
    0001         | 东区   | 银江镇   | 3    | 20000 | 31000 |        | ?
    0002         | 西区   | 玉泉镇   | 2    | 20000 |       | 120000 | 119999.9999
    1            | 东区   | 银江镇   | 1    |       | 50000 | 50000  | 29999.9999
"""
EVERY_REASON = """
    household_id | county | township | village | residence | key_group | size | 2022   | 2023   | 2024
    new          | 东区   | 银江镇   | 沙沟村  | urban     | 低保家庭  | 3    | 50000  | 50000  | 29000
    persistent   | 西区   |          |         | rural     |           | 2    | 20000  | 20000  | 20001
    again        | 东区   |          |         |           |           |      | 20000  | 31000  | 29500.5
    unseen       | 东区   |          |         |           |           | 4    | 20000  | 25000  |
    missing      | 西区   |          |         |           |           | 1    | 20000  | 26000  | ?
    dropped      | 东区   |          |         |           |           |      | 90000  | 200000 | 139999
    floor        | 东区   |          |         |           |           |      | 31000  | 31000  | 31000
    low          | 东区   |          |         |           |           |      | 41000  | 41000  | 41000
    middle       | 东区   |          |         |           |           |      | 101000 | 101000 | 101000
    near-low     | 东区   |          |         |           |           |      | 39000  | 39000  | 39000
    near-middle  | 东区   |          |         |           |           |      | 96000  | 96000  | 96000
    well         | 东区   |          |         |           |           |      | 60000  | 60000  | 60000
"""
WATCHED = [
    *("household_id", "county", "township", "village", "residence", "key_group", "size", "last_seen"),
    *("previous_income", "income", "change", "band", "tier", "target", "shortfall", "reasons", "measures"),
]
HISTORY = [
    *("household_id", "survey_round", "seen", "county", "township", "village", "residence", "key_group", "size"),
    *("income", "change", "band", "tier", "target", "shortfall", "movement"),
]
TAKEN = [
    *("measure", "notes", "households"),
    *("rose_above_target", "still_below_target", "left", "missing", "no_target", "pending"),
]
LABEL = re.compile(r"20\d\d")
FORMATS = ("table", "markdown", "csv", "json")


@pytest.fixture(autouse=True)
def ledger(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("INCOMELADDER_LEDGER", str(tmp_path / "ledger"))
    return tmp_path / "ledger"


@pytest.fixture
def fill(run: Run, tmp_path: Path) -> Fill:
    """Add the rounds of a drawn table: a column a round; an empty cell is a household not seen, ``?`` no income."""

    def fill(drawn: str) -> None:
        headings, *lines = ([cell.strip() for cell in line.split("|")] for line in drawn.strip().splitlines())
        labels = [heading for heading in headings if LABEL.fullmatch(heading)]
        others = [heading for heading in headings if heading not in labels]
        rows = [dict(zip(headings, line, strict=True)) for line in lines]
        with (tmp_path / "rounds.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*others, "survey_round", "income"])
            writer.writerows(
                [*(row[name] for name in others), label, row[label].strip("?")]
                for label in labels
                for row in rows
                if row[label]
            )
        done = run("ledger", "add", "rounds.csv", "--quiet")
        assert done.status == 0, done.err

    return fill


def noted(run: Run, household: str, kind: str = "public-job", **told: str) -> Outcome:
    usual = {"author": "李", "text": "护路员", "date": "2024-05-01"}
    options = [word for name, value in (usual | told).items() for word in (f"--{name}", value)]
    return run("ledger", "note", household, "--measure", kind, *options)


def reasons(run: Run, *argv: str) -> dict[str, str]:
    """Who is listed and why, in the list's order."""
    done = run("ledger", "watch", *argv, "--format", "csv")
    assert done.status == 0, done.err
    return {row["household_id"]: row["reasons"] for row in done.rows}


# history


def test_a_history_tells_every_round_the_household_was_not_seen_in_too(run: Run, fill: Fill) -> None:
    fill(FOUR_ROUNDS)
    rows = run("ledger", "history", "0001", "--format", "json").json["tables"]["history"]
    assert [list(row) for row in rows] == [HISTORY] * 4
    told = [tuple(row.values()) for row in rows]
    where = ("东区", "银江镇", None, None, None, 3)
    assert told == [
        ("0001", "2021", True, *where, 20000, None, "20000-30000", "floor", 30000, 10000, None),
        ("0001", "2022", True, *where, 31000, 11000, "30000-40000", "low", 40000, 9000, "up"),
        ("0001", "2023", False, *[None] * 12, "left"),
        ("0001", "2024", True, *where, None, None, "missing", None, None, None, None),
    ]


def test_several_histories_stand_as_they_were_asked_for(run: Run, fill: Fill) -> None:
    fill(FOUR_ROUNDS)
    rows = run("ledger", "history", "1", "0002", "1", "--format", "csv").rows
    drawn = [(row["household_id"], row["survey_round"], row["income"], row["change"], row["movement"]) for row in rows]
    assert drawn == [
        ("1", "2021", "", "", ""),
        ("1", "2022", "50000", "", "entered"),
        ("1", "2023", "50000", "0", "same"),
        ("1", "2024", "29999.9999", "-20000.0001", "down"),
        ("0002", "2021", "20000", "", ""),
        ("0002", "2022", "", "", "left"),
        ("0002", "2023", "120000", "100000", "up"),
        ("0002", "2024", "119999.9999", "-0.0001", "same"),
    ]


def test_a_history_as_a_table(run: Run, fill: Fill) -> None:
    fill("household_id | 2023 | 2024\n007 | 20000 | 31000.5")
    noted(run, "007", text="护路员|一月")
    lines = run("ledger", "history", "007").out.splitlines()
    assert lines[0] == "Household 007"
    assert lines[4].split() == ["2023", "yes", "20,000.00", "20000-30000", "floor", "10,000.00"]
    assert lines[5].split() == ["2024", "yes", "31,000.50", "11,000.50", "30000-40000", "low", "8,999.50", "up"]
    assert lines[7] == "Measures taken"
    assert lines[11].split() == ["public-service", "job", "2024", "2024-05-01", "李", "护路员|一月"]


def test_a_history_in_markdown_and_in_chinese(run: Run, fill: Fill) -> None:
    fill("household_id | 2023 | 2024\n007 | 20000 |\n8 | | 50000")
    noted(run, "007", text="护路员|一月")
    lines = run("ledger", "history", "007", "--format", "markdown", "--lang", "zh").out.splitlines()
    assert lines[0] == "## 户 007"
    assert lines[-1] == r"| 公益性岗位 | 2024 | 2024-05-01 | 李     | 护路员\|一月 |"
    assert [line.split("|")[2].strip() for line in lines if line.startswith(("| 2023", "| 2024"))] == ["是", "否"]


@pytest.mark.parametrize("asked", [["9999"], ["01"], ["00001"], ["0001", "9999"], [""]])
def test_a_household_that_no_round_holds_is_refused_without_its_id(run: Run, fill: Fill, asked: list[str]) -> None:
    fill(FOUR_ROUNDS)
    done = run("ledger", "history", *asked, "--format", "json")
    assert done.is_refused(3, str(len(asked)))
    assert not any(len(one) > 1 and one in done.err for one in asked)


@pytest.mark.parametrize("asked", ["0001 ", "０００1", "00 01"])
def test_an_id_is_spelt_as_it_is_read_from_a_survey(run: Run, fill: Fill, asked: str) -> None:
    fill(FOUR_ROUNDS)
    assert run("ledger", "history", asked, "--format", "json").json["tables"]["history"][0]["household_id"] == "0001"


def test_the_places_of_all_that_are_unknown_are_told(run: Run, fill: Fill) -> None:
    fill(FOUR_ROUNDS)
    assert run("ledger", "history", "0001", "a", "1", "b").is_refused(3, ": 2, 4")


def test_an_empty_ledger_knows_no_household(run: Run, ledger: Path) -> None:
    assert run("ledger", "history", "0001").is_refused(3)
    assert not ledger.exists()


# who is watched, and why


def test_every_reason_is_listed_by_need(run: Run, fill: Fill) -> None:
    fill(EVERY_REASON)
    assert list(reasons(run).items()) == [
        ("persistent", "below_floor_persistent"),
        ("new", "below_floor_new, dropped"),
        ("again", "below_floor_again"),
        ("unseen", "unseen_below_floor"),
        ("missing", "missing_below_floor"),
        ("dropped", "dropped"),
        ("floor", "just_above_floor"),
        ("low", "just_above_low"),
        ("middle", "just_above_middle"),
        ("near-low", "near_low_target"),
        ("near-middle", "near_middle_target"),
    ]


def test_a_row_of_the_list_tells_what_is_needed_for_a_visit(run: Run, fill: Fill) -> None:
    fill(EVERY_REASON)
    noted(run, "new")
    done = run("ledger", "watch", "--format", "csv", "--quiet")
    assert done.out.splitlines()[0] == ",".join(WATCHED)
    told = {line.split(",")[0]: line for line in done.out.splitlines()}
    assert told["new"] == (
        "new,东区,银江镇,沙沟村,urban,低保家庭,3,2024,50000,29000,-21000,20000-30000,floor,30000,1000,"
        '"below_floor_new, dropped",public-job 2024-05-01'
    )
    assert told["unseen"] == "unseen,东区,,,,,4,2023,25000,,,,,,,unseen_below_floor,"
    assert told["missing"] == "missing,西区,,,,,1,2024,26000,,,missing,,,,missing_below_floor,"
    assert told["low"] == "low,东区,,,,,,2024,41000,41000,0,40000-50000,,,,just_above_low,"


def test_the_list_as_json(run: Run, fill: Fill, ledger: Path) -> None:
    fill(EVERY_REASON)
    envelope = run("ledger", "watch", "--format", "json").json
    assert (envelope["schema"], envelope["report"]) == ("incomeladder/1", "ledger_watch")
    told = {"ledger": str(ledger), "round": "2024", "since": None, "new": False, "by": []}
    assert envelope["parameters"] == told
    assert list(envelope["tables"]) == ["watch"]
    assert [list(row) for row in envelope["tables"]["watch"]] == [WATCHED] * 11
    again = envelope["tables"]["watch"][2]
    assert (again["size"], again["previous_income"], again["change"], again["shortfall"]) == (
        None,
        31000,
        -1499.5,
        499.5,
    )


def test_the_list_as_parquet(run: Run, fill: Fill) -> None:
    fill(EVERY_REASON)
    assert run("ledger", "watch", "--output", "visits.parquet").status == 0
    listed = pl.read_parquet("visits.parquet")
    assert (listed.columns, listed.height) == (WATCHED, 11)


@pytest.mark.parametrize(
    ("language", "sentence", "reason"),
    [
        (
            "en",
            "of which 3 are below the floor of 30,000 yuan; together they lack 11,498.5 yuan",
            "below the floor again",
        ),
        ("zh", "11,498.5", "返贫"),
    ],
)
def test_the_list_in_words(run: Run, fill: Fill, language: str, sentence: str, reason: str) -> None:
    fill(EVERY_REASON)
    for form in ("table", "markdown"):
        out = run("ledger", "watch", "--lang", language, "--format", form).out
        assert sentence in out
        assert reason in out
        assert "below_floor" not in out


# the rules of the list


@pytest.mark.parametrize(
    ("option", "percent", "gone"),
    [
        ("--margin", "0.9999%", {"floor", "low", "middle"}),
        ("--margin", "1%", {"floor", "low"}),
        ("--margin", "3.3333%", {"floor"}),
        ("--margin", "3.3334%", set()),
        ("--drop", "42%", {"dropped"}),
        ("--drop", "30.0005%", {"dropped"}),
        ("--drop", "30.00%", set()),
        ("--close", "1%", {"near-low", "near-middle"}),
        ("--close", "2.5%", {"near-middle"}),
        ("--close", "2.4999%", {"near-low", "near-middle"}),
    ],
)
def test_an_option_overrides_a_rule(run: Run, fill: Fill, option: str, percent: str, gone: set[str]) -> None:
    fill(EVERY_REASON)
    assert reasons(run).keys() - reasons(run, option, percent).keys() == gone


@pytest.mark.parametrize("option", ["--margin", "--drop", "--close"])
@pytest.mark.parametrize("percent", ["0%", "100%", "-5%", "x", "5", "", "nan%", "1e1%", "5%%"])
def test_a_rule_that_is_no_percentage_is_refused(run: Run, fill: Fill, option: str, percent: str) -> None:
    fill("household_id | 2024\n1 | 20000")
    assert run("ledger", "watch", f"{option}={percent}").is_refused(4, option, "percentage")


def test_the_rules_live_in_the_programme_file(run: Run, fill: Fill, tmp_path: Path) -> None:
    fill(EVERY_REASON)
    (tmp_path / "rules.toml").write_text('[watch]\nmargin = "1%"\ndrop = "50%"\nlines = ["floor"]\n')
    held = reasons(run, "--programme", "rules.toml")
    assert reasons(run).keys() - held.keys() == {"dropped", "floor", "low", "middle"}
    assert held["new"] == "below_floor_new"
    assert "floor" in reasons(run, "--programme", "rules.toml", "--margin", "5%")
    (tmp_path / "rules.toml").write_text("[watch]\nmargin = 2\n")
    assert run("ledger", "watch", "--programme", "rules.toml").is_refused(4, "rules.toml", "watch.margin")


def test_another_floor_is_watched(run: Run, fill: Fill, tmp_path: Path) -> None:
    fill("household_id | 2023 | 2024\n1 | 27000 | 25999.9999\n2 | 27000 | 26000")
    (tmp_path / "rules.toml").write_text("[tiers.floor]\nupper = 26000\ntarget = 26000\n")
    assert reasons(run, "--programme", "rules.toml") == {"1": "below_floor_new", "2": "just_above_floor"}


# as of when, since when


def test_the_list_is_drawn_up_as_of_any_round(run: Run, fill: Fill) -> None:
    fill(FOUR_ROUNDS)
    assert reasons(run, "--round", "2021") == {"0001": "below_floor_new", "0002": "below_floor_new"}
    assert reasons(run, "--round", "2022") == {"0002": "unseen_below_floor", "0001": "just_above_floor"}
    assert reasons(run, "--round", "2023") == {}
    assert reasons(run, "--round", "2024") == reasons(run) == {"1": "below_floor_new, dropped"}
    assert run("ledger", "watch", "--round", "2020").is_refused(3, "2020", "2021, 2022, 2023, 2024")


def test_news_are_what_was_not_there_the_round_before(run: Run, fill: Fill) -> None:
    fill(EVERY_REASON)
    told = run("ledger", "watch", "--new", "--format", "csv").rows
    assert list(told[0]) == [*WATCHED[:-1], "new_reasons", "measures"]
    assert [(row["household_id"], row["new_reasons"]) for row in told] == [
        ("new", "below_floor_new, dropped"),
        ("again", "below_floor_again"),
        ("unseen", "unseen_below_floor"),
        ("missing", "missing_below_floor"),
        ("dropped", "dropped"),
    ]


def test_news_go_back_as_far_as_is_said(run: Run, fill: Fill) -> None:
    fill(
        "household_id | 2021 | 2022 | 2023 | 2024\n1 | 50000 | 20000 | 20000 | 20000\n2 | 20000 | 20000 | 20000 | 20000"
    )
    assert list(reasons(run, "--since", "2021")) == ["1"]
    assert list(reasons(run, "--since", "2022")) == []
    assert reasons(run, "--since", "2023") == reasons(run, "--new") == {}
    assert list(reasons(run, "--since", "2021", "--round", "2022")) == ["1"]
    assert list(reasons(run, "--new", "--round", "2022")) == ["1"]
    assert run("ledger", "watch", "--since", "2022", "--format", "json").json["parameters"]["since"] == "2022"


@pytest.mark.parametrize(
    ("options", "mentioned"),
    [
        (["--since", "2024"], "2021, 2022, 2023"),
        (["--since", "2030"], "2030"),
        (["--since", "2023", "--round", "2022"], "2021"),
        (["--since", "2022", "--new"], "--new"),
    ],
)
def test_a_list_cannot_go_back_to_a_later_round(run: Run, fill: Fill, options: list[str], mentioned: str) -> None:
    fill(FOUR_ROUNDS)
    assert run("ledger", "watch", *options).is_refused(2, "--since", mentioned)


def test_in_a_ledger_of_one_round_everything_is_new(run: Run, fill: Fill) -> None:
    fill("household_id | 2024\n1 | 20000\n2 | 30000\n3 | 60000\n4 | ?")
    assert reasons(run) == reasons(run, "--new") == {"1": "below_floor_new", "2": "just_above_floor"}
    assert run("ledger", "watch", "--new", "--format", "json").json["parameters"]["since"] is None
    assert run("ledger", "watch", "--since", "2024").is_refused(2, "2024")


def test_groups_stand_together_the_unnamed_last(run: Run, fill: Fill) -> None:
    fill("""
        household_id | county | size | 2024
        1            |        | 1    | 1000
        2            | 西区   | 2    | 2000
        3            | 东区   | 1    | 3000
        4            | 西区   | 1    | 500
    """)
    assert list(reasons(run, "--by", "county")) == ["3", "4", "2", "1"]
    assert list(reasons(run, "--by", "size", "--by", "county")) == ["3", "4", "1", "2"]
    assert list(reasons(run)) == ["4", "1", "2", "3"]
    assert run("ledger", "watch", "--by", "income").is_refused(2, "income", "county")


# the list for cron


FINDINGS = [
    ("1 | 50000 | 20000", {"below-floor", "fell"}),
    ("1 | 20000 | 20000", {"below-floor"}),
    ("1 | 20000 |", set()),
    ("1 | 20000 | 30000", set()),
    ("1 | 90000 | 35000", set()),
]


@pytest.mark.parametrize(("row", "found"), FINDINGS, ids=[row for row, _ in FINDINGS])
def test_findings_make_the_exit_status(run: Run, fill: Fill, row: str, found: set[str]) -> None:
    fill(f"household_id | 2023 | 2024\n{row}\n9 | 60000 | 60000")
    for finding in ("below-floor", "fell"):
        assert run("ledger", "watch", "--fail-on", finding).status == (finding in found)
    assert run("ledger", "watch", "--fail-on", "below-floor", "--fail-on", "fell").status == bool(found)


def test_other_findings_are_refused(run: Run, fill: Fill) -> None:
    fill(FOUR_ROUNDS)
    assert run("ledger", "watch", "--fail-on", "rejects").is_refused(2, "below-floor, fell")


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_to_report_is_nothing_on_standard_output_if_that_is_wanted(run: Run, fill: Fill, form: str) -> None:
    fill("household_id | 2023 | 2024\n1 | 20000 | 20000")
    done = run("ledger", "watch", "--new", "--quiet", "--format", form)
    assert (done.status, done.out, done.err) == (0, "", "")
    assert run("ledger", "watch", "--new", "--format", form).out
    assert run("ledger", "watch", "--quiet", "--format", form).out


def test_a_file_is_written_even_if_there_is_nothing_to_report(run: Run, fill: Fill, tmp_path: Path) -> None:
    fill("household_id | 2024\n1 | 60000")
    (tmp_path / "visits.csv").write_text("yesterday's")
    assert run("ledger", "watch", "--quiet", "--output", "visits.csv").out == ""
    assert (tmp_path / "visits.csv").read_text("utf-8-sig") == ",".join(WATCHED) + "\n"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "Nobody needs a visit by these rules."),
        (["--new"], "Nobody was added to the list."),
        (["--since", "2023"], "Only what was not there at 2023."),
    ],
)
def test_an_empty_list_is_said_to_be_empty(run: Run, fill: Fill, options: list[str], sentence: str) -> None:
    fill("household_id | 2023 | 2024\n1 | 60000 | 60000")
    assert sentence in run("ledger", "watch", *options).out


def test_an_empty_ledger_has_nobody_to_watch(run: Run, ledger: Path) -> None:
    assert run("ledger", "watch").is_refused(3, str(ledger), "ledger add")
    assert not ledger.exists()


# note


@pytest.mark.parametrize(("text", "kept"), [("护路员", "护路员"), (" a ", "a"), ("l1\nl2", "l1\nl2"), ("=1+1", "=1+1")])
def test_a_note_is_on_record_as_it_was_written(run: Run, fill: Fill, text: str, kept: str) -> None:
    fill(FOUR_ROUNDS)
    done = noted(run, "0001", "micro-credit", text=text, author=" 王 ", date="2022-12-31", round="2022")
    assert (done.status, done.out, done.err) == (0, "", "noted after @2022\n")
    (row,) = run("ledger", "history", "0001", "--format", "json").json["tables"]["measures"]
    assert row == {
        "household_id": "0001",
        "measure": "micro-credit",
        "survey_round": "2022",
        "date": "2022-12-31",
        "author": "王",
        "text": kept,
    }


def test_a_note_is_of_today_and_the_latest_round_unless_others_are_named(run: Run, fill: Fill) -> None:
    fill(FOUR_ROUNDS)
    days = [dt.date.today().isoformat()]  # noqa: DTZ011  (the day on the wall)
    assert run("ledger", "note", "1", "--measure", "public-job", "--author", "a", "--text", "b", "--quiet").err == ""
    days.append(dt.date.today().isoformat())  # noqa: DTZ011
    (row,) = run("ledger", "history", "1", "--format", "json").json["tables"]["measures"]
    assert row["survey_round"] == "2024"
    assert row["date"] in days


def test_the_same_note_twice_is_one(run: Run, fill: Fill, ledger: Path) -> None:
    fill(FOUR_ROUNDS)
    noted(run, "1")
    before = (ledger / "measures.ndjson").read_bytes()
    done = noted(run, "1")
    assert (done.status, done.err) == (0, "noted already, after @2024\n")
    assert (ledger / "measures.ndjson").read_bytes() == before
    assert noted(run, "1", date="2024-05-02").err == "noted after @2024\n"
    assert run("ledger", "verify", "--format", "json").json["tables"]["log"] == [{"state": "sound", "notes": 2}]


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ({"kind": "public-jobs"}, (2, "public-jobs", "did you mean public-job?", "medical-aid")),
        ({"kind": ""}, (2, "--measure")),
        ({"household": "9999"}, (3, "1")),
        ({"household": "01"}, (3, "1")),
        ({"date": "2024-02-30"}, (2, "--date 2024-02-30", "2026-03-31")),
        ({"date": "1.5.2024"}, (2, "--date 1.5.2024")),
        ({"date": ""}, (2, "--date")),
        ({"author": ""}, (2, "--author")),
        ({"author": " \n"}, (2, "--author")),
        ({"text": ""}, (2, "--text")),
        ({"text": "\u3000"}, (2, "--text")),
        ({"round": "2030"}, (3, "2030", "2021, 2022, 2023, 2024")),
    ],
)
def test_a_note_that_nobody_could_use_is_refused(
    run: Run, fill: Fill, ledger: Path, told: dict[str, str], refusal: tuple[int, *tuple[str, ...]]
) -> None:
    fill(FOUR_ROUNDS)
    done = noted(run, **{"household": "0001", "kind": "public-job"} | told)
    assert done.is_refused(*refusal)
    assert "9999" not in done.err
    assert not (ledger / "measures.ndjson").exists()


def test_a_programme_has_its_own_kinds_of_measures(run: Run, fill: Fill, tmp_path: Path) -> None:
    fill(FOUR_ROUNDS)
    (tmp_path / "rules.toml").write_text('[measures.legal-aid]\nen = "legal aid"\nzh = "法律援助"\n')
    assert noted(run, "1", "legal-aid").is_refused(2, "legal-aid")
    assert noted(run, "1", "legal-aid", programme="rules.toml").status == 0
    assert "legal aid" in run("ledger", "measures", "--programme", "rules.toml").out
    assert "法律援助" in run("ledger", "history", "1", "--programme", "rules.toml", "--lang", "zh").out
    assert "legal-aid" in run("ledger", "measures").out


def test_an_empty_ledger_takes_no_notes(run: Run, ledger: Path) -> None:
    assert noted(run, "1").is_refused(3, str(ledger))
    assert not ledger.exists()


# measures


THREE_ROUNDS = """
    household_id | 2022  | 2023  | 2024
    a            | 20000 | 30000 | 30000
    b            | 20000 | 29999 | 40000
    c            | 35000 | 40000 | 50000
    d            | 35000 |       | 50000
    e            | 35000 | ?     | 50000
    f            | 50000 | 60000 | 70000
    g            | 10000 | 10000 | 10000
"""
NOTES = [
    ("a", "skills-training", "2022"),
    ("b", "skills-training", "2022"),
    ("b", "skills-training", "2023"),
    ("c", "skills-training", "2022"),
    ("d", "public-job", "2022"),
    ("e", "public-job", "2022"),
    ("f", "public-job", "2022"),
    ("g", "public-job", "2024"),
    ("g", "skills-training", "2024"),
]
COUNTED = {
    "public-job": [4, 4, 0, 0, 1, 1, 1, 1],
    "skills-training": [5, 4, 2, 1, 0, 0, 0, 1],
}


def count(run: Run, fill: Fill) -> None:
    fill(THREE_ROUNDS)
    for household, kind, label in NOTES:
        assert noted(run, household, kind, round=label).status == 0


def test_measures_are_counted_by_what_came_after(run: Run, fill: Fill) -> None:
    count(run, fill)
    envelope = run("ledger", "measures", "--format", "json").json
    assert envelope["parameters"]["rounds"] == ["2022", "2023", "2024"]
    rows = envelope["tables"]["taken"]
    assert [list(row) for row in rows] == [TAKEN, TAKEN]
    assert {row.pop("measure"): list(row.values()) for row in rows} == COUNTED


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "no proof that a measure had an effect"), ("zh", "不能证明")]
)
def test_a_count_is_said_to_be_no_proof(run: Run, fill: Fill, form: str, language: str, sentence: str) -> None:
    count(run, fill)
    done = run("ledger", "measures", "--format", form, "--lang", language)
    told = done.err if form == "csv" else done.json["notes"][0] if form == "json" else done.out
    assert sentence in told


def test_a_measure_after_the_latest_round_awaits_the_next(run: Run, fill: Fill) -> None:
    fill("household_id | 2023\n1 | 20000")
    noted(run, "1")
    (row,) = run("ledger", "measures", "--format", "csv").rows
    assert (row["pending"], row["rose_above_target"]) == ("1", "0")
    fill("household_id | 2024\n1 | 30000")
    (row,) = run("ledger", "measures", "--format", "csv").rows
    assert (row["pending"], row["rose_above_target"]) == ("0", "1")


def test_without_a_measure_there_is_nothing_to_count(run: Run, fill: Fill) -> None:
    fill(FOUR_ROUNDS)
    assert "No measure is on record." in run("ledger", "measures").out
    assert run("ledger", "measures", "--format", "csv").out == ",".join(TAKEN) + "\n"


# flag --with measures


def test_measures_stand_beside_the_households_of_a_tier_the_latest_last(run: Run, fill: Fill) -> None:
    fill("household_id | 2024\n1 | 20000\n2 | 25000\n3 | 60000")
    noted(run, "1", date="2024-06-01")
    noted(run, "1", "medical-aid", date="2024-05-01")
    noted(run, "3")
    for survey in ("@2024", "rounds.csv"):
        rows = run("flag", survey, "--with", "measures", "--with", "income", "--format", "csv").rows
        assert [(row["household_id"], row["measures"]) for row in rows] == [
            ("1", "medical-aid 2024-05-01; public-job 2024-06-01"),
            ("2", ""),
        ]
        assert list(rows[0])[-1] == "measures"
    assert "medical aid 2024-05-01; public-service job 2024-06-01" in run("flag", "@2024", "--with", "measures").out


def test_a_column_of_the_survey_called_measures_is_that_column(run: Run, tmp_path: Path) -> None:
    (tmp_path / "2024.csv").write_text("household_id,income,measures\n1,20000,own\n2,60000,none\n")
    assert run("flag", "2024.csv", "--with", "measures", "--format", "csv").rows[0]["measures"] == "own"


def test_measures_of_a_ledger_that_is_not_there_are_refused_and_not_shown_as_none(
    run: Run, survey: Callable[..., Path], ledger: Path
) -> None:
    town = survey("household_id | income\n1 | 20000", "2024.csv")
    assert run("flag", town, "--with", "measures").is_refused(5, "no ledger", str(ledger))


def test_an_own_column_of_that_name_is_shown_and_no_ledger_asked(run: Run, survey: Callable[..., Path]) -> None:
    town = survey("household_id | income | measures\n1 | 20000 | own", "2024.csv")
    assert run("flag", town, "--with", "measures", "--format", "csv").rows[0]["measures"] == "own"

"""What is published shows no small number, and nobody can work one out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adversary import of_ladders, of_moves, of_report
from books import sheets
from incomeladder.cli import main
from pages import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

SAMPLE = Path(__file__).parents[2] / "data" / "sample_households.csv"
EDGES = {"lower", "upper", "target", "threshold"}
LEVELS = ((), ("county",), ("county", "township"))


def towns(**of_county: Mapping[int, int]) -> str:
    """A survey of so many households by their income, in each county."""
    rows = ["household_id | county | income"]
    for county, incomes in of_county.items():
        every = (income for income, times in incomes.items() for _ in range(times))
        rows += [f"{county}{number} | {county} | {income}" for number, income in enumerate(every)]
    return "\n".join(rows)


def shown(table: list[dict[str, Any]], **where: object) -> dict[str, Any]:
    """The only row of a table that is so."""
    (row,) = [row for row in table if where.items() <= row.items()]
    return row


def numbers(value: object) -> Iterator[float]:
    """Every whole number of a published report, but those of the rules."""
    if isinstance(value, dict):
        yield from (number for key, part in value.items() if key not in EDGES for number in numbers(part))
    elif isinstance(value, list):
        yield from (number for part in value for number in numbers(part))
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value


# a lone small number


@pytest.mark.parametrize(("few", "told_as"), [(4, None), (5, 5), (6, 6), (0, 0)])
def test_a_number_below_the_threshold_is_hidden_and_one_other_with_it(
    run: Run, survey: Draw, few: int, told_as: int | None
) -> None:
    drawn = survey(towns(a={5_000: few, 15_000: 20, 25_000: 30, 50_000: 40}), "2024.csv")
    bands = run("bands", drawn, "--publish", "--format", "json").json["tables"]["bands"]
    told = {row["band"]: row["households"] for row in bands if row["band"] in {"0-10000", "10000-20000", "20000-30000"}}
    assert told == {"0-10000": told_as, "10000-20000": 20 if told_as == few else None, "20000-30000": 30}


def test_what_is_said_of_all_stays_where_a_neighbour_can_hide_a_number(run: Run, survey: Draw) -> None:
    drawn = survey(towns(a={5_000: 3, 15_000: 20, 50_000: 40}), "2024.csv")
    (summary,) = run("bands", drawn, "--publish", "--format", "json").json["tables"]["summary"]
    assert (summary["households"], summary["below_floor"], summary["low_tier"]) == (63, 23, 0)


def test_few_below_the_floor_hide_the_floor_the_share_and_what_they_lack(run: Run, survey: Draw) -> None:
    drawn = survey(towns(a={25_000: 3, 50_000: 40, 65_000: 9}), "2024.csv")
    (summary,) = run("bands", drawn, "--publish", "--format", "json").json["tables"]["summary"]
    assert (summary["below_floor"], summary["below_floor_share"], summary["shortfall"]) == (None, None, None)
    assert summary["households"] == 52


def test_few_households_without_an_income_hide_how_many_there_are(run: Run, survey: Draw) -> None:
    drawn = survey(towns(a={25_000: 30, 50_000: 40}) + "\nx1 | a | -\nx2 | a | -", "2024.csv")
    told = run("bands", drawn, "--publish", "--format", "json")
    (summary,) = told.json["tables"]["summary"]
    assert (summary["households"], summary["missing"], summary["below_floor"]) == (None, None, 30)
    accounting = {"rows_read": None, "accepted": None, "rejected": 0, "skipped": 0, "missing_income": None}
    assert told.json["accounting"] == accounting
    assert "households without an income (2024): *" in told.json["notes"][0]


def test_few_households_without_an_income_are_hidden_in_every_document(run: Run, survey: Draw, tmp_path: Path) -> None:
    drawn = survey(towns(a={25_000: 30, 50_000: 40}) + "\nx1 | a | -\nx2 | a | -", "2024.csv")
    (row,) = read(run("report", drawn, "--publish", "--format", "html").out).section("accounting").rows()
    assert row == ["2024", "*", "*", "0", "0", "*"]
    run("report", drawn, "--publish", "--output", tmp_path / "x.xlsx")
    (counted,) = [row for row in sheets(tmp_path / "x.xlsx")["Notes"] if row[0] == "2024"]
    assert counted == ["2024", "*", "*", 0, 0, "*", "*", "*"]
    for form in ("table", "markdown"):
        out = run("report", drawn, "--publish", "--format", form).out
        assert re.search(r"Rows read \\?\* = \\?\* accepted \+ 0 rejected \+ 0 skipped; \\?\* without", out)


@pytest.mark.parametrize("form", ["table", "markdown", "html"])
def test_estimates_that_are_hidden_are_stars(run: Run, survey: Draw, form: str) -> None:
    drawn = survey(towns(a={25_000: 3, 50_000: 40}), "2024.csv")
    out = run("indicators", drawn, "--publish", "--format", form).out
    assert re.search(r"Below the floor\W*(</th>.*?<td[^>]*>)?\s*\|?\s*(\\?\*|&#42;)", out)


def test_where_few_rows_were_skipped_is_hidden_with_how_many(run: Run, survey: Draw) -> None:
    drawn = survey(towns(a={25_000: 30, 50_000: 40}) + "\n合计 | - | 70", "2024.csv")
    told = run("bands", drawn, "--publish", "--format", "json").json
    assert told["accounting"] == {
        "rows_read": None,
        "accepted": 70,
        "rejected": 0,
        "skipped": None,
        "missing_income": 0,
    }
    assert next(note for note in told["notes"] if "skipped" in note).endswith(": *, at *")


def test_few_of_another_size_hide_how_many_are_of_the_size_asked_for(run: Run, survey: Draw) -> None:
    sizes = [(number, 3 if number > 2 else 5) for number in range(60)]
    rows = [f"{number} | {size} | 50000" for number, size in sizes]
    told = run(
        "bands",
        survey("\n".join(["household_id | size | income", *rows])),
        "--size-rule=reference-only",
        "--publish",
        "--format=json",
    ).json
    assert [told["accounting"][name] for name in ("rows_read", "accepted", "rejected")] == [None, None, 0]


def test_a_district_of_few_households_hides_its_total_and_that_of_another(run: Run, survey: Draw) -> None:
    drawn = survey(towns(a={25_000: 30, 50_000: 40}, b={50_000: 2}, c={50_000: 90}), "2024.csv")
    rows = run("bands", drawn, "--by", "county", "--publish", "--format", "json").json["tables"]["summary"]
    told = {row["county"]: row["households"] for row in rows}
    assert told["b"] is None
    assert list(told.values()).count(None) == 2


def test_the_threshold_is_the_programmes(run: Run, survey: Draw, tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text("[publishing]\nthreshold = 10\n", encoding="utf-8")
    drawn = survey(towns(a={5_000: 9, 15_000: 20, 50_000: 40}), "2024.csv")
    asked = ("bands", drawn, "--publish", "--format", "json")
    assert shown(run(*asked).json["tables"]["bands"], band="0-10000")["households"] == 9
    told = run(*asked, "--programme", tmp_path / "rules.toml").json
    assert shown(told["tables"]["bands"], band="0-10000")["households"] is None
    assert (told["parameters"]["publish"], told["parameters"]["threshold"]) == (True, 10)


def test_a_threshold_of_one_would_hide_nothing_and_is_refused(run: Run, survey: Draw, tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text("[publishing]\nthreshold = 1\n", encoding="utf-8")
    assert run("bands", survey(), "--programme", tmp_path / "rules.toml").is_refused(4, "publishing.threshold")


@pytest.mark.parametrize("households", [1, 4])
def test_a_round_of_a_handful_of_households_is_not_published(run: Run, survey: Draw, households: int) -> None:
    drawn = survey(towns(a={50_000: households}), "2024.csv")
    assert run("bands", drawn, "--publish").is_refused(3, "too few households")


def test_of_a_round_of_barely_enough_next_to_nothing_is_shown(run: Run, survey: Draw) -> None:
    incomes = (14_663, 73_576, 82_244, 222_335, 293_595)
    rows = [f"{number} | {label} | {income}" for label in (2023, 2024) for number, income in enumerate(incomes)]
    drawn = survey("\n".join(["household_id | survey_round | income", *rows]))
    (summary,) = run("transitions", drawn, "--publish", "--format", "json").json["tables"]["summary"]
    assert {value for value in summary.values() if value} <= {5}


def test_of_a_district_of_a_handful_nothing_is_told_not_even_where_nobody_is(run: Run, survey: Draw) -> None:
    """Where the only star stands among zeros, there they would be."""
    drawn = survey(towns(a={-50: 1, 50_000: 2}, b={50_000: 90, 20_000: 30}, c={50_000: 80}), "2024.csv")
    tables = run("bands", drawn, "--by", "county", "--publish", "--format", "json").json["tables"]
    told = {column for table in tables.values() for row in table if row["county"] == "a" for column in filled(row)}
    assert told == {"survey_round", "county", "band", "lower", "upper"}


def test_a_row_of_incomes_below_zero_tells_not_that_there_are_any_in_a_district(run: Run, survey: Draw) -> None:
    drawn = survey(towns(a={-50: 9, 50_000: 20}, b={50_000: 90}, c={50_000: 80}), "2024.csv")
    rows = run("bands", drawn, "--by", "county", "--publish", "--format", "json").json["tables"]["bands"]
    told = {row["county"]: row["households"] for row in rows if row["band"] == "<0"}
    assert told == {"a": 9, "b": 0, "c": 0}
    assert "missing" not in {row["band"] for row in rows}


def filled(row: Mapping[str, object]) -> set[str]:
    return {name for name, value in row.items() if value is not None}


def test_of_movers_in_a_district_of_a_handful_nothing_is_told(run: Run, survey: Draw) -> None:
    counties = [*["a"] * 3, *["b"] * 60]
    rows = [
        f"{number} | {label} | {county} | 50000" for label in (2023, 2024) for number, county in enumerate(counties)
    ]
    drawn = survey("\n".join(["household_id | survey_round | county | income", *rows]))
    tables = run("transitions", drawn, "--by", "county", "--publish", "--format", "json").json["tables"]
    names = {"county", "from_band", "to_band", "tier", "measure"}
    assert {
        column
        for name in ("matrix", "summary", "tiers", "measures")
        for row in tables[name]
        if row["county"] == "a"
        for column in filled(row)
    } == names


def test_what_all_lack_is_hidden_where_two_could_not_lack_so_little(run: Run, survey: Draw) -> None:
    """Of one below 0 nobody says so, but two would lack more than 60,000 yuan, and four others more than 80,000."""
    drawn = survey(towns(a={-1: 1, 9_999: 5, 50_000: 200}), "2024.csv")
    (summary,) = run("bands", drawn, "--publish", "--format", "json").json["tables"]["summary"]
    assert (summary["below_floor"], summary["shortfall"]) == (6, None)


@pytest.mark.parametrize("unit", [1, 100, 2_500])
def test_what_all_lack_is_hidden_where_whole_yuan_could_not_make_it(run: Run, survey: Draw, unit: int) -> None:
    """One just below 20,000 and one at it, eight just below the floor: were it below 10,000, all would lack more."""
    incomes = {20_000 - unit: 1, 20_000: 1, 30_000 - unit: 8, 50_000: 200}
    drawn = survey(towns(a=incomes), "2024.csv")
    tables = run("bands", drawn, "--publish", "--format", "json").json["tables"]
    assert shown(tables["bands"], band="10000-20000")["households"] is None
    assert tables["summary"][0]["shortfall"] is None


def test_what_all_lack_is_told_where_they_could_be_elsewhere(run: Run, survey: Draw) -> None:
    drawn = survey(towns(a={9_000: 2, 12_000: 15, 50_000: 200}), "2024.csv")
    tables = run("bands", drawn, "--publish", "--format", "json").json["tables"]
    assert shown(tables["bands"], band="0-10000")["households"] is None
    assert tables["summary"][0]["shortfall"] == 2 * 21_000 + 15 * 18_000


def test_what_one_district_lacks_is_not_what_is_left_of_all(run: Run, survey: Draw) -> None:
    drawn = survey(towns(a={-1: 1, 9_999: 5, 50_000: 200}, b={-1: 20, 5_000: 50, 50_000: 200}), "2024.csv")
    rows = run("bands", drawn, "--by", "county", "--publish", "--format", "json").json["tables"]["summary"]
    assert [row["shortfall"] for row in rows] == [None, None]


@pytest.mark.parametrize("form", ["json", "html"])
def test_who_came_to_a_tier_from_elsewhere_is_not_what_is_left_of_it(run: Run, survey: Draw, form: str) -> None:
    ways = {(15_000, 15_000): 60, (55_000, 15_000): 3, (55_000, 55_000): 60, (15_000, 55_000): 40, (None, 15_000): 9}
    every = [way for way, times in ways.items() for _ in range(times)]
    rows = [
        f"{number} | {label} | {way[end]}"
        for end, label in enumerate((2023, 2024))
        for number, way in enumerate(every)
        if way[end] is not None
    ]
    drawn = survey("\n".join(["household_id | survey_round | income", *rows]))
    told = run("report", drawn, "--publish", "--format", form)
    if form == "json":
        floor = shown(told.json["tables"]["tiers"], tier="floor")
        assert None in {floor["after"], floor["stayed"], floor["entered"]}
    else:
        assert "+3" not in read(told.out).section("tiers").text


def test_one_who_entered_is_hidden_with_who_moved_and_who_left(run: Run, survey: Draw) -> None:
    stayed = [f"{number} | {label} | 50000" for number in range(20) for label in (2023, 2024)]
    drawn = survey("\n".join(["household_id | survey_round | income", *stayed, "new | 2024 | 50000"]))
    (summary,) = run("transitions", drawn, "--publish", "--format", "json").json["tables"]["summary"]
    assert [summary[name] for name in ("before", "after", "entered", "left", "matched")] == [20, 21, None, None, None]


def test_the_households_above_a_line_within_a_band_are_hidden_too(run: Run, survey: Draw) -> None:
    """Who is at or above the top, less those with a middle income, has 500,000 yuan or more."""
    drawn = survey(towns(a={50_000: 40, 120_000: 30, 600_000: 2}), "2024.csv")
    (summary,) = run("bands", drawn, "--publish", "--format", "json").json["tables"]["summary"]
    assert None in {summary["at_or_above_top"], summary["middle_income"]}


def test_numbers_that_are_hidden_together_are_not_small_together(run: Run, survey: Draw) -> None:
    drawn = survey(towns(a={15_000: 100, 45_000: 1, 55_000: 2, 65_000: 50, 120_000: 30}), "2024.csv")
    bands = run("bands", drawn, "--publish", "--format", "json").json["tables"]["bands"]
    assert 183 - sum(row["households"] for row in bands if row["households"] is not None) >= 5


def test_weights_are_not_published(run: Run, survey: Draw) -> None:
    weights = [f"{number} | {50_000 - number} | {10.3 + number % 2}" for number in range(20)]
    drawn = survey("\n".join(["household_id | income | weight", *weights]))
    tables = run("bands", drawn, "--publish", "--format", "json").json["tables"]
    assert {row["weight"] for table in tables.values() for row in table} == {None}


def test_of_a_survey_with_weights_no_table_tells_a_share_more_exactly_than_another(run: Run) -> None:
    told = run("indicators", SAMPLE, "--publish", "--format", "json").json["tables"]
    amounts = {"total_shortfall", "mean_income", "median_income"}
    names = ("indicators", "targets", "changes")
    rows = [row for name in names for row in told[name] if row["indicator"] not in amounts]
    names = ("value", "lower", "upper", "distance", "from_value", "to_value", "change")
    shares = [row[name] for row in rows for name in names if row.get(name) is not None]
    assert len(shares) > 100
    assert [share for share in shares if share != round(share, 3)] == []


def test_how_sure_an_estimate_is_does_not_tell_of_how_many_households_it_is_one(run: Run) -> None:
    """Of equal weights the error of a share and the share are two equations for two counts."""
    told = run("indicators", SAMPLE, "--publish", "--format", "json").json["tables"]
    rows = [row for name in ("indicators", "costs", "changes") for row in told[name]]
    assert {len(significant(row["standard_error"])) for row in rows if row["standard_error"]} == {1, 2}
    amounts = [row for row in rows if row.get("indicator") in {"mean_income", None}]
    assert max(len(significant(row[end])) for row in amounts for end in ("lower", "upper")) == 3
    assert {row["value"] % 1 for row in told["indicators"] if row["indicator"] == "mean_income"} == {0}


def significant(number: float) -> str:
    """The digits of a number between the first and the last that is not 0."""
    return f"{number:.12f}".replace(".", "").lstrip("-").strip("0")


def test_files_are_published_by_their_names_alone(run: Run, survey: Draw) -> None:
    drawn = survey(towns(a={15_000: 20, 50_000: 40}) + "\n合计 | - | 70", "2024.csv")
    for form in ("json", "html", "table", "markdown"):
        told = run("report", drawn, "--publish", "--format", form)
        assert "2024.csv" in told.out or form != "json"
        assert str(drawn.parent) not in told.out + told.err


def test_the_order_of_rows_does_not_choose_what_is_hidden(run: Run, survey: Draw) -> None:
    counties = {f"k{number}": {20_000: 20, 50_000: 40} for number in range(12)} | {"k0": {20_000: 3, 50_000: 40}}
    lines = towns(**counties).splitlines()
    asked = ("--by", "county", "--publish", "--format", "csv", "--quiet")
    found = [
        sorted(run("bands", survey("\n".join([lines[0], *rows]), "2024.csv"), *asked).out.splitlines())
        for rows in (lines[1:], lines[:0:-1])
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize("command", ["bands", "transitions", "indicators", "report"])
def test_rounds_without_a_household_are_published_as_such(run: Run, survey: Draw, command: str) -> None:
    empty = [survey("household_id | county | income", name) for name in ("2023.csv", "2024.csv")]
    told = run(command, *empty, "--allow-empty", "--by", "county", "--publish", "--format", "json")
    assert (told.status, {*numbers(told.json["accounting"])}) == (0, {0})


# documents


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("form", ["table", "markdown", "html"])
def test_what_is_hidden_is_a_star_and_the_document_says_so(run: Run, survey: Draw, language: str, form: str) -> None:
    drawn = survey(towns(a={5_000: 3, 15_000: 20, 25_000: 4, 50_000: 40}), "2024.csv")
    text = run("report", drawn, "--publish", "--format", form, "--lang", language).out
    assert "None" not in text
    assert re.search(r"\*|&#42;", text)
    assert {"en": "cannot be worked out", "zh": "无法推算"}[language] in text


def test_the_rejected_are_not_published(run: Run, survey: Draw, tmp_path: Path) -> None:
    drawn = survey(towns(a={15_000: 20, 50_000: 40}) + "\nsecret | a | abc", "2024.csv")
    place, rejects = tmp_path / "report.json", tmp_path / "rejects.csv"
    run("bands", drawn, "--publish", "--skip-invalid", "--rejects", rejects, "--output", place)
    accounting = {"rows_read": None, "accepted": 60, "rejected": None, "skipped": 0, "missing_income": 0}
    assert json.loads(place.read_text("utf-8"))["accounting"] == accounting
    assert "secret" not in place.read_text("utf-8")
    assert "abc" in rejects.read_text("utf-8-sig")


@pytest.mark.parametrize(
    "command",
    [
        ("flag",),
        ("check",),
        ("audit",),
        ("trajectories",),
        ("project", "--until", "2030"),
        ("transitions", "--movers", "all"),
        ("bands", "--compare-size-rules"),
    ],
    ids=" ".join,
)
def test_lists_of_households_and_what_tells_of_them_are_not_published(
    run: Run, survey: Draw, command: tuple[str, ...]
) -> None:
    assert run(command[0], survey(), *command[1:], "--publish").is_refused(2, "--publish")


@pytest.mark.parametrize(
    ("command", "teaches"),
    [("bands", True), ("transitions", True), ("indicators", True), ("report", True), ("flag", False), ("check", False)],
)
def test_only_the_help_of_what_can_be_published_says_how(run: Run, command: str, *, teaches: bool) -> None:
    assert ("--publish" in run(command, "--help").out) == teaches


def test_a_workbook_that_is_published_has_no_lists(run: Run, survey: Draw, tmp_path: Path) -> None:
    place = tmp_path / "report.xlsx"
    drawn = survey(towns(a={5_000: 3, 15_000: 20, 25_000: 14, 50_000: 40}), "2024.csv")
    assert run("report", drawn, "--publish", "--output", place).status == 0
    with ZipFile(place) as book:
        texts = [book.read(name).decode() for name in book.namelist() if name.endswith(".xml")]
    assert not any("<t>a1</t>" in text for text in texts)
    assert any("cannot be worked out" in text for text in texts)


@pytest.mark.parametrize(("few", "drawings"), [(5, 1), (4, 0)])
def test_a_workbook_draws_no_ladder_in_which_who_is_hidden_would_seem_to_be_nobody(
    run: Run, survey: Draw, tmp_path: Path, few: int, drawings: int
) -> None:
    place = tmp_path / "report.xlsx"
    run("report", survey(towns(a={5_000: few, 15_000: 20, 50_000: 40}), "2024.csv"), "--publish", "--output", place)
    with ZipFile(place) as book:
        assert len([name for name in book.namelist() if name.startswith("xl/charts/")]) == drawings


# estimates


def test_an_estimate_that_rests_on_few_households_is_hidden(run: Run, survey: Draw) -> None:
    drawn = survey(towns(a={25_000: 3, 50_000: 40, 120_000: 30}, b={25_000: 20, 50_000: 40, 120_000: 30}), "2024.csv")
    rows = run("indicators", drawn, "--by", "county", "--publish", "--format", "json").json["tables"]["indicators"]
    of_a = {row["indicator"]: row["value"] for row in rows if row["county"] == "a"}
    assert [of_a[name] for name in ("headcount_ratio", "poverty_gap", "total_shortfall")] == [None] * 3
    assert of_a["mean_income"] == round((3 * 25_000 + 40 * 50_000 + 30 * 120_000) / 73)
    assert of_a["top_share"] == pytest.approx(30 / 73)


def test_a_workbook_of_a_census_has_no_errors_that_would_be_hidden(run: Run, survey: Draw, tmp_path: Path) -> None:
    drawn = survey(towns(a={25_000: 3, 50_000: 40}), "2024.csv")
    run("indicators", drawn, "--publish", "--output", tmp_path / "x.xlsx")
    headings, *rows = sheets(tmp_path / "x.xlsx")["Indicators"]
    assert {row[headings.index("Std. error")] for row in rows} == {""}
    assert "*" in {row[headings.index("Value")] for row in rows}


def test_an_estimate_tells_no_shortfall_that_the_ladder_hides(run: Run, survey: Draw) -> None:
    drawn = survey(towns(a={-1: 1, 9_999: 5, 50_000: 200}), "2024.csv")
    tables = run("indicators", drawn, "--publish", "--format", "json").json["tables"]
    told = {row["indicator"]: row["value"] for row in tables["indicators"]}
    assert [told[name] for name in ("poverty_gap", "squared_poverty_gap", "total_shortfall")] == [None] * 3
    assert told["headcount_ratio"] == 6 / 206
    assert shown(tables["costs"], tier="floor")["total_shortfall"] is None


@pytest.mark.parametrize(("households", "told_as"), [(49, None), (50, 1.0)])
def test_a_tenth_of_few_households_is_nobodys_business(
    run: Run, survey: Draw, households: int, told_as: float | None
) -> None:
    drawn = survey(towns(a={50_000: households}), "2024.csv")
    rows = run("indicators", drawn, "--publish", "--format", "json").json["tables"]["indicators"]
    assert shown(rows, indicator="p90_p10")["value"] == told_as


# whoever reads it all


def published(captured: pytest.CaptureFixture[str], *argv: object) -> dict[str, Any] | None:
    """The report, unless nothing of it can be published."""
    status = main([*map(str, argv), "--publish", "--format", "json", "--quiet", "--lang", "en"])
    out = captured.readouterr().out
    assert status in {0, 3}, argv
    return json.loads(out) if status == 0 else None


def few(told: dict[str, Any] | None) -> Iterator[float]:
    """Numbers below the threshold in a published report."""
    yield from (number for number in numbers(told and [told["tables"], told["accounting"]]) if 0 < number < 5)


AWAY = 0
INCOMES = st.sampled_from([-500, 500, 15_000, 25_000, 35_000, 45_000, 95_000, 120_000, 600_000, None, AWAY])
SURVEYS = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from("xyz"),
        INCOMES,
        INCOMES,
        st.integers(1, 12),
    ),
    min_size=2,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=SURVEYS)
def test_nobody_can_work_out_what_is_hidden(
    kinds: list[tuple[str, str, int | None, int | None, int]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows, number = ["household_id,survey_round,county,township,income"], 0
    for county, township, before, after, times in kinds:
        for _ in range(times):
            number += 1
            ends = {label: end for label, end in (("2023", before), ("2024", after)) if end != AWAY}
            where = f"{county},{county}{township}"
            rows += [f"{number},{label},{where},{'' if end is None else end}" for label, end in ends.items()]
    drawn = tmp_path / "survey.csv"
    drawn.write_text("\n".join([*rows, "0,2023,a,ax,50000", "0,2024,a,ax,50000"]) + "\n", encoding="utf-8")

    asked = {by: [part for name in by for part in ("--by", name)] for by in LEVELS}
    found = {by: published(capsys, "bands", drawn, "--round", "all", *more) for by, more in asked.items()}
    levels = {by: told["tables"] for by, told in found.items() if told}
    assert [number for told in found.values() for number in few(told)] == []
    if levels:
        assert of_ladders(levels).solved() == []
    moves = published(capsys, "transitions", drawn)
    if moves and () in levels:
        rounds = {"2023": [], "2024": []}
        for row in levels[()]["bands"]:
            rounds[row["survey_round"]].append(row)
        assert [*few(moves)] == []
        assert of_moves(moves["tables"], rounds).solved() == []
    for place in ("county", "township"):
        whole = published(capsys, "report", drawn, "--by", place)
        assert [*few(whole)] == []
        assert whole is None or of_report(whole["tables"], place).solved() == []


def test_somebody_who_reads_what_is_not_protected_works_it_out(run: Run, survey: Draw) -> None:
    """The adversary is one: of a ladder of which one number is hidden, nothing is safe."""
    drawn = survey(towns(a={5_000: 3, 15_000: 20, 50_000: 40}), "2024.csv")
    tables = run("bands", drawn, "--format", "json").json["tables"]
    shown(tables["bands"], band="0-10000").update(households=None, share=None, cumulative_share=None)
    assert of_ladders({(): tables}).solved() == [((((), "2024"), "0-10000"), pytest.approx(3), pytest.approx(3))]


def test_equal_surveys_give_equal_reports(run: Run, survey: Draw) -> None:
    drawn = survey(towns(a={5_000: 3, 15_000: 20, 50_000: 40}, b={5_000: 1, 65_000: 9}), "2024.csv")
    asked = ("bands", drawn, "--by", "county", "--publish", "--format", "json")
    assert run(*asked).out == run(*asked).out

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from incomeladder.render.width import width

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

SAMPLE = Path(__file__).parents[2] / "data" / "sample_households.csv"
COLUMNS = ["year", "band", "lower", "upper", "weight", "share", "share_lower", "share_upper"]
DRAWN = """
    id | survey_round | income | county
    1  | 2023         | 20000  | 东区
    2  | 2023         | 25000  | 东区
    3  | 2023         | 120000 | 东区
    4  | 2023         | 50000  | 西区
    5  | 2023         | 50000  | 西区
    6  | 2023         | 50000  | 西区
    7  | 2023         |        | 西区
    1  | 2024         | 31000  | 东区
    2  | 2024         | 26000  | 东区
    3  | 2024         | 130000 | 东区
    4  | 2024         | 60000  | 西区
    5  | 2024         | 50000  | 西区
    7  | 2024         | 41000  | 西区
    8  | 2024         | -500   | 西区
"""


def told(run: Run, *argv: str | Path) -> dict[str, list[dict[str, Any]]]:
    done = run("project", *argv, "--format", "json")
    assert done.status == 0, done
    tables: dict[str, list[dict[str, Any]]] = done.json["tables"]
    return tables


def notes(run: Run, *argv: str | Path) -> str:
    return "\n".join(run("project", *argv, "--format", "json").json["notes"])


def weights(rows: list[dict[str, Any]], year: int, **group: str) -> dict[str, float]:
    """What is in each band that anybody is in."""
    of_year = [row for row in rows if row["year"] == year and group.items() <= row.items()]
    return {row["band"]: row["weight"] for row in of_year if row["weight"]}


def test_the_tables_and_their_columns(run: Run) -> None:
    tables = told(run, SAMPLE, "--until", "2027")
    assert list(tables) == ["projection", "shares", "flows", "targets", "constancy"]
    assert list(tables["projection"][0]) == COLUMNS
    assert list(tables["shares"][0]) == ["year", "indicator", "value", "lower", "upper"]
    assert list(tables["flows"][0]) == ["year", "start", "left", "entered", "end", "missing"]
    assert list(tables["targets"][0]) == [
        *("indicator", "target", "rule", "year", "met_in", "lost_in", "met_by_until", "limit"),
    ]
    assert list(tables["constancy"][0]) == [
        *("test", "statistic", "degrees_of_freedom", "p_value", "sparse_cells", "transitions"),
    ]
    assert [row["year"] for row in tables["flows"]] == [2025, 2026, 2027]


def test_the_first_year_is_the_last_round_as_bands_tells_it(run: Run) -> None:
    bands = run("bands", SAMPLE, "--format", "json").json["tables"]["bands"]
    first = [row for row in told(run, SAMPLE, "--until", "2025")["projection"] if row["year"] == 2024]
    wanted = [(row["band"], row["share"]) for row in bands]
    assert [(row["band"], row["share"]) for row in first] == [(band, share) for band, share in wanted]
    assert {row["share_lower"] for row in first} == {None}


def test_a_year_is_that_worked_by_hand(run: Run, survey: Draw) -> None:
    # One of two between 20,000 and 30,000 rose to the next band and one stayed; of three at 50,000 one rose, one stayed
    # and one left; the one without an income has 41,000 now. One enters below 0 in every year.
    rows = told(run, survey(DRAWN), "--until", "2025")["projection"]
    assert weights(rows, 2024) == {
        **dict.fromkeys(("<0", "20000-30000", "30000-40000", "40000-50000"), 1),
        **dict.fromkeys(("50000-60000", "60000-70000", "100000+"), 1),
    }
    assert weights(rows, 2025) == {
        "<0": 2,
        "20000-30000": 0.5,
        "30000-40000": 1.5,
        "40000-50000": 1,
        "50000-60000": pytest.approx(1 / 3),
        "60000-70000": pytest.approx(4 / 3),
        "100000+": 1,
    }
    said = notes(run, survey(DRAWN), "--until", "2025")
    assert "no rates: 4; they stay" in said
    assert "takes three rounds" in said


def test_each_group_has_rates_of_its_own(run: Run, survey: Draw) -> None:
    tables = told(run, survey(DRAWN), "--until", "2026", "--by", "county")
    assert list(tables["projection"][0])[:3] == ["year", "county", "band"]
    assert weights(tables["projection"], 2026, county="东区") == {
        "20000-30000": 0.25,
        "30000-40000": 1.75,
        "100000+": 1,
    }
    assert [(row["year"], row["county"], row["entered"]) for row in tables["flows"]] == [
        *((2025, "东区", 0), (2025, "西区", 1)),
        *((2026, "东区", 0), (2026, "西区", 1)),
    ]
    shown = run("project", survey(DRAWN), "--until", "2026", "--by", "county").out
    assert "County: 东区" in shown
    assert "County: 西区" in shown


def test_a_group_of_unknown_place_is_the_last(run: Run, survey: Draw) -> None:
    rounds = DRAWN.replace("西区", "").replace("2023", "2022").strip("\n").splitlines()
    again = [line.replace("2024", "2023") for line in rounds[8:]]
    tables = told(run, survey("\n".join([*rounds, *again])), "--until", "2026", "--by", "county")
    for name in ("projection", "shares", "flows", "targets", "constancy"):
        assert [row["county"] for row in tables[name]][-1] is None, name
    assert {row["county"] for row in tables["constancy"]} == {"东区", None}


def test_rows_that_are_left_out_are_said_and_found(run: Run, survey: Draw) -> None:
    town = survey(DRAWN + "    9 | 2024 | abc | 东区\n")
    assert run("project", town, "--until", "2026").status == 3
    assert run("project", town, "--until", "2026", "--skip-invalid", "--fail-on", "rejects").status == 1


def test_a_household_that_changes_its_group_is_told_of(run: Run, survey: Draw) -> None:
    moved = DRAWN.replace("31000  | 东区", "31000  | 西区")
    assert "changed their group: 1;" in notes(run, survey(moved), "--until", "2026", "--by", "county")
    assert "changed their group" not in notes(run, survey(moved), "--until", "2026")


def test_weights_of_the_later_round_are_the_outset(run: Run, survey: Draw) -> None:
    town = survey("""
        id | survey_round | income | weight
        1  | 2023         | 20000  | 3
        2  | 2023         | 20000  | 1
        1  | 2024         | 20000  | 6
        2  | 2024         | 50000  | 10
    """)
    rows = told(run, town, "--until", "2025")["projection"]
    assert weights(rows, 2025) == {"20000-30000": 4.5, "50000-60000": 11.5}
    assert "weights of 2023" in notes(run, town, "--until", "2025")
    assert "weights of 2023" not in notes(run, survey(DRAWN), "--until", "2025")


def test_targets_say_when_they_are_met_or_never(run: Run, survey: Draw, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        "[targets.headcount_ratio]\nat_most = 0.05\nyear = 2030\n[targets.top_share]\nat_least = 0.9\n"
    )
    town = survey("""
        id | survey_round | income
        1  | 2023         | 20000
        2  | 2023         | 20000
        3  | 2023         | 50000
        1  | 2024         | 20000
        2  | 2024         | 50000
        3  | 2024         | 50000
    """)
    asked = (town, "--until", "2026", "--programme", "own.toml")
    below, top = told(run, *asked)["targets"]
    # A third, and half as many every year: a sixth, a twelfth, a 24th in 2027, which is the first below 5 %.
    assert (below["indicator"], below["met_in"], below["year"]) == ("headcount_ratio", 2027, 2030)
    assert below["limit"] == 0
    assert (top["indicator"], top["met_in"], top["limit"], top["met_by_until"]) == ("top_share", None, 0, 0)
    shown = run("project", *asked).out
    assert "at most 5.00% by 2030: met in 2027" in shown
    assert "at least 90.00% by 2024: never, if these rates held: 0.00% after 100 steps" in shown
    assert "never" not in run("project", *asked, "--lang", "zh").out
    assert "永远达不到" in run("project", *asked, "--lang", "zh").out


def test_the_same_households_in_any_order_give_the_same_bytes(run: Run, tmp_path: Path) -> None:
    heading, *rows = SAMPLE.read_text("utf-8").splitlines()
    random.Random(1).shuffle(rows)  # noqa: S311
    (tmp_path / "other.csv").write_text("\n".join([heading, *rows]) + "\n", "utf-8")
    asked = ("--until", "2027", "--by", "county", "--format", "csv")
    one, again, other = (run("project", file, *asked) for file in (SAMPLE, SAMPLE, "other.csv"))
    assert one.out == again.out == other.out


def test_the_rounds_of_several_files_and_those_that_are_named(run: Run, survey: Draw) -> None:
    files = [
        survey("id | income\n1 | 20000\n2 | 50000", "2020.csv"),
        survey("id | income\n1 | 20000\n2 | 50000", "2022.csv"),
        survey("id | income\n1 | 40000\n2 | 50000", "2024.csv"),
    ]
    tables = told(run, *files, "--until", "2029")
    assert [row["year"] for row in tables["flows"]] == [2026, 2028]
    assert "last year shown is 2028 and not 2029" in notes(run, *files, "--until", "2029")
    assert tables["constancy"][0]["transitions"] == 2
    named = told(run, SAMPLE, "--until", "2027", "--round", "2022", "--round", "2023")
    assert "constancy" not in named
    assert [row["year"] for row in named["flows"]] == [2024, 2025, 2026, 2027]


def test_steps_of_another_length_are_no_part_of_the_test(run: Run, survey: Draw) -> None:
    files = [survey("id | income\n1 | 20000\n2 | 50000", f"{year}.csv") for year in (2019, 2022, 2023, 2024)]
    assert told(run, *files, "--until", "2025")["constancy"][0]["transitions"] == 2
    assert "left out of the test of constant rates: 1" in notes(run, *files, "--until", "2025")


def test_many_comings_and_goings_are_doubted(run: Run, survey: Draw) -> None:
    assert "more than a fifth" not in notes(run, SAMPLE, "--until", "2025")
    grown = DRAWN + "    9 | 2024 | 50000 | 仁和区\n"
    assert "1 household left and 2 entered" in notes(run, survey(grown), "--until", "2025")


@pytest.mark.parametrize(
    ("argv", "status", "said"),
    [
        (["--until", "2024"], 2, "--until 2024"),
        (["--until", "2023"], 2, "2025"),
        (["--until", "2200"], 2, "2124"),
        (["--until", "soon"], 2, "--until"),
        ([], 2, "--until"),
        (["--until", "2027", "--round", "2024"], 3, "2024"),
        (["--until", "2027", "--by", "nothing"], 2, "nothing"),
    ],
)
def test_what_cannot_be_projected_is_refused(run: Run, survey: Draw, argv: list[str], status: int, said: str) -> None:
    for language in ("en", "zh"):
        assert run("project", survey(DRAWN), *argv, "--lang", language).is_refused(status, said)


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        ("income | survey_round\n1 | 2023\n2 | 2024", "household_id"),
        ("id | income | survey_round\n1 | 20000 | 2023\n1 | 20000 | last", "last"),
        ("id | income | survey_round\n1 | 20000 | 2023Q1\n1 | 20000 | 2023Q2", "2023Q1"),
        ("id | income | survey_round\n1 | 20000 | 2023\n2 | 20000 | 2024", "2023"),
        ("id | income | survey_round", "--allow-empty"),
    ],
)
def test_surveys_that_cannot_be_projected_are_refused(run: Run, survey: Draw, drawn: str, said: str) -> None:
    for language in ("en", "zh"):
        assert run("project", survey(drawn), "--until", "2027", "--lang", language).is_refused(3, said)


def test_empty_rounds_are_projected_as_nothing_only_when_that_is_allowed(run: Run, survey: Draw) -> None:
    files = [survey("id | income", f"{year}.csv") for year in (2023, 2024)]
    assert run("project", *files, "--until", "2027").status == 3
    tables = told(run, *files, "--until", "2027", "--allow-empty")
    assert {name: len(rows) for name, rows in tables.items()} == dict.fromkeys(
        ("projection", "shares", "flows", "targets"), 0
    )
    assert "no household to look ahead for" in run("project", *files, "--until", "2027", "--allow-empty").out


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_group_without_incomes_has_no_shares(run: Run, survey: Draw, language: str) -> None:
    town = survey(
        DRAWN.replace("60000  | 西", "       | 西")
        .replace("50000  | 西", " | 西")
        .replace("41000", "")
        .replace("-500", "")
    )
    asked = (town, "--until", "2026", "--by", "county", "--lang", language)
    rows = [row for row in told(run, *asked)["projection"] if row["county"] == "西区" and row["band"] == "missing"]
    assert [(row["year"], row["weight"], row["share"]) for row in rows] == [
        (2024, 4, None),
        (2025, 4, None),
        (2026, 4, None),
    ]
    assert {row["value"] for row in told(run, *asked)["shares"] if row["county"] == "西区"} == {None}
    shown = run("project", *asked).out
    assert {"en": "that cannot be told", "zh": "无从说起"}[language] in shown


def test_incomes_that_are_all_lost_leave_no_share_to_tell(run: Run, survey: Draw) -> None:
    town = survey("""
        id | survey_round | income
        1  | 2023         | 20000
        2  | 2023         | 50000
        1  | 2024         |
        2  | 2024         | 20000
    """)
    assert "100.00% of families in 2024, - in 2026" in run("project", town, "--until", "2026").out
    assert [row["value"] for row in told(run, town, "--until", "2026")["shares"]] == [1, 0, 0, *[None] * 6]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_help_page_names_its_option_within_80_columns(run: Run, language: str) -> None:
    out = run("--lang", language, "project", "--help").out
    assert "--until YEAR" in out
    assert max(map(width, out.splitlines())) <= 80


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("until", ["2025", "2027", "2030", "2100"])
def test_tables_fit_80_columns(run: Run, language: str, until: str) -> None:
    out = run("project", SAMPLE, "--until", until, "--lang", language, "--by", "residence").out
    grids = [line for line in out.splitlines() if line[:6].strip("<-+0123456789") == "" and line]
    assert len(grids) > 20
    assert max(map(width, grids)) <= 80


def test_a_census_is_told_what_its_intervals_are(run: Run, survey: Draw) -> None:
    shown = run("project", survey(DRAWN), "--until", "2026").out
    assert "Of a census they are no sampling error" in shown
    assert "no forecast" in shown
    assert "Of a census" not in run("project", SAMPLE, "--until", "2026").out


def test_cron_learns_that_a_target_will_be_missed(run: Run, tmp_path: Path) -> None:
    for target, status in (("at_most = 0.5", 0), ("at_most = 0", 1), ("at_most = 0\nyear = 2040", 0)):
        (tmp_path / "own.toml").write_text(f"[targets.headcount_ratio]\n{target}\n[targets.top_share]\nat_least = 0\n")
        asked = ("project", SAMPLE, "--until", "2027", "--programme", "own.toml", "--fail-on", "target")
        assert run(*asked).status == status

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cli.test_languages import columns
from incomeladder.render.wording import en, zh

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

SAMPLE = Path(__file__).parents[2] / "data" / "sample_households.csv"
COLUMNS = [
    *("survey_round", "test", "amount", "households", "observed", "expected", "statistic"),
    *("p_value", "p_adjusted", "suspicious"),
]
DRAWN = """
    household_id | survey_round | township | size | income
    1            | 2023         | 银江镇   | 3    | 31000
    2            | 2023         | 银江镇   | 2    | 45000
    3            | 2023         | 大田镇   | 6    | 31000
    4            | 2023         | 大田镇   | 1    |
    1            | 2024         | 银江镇   | 3    | 31000
    2            | 2024         | 银江镇   | 2    | -4000
    3            | 2024         | 大田镇   | 6    | 31000
    4            | 2024         | 大田镇   | 1    | 20000
    5            | 2024         |          | 1    | 0
"""


def rows(run: Run, *argv: str | Path) -> list[dict[str, Any]]:
    done = run("audit", *argv, "--format", "json")
    assert done.status == 0, done
    found: list[dict[str, Any]] = done.json["tables"]["audit"]
    return found


def copied_town(survey: Draw) -> Path:
    """Two rounds of ten townships, of which the tenth gives the incomes of the first round again in the second."""
    draw = random.Random(1)  # noqa: S311
    lines = ["household_id | survey_round | township | income"]
    for number in range(400):
        town = number // 40
        first, second = (int(draw.lognormvariate(11, 0.7)) for _ in range(2))
        lines += [
            f"{number} | 2023 | t{town} | {first}",
            f"{number} | 2024 | t{town} | {first if town == 9 else second}",
        ]
    return survey("\n".join(lines))


def test_each_round_has_every_test_in_order(run: Run) -> None:
    found = rows(run, SAMPLE)
    assert list(found[0]) == COLUMNS
    lines = [30_000, 40_000, 90_000, 100_000]
    named = [("heaping", 1_000), ("heaping", 10_000), *(("density", line) for line in lines)]
    named += [(test, line) for test in ("density_unrounded", "on_line") for line in lines]
    named += [("copied", None)]
    named += [("second_digit", None), ("last_digit", None)]
    assert [(row["test"], row["amount"]) for row in found if row["survey_round"] == "2024"] == named
    assert [row["test"] for row in found if row["survey_round"] == "2022"].count("copied") == 0


def test_places_are_compared_once_they_are_named(run: Run, survey: Draw) -> None:
    found = rows(run, survey(DRAWN), "--by", "township", "--round", "2024")
    assert list(found[0]) == ["survey_round", "township", *COLUMNS[1:]]
    assert [row["township"] for row in found[::18]] == ["大田镇", "银江镇", None]
    alike = {row["township"]: (row["households"], row["observed"]) for row in found if row["test"] == "alike"}
    assert alike == {"大田镇": (2, 0), "银江镇": (2, 0), None: (1, None)}
    assert "alike" not in {row["test"] for row in rows(run, survey(DRAWN))}


def test_the_round_before_is_that_of_the_files_even_if_it_is_not_shown(run: Run, survey: Draw) -> None:
    town = survey(DRAWN)
    (alone,) = (row for row in rows(run, town, "--round", "2024") if row["test"] == "copied")
    # 2 fell to a debt and 4 had no income before; 1 and 3 gave 31,000 in both rounds, as all who are left do.
    assert (alone["households"], alone["observed"], alone["expected"], alone["p_value"]) == (2, 1, 1, 1)
    assert [row for row in rows(run, town) if row["test"] == "copied"] == [alone]


def test_incomes_are_those_that_were_reported(run: Run, survey: Draw) -> None:
    town = survey(DRAWN)
    plain = rows(run, town)
    assert rows(run, town, "--size-rule", "per-capita") == plain
    done = run("audit", town, "--deflate", "2023=1,2024=1.02", "--format", "json")
    assert done.json["tables"]["audit"] == plain
    assert done.json["programme"]["size_rule"] == done.json["parameters"]["size_rule"] == "as-is"
    assert en.WORDS["audit_as_reported"] in done.json["notes"]
    assert en.WORDS["audit_as_reported"] not in run("audit", town, "--format", "json").json["notes"]


def test_weights_are_left_aside(run: Run, survey: Draw) -> None:
    weighted = survey(
        "\n".join(f"{line} | {'weight' if 'income' in line else 7}" for line in DRAWN.strip().splitlines())
    )
    done = run("audit", weighted, "--format", "json")
    assert en.WORDS["audit_unweighted"] in done.json["notes"]
    assert done.json["tables"]["audit"] == rows(run, survey(DRAWN))


def test_the_order_of_the_rows_changes_nothing(run: Run, survey: Draw) -> None:
    heading, *lines = DRAWN.strip().splitlines()
    shuffled = [heading, *random.Random(2).sample(lines, len(lines))]  # noqa: S311
    asked = ("--by", "township", "--format", "csv")
    assert run("audit", survey("\n".join(shuffled)), *asked).out == run("audit", survey(DRAWN), *asked).out


def test_what_is_not_looked_for_is_said(run: Run, survey: Draw) -> None:
    done = run("audit", survey("income\n31000\n-5\n0", "2024.csv"), "--format", "json")
    assert {row["test"] for row in done.json["tables"]["audit"]} == {
        *("heaping", "density", "density_unrounded", "on_line", "second_digit", "last_digit"),
    }
    assert {en.WORDS["audit_no_ids"], en.WORDS["audit_no_places"]} <= set(done.json["notes"])
    first = run("audit", survey(DRAWN), "--format", "json").json["notes"]
    assert en.WORDS["audit_no_earlier"].format(rounds="2023") in first


@pytest.mark.parametrize(("language", "words"), [("en", en.WORDS), ("zh", zh.WORDS)])
def test_each_test_says_what_it_means_and_what_it_does_not(
    run: Run, survey: Draw, language: str, words: dict[str, str]
) -> None:
    asked = ("audit", copied_town(survey), "--by", "township", "--lang", language)
    told = run(*asked, "--format", "json").json
    tests = {row["test"] for row in told["tables"]["audit"]}
    assert len(tests) == 8
    assert {words[f"audit_{test}"] for test in tests} <= set(told["notes"])
    shown = run(*asked).out
    assert [test for test in tests if words[f"audit_{test}"] not in shown] == []


def test_nobody_is_accused() -> None:
    accused = ("fraud", "cheat", "fake", "lie ", "liar", "舞弊", "欺诈", "作弊", "撒谎")
    audited = {key: text for words in (en, zh) for key, text in words.WORDS.items() if "audit" in key}
    assert [key for key, text in audited.items() if any(word in text.lower() for word in accused)] == []


def test_suspicious_places_are_listed_and_found_by_cron(run: Run, survey: Draw) -> None:
    town = copied_town(survey)
    done = run("audit", town, "--by", "township", "--fail-on", "suspicious")
    assert done.status == 1
    assert "Suspicious by test: Same as before 1." in done.out
    (line,) = (line for line in done.out.splitlines() if line.startswith("t9"))
    assert line.split() == ["t9", "Same", "as", "before", "40", "100.0%", "2.5%", "40.00", "<0.0001*"]
    assert run("audit", town, "--by", "township", "--round", "2023", "--fail-on", "suspicious").status == 0
    assert run("audit", town, "--by", "township", "--fail-on", "copied").status == 1
    assert run("audit", town, "--by", "township", "--fail-on", "density").status == 0
    assert run("audit", town, "--fail-on", "target").is_refused(2, "copied", "suspicious")


def test_at_most_twenty_are_listed_and_none_of_a_rare_kind_is_hidden(run: Run, survey: Draw) -> None:
    """Thirty townships round everything; one of them was copied besides."""
    draw = random.Random(3)  # noqa: S311
    lines = ["household_id | survey_round | township | income"]
    for number in range(900):
        first, second = (draw.randrange(12, 90) * 1_000 for _ in range(2))
        town = f"t{number // 30}"
        lines += [
            f"{number} | 2023 | {town} | {first}",
            f"{number} | 2024 | {town} | {first if town == 't8' else second}",
        ]
    shown = run("audit", survey("\n".join(lines)), "--by", "township", "--round", "2024").out
    assert "31 of" in shown
    assert "Suspicious by test: Round amounts 30, Same as before 1." in shown
    assert sum(line.startswith("t") for line in shown.splitlines()) == 20
    assert "Same as before" in shown
    assert "and 11 more" in shown


def test_a_round_without_households_has_no_rows(run: Run, survey: Draw) -> None:
    town = survey("household_id | income", "2024.csv")
    assert run("audit", town).is_refused(3, "--allow-empty")
    assert rows(run, town, "--allow-empty") == []
    assert run("audit", town, "--allow-empty", "--fail-on", "suspicious").status == 0


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("by", [[], ["--by", "county"]])
def test_the_tables_fit_eighty_columns(run: Run, language: str, by: list[str]) -> None:
    shown = run("audit", SAMPLE, *by, "--lang", language).out.splitlines()
    tables = [line for line in shown if "*" in line[-1:] or line.startswith("---")]
    assert tables
    assert [line for line in tables if columns(line) > 80] == []


def test_few_households_tell_nothing_and_that_is_said(run: Run, survey: Draw) -> None:
    """Three whole thousands of three whole hundreds are one time in a thousand; the rest needs more households."""
    shown = run("audit", survey(DRAWN), "--round", "2024").out
    assert "1 of 4 tests are suspicious" in shown
    assert "Of 13 more, nothing can be told: too few households, or none to compare them with." in shown


@pytest.mark.parametrize("form", ["table", "csv", "json", "markdown"])
def test_an_audit_that_suspects_nothing_is_silent_when_quiet(run: Run, survey: Draw, form: str) -> None:
    town = survey("household_id | income\n1 | 31234\n2 | 45678")
    assert run("audit", town, "--format", form).out
    done = run("audit", town, "--format", form, "--quiet")
    assert (done.status, done.out, done.err) == (0, "", "")


def test_an_audit_that_suspects_something_speaks_when_quiet(run: Run) -> None:
    assert run("audit", SAMPLE, "--by", "county", "--quiet").out

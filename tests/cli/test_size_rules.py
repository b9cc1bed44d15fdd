from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

TOWN = """
    household_id | income | size | adults | children
    1            | 28000  | 2    | 2      | 0
    2            | 35000  | 4    | 2      | 2
    3            | 30000  | 3    | 2      | 1
    4            | 12000  | 1    | 1      | 0
    5            |        | 5    | 3      | 2
"""
RULES = ("as-is", "reference-only", "per-capita", "square-root", "oecd")


def envelope(run: Run, *argv: str | Path) -> dict[str, Any]:
    done = run(*argv, "--format", "json")
    assert done.status == 0, done
    return done.json


@pytest.mark.parametrize(
    ("rule", "households", "below"),
    [("as-is", 5, 2), ("reference-only", 1, 0), ("per-capita", 5, 1), ("square-root", 5, 1), ("oecd", 5, 1)],
)
def test_a_rule_places_families_by_their_size(run: Run, survey: Draw, rule: str, households: int, below: int) -> None:
    # Per head of three: 42,000, 26,250, 30,000, 36,000. By the root: 34,292.8…, 30,310.8…, 30,000, 20,784.6….
    # By the OECD's scale: 33,600, 30,000, 30,000, 21,600.
    told = envelope(run, "bands", survey(TOWN), "--size-rule", rule)
    (summary,) = told["tables"]["summary"]
    assert (summary["households"], summary["below_floor"]) == (households, below)
    assert told["parameters"]["size_rule"] == rule
    assert told["accounting"]["accepted"] == 5
    assert (rule == "as-is") != any(f"size rule {rule}" in note for note in told["notes"])


def test_families_of_another_size_are_accounted_for(run: Run, survey: Draw) -> None:
    told = envelope(run, "bands", survey(TOWN), "--size-rule", "reference-only")
    assert any(note.endswith("out of scope (town): 4") for note in told["notes"])
    flagged = envelope(run, "flag", survey(TOWN), "--tier", "all", "--size-rule", "reference-only")
    assert [row["household_id"] for row in flagged["tables"]["flagged"]] == ["3"]


def test_the_list_and_the_programme_file_follow_the_rule(run: Run, survey: Draw, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('size_rule = "per-capita"\n')
    rows = envelope(run, "flag", survey(TOWN), "--programme", "own.toml")["tables"]["flagged"]
    assert [(row["household_id"], row["income"], row["shortfall"]) for row in rows] == [("2", 26250, 3750)]
    assert (
        envelope(run, "flag", survey(TOWN), "--programme", "own.toml", "--size-rule", "as-is")["tables"]
        == (envelope(run, "flag", survey(TOWN))["tables"])
    )


@pytest.mark.parametrize("how", [(), ("--memory", "100KB")], ids=str)
def test_families_move_by_what_the_ladder_takes(run: Run, survey: Draw, how: tuple[str, ...]) -> None:
    before, after = survey(TOWN, "2023.csv"), survey(TOWN.replace("| 2    | 2 ", "| 3    | 2 "), "2024.csv")
    told = envelope(run, "transitions", before, after, "--size-rule", "per-capita", "--movers", "all", *how)
    (mover,) = told["tables"]["movers"]
    assert (mover["household_id"], mover["from_income"], mover["to_income"]) == ("1", 42000, 28000)
    assert told["tables"]["summary"][0]["fell_below_floor"] == 1


def test_indicators_are_of_the_placed_incomes_but_for_those_per_head(run: Run, survey: Draw) -> None:
    town = survey(
        TOWN.replace("children\n", "children | residence\n")
        .replace("0\n", "0 | urban\n")
        .replace("2\n", "2 | rural\n")
        .replace("| 1\n", "| 1 | rural\n")
    )
    found = {
        rule: {
            row["indicator"]: row["value"]
            for row in envelope(run, "indicators", town, "--size-rule", rule)["tables"]["indicators"]
        }
        for rule in ("as-is", "per-capita")
    }
    assert found["as-is"]["mean_income"] == 105_000 / 4
    assert found["per-capita"]["mean_income"] == (42_000 + 26_250 + 30_000 + 36_000) / 4
    assert found["as-is"]["urban_rural_ratio"] == found["per-capita"]["urban_rural_ratio"]


def test_what_a_tier_costs_is_in_the_money_of_the_families(run: Run, survey: Draw) -> None:
    # Per head of three household 2 stands at 26,250 and lacks 3,750: its four members lack 5,000.
    rows = envelope(run, "indicators", survey(TOWN), "--size-rule", "per-capita")["tables"]["costs"]
    assert [(row["tier"], row["total_shortfall"]) for row in rows] == [
        ("floor", 5000),
        ("low", 10000 + 4000 / 3),
        ("middle", 0),
    ]
    (listed,) = envelope(run, "flag", survey(TOWN), "--size-rule", "per-capita")["tables"]["flagged"]
    assert (listed["income"], listed["shortfall"], listed["own_income"]) == (26250, 3750, 35000)


def test_a_household_without_a_size_is_rejected_only_where_it_is_needed(run: Run, survey: Draw) -> None:
    town = survey("household_id | income | size\n1 | 20000 | 3\n2 | 50000 | \n3 | 50000 | 未知")
    assert run("bands", town).status == 0
    refused = run("bands", town, "--size-rule", "per-capita")
    assert refused.status == 3
    assert refused.err.count("the size is missing") == 2
    done = envelope(run, "bands", town, "--size-rule", "per-capita", "--skip-invalid")
    assert (done["accounting"]["accepted"], done["accounting"]["rejected"]) == (1, 2)


@pytest.mark.parametrize("rule", ["per-capita", "oecd"])
def test_a_file_without_sizes_is_refused(run: Run, survey: Draw, rule: str) -> None:
    town = survey("household_id | income\n1 | 20000")
    assert run("bands", town, "--size-rule", rule).is_refused(3, rule, "children" if rule == "oecd" else "size")


def test_a_roster_tells_sizes_by_its_members(run: Run, survey: Draw) -> None:
    town = survey("household_id | income\n1 | 20000\n1 | 20000\n2 | 50000")
    told = envelope(run, "flag", town, "--level", "person", "--size-rule", "per-capita", "--tier", "all")
    assert told["tables"]["flagged"] == []
    assert (
        envelope(run, "bands", town, "--level", "person", "--size-rule", "per-capita")["tables"]["summary"][0][
            "at_or_above_top"
        ]
        == 1
    )
    assert run("bands", town, "--level", "person", "--size-rule", "oecd").is_refused(3, "adults")
    told_so = survey("household_id | income | adults | children\n1 | 20000 | 1 | 0\n1 | 20000 | 1 | 0")
    assert run("bands", told_so, "--level", "person", "--size-rule", "oecd").is_refused(3, "adults")


def test_rounds_of_the_ledger_are_placed_too(
    run: Run, survey: Draw, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("INCOMELADDER_LEDGER", str(tmp_path / "ledger"))
    town = survey(TOWN, "2024.csv")
    assert run("ledger", "add", town).status == 0
    for rule in RULES:
        wanted, done = (envelope(run, "bands", file, "--size-rule", rule)["tables"] for file in (town, "@2024"))
        assert done == wanted


def test_families_are_followed_by_what_the_ladder_takes(
    run: Run, survey: Draw, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("INCOMELADDER_LEDGER", str(tmp_path / "ledger"))
    (tmp_path / "own.toml").write_text('size_rule = "per-capita"\n')
    assert run("ledger", "add", survey(TOWN, "2024.csv")).status == 0
    (row,) = envelope(run, "ledger", "history", "2", "--programme", "own.toml")["tables"]["history"]
    assert (row["income"], row["band"], row["shortfall"]) == (26250, "20000-30000", 3750)
    watched = envelope(run, "ledger", "watch", "--programme", "own.toml")["tables"]["watch"]
    assert [row["household_id"] for row in watched if "below_floor" in row["reasons"]] == ["2"]
    assert run("ledger", "add", survey("id | income\n1 | 5", "2025.csv"), "--unit", "yuan").status == 0
    assert run("ledger", "watch", "--programme", "own.toml").is_refused(3, "@2025", "size")


def test_other_engines_place_incomes_as_they_are(run: Run, survey: Draw) -> None:
    assert run("bands", survey(TOWN), "--engine", "duckdb", "--size-rule", "oecd").is_refused(2, "duckdb", "oecd")


def test_the_rules_are_compared_at_the_floor(run: Run, survey: Draw) -> None:
    told = envelope(run, "bands", survey(TOWN), "--compare-size-rules")["tables"]["size_rules"]
    assert [row["size_rule"] for row in told] == list(RULES)
    counted = ("households", "below_floor", "rose_above_floor", "fell_below_floor", "not_placed")
    found = {row["size_rule"]: tuple(row[name] for name in counted) for row in told}
    assert found == {
        "as-is": (4, 2, 0, 0, 0),
        "reference-only": (1, 0, 0, 0, 3),
        "per-capita": (4, 1, 2, 1, 0),
        "square-root": (4, 1, 1, 0, 0),
        "oecd": (4, 1, 1, 0, 0),
    }


def test_only_rules_that_the_survey_tells_enough_for_are_compared(run: Run, survey: Draw) -> None:
    town = survey("household_id | income | size | county\n1 | 20000 | 1 | 东区\n2 | 50000 | | 西区")
    rows = envelope(run, "bands", town, "--compare-size-rules", "--by", "county")["tables"]["size_rules"]
    assert [(row["county"], row["size_rule"], row["not_placed"]) for row in rows] == [
        ("东区", "as-is", 0),
        ("东区", "reference-only", 1),
        ("东区", "per-capita", 0),
        ("东区", "square-root", 0),
        ("西区", "as-is", 0),
        ("西区", "reference-only", 1),
        ("西区", "per-capita", 1),
        ("西区", "square-root", 1),
    ]


ROUNDS = """
    household_id | survey_round | income   | size
    1            | 2023         | 30000    | 2
    1            | 2024         | 30629.99 | 2
    2            | 2023         | -1       | 4
    2            | 2024         | -1       | 4
"""


@pytest.mark.parametrize("how", [(), ("--memory", "100KB")], ids=str)
def test_incomes_are_compared_in_the_prices_of_one_round(run: Run, survey: Draw, how: tuple[str, ...]) -> None:
    # 30,629.99 / 1.021 is 29,999.99020…, and -1 / 1.021 is -0.97943…: cut, not rounded.
    argv = ("transitions", survey(ROUNDS), "--deflate", "2024=1.021,2023=1", "--movers", "all", *how)
    told = envelope(run, *argv)
    found = {row["household_id"]: (row["from_income"], row["to_income"]) for row in told["tables"]["movers"]}
    assert found == {"1": (30000, 29999.9902)}
    assert told["parameters"]["prices_of"] == ["2023"]
    assert "incomes are in the prices of 2023" in run(*argv).out
    rows = envelope(run, "flag", survey(ROUNDS), "--deflate", "2024=1.021,2023=1", "--round", "2024")["tables"][
        "flagged"
    ]
    assert [row["income"] for row in rows] == [-0.9795, 29999.9902]


def test_prices_stand_in_the_programme_file_and_go_before_sizes(run: Run, survey: Draw, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('size_rule = "per-capita"\n[prices]\n2024 = 1.25\n"2023" = 1\n')
    rows = envelope(run, "flag", survey(ROUNDS), "--tier", "all", "--programme", "own.toml", "--round", "2024")
    assert {row["household_id"]: row["income"] for row in rows["tables"]["flagged"]} == {"1": 36755.988, "2": -0.6}
    mean = envelope(run, "indicators", survey(ROUNDS), "--programme", "own.toml", "--round", "2024")
    (found,) = (row["value"] for row in mean["tables"]["indicators"] if row["indicator"] == "mean_income")
    assert found == pytest.approx((24503.992 * 3 / 2 - 0.6) / 2)


def test_the_ledger_knows_prices_too(run: Run, survey: Draw, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("INCOMELADDER_LEDGER", str(tmp_path / "ledger"))
    (tmp_path / "own.toml").write_text("[prices]\n2024 = 1.021\n2023 = 1\n")
    assert run("ledger", "add", survey(ROUNDS)).status == 0
    told = envelope(run, "transitions", "@2023", "@2024", "--programme", "own.toml", "--movers", "all")
    assert [row["to_income"] for row in told["tables"]["movers"]] == [29999.9902]
    rows = envelope(run, "ledger", "history", "1", "--programme", "own.toml")["tables"]["history"]
    assert [row["income"] for row in rows] == [30000, 29999.9902]


def test_a_round_without_prices_is_refused(run: Run, survey: Draw) -> None:
    assert run("bands", survey(ROUNDS), "--deflate", "2023=1").is_refused(3, "2024", "--deflate")


@pytest.mark.parametrize(
    ("said", "status"), [("2024", 2), ("=1", 2), ("", 2), ("2024=", 2), ("2024=x", 4), ("2024=0", 4), ("2024=-1", 4)]
)
def test_prices_that_are_none_are_refused(run: Run, survey: Draw, said: str, status: int) -> None:
    assert run("bands", survey(ROUNDS), "--deflate", said).is_refused(status, "--deflate")


def test_an_income_missing_of_a_household_out_of_scope_is_not_missed(run: Run, survey: Draw) -> None:
    town = survey("household_id | size | income\n1 | 3 | 20000\n2 | 3 |\n3 | 2 |\n4 | 5 | 40000", "2024.csv")
    told = run("bands", town, "--size-rule", "reference-only", "--format", "json").json
    assert (told["accounting"]["accepted"], told["accounting"]["missing_income"]) == (4, 1)
    assert told["tables"]["summary"][0]["missing"] == 1
    assert any("out of scope (2024): 2" in note for note in told["notes"])

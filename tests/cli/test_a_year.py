"""A year in the life: what cron prints while four rounds arrive, and what becomes of one family."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli.conftest import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    Cron = Callable[..., Outcome]

COMMAND = [sys.executable, "-m", "incomeladder"]
LISTED = (
    "household_id,county,township,village,residence,key_group,size,last_seen,previous_income,income,change,band,tier,"
    "target,shortfall,reasons,new_reasons,measures\n"
)
FAMILY = "00512"
# The family's way: flagged, still there, out, and back again (返贫). Around it others newly poor, gone, and well.
YEAR = """
    household_id | county | township | 2024-Q1 | 2024-Q2    | 2024-Q3 | 2024-Q4
    00512        | 东区   | 银江镇   | 28000   | 27500.5    | 31000   | 29000
    00777        | 西区   | 玉泉镇   | 45000   | 29999.9999 |         | 46000
    00900        | 西区   | 玉泉镇   | 29000   | 30000      | 42500   | 43000
    00999        | 东区   | 银江镇   | 80000   | 80000      | 80000   | 50000
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """All that cron tells a program."""
    source = str(Path(__file__).parents[2] / "src")
    return {"PATH": os.defpath, "PYTHONPATH": source, "INCOMELADDER_LEDGER": str(tmp_path / "ledger")}


@pytest.fixture
def cron(environment: dict[str, str]) -> Cron:
    """Run the program as cron does."""

    def call(*argv: str) -> Outcome:
        done = subprocess.run([*COMMAND, *argv], env=environment, capture_output=True, check=False)  # noqa: S603
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


def survey(name: str) -> str:
    """A round as CSV."""
    headings, *lines = ([cell.strip() for cell in line.split("|")] for line in YEAR.strip().splitlines())
    incomes = headings.index(name)
    rows = [[*line[:3], line[incomes]] for line in lines if line[incomes]]
    return "\n".join(",".join(row) for row in [[*headings[:3], "income"], *rows]) + "\n"


def arrive(name: str, content: str | None = None) -> str:
    """The file of a round, as it comes."""
    Path(f"{name}.csv").write_text(content or survey(name), encoding="utf-8")
    return f"{name}.csv"


def news(cron: Cron) -> str:
    """What ``watch`` prints below its headings; where there is nothing to report, it prints not even those."""
    done = cron("ledger", "watch", "--new", "--quiet", "--format", "csv")
    assert (done.status, done.err) == (0, "")
    assert done.out == "" or done.out.startswith(LISTED)
    return done.out.removeprefix(LISTED)


def killed_in_the_middle(environment: dict[str, str], name: str) -> int:
    """The status of an import that is killed while its survey is still coming in."""
    half = survey(name).encode()[:80]
    command = [*COMMAND, "ledger", "add", "-", "--round", name]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE) as adding:  # noqa: S603
        assert adding.stdin
        for byte in half:
            adding.stdin.write(bytes([byte]))
            adding.stdin.flush()
            time.sleep(0.01)
        adding.kill()
    return adding.returncode


def test_a_year_in_the_life(cron: Cron, environment: dict[str, str], tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"

    # The first round: whoever is on the list is new there.
    assert cron("ledger", "add", arrive("2024-Q1"), "--quiet").status == 0
    assert news(cron) == (
        "00512,东区,银江镇,,,,,2024-Q1,,28000,,20000-30000,floor,30000,2000,below_floor_new,below_floor_new,\n"
        "00900,西区,玉泉镇,,,,,2024-Q1,,29000,,20000-30000,floor,30000,1000,below_floor_new,below_floor_new,\n"
    )

    # The second, which cron brings twice: the family is still below the floor, which is no news.
    second = (
        "00777,西区,玉泉镇,,,,,2024-Q2,45000,29999.9999,-15000.0001,20000-30000,floor,30000,0.0001,"
        '"below_floor_new, dropped","below_floor_new, dropped",\n'
        "00900,西区,玉泉镇,,,,,2024-Q2,29000,30000,1000,30000-40000,low,40000,10000,just_above_floor,just_above_floor,\n"
    )
    assert "added" in cron("ledger", "add", arrive("2024-Q2"), "--quiet").out
    assert news(cron) == second
    again = cron("ledger", "add", "2024-Q2.csv", "--quiet", "--wait", "60")
    assert (again.status, again.out, again.err) == (0, "", "")
    assert news(cron) == second
    whole = cron("ledger", "watch", "--quiet", "--format", "csv").out
    assert f"{FAMILY},东区,银江镇,,,,,2024-Q2,28000,27500.5,-499.5," in whole
    assert ",below_floor_persistent," in whole

    # Somebody goes there, and something is done.
    told = ("--measure", "public-job", "--author", "李", "--text", "护路员", "--date", "2024-07-01")
    noted = cron("ledger", "note", FAMILY, *told)
    assert (noted.status, noted.out, noted.err) == (0, "", "noted after @2024-Q2\n")

    # The third comes broken, and is mended: the family is above the floor, by little; another has not been seen.
    broken = cron("ledger", "add", arrive("2024-Q3", survey("2024-Q3").replace("31000", "三万一")), "--quiet")
    assert (broken.status, broken.out) == (3, "")
    assert "2024-Q3.csv:2: income" in broken.err
    assert news(cron) == second
    assert "added" in cron("ledger", "add", arrive("2024-Q3"), "--quiet").out
    third = (
        "00777,西区,玉泉镇,,,,,2024-Q2,29999.9999,,,,,,,unseen_below_floor,unseen_below_floor,\n"
        f"{FAMILY},东区,银江镇,,,,,2024-Q3,27500.5,31000,3499.5,30000-40000,low,40000,9000,just_above_floor,"
        "just_above_floor,public-job 2024-07-01\n"
    )
    assert news(cron) == third

    # The fourth is killed in the middle, and added again: the family has fallen back.
    assert killed_in_the_middle(environment, "2024-Q4") == -9
    assert news(cron) == third
    assert sorted(path.name for path in (ledger / "rounds").iterdir()) == [
        *("round=2024-Q1", "round=2024-Q2", "round=2024-Q3")
    ]
    assert "added" in cron("ledger", "add", arrive("2024-Q4"), "--quiet").out
    assert news(cron) == (
        f"{FAMILY},东区,银江镇,,,,,2024-Q4,31000,29000,-2000,20000-30000,floor,30000,1000,below_floor_again,"
        "below_floor_again,public-job 2024-07-01\n"
        "00999,东区,银江镇,,,,,2024-Q4,80000,50000,-30000,50000-60000,,,,dropped,dropped,\n"
    )

    # The year is over: the ledger is sound, and tells the family's way and what came of the measure.
    verified = cron("ledger", "verify", "--quiet")
    assert (verified.status, verified.out, verified.err) == (0, "", "")
    assert sorted(path.name for path in ledger.iterdir()) == [".lock", "measures.ndjson", "rounds"]
    history = cron("ledger", "history", FAMILY, "--format", "csv").rows
    assert [(row["survey_round"], row["income"], row["tier"], row["movement"]) for row in history] == [
        ("2024-Q1", "28000", "floor", ""),
        ("2024-Q2", "27500.5", "floor", "same"),
        ("2024-Q3", "31000", "low", "up"),
        ("2024-Q4", "29000", "floor", "down"),
    ]
    counted = cron("ledger", "measures", "--quiet", "--format", "csv").out.splitlines()
    assert counted[1:] == ["public-job,1,1,1,0,0,0,0,0"]
    assert cron("ledger", "watch", "--fail-on", "fell", "--quiet").status == 1

"""The example in the help of every command runs, in both languages, as it stands there."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from incomeladder.cli.app import build
from incomeladder.render.wording import Words

Run = Any
DATA = Path(__file__).parents[2] / "data" / "sample_households.csv"
ROUNDS = ("2022", "2023", "2024")
HOUSEHOLD = "510402000001"


def commands() -> list[str]:
    """Every command and subcommand of the program."""
    top = get_command(build(Words("en"), ["ledger", "programme"])).commands
    return [
        f"{name} {inner}".strip() for name, command in top.items() for inner in getattr(command, "commands", {"": None})
    ]


def example(run: Run, command: str, language: str) -> list[str]:
    """The words of the command line in a help page, its lines joined again."""
    page = run("--lang", language, *command.split(), "--help").out
    (said,) = re.findall(
        r"^(?:Example: |示例：)(incomeladder .*?)\n(?:\n|Columns|主表)", page, re.DOTALL | re.MULTILINE
    )
    return shlex.split(said.replace("\n", " "))[1:]


@pytest.fixture
def folder(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The files that the examples name, and a ledger of the sample's rounds."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("INCOMELADDER_LEDGER", str(tmp_path / "ledger"))
    head, *rows = DATA.read_text(encoding="utf-8").splitlines()
    where = head.split(",").index("survey_round")
    for survey_round in ROUNDS:
        of_round = [row for row in rows if row.split(",")[where] == survey_round]
        Path(f"{survey_round}.csv").write_text("\n".join([head, *of_round, ""]), encoding="utf-8")
    for town in ("town.csv", "乡镇.csv"):
        shutil.copy("2024.csv", town)
    Path("2024").mkdir()
    shutil.copy("2024.csv", "2024/town.csv")
    assert run("ledger", "add", str(DATA)).status == 0
    assert run("ledger", "note", HOUSEHOLD, "--measure", "job-referral", "--author", "a", "--text", "b").status == 0
    return tmp_path


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", commands())
def test_the_example_in_the_help_of_a_command_runs(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, command: str, language: str
) -> None:
    monkeypatch.setenv("INCOMELADDER_LANG", language)
    if command == "ledger add":
        monkeypatch.setenv("INCOMELADDER_LEDGER", str(folder / "new"))
    words = example(run, command, language)
    assert words[: len(command.split())] == command.split()
    done = run(*words)
    assert (done.status, "Traceback" in done.err) == (0, False), done.err
    if "--output" in words:
        assert Path(words[words.index("--output") + 1]).stat().st_size > 0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_three_ways_in_run(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    del folder
    monkeypatch.setenv("INCOMELADDER_LANG", language)
    shutil.copy("2024.csv", "latest.csv")
    assert run("sample", "--households", "20", "--rounds", "2024", "--output", "town.csv").status == 0
    assert run("check", "town.csv").status == 0
    lines = re.findall(r"^  incomeladder (.*)$", run("--help").out, re.MULTILINE)
    assert len(lines) == 6
    found = {line: run(*line.replace("town.xlsx", "town.csv").split()) for line in lines}
    assert {line: done.status for line, done in found.items() if done.status != ("--fail-on" in line)} == {}

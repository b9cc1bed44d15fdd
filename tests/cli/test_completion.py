"""Shells ask by two variables of the environment, and read lines; each of them is asked for through the program."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from incomeladder.cli.choices import FINDINGS
from incomeladder.cli.shells import ASKING, LINE, SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Run = Draw = Any
Ask = Any
SHELLS = [*SCRIPTS]


@pytest.fixture(autouse=True)
def elsewhere(settled: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the ledger nor the shell of whoever runs the tests."""
    del settled
    monkeypatch.setenv("INCOMELADDER_LEDGER", str(tmp_path / "no-ledger"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", "/bin/bash")


@pytest.fixture
def ask(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[str, dict[str, str]]]:
    """Whether files may stand there, and the candidates, each with what is told of it."""

    def call(line: str, shell: str = "zsh") -> tuple[str, dict[str, str]]:
        monkeypatch.setenv(ASKING, shell)
        monkeypatch.setenv(LINE, f"incomeladder {line}")
        done = run()
        monkeypatch.delenv(ASKING)
        assert (done.status, done.err) == (0, "")
        kind, *lines = done.out.splitlines()
        return kind, dict(each.split("\t") for each in lines)

    return call


@pytest.fixture
def kept(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, survey: Draw) -> Path:
    """A ledger of 2023, 2024 and a round with a space in its name."""
    ledger = tmp_path / "ledger"
    monkeypatch.setenv("INCOMELADDER_LEDGER", str(ledger))
    assert run("ledger", "add", survey()).status == 0
    later = survey("household_id | income\n01 | 5000", "later.csv")
    assert run("ledger", "add", later, "--round", "2025 H1").status == 0
    return ledger


# what is offered


@pytest.mark.parametrize("shell", SHELLS)
def test_commands_are_offered_in_every_shell(ask: Ask, shell: str) -> None:
    kind, offered = ask("", shell)
    assert kind == "words"
    assert {"check", "bands", "flag", "transitions", "ledger", "programme", "doctor", "completion"} <= set(offered)


@pytest.mark.parametrize(
    ("line", "candidates"),
    [
        ("ba", ["bands"]),
        ("ledger no", ["note"]),
        ("programme ", ["show", "schema"]),
        ("flag --tier ", ["floor", "low", "middle", "all"]),
        ("flag --tier=mi", ["--tier=middle"]),
        ("flag --format ", ["table", "markdown", "html", "csv", "json", "xlsx", "parquet"]),
        ("bands --size-rule per", ["per-capita"]),
        ("--lang ", ["zh", "en"]),
        ("bands --fail-on ", ["below-floor", "rejects"]),
        ("ledger watch --fail-on ", ["below-floor", "fell"]),
        ("bands --column inc", ["income="]),
        ("bands --by ", ["county", "township", "village", "residence", "key_group"]),
        ("bands --place-from ", ["name", "folder", "sheet"]),
        ("completion ", ["bash", "zsh", "fish", "powershell"]),
        ("completion bash ", []),
        ("project x.csv --until ", []),
        ("bands --nonsense ", []),
        ("nonsense ", []),
    ],
)
def test_what_is_known_without_a_file_is_offered(ask: Ask, line: str, candidates: list[str]) -> None:
    assert list(ask(line)[1]) == candidates


def test_every_finding_is_offered_to_the_command_that_knows_it(ask: Ask) -> None:
    for command, findings in FINDINGS.items():
        group = "ledger " if command in {"add", "watch"} else ""
        assert ", ".join(ask(f"{group}{command} --fail-on ")[1]) == findings


def test_an_option_is_offered_once_unless_it_may_be_repeated(ask: Ask) -> None:
    offered = ask("bands x.csv --unit wan --by county -")[1]
    assert "--unit" not in offered
    assert {"--by", "--help", "--format"} <= set(offered)
    assert "--explain-plan" not in offered


def test_kinds_of_measures_are_offered_by_the_programme(ask: Ask) -> None:
    assert ask("ledger note 01 --measure publ")[1] == {"public-job": "public-service job"}
    assert ask("--lang zh ledger note 01 --measure publ")[1] == {"public-job": "公益性岗位"}


@pytest.mark.parametrize("line", ["bands ", "bands --output ", "bands --programme r", "transitions a.csv ", "bands x"])
@pytest.mark.parametrize("shell", SHELLS)
def test_files_may_stand_where_files_are_meant(ask: Ask, line: str, shell: str) -> None:
    assert ask(line, shell)[0] == "files"


def test_rounds_of_the_ledger_are_offered_for_a_survey(ask: Ask, kept: Path) -> None:
    del kept
    assert ask("bands @202") == ("words", {"@2023": "", "@2024": "", "@2025 H1": ""})
    assert list(ask("transitions @2023 @")[1]) == ["@2023", "@2024", "@2025 H1", "@latest"]
    assert list(ask("ledger export ")[1]) == ["2023", "2024", "2025 H1", "latest"]
    assert list(ask("bands x.csv --round ")[1])[-1] == "all"


def test_the_ledger_that_the_line_names_is_asked(ask: Ask, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INCOMELADDER_LEDGER", "/nowhere")
    assert ask("bands @")[1] == {}
    assert "@2024" in ask(f"bands --ledger {kept} @")[1]


def test_a_folder_that_can_be_no_round_is_not_offered(ask: Ask, kept: Path) -> None:
    (kept / "rounds" / "round=$(touch x)").mkdir()
    (kept / "rounds" / "round=a;b").mkdir()
    assert list(ask("bands @")[1]) == ["@2023", "@2024", "@2025 H1", "@latest"]


@pytest.mark.parametrize(
    ("shell", "written"),
    [("bash", "@2025\\ H1"), ("zsh", "@2025 H1"), ("fish", "@2025 H1"), ("powershell", "'@2025 H1'")],
)
def test_a_candidate_is_written_as_the_shell_wants_it(ask: Ask, kept: Path, shell: str, written: str) -> None:
    del kept
    assert written in ask("bands @", shell)[1]


def test_bash_is_given_what_comes_after_the_sign_at_which_it_begins_a_word_anew(ask: Ask) -> None:
    assert list(ask("flag --tier=mi", "bash")[1]) == ["middle"]
    assert list(ask("flag --tier=mi", "fish")[1]) == ["--tier=middle"]


# how it is said


@pytest.mark.parametrize("shell", SHELLS)
def test_what_is_told_of_candidates_is_in_the_readers_language(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, shell: str
) -> None:
    assert ask("check --quie", shell)[1]["--quiet"].isascii()
    monkeypatch.setenv("INCOMELADDER_LANG", "zh")
    assert not ask("check --quie", shell)[1]["--quiet"].isascii()
    assert ask("--lang en check --quie", shell)[1]["--quiet"].isascii()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("line", ["", "-", "bands -", "flag -", "ledger ", "ledger note -", "sample -", "doctor -"])
def test_every_candidate_has_help_on_one_line_without_control_characters(ask: Ask, line: str, language: str) -> None:
    offered = ask(f"--lang {language} {line}")[1]
    assert offered
    assert [name for name, told in offered.items() if not told or re.search(r"[\x00-\x1f\x7f-\x9f]", told)] == []


@pytest.mark.parametrize("line", ["bands 'a", 'bands "', "bands \\", "", " ", "bands --by=", "bands -- @", "é" * 300])
@pytest.mark.parametrize("shell", SHELLS)
def test_no_line_makes_it_fail(ask: Ask, line: str, shell: str) -> None:
    assert ask(line, shell)[0] in {"words", "files"}


@pytest.mark.parametrize(
    "env", [{ASKING: ""}, {ASKING: "tcsh"}, {ASKING: "bash"}, {ASKING: "bash", "INCOMELADDER_LEDGER": ""}]
)
def test_whoever_asks_in_another_way_hears_no_complaint(process: Run, env: dict[str, str]) -> None:
    done = process("bands", env={LINE: "incomeladder bands @", **env})
    assert (done.status, done.err) == (0, "")


# the shells themselves


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_of_a_shell_asks_with_both_variables(run: Run, shell: str) -> None:
    done = run("completion", shell)
    assert (done.status, done.err) == (0, "")
    assert f"{ASKING}={shell}" in done.out or f"Env:{ASKING} = '{shell}'" in done.out
    assert LINE in done.out


def test_an_unknown_shell_is_refused_on_one_line(run: Run) -> None:
    assert run("completion", "tcsh").is_refused(2, "tcsh", "powershell")


def test_typers_own_completion_is_not_offered(run: Run) -> None:
    assert "completion" not in run("--help").out.replace("  completion ", "")
    assert run("--install-completion").is_refused(2, "--install-completion")


@pytest.fixture
def program(tmp_path: Path, process: Run) -> dict[str, str]:
    """An environment in which the program is found by its name."""
    del process
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "incomeladder"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m incomeladder "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "INCOMELADDER_LANG": "en"}


def said(program: dict[str, str], *command: str) -> list[str]:
    if shutil.which(command[0]) is None:
        pytest.skip(f"there is no {command[0]}")
    done = subprocess.run(command, env=program, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stderr == ""
    return done.stdout.splitlines()


BASH = """
eval "$(incomeladder completion bash)"
COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=(incomeladder) COMP_CWORD=1
_incomeladder incomeladder
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize(
    ("line", "replied"),
    [
        ("incomeladder ledger ve", ["verify"]),
        ("incomeladder bands @2025", ["@2025\\ H1"]),
        ("incomeladder flag --tier=m", ["middle"]),
        ("incomeladder bands tow", [""]),
    ],
)
def test_bash_completes(program: dict[str, str], kept: Path, line: str, replied: list[str]) -> None:
    del kept
    assert (
        said({**program, "INCOMELADDER_LEDGER": os.environ["INCOMELADDER_LEDGER"]}, "bash", "-c", BASH, "sh", line)
        == replied
    )


@pytest.mark.parametrize(
    ("line", "replied"),
    [
        ("incomeladder ledger ve", ["verify"]),
        ("incomeladder bands @2025", ["@2025 H1"]),
        ("incomeladder flag --tier=m", ["--tier=middle"]),
        ("incomeladder bands tow", ["town.csv"]),
        ("incomeladder bands --programme=tow", ["--programme=town.csv"]),
    ],
)
def test_fish_completes(program: dict[str, str], kept: Path, line: str, replied: list[str]) -> None:
    del kept
    asked = 'incomeladder completion fish | source; complete -C "$argv[1]"'
    environment = {**program, "INCOMELADDER_LEDGER": os.environ["INCOMELADDER_LEDGER"]}
    found = said(environment, "fish", "--no-config", "-c", asked, line)
    assert [each.partition("\t")[0] for each in found] == replied


def test_zsh_takes_the_script(program: dict[str, str]) -> None:
    loaded = 'autoload -Uz compinit; compinit -D; eval "$(incomeladder completion zsh)"; print $_comps[incomeladder]'
    assert said(program, "zsh", "-f", "-c", loaded) == ["_incomeladder"]

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import incomeladder

SLOW = {"polars", "pydantic", "narwhals", "rich"}


def imported(*argv: str) -> set[str]:
    """The packages that a process has imported at its end."""
    probe = (
        "import os, sys\nos._exit, sys.argv = sys.exit, ['incomeladder', *sys.argv[1:]]\n"
        "from incomeladder.__main__ import run\n"
        "try:\n    run()\nexcept SystemExit:\n    pass\n"
        "sys.stderr.write(' '.join(sorted({name.partition('.')[0] for name in sys.modules})))\n"
    )
    done = subprocess.run([sys.executable, "-c", probe, *argv], capture_output=True, check=True, text=True)  # noqa: S603
    return set(done.stderr.splitlines()[-1].split())


def test_no_module_of_the_pipeline_waits_for_all_of_it() -> None:
    """The package is imported while files are read: who holds a module that it needs and waits for it never gets it."""
    whole = re.compile(r"^from incomeladder\.pipeline import", re.MULTILINE)
    modules = [*(Path(incomeladder.__file__).parent / "pipeline").glob("[a-z]*.py")]
    assert modules
    assert [module.name for module in modules if whole.search(module.read_text("utf-8"))] == []


def test_the_version_is_told_before_typer_is_imported() -> None:
    assert imported("--version") & {"typer", *SLOW} == set()


@pytest.mark.parametrize("arguments", [["--help"], ["bands", "--help"], ["transitions", "--help", "--lang", "zh"]])
def test_help_imports_nothing_that_is_slow(arguments: list[str]) -> None:
    assert imported(*arguments) & SLOW == set()


@pytest.mark.parametrize("arguments", [["bnds"], ["bands"], ["bands", "x.csv", "--fomat", "csv"]])
def test_a_mistyped_command_line_is_refused_before_polars_is_imported(arguments: list[str]) -> None:
    assert imported(*arguments) & SLOW == set()


@pytest.mark.parametrize("line", ["", "bands --fo", "flag --by ", "bands @", "ledger note 1 --measure "])
def test_a_shell_that_completes_a_command_line_does_not_wait_for_anything_slow(
    monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setenv("_INCOMELADDER_COMPLETE", "zsh")
    monkeypatch.setenv("_INCOMELADDER_LINE", f"incomeladder {line}")
    assert imported() & SLOW == set()


def test_the_doctor_imports_nothing_that_may_be_what_is_wrong() -> None:
    assert imported("doctor") & SLOW == set()


def test_a_report_off_a_terminal_does_not_import_rich() -> None:
    assert "rich" not in imported("sample", "--households", "1", "--output", "/dev/null", "--format", "csv")

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from incomeladder.ledger.record import RECORD, read_record
from ledgers import NOTE, bare, held, is_tidy, rounds_of, started

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Survey = Callable[..., Path]

OLD = rounds_of("2023 2024", "12000", "35000")


@pytest.fixture
def ledger(run: Run, survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger of two rounds."""
    monkeypatch.setenv("INCOMELADDER_LEDGER", str(tmp_path / "ledger"))
    assert run("ledger", "add", survey(OLD, "old.csv")).status == 0
    return tmp_path / "ledger"


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.mark.parametrize("added", ["1970-01-01T00:00:00+00:00", "2999-01-01T00:00:00+00:00"])
def test_fault_57_a_clock_that_was_set_wrong_changes_no_report(run: Run, ledger: Path, added: str) -> None:
    commands = (
        ["transitions", "@2023", "@2024"],
        ["bands", "@latest"],
        ["ledger", "history", "1"],
        ["ledger", "watch"],
    )
    before = [run(*command) for command in commands]
    folder = ledger / "rounds" / "round=2024"
    (folder / RECORD).write_bytes(replace(read_record(folder, "2024"), added=added).to_bytes())
    for path in (ledger, *ledger.rglob("*")):
        os.utime(path, (0, 0))
    assert [run(*command) for command in commands] == before
    assert run("ledger", "verify").status == 0
    assert "already there" in run("ledger", "add", "old.csv").out


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Los_Angeles", "Nowhere/Nothing", "XYZ-27"])
def test_fault_57_the_day_of_a_round_does_not_depend_on_the_time_zone(
    survey: Survey, tmp_path: Path, zone: str
) -> None:
    town = survey(OLD)
    assert ended(started("ledger", "add", town, "--ledger", tmp_path / "ledger", "--quiet", env={"TZ": zone}))[0] == 0
    folder = tmp_path / "ledger" / "rounds" / "round=2023"
    added = read_record(folder, "2023").added
    assert added.endswith("+00:00")
    assert abs((folder / RECORD).stat().st_mtime - datetime.fromisoformat(added).timestamp()) < 100


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"LANG": "C"},
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "TERM": "dumb"},
        {"LC_ALL": "zh_CN.GBK"},
        {"HOME": "/nonexistent", "TERM": "nonsense", "COLUMNS": "no"},
    ],
    ids=str,
)
def test_fault_57_the_ledger_is_kept_in_any_surroundings(
    survey: Survey, tmp_path: Path, environment: dict[str, str]
) -> None:
    town, folder = survey(rounds_of("2023年 2024年", "12000", "35000"), "城.csv"), tmp_path / "台账"
    where = {"INCOMELADDER_LEDGER": str(folder), **environment}
    for command in (
        ["ledger", "add", town],
        ["ledger", "note", "1", *NOTE, "--quiet"],
        ["ledger", "rounds"],
        ["ledger", "verify"],
        ["ledger", "history", "1"],
        ["transitions", "@2023年", "@2024年"],
    ):
        status, out, err = ended(started(*command, env=where))
        assert (status, err) == (0, ""), command
        assert bool(out) == (command[1] != "note")
    assert [*held(folder)] == ["2023年", "2024年"]


@pytest.mark.parametrize(
    "command",
    [
        *(["ledger", "rounds"], ["ledger", "verify"], ["ledger", "history", "1"], ["ledger", "watch"]),
        *(["ledger", "export", "2023"], ["transitions", "@2023", "@2024"]),
    ],
    ids=" ".join,
)
def test_fault_57_a_reader_that_went_away_is_status_5_and_one_line(ledger: Path, command: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-m", "incomeladder", *command, "--ledger", ledger],
        stdout=writing,
        stderr=subprocess.PIPE,
        env=bare(),
        encoding="utf-8",
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (
        5,
        "error: standard output was closed before the report was through\n",
    )


def test_fault_57_without_a_terminal_nothing_is_asked(ledger: Path) -> None:
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-m", "incomeladder", "ledger", "remove", "2023", "--ledger", ledger],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=bare(),
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, "error: to remove @2023 without being asked, say --yes\n")
    assert [*held(ledger)] == ["2023", "2024"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_fault_57_an_add_that_is_ended_in_the_middle_adds_nothing(
    run: Run, ledger: Path, tmp_path: Path, number: int
) -> None:
    assert run("sample", "--households", "500000", "--rounds", "2025", "--output", "long.csv").status == 0
    before = held(ledger)
    process = started("ledger", "add", tmp_path / "long.csv", "--ledger", ledger)
    while process.poll() is None and not list(ledger.glob(".staged-*/unsorted.parquet")):
        time.sleep(0.001)
    process.send_signal(number)
    status, out, err = ended(process)
    assert (status, out) == (130, "")
    assert "error: interrupted; nothing was written\n" in err
    assert held(ledger) == before
    assert run("ledger", "add", "long.csv").status == 0
    assert is_tidy(ledger)

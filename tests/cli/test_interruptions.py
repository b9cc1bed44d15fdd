"""What happens when somebody stops the program, or stops reading it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = str(ROOT / "data" / "sample_households.csv")
COMMAND = [sys.executable, "-m", "incomeladder"]
CLOSED = "error: standard output was closed before the report was through\n"


def started(*arguments: str, **streams: int) -> subprocess.Popen[str]:
    environment = {"PATH": os.defpath, "PYTHONPATH": str(ROOT / "src")}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    return subprocess.Popen([*COMMAND, *arguments], env=environment, encoding="utf-8", **streams)  # noqa: S603


@pytest.mark.parametrize(
    "arguments", [("bands", SAMPLE), ("flag", SAMPLE), ("--help",), ("programme", "schema"), ("sample",)]
)
def test_a_reader_that_went_away_is_status_5_and_one_line(arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = started(*arguments, stdout=writing)
    os.close(writing)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (5, CLOSED)


@pytest.mark.parametrize("arguments", [("bands", SAMPLE), ("--help",), ("--version",)])
def test_a_full_disk_is_status_5(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        process = started(*arguments, stdout=full.fileno())
        _, told = process.communicate(timeout=60)
    assert process.returncode == 5
    assert told.count("\n") <= 1


def test_standard_output_that_was_never_open_is_status_5() -> None:
    shell = f"exec {' '.join(COMMAND)} bands {SAMPLE} >&-"
    done = subprocess.run(  # noqa: S602
        shell, shell=True, env={"PYTHONPATH": str(ROOT / "src")}, capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (5, CLOSED)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_while_it_waits_for_standard_input_is_status_130(number: int) -> None:
    process = started("bands", "-", stdin=subprocess.PIPE)
    time.sleep(2)
    process.send_signal(number)
    assert process.wait(timeout=20) == 130
    told = process.stderr.read() if process.stderr else ""
    process.communicate()
    assert told == "error: interrupted; nothing was written\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_a_long_run_leaves_nothing_behind(number: int, tmp_path: Path) -> None:
    output = tmp_path / "sample.csv"
    output.write_text("old")
    process = started("sample", "--households", "30000000", "--output", str(output))
    time.sleep(2)
    process.send_signal(number)
    _, told = process.communicate(timeout=30)
    assert (process.returncode, told) == (130, "error: interrupted; nothing was written\n")
    assert [path.name for path in tmp_path.iterdir()] == ["sample.csv"]
    assert output.read_text() == "old"

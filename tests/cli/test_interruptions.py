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
ENDS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
INTERRUPTED = "error: interrupted; nothing was written\n"
CLOSED = "error: standard output was closed before the report was through\n"


def started(*arguments: str, **streams: int) -> subprocess.Popen[str]:
    return spawned(*COMMAND, *arguments, **streams)


def spawned(*command: str, **streams: int) -> subprocess.Popen[str]:
    environment = {"PATH": os.defpath, "PYTHONPATH": str(ROOT / "src")}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    return subprocess.Popen(command, env=environment, encoding="utf-8", **streams)  # noqa: S603


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


@ENDS
def test_stopping_while_it_waits_for_standard_input_is_status_130(number: int) -> None:
    process = started("bands", "-", stdin=subprocess.PIPE)
    time.sleep(2)
    process.send_signal(number)
    assert process.wait(timeout=20) == 130
    told = process.stderr.read() if process.stderr else ""
    process.communicate()
    assert told == INTERRUPTED


@ENDS
def test_stopping_a_long_run_leaves_nothing_behind(number: int, tmp_path: Path) -> None:
    output = tmp_path / "sample.csv"
    output.write_text("old")
    process = started("sample", "--households", "30000000", "--output", str(output))
    time.sleep(2)
    process.send_signal(number)
    _, told = process.communicate(timeout=30)
    assert (process.returncode, told) == (130, INTERRUPTED)
    assert [path.name for path in tmp_path.iterdir()] == ["sample.csv"]
    assert output.read_text() == "old"


def interrupted(number: int, work: str) -> tuple[int, str]:
    """The status of a process that is stopped in ``work``, and what is said once that said that it is ready."""
    begin = "import os, sys, time\nimport incomeladder.cli as cli\nfrom incomeladder.__main__ import run\n"
    process = spawned(sys.executable, "-c", f"{begin}{work}\nrun()", "bands", SAMPLE)
    assert process.stderr
    assert process.stderr.readline() == "ready\n"
    process.send_signal(number)
    _, told = process.communicate(timeout=30)
    return process.returncode, told


@ENDS
def test_what_a_library_says_of_being_interrupted_is_not_shown(number: int) -> None:
    """Polars's writer of CSV panics over it, once in forty times; Rust tells a panic on standard error by itself."""
    work = """
def working():
    try:
        os.write(2, b"ready\\n")
        time.sleep(60)
    finally:
        os.write(2, b"thread 'async-executor-1' panicked\\n")
        print("told", file=sys.stderr)
cli.main = working"""
    assert interrupted(number, work) == (130, "told\n")


@ENDS
def test_what_fails_of_being_interrupted_is_an_interruption(number: int) -> None:
    """Polars panics where it was about to call Python."""
    work = """
def working(*_):
    try:
        os.write(2, b"ready\\n")
        time.sleep(60)
    except KeyboardInterrupt:
        raise RuntimeError("no words for it")
cli._run = working"""
    assert interrupted(number, work) == (130, INTERRUPTED)


@ENDS
def test_an_import_is_not_interrupted(number: int, tmp_path: Path) -> None:
    """Its lock would stay held, and the process wait for ever, deaf to a second request."""
    (tmp_path / "slow.py").write_text("import os, time\nos.write(2, b'ready\\n')\ntime.sleep(1)\nwhole = True\n")
    work = f"""
def working(*_):
    sys.path.append({str(tmp_path)!r})
    import slow
    print("imported", slow.whole, file=sys.stderr)
    time.sleep(60)
cli._run = working"""
    assert interrupted(number, work) == (130, f"imported True\n{INTERRUPTED}")


@ENDS
def test_stopping_while_the_folder_for_what_is_put_down_is_made_leaves_nothing_behind(
    number: int, tmp_path: Path
) -> None:
    work = f"""
import tempfile
made = tempfile.mkdtemp
def slowly(*words):
    folder = made(*words)
    os.write(2, b"ready\\n")
    time.sleep(1)
    return folder
tempfile.tempdir, tempfile.mkdtemp = {str(tmp_path)!r}, slowly"""
    assert interrupted(number, work) == (130, INTERRUPTED)
    assert [*tmp_path.iterdir()] == []


def test_what_a_script_started_in_the_background_outlives_ctrl_c_and_obeys_a_request_to_end() -> None:
    process = spawned("/bin/sh", "-c", f"trap '' INT; exec {' '.join(COMMAND)} bands -", stdin=subprocess.PIPE)
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    try:
        assert process.wait(timeout=20) == 130
    finally:
        process.kill()
    _, told = process.communicate()
    assert told == INTERRUPTED

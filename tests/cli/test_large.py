"""Large work from the command line: its memory, its folder, its plan, and what is left when it is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]

SAMPLE = Path(__file__).parents[2] / "data" / "sample_households.csv"
SRC = Path(__file__).parents[2] / "src"
IN_PARTS = ("--memory", "300KB")


@pytest.mark.parametrize("more", [[], ["--by", "county"], ["--movers", "all"]], ids=" ".join)
def test_a_report_made_in_parts_is_the_same_to_the_byte(run: Run, more: list[str]) -> None:
    whole, parted = (run("transitions", SAMPLE, "--format", "json", *more, *how) for how in ((), IN_PARTS))
    assert (whole.status, whole.err) == (0, "")
    assert (parted.status, parted.out) == (0, whole.out)
    assert parted.err.startswith("too many households to join at once")


@pytest.mark.parametrize("report", ["bands", "flag", "check"])
def test_ids_that_are_looked_at_in_parts_make_the_same_report(run: Run, report: str) -> None:
    whole, parted = (run(report, SAMPLE, "--format", "json", *how) for how in ((), IN_PARTS))
    assert (parted.status, parted.out, parted.err) == (0, whole.out, "")


def test_an_id_that_stands_twice_is_found_among_many(run: Run, tmp_path: Path) -> None:
    first, *rows = SAMPLE.read_text("utf-8").splitlines()
    of_round = [row for row in rows if ",2024," in row]
    (tmp_path / "2024.csv").write_text("\n".join([first, *of_round, of_round[1000]]) + "\n", "utf-8")
    refused = run("bands", "2024.csv", *IN_PARTS)
    assert (refused.status, "2024.csv:1002" in refused.err) == (3, True)


def test_nobody_is_told_of_parts_when_it_is_to_be_quiet(run: Run) -> None:
    assert run("transitions", SAMPLE, *IN_PARTS, "--quiet").err == ""


def test_what_is_put_down_lies_in_the_folder_that_was_named_and_goes(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "scratch"
    place.mkdir()
    done = run("transitions", SAMPLE, *IN_PARTS, "--tmp-dir", place, "--lang", "zh")
    assert (done.status, str(place) in done.err, [*place.iterdir()]) == (0, True, [])


def test_a_folder_that_is_not_there_is_refused_before_any_work(run: Run, tmp_path: Path) -> None:
    assert run("bands", SAMPLE, "--tmp-dir", tmp_path / "absent").is_refused(5, "absent")


@pytest.mark.parametrize("size", ["", "0", "much", "2 GBs", "-1", "1e9", "0.0001"])
def test_what_is_no_size_of_memory_is_refused(run: Run, size: str) -> None:
    assert run("transitions", SAMPLE, "--memory", size).is_refused(2, "--memory")


@pytest.mark.parametrize("size", ["2GB", "2 gb", "1.5GiB", "500m", "100000000", "1T"])
def test_sizes_of_memory_are_written_in_many_ways(run: Run, size: str) -> None:
    done = run("transitions", SAMPLE, "--memory", size)
    assert (done.status, done.err) == (0, "")


def test_the_plan_is_shown_beside_the_report(run: Run) -> None:
    plain, shown = run("bands", SAMPLE), run("bands", SAMPLE, "--explain-plan")
    assert (shown.status, shown.out) == (0, plain.out)
    assert "SCAN" in shown.err
    assert "--explain-plan" not in run("bands", "--help").out


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills as Unix has them")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM], ids=lambda end: end.name)
def test_nothing_is_left_of_work_that_is_ended(tmp_path: Path, end: signal.Signals) -> None:
    place = tmp_path / "scratch"
    place.mkdir()
    command = [sys.executable, "-m", "incomeladder", "bands", "-", "--tmp-dir", str(place)]
    environment = {"PATH": os.defpath, "PYTHONPATH": str(SRC)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, stderr=subprocess.DEVNULL) as working:  # noqa: S603
        assert working.stdin is not None
        working.stdin.write(SAMPLE.read_bytes())
        working.stdin.flush()
        waited(lambda: any(place.glob("*/stdin")))
        working.send_signal(end)
        working.wait()
    waited(lambda: not any(place.iterdir()))


def waited(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for a condition; it comes or the test fails."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_survey_is_cleaned_for_other_engines(run: Run, survey: Callable[..., Path], tmp_path: Path) -> None:
    dirty = survey(
        """
        户编号 | 县区   | 年收入（万元） | 人口数 | 备注
        ０01   | 东区   | 3.85万        | 3人    | a
        2      | 西区   | 2.9           |        | =b
        3      | 合计   | 无            | 2      | c
        """
    )
    clean = tmp_path / "clean.parquet"
    refused = run("check", dirty, "--output", clean)
    assert (refused.status, clean.exists()) == (3, False)
    assert "total_with_id" in refused.out
    done = run("check", dirty, "--output", clean, "--skip-invalid")
    assert (done.status, clean.exists()) == (0, True)
    for report in (["bands", "--by", "county"], ["flag", "--tier", "all", "--with", "备注"]):
        first, *more = report
        tables = [run(first, file, "--skip-invalid", "--format", "csv", *more) for file in (dirty, clean)]
        assert tables[0].out == tables[1].out.replace("clean", dirty.stem)


def test_an_unsound_survey_leaves_an_old_clean_file_alone(
    run: Run, survey: Callable[..., Path], tmp_path: Path
) -> None:
    clean = tmp_path / "clean.parquet"
    clean.write_bytes(b"old")
    assert run("check", survey("household_id | income\n1 | x"), "--output", clean).status == 3
    assert clean.read_bytes() == b"old"


def test_households_and_rejects_do_not_go_into_one_file(run: Run, survey: Callable[..., Path], tmp_path: Path) -> None:
    written = ("--output", "both.parquet", "--rejects", "both.parquet")
    assert run("check", survey("household_id | income\n1 | 50000"), *written).is_refused(2, "both.parquet")
    assert not (tmp_path / "both.parquet").exists()

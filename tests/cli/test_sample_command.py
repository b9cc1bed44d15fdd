from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]

COMMITTED = Path(__file__).parents[2] / "data" / "sample_households.csv"


def test_a_sample_goes_to_standard_output_as_csv(process: Run) -> None:
    done = process("sample", "--households", "3", "--rounds", "2023,2024")
    assert (done.status, done.err, len(done.rows)) == (0, "", 6)
    assert done.out.startswith("household_id,survey_round,county,")


def test_the_defaults_give_the_committed_file(run: Run, tmp_path: Path) -> None:
    assert run("sample", "--output", "sample.csv").status == 0
    assert (tmp_path / "sample.csv").read_bytes() == COMMITTED.read_bytes()


def test_a_sample_is_the_same_on_standard_output_and_in_a_file(process: Run, run: Run, tmp_path: Path) -> None:
    run("sample", "--households", "50", "--seed", "7", "--output", "sample.csv")
    assert process("sample", "--households", "50", "--seed", "7").out == (tmp_path / "sample.csv").read_text()


def test_another_seed_gives_another_sample(process: Run) -> None:
    one, two = (process("sample", "--households", "50", "--seed", seed).out for seed in ("1", "2"))
    assert one != two


def test_the_suffix_parquet_gives_parquet(run: Run, tmp_path: Path) -> None:
    run("sample", "--households", "5", "--output", "sample.parquet")
    run("sample", "--households", "5", "--output", "sample.csv")
    rows = pl.read_parquet(tmp_path / "sample.parquet")
    assert rows.height == 15
    assert (
        rows["household_id"].to_list()
        == pl.read_csv(tmp_path / "sample.csv", infer_schema=False)["household_id"].to_list()
    )


def test_a_sample_replaces_a_file_whole_and_leaves_nothing_else(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sample.csv").write_text("x" * 1_000_000)
    run("sample", "--households", "1", "--rounds", "2024", "--output", "sample.csv")
    assert len((tmp_path / "sample.csv").read_text().splitlines()) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["sample.csv"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--households", "0"], ["--households", "0"]),
        (["--households", "-5"], ["--households", "-5"]),
        (["--households", "many"], ["--households", "many"]),
        (["--seed", "x"], ["--seed", "x"]),
        (["--rounds", "2023,2023"], ["--rounds", "2023,2023"]),
        (["--rounds", "2023,,2024"], ["--rounds"]),
        (["--rounds", ""], ["--rounds"]),
        (["--format", "json"], ["--format", "json", "csv, parquet"]),
        (["--format", "parquet"], ["parquet", "--output"]),
        (["--output", "sample.foo"], ["sample.foo", "--format"]),
    ],
)
def test_what_cannot_be_made_is_refused(run: Run, arguments: list[str], told: list[str]) -> None:
    assert run("sample", *arguments).is_refused(2, *told)


def test_a_sample_into_a_folder_that_is_not_there_is_refused(run: Run) -> None:
    assert run("sample", "--output", "no/such/sample.csv").is_refused(5, "no/such/sample.csv")


@pytest.mark.parametrize("command", ["check", "bands", "flag", "transitions"])
def test_every_report_reads_a_sample(run: Run, command: str) -> None:
    run("sample", "--households", "40", "--output", "sample.csv")
    assert run(command, "sample.csv").status == 0

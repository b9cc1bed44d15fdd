from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from incomeladder.ledger.store import Ledger
from incomeladder.ledger.writing import writing
from ledgers import NOTE, held, is_tidy, noted, rounds_of, started

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Survey = Callable[..., Path]

OLD = rounds_of("2023", "12000", "35000")
WAIT = ("--wait", "30")


@pytest.fixture
def ledger(run: Run, survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger of one round."""
    monkeypatch.setenv("INCOMELADDER_LEDGER", str(tmp_path / "ledger"))
    assert run("ledger", "add", survey(OLD, "old.csv")).status == 0
    return tmp_path / "ledger"


def race(ledger: Path, commands: Sequence[Sequence[str | Path]]) -> list[tuple[int, str]]:
    """How commands end that are started at once: the status, and what was said on standard error."""
    processes = [started("ledger", *command, "--quiet", "--ledger", ledger) for command in commands]
    said = [process.communicate(timeout=100)[1] for process in processes]
    return [(process.returncode, text) for process, text in zip(processes, said, strict=True)]


def four(survey: Survey, *labels: str) -> list[Path]:
    """Four surveys of other households each."""
    return [survey(rounds_of(label, "30000", f"3100{number}"), f"{number}.csv") for number, label in enumerate(labels)]


@pytest.mark.parametrize("waiting", [(), WAIT], ids=["at once", "waiting"])
def test_fault_50_of_four_rounds_of_one_name_that_are_added_at_once_one_wins(
    survey: Survey, ledger: Path, waiting: tuple[str, ...]
) -> None:
    ended = sorted(race(ledger, [("add", file, *waiting) for file in four(survey, *["2024"] * 4)]))
    assert [status for status, _ in ended] == [0, 5, 5, 5]
    losers = "@2024: is in the ledger with other households" if waiting else "error: "
    assert all(losers in said and said.count("\n") == 1 for _, said in ended[1:]), ended
    assert ended[0][1] == ""
    assert [*held(ledger)] == ["2023", "2024"]
    assert is_tidy(ledger)


def test_fault_50_writers_that_wait_all_succeed(survey: Survey, ledger: Path) -> None:
    files = four(survey, "2024", "2025", "2026", "2027")
    assert race(ledger, [("add", file, *WAIT) for file in files]) == [(0, "")] * 4
    assert [*held(ledger)] == ["2023", "2024", "2025", "2026", "2027"]
    assert is_tidy(ledger)


def test_fault_50_the_same_file_four_times_at_once_is_added_once(survey: Survey, ledger: Path) -> None:
    (new,) = four(survey, "2024")
    assert race(ledger, [("add", new, *WAIT)] * 4) == [(0, "")] * 4
    assert [*held(ledger)] == ["2023", "2024"]


def test_fault_50_notes_that_are_made_at_once_are_all_there(ledger: Path) -> None:
    texts = [f"visit {number}" for number in range(4)]
    assert race(ledger, [("note", "1", *NOTE[:4], "--text", text, *WAIT) for text in texts]) == [(0, "")] * 4
    assert sorted(noted(ledger)) == texts
    assert is_tidy(ledger)


def test_fault_50_a_writer_that_does_not_wait_is_told_that_another_is_writing(
    run: Run, survey: Survey, ledger: Path
) -> None:
    (new,) = four(survey, "2024")
    with writing(Ledger(ledger), 0):
        for command in (["add", new], ["remove", "2023", "--yes"], ["note", "1", *NOTE]):
            assert run("ledger", *command).is_refused(5, "another incomeladder is writing", "--wait SECONDS")
        assert run("ledger", "add", new, "--wait", "0.1").is_refused(5, "another incomeladder is writing")
        for command in (["ledger", "rounds"], ["ledger", "verify"], ["bands", "@2023"], ["ledger", "history", "1"]):
            assert run(*command).status == 0
    assert run("ledger", "add", new).status == 0

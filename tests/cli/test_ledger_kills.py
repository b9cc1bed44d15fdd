from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from ledgers import NOTE, held, is_tidy, needs, noted, rounds_of
from traced import every_strike

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Survey = Callable[..., Path]

OLD = rounds_of("2023", "12000", "35000")
NEW = {"one round": rounds_of("2024", "31000.50", ""), "two rounds": rounds_of("2024 2025", "31000.50", "-1")}


@pytest.fixture
def ledger(run: Run, survey: Survey, tmp_path: Path) -> Path:
    """A ledger of one round and one note."""
    needs("strace")
    folder = tmp_path / "old"
    assert run("ledger", "add", survey(OLD, "old.csv"), "--ledger", folder).status == 0
    assert run("ledger", "note", "1", *NOTE, "--ledger", folder).status == 0
    return folder


def every_kill(folder: Path, ledger: Path, *command: str | Path) -> Iterator[Path]:
    """The ledgers that are left by a command that is killed before each of its calls that change something."""
    for struck in every_strike(folder, ledger, command, lambda _: "signal=KILL"):
        assert (struck.call, struck.status) == (struck.call, -signal.SIGKILL)
        yield struck.ledger


@pytest.mark.parametrize("drawn", NEW)
def test_fault_46_a_kill_at_any_system_call_of_add_leaves_the_old_rounds_or_the_new_ones(
    run: Run, survey: Survey, tmp_path: Path, ledger: Path, drawn: str
) -> None:
    new, old, counts = survey(NEW[drawn], "new.csv"), held(ledger), set()
    names = ["2023", "2024"] if drawn == "one round" else ["2023", "2024", "2025"]
    for left in every_kill(tmp_path, ledger, "add", new):
        found = held(left)
        assert found.items() >= old.items()
        assert [*found] in (["2023"], names)
        assert noted(left) == ["road keeper"]
        counts.add(len(found))
        assert run("ledger", "add", new, "--ledger", left).status == 0
        assert [*held(left)] == names
        assert is_tidy(left)
    assert counts == {1, len(names)}


def test_fault_46_a_kill_at_any_system_call_of_remove_leaves_the_round_or_takes_it_away(
    run: Run, tmp_path: Path, ledger: Path
) -> None:
    remove, old, counts = ["remove", "2023", "--yes"], held(ledger), set()
    for left in every_kill(tmp_path, ledger, *remove):
        found = held(left)
        assert found in ({}, old)
        counts.add(len(found))
        assert run("ledger", *remove, "--ledger", left).status == (0 if found else 3)
        assert (held(left), noted(left)) == ({}, ["road keeper"])
    assert counts == {0, 1}


def test_fault_46_a_kill_at_any_system_call_of_note_leaves_the_log_with_the_note_or_without_it(
    run: Run, tmp_path: Path, ledger: Path
) -> None:
    note, old, counts = ["note", "2", *NOTE], held(ledger), set()
    for left in every_kill(tmp_path, ledger, *note):
        counts.add(len(noted(left)))
        assert run("ledger", *note, "--ledger", left).status == 0
        assert (noted(left), held(left)) == (["road keeper"] * 2, old)
        assert is_tidy(left)
    assert counts == {1, 2}

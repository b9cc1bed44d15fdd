"""Fault 57, pending: an interruption at any system call of ``add`` that changes something in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledgers import held, needs, rounds_of
from traced import every_strike

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Survey = Callable[..., Path]


def test_fault_57_an_interruption_at_any_system_call_leaves_nothing_staged(
    run: Run, survey: Survey, tmp_path: Path
) -> None:
    needs("strace")
    ledger = tmp_path / "old"
    run("ledger", "add", survey(rounds_of("2023", "12000", "35000"), "old.csv"), "--ledger", ledger)
    new = survey(rounds_of("2024 2025", "31000", ""), "new.csv")
    wrong = []
    for struck in every_strike(tmp_path, ledger, ["add", new, "--quiet"], lambda _: "signal=INT"):
        assert [*held(struck.ledger)] in (["2023"], ["2023", "2024", "2025"])
        staged = [path.name for path in struck.ledger.glob(".staged-*")]
        if struck.status not in {0, 130} or staged or struck.said.count("\n") > 1:
            wrong.append((struck.call, struck.status, struck.said, staged))
    assert wrong == []

"""Fault 51: who reads in a loop, while rounds come and go, sees whole rounds or is told that one went."""

from __future__ import annotations

import shutil
import threading
import time
from itertools import chain, cycle, product
from typing import TYPE_CHECKING

import pytest

from incomeladder.ledger.store import Ledger
from incomeladder.ledger.writing import writing
from ledgers import rounds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Survey = Callable[..., Path]

SECONDS = 1
OLD = rounds_of("2022 2023", "12000", "35000")
VERSIONS = (["30000", "31000"], ["40000", "41000", "42000"])
GOING = {
    "transitions": ["transitions", "@2023", "@2024", "--format", "csv"],
    "bands": ["bands", "@*", "--round", "all", "--format", "csv"],
    "history": ["ledger", "history", "1", "--format", "csv"],
    "watch": ["ledger", "watch", "--format", "csv"],
    "export": ["ledger", "export", "2024"],
}
STAYING = {
    "transitions": ["transitions", "@2022", "@2023", "--format", "csv"],
    "bands": ["bands", "@2023", "--format", "csv"],
    "watch": ["ledger", "watch", "--round", "2023", "--format", "csv"],
    "export": ["ledger", "export", "2023"],
}


def put(ledger: Ledger, version: Path, names: Sequence[str]) -> None:
    with writing(ledger, 10) as writer, writer.staging() as staged:
        for name in names:
            shutil.copytree(version / f"round={name}", staged / f"round={name}")
        writer.commit(staged, names)


@pytest.fixture
def versions(run: Run, survey: Survey, tmp_path: Path) -> list[Path]:
    """Two versions of the rounds 2024 and 2025 that hold other households."""
    found = []
    for number, incomes in enumerate(VERSIONS):
        file, elsewhere = survey(rounds_of("2024 2025", *incomes), f"{number}.csv"), tmp_path / f"version-{number}"
        assert run("ledger", "add", file, "--ledger", elsewhere).status == 0
        found.append(elsewhere / "rounds")
    return found


@pytest.fixture
def ledger(run: Run, survey: Survey, tmp_path: Path) -> Ledger:
    """A ledger of two rounds that stay."""
    assert run("ledger", "add", survey(OLD, "old.csv"), "--ledger", tmp_path / "ledger").status == 0
    return Ledger(tmp_path / "ledger")


def come_and_go(ledger: Ledger, versions: Sequence[Path], stopped: threading.Event, stay: float) -> None:
    for names, version in zip(cycle((["2024"], ["2024", "2025"], ["2025"])), cycle(versions), strict=False):
        if stopped.is_set():
            return
        put(ledger, version, names)
        time.sleep(stay)
        with writing(ledger, 10) as writer:
            for name in names:
                writer.remove(name)


def looped(
    run: Run, ledger: Ledger, versions: Sequence[Path], command: Sequence[str], stay: float = 0.02
) -> Iterable[Outcome]:
    """How a command ends, over and over, while rounds come, stay so many seconds and go."""
    stopped = threading.Event()
    writer = threading.Thread(target=come_and_go, args=(ledger, versions, stopped, stay))
    writer.start()
    try:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            yield run(*command, "--ledger", ledger.folder)
    finally:
        stopped.set()
        writer.join()


def whole(run: Run, ledger: Ledger, versions: Sequence[Path], command: Sequence[str]) -> set[str]:
    """What a command says of every state in which the ledger can be found."""
    told = set()
    for number, chosen in enumerate(product((None, *versions), repeat=2)):
        state = Ledger(ledger.folder.with_name(f"state-{number}"))
        shutil.copytree(ledger.folder, state.folder)
        for name, version in zip(("2024", "2025"), chosen, strict=True):
            if version is not None:
                put(state, version, [name])
        told.add(run(*command, "--ledger", state.folder).out)
    return told - {""}


@pytest.mark.parametrize("command", GOING)
def test_fault_51_a_reader_in_a_loop_sees_whole_rounds_or_is_told_that_one_went(
    run: Run, ledger: Ledger, versions: list[Path], command: str
) -> None:
    sound, read = whole(run, ledger, versions, GOING[command]), 0
    # On a busy machine a reader may come too late time after time, unless rounds stay longer.
    stays = (0.02 * 2**times for times in range(10) if not read)
    for done in chain.from_iterable(looped(run, ledger, versions, GOING[command], stay) for stay in stays):
        if done.status == 0:
            assert done.out in sound
            read += 1
        else:
            assert (done.status, done.out) == (3, ""), done
            lines = done.err.splitlines()
            assert all("holds no round" in line or "while it was read" in line for line in lines), lines
    assert read


@pytest.mark.parametrize("command", STAYING)
def test_fault_51_whoever_reads_rounds_that_stay_never_notices(
    run: Run, ledger: Ledger, versions: list[Path], command: str
) -> None:
    (sound,) = whole(run, ledger, versions, STAYING[command])
    for done in looped(run, ledger, versions, STAYING[command]):
        assert (done.status, done.out) == (0, sound), done


@pytest.mark.parametrize("command", ["rounds", "verify"])
def test_fault_51_rounds_that_go_are_not_damaged(run: Run, ledger: Ledger, versions: list[Path], command: str) -> None:
    for done in looped(run, ledger, versions, ["ledger", command, "--format", "csv"]):
        assert done.status == 0, done
        assert {"2022", "2023"} <= {row["survey_round"] for row in done.rows}
        assert {row["state"] for row in done.rows} == {"sound"}

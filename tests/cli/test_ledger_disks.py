from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from ledgers import NOTE, held, is_tidy, needs, noted, rounds_of
from traced import every_strike

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Outcome

    from traced import Call, Struck

    Run = Callable[..., Outcome]
    Survey = Callable[..., Path]

OLD = rounds_of("2023", "12000", "35000")
NEW = rounds_of("2024 2025", "31000.50", "")
COMMANDS = {
    "add": ["add", "new.csv"],
    "note": ["note", "2", *NOTE],
    "remove": ["remove", "2023", "--yes"],
}
PAGE = 4096


@pytest.fixture
def ledger(run: Run, survey: Survey, tmp_path: Path) -> Path:
    """A ledger of one round and one note; what else there is to add lies beside it."""
    survey(NEW, "new.csv")
    folder = tmp_path / "old"
    assert run("ledger", "add", survey(OLD, "old.csv"), "--ledger", folder).status == 0
    assert run("ledger", "note", "1", *NOTE, "--ledger", folder).status == 0
    return folder


def state(folder: Path) -> tuple[dict[str, str], list[str]]:
    return held(folder), noted(folder)


def fails(call: Call) -> str:
    """With an error that such a call is known to fail with."""
    known = {"fsync": "EIO", "rename": "EROFS", "mkdir": "EROFS", "openat": "EMFILE", "flock": "ENOLCK"}
    return f"error={known.get(call.name, 'ENOSPC')}"


def is_done_or_refused(struck: Struck) -> bool:
    """Status 0, where the error did not matter, or 5 and one line."""
    lines = struck.said.splitlines()
    assert struck.status in {0, 5}, struck
    assert len(lines) == bool(struck.status), struck
    assert all(line.startswith("error: ") for line in lines), struck
    return True


@pytest.mark.parametrize("command", COMMANDS)
def test_fault_47_an_error_of_any_system_call_is_status_5_and_leaves_the_old_state_or_the_new_one(
    run: Run, tmp_path: Path, ledger: Path, command: str
) -> None:
    needs("strace")
    old, again = state(ledger), (0, 3) if command == "remove" else (0,)
    for struck in every_strike(tmp_path, ledger, [*COMMANDS[command], "--quiet"], fails, "--seccomp-bpf"):
        assert is_done_or_refused(struck)
        found = state(struck.ledger)
        assert run("ledger", *COMMANDS[command], "--ledger", struck.ledger).status in again
        new = state(struck.ledger)
        assert found in ((new,) if struck.status == 0 else (old, new)), struck
        assert new != old
        assert command == "remove" or is_tidy(struck.ledger)  # what cannot be thrown away waits for the next writer


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A disk of its own, as it is asked for; when it is asked for again, the same one is changed."""
    needs("root", "mount")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount("-t", "tmpfs", "-o", "mode=700", "tmpfs", disk)

    def change(options: str) -> Path:
        mount("-o", f"remount,{options}", disk)
        return disk

    yield change
    subprocess.run(["umount", disk], check=True)  # noqa: S603, S607


def mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *arguments], check=True)  # noqa: S603, S607


def test_fault_47_a_disk_that_is_full_at_any_moment_is_status_5_and_leaves_the_old_rounds(
    run: Run, survey: Survey, tmp_path: Path, small: Callable[[str], Path]
) -> None:
    old, new = survey(OLD, "old.csv"), survey(rounds_of("2024", *map(str, range(30_000, 31_500))), "new.csv")
    statuses = []
    for pages in range(4, 40):
        ledger = small("size=1m") / str(pages)
        assert run("ledger", "add", old, "--ledger", ledger).status == 0
        before, used = held(ledger), sum(path.stat().st_blocks for path in tmp_path.rglob("disk/**/*")) * 512
        small(f"size={used + pages * PAGE}")
        done = run("ledger", "add", new, "--ledger", ledger)
        statuses.append(done.status)
        small("size=1m")
        if done.status:
            assert done.is_refused(5, "No space left on device")
            assert held(ledger) == before
            assert is_tidy(ledger)
        assert run("ledger", "add", new, "--ledger", ledger).status == 0
        assert [*held(ledger)] == ["2023", "2024"]
    assert set(statuses) == {5, 0}


def test_fault_47_a_disk_that_is_full_leaves_the_log_as_it_was(
    run: Run, survey: Survey, small: Callable[[str], Path]
) -> None:
    ledger = small("size=1m") / "ledger"
    run("ledger", "add", survey(OLD), "--ledger", ledger)
    small("size=16k")
    run("ledger", "note", "1", *NOTE, "--ledger", ledger)
    done = run("ledger", "note", "1", *NOTE[:-4], "--text", "x" * PAGE, "--ledger", ledger)
    assert done.is_refused(5, "No space left on device")
    assert noted(ledger) == ["road keeper"]
    assert is_tidy(ledger)


@pytest.fixture
def fixed(ledger: Path) -> Iterator[Path]:
    """The ledger, on a disk that takes no writing."""
    needs("root", "mount")
    mount("--bind", ledger, ledger)
    mount("-o", "remount,ro,bind", ledger)
    yield ledger
    subprocess.run(["umount", ledger], check=True)  # noqa: S603, S607


@pytest.mark.parametrize("command", COMMANDS)
def test_fault_47_a_ledger_that_may_only_be_read_is_status_5_for_writers(run: Run, fixed: Path, command: str) -> None:
    old = state(fixed)
    assert run("ledger", *COMMANDS[command], "--ledger", fixed).is_refused(5, "Read-only file system")
    assert state(fixed) == old
    assert is_tidy(fixed)


@pytest.mark.parametrize(
    "command",
    [
        *(["ledger", name] for name in ("rounds", "verify", "measures", "watch")),
        *(["ledger", name, of] for name, of in (("history", "1"), ("export", "2023"))),
        *(["bands", "@2023"], ["flag", "@2023"], ["transitions", "@2023", "new.csv", "--to", "2024"]),
    ],
    ids=" ".join,
)
def test_fault_47_a_ledger_that_may_only_be_read_can_be_read(run: Run, fixed: Path, command: list[str]) -> None:
    done = run(*command, "--ledger", fixed)
    assert (done.status, done.err) == (0, "")

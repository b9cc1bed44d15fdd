"""What the tests of the ledger's faults share: what a ledger holds, what is left lying about, what a test needs."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from incomeladder.ledger.log import notes
from incomeladder.ledger.record import DATA, RECORD
from incomeladder.ledger.store import Ledger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SRC: Final = Path(__file__).parents[1] / "src"
BELONGING: Final = {"rounds", ".lock", "measures.ndjson"}
NOTE: Final = ("--measure", "public-job", "--author", "Li", "--text", "road keeper", "--date", "2024-05-01")


def rounds_of(labels: str, *incomes: str) -> str:
    """Drawn rounds in which the households 1, 2, 3 and so on have these incomes."""
    rows = [f"{number} | {label} | {income}" for label in labels.split() for number, income in enumerate(incomes, 1)]
    return "\n".join(["household_id | survey_round | income", *rows])


def held(folder: Path) -> dict[str, str]:
    """The rounds of a ledger and the digests of their households, which are proved."""
    return {kept.name: kept.record.sha256 for kept in Ledger(folder).every()}


def noted(folder: Path) -> list[str]:
    """What the notes of a ledger say."""
    return notes(Ledger(folder))["text"].to_list()


def is_tidy(folder: Path) -> bool:
    """Nothing is there but rounds of two files each, the lock, and the log of measures."""
    assert {path.name for path in folder.iterdir()} <= BELONGING
    for path in (folder / "rounds").iterdir():
        assert {inner.name for inner in path.iterdir()} == {DATA, RECORD}
    return True


def bare(**more: str) -> dict[str, str]:
    """An environment that holds the program and nothing else; nothing measures its coverage, which takes long."""
    return {"PATH": os.defpath, "PYTHONPATH": str(SRC), "PYTHONDONTWRITEBYTECODE": "1", **more}


def started(*argv: str | Path, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """The program on its way."""
    command = [sys.executable, "-m", "incomeladder", *map(str, argv)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    environment = bare() | dict(env or {})
    return subprocess.Popen(command, env=environment, encoding="utf-8", preexec_fn=_heed, **streams)  # noqa: PLW1509, S603


def _heed() -> None:
    """Requests to end are heard, also where the tests themselves were started to outlive their terminal."""
    for end in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(end, signal.SIG_DFL)


def needs(*things: str) -> None:
    """Skip where the system lacks something; where CI is set it has to be there."""
    lacking = [thing for thing in things if not _there(thing)]
    if lacking and os.environ.get("CI"):
        pytest.fail(f"CI has to bring {', '.join(lacking)}")
    if lacking:
        pytest.skip(f"needs {', '.join(lacking)}")


def _there(thing: str) -> bool:
    if thing == "root":
        return hasattr(os, "geteuid") and os.geteuid() == 0
    tried: dict[str, Sequence[str]] = {
        "strace": ["strace", "-f", "-e", "inject=getpriority:error=EIO", "true"],
        "mount": ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
    }
    command = tried[thing]
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603

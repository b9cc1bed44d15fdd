"""Running commands in turn and taking medians: wall time, CPU time, and the greatest memory."""

from __future__ import annotations

import fcntl
import os
import pty
import statistics
import struct
import subprocess
import sys
import termios
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    K = TypeVar("K")

ROOT: Final = Path(__file__).parents[1]
PYTHON: Final = sys.executable
INCOMELADDER: Final = (PYTHON, "-m", "incomeladder")
SCRATCH: Final = "{scratch}"
"""Stands in a command for a folder of the run's own, which is deleted after it."""
_LAST: Final = 600


class CommandError(Exception):
    """A command ended with another status than 0; the end of what it said."""


@dataclass(frozen=True)
class Command:
    """The words of a command, and whether it believes that somebody looks at it in a terminal."""

    words: tuple[str, ...]
    terminal: bool = False


@dataclass(frozen=True)
class Taken:
    """What one run took: seconds, seconds of CPU, and megabytes."""

    wall: float
    cpu: float
    memory: float


@dataclass
class Runs:
    """What the runs of one command took."""

    taken: list[Taken] = field(default_factory=list)

    @property
    def wall(self) -> float:
        """The median of the seconds."""
        return statistics.median(taken.wall for taken in self.taken)

    @property
    def cpu(self) -> float:
        """The median of the seconds of CPU."""
        return statistics.median(taken.cpu for taken in self.taken)

    @property
    def memory(self) -> float:
        """The greatest memory of all runs, in megabytes."""
        return max(taken.memory for taken in self.taken)


@dataclass(frozen=True)
class Runner:
    """Runs commands in an environment with next to nothing in it; ``folder`` takes scratch folders and bytecode."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """The caller's settings must not decide; bytecode is kept here even where the caller's Python writes none."""
        bytecode = str(self.folder / "bytecode")
        return {"PATH": os.defpath, "PYTHONPATH": str(ROOT / "src"), "PYTHONPYCACHEPREFIX": bytecode}

    def take(self, command: Command) -> Taken:
        """Run once. Raises CommandError."""
        with TemporaryDirectory(dir=self.folder) as scratch:
            words = [word.replace(SCRATCH, scratch) for word in command.words]
            if command.terminal:
                return self._watched(words)
            return self._piped(words, Path(scratch) / "errors")

    def _piped(self, words: Sequence[str], errors: Path) -> Taken:
        """Run with the output thrown away."""
        started = time.perf_counter()
        with errors.open("wb") as said:
            process = subprocess.Popen(words, env=self.environment, stdout=subprocess.DEVNULL, stderr=said)
        taken = _ended(process, started)
        if process.returncode:
            raise CommandError(errors.read_text("utf-8", "replace")[-_LAST:])
        return taken

    def _watched(self, words: Sequence[str]) -> Taken:
        """Run in a terminal of 24 lines and 80 columns, and read what it shows, or the program would wait for us."""
        environment = self.environment | {"TERM": "xterm-256color"}
        ours, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        started = time.perf_counter()
        process = subprocess.Popen(words, env=environment, stdin=its, stdout=its, stderr=its)
        os.close(its)
        shown = _read(ours)
        taken = _ended(process, started)
        if process.returncode:
            raise CommandError(shown.decode("utf-8", "replace")[-_LAST:])
        return taken


def _read(terminal: int) -> bytes:
    """All that a terminal is sent, until nobody holds its other end."""
    shown = b""
    with open(terminal, "rb", buffering=0) as screen:
        try:
            while block := screen.read(1 << 16):
                shown += block
        except OSError:  # how Linux tells that the other end was closed
            pass
    return shown


def _ended(process: subprocess.Popen[bytes], started: float) -> Taken:
    """Wait for the end. Linux counts what this process has held as its children's, so that it must stay small."""
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    return Taken(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def interleaved(commands: Mapping[K, Command], times: int, runner: Runner) -> tuple[dict[K, Runs], dict[K, str]]:
    """Run the commands in turn, so that a slow minute of the machine falls on all of them; and say which failed.

    The first run of each is thrown away: it warms the disk's cache and writes the bytecode.
    """
    runs: dict[K, Runs] = {key: Runs() for key in commands}
    failed: dict[K, str] = {}
    for turn in range(times + 1):
        for key in [key for key in commands if key not in failed]:
            try:
                taken = runner.take(commands[key])
            except CommandError as error:
                failed[key] = str(error)
                continue
            runs[key].taken += [taken] if turn else []
    return {key: kept for key, kept in runs.items() if key not in failed}, failed

"""Running commands in turn and taking medians: wall time, CPU time, and the greatest memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parents[1]
PYTHON = sys.executable
INCOMELADDER = (PYTHON, "-m", "incomeladder")


@dataclass
class Runs:
    """What the runs of one command took: seconds, seconds of CPU, and megabytes."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: float = 0.0

    def add(self, command: Sequence[str]) -> None:
        """Run once more, in an empty environment, with the output thrown away."""
        environment = {"PATH": os.defpath, "PYTHONPATH": str(ROOT / "src")}
        started = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        self.wall.append(time.perf_counter() - started)
        self.cpu.append(used.ru_utime + used.ru_stime)
        self.memory = max(self.memory, used.ru_maxrss / 1024)
        if status:
            sys.exit(f"failed: {' '.join(command)}")


def interleaved(commands: Mapping[str, Sequence[str]], times: int) -> dict[str, Runs]:
    """Run the commands in turn, so that a slow minute of the machine falls on all of them."""
    runs = {name: Runs() for name in commands}
    for command in commands.values():
        Runs().add(command)
    for _ in range(times):
        for name, command in commands.items():
            runs[name].add(command)
    return runs


def median(values: Sequence[float]) -> float:
    """The median, in the values' own unit."""
    return statistics.median(values)

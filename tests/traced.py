"""Commands under strace, which strikes them at any system call that changes something in the ledger.

The calls between two of these change nothing, so that a kill before each shows every state a ledger can be left in.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, NamedTuple

from ledgers import bare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    Command = Sequence[str | Path]

_STEADY: Final = """
import itertools, tempfile
tempfile._get_candidate_names = lambda: map(str, itertools.count())
from incomeladder.__main__ import run
run()
"""
"""The program with the same names of temporary files every time, so that strace can look out for them."""
_CHANGING: Final = re.compile(r"mkdir|rename|link|rmdir|p?write|f.*sync|f?truncate|f?chmod|flock|openat?2?\(.*O_CREAT")
_CALL: Final = re.compile(r"(?P<thread>\d+) +(?P<name>[a-z]\w+)\((?P<told>.*)")
_PATH: Final = re.compile(r'["<](/[^">]*)[">]')


class Call(NamedTuple):
    """The ``number``-th call of a name, within a thread, that touches a path of the ledger."""

    name: str
    path: str
    number: int


class Struck(NamedTuple):
    """How a command ended that was struck at a call, and the ledger that it left."""

    call: Call
    status: int
    said: str
    ledger: Path


def every_strike(
    folder: Path, ledger: Path, command: Command, strike: Callable[[Call], str], *options: str
) -> Iterator[Struck]:
    """A command on a copy of a ledger, struck at each of its calls that change something there."""

    def copied(name: str) -> Path:
        shutil.copytree(ledger, folder / name / "ledger")
        return folder / name

    def struck(number: int, call: Call) -> Struck:
        place = copied(f"struck-{number}")
        inject = f"inject={call.name}:{strike(call)}:when={call.number}"
        done = _traced(place, command, *options, "-e", f"trace={call.name}", "-P", place / call.path, "-e", inject)
        return Struck(call, done.returncode, done.stderr, place / "ledger")

    whole = copied("whole")
    assert _traced(whole, command).returncode == 0
    calls = _changing(whole)
    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(struck, range(len(calls)), calls)


def _traced(place: Path, command: Command, *tracing: str | Path) -> subprocess.CompletedProcess[str]:
    """A command on the ledger in a place, in one thread as far as that can be had."""
    (place / "tmp").mkdir()
    program = [sys.executable, "-c", _STEADY, "ledger", *command, "--ledger", place / "ledger"]
    argv = ["strace", "-qqq", "-f", "-y", "-o", place / "trace", *tracing, *program]
    env = bare(TMPDIR=str(place / "tmp"), POLARS_MAX_THREADS="1")
    return subprocess.run(argv, env=env, capture_output=True, encoding="utf-8", check=False)  # noqa: S603


def _changing(place: Path) -> list[Call]:
    """The calls in a trace that change something in the ledger."""
    seen: list[tuple[str, str, list[str]]] = []
    found: dict[Call, None] = {}
    for line in (place / "trace").read_text(errors="replace").splitlines():
        if (call := _CALL.match(line)) is None:
            continue
        touched = [path for path in _PATH.findall(call["told"]) if path.startswith(str(place / "ledger"))]
        seen.append((call["thread"], call["name"], touched))
        if touched and _CHANGING.match(line, call.start("name")):
            alike = [each for each in seen if each[:2] == seen[-1][:2] and touched[0] in each[2]]
            found[Call(call["name"], touched[0].removeprefix(f"{place}/"), len(alike))] = None
    return list(found)

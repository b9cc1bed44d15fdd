"""A folder for what is put down on the way. It goes with the work, whatever ends it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from incomeladder.errors import OutputRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LARGE: Final = 1 << 24
"""Bytes of input from which on it matters what a killed process leaves behind."""
_SWEEP: Final = "import shutil, sys; sys.stdin.read(); shutil.rmtree(sys.argv[1], ignore_errors=True)"


@contextmanager
def scratch(place: str | None, inputs: Iterable[str]) -> Iterator[Path]:
    """An empty folder, in ``place`` or where the system keeps such; raises OutputRefused if there can be none.

    No process can tidy up that is killed on the spot. So where inputs are large another one waits for the end of this.
    """
    try:
        folder = tempfile.TemporaryDirectory(prefix="incomeladder-", dir=place)
    except OSError as error:
        raise OutputRefused.because("output_unwritable", file=error.filename, detail=error.strerror) from error
    with folder as name:
        if not any(map(_is_large, inputs)):
            yield Path(name)
            return
        with _swept(name):
            yield Path(name)


def _is_large(name: str) -> bool:
    """Whether a file is large; nobody knows it of standard input and of folders."""
    try:
        return not Path(name).is_file() or Path(name).stat().st_size >= _LARGE
    except OSError:
        return False


@contextmanager
def _swept(folder: str) -> Iterator[None]:
    """The pipe to the other process closes when this one ends, however that comes about."""
    command = [sys.executable, "-I", "-S", "-c", _SWEEP, folder]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, start_new_session=True):  # noqa: S603 - ours
        yield

"""A folder for what is put down on the way. It goes with the work, whatever ends it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from incomeladder.errors import OutputRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

_SWEEP: Final = 'read -r _; rm -rf -- "$1"'
_SWEEP_WITHOUT_A_SHELL: Final = "import shutil, sys; sys.stdin.read(); shutil.rmtree(sys.argv[1], ignore_errors=True)"


@contextmanager
def scratch(place: str | None) -> Iterator[Path]:
    """An empty folder, in ``place`` or where the system keeps such; raises OutputRefused if there can be none.

    No process can tidy up that is killed on the spot. So another one waits for the end of this.
    """
    try:
        folder = tempfile.TemporaryDirectory(prefix="incomeladder-", dir=place)
    except OSError as error:
        raise OutputRefused.because("output_unwritable", file=place or error.filename, detail=error.strerror) from error
    with folder as name, _swept(name):
        yield Path(name)


@contextmanager
def _swept(folder: str) -> Iterator[None]:
    """The pipe to the other process closes when this one ends, however that comes about."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(  # noqa: S603 - ours
        _sweeper(folder), stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, start_new_session=True
    ):
        yield


def _sweeper(folder: str) -> list[str]:
    """Two milliseconds of a shell, where there is one; fifteen of Python."""
    if os.name == "posix":
        return ["/bin/sh", "-c", _SWEEP, "sh", folder]
    return [sys.executable, "-I", "-S", "-c", _SWEEP_WITHOUT_A_SHELL, folder]

"""A folder for what is put down on the way. It goes with the work, whatever ends it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from incomeladder.errors import OutputRefused
from incomeladder.interruption import held

if TYPE_CHECKING:
    from collections.abc import Iterator

_SWEEP: Final = 'read -r _; rm -rf -- "$1"'
_SWEEP_WITHOUT_A_SHELL: Final = "import shutil, sys; sys.stdin.read(); shutil.rmtree(sys.argv[1], ignore_errors=True)"


@contextmanager
def scratch(place: str | None) -> Iterator[Path]:
    """An empty folder, in ``place`` or where the system keeps such; raises OutputRefused if there can be none.

    No process can tidy up that is killed on the spot. So another one waits for the end of this.
    """
    with ExitStack() as ends:
        with held():  # between the making of the folder and its end being seen to
            name = ends.enter_context(_made(place))
            ends.enter_context(_swept(name))
        yield Path(name)


def _made(place: str | None) -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="incomeladder-", dir=place)
    except OSError as error:
        raise OutputRefused.because("output_unwritable", file=place or error.filename, detail=error.strerror) from error


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

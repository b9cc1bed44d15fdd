"""Run the command line: ``python -m incomeladder``."""

import contextlib
import gc
import os
import sys

_FRUGAL = {"_RJEM_MALLOC_CONF": "dirty_decay_ms:250,muzzy_decay_ms:0", "POLARS_CSV_CHUNK_SIZE": "4000000"}
"""What polars is told before it is imported: how soon its allocator gives back what is free, and how many bytes of a
text it takes at a time. By itself it keeps several hundred megabytes more, and is no faster (benchmarks/run.py)."""


def run() -> None:
    """Entry point of the ``incomeladder`` script."""
    if sys.argv[1:] == ["--version"]:
        sys.exit(_version())
    # The process is short and the frames are not Python's: collecting garbage would only slow the imports down,
    # and once more the exit, unless everything is set aside first (benchmarks/run.py measures both).
    gc.disable()
    for name, value in _FRUGAL.items():
        os.environ.setdefault(name, value)
    try:
        status = _heeding()
    except KeyboardInterrupt:  # before it could be told, or while it was
        status = 130
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(status)


def _heeding() -> int:
    """Whatever asks the process to stop is heeded first, then the rest is imported."""
    from incomeladder.interruption import heed  # noqa: PLC0415

    heed()
    from incomeladder.cli import main  # noqa: PLC0415

    return main()


def _version() -> int:
    """Answer before anything else is imported."""
    from incomeladder import __version__  # noqa: PLC0415

    try:
        os.write(1, f"incomeladder {__version__}\n".encode())
    except OSError:
        return 5
    return 0


if __name__ == "__main__":
    run()

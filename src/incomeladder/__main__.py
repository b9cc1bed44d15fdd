"""Run the command line: ``python -m incomeladder``."""

import contextlib
import gc
import os
import signal
import sys
import threading
import time

_FRUGAL = {"_RJEM_MALLOC_CONF": "dirty_decay_ms:250,muzzy_decay_ms:0", "POLARS_CSV_CHUNK_SIZE": "4000000"}
"""What polars is told before it is imported: how soon its allocator gives back what is free, and how many bytes of a
text it takes at a time. By itself it keeps several hundred megabytes more, and is no faster (benchmarks/run.py)."""


def run() -> None:
    """Entry point of the ``incomeladder`` script."""
    if sys.argv[1:] == ["--version"]:
        sys.exit(_version())
    _end_as_if_interrupted()
    # The process is short and the frames are not Python's: collecting garbage would only slow the imports down,
    # and once more the exit, unless everything is set aside first (benchmarks/run.py measures both).
    gc.disable()
    for name, value in _FRUGAL.items():
        os.environ.setdefault(name, value)
    from incomeladder.cli import main  # noqa: PLC0415

    status = main()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(status)


def _version() -> int:
    """Answer before anything else is imported."""
    from incomeladder import __version__  # noqa: PLC0415

    try:
        os.write(1, f"incomeladder {__version__}\n".encode())
    except OSError:
        return 5
    return 0


def _end_as_if_interrupted() -> None:
    """Make a request to end, or a closed terminal, an interruption: polars listens to it, and nothing is left."""
    if not hasattr(signal, "pthread_sigmask"):
        return  # Windows has no such signals
    # nohup has a process outlive its terminal by ignoring SIGHUP.
    asked = {end for end in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(end) != signal.SIG_IGN}

    def wait() -> None:
        signal.sigwait(asked)
        main_thread = threading.main_thread().ident or 0
        signal.pthread_kill(main_thread, signal.SIGINT)
        while True:  # what comes just before a read blocks is only seen once the read is disturbed
            time.sleep(0.1)
            signal.pthread_kill(main_thread, signal.SIGUSR1)

    signal.signal(signal.SIGUSR1, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_BLOCK, asked)
    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    run()

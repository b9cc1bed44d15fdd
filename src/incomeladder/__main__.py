"""Run the command line: ``python -m incomeladder``."""

import gc
import sys


def run() -> None:
    """Entry point of the ``incomeladder`` script."""
    if sys.argv[1:] == ["--version"]:
        from incomeladder import __version__  # noqa: PLC0415  (nothing else is worth the wait)

        sys.stdout.write(f"incomeladder {__version__}\n")
        return
    # The process is short and the frames are not Python's: collecting garbage would only slow the imports down,
    # and once more the exit, unless everything is set aside first (benchmarks/startup.py measures both).
    gc.disable()
    from incomeladder.cli import main  # noqa: PLC0415

    status = main()
    gc.freeze()
    sys.exit(status)


if __name__ == "__main__":
    run()

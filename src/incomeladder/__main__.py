"""Run the command line: ``python -m incomeladder``."""

import sys

from incomeladder.cli import main


def run() -> None:
    """Entry point of the ``incomeladder`` script."""
    sys.exit(main())


if __name__ == "__main__":
    run()

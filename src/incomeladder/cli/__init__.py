"""The command line: ``main(argv)`` is the one boundary between outcomes and exit statuses."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from incomeladder.cli.language import choose
from incomeladder.errors import Reason, Refused, RowsRejected
from incomeladder.render.wording import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED, DEFECT, OUTPUT, USAGE = 130, 70, 5, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    # Our models use no plugins, and pydantic's search for them takes longer than building the models.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Redirected output on Chinese Windows is GBK: a character outside it must not stop a report.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace" if stream.errors == "strict" else stream.errors)
    return _bounded(arguments, Words(choose(arguments, os.environ)))


def _bounded(arguments: list[str], words: Words) -> int:
    from incomeladder.cli.output import tell  # noqa: PLC0415

    try:
        return _run(arguments, words)
    except RowsRejected as refusal:
        from incomeladder.render.problems import lines  # noqa: PLC0415  (rows are only rejected once polars is here)

        tell([*lines(refusal.problems, words, refusal.most), _error(refusal.reasons[0], words)])
        return refusal.status
    except Refused as refusal:
        tell([_error(reason, words) for reason in refusal.reasons])
        return refusal.status
    except KeyboardInterrupt:
        tell([_error(Reason("interrupted"), words)])
        return INTERRUPTED
    except BrokenPipeError:
        # The interpreter would try to flush what is left, and complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        tell([_error(Reason("output_closed"), words)])
        return OUTPUT
    except SystemExit:
        raise
    except BaseException as defect:
        # Anything else is a defect (a panic of polars is no Exception): told without the data that its text may hold.
        if "--debug" in arguments:
            raise
        tell([_error(Reason("defect", {"kind": type(defect).__name__, "place": _place(defect)}), words)])
        return DEFECT


def _run(arguments: list[str], words: Words) -> int:
    import typer  # noqa: PLC0415  (a library that calls main() may never get here)

    from incomeladder.cli.app import build  # noqa: PLC0415
    from incomeladder.cli.usage import explained  # noqa: PLC0415

    if hasattr(signal, "SIGTERM") and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        status = build(words, arguments)(args=arguments, prog_name="incomeladder", standalone_mode=False)
    except typer.Exit as stop:
        return stop.exit_code
    except typer.Abort:
        raise KeyboardInterrupt from None
    except typer.TyperException as error:
        raise explained(error, words) from error
    return status if isinstance(status, int) else 0


def _error(reason: Reason, words: Words) -> str:
    return words("error", message=words.reason(reason))


def _place(defect: BaseException) -> str:
    trace = defect.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
